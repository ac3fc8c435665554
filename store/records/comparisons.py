"""One look at one listing against one right's product, work or mark: the raw signs, unchangeable."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class SignFamily(Enum):
    """
    Where a sign comes from. Identity needs two of the first four; price, seller and meaning only support.
    """

    TEXT = "text"
    IMAGE = "image"
    IDENTIFIER = "identifier"
    STREAM = "stream"
    PRICE = "price"
    SELLER = "seller"
    MEANING = "meaning"


IDENTITY_FAMILIES = frozenset({SignFamily.TEXT, SignFamily.IMAGE, SignFamily.IDENTIFIER, SignFamily.STREAM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one signal says of one pair, in a sentence a reviewer reads."""

    signal: str  # module that gave it, e.g. "mark_in_title"
    family: SignFamily
    strength: float  # 0 to 1: how strongly it speaks
    against: bool = False  # True: it speaks against identity or infringement
    because: str
    ours: str  # the reference's side, as shown
    theirs: str  # the listing's side, as shown
    capture: str | None = None  # capture whose bytes show `theirs`
    raw: dict[str, str] = field(default_factory=dict)  # distances, inliers, positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The signs of one observation against one right, under one snapshot and one policy."""

    id: str
    observation: str
    listing: str
    right: str
    product: str | None = None
    work: str | None = None
    references: tuple[str, ...] = ()  # references that matched
    run: str
    compared_at: datetime
    snapshot_digest: str
    config_digest: str
    signs: tuple[Sign, ...]
    identity_probability: float
