"""A registered logo inside one of the listing's photos."""

from __future__ import annotations

import math

from matching.pair import LogoHit, Pair
from matching.signals.examples import Example
from store.records.comparisons import Sign, SignFamily

NAME = "logo"


def read(pair: Pair) -> list[Sign]:
    """
    A logo the holder registered stands somewhere in a photo: scaled, turned, in other colours, partly hidden. Its
    outline was laid there and the photo has edges along it. It says which mark is shown, never that the goods are
    fake: logos stand on genuine goods, boxes, shop fronts and in the news.
    """
    if not pair.logos:
        return []
    best = max(pair.logos, key=lambda hit: hit.seen.sureness)
    seen, name = best.seen, best.reference.reference_ref
    turned = f", turned by {abs(seen.turned_degrees):.0f} degrees" if abs(seen.turned_degrees) > _TOLD_DEGREES else ""
    more = f" {len(pair.logos) - 1} more place(s) show a logo of the holder's." if len(pair.logos) > 1 else ""
    box = seen.box
    return [
        Sign(
            signal=NAME,
            family=SignFamily.IMAGE,
            strength=_strength(best),
            against=False,
            because=(
                f"Photo {best.photo.position + 1} shows logo {name}{turned}: {seen.agreeing:.0%} of its outline is "
                f"there, {seen.corners} point(s) of it agree.{more}"
            ),
            ours=name,
            theirs=f"photo {best.photo.position + 1}",
            capture=best.photo.capture,
            raw={
                "reference": best.reference.id,
                "photo_sha256": best.photo.sha256,
                "position": str(best.photo.position),
                "sureness": f"{seen.sureness:.2f}",
                "region": f"{box.left:.4f} {box.top:.4f} {box.right:.4f} {box.bottom:.4f}",
            },
        )
    ]


_TOLD_DEGREES = 5.0


def _strength(hit: LogoHit) -> float:
    """Its probability by outline and points, which alone would say too much: nothing is ever certain."""
    return round(0.95 / (1 + math.exp(-hit.seen.sureness)), 4)


EXAMPLES = (Example(why="no photo at all", speaks=False, title="Velmora handbag"),)
