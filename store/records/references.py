"""What a holder hands in to compare with: photos, logos, stills, and their fingerprints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum


class Medium(Enum):
    """What a reference shows."""

    PHOTO = "photo"
    LOGO = "logo"
    STILL = "still"


class Polarity(Enum):
    """Whether a reference speaks for identity or against it."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One picture to compare listings with."""

    id: str
    reference_ref: str
    holder: str  # Party id
    right: str | None = None  # Right id; one of right, product, work is set
    product: str | None = None
    work: str | None = None
    medium: Medium
    polarity: Polarity = Polarity.POSITIVE
    sha256: str  # of the file, in the vault
    photo_owner: str | None = None  # Party name; None: not stated
    valid_from: date | None = None
    valid_until: date | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """One perceptual hash of one picture, by one algorithm."""

    sha256: str  # of the picture's bytes
    algorithm: str  # e.g. "pdq", "phash"
    version: str
    variant: str = "whole"  # whole, trimmed, a crop, a turn
    value: bytes
    quality: int | None = None  # 0 to 100 where the algorithm gives one
