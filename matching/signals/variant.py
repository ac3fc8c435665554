"""A colour or size that the product was never made in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.vocabulary import vocabulary
from matching.wording import Wording, read_wording
from store.records.comparisons import Sign, SignFamily

NAME = "impossible_variant"

_MEASURE = re.compile(
    r"(?<![\d.,])(\d{1,4}(?:[.,]\d)?)\s?(mm|cm|ml|cl|l|litre|liter|inch|in|oz|fl oz|g|kg)\b", re.IGNORECASE
)
_SIZE_WORDS = {
    "extra small": "xs",
    "small": "s",
    "medium": "m",
    "large": "l",
    "extra large": "xl",
    "2xl": "xxl",
    "3xl": "xxxl",
}
_LETTER_SIZES = frozenset(("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "4xl", "5xl", "6xl"))
_PLAIN_NUMBER = re.compile(r"(?:EU|EUR|Gr\.?|str\.?|size|taille|talla|maat)?\s*(\d{2})(?:[.,]5)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Variant:
    """What was never made: colour or size, as the listing puts it, and what there is."""

    what: str
    theirs: str
    ours: str
    capture: str | None


def read(pair: Pair) -> list[Sign]:
    """
    The listing offers the product in a colour or size it was never made in. Colours are compared by wide families
    in eight languages, so another word for the same colour stays silent; sizes only in the same unit. Speaks only
    where the holder states every colour or size there is, and only where none of those the listing names exists.
    """
    found = find_impossible(pair)
    return [
        Sign(
            signal=NAME,
            family=SignFamily.MEANING,
            strength=1.0,
            because=f"It is offered in {each.theirs}; as {each.what} there is only {each.ours}.",
            ours=each.ours,
            theirs=each.theirs,
            capture=each.capture,
            raw={"what": each.what},
        )
        for each in found
    ]


def find_impossible(pair: Pair) -> list[Variant]:
    """Colours and sizes of the listing that the product never had."""
    if pair.product is None:
        return []
    found = [_colour(pair), _size(pair)]
    return [each for each in found if each is not None]


def _colour(pair: Pair) -> Variant | None:
    product, words = pair.product, vocabulary().colours
    assert product is not None
    if not product.colours:
        return None
    ours: set[str] = set()
    for colour in product.colours:
        families = words.families(read_wording(colour))
        if not families:
            return None  # a colour by a name of its own: nobody can say what is not it
        ours |= families
    field = pair.look.fields.colour
    if field is not None:
        said = read_wording(field.value)
        theirs = words.families(said)
        shown, capture = field.value, field.capture
    else:
        said = _apart_from_names(pair)
        colours = words.find(said)
        theirs = frozenset(family for _, families, _, _ in colours for family in families)
        shown, capture = ", ".join(quoted for quoted, _, _, _ in colours), pair.look.title_capture
    if not theirs or theirs & ours or "multicolour" in theirs:
        return None
    return Variant("colour", shown, ", ".join(product.colours), capture)


def _apart_from_names(pair: Pair) -> Wording:
    """Give the title without registered names: in "Amber Lido" amber is no colour."""
    raw = pair.look.title.raw
    kept = list(raw)
    for placed in pair.names:
        if placed.place is Place.TITLE:
            kept[placed.hit.start : placed.hit.end] = " " * (placed.hit.end - placed.hit.start)
    return read_wording("".join(kept))


def _size(pair: Pair) -> Variant | None:
    product = pair.product
    assert product is not None
    if not product.sizes:
        return None
    field = pair.look.fields.size
    text = field.value if field is not None else _apart_from_names(pair).raw
    capture = field.capture if field is not None else pair.look.title_capture
    ours = {unit: {v for s in product.sizes for v, u in _measures(s) if u == unit} for unit in _units(product.sizes)}
    theirs = [(value, unit) for value, unit in _measures(text) if unit in ours]
    stated = ", ".join(product.sizes)
    if theirs:
        if any(value in ours[unit] for value, unit in theirs):
            return None
        return Variant("size", ", ".join(f"{value} {unit}" for value, unit in theirs), stated, capture)
    if field is None or ours:
        return None
    plain = {_letter_size(size) for size in product.sizes}
    value = _letter_size(field.value)
    if plain <= _LETTER_SIZES and value in _LETTER_SIZES and value not in plain:
        return Variant("size", field.value, stated, capture)
    numbers = [_PLAIN_NUMBER.fullmatch(size) for size in product.sizes]
    asked = _PLAIN_NUMBER.fullmatch(field.value.strip())
    if asked and numbers and all(numbers) and asked[1] not in {number[1] for number in numbers if number}:
        return Variant("size", field.value, stated, capture)
    return None


def _letter_size(text: str) -> str:
    plain = text.casefold().strip()
    return _SIZE_WORDS.get(plain, plain)


def _measures(text: str) -> list[tuple[str, str]]:
    units = {"litre": "l", "liter": "l", "inch": "in", "fl oz": "oz"}
    return [
        (value.replace(",", ".").removesuffix(".0"), units.get(unit.lower(), unit.lower()))
        for value, unit in _MEASURE.findall(text)
    ]


def _units(sizes: tuple[str, ...]) -> set[str]:
    return {unit for size in sizes for _, unit in _measures(size)}


EXAMPLES = (
    Example(
        why="a colour that never was",
        speaks=True,
        title="Velmora Sablier in pink",
        product="Velmora Sablier",
        product_colours=("cognac", "black"),
    ),
    Example(
        why="the colour field, in Swedish",
        speaks=True,
        title="Velmora Sablier",
        colour="ljusgrön, grön",
        product="Velmora Sablier",
        product_colours=("cognac", "black"),
    ),
    Example(
        why="the same colour in German",
        speaks=False,
        title="Velmora Sablier schwarz",
        product="Velmora Sablier",
        product_colours=("cognac", "black"),
    ),
    Example(
        why="a near shade",
        speaks=False,
        title="Velmora Sablier dark blue",
        product="Velmora Sablier",
        product_colours=("navy",),
    ),
    Example(why="colours are not stated", speaks=False, title="Velmora Sablier pink", product="Velmora Sablier"),
    Example(
        why="a colour with a name of its own",
        speaks=False,
        title="Velmora Sablier pink",
        product="Velmora Sablier",
        product_colours=("aurora dream mist",),
    ),
    Example(
        why="a size that never was",
        speaks=True,
        title="Velmora Meridian 44 mm",
        product="Velmora Meridian",
        product_sizes=("38 mm",),
    ),
    Example(
        why="the right size",
        speaks=False,
        title="Velmora Meridian 38mm",
        product="Velmora Meridian",
        product_sizes=("38 mm",),
    ),
)
