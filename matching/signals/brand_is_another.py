"""The page states another brand than the mark."""

from __future__ import annotations

from matching.names import NameKind
from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.spelling import Spelling
from matching.wording import words_of
from store.records.comparisons import Sign, SignFamily

NAME = "another_brand"

_BESIDE_THE_MARK = 0.4  # the title says the mark all the same: whoever fills the field may lie (chosen)
_NO_BRAND = frozenset(
    (
        *("none", "no brand", "nobrand", "unbranded", "generic", "other", "others", "n a", "na", "oem"),
        *("ohne marke", "markenlos", "sans marque", "sin marca", "generico", "generica", "sem marca"),
        *("okand", "unbekannt", "does not apply"),
    )
)


def read(pair: Pair) -> list[Sign]:
    """
    The page's brand field states a maker, and it is not the holder's mark. A title that comes near the mark by a
    letter is then another maker's name, and a name after "fits" is what the article fits. "Unbranded" is no maker.
    """
    field = pair.look.fields.brand_claimed
    if field is None or not pair.mark or any(p.place is Place.BRAND for p in pair.names):
        return []
    brand = words_of(field.value)
    if not brand or " ".join(brand) in _NO_BRAND:
        return []
    marks = [p.hit for p in pair.names if p.place is Place.TITLE and p.hit.name.kind is NameKind.MARK]
    slips_only = all(hit.spelling is Spelling.MISSPELT for hit in marks)
    return [
        Sign(
            signal=NAME,
            family=SignFamily.MEANING,
            strength=1.0 if slips_only else _BESIDE_THE_MARK,
            against=True,
            because=f'The page states the brand "{field.value}".',
            ours=pair.mark,
            theirs=field.value,
            capture=field.capture,
            raw={"rule": field.rule},
        )
    ]


EXAMPLES = (
    Example(why="another maker", speaks=True, title="Velmorra handbag", brand="Velmorra Oy"),
    Example(why="the mark itself", speaks=False, title="Velmora handbag", brand="VELMORA"),
    Example(why="no brand at all", speaks=False, title="Velmora handbag", brand="Unbranded"),
    Example(why="nothing stated", speaks=False, title="Velmora handbag"),
)
