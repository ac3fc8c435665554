"""A listing identified with a right's product, work or mark, with reasons for and against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from store.records.comparisons import Sign


class GroundCode(Enum):
    """Why an identified listing infringes. Each needs evidence of its own."""

    SELF_DECLARED_COPY = "self_declared_copy"
    IMPOSSIBLE_VARIANT = "impossible_variant"
    FAR_BELOW_PRICE = "far_below_price"
    FAILED_AUTHENTICITY_MARK = "failed_authenticity_mark"
    COPIED_PHOTO = "copied_photo"
    NO_LICENCE = "no_licence"
    TEST_PURCHASE = "test_purchase"
    HOLDERS_DETERMINATION = "holders_determination"


class InfringementClass(Enum):
    """What the infringement is."""

    COUNTERFEIT = "counterfeit"
    PIRATED_COPY = "pirated_copy"
    IMAGE_COPIED = "image_copied"
    LOOK_ALIKE = "look_alike"
    PARALLEL_IMPORT = "parallel_import"
    UNAUTHORISED_SELLER = "unauthorised_seller"
    MERE_MENTION = "mere_mention"


# Which grounds carry which class. Design rule 3: identity alone accuses nobody.
GROUNDS_OF_CLASS: dict[InfringementClass, frozenset[GroundCode]] = {
    InfringementClass.COUNTERFEIT: frozenset(
        {
            GroundCode.SELF_DECLARED_COPY,
            GroundCode.IMPOSSIBLE_VARIANT,
            GroundCode.FAR_BELOW_PRICE,
            GroundCode.FAILED_AUTHENTICITY_MARK,
            GroundCode.TEST_PURCHASE,
            GroundCode.HOLDERS_DETERMINATION,
        }
    ),
    InfringementClass.PIRATED_COPY: frozenset({GroundCode.NO_LICENCE, GroundCode.HOLDERS_DETERMINATION}),
    InfringementClass.IMAGE_COPIED: frozenset({GroundCode.COPIED_PHOTO}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One coded ground with the sentence and the captures that carry it."""

    code: GroundCode
    because: str
    captures: tuple[str, ...] = ()
    strength: float = 1.0


class Band(Enum):
    """What is to be done with a finding."""

    SILENT = "silent"  # identified or not, nothing speaks for infringement, or a logged rule suppresses it
    REVIEW = "review"  # a person looks
    NOTICE = "notice"  # identity and ground stand; a person may approve a notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """The rule that keeps a finding silent, logged with the finding."""

    rule: str  # e.g. "authorised_seller"
    record: str  # id of the SellerRule, licence or negative reference
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The latest standing of one listing against one right; unique on the two."""

    id: str
    listing: str
    right: str
    holder: str
    product: str | None = None
    work: str | None = None
    comparison: str
    identity_probability: float
    families: tuple[str, ...]  # independent families that speak for identity
    signs: tuple[Sign, ...]
    counter_signs: tuple[Sign, ...]
    grounds: tuple[Ground, ...]
    infringement_class: InfringementClass | None = None  # None: no ground gives a class
    band: Band
    because: str  # one sentence: why this band
    suppressions: tuple[Suppression, ...] = ()
    found_at: datetime
    updated_at: datetime
