"""What a holder makes, as it really exists: names, numbers, colours, sizes, prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from store.records.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPrice:
    """The recommended price in one country from one day on."""

    country: str
    price: Money
    from_date: date | None = None  # None: since launch


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product line. Listings are compared with it, not with a name alone."""

    id: str
    product_ref: str
    holder: str  # Party id
    rights: tuple[str, ...]  # Right ids
    name: str
    other_names: tuple[str, ...] = ()
    mpn: tuple[str, ...] = ()
    gtin: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()  # every colour that exists; empty: not stated
    sizes: tuple[str, ...] = ()  # every size that exists; empty: not stated
    prices: tuple[ProductPrice, ...] = ()
    launched_on: date | None = None
    ended_on: date | None = None
    safety_class: str | None = None
    nice_class: int | None = None
    category: str | None = None  # the goods in a word: watch, handbag
    photo_owner: str | None = None  # Party name; None: not stated
