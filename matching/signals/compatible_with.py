"""The name only says what the article fits."""

from __future__ import annotations

from matching.names import NameHit, NameKind
from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.vocabulary import vocabulary
from matching.wording import Wording
from store.records.comparisons import Sign, SignFamily

NAME = "compatible_with"

_REACH = 12  # words between "compatible with" and the name: other names, "the", models (chosen)
_LISTED = ",/&+|"


def read(pair: Pair) -> list[Sign]:
    """
    The title says that the article is made for, fits or replaces a part of the named one: "strap for X",
    "compatible with X", "passend für X", in eleven languages. Naming a mark to say what a part fits is lawful.
    It stays silent where the name also stands elsewhere in the title on its own.
    """
    title = pair.look.title
    kinds = (NameKind.MARK, NameKind.PRODUCT)
    hits = [p.hit for p in pair.names if p.place is Place.TITLE and p.hit.name.kind in kinds]
    if not hits:
        return []
    marks = [hit for hit in hits if hit.name.kind is NameKind.MARK] or hits
    said = [_said_before(title, hit) for hit in marks]
    if any(each is None for each in said):
        return []
    phrase = said[0] or ""
    return [
        Sign(
            signal=NAME,
            family=SignFamily.MEANING,
            strength=1.0,
            against=True,
            because=f'"{phrase} {marks[0].quoted}" says what the article fits, not what it is.',
            ours=marks[0].name.text,
            theirs=f"{phrase} {marks[0].quoted}",
            capture=pair.look.title_capture,
            raw={"start": str(marks[0].start), "end": str(marks[0].end)},
        )
    ]


def _said_before(title: Wording, hit: NameHit) -> str | None:
    """Give the words before a name, or right behind it, that say that something is for it; None where none do."""
    words = vocabulary()
    at = hit.first - 1
    skipped = 0
    while at >= 0 and skipped <= _REACH:
        long = words.compatible.ending_at(title.words, at)
        if long is not None and not title.is_parted(long.last, hit.first):
            return title.quote(long.first, long.last)
        bare = words.compatible_before.ending_at(title.words, at)
        if bare is not None and (skipped == 0 or _is_list(title, bare.last, hit.first)):
            return title.quote(bare.first, bare.last)
        if title.is_parted(at, at + 1):
            return None
        at -= 1
        skipped += 1
    behind = hit.last + 1
    if behind < len(title.words) and title.words[behind] in (
        "compatible",
        "kompatibel",
        "compatibile",
        "uyumlu",
        "kompatible",
    ):
        return title.quote(behind, behind)
    return None


def _is_list(title: Wording, before: int, name: int) -> bool:
    """Whether the words between "for" and the name are further names or small words ("for Canon, Nikon")."""
    between = vocabulary().compatible_between
    listed = False
    for at in range(before + 1, name):
        listed = (
            listed or any(sign in title.between(at, at + 1) for sign in _LISTED) or title.words[at] in ("and", "or")
        )
        if title.words[at] not in between and not listed:
            return False
    return True


EXAMPLES = (
    Example(why="strap for", speaks=True, title="Leather strap for Velmora watch"),
    Example(why="compatible with", speaks=True, title="Refill compatible with Velmora"),
    Example(why="German", speaks=True, title="Armband passend für Velmora"),
    Example(why="Spanish", speaks=True, title="Correa para Velmora 38 mm"),
    Example(why="a list of names", speaks=True, title="Charger for Canon, Nikon and Velmora"),
    Example(why="the thing itself", speaks=False, title="Velmora handbag for women"),
    Example(why="for sale", speaks=False, title="For sale: Velmora handbag"),
    Example(why="the name stands twice", speaks=False, title="Velmora strap for Velmora watch"),
)
