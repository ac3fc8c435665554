"""One case: where it stands, on which law, what is missing before anything may leave, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, literal, select, tuple_

from config.declarations import Declarations
from console.web.facets import Narrowing, narrowing
from console.web.notices.deliveries import SentNotice, sent_notices
from console.web.notices.ways import Way, way_out
from console.web.review.labels import label
from console.web.review.queue import QueueRow, dress_rows
from reports.facts import Sender
from reports.gather import confirmed, gather
from reports.legal import find_basis
from reports.notice import draft_item
from reports.rules.table import check_item
from store.db import tables
from store.db.by_ref import in_lots
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.notices import Notices
from store.db.parties import Parties
from store.db.review import ReviewItems
from store.db.rights import Rights
from store.db.rows import record_of
from store.db.sellers import Sellers
from store.evidence.vault import Vault
from store.records.cases import Case, CaseState
from store.records.ledger import AuditEntry
from store.records.notices import Notice, Refusal
from store.records.review import ReviewItem, Standing
from store.records.rights import Right
from store.records.scope import Scope
from store.records.sellers import Seller

MOST_SHOWN = 100  # findings and acts of one page; the lists hold all
MOST_CHECKED = 40  # confirmed findings whose rules are run for one page: each reads its captures from the vault


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingView:
    """One rule that stops something, with how many findings it stops and the way out."""

    code: str
    because: str
    way: Way  # out of it, in the reader's language
    address: str  # of the page where that is done
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case whole."""

    case: Case
    right: Right
    holder: str
    seller: Seller | None
    rows: tuple[QueueRow, ...]
    standings: tuple[tuple[str, int], ...]
    basis: tuple[str, ...]  # provisions, each with its citation and how that was read
    missing: tuple[MissingView, ...]
    checked: int  # confirmed findings the rules were run on
    unchecked: int  # confirmed findings beyond those
    notices: tuple[Notice, ...]
    sent: Mapping[str, SentNotice]  # by notice id: those that left, with their delivery and answers
    history: tuple[AuditEntry, ...]  # the newest first
    history_total: int
    history_older: str | None  # the act from which an address shows older ones; None: these are the first
    is_confirmed: bool  # whether a finding stands confirmed, checked here or not


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case in the list."""

    case: Case
    right_ref: str
    seller_ref: str
    open: int
    confirmed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One page of cases, the most urgent first."""

    lines: tuple[CaseLine, ...]
    narrowing: Narrowing
    next: tuple[float, int] | None  # priority and number of the last line


def view_case(
    connection: Connection,
    vault: Vault,
    declarations: Declarations,
    scope: Scope,
    number: int,
    *,
    sender: Sender,
    now: datetime,
    before: str = "",
) -> CaseView | None:
    """The case people call by that number, its history older than the act `before`; None where not in scope."""
    case = Cases(connection, scope).numbered(number)
    right = Rights(connection, scope).get(case.right) if case else None
    if case is None or right is None:
        return None
    items = _items(connection, scope, case.findings[:MOST_SHOWN])
    decisions = Decisions(connection, scope).of_findings(case.findings)
    # What was asked for already waits for its answer: the rules would only say that it was.
    accused = confirmed(case.findings, decisions)
    standing = [] if case.state in (CaseState.NOTIFIED, CaseState.CLOSED) else accused
    wanted = dict.fromkeys(standing[:MOST_CHECKED], case)
    material = gather(connection, vault, declarations, wanted, sender=sender, now=now, scope=scope) if wanted else {}
    notices = Notices(connection, scope).find(tables.notice.c.case == case.id)
    if material:
        refusals = [
            (id, refusal)
            for id, each in material.items()
            for refusal in check_item(draft_item(each, notice=case.id, ids=lambda: case.id))
        ]
    else:
        refusals = [
            (item.finding, refusal) for notice in notices for item in notice.items for refusal in item.refusals
        ]
    basis = [
        str(find_basis(each.law, each.right, each.territories, each.profile, each.finding.infringement_class))
        for each in material.values()
    ]
    basis += [notice.legal_basis for notice in notices]
    holder = Parties(connection, scope).get(case.holder)
    subjects = [case.id, *case.findings, *(notice.id for notice in notices), *_batches(connection, notices)]
    acts, total = _acts(connection, subjects, before)
    return CaseView(
        case=case,
        right=right,
        holder=holder.legal_name if holder else "",
        seller=Sellers(connection, scope).get(case.seller) if case.seller else None,
        rows=tuple(dress_rows(connection, [(item, ()) for item in items])),
        standings=_standings(connection, scope, case.id),
        basis=tuple(dict.fromkeys(filter(None, basis))),
        missing=group_refusals(refusals, case),
        checked=len(material),
        unchecked=max(0, len(standing) - len(material)),
        notices=tuple(notices),
        sent=sent_notices(connection, scope, [notice.id for notice in notices]),
        history=tuple(acts[:MOST_SHOWN]),
        history_total=total,
        history_older=acts[MOST_SHOWN - 1].id if len(acts) > MOST_SHOWN else None,
        is_confirmed=bool(accused),
    )


def group_refusals(refusals: Sequence[tuple[str, Refusal]], case: Case) -> tuple[MissingView, ...]:
    """Refusals of many findings, each rule once with the findings it stops, the most frequent first."""
    grouped: dict[tuple[str, str], list[tuple[str, Refusal]]] = {}
    for finding, refusal in refusals:
        grouped.setdefault((refusal.code, refusal.because), []).append((finding, refusal))
    found = []
    for (code, because), stopped in grouped.items():
        finding, refusal = stopped[0]
        way = way_out(code)
        address = way.place.format(
            finding=finding, listing=refusal.listing or "", right=case.right, case=case.number, platform=case.platform
        )
        findings = tuple(each for each, _ in stopped)
        found.append(MissingView(code=code, because=because, way=way, address=address, findings=findings))
    return tuple(sorted(found, key=lambda each: (-len(each.findings), each.code)))


def list_cases(
    connection: Connection,
    scope: Scope,
    chosen: Mapping[str, str],
    *,
    after: tuple[float, int] | None = None,
    limit: int = 50,
    with_facets: bool = True,
) -> CasePage:
    """Cases with these values of `NARROWED_BY`, the most urgent first, from a remembered place."""
    table = tables.case
    cases = Cases(connection, scope)
    query = select(table).where(*cases.narrowed())
    query = query.where(*(table.c[name] == value for name, value in chosen.items() if value))
    if after is not None:
        query = query.where(tuple_(table.c.priority, -table.c.number) < tuple_(literal(after[0]), literal(-after[1])))
    query = query.order_by(table.c.priority.desc(), table.c.number).limit(limit + 1)
    found = [record_of(Case, row) for row in connection.execute(query)]
    shown = found[:limit]
    counts = _counts(connection, [each.id for each in shown])
    refs = {id: each.right_ref for id, each in Rights(connection, scope).by_ids(c.right for c in shown).items()}
    sellers = _sellers(connection, [each.seller for each in shown if each.seller])
    lines = tuple(
        CaseLine(
            case=each,
            right_ref=refs.get(each.right, each.right),
            seller_ref=sellers.get(each.seller or "", ""),
            open=counts.get((each.id, Standing.OPEN.value), 0),
            confirmed=counts.get((each.id, Standing.CONFIRM.value), 0),
        )
        for each in shown
    )
    last = shown[-1] if len(found) > limit else None
    return CasePage(
        lines=lines,
        narrowing=_narrowing(connection, scope, chosen) if with_facets else Narrowing(chosen=chosen, facets=()),
        next=(last.priority, last.number) if last else None,
    )


def _narrowing(connection: Connection, scope: Scope, chosen: Mapping[str, str]) -> Narrowing:
    case, right = tables.case, tables.right
    columns = [*(case.c[name] for name in chosen), right.c.right_ref]
    counted = (
        select(*columns, func.count())
        .join(right, right.c.id == case.c.right)
        .where(*Cases(connection, scope).narrowed())
        .group_by(*columns)
    )
    rows = connection.execute(counted).all()
    refs = {str(row.right): str(row.right_ref) for row in rows}
    groups = [(tuple(str(value) for value in row[: len(chosen)]), int(row[-1])) for row in rows]

    def named(name: str, value: str) -> str:
        return refs.get(value, value) if name == "right" else label(name, value)

    return narrowing(groups, chosen, named)


def _items(connection: Connection, scope: Scope, findings: Sequence[str]) -> list[ReviewItem]:
    items = {item.finding: item for item in ReviewItems(connection, scope).find(
        tables.review_item.c.finding.in_(findings))}  # fmt: skip
    return [items[id] for id in findings if id in items]


def _standings(connection: Connection, scope: Scope, case: str) -> tuple[tuple[str, int], ...]:
    item = tables.review_item
    counted = (
        select(item.c.standing, func.count())
        .where(item.c.case == case, *ReviewItems(connection, scope).narrowed())
        .group_by(item.c.standing)
    )
    return tuple((str(standing), int(n)) for standing, n in connection.execute(counted))


def _acts(connection: Connection, subjects: Sequence[str], before: str) -> tuple[list[AuditEntry], int]:
    """The latest acts on these records, or those older than the act `before`; and how many there are in all."""
    entry = tables.audit_entry
    acts: list[AuditEntry] = []
    total = 0
    for lot in in_lots(subjects):
        where = entry.c.subject.in_(lot)
        total += int(connection.execute(select(func.count()).select_from(entry).where(where)).scalar_one())
        query = select(entry).where(where, entry.c.id < before) if before else select(entry).where(where)
        rows = connection.execute(query.order_by(entry.c.id.desc()).limit(MOST_SHOWN + 1))
        acts += [record_of(AuditEntry, row) for row in rows]
    acts.sort(key=lambda act: act.id, reverse=True)  # ids stand in the order of time
    return acts[: MOST_SHOWN + 1], total


def _batches(connection: Connection, notices: Sequence[Notice]) -> list[str]:
    """The batches that these notices left in."""
    wanted = {notice.id for notice in notices}
    platforms = {notice.platform for notice in notices}
    batch = tables.batch
    rows = connection.execute(select(batch.c.id, batch.c.notices).where(batch.c.platform.in_(platforms)))
    return [id for id, members in rows if wanted & set(members)]


def _counts(connection: Connection, cases: Sequence[str]) -> dict[tuple[str, str], int]:
    item = tables.review_item
    query = (
        select(item.c.case, item.c.standing, func.count())
        .where(item.c.case.in_(cases))
        .group_by(item.c.case, item.c.standing)
    )
    return {(str(case), str(standing)): int(n) for case, standing, n in connection.execute(query)}


def _sellers(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    seller = tables.seller
    query = select(seller.c.id, seller.c.platform_seller_id).where(seller.c.id.in_(ids))
    return {row.id: row.platform_seller_id for row in connection.execute(query)}
