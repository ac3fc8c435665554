"""A product's number on the page: GTIN with its check digit, or the maker's part number."""

from __future__ import annotations

from matching.pair import NumberHit, Pair, Place
from matching.signals.examples import Example
from store.records.comparisons import Sign, SignFamily

NAME = "identifier"

# A GTIN in its own field is the article by definition. Part numbers are quoted by sellers of spare parts too.
_STRENGTH = {
    ("gtin", Place.FIELD): 1.0,
    ("gtin", Place.TITLE): 0.95,
    ("gtin", Place.DESCRIPTION): 0.85,
    ("mpn", Place.FIELD): 0.85,
    ("mpn", Place.TITLE): 0.75,
    ("mpn", Place.DESCRIPTION): 0.55,
    ("gtin", Place.PHOTO): 0.9,
    ("mpn", Place.PHOTO): 0.7,
}


def read(pair: Pair) -> list[Sign]:
    """
    The page states the product's GTIN (check digit verified) or the maker's part number, in a field made for it, in
    the text, or as a barcode or QR code in a photo. A number is copied as easily as a photo: it says which product is
    meant, not that it is genuine.
    """
    if not pair.numbers or pair.product is None:
        return []
    best = max(pair.numbers, key=_strength)
    return [
        Sign(
            signal=NAME,
            # A code in a copied photo says no more than the photo itself: both are one family.
            family=SignFamily.IMAGE if best.place is Place.PHOTO else SignFamily.IDENTIFIER,
            strength=_strength(best),
            because=f"The {best.place.value} states the product's {best.kind.upper()} {best.number}.",
            ours=best.number,
            theirs=best.quoted,
            capture=best.capture,
            raw={"kind": best.kind, "place": best.place.value},
        )
    ]


def _strength(hit: NumberHit) -> float:
    return _STRENGTH[hit.kind, hit.place]


EXAMPLES = (
    Example(
        why="GTIN in its field",
        speaks=True,
        title="Bag",
        gtin="3761234500038",
        product="Velmora Sablier",
        product_gtin="3761234500038",
    ),
    Example(
        why="GTIN-12 written in the text of a GTIN-13 with a leading zero",
        speaks=True,
        title="Bag UPC 851234500046",
        product="Velmora Sablier",
        product_gtin="0851234500046",
    ),
    Example(
        why="part number in the title",
        speaks=True,
        title="Bag VS-2208",
        product="Velmora Sablier",
        product_mpn="VS-2208",
    ),
    Example(
        why="a GTIN whose check digit is wrong",
        speaks=False,
        title="Bag",
        gtin="3761234500039",
        product="Velmora Sablier",
        product_gtin="3761234500039",
    ),
    Example(
        why="another number", speaks=False, title="Bag VS-2209", product="Velmora Sablier", product_mpn="VS-2208"
    ),
    Example(
        why="a part number too short to mean anything",
        speaks=False,
        title="Bag 24",
        product="Velmora 24",
        product_mpn="24",
    ),
)
