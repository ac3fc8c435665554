"""What is protected fits together: numbers are valid, references resolve, prices exist where the platforms sell."""

from stdnum import ean

from exercise.catalogue import HOLDERS, PRODUCTS, RIGHTS, WORKS, gtin13, list_references
from exercise.drafts import COUNTRY


def test_every_gtin_has_its_right_check_digit() -> None:
    assert gtin13("400638133393") == "4006381333931"  # the worked example of the EAN handbook
    assert all(ean.is_valid(product.gtin) and len(product.gtin) == 13 for product in PRODUCTS)
    assert len({product.gtin for product in PRODUCTS}) == len(PRODUCTS)


def test_every_reference_resolves() -> None:
    holders, rights = {one.name for one in HOLDERS}, {one.ref: one for one in RIGHTS}
    assert all(right.holder in holders for right in RIGHTS)
    for thing in (*PRODUCTS, *WORKS):
        assert all(rights[ref].holder == thing.holder for ref in thing.right_refs)
    for reference in list_references():
        assert reference.right_ref in rights
    assert len({one.file for one in list_references()}) == len(list_references())


def test_products_have_prices_in_every_platforms_country() -> None:
    for product in PRODUCTS:
        assert all(product.price_in(country).amount > 0 for country in COUNTRY.values())


def test_there_is_an_expired_a_foreign_a_short_a_descriptive_and_a_shared_mark() -> None:
    marks = [right.mark_text for right in RIGHTS if right.mark_text]
    assert any(right.status == "expired" for right in RIGHTS)
    assert any("EU" not in right.territories for right in RIGHTS)
    assert any(len(mark) == 4 for mark in marks)
    assert "AMBER" in marks
    assert len(marks) == len(set(marks)) + 1
    assert any(product.photo_owner != product.holder for product in PRODUCTS)
