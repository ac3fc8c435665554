"""What verbs and pages show and do of objections, of items taken back, and of the words that follow notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from config.declarations import Declarations
from console.clocks import refresh
from console.delivering import Queued, queue_batches
from console.errors import NotFound
from console.workspace import Workspace
from reports.follow_ups import seal_follow_ups
from reports.objections import missing_elements
from store.db import tables
from store.db.follow_ups import FollowUps
from store.db.notices import Notices
from store.db.outcomes import CounterNotices
from store.evidence.seal import load_key
from store.records.follow_ups import FollowUp
from store.records.ids import Clock, new_id, utc_now
from store.records.notices import Batch, Notice
from store.records.outcomes import CounterNotice
from store.records.scope import EVERYTHING, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionLine:
    """One objection as it is listed."""

    counter: CounterNotice
    notice: Notice
    missing: tuple[str, ...]  # elements that the regime asks for and it lacks
    answers: tuple[str, ...]  # what may be said to it under its profile

    @property
    def cells(self) -> dict[str, Any]:  # Any: JSON values
        """Plain values; nothing of the accused is among them."""
        counter = self.counter
        return {
            "id": counter.id,
            "notice": self.notice.number,
            "platform": self.notice.platform,
            "item": counter.item,
            "reason": counter.reason.value,
            "elements": list(counter.elements),
            "missing": list(self.missing),
            "objected_at": _iso(counter.objected_at),
            "received_at": _iso(counter.received_at),
            "due": _iso(counter.response_due),
            "response": counter.our_response.value if counter.our_response else None,
            "responded_by": counter.responded_by,
            "responded_at": _iso(counter.responded_at),
            "because": counter.because,
            "answers": list(self.answers),
        }


HEADS = (
    "id", "notice", "platform", "item", "reason", "elements", "missing", "objected_at", "received_at", "due",
    "response", "responded_by", "responded_at", "because", "answers",
)  # fmt: skip


def objections(
    connection: Connection, declarations: Declarations, *, scope: Scope = EVERYTHING, only: str | None = None
) -> list[ObjectionLine]:
    """Objections in sight, those without an answer first, the most pressing in front; `only` names one by its id."""
    table, notice, case = tables.counter_notice, tables.notice, tables.case
    statement = select(table.c.id).join(notice, notice.c.id == table.c.notice)
    if scope.holder is not None:
        statement = statement.where(notice.c.holder == scope.holder)
    if scope.compartment is not None:
        inside = select(case.c.id).where(case.c.compartment == scope.compartment)
        statement = statement.where(notice.c.case.in_(inside))
    if only is not None:
        statement = statement.where(table.c.id == only)
    order = (table.c.our_response.is_not(None), table.c.response_due.nulls_last(), table.c.id.desc())
    counters, notices = CounterNotices(connection, EVERYTHING), Notices(connection, EVERYTHING)
    found = []
    for id in connection.execute(statement.order_by(*order)).scalars():
        counter = counters.get(id)
        about = notices.get(counter.notice) if counter is not None else None
        if counter is None or about is None:
            continue
        profile = declarations.profiles.get(about.profile)
        found.append(
            ObjectionLine(
                counter=counter,
                notice=about,
                missing=missing_elements(counter, profile),
                answers=profile.objections.answers if profile is not None else ("accept",),
            )
        )
    return found


def objection_id(workspace: Workspace, beginning: str) -> str:
    """The id of the one objection that an id's beginning or end names. Raises `NotFound`."""
    with workspace.database.read() as connection:
        found = [
            line.counter.id
            for line in objections(connection, workspace.declarations)
            if line.counter.id.startswith(beginning) or line.counter.id.endswith(beginning)
        ]
    if len(found) != 1:
        raise NotFound("objection", beginning, "`marque objections list --json` shows their ids")
    return found[0]


def follow_up_list(connection: Connection, *, scope: Scope = EVERYTHING) -> list[dict[str, Any]]:
    """Every word that followed a notice, the newest first: the register of what was wrong, among others."""
    words = sorted(FollowUps(connection, scope).find(), key=lambda word: word.id, reverse=True)
    notices = {id: Notices(connection, EVERYTHING).get(id) for id in {word.notice for word in words}}
    return [_told(word, notices[word.notice]) for word in words]


def _told(word: FollowUp, notice: Notice | None) -> dict[str, Any]:
    assert notice is not None, "a word points to its notice"
    item = next(each for each in notice.items if each.id == word.item)
    return {
        "notice": notice.number,
        "platform": word.platform,
        "item": item.platform_item_id,
        "url": item.url,
        "kind": word.kind.value,
        "fault": word.fault.value if word.fault else None,
        "because": word.because,
        "by": word.by,
        "at": word.at.isoformat(),
        "sealed": word.batch is not None,
        "told_at": _iso(word.told_at),
        "receipt": word.receipt,
    }


def leave_follow_ups(workspace: Workspace, *, by: str, clock: Clock = utc_now) -> tuple[list[Batch], list[Queued]]:
    """Seal the words that wait, and queue them where a way is declared: what takes back waits for nobody."""
    settings = workspace.settings
    with workspace.database.read() as connection:
        waits = bool(FollowUps(connection, EVERYTHING).unsealed())
    made = []
    if waits:
        key = load_key(settings.keys, at=clock())
        made = seal_follow_ups(workspace.database, out=settings.out, key=key, by=by, clock=clock, ids=new_id)
    queued = [each for each in queue_batches(workspace, by=by, clock=clock) if each.batch in {b.number for b in made}]
    refresh(workspace, clock=clock)
    return made, queued


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
