"""The list of notices: narrowed by what its address says, counted by facet, the newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, String, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from console.web.desk import read_number
from console.web.facets import Facet, FacetValue
from reports.rules.table import RULES
from store.db import tables
from store.db.notices import Notices
from store.db.parties import Parties
from store.db.rights import Rights
from store.records.notices import NoticeState
from store.records.scope import Scope

CODES = tuple(rule.code for rule in RULES)
MOST_REFUSED = 20_000  # refused items whose codes are counted for one page; a list this long is narrowed first
SIGNED = "signed"
"""A state that people tell apart and the ledger does not: approved, and signed."""

STATES = ("draft", "refused", "ready", "approved", SIGNED, "batched", "sent", "recalled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address asks for; empty means everything."""

    state: str = ""
    platform: str = ""
    right: str = ""
    code: str = ""
    case: str = ""

    def address(self, path: str, **change: object) -> str:
        """The path with these filters, some of them changed; `after` goes on further down."""
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        asked = {**known, **{name: str(value) for name, value in change.items()}}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One notice in the list."""

    id: str
    number: int
    state: str
    platform: str
    profile: str
    draft_profile: bool
    right: str
    right_ref: str
    holder: str
    case_number: int
    items: int
    refused: int
    codes: tuple[str, ...]
    drafted_at: datetime
    approved_by: str | None
    signatory: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    """One page of the list."""

    filters: Filters
    lines: tuple[Line, ...]
    facets: tuple[Facet, ...]
    following: int | None  # the number after which the next page goes on
    signed: int  # of all in sight: signed, and not yet left


def read_filters(query: Mapping[str, str]) -> Filters:
    """What an address asks for; a state or code nobody knows narrows nothing."""
    state, code, case = query.get("state", ""), query.get("code", ""), query.get("case", "")
    return Filters(
        state=state if state in STATES else "",
        platform=query.get("platform", ""),
        right=query.get("right", ""),
        code=code if code in CODES else "",
        case=case if read_number(case) else "",
    )


def list_notices(
    connection: Connection,
    scope: Scope,
    filters: Filters,
    *,
    after: int | None = None,
    limit: int = 50,
    with_facets: bool = True,
) -> NoticePage:
    """Notices so narrowed, the highest number first, from after a number on."""
    notice, case = tables.notice, tables.case
    narrowed = Notices(connection, scope).narrowed()
    query = (
        select(notice, case.c.number.label("case_number"))
        .join(case, case.c.id == notice.c.case)
        .where(*narrowed, *_where(filters))
        .order_by(notice.c.number.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(notice.c.number < after)
    rows = connection.execute(query).all()
    shown = rows[:limit]
    refs = {id: each.right_ref for id, each in Rights(connection, scope).by_ids(row.right for row in shown).items()}
    wanted = {row.holder for row in shown}
    holders = {p.id: p.legal_name for p in Parties(connection, scope).find(tables.party.c.id.in_(wanted))}
    items = _items(connection, [row.id for row in shown])
    signed = select(func.count()).select_from(notice).where(*narrowed, *_state_is(SIGNED))
    return NoticePage(
        filters=filters,
        lines=tuple(_line(row, refs, holders, items.get(row.id, [])) for row in shown),
        facets=_facets(connection, scope, filters) if with_facets else (),
        following=shown[-1].number if len(rows) > limit else None,
        signed=int(connection.execute(signed).scalar_one()),
    )


def state_of(state: NoticeState | str, signatory: str | None) -> str:
    """Where a notice stands, in the words of the list."""
    word = state.value if isinstance(state, NoticeState) else state
    return SIGNED if word == NoticeState.APPROVED.value and signatory else word


def codes_of(refusals: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[str, ...]:  # Any: JSON values
    """The codes of these items' refusals, each once, in the order of the rules."""
    found = {str(refusal["code"]) for each in refusals for refusal in each}
    return tuple(sorted(found, key=lambda code: (CODES.index(code) if code in CODES else len(CODES), code)))


def _line(row: Any, refs: Mapping[str, str], holders: Mapping[str, str], items: Sequence[Any]) -> Line:  # Any: rows
    refused = [each for each in items if each]
    return Line(
        id=row.id,
        number=row.number,
        state=state_of(row.state, row.signatory),
        platform=row.platform,
        profile=row.profile,
        draft_profile=row.draft_profile,
        right=row.right,
        right_ref=refs.get(row.right, row.right),
        holder=holders.get(row.holder, ""),
        case_number=row.case_number,
        items=len(items),
        refused=len(refused),
        codes=codes_of(refused),
        drafted_at=row.drafted_at,
        approved_by=row.approved_by,
        signatory=row.signatory,
    )


def _items(connection: Connection, notices: Sequence[str]) -> dict[str, list[Any]]:
    """The refusals of every item of these notices, empty ones among them."""
    item = tables.notice_item
    found: dict[str, list[Any]] = {}
    for row in connection.execute(select(item.c.notice, item.c.refusals).where(item.c.notice.in_(notices))):
        found.setdefault(row.notice, []).append(row.refusals)
    return found


def _state_is(state: str) -> list[ColumnElement[bool]]:
    notice = tables.notice
    match state:
        case "":
            return []
        case "approved":
            return [notice.c.state == state, notice.c.signatory.is_(None)]
        case "signed":
            return [notice.c.state == NoticeState.APPROVED.value, notice.c.signatory.is_not(None)]
        case _:
            return [notice.c.state == state]


def _where(filters: Filters) -> list[ColumnElement[bool]]:
    notice, item, case = tables.notice, tables.notice_item, tables.case
    where = _state_is(filters.state)
    if filters.platform:
        where.append(notice.c.platform == filters.platform)
    if filters.right:
        where.append(notice.c.right == filters.right)
    if filters.case:
        where.append(notice.c.case.in_(select(case.c.id).where(case.c.number == int(filters.case))))
    if filters.code:
        # Refusals are a JSON list; as text they hold the code in quotes on every database.
        stopped = select(item.c.notice).where(cast(item.c.refusals, String).like(f'%"{filters.code}"%'))
        where.append(notice.c.id.in_(stopped))
    return where


def _facets(connection: Connection, scope: Scope, filters: Filters) -> tuple[Facet, ...]:
    """Each facet counted under all the others."""
    notice = tables.notice
    narrowed = Notices(connection, scope).narrowed()

    def counted(name: str, *columns: ColumnElement[Any]) -> Counter[str]:
        query = select(*columns, func.count().label("n")).where(*narrowed, *_where(replace(filters, **{name: ""})))
        found: Counter[str] = Counter()
        for row in connection.execute(query.group_by(*columns)):
            found[state_of(row[0], row[1]) if name == "state" else str(row[0])] += int(row.n)
        return found

    states = counted("state", notice.c.state, notice.c.signatory)
    platforms = counted("platform", notice.c.platform)
    rights = counted("right", notice.c.right)
    refs = {id: each.right_ref for id, each in Rights(connection, scope).by_ids(rights).items()}
    codes = _codes(connection, scope, filters)
    return (
        _facet("state", states, filters.state, order=STATES),
        _facet("platform", platforms, filters.platform),
        _facet("right", rights, filters.right, labels=refs),
        _facet("code", codes, filters.code),
    )


def _codes(connection: Connection, scope: Scope, filters: Filters) -> Counter[str]:
    notice, item = tables.notice, tables.notice_item
    query = (
        select(item.c.notice, item.c.refusals)
        .join(notice, notice.c.id == item.c.notice)
        .where(cast(item.c.refusals, String) != "[]")
        .where(*Notices(connection, scope).narrowed(), *_where(replace(filters, code="")))
        .limit(MOST_REFUSED)
    )
    stopped = {(row.notice, str(r["code"])) for row in connection.execute(query) for r in row.refusals}
    return Counter(code for _, code in stopped)


def _facet(
    name: str,
    counts: Mapping[str, int],
    chosen: str,
    *,
    labels: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
) -> Facet:
    def place(value: str) -> tuple[int, int, str]:
        return (order.index(value) if value in order else len(order), -counts[value], value)

    return Facet(
        name=name,
        values=tuple(
            FacetValue(
                value=value,
                label=(labels or {}).get(value, value),
                count=counts[value],
                is_chosen=value == chosen,
            )
            for value in sorted(counts, key=place)
        ),
    )
