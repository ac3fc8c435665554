"""Who sells, and who may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """One account on one platform. The name is a personal value and may be masked (None)."""

    id: str
    platform: str
    platform_seller_id: str
    name: str | None = None
    url: str | None = None
    first_seen: datetime
    last_seen: datetime


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
