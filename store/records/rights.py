"""What is protected in law: marks, copyrights, designs, patents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

# The member states, for rights that hold in the whole Union. Source: Treaty on European Union, 2020 on.
EU_COUNTRIES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"}
    | {"LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
UNION_OFFICE = frozenset({"EM", "EUIPO"})
"""The Union's office by its WIPO ST.3 code, and by the name that people write."""


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

    @property
    def held_in(self) -> tuple[str, ...]:
        """
        Those of its territories that its office can grant.

        A mark or design of the Union's office has effect in the Union and nowhere else, whatever a sheet says.
        Source, from memory: Regulation (EU) 2017/1001, Article 1(2); Regulation (EC) 6/2002, Article 1(3).
        """
        if self.office not in UNION_OFFICE:
            return self.territories
        return tuple(each for each in self.territories if each == "EU" or each in EU_COUNTRIES)


def covers(territories: tuple[str, ...], country: str) -> bool:
    """Whether a right for `territories` holds in `country` (both ISO 3166, or EU)."""
    return country in territories or ("EU" in territories and country in EU_COUNTRIES)
