"""How strict to be: the one policy every figure is measured under."""

from __future__ import annotations

from pydantic import Field

from config.declaration import Declaration


class IdentityPolicy(Declaration):
    """From which calibrated probability on a listing counts as identified."""

    review: float = Field(default=0.5, ge=0, le=1)
    notice: float = Field(default=0.9, ge=0, le=1)
    families_for_notice: int = Field(default=2, ge=2)  # independent families; design rule 3 sets the floor


class GroundPolicy(Declaration):
    """When a ground stands."""

    # Share of the Product's own price in that country under which a new article is "far below".
    far_below_share: float = Field(default=0.4, gt=0, lt=1)


class EvidencePolicy(Declaration):
    """What evidence a notice needs."""

    max_age_h: float = Field(default=72.0, gt=0)
    max_age_stream_h: float = Field(default=1.0, gt=0)


class RightPolicy(Declaration):
    """How fresh the register's word must be."""

    status_warn_days: int = Field(default=30, ge=1)
    status_block_days: int = Field(default=180, ge=1)


class ReviewPolicy(Declaration):
    """Who must look before anything leaves."""

    people: int = Field(default=1, ge=1)
    cooldown_days: int = Field(default=90, ge=0)  # the same item is not noticed twice within it


class RetentionPolicy(Declaration):
    """How long things are kept."""

    non_matches_days: int = Field(default=30, ge=1)
    cases_days: int = Field(default=1095, ge=1)


class Policy(Declaration):
    """The whole policy. `exercise` allows approval without a person, and loads only for loopback platforms."""

    version: int = Field(default=1, ge=1)
    exercise: bool = False
    identity: IdentityPolicy = IdentityPolicy()
    grounds: GroundPolicy = GroundPolicy()
    evidence: EvidencePolicy = EvidencePolicy()
    rights: RightPolicy = RightPolicy()
    review: ReviewPolicy = ReviewPolicy()
    retention: RetentionPolicy = RetentionPolicy()
