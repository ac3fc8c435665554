"""A listing looked at again: what each look saw, whether control pages were well, and what that proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from store.records.listings import ListingState
from store.records.money import Money


class RecheckPurpose(Enum):
    """Why a listing is looked at again."""

    CASE = "case"  # a case is to rest on it
    SENDING = "sending"  # a notice about it is to leave
    REMOVAL = "removal"  # whether what was asked for was done, and has stayed so


class Presence(Enum):
    """What all looks of one recheck say together."""

    PRESENT = "present"  # every look saw the offer as it was captured
    CHANGED = "changed"  # every look saw it, and it is not what was captured
    ABSENT = "absent"  # every look saw the platform's own sign that it is gone, and control pages were well
    UNKNOWN = "unknown"  # nothing is known: it says neither that the offer stands nor that it is gone


class SightRole(Enum):
    """What a look is for."""

    FIRST = "first"
    SECOND = "second"  # in another way, so that a page shown to some alone is noticed
    CONTROL = "control"  # another page of the platform, which has to be well


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one look saw of one page."""

    role: SightRole
    url: str
    way: str  # plain | browser
    locale: str  # the language that was asked for, e.g. "sv"
    seen_at: datetime | None = None  # None: no answer came
    capture: str | None = None  # Capture id; None: no answer came
    hops: tuple[str, ...] = ()  # Capture ids of the redirects that led there
    state: ListingState
    because: str  # why it is in that state
    sign: str | None = None  # the platform's own word for "gone", as its file declares it; None: none was seen
    item: str | None = None  # the platform's id of what the page shows; None where it shows nothing
    title: str | None = None
    price: Money | None = None
    seller_id: str | None = None
    images: tuple[str, ...] = ()

    @property
    def shows(self) -> bool:
        """Whether the page shows its offer, in whatever state of stock."""
        return self.state in SHOWN


SHOWN = frozenset({ListingState.LIVE, ListingState.PAUSED, ListingState.SOLD})
"""States in which a page shows its offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """One listing looked at again, and what that showed; never changed."""

    id: str
    listing: str
    run: str  # of the looks and the control pages alike
    purpose: RecheckPurpose
    judged_at: datetime
    presence: Presence
    reasons: tuple[str, ...]  # sentences: what the presence rests on, or what kept it unknown
    divergent: bool  # the looks do not agree: what is shown depends on who asks
    differences: tuple[str, ...] = ()  # between the looks, and from what was captured
    sights: tuple[Sight, ...]
    baseline: str | None = None  # Observation id it was held against; None: none was there
    by: str

    @property
    def stands(self) -> bool:
        """Whether the offer was seen as it was captured."""
        return self.presence is Presence.PRESENT

    @property
    def captures(self) -> tuple[str, ...]:
        """Every capture that the judgement rests on, control pages included."""
        return tuple(id for sight in self.sights for id in (*sight.hops, sight.capture) if id is not None)

    @property
    def seen_at(self) -> datetime | None:
        """When the offer itself was looked at first; None where no look had an answer."""
        times = [each.seen_at for each in self.sights if each.role is not SightRole.CONTROL and each.seen_at]
        return min(times, default=None)

    @property
    def looked_at(self) -> datetime:
        """When the offer was looked at: at the first look that had an answer, else when that was judged."""
        return self.seen_at or self.judged_at
