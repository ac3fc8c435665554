"""Shops' words become the closed sets, in their languages."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import pytest

from crawler.extract.words import read_availability, read_condition
from store.records.listings import Availability, Condition

A, C = Availability, Condition


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("https://schema.org/InStock", A.IN_STOCK), ("http://schema.org/OutOfStock", A.OUT_OF_STOCK), ("in_stock", A.IN_STOCK),
        ("https://schema.org/LimitedAvailability", A.LIMITED), ("PreOrder", A.PRE_ORDER), ("Not in stock", A.OUT_OF_STOCK),
        ("Ej i lager", A.OUT_OF_STOCK), ("Finns i lager", A.IN_STOCK), ("nur noch 3 auf Lager", A.LIMITED), ("Availability: Out of stock", A.OUT_OF_STOCK),
        ("在庫あり", A.IN_STOCK), ("无货", A.OUT_OF_STOCK), ("Sold out", A.SOLD_OUT), ("Sold!", A.SOLD_OUT), ("Sold by Kalle", None), ("n'est plus disponible", A.DISCONTINUED),
        ("https://schema.org/Whatever", None), ("", None), ("in stock " * 40, None),
    ],
)  # fmt: skip
def test_availability(text: str, want: Availability | None) -> None:
    assert read_availability(text) is want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("https://schema.org/NewCondition", C.NEW), ("UsedCondition", C.USED), ("Used - like new", C.USED), ("Like new", C.USED), ("Begagnad", C.USED),
        ("Neu", C.NEW), ("中古品", C.USED), ("Certified Refurbished", C.REFURBISHED), ("For parts or not working", C.DAMAGED), ("Blue", None),
    ],
)  # fmt: skip
def test_condition(text: str, want: Condition | None) -> None:
    assert read_condition(text) is want
