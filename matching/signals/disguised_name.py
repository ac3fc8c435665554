"""A registered name written so that a search does not find it."""

from __future__ import annotations

from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.spelling import Spelling
from store.records.comparisons import Sign, SignFamily

NAME = "disguised_name"


def read(pair: Pair) -> list[Sign]:
    """
    The title spells a registered name with lookalike letters, digits for letters, hidden or spaced letters. Nobody
    sells an honest article that way; it supports the name itself and counts as no family of its own.
    """
    hits = [p.hit for p in pair.names if p.place is Place.TITLE and p.hit.spelling is Spelling.DISGUISED]
    if not hits:
        return []
    hit = hits[0]
    how = sorted({u.disguise.value.replace("_", " ") for u in hit.undone})
    return [
        Sign(
            signal=NAME,
            family=SignFamily.TEXT,
            strength=1.0,
            because=f'"{hit.quoted}" is "{hit.name.text}" behind a disguise ({", ".join(how)}).',
            ours=hit.name.text,
            theirs=hit.quoted,
            capture=pair.look.title_capture,
            raw={"start": str(hit.start), "end": str(hit.end), "disguises": ", ".join(how)},
        )
    ]


EXAMPLES = (
    Example(why="digits for letters", speaks=True, title="V3lm0ra handbag"),
    Example(why="letters of another alphabet", speaks=True, title="Vеlmоrа handbag"),
    Example(why="the plain mark", speaks=False, title="Velmora handbag"),
    Example(why="an accent is no disguise", speaks=False, title="Vélmora handbag"),
)
