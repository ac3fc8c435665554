"""A colour or size that the product was never made in, of the offer as a whole or of a version it comes in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.vocabulary import vocabulary
from matching.wording import Wording, read_wording
from store.records.comparisons import Sign, SignFamily
from store.records.listings import Availability

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
_NOT_OFFERED = (Availability.OUT_OF_STOCK, Availability.SOLD_OUT, Availability.DISCONTINUED)
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
    where the holder states every colour or size there is, and only where none of those the listing names exists, or
    where a version that can be ordered has one of its own that does not.
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
    if theirs and not theirs & ours and "multicolour" not in theirs:
        return Variant("colour", shown, ", ".join(product.colours), capture)
    for value, capture in _offered(pair, "colour"):
        theirs = words.families(read_wording(value))
        if theirs and not theirs & ours and "multicolour" not in theirs:
            return Variant("colour", value, ", ".join(product.colours), capture)
    return None


def _offered(pair: Pair, name: str) -> list[tuple[str, str | None]]:
    """The values of an attribute in the versions that can be ordered, each with its capture."""
    found = []
    for version in pair.look.fields.variants:
        value = version.value.attribute(name)
        if value is not None and version.value.availability not in _NOT_OFFERED:
            found.append((value, version.capture))
    return found


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
    versions = _offered(pair, "size")
    # Other countries count shoes otherwise: a version's bare number counts where another version has one of ours.
    scale = bool({_number(value) for value, _ in versions} & {_number(size) for size in product.sizes} - {None})
    said = [(text, capture, field is not None, True), *((value, seen, True, scale) for value, seen in versions)]
    found = (_size_of(product.sizes, *each) for each in said)
    return next((each for each in found if each is not None), None)


def _size_of(
    sizes: tuple[str, ...], text: str, capture: str | None, is_field: bool, is_our_scale: bool
) -> Variant | None:
    """The size that words name, where the product has none of those; `is_field` when they are nothing but a size."""
    ours = {unit: {v for s in sizes for v, u in _measures(s) if u == unit} for unit in _units(sizes)}
    theirs = [(value, unit) for value, unit in _measures(text) if unit in ours]
    stated = ", ".join(sizes)
    if theirs:
        if any(value in ours[unit] for value, unit in theirs):
            return None
        return Variant("size", ", ".join(f"{value} {unit}" for value, unit in theirs), stated, capture)
    if not is_field or ours:
        return None
    plain = {_letter_size(size) for size in sizes}
    value = _letter_size(text)
    if plain <= _LETTER_SIZES and value in _LETTER_SIZES and value not in plain:
        return Variant("size", text, stated, capture)
    numbers, asked = {_number(size) for size in sizes}, _number(text)
    if asked is not None and is_our_scale and None not in numbers and asked not in numbers:
        return Variant("size", text, stated, capture)
    return None


def _number(size: str) -> str | None:
    plain = _PLAIN_NUMBER.fullmatch(size.strip())
    return plain[1] if plain is not None else None


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
    Example(
        why="a version in a colour that never was",
        speaks=True,
        title="Velmora Sablier",
        versions=(("colour", "Schwarz"), ("colour", "Rosa")),
        product="Velmora Sablier",
        product_colours=("cognac", "black"),
    ),
    Example(
        why="versions in colours that are",
        speaks=False,
        title="Velmora Sablier",
        versions=(("colour", "Black"), ("colour", "Cognac"), ("strap colour", "Pink")),
        product="Velmora Sablier",
        product_colours=("cognac", "black"),
    ),
    Example(
        why="a version in a size that never was",
        speaks=True,
        title="Velmora Meridian",
        versions=(("size", "38 mm"), ("size", "44 mm")),
        product="Velmora Meridian",
        product_sizes=("38 mm",),
    ),
    Example(
        why="sizes counted otherwise",
        speaks=False,
        title="Velmora Meridian",
        versions=(("size", "10"), ("size", "11")),
        product="Velmora Meridian",
        product_sizes=("38", "39"),
    ),
)
