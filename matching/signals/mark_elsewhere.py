"""The mark outside the title: in the description, or in the field that states the brand."""

from __future__ import annotations

from matching.names import NameKind, is_ordinary
from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.wording import words_of
from store.records.comparisons import Sign, SignFamily

NAME = "mark_in_description"
BRAND = "brand_claimed"

_PART_OF_BRAND = 0.6  # the brand field holds the mark among other words (chosen)


def read(pair: Pair) -> list[Sign]:
    """
    The page's brand field states the mark: the seller says whose article it is. Or the description says the mark,
    which alone is a mention and identifies nothing.
    """
    signs: list[Sign] = []
    said = [p.hit for p in pair.names if p.place is Place.BRAND and p.hit.name.kind is NameKind.MARK]
    if said and pair.look.fields.brand_claimed:
        field = pair.look.fields.brand_claimed
        whole = pair.look.brand.words == words_of(pair.mark or "")
        signs.append(
            Sign(
                signal=BRAND,
                family=SignFamily.TEXT,
                strength=1.0 if whole else _PART_OF_BRAND,
                because=f'The page states the brand "{field.value}".',
                ours=pair.mark or "",
                theirs=field.value,
                capture=field.capture,
                raw={"rule": field.rule},
            )
        )
    told = [p.hit for p in pair.names if p.place is Place.DESCRIPTION and p.hit.name.kind is NameKind.MARK]
    described = pair.look.fields.description
    if told and described and not is_ordinary(pair.mark or ""):
        hit = told[0]
        signs.append(
            Sign(
                signal=NAME,
                family=SignFamily.TEXT,
                strength=1.0 if len(told) > 1 else 0.7,
                because=f'The description says the mark "{hit.name.text}" {len(told)} time(s).',
                ours=hit.name.text,
                theirs=hit.quoted,
                capture=described.capture,
                raw={"start": str(hit.start), "end": str(hit.end), "times": str(len(told))},
            )
        )
    return signs


EXAMPLES = (
    Example(why="the brand field", speaks=True, title="Handbag cognac", brand="Velmora"),
    Example(why="said in the description", speaks=True, title="Handbag", description="A bag by Velmora of Paris."),
    Example(why="another brand", speaks=False, title="Handbag", brand="Padrimo", description="By Padrimo."),
    Example(why="a part of a word", speaks=False, title="Handbag", description="Velmoranian leather"),
)
