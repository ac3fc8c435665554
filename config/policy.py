"""How strict to be: the one policy every figure is measured under."""

from __future__ import annotations

from datetime import date
from enum import Enum, unique
from typing import Literal

from pydantic import Field, model_validator

from config.declaration import Declaration
from config.inner_hosts import check_inner_host


class CalibrationPolicy(Declaration):
    """
    The line that makes log-odds of signs a probability, and what it was fitted to; by `marque calibrate`.

    Before it, log-odds are bent: what lies under `low` counts `below` of itself, what lies between `high` and `top`
    counts `above`. As they stand here nothing is bent.
    """

    slope: float = Field(default=1.0, gt=0)
    offset: float = 0.0
    low: float = Field(default=0.0, le=0)
    below: float = Field(default=1.0, gt=0, le=1)
    high: float = Field(default=0.0, ge=0)
    top: float = Field(default=0.0, ge=0)
    above: float = Field(default=1.0, gt=0, le=1)
    made_on: date | None = None  # None: not fitted
    pairs: int = Field(default=0, ge=0)  # labelled pairs and decisions it was fitted to
    data_sha256: str | None = Field(
        default=None, pattern="^[0-9a-f]{64}$"
    )  # of those pairs, as `marque calibrate` prints
    error: float | None = Field(default=None, ge=0, le=1)  # expected calibration error on pairs it was not fitted to


class IdentityPolicy(Declaration):
    """From which probability on a listing counts as identified, and what each sign weighs."""

    review: float = Field(default=0.5, ge=0, le=1)
    notice: float = Field(default=0.9, ge=0, le=1)
    # From which likeness of the whole listing it is compared with a Product that nothing else points to.
    product: float = Field(default=0.75, ge=0.5, le=1)
    families_for_notice: int = Field(default=2, ge=2)  # independent families; design rule 3 sets the floor
    family_strength: float = Field(default=0.5, gt=0, le=1)  # from which strength a sign speaks for its family
    counter_strength: float = Field(default=0.5, gt=0, le=1)  # from which strength a sign against must be answered
    # Log-odds before any sign: most pairs that share a word have nothing to do with each other.
    start: float = Field(default=-3.5, le=0)
    least: float = Field(default=0.001, gt=0, lt=0.5)  # no evidence makes identity impossible,
    most: float = Field(default=0.995, gt=0.5, lt=1)  # and none makes it certain
    calibration: CalibrationPolicy = CalibrationPolicy()
    weights: dict[str, float] = {}  # log-odds a sign of full strength adds, or takes when it speaks against


@unique
class LogoSearch(Enum):
    """In which photos registered logos are looked for; each photo takes a third of a second and more."""

    NONE = "none"
    """In none."""
    NAMED = "named"
    """In those of looks that say a registered name, and are not the holder's photos themselves."""
    ALL = "all"
    """In every photo that is not the holder's: finds offers that name nobody."""


class PhotoPolicy(Declaration):
    """How near fingerprints must be, in bits of 256, and how many candidates are looked at closely."""

    accept_bits: int = Field(default=31, ge=0, le=64)  # the radius PDQ is used with; none of 6.9 M pairs was wrong
    candidate_bits: int = Field(default=72, ge=0, le=100)  # edited copies need 64 to 80 (measured)
    candidates: int = Field(default=20, ge=0)  # references laid over one photo, nearest first
    # Where no fingerprint is near: how many references that share corners are laid over it (0: none), and from which
    # strength of the votes.
    voted: int = Field(default=6, ge=0)
    vote_strength: float = Field(default=0.2, ge=0)
    logos: LogoSearch = LogoSearch.NAMED
    # Sureness in log-odds from which a logo counts as seen, as learned by the benchmark `logos`: where the page names
    # its mark and only such logos are looked for, and where all are.
    logo_named_least: float = 0.7
    logo_least: float = 1.5
    # In how many photos of a listing words are read, the first ones; 0: in none. Needs the extra `ocr`, and takes
    # about a second a photo, once.
    words_in: int = Field(default=0, ge=0, le=20)
    wait_minutes: float = Field(default=30.0, ge=0)  # a look waits so long for photos while its crawl still runs


class GroundPolicy(Declaration):
    """When a ground stands."""

    # Share of the Product's own price in that country under which a new article is "far below".
    far_below_share: float = Field(default=0.4, gt=0, lt=1)
    # So many other accounts make a middle price that an asking price is told beside.
    peers_least: int = Field(default=5, ge=2)
    # From which strength the seller's own words count as a declaration.
    declared_strength: float = Field(default=0.8, gt=0, le=1)
    # A photo is common where an authorised account and so many others show it, or so many others alone.
    common_beside_genuine: int = Field(default=2, ge=1)
    common_unrelated: int = Field(default=5, ge=2)
    # What a common photo leaves of a ground of a counterfeit: where the page says the product itself, and where
    # nothing but the photo does.
    common_share: float = Field(default=0.75, gt=0, le=1)
    only_common_share: float = Field(default=0.4, gt=0, le=1)
    carries: float = Field(default=0.6, gt=0, le=1)  # from which strength a ground carries a notice


class GatePolicy(Declaration):
    """What a reference must be before it may identify anyone."""

    places: int = Field(default=8, ge=0)  # of 64, in which a photo or still has corners; a plain sign has four
    places_of_logo: int = Field(default=3, ge=0)
    widely: float = Field(default=0.3, ge=0, le=1)  # share that shows anything, from which few corners are enough
    entropy_bits: float = Field(default=0.3, ge=0, le=8)  # of the tones
    patterned: float = Field(default=0.04, ge=0, le=1)  # share of the picture that shows anything
    # From so many sellers on, and so large a share of all uses, whose listings do not name the holder's goods, a
    # picture belongs to nobody in particular.
    strange_sellers: int = Field(default=2, ge=1)
    strange_share: float = Field(default=0.34, ge=0, le=1)
    letters: int = Field(default=3, ge=1)  # of a name
    hit_share: float = Field(default=0.05, gt=0, le=1)  # of the stored listings that a name may hit,
    stored: int = Field(default=100, ge=1)  # once so many are stored


class EvidencePolicy(Declaration):
    """What evidence a notice needs."""

    max_age_h: float = Field(default=72.0, gt=0)
    max_age_stream_h: float = Field(default=1.0, gt=0)
    # So shortly before a notice leaves its offers were seen, live and as captured. Source of the default: the targets
    # for cloaking among the project's measurements, a re-check less than 24 h before sending.
    recheck_h: float = Field(default=24.0, gt=0)


class RightPolicy(Declaration):
    """How fresh the register's word must be."""

    status_warn_days: int = Field(default=30, ge=1)
    status_block_days: int = Field(default=180, ge=1)


class ReviewPolicy(Declaration):
    """Who must look before anything leaves."""

    # How many people stand behind a notice. With 2 whoever approves neither drafted it nor alone confirmed it all,
    # and whoever signs did not approve it; with 3 the signatory did not prepare it either; 1 for an office of one.
    people: int = Field(default=2, ge=1, le=3)
    own_after_h: float = Field(default=24.0, ge=24)  # an office of one approves its own work after a night,
    own_a_day: int = Field(default=10, ge=0, le=10)  # and so many notices a day at most
    cooldown_days: int = Field(default=90, ge=0)  # the same item is not noticed twice within it


class SenderPolicy(Declaration):
    """Who sends the notices of this workspace. Without an agent, the holders themselves send."""

    kind: Literal["company", "authority"] = "company"  # an authority may draft orders, and never reviews its own work
    agent: str | None = None  # legal name, as the mandates name it
    email: str | None = None
    address: str | None = None
    phone: str | None = None


class KeepingPolicy(Declaration):
    """How long one class of what was captured is kept, and why so long."""

    days: int = Field(ge=1)
    because: str = Field(min_length=1)


class RetentionPolicy(Declaration):
    """How long captured bytes and the names of people are kept; fingerprints and folded titles stay."""

    non_matches: KeepingPolicy = KeepingPolicy(days=30, because="not stated")
    rejected: KeepingPolicy = KeepingPolicy(days=180, because="not stated")
    cases: KeepingPolicy = KeepingPolicy(days=1095, because="not stated")
    sites: KeepingPolicy = KeepingPolicy(days=365, because="not stated")


class NetworkPolicy(Declaration):
    """What may be reached besides the public internet."""

    # Hosts of one's own network that a recipient, a mailbox, a webhook, an issuer or a time authority may stand on.
    # The crawler never reaches one, whatever stands here.
    inner_hosts: tuple[str, ...] = Field(default=(), max_length=100)

    @model_validator(mode="after")
    def _are_hosts(self) -> NetworkPolicy:
        for host in self.inner_hosts:
            check_inner_host(host)
        return self


class DigestPolicy(Declaration):
    """Whether the daily digests of holders leave by mail."""

    send: bool = False  # they lie in out/digests either way; the relay is MARQUE_SMTP


class Policy(Declaration):
    """The whole policy. `exercise` allows approval without a person, and loads only for loopback platforms."""

    version: int = Field(default=1, ge=1)
    exercise: bool = False
    identity: IdentityPolicy = IdentityPolicy()
    photos: PhotoPolicy = PhotoPolicy()
    grounds: GroundPolicy = GroundPolicy()
    gate: GatePolicy = GatePolicy()
    evidence: EvidencePolicy = EvidencePolicy()
    rights: RightPolicy = RightPolicy()
    review: ReviewPolicy = ReviewPolicy()
    sender: SenderPolicy = SenderPolicy()
    retention: RetentionPolicy = RetentionPolicy()
    network: NetworkPolicy = NetworkPolicy()
    digest: DigestPolicy = DigestPolicy()

    @model_validator(mode="after")
    def _authorities_are_several(self) -> Policy:
        if self.sender.kind == "authority" and self.review.people < 2:
            raise ValueError("review.people is 1, and an authority never reviews its own work: write 2 or 3")
        return self
