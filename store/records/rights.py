"""What is protected in law: marks, copyrights, designs, patents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum


class RightKind(Enum):
    """Kinds of right."""

    TRADEMARK = "trademark"
    COPYRIGHT = "copyright"
    RELATED_RIGHT = "related_right"
    DESIGN = "design"
    PATENT = "patent"
    GEOGRAPHICAL_INDICATION = "geographical_indication"


class RightStatus(Enum):
    """What the register says."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    OPPOSED = "opposed"


class MarkFeature(Enum):
    """What a mark consists of."""

    WORD = "word"
    FIGURATIVE = "figurative"
    COMBINED = "combined"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One right of one holder."""

    id: str
    right_ref: str  # the holder's own name for it, unique for the holder
    holder: str  # Party id
    kind: RightKind
    office: str | None = None  # WIPO ST.3 code; None for unregistered rights such as copyright
    registration_number: str | None = None  # None where no register exists
    mark_text: str | None = None  # None for rights without words
    mark_feature: MarkFeature | None = None
    nice_classes: tuple[int, ...] = ()
    goods: str | None = None  # the goods and services in words
    territories: tuple[str, ...]  # ISO 3166 codes, or EU
    filed_on: date | None = None
    registered_on: date | None = None
    expires_on: date | None = None  # None: no end is known
    status: RightStatus
    status_checked_on: date | None = None  # None: never checked against the register
    proof_sha256: str | None = None  # None: no proof was handed in


# The member states, for rights that hold in the whole Union. Source: Treaty on European Union, 2020 on.
EU_COUNTRIES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"}
    | {"LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)


def covers(territories: tuple[str, ...], country: str) -> bool:
    """Whether a right for `territories` holds in `country` (both ISO 3166, or EU)."""
    return country in territories or ("EU" in territories and country in EU_COUNTRIES)
