"""Registered products are found by the listing as a whole, and the reasons can be read."""

from __future__ import annotations

from matching.products.book import open_book
from matching.products.described import describe
from store.records.products import Product
from tests.matching.registered import HOLDER, look_at, mark, match_looks, snapshot_of


def _product(id: str, name: str, **more: tuple[str, ...]) -> Product:
    return Product(id=id, product_ref=id, holder=HOLDER.id, rights=("right-1",), name=name, **more)  # type: ignore[arg-type]  # tuples of text alone


LINE = [
    _product("p-1", "Velmora VM-3150K headphones"),
    _product("p-2", "Velmora VM-3270 headphones"),
    _product("p-3", "Velmora Meridian 38 Automatic", mpn=("VM3801",)),
]
BOOK = open_book(LINE, {"right-1": "Velmora"})
ALL = {"p-1", "p-2", "p-3"}


def test_the_product_of_that_number_comes_first() -> None:
    found = BOOK.closest(describe(title="Velmora VM 3150 K wireless headphones 40 mm"), ALL)
    assert found[0].product == "p-1"
    assert found[0].probability > 0.5
    assert "the number vm3150k stands on both sides" in found[0].alike


def test_another_number_of_the_line_is_told_as_a_difference() -> None:
    near = BOOK.judge(describe(title="Velmora VM-3270 wireless headphones"), "p-1")
    assert near.probability < 0.5
    assert near.unlike[0] == "other numbers (vm3150k; vm3270)"


def test_a_part_number_of_the_record_counts_beside_the_name() -> None:
    side = describe(title="Velmora watch automatic VM3801")
    assert (
        BOOK.judge(side, "p-3").probability > BOOK.judge(describe(title="Velmora watch automatic"), "p-3").probability
    )


def test_the_mark_alone_is_no_product() -> None:
    assert BOOK.closest(describe(title="Velmora gift card"), ALL) == []


def test_a_listing_that_says_only_mark_and_number_is_compared_with_that_product() -> None:
    snapshot = snapshot_of(rights=[mark("Velmora", (9,))], products=LINE)
    (found,) = match_looks(snapshot, [look_at("Velmora wireless VM 3270 over ear headphones, new")])
    assert found.finding.product == "p-2"
    sign = next(sign for sign in found.finding.signs if sign.signal == "product_identity")
    assert sign.because.startswith('The listing describes the product "Velmora VM-3270 headphones" as a whole')


def test_a_listing_of_another_line_is_compared_with_the_mark_alone() -> None:
    snapshot = snapshot_of(rights=[mark("Velmora", (9,))], products=LINE)
    (found,) = match_looks(snapshot, [look_at("Velmora portable speaker PS-90")])
    assert found.finding.product is None
