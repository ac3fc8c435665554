"""The mark as words read in one of the listing's photos."""

from __future__ import annotations

from matching.names import is_ordinary
from matching.pair import Pair, Place
from matching.signals.examples import Example
from store.records.comparisons import Sign, SignFamily

NAME = "mark_in_photo"

_SURE = 0.9  # times the reader's own sureness: a shop front and a neighbour's box have words too (chosen)
_REPEATED = 0.3  # where the page says the mark in its own words (chosen)


def read(pair: Pair) -> list[Sign]:
    """
    The mark stands as words in a photo: printed on the goods or their box, or laid over the photo by the seller.
    Which of the two cannot be told, so it supports identity and is never one of the two independent families: not a
    second voice beside the title, nor beside a logo that it may be a part of. It is no ground.
    """
    if not pair.printed or is_ordinary(pair.mark or ""):
        return []
    best = max(pair.printed, key=lambda hit: (hit.line.score, -hit.photo.position))
    said = any(p.place in (Place.TITLE, Place.BRAND) and p.hit.name.right == pair.right.id for p in pair.names)
    box = best.line.box
    return [
        Sign(
            signal=NAME,
            family=SignFamily.MEANING,
            strength=round((_REPEATED if said else _SURE) * best.line.score, 4),
            because=f'Photo {best.photo.position + 1} shows the words "{best.quoted}"{_repeats(said)}.',
            ours=pair.mark or "",
            theirs=best.line.text,
            capture=best.photo.capture,
            raw={
                "photo_sha256": best.photo.sha256,
                "position": str(best.photo.position),
                "score": f"{best.line.score:.2f}",
                "region": f"{box.left:.4f} {box.top:.4f} {box.right:.4f} {box.bottom:.4f}",
            },
        )
    ]


def _repeats(said: bool) -> str:
    return ", as the page says in its own" if said else ""


EXAMPLES = (Example(why="no photo at all", speaks=False, title="Velmora handbag"),)
