"""
Whether each offer of a notice was seen, live and as captured, shortly before the notice leaves.

A hold has a code, because people ask for the way out by it: EVID-5, the last look showed something else; EVID-6,
nobody looked in time. `marque evidence recheck --batch N` looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from config.declarations import Declarations
from config.policy import EvidencePolicy
from store.db.listings import Listings
from store.db.rechecks import Rechecks
from store.records.listings import PageKind
from store.records.notices import Batch, BatchKind, Notice, NoticeItem
from store.records.rechecks import Presence, Recheck
from store.records.scope import EVERYTHING

OTHERWISE = "EVID-5"
UNSEEN = "EVID-6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a notice may not leave now, and the offers that are to be looked at."""

    code: str
    because: str
    listings: tuple[str, ...]


def seen_otherwise(recheck: Recheck | None, observed_at: datetime) -> str | None:
    """What the last look at an offer says against an item that rests on a sight of `observed_at`; None if nothing."""
    if recheck is None or not _is_later(recheck, observed_at):
        return None
    when = f"looked at again on {recheck.looked_at:%Y-%m-%d %H:%M} UTC"
    why = "; ".join(recheck.differences or recheck.reasons[-1:])
    if recheck.divergent:
        return f"{when}, what is shown depends on who asks: {why}"
    match recheck.presence:
        case Presence.PRESENT:
            return None
        case Presence.CHANGED:
            return f"{when}, it is not what was captured: {why}"
        case Presence.ABSENT:
            return f"{when}, it was gone: {recheck.reasons[0]}"
        case Presence.UNKNOWN:
            return f"{when}, nobody can tell whether it stands: {recheck.reasons[-1]}"


def last_seen(recheck: Recheck | None, observed_at: datetime) -> datetime:
    """When an offer was last seen as it was captured."""
    stands = recheck is not None and recheck.presence is Presence.PRESENT and _is_later(recheck, observed_at)
    return recheck.looked_at if recheck is not None and stands else observed_at


def _is_later(recheck: Recheck, observed_at: datetime) -> bool:
    # A sight that was compared since is the item's own, and no second word on it.
    return recheck.looked_at > observed_at


def hold_of(connection: Connection, notices: Iterable[Notice], policy: EvidencePolicy, now: datetime) -> Hold | None:
    """Why these notices may not leave now; None when each of their offers was seen in time and as captured."""
    notices = tuple(notices)
    items = [item for notice in notices for item in notice.items if not item.refusals]
    latest = Rechecks(connection, EVERYTHING).latest(item.listing for item in items)
    numbers = {notice.id: notice.number for notice in notices}
    contradicted = [(item, seen_otherwise(latest.get(item.listing), item.observed_at)) for item in items]
    against = [(item, why) for item, why in contradicted if why is not None]
    if against:
        told = "; ".join(f"notice {numbers[item.notice]}, {item.url[:200]}: {why}" for item, why in against[:3])
        listings = tuple(item.listing for item, _ in against)
        return Hold(code=OTHERWISE, because=_sentence(OTHERWISE, told, len(against)), listings=listings)
    unseen = [item for item in items if _overdue(connection, item, latest.get(item.listing), policy, now)]
    if not unseen:
        return None
    oldest = min(last_seen(latest.get(item.listing), item.observed_at) for item in unseen)
    hours = (now - oldest).total_seconds() / 3600
    told = f"notice {numbers[unseen[0].notice]}, {unseen[0].url[:200]} was last seen {hours:.0f} hours ago"
    return Hold(
        code=UNSEEN, because=_sentence(UNSEEN, told, len(unseen)), listings=tuple(item.listing for item in unseen)
    )


def before_handing_over(
    connection: Connection, batch: Batch, notices: Iterable[Notice], declarations: Declarations, now: datetime
) -> str | None:
    """
    What a person is told before handing over a batch that no delivery carries; None where its offers are fresh.

    A warning and no refusal: the folder was sealed when its offers were judged, it lies there, and nobody sees when
    it leaves by hand. What Marque carries itself is refused instead.
    """
    if batch.kind is BatchKind.FOLLOW_UPS:
        return None
    hold = hold_of(connection, notices, declarations.policy.evidence, now)
    if hold is None:
        return None
    platform = declarations.platforms.get(batch.platform)
    if hold.code == UNSEEN and platform is not None and platform.api is not None:
        told = hold.because.partition("; ")[0]  # without the way out that this platform does not have
        return f"{told}; its platform is asked by an interface and shows no page: crawl it, prepare its notices anew"
    return hold.because


def _overdue(
    connection: Connection, item: NoticeItem, recheck: Recheck | None, policy: EvidencePolicy, now: datetime
) -> bool:
    listing = Listings(connection, EVERYTHING).get(item.listing)
    is_stream = listing is not None and listing.kind is PageKind.STREAM
    allowed_h = min(policy.recheck_h, policy.max_age_stream_h) if is_stream else policy.recheck_h
    return now - last_seen(recheck, item.observed_at) > timedelta(hours=allowed_h)


def _sentence(code: str, told: str, items: int) -> str:
    way = (
        "recall the notice, or look again"
        if code == OTHERWISE
        else "run `marque evidence recheck --batch N --by NAME`; it leaves once they were seen"
    )
    more = f" and {items - 1} more" if items > 1 else ""
    return f"{code}: {told}{more}; {way}"
