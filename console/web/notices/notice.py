"""One notice as a person reads it: whom it asks, of what, on which evidence, what speaks against, what stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from config.declarations import Declarations
from config.policy import ReviewPolicy
from config.profile import Basis, Profile, Source
from console.web.notices.listing import state_of
from console.web.notices.ways import Way, way_out
from reports.errors import OwnWork, SamePerson
from reports.facts import ItemFacts
from reports.judging import Judged
from reports.legal import basis_of
from reports.notice import Fact, describe_right, read_facts
from reports.people import check_approver
from reports.rules.table import RULES
from reports.rules.warnings import Caution, warn_of
from reports.signing import outline_of, sight_of, signed_digest, stance_of
from store.db import tables
from store.db.audit import AuditTrail
from store.db.batches import Batches
from store.db.by_ref import in_lots
from store.db.cases import Cases
from store.db.listings import ListingImages
from store.db.notices import Notices
from store.db.outbox import Outbox
from store.db.parties import Parties
from store.db.references import References
from store.db.rights import Rights
from store.records.cases import Case
from store.records.comparisons import SignFamily
from store.records.ids import short_id
from store.records.ledger import AuditEntry
from store.records.notices import Batch, BatchKind, Notice, NoticeItem, Refusal
from store.records.outbox import OutboxEntry
from store.records.parties import Party
from store.records.references import Reference
from store.records.rights import Right
from store.records.scope import Scope

ITEMS_A_PAGE = 25  # each is judged anew, and its captures read from the vault


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """What carries a sentence: a capture, a person's word, a record of the registry."""

    kind: str  # capture, decision, determination, right, work, product
    name: str
    address: str  # empty where there is no page of it


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceView:
    """One sentence with its pointers."""

    text: str
    sources: tuple[SourceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalView:
    """One refusal, its way out, and where that is done."""

    code: str
    because: str
    way: Way
    address: str
    items: tuple[int, ...] = ()  # places in the notice, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item as drafted, with both pictures and what the rules say of it."""

    place: int
    item: NoticeItem
    reasons: tuple[SentenceView, ...]
    against: tuple[SentenceView, ...]
    listing_picture: str | None  # SHA-256; None: none was kept
    reference: Reference | None
    was_compared: bool  # the reference shown is one it was compared with
    price: str
    refusals: tuple[RefusalView, ...]
    is_judged: bool  # the rules were run now; else what they said last stands
    warnings: tuple[Caution, ...] = ()  # stop nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One blocking rule over the items judged now."""

    code: str
    condition: str
    refused: tuple[int, ...]  # places of items it stops


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice whole."""

    notice: Notice
    state: str
    case: Case
    right: Right
    right_line: str
    holder: Party | None
    contact: str
    profile: Profile | None  # None: it is no longer declared
    is_draft_profile: bool
    required: tuple[tuple[str, tuple[Source, ...]], ...]  # each demand with its sources
    basis: Basis | None
    items: tuple[ItemView, ...]
    first: int  # place of the first item shown
    total: int
    more: int | None  # place at which the next items begin
    passing: int
    refusals: tuple[RefusalView, ...]
    rules: tuple[RuleLine, ...]
    judged: int
    out_of_sight: int
    seen: str  # `sight_of` it
    stance: str  # `stance_of` it
    signed_sha256: str
    history: tuple[AuditEntry, ...]  # the newest first
    sent_back: AuditEntry | None  # why it waits to be mended
    batch: Batch | None
    outbox: tuple[OutboxEntry, ...]
    answers: tuple[Mapping[str, Any], ...]  # Any: columns
    counter_notices: tuple[Mapping[str, Any], ...]
    deadlines: tuple[Mapping[str, Any], ...]


def find_notice(connection: Connection, scope: Scope, number: int) -> tuple[Notice, Case] | None:
    """The notice people call by that number with its case; None where either is out of sight."""
    notice = Notices(connection, scope).numbered(number)
    if notice is None:
        return None
    case = Cases(connection, scope).get(notice.case)
    return (notice, case) if case is not None else None


def items_from(notice: Notice, first: int) -> Sequence[NoticeItem]:
    """The items of one page, from a place on."""
    return notice.items[first - 1 : first - 1 + ITEMS_A_PAGE]


def view_notice(
    connection: Connection, scope: Scope, judged: Judged, stored: Notice, case: Case, declared: Declarations, *,
    first: int, contact: str, today: date, waits: bool,
) -> NoticeView:  # fmt: skip
    """Everything of one notice, its items from place `first` on; `judged` holds what the rules say of those now."""
    right = Rights(connection, scope).get(stored.right)
    if right is None:
        raise LookupError(f"right {stored.right} of notice {stored.number} is not in the ledger")
    shown = items_from(judged.notice, first)
    profile = declared.profiles.get(stored.profile)
    acts = sorted(AuditTrail(connection, scope).of_subject(stored.id), key=lambda act: (act.at, act.id), reverse=True)
    batch = batch_of(connection, scope, stored)
    pictures = {item.id: _picture(connection, scope, item, judged.facts.get(item.id)) for item in shown}
    references = References(connection, scope).by_ids({r for item in shown for r in item.references})
    views = tuple(
        _item_view(place, item, stored, case, judged.facts.get(item.id), pictures[item.id], references)
        for place, item in enumerate(shown, first)
    )
    following = first + len(shown)
    return NoticeView(
        notice=stored,
        state=state_of(stored.state, stored.signatory),
        case=case,
        right=right,
        right_line=describe_right(right),
        holder=Parties(connection, scope).get(stored.holder),
        contact=contact,
        profile=profile,
        is_draft_profile=profile is None or profile.is_draft(today),
        required=tuple((e.value, profile.sources_of(e.value)) for e in profile.required) if profile else (),
        basis=basis_of(stored.legal_basis),
        items=views,
        first=first,
        total=len(stored.items),
        more=following if following <= len(stored.items) else None,
        passing=sum(not item.refusals for item in judged.notice.items),
        refusals=_grouped(judged.notice, stored, case),
        rules=_rules(views),
        judged=sum(view.is_judged for view in views) if waits else 0,
        out_of_sight=len(judged.out_of_sight),
        seen=sight_of(stored),
        stance=stance_of(stored, outline_of(stored)),
        signed_sha256=signed_digest(stored),
        history=tuple(acts),
        sent_back=next((act for act in acts if act.action == "send_back_notice"), None),
        batch=batch,
        outbox=tuple(Outbox(connection, scope).of_batch(batch.id)) if batch else (),
        answers=_rows(connection, tables.outcome, stored.id, "received_at"),
        counter_notices=_rows(connection, tables.counter_notice, stored.id, "received_at"),
        deadlines=_deadlines(connection, stored.id),
    )


def batch_of(connection: Connection, scope: Scope, notice: Notice) -> Batch | None:
    """The batch a notice left in; None while it has not."""
    batches = Batches(connection, scope).find(tables.batch.c.platform == notice.platform)
    return next((b for b in batches if b.kind is BatchKind.NOTICES and notice.id in b.notices), None)


def why_not_approve(
    connection: Connection, scope: Scope, notice: Notice, by: str, review: ReviewPolicy, now: datetime
) -> SamePerson | OwnWork | None:
    """What keeps this person from approving; None where nothing does."""
    try:
        check_approver(connection, notice, by, scope, review, now)
    except (SamePerson, OwnWork) as kept:
        return kept
    return None


def refusal_view(refusal: Refusal, item: NoticeItem, notice: Notice, case: Case) -> RefusalView:
    """One refusal with the page on which it is mended."""
    way = way_out(refusal.code)
    address = way.place.format(
        finding=item.finding, listing=item.listing, right=notice.right, case=case.number, platform=notice.platform
    )
    return RefusalView(code=refusal.code, because=refusal.because, way=way, address=address)


def _grouped(judged: Notice, notice: Notice, case: Case) -> tuple[RefusalView, ...]:
    """Each refusal once, with the items it stops; what stops most stands first."""
    found: dict[tuple[str, str], list[int]] = {}
    views: dict[tuple[str, str], RefusalView] = {}
    for place, item in enumerate(judged.items, 1):
        for refusal in item.refusals:
            key = (refusal.code, refusal.because)
            found.setdefault(key, []).append(place)
            views.setdefault(key, refusal_view(refusal, item, notice, case))
    order = sorted(found, key=lambda key: (-len(found[key]), key))
    return tuple(
        RefusalView(
            code=views[key].code,
            because=views[key].because,
            way=views[key].way,
            address=views[key].address,
            items=tuple(found[key]),
        )
        for key in order
    )


def _rules(views: Sequence[ItemView]) -> tuple[RuleLine, ...]:
    stopped: dict[str, list[int]] = {}
    for view in views:
        for refusal in view.refusals if view.is_judged else ():
            stopped.setdefault(refusal.code, []).append(view.place)
    return tuple(
        RuleLine(code=rule.code, condition=rule.condition, refused=tuple(stopped.get(rule.code, ())))
        for rule in RULES
    )


def _item_view(
    place: int,
    item: NoticeItem,
    notice: Notice,
    case: Case,
    facts: ItemFacts | None,
    picture: str | None,
    references: Mapping[str, Reference],
) -> ItemView:
    compared = [references[id] for id in item.references if id in references]
    likenesses = list(facts.likenesses) if facts else []
    reference = next(iter((*compared, *likenesses)), None)
    price = facts.observation.fields.price if facts else None
    return ItemView(
        place=place,
        item=item,
        reasons=_sentences(item.explanation, item, notice),
        against=_sentences(item.against, item, notice),
        listing_picture=picture,
        reference=reference,
        was_compared=reference in compared,
        price=str(price.value) if price else "",
        refusals=tuple(refusal_view(refusal, item, notice, case) for refusal in item.refusals),
        is_judged=facts is not None,
        warnings=warn_of(facts) if facts else (),
    )


def _sentences(text: str, item: NoticeItem, notice: Notice) -> tuple[SentenceView, ...]:
    labels = {id: f"C{number}" for number, id in enumerate(item.captures, 1)}
    return tuple(_sentence(fact, labels, item, notice) for fact in read_facts(text))


def _sentence(fact: Fact, labels: Mapping[str, str], item: NoticeItem, notice: Notice) -> SentenceView:
    sources = []
    for source in fact.sources:
        kind, _, name = source.partition(" ")
        id = name.split(" ")[0]
        address = {
            "capture": f"/captures/{id}",
            "decision": f"/findings/{item.finding}",
            "determination": f"/determinations/{item.finding}",
            "right": f"/rights/{notice.right}",
            "work": f"/rights/{notice.right}",
            "product": f"/rights/{notice.right}",
        }.get(kind, "")
        if kind == "capture":
            name = labels.get(id, short_id(id))
        elif kind in ("decision", "determination"):
            name = " ".join([short_id(id), *name.split(" ")[1:]])
        sources.append(SourceView(kind=kind if address else "", name=name if address else source, address=address))
    return SentenceView(text=fact.sentence, sources=tuple(sources))


def _picture(connection: Connection, scope: Scope, item: NoticeItem, facts: ItemFacts | None) -> str | None:
    """The photo that the signs speak of, else the first one that was kept."""
    spoken = {sign.capture for sign in facts.finding.signs if sign.family is SignFamily.IMAGE} if facts else set()
    images = ListingImages(connection, scope).of_listing(item.listing)
    kept = [image for image in images if image.sha256 is not None and image.refused is None]
    kept.sort(key=lambda image: (image.capture not in spoken, image.position))
    return kept[0].sha256 if kept else None


def _rows(connection: Connection, table: Any, notice: str, order: str) -> tuple[Mapping[str, Any], ...]:
    rows = connection.execute(select(table).where(table.c.notice == notice).order_by(table.c[order], table.c.id))
    return tuple(row._asdict() for row in rows)


def _deadlines(connection: Connection, notice: str) -> tuple[Mapping[str, Any], ...]:
    clock, counter = tables.deadline, tables.counter_notice
    subjects = [notice, *connection.execute(select(counter.c.id).where(counter.c.notice == notice)).scalars()]
    return tuple(
        row._asdict()
        for lot in in_lots(subjects)
        for row in connection.execute(select(clock).where(clock.c.subject.in_(lot)).order_by(clock.c.due_at))
    )
