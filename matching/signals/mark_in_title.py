"""The mark in the title of a listing, however it is spelled."""

from __future__ import annotations

from matching.names import NameKind, is_ordinary
from matching.pair import Pair, Place, PlacedHit
from matching.signals.examples import Example
from matching.spelling import Spelling
from store.records.comparisons import Sign, SignFamily

NAME = "mark_in_title"

# How surely the words are the mark. Chosen on planted names (tests/matching/test_names.py): slips and joined words
# are also met by accident, disguises are not.
_SURE = {
    Spelling.EXACT: 1.0,
    Spelling.INFLECTED: 0.95,
    Spelling.JOINED: 0.85,
    Spelling.DISGUISED: 1.0,
    Spelling.TRANSLITERATED: 0.9,
    Spelling.GLUED: 0.85,
    Spelling.REORDERED: 0.7,
    Spelling.MISSPELT: 0.6,
}
# A mark that is also an ordinary word says less: it needs company before a person is asked (chosen).
_ORDINARY = 0.45


def read(pair: Pair) -> list[Sign]:
    """
    The title says the registered mark. Lookalike letters, digits for letters, spaced or hidden letters and slips
    of one or two letters are undone first; the place shown is that of the original. Marks under five letters count
    as a whole word only, and a mark that is also an ordinary word counts for less than half.
    """
    hits = [p for p in pair.names if p.place is Place.TITLE and p.hit.name.kind is NameKind.MARK]
    if not hits:
        return []
    best = max(hits, key=_sureness)
    hit = best.hit
    strength = _SURE[hit.spelling]
    ordinary = is_ordinary(hit.name.text) and hit.spelling is not Spelling.DISGUISED
    if ordinary:
        strength *= _ORDINARY
    return [
        Sign(
            signal=NAME,
            family=SignFamily.TEXT,
            strength=strength,
            because=_sentence(best, ordinary),
            ours=hit.name.text,
            theirs=hit.quoted,
            capture=pair.look.title_capture,
            raw={
                "start": str(hit.start),
                "end": str(hit.end),
                "spelling": hit.spelling.value,
                "slips": str(hit.slips),
                **{f"undone_{u.disguise.value}": f"{u.was} -> {u.became}" for u in hit.undone},
            },
        )
    ]


def _sureness(placed: PlacedHit) -> tuple[float, int]:
    return _SURE[placed.hit.spelling], -placed.hit.start


def _sentence(placed: PlacedHit, ordinary: bool) -> str:
    hit = placed.hit
    match hit.spelling:
        case Spelling.DISGUISED:
            how = ", ".join(sorted({u.disguise.value.replace("_", " ") for u in hit.undone}))
            text = f'The title says the mark "{hit.name.text}", disguised as "{hit.quoted}" ({how}).'
        case Spelling.MISSPELT:
            text = f'The title says "{hit.quoted}", {hit.slips} letter(s) away from the mark "{hit.name.text}".'
        case Spelling.TRANSLITERATED:
            text = f'The title says "{hit.quoted}", the mark "{hit.name.text}" in another alphabet.'
        case Spelling.REORDERED:
            text = f'The title says "{hit.quoted}", the words of the mark "{hit.name.text}" in another order.'
        case Spelling.JOINED | Spelling.GLUED:
            text = f'The title says "{hit.quoted}", which holds the mark "{hit.name.text}".'
        case _:
            text = f'The title says the mark "{hit.name.text}".'
    return f"{text} The mark is also an ordinary word." if ordinary else text


EXAMPLES = (
    Example(why="the plain mark", speaks=True, title="Velmora handbag, cognac leather"),
    Example(why="lookalike letters", speaks=True, title="Vеlmоrа handbag"),
    Example(why="digits for letters", speaks=True, title="V3lm0ra handbag"),
    Example(why="spaced letters", speaks=True, title="V e l m o r a handbag"),
    Example(why="one letter wrong", speaks=True, title="Velmorra handbag"),
    Example(why="a letter behind a star", speaks=True, title="Velm*ra handbag"),
    Example(why="in Cyrillic letters", speaks=True, title="Сумка велмора"),
    Example(why="in Greek letters", speaks=True, title="Τσάντα βελμορα"),
    Example(why="words in another order", speaks=True, title="Verte Maison handbag", mark="Maison Verte"),
    Example(why="a word of another language", speaks=False, title="Motion detection camera", mark="Detention"),
    Example(why="a longer word that holds it", speaks=False, title="Velmorano cheese 500 g"),
    Example(why="a short mark inside a word", speaks=False, title="Zuvoline curtain", mark="Zuvo"),
    Example(why="a short mark with a letter wrong", speaks=False, title="Zuvi headphones", mark="Zuvo"),
    Example(why="another name", speaks=False, title="Handbag of cognac leather"),
)
