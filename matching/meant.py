"""Which product or work of a right a look means: by numbers, photos and names, else by the listing as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from matching.names import NameKind
from matching.pair import Look, NumberHit, PhotoHit, Place, PlacedHit
from matching.products.book import Likeness, ProductBook, describe_fields
from matching.wording import words_of
from store.records.products import Product
from store.records.rights import Right


def most_touched(
    owners: Iterable[str],
    names: Iterable[PlacedHit],
    numbers: Mapping[str, list[NumberHit]],
    photos: Iterable[PhotoHit],
) -> str | None:
    """The product or work that most points to, the first of `owners` among equals; None where nothing does."""
    rank = {owner: -place for place, owner in enumerate(owners)}
    points: dict[str, float] = {}
    owned = rank.keys()
    for product, hits in numbers.items():
        if product in owned:
            points[product] = points.get(product, 0) + 8 + len(hits)
    for photo in photos:
        for owner in (photo.reference.product, photo.reference.work):
            if owner in owned and owner:
                points[owner] = points.get(owner, 0) + 4
    for placed in names:
        for owner in (placed.hit.name.product, placed.hit.name.work):
            if owner in owned and owner:
                # A longer name says more: "Meridian 38 Automatic" before "Meridian 38".
                share = 2 if placed.place is Place.TITLE else 0.5
                points[owner] = points.get(owner, 0) + share * (1 + placed.hit.last - placed.hit.first)
    return max(points, key=lambda owner: (points[owner], rank[owner]), default=None)


def likeness_to(
    book: ProductBook,
    look: Look,
    right: Right,
    touched: str | None,
    own: Collection[str],
    names: Iterable[PlacedHit],
    least: float,
) -> Likeness | None:
    """
    How like the listing as a whole is to the product it touches; where it touches none but says the right's mark in
    its title or as its brand, to the likeliest product of the right (`own`), from the probability `least` on.
    """
    listing = describe_fields(look.fields)
    if listing is None:
        return None
    if touched is not None:
        return book.judge(listing, touched)
    said = (Place.TITLE, Place.BRAND)
    if not any(p.place in said and p.hit.name.kind is NameKind.MARK and p.hit.name.right == right.id for p in names):
        return None
    near = book.closest(listing, own)
    return near[0] if near and near[0].probability >= least else None


def rival_of(
    right: Right,
    product: str | None,
    rights: Iterable[Right],
    products_of_right: Mapping[str, tuple[str, ...]],
    products: Mapping[str, Product],
    names: list[PlacedHit],
    numbers: Mapping[str, list[NumberHit]],
    photos: list[PhotoHit],
) -> Product | None:
    """Another holder's product that the look shows, where the two marks are one word and ours shows none."""
    if product is not None or not right.mark_text:
        return None
    same = words_of(right.mark_text)
    for other in rights:
        if other.holder != right.holder and other.mark_text and words_of(other.mark_text) == same:
            shown = most_touched(products_of_right.get(other.id, ()), names, numbers, photos)
            if shown is not None:
                return products[shown]
    return None
