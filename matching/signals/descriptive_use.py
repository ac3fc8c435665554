"""The mark as an ordinary word in its plain sense."""

from __future__ import annotations

from matching.names import NameHit, NameKind, is_ordinary
from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.spelling import Spelling
from store.records.comparisons import Sign, SignFamily

NAME = "descriptive_use"

_LOWER = 1.0  # written small among other words
_CAPITALISED = 0.7  # written like every other word of the title: a title's habit says nothing


def read(pair: Pair) -> list[Sign]:
    """
    The mark is also an ordinary word, and the title uses it like one: written small, or in capitals only because
    every word is. Stays silent where the brand field or the product's name says that the mark is meant, or where it
    alone is written as registered.
    """
    mark = pair.mark
    if not mark or not is_ordinary(mark):
        return []
    if any(p.place is Place.BRAND for p in pair.names):
        return []
    # A model's name that is an ordinary word too ("Solo") proves nothing about the mark.
    if any(p.hit.name.kind is NameKind.PRODUCT and not is_ordinary(p.hit.name.text) for p in pair.names):
        return []
    hits = [p.hit for p in pair.names if p.place is Place.TITLE and p.hit.name.kind is NameKind.MARK]
    plain = [_plainness(pair, hit) for hit in hits]
    if not plain or not all(plain):
        return []
    strength = max(plain)
    hit = hits[0]
    return [
        Sign(
            signal=NAME,
            family=SignFamily.MEANING,
            strength=strength,
            against=True,
            because=f'"{hit.quoted}" is an ordinary word here, used like the words around it.',
            ours=mark,
            theirs=hit.quoted,
            capture=pair.look.title_capture,
            raw={"start": str(hit.start), "end": str(hit.end)},
        )
    ]


def _plainness(pair: Pair, hit: NameHit) -> float:
    """Say how plainly a word is used as a word: 0 when it is written as a name."""
    if hit.spelling in (Spelling.DISGUISED, Spelling.GLUED, Spelling.JOINED, Spelling.TRANSLITERATED):
        return 0.0
    title = pair.look.title
    if hit.quoted.islower():
        return _LOWER
    others = [
        title.quote(at, at)
        for at in range(len(title.words))
        if not hit.first <= at <= hit.last and title.words[at].isalpha() and len(title.words[at]) > 2
    ]
    if hit.quoted.isupper() and not all(word.isupper() for word in others):
        return 0.0  # AMBER among words in small letters is written as registered
    if (
        any(p.hit.name.kind is NameKind.PRODUCT and p.place is Place.TITLE for p in pair.names)
        and hit.quoted[:1].isupper()
    ):
        return 0.0  # "Amber Lido": two ordinary words that are a name together
    return _CAPITALISED


EXAMPLES = (
    Example(why="a colour", speaks=True, title="Sunglasses with amber lenses", mark="Amber", nice_classes=(9,)),
    Example(why="the first word", speaks=True, title="Geometric minimalist earrings", mark="Geometric"),
    Example(why="no ordinary word", speaks=False, title="velmora handbag"),
    Example(
        why="written as registered", speaks=False, title="AMBER sunglasses, round", mark="AMBER", nice_classes=(9,)
    ),
    Example(why="the brand field says so", speaks=False, title="Amber sunglasses", brand="Amber", mark="Amber"),
    Example(
        why="with the model's name",
        speaks=False,
        title="Amber Lido sunglasses",
        mark="Amber",
        product="Amber Lido",
        nice_classes=(9,),
    ),
)
