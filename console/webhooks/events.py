"""
What webhooks are told, read from the sealed audit trail: every act has one number there, without a gap.

Whoever goes on from the number it has read to misses nothing and tells nothing twice, whatever was killed between.
Messages carry ids and words of closed lists. What a webhook is narrowed away from is not told to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from reports.relisting import relistings
from store.db import tables
from store.db.by_ref import in_lots
from store.db.notices import Notices
from store.db.review import ReviewItems
from store.db.rows import record_of
from store.records import codec
from store.records.ledger import AuditEntry
from store.records.scope import Scope
from store.records.webhooks import Webhook, WebhookEvent

BECAME = {
    "draft_notice": "drafted",
    "approve_notice": "approved",
    "sign_notice": "signed",
    "send_back_notice": "sent_back",
    "batch_notices": "batched",
    "send_notice": "sent",
    "recall_notice": "recalled",
}
"""What each act makes of a notice."""

TOLD_TO_PLATFORMS = frozenset({"batched", "sent", "recalled"})
"""What a platform hears of a notice: nothing before it is meant for it."""

_DECIDED = ("decide_finding", "undo_decision")
_GROWN = ("open_case", "change_case")  # where findings join cases, a new offer has been identified


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message before it has an id."""

    event: WebhookEvent
    source: str
    body: str


def acts_after(connection: Connection, number: int, most: int) -> tuple[list[AuditEntry], int]:
    """The next sealed acts, and the number of the last one."""
    table = tables.audit_entry
    statement = select(table).where(table.c.sequence > number).order_by(table.c.sequence).limit(most)
    rows = connection.execute(statement).all()
    return [record_of(AuditEntry, row) for row in rows], int(rows[-1].sequence) if rows else number


def read_events(connection: Connection, webhook: Webhook, acts: Sequence[AuditEntry], *, now: datetime) -> list[Told]:
    """What these acts are to a webhook, in their order."""
    scope = Scope(holder=webhook.holder, compartment=webhook.compartment)
    found: list[Told] = []
    for event in webhook.events:
        match event:
            case WebhookEvent.BATCH_ANSWERED:
                found += _answers(connection, webhook, scope, acts)
            case WebhookEvent.FINDING_DECIDED:
                found += _decisions(connection, webhook, scope, acts)
            case WebhookEvent.NOTICE_STATE:
                found += _states(connection, webhook, scope, acts)
            case WebhookEvent.LISTING_RETURNED:
                found += _returns(connection, webhook, scope, acts, now)
    return found


def _told(event: WebhookEvent, source: str, at: datetime, data: object) -> Told:
    body = {"type": event.value, "timestamp": at.isoformat(timespec="milliseconds"), "data": data}
    return Told(event=event, source=f"{event.value} {source}", body=codec.canonical(body).decode())


def _notices_in_sight(
    connection: Connection, webhook: Webhook, scope: Scope, ids: Iterable[str]
) -> dict[str, tuple[int, str]]:
    """Number and platform of those of these notices that the webhook may hear of."""
    notices = Notices(connection, scope)
    table = notices.table.c
    platform = [table.platform == webhook.platform] if webhook.platform else []
    found: dict[str, tuple[int, str]] = {}
    for lot in in_lots(dict.fromkeys(ids)):
        query = select(table.id, table.number, table.platform).where(
            *notices.narrowed(), *platform, table.id.in_(lot)
        )
        found |= {row.id: (int(row.number), str(row.platform)) for row in connection.execute(query)}
    return found


def _batches_of(connection: Connection, seen: dict[str, tuple[int, str]]) -> dict[str, int]:
    """The number of the batch each notice left in; a notice in none is absent."""
    table = tables.batch.c
    found: dict[str, int] = {}
    query = select(table.number, table.notices).where(table.platform.in_({platform for _, platform in seen.values()}))
    for number, notices in connection.execute(query.where(table.kind == "notices").order_by(table.number)):
        found |= {notice: int(number) for notice in notices if notice in seen}
    return found


def _answers(connection: Connection, webhook: Webhook, scope: Scope, acts: Sequence[AuditEntry]) -> list[Told]:
    """One message a notice, with every item that was answered."""
    said: dict[str, list[AuditEntry]] = {}
    for act in acts:
        if act.action == "enter_outcome" and act.detail.get("kind") != "ack":
            said.setdefault(act.subject, []).append(act)
    seen = _notices_in_sight(connection, webhook, scope, said)
    batches = _batches_of(connection, seen) if seen else {}
    return [
        _told(
            WebhookEvent.BATCH_ANSWERED,
            mine[0].id,
            mine[-1].at,
            {
                "batch": batches.get(notice),
                "notice": seen[notice][0],
                "platform": seen[notice][1],
                "items": [{"item": act.detail.get("item"), "status": act.detail.get("status")} for act in mine],
            },
        )
        for notice, mine in said.items()
        if notice in seen
    ]


def _decisions(connection: Connection, webhook: Webhook, scope: Scope, acts: Sequence[AuditEntry]) -> list[Told]:
    made = [act for act in acts if act.action in _DECIDED]
    items = ReviewItems(connection, scope)
    table = items.table.c
    platform = [table.platform == webhook.platform] if webhook.platform else []
    seen: set[str] = set()
    for lot in in_lots(dict.fromkeys(act.subject for act in made)):
        query = select(table.finding).where(*items.narrowed(), *platform, table.finding.in_(lot))
        seen |= set(connection.execute(query).scalars())
    return [
        _told(
            WebhookEvent.FINDING_DECIDED,
            act.id,
            act.at,
            {
                "finding": act.subject,
                "decision": act.detail.get("decision"),
                "verdict": act.detail.get("verdict"),
                "undone": act.action == "undo_decision",
            },
        )
        for act in made
        if act.subject in seen
    ]


def _states(connection: Connection, webhook: Webhook, scope: Scope, acts: Sequence[AuditEntry]) -> list[Told]:
    moved = [act for act in acts if act.action in BECAME]
    if webhook.platform:
        moved = [act for act in moved if BECAME[act.action] in TOLD_TO_PLATFORMS]
    batches = [act.subject for act in moved if act.action == "batch_notices"]
    inside: dict[str, list[str]] = {}
    for lot in in_lots(batches):
        query = select(tables.batch.c.id, tables.batch.c.notices).where(tables.batch.c.id.in_(lot))
        inside |= {row.id: list(row.notices) for row in connection.execute(query)}
    pairs = [(act, notice) for act in moved for notice in inside.get(act.subject, [act.subject])]
    seen = _notices_in_sight(connection, webhook, scope, (notice for _, notice in pairs))
    return [
        _told(
            WebhookEvent.NOTICE_STATE,
            f"{act.id} {notice}",
            act.at,
            {"notice": seen[notice][0], "platform": seen[notice][1], "became": BECAME[act.action]},
        )
        for act, notice in pairs
        if notice in seen
    ]


def _returns(
    connection: Connection, webhook: Webhook, scope: Scope, acts: Sequence[AuditEntry], now: datetime
) -> list[Told]:
    """Offers that came back, looked for among the findings of cases that grew; each is told once."""
    cases = dict.fromkeys(act.subject for act in acts if act.action in _GROWN)
    findings: list[str] = []
    for lot in in_lots(cases):
        query = select(tables.case.c.findings).where(tables.case.c.id.in_(lot))
        findings += [finding for row in connection.execute(query) for finding in row.findings]
    if not findings:
        return []
    items = ReviewItems(connection, scope)
    table = items.table.c
    platform = [table.platform == webhook.platform] if webhook.platform else []
    seen = [
        item for lot in in_lots(dict.fromkeys(findings)) for item in items.find(*platform, table.finding.in_(lot))
    ]
    linked = relistings(connection, {item.listing for item in seen}, now=now) if seen else {}
    return [
        _told(
            WebhookEvent.LISTING_RETURNED,
            f"{item.listing} {item.right} {link.item}",
            item.found_at,
            {
                "finding": item.finding,
                "listing": item.listing,
                "platform": item.platform,
                "notice": link.number,
                "item": link.item,
                "same": [each.value for each in link.same],
            },
        )
        for item in seen
        if (link := linked.get((item.listing, item.right))) is not None
    ]
