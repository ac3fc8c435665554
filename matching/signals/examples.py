"""What every signal ships: cases in which it speaks and cases in which it stays silent, run by one contract test."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One listing beside one right, in the words that matter; `speaks` is what the signal is to do."""

    why: str
    speaks: bool
    title: str
    description: str = ""
    brand: str | None = None
    category: str | None = None
    price: tuple[Decimal, str] | None = None
    condition: str | None = None
    colour: str | None = None
    size: str | None = None
    versions: tuple[tuple[str, str], ...] = ()  # one attribute of each version the offer comes in
    gtin: str | None = None
    mpn: str | None = None
    year: int | None = None
    season: int | None = None
    episode: int | None = None
    manifest: str | None = None  # URL of a manifest that was fetched
    seller_id: str = "s-1"
    seller_name: str | None = None
    country: str = "SE"
    mark: str | None = "Velmora"
    nice_classes: tuple[int, ...] = (18,)
    product: str | None = None
    product_category: str | None = None
    product_colours: tuple[str, ...] = ()
    product_sizes: tuple[str, ...] = ()
    product_price: tuple[Decimal, str] | None = None
    product_gtin: str | None = None
    product_mpn: str | None = None
    work: str | None = None
    work_year: int | None = None
    work_season: int | None = None
    work_episode: int | None = None
    others: tuple[tuple[str, Decimal, str], ...] = ()  # accounts of the platform, and what they ask for the product
    authorised: tuple[str, str] | None = None  # seller id and name of an authorised account on the platform
