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

BENELUX = frozenset({"BE", "NL", "LU"})
# Codes of WIPO ST.3 that are no country's (from memory): these grant where a state was designated or validated, which
# the holder's sheet says; XN, XV and XX are the Nordic, the Visegrad and the unknown office.
_OF_SEVERAL = frozenset({"AP", "EA", "EP", "GC", "IB", "OA", "QZ", "WO", "XN", "XV", "XX"})
# What ISO 3166 codes apart from a country and its registers may reach, from memory: there the sheet is believed.
_BEYOND = {
    "AU": frozenset({"CC", "CX", "NF"}),
    "CH": frozenset({"LI"}),
    "DK": frozenset({"FO", "GL"}),
    "FI": frozenset({"AX"}),
    "FR": frozenset({"BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"}),
    "GB": frozenset({"IM"}),
    "NO": frozenset({"SJ"}),
    "US": frozenset({"AS", "GU", "MP", "PR", "UM", "VI"}),
}


class RightKind(Enum):
    """Kinds of right."""

    TRADEMARK = "trademark"
    COPYRIGHT = "copyright"
    RELATED_RIGHT = "related_right"
    DESIGN = "design"
    PATENT = "patent"
    GEOGRAPHICAL_INDICATION = "geographical_indication"


_GRANTED = frozenset({RightKind.TRADEMARK, RightKind.DESIGN, RightKind.PATENT})
"""Kinds that hold where an office granted them. A copyright that is registered holds elsewhere as well (Berne)."""


class RightStatus(Enum):
    """What the register says."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    OPPOSED = "opposed"


class RegisterKind(Enum):
    """Which part of a register shows a right, where it has parts."""

    PRINCIPAL = "principal"
    SUPPLEMENTAL = "supplemental"  # United States: marks that do not yet distinguish goods, 15 U.S.C. § 1091


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
    register_kind: RegisterKind | None = None  # None: the register has one part, or nobody said which
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
        """Those of its territories that its office can grant, whatever a sheet says."""
        return tuple(each for each in self.territories if can_grant(self.kind, self.office, each))


def can_grant(kind: RightKind, office: str | None, territory: str) -> bool:
    """
    Whether a right of this office can hold in a territory (ISO 3166, or EU); an office of several states is believed.

    A mark or design of the Union's office has effect in the Union and nowhere else. Source, from memory: Regulation
    (EU) 2017/1001, Article 1(2); Regulation (EC) 6/2002, Article 1(3); Benelux Convention on Intellectual Property,
    Articles 1.1 and 2.2; Paris Convention, Article 6(3): marks of several countries are independent of each other.
    """
    if office in UNION_OFFICE:
        return territory == "EU" or territory in EU_COUNTRIES
    if office is None or len(office) != 2 or kind not in _GRANTED or office in _OF_SEVERAL:
        return True
    if office == "BX":
        return territory in BENELUX
    return territory == office or territory in _BEYOND.get(office, ())


def covers(territories: tuple[str, ...], country: str) -> bool:
    """Whether a right for `territories` holds in `country` (both ISO 3166, or EU)."""
    return country in territories or ("EU" in territories and country in EU_COUNTRIES)
