"""What authorities and holders send beside notices: orders, requests to preserve, referrals; and holds on notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class InstrumentState(Enum):
    """Where an instrument stands. Marque drafts; a person signs and sends it outside, and says so."""

    DRAFT = "draft"
    APPROVED = "approved"  # read whole by somebody who did not draft it
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One element of an instrument: what is said, on what it rests, and who demands it."""

    code: str
    label: str
    lines: tuple[str, ...]  # empty: nobody has said it yet
    sources: tuple[str, ...] = ()  # captures, records, or the person whose words they are
    required: bool = True
    citation: str | None = None  # None: nothing prescribes it
    basis: str  # official, third_party, memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One instrument for one case, and for one site where it asks for something about a site."""

    id: str
    number: int
    form: str
    form_version: int
    case: str
    domain: str | None = None
    sections: tuple[Section, ...]
    text: str  # as it was drafted, whole
    text_sha256: str
    state: InstrumentState
    preserves: bool  # asks that data be kept
    drafted_by: str
    drafted_at: datetime
    approved_by: str | None = None  # who read it whole and stands behind it; never who drafted it
    approved_at: datetime | None = None
    issued_by: str | None = None  # who signed and sent it
    issued_at: datetime | None = None
    reference: str | None = None  # the file number it went out under
    keeps_until: datetime | None = None  # what was asked to be kept is kept until then; None: nobody says how long
    renewals: int = 0  # how often the request was renewed
    followed_by: str | None = None  # file number of the order or request that followed, which ends the clock
    compartment: str | None = None

    @property
    def missing(self) -> tuple[Section, ...]:
        """The required sections that nobody has filled."""
        return tuple(section for section in self.sections if section.required and not section.lines)

    @property
    def runs(self) -> bool:
        """Whether its clock runs: data are kept for a time, and nothing has followed yet."""
        return self.state is InstrumentState.ISSUED and self.keeps_until is not None and self.followed_by is None


class HoldKind(Enum):
    """What a hold asks of everybody else."""

    SILENCE = "silence"  # nothing is sent about it
    PRESERVE_FIRST = "preserve_first"  # nothing is sent before the data were asked to be preserved


@dataclass(frozen=True, slots=True, kw_only=True)
class TakedownHold:
    """
    A unit's word that nothing be sent about something for now.

    At least one of the conditions is set, and all that are set must fit. `because` is read by nobody whom the
    hold stops: they learn that there is one, not why or whose.
    """

    id: str
    kind: HoldKind
    unit: str
    because: str
    placed_by: str
    placed_at: datetime
    until: datetime | None = None  # None: until it is lifted
    platform: str | None = None
    platform_item_id: str | None = None
    platform_seller_id: str | None = None
    domain: str | None = None  # the host of the address, or a domain above it
    right: str | None = None  # Right id
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    holder: str | None = None  # what whoever placed it was narrowed to: the same readers alone see it
    compartment: str | None = None

    def stands(self, now: datetime) -> bool:
        """Whether it binds at that moment."""
        return self.lifted_at is None and (self.until is None or now < self.until)
