"""Who sells, and who may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from store.records.seen import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Trader:
    """Who trades behind an account, as the platform shows it. All of it is personal; None was not said."""

    name: str | None = None
    address: str | None = None
    mail: str | None = None
    phone: str | None = None  # international form
    vat: str | None = None  # its country in front, its check digits hold
    numbers: tuple[str, ...] = ()  # of trade registers and licences: `SIRET 73282932000074`


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """One account on one platform. What names a person is a personal value and may be masked (None)."""

    id: str
    platform: str
    platform_seller_id: str
    name: str | None = None
    url: str | None = None
    trader: Trader | None = None  # None where the platform shows nothing of it, or the reader has no key
    rating: str | None = None  # as the seller's own page prints it: `4.8`, `99.2%`
    since: str | None = None  # since when the account is there, as printed
    location: str | None = None
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerFields:
    """What a seller's own page says, each value with where it was read. All of it is personal."""

    platform_seller_id: Seen[str] | None = None  # from its address; None where that carries none
    name: Seen[str] | None = None
    url: Seen[str] | None = None
    rating: Seen[str] | None = None  # as printed: `4.8`, `99.2%`
    since: Seen[str] | None = None  # since when the account is there, as printed: `March 2019`
    sold_count: Seen[str] | None = None
    location: Seen[str] | None = None
    about: Seen[str] | None = None
    trader_name: Seen[str] | None = None
    trader_address: Seen[str] | None = None
    trader_mail: Seen[str] | None = None
    trader_phone: Seen[str] | None = None
    trader_vat: Seen[str] | None = None
    trader_numbers: tuple[Seen[str], ...] = ()


class SellerStanding(Enum):
    """What a holder says of a seller."""

    AUTHORISED = "authorised"
    EXCLUDED = "excluded"  # leave alone for another reason, e.g. a pending settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerRule:
    """A holder's word on one account, by platform and platform seller id, never by a bare name."""

    id: str
    holder: str  # Party id
    platform: str
    platform_seller_id: str
    name: str | None = None
    standing: SellerStanding
    rights: tuple[str, ...] = ()  # Right ids; empty means all of the holder's
    products: tuple[str, ...] = ()  # Product ids; empty means all
    territories: tuple[str, ...] = ()  # empty means everywhere
    valid_from: date | None = None
    valid_until: date | None = None
    basis: str | None = None
