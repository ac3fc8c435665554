"""The last gate: a batch is queued for delivery only under a profile that a named person has verified."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from config.declarations import Declarations
from reports.budget.gate import stopped_notices
from reports.errors import BudgetUsed, UnknownBatch, UnverifiedProfile
from store.db.audit import act_of
from store.db.batches import Batches
from store.db.notices import Notices
from store.db.outbox import Outbox
from store.db.session import Database
from store.records import codec
from store.records.ids import Clock, NewId
from store.records.notices import BatchKind
from store.records.outbox import OutboxEntry, OutboxState
from store.records.scope import EVERYTHING, Scope


def queue_delivery(
    database: Database,
    declarations: Declarations,
    batch: str,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
    not_before: datetime | None = None,
) -> bool:
    """
    Put a sealed batch into the outbox, once; says whether it was put there now.

    Before `not_before` it stays where it is, so that many platforms are told together; why it waits is told by the
    clock of its zone, and by UTC. What takes an accusation back leaves at once, whatever is said.

    Raises `UnknownBatch`; `BudgetUsed` where the platform's confidence would be lost by more; `MissingDeclaration`
    where its platform or profile is no longer declared; and `UnverifiedProfile` while nobody has verified the
    profile, or where nobody had when it was sealed, except in an exercise, whose batches say on every page that they
    are one.
    """
    with database.write() as connection:
        found = Batches(connection, scope).get(batch)
        if found is None:
            raise UnknownBatch(batch)
        profile, platform = declarations.profile(found.profile), declarations.platform(found.platform)
        now = clock()
        exercise = declarations.policy.exercise and platform.is_loopback
        notices = Notices(connection, scope)
        # A batch that was sealed as a draft stays one, whoever verifies the profile later: its pages say so.
        sealed_as_draft = any(n is None or n.draft_profile for n in (notices.get(id) for id in found.notices))
        follows = found.kind is BatchKind.FOLLOW_UPS  # what takes an accusation back waits for no verification
        if (sealed_as_draft or profile.is_draft(now.date())) and not (exercise or follows):
            raise UnverifiedProfile(profile.name)
        left = [notice for id in found.notices if (notice := notices.get(id)) is not None]
        for held in () if follows else stopped_notices(connection, declarations, left, now):
            raise BudgetUsed(held.platform, held.code, held.because, held.way)
        until = not_before if not_before is not None and not_before > now and not follows else None
        entry = OutboxEntry(
            id=ids(),
            batch=found.id,
            idempotency_key=codec.digest([found.platform, found.manifest_sha256]),
            state=OutboxState.READY,
            queued_at=now,
            not_before=until.astimezone(UTC) if until is not None else None,
            because=f"waits until {_clock_words(until)}, as {by} said" if until is not None else None,
        )
        detail = {
            "platform": found.platform,
            **({"not_before": until.astimezone(UTC).isoformat()} if until is not None else {}),
        }
        act = act_of(by, "queue_delivery", "batch", found.id, clock=clock, ids=ids, detail=detail)
        return Outbox(connection, scope).queue(entry, act)


def _clock_words(at: datetime) -> str:
    """An aware moment by the clock of its own zone and by UTC."""
    told = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    zone = at.tzinfo.key if isinstance(at.tzinfo, ZoneInfo) and at.tzinfo.key != "UTC" else None
    return told if zone is None else f"{at:%Y-%m-%d %H:%M} {zone} ({told})"
