"""Reads how platforms took our notices, and says what may leave: when a batch is sealed, and before its delivery."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection, select

from config.course import Standard
from config.declarations import Declarations
from reports.answers.lifecycle import ItemAnswers, standing_of
from reports.budget.marks import Mark, Marked, mark_of, tally_of
from reports.budget.standing import ITEMS_A_DAY, OWN_STANDARD, Budget, Stand, judge
from reports.errors import NoRelease, SamePerson
from reports.people import check_second_person
from store.db import tables
from store.db.audit import act_of
from store.db.budget import BudgetReleases
from store.db.by_ref import in_lots
from store.db.outcomes import Outcomes
from store.db.session import Database
from store.records.budget import BudgetRelease
from store.records.follow_ups import FollowUpKind
from store.records.ids import Clock, NewId
from store.records.notices import Notice, NoticeState
from store.records.outcomes import Outcome, OutcomeStatus, Response
from store.records.scope import EVERYTHING, Scope

ALL = ""
"""The record of everything together, beside that of each claim code."""

TAKES_BACK = (FollowUpKind.WITHDRAW.value, FollowUpKind.RESTORE.value)
LEFT = (NoticeState.BATCHED, NoticeState.SENT, NoticeState.RECALLED)
_ACTED = (OutcomeStatus.ACTIONED, OutcomeStatus.PARTLY_ACTIONED)
SHORTEST_REASON = 20  # letters: what was found and why it may go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The record of one account at one platform, or of one claim code in it."""

    platform: str
    account: str
    code: str  # empty: all together
    stand: Stand


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A signed notice that stays here, and why."""

    notice: int
    platform: str
    code: str
    because: str
    way: str


def account_of(notice: Notice) -> str:
    """Who a platform counts a notice for."""
    return notice.agent or notice.holder


def marked_items(connection: Connection, *, now: datetime, days: int, scope: Scope = EVERYTHING) -> list[Marked]:
    """Every item that left and was decided within so many days, or is open, with its mark."""
    notice, item, counter = tables.notice, tables.notice_item, tables.counter_notice
    statement = (
        select(
            item.c.id, item.c.platform_code, item.c.infringement_class, item.c.refusals, notice.c.id.label("notice"),
            notice.c.platform, notice.c.agent, notice.c.holder, notice.c.state,
        )
        .join(notice, notice.c.id == item.c.notice)
        .where(notice.c.state.in_([state.value for state in LEFT]))
    )  # fmt: skip
    if scope.holder is not None:
        statement = statement.where(notice.c.holder == scope.holder)
    rows = [row for row in connection.execute(statement) if not row.refusals]
    told: list[Outcome] = []
    for lot in in_lots({row.notice for row in rows}):
        told += Outcomes(connection, EVERYTHING).find(tables.outcome.c.notice.in_(lot))
    answers = ItemAnswers(told)
    accepted = set(
        connection.execute(select(counter.c.item).where(counter.c.our_response == Response.ACCEPT.value)).scalars()
    )
    back = tables.follow_up
    taken = accepted | set(connection.execute(select(back.c.item).where(back.c.kind.in_(TAKES_BACK))).scalars())
    since = now - timedelta(days=days)
    found = []
    for row in rows:
        mine = answers.of(row.notice, row.id)
        standing = standing_of(mine, row.id)
        mark = mark_of(
            standing,
            # An objection that was right reverses the notice, even where the listing was only paused.
            was_actioned=row.id in accepted or any(each.status in _ACTED for each in mine),
            taken_back=row.state == NoticeState.RECALLED.value or row.id in taken,
        )
        if (
            mark not in (Mark.OPEN, Mark.WITHDRAWN)
            and standing.decided_at is not None
            and standing.decided_at < since
        ):
            continue
        found.append(
            Marked(
                platform=row.platform,
                account=row.agent or row.holder,
                code=row.platform_code or row.infringement_class,
                mark=mark,
                at=standing.decided_at,
            )
        )
    return found


def records(
    connection: Connection, declarations: Declarations, *, now: datetime, scope: Scope = EVERYTHING
) -> list[Record]:
    """Every record of accuracy: each account at each platform, and each claim code where the recipient counts so."""
    by_days: dict[int, list[Marked]] = {}
    found = []
    for platform, standard in _standards(connection, declarations).items():
        asked = standard or OWN_STANDARD
        if asked.window_days not in by_days:
            by_days[asked.window_days] = marked_items(connection, now=now, days=asked.window_days, scope=scope)
        groups: dict[tuple[str, str], list[Mark]] = defaultdict(list)
        for each in by_days[asked.window_days]:
            if each.platform == platform:
                groups[each.account, ALL].append(each.mark)
                if asked.per_code:
                    groups[each.account, each.code].append(each.mark)
        found += [
            Record(platform=platform, account=account, code=code, stand=judge(tally_of(marks), standard))
            for (account, code), marks in sorted(groups.items())
        ]
    return found


def _standards(connection: Connection, declarations: Declarations) -> dict[str, Standard | None]:
    named = set(connection.execute(select(tables.notice.c.platform).distinct()).scalars())
    found = {}
    for name in sorted(named):
        platform = declarations.platforms.get(name)
        profile = declarations.profiles.get(platform.notify.profile or "") if platform is not None else None
        found[name] = profile.accuracy if profile is not None else None
    return found


def admit(
    connection: Connection, declarations: Declarations, notices: Iterable[Notice], *, now: datetime
) -> tuple[list[Notice], list[HeldBack]]:
    """
    Of these signed notices those that may leave now, in their order, and those that stay with the reason.

    In an exercise everything may leave. A notice is never torn: it leaves whole, or waits.
    """
    wanted = list(notices)
    known = {(r.platform, r.account, r.code): r.stand for r in records(connection, declarations, now=now)}
    fresh = judge(tally_of(()), None)
    today = _left_today(connection, now)
    released = _released(connection, now)
    admitted, held = [], []
    for notice in wanted:
        platform = declarations.platforms.get(notice.platform)
        if declarations.policy.exercise and platform is not None and platform.is_loopback:
            admitted.append(notice)
            continue
        stand = _worst(notice, known, fresh)
        account = (notice.platform, account_of(notice))
        stopped = _why_held(connection, notice, stand, today[account], is_released=account in released)
        if stopped is not None:
            held.append(stopped)
            continue
        admitted.append(notice)
        today[account] += _size(notice)
    return admitted, held


def _worst(notice: Notice, known: Mapping[tuple[str, str, str], Stand], fresh: Stand) -> Stand:
    codes = {item.platform_code or item.infringement_class.value for item in notice.items if not item.refusals}
    account = account_of(notice)
    stands = [known[key] for code in (ALL, *sorted(codes)) if (key := (notice.platform, account, code)) in known]
    order = (Budget.FREE, Budget.FEW, Budget.STOPPED)
    return max(stands or [fresh], key=lambda stand: order.index(stand.budget))


def _why_held(
    connection: Connection, notice: Notice, stand: Stand, left_today: int, *, is_released: bool
) -> HeldBack | None:
    if stand.budget is Budget.FREE:
        return None
    if stand.budget is Budget.STOPPED and not is_released:
        return _held(notice, stand.code, stand.because, stand.way)
    try:
        check_second_person(connection, notice, notice.approved_by or "", EVERYTHING)
    except SamePerson as same:
        because = f"{same.by} approved it and {same.did}"
        return _held(notice, "BUDGET-3", because, "recall it, and have somebody else approve what is prepared anew")
    if left_today + _size(notice) > ITEMS_A_DAY and (left_today or _size(notice) > ITEMS_A_DAY):
        because = f"{left_today} items left today, and this one has {_size(notice)}: {ITEMS_A_DAY} a day are the most"
        way = "export again tomorrow; send back a notice with more items and prepare it in parts"
        return _held(notice, "BUDGET-2", because, way)
    return None


def _held(notice: Notice, code: str, because: str, way: str) -> HeldBack:
    return HeldBack(notice=notice.number, platform=notice.platform, code=code, because=because, way=way)


def _size(notice: Notice) -> int:
    return sum(not item.refusals for item in notice.items)


def _left_today(connection: Connection, now: datetime) -> Counter[tuple[str, str]]:
    """Items sealed since midnight in UTC, by platform and account."""
    batch, notice, item = tables.batch, tables.notice, tables.notice_item
    named = connection.execute(select(batch.c.notices).where(batch.c.created_at >= _midnight(now))).scalars()
    found: Counter[tuple[str, str]] = Counter()
    for lot in in_lots({id for ids in named for id in ids}):
        statement = (
            select(notice.c.platform, notice.c.agent, notice.c.holder, item.c.refusals)
            .join(notice, notice.c.id == item.c.notice)
            .where(notice.c.id.in_(lot))
        )
        found.update(
            (row.platform, row.agent or row.holder) for row in connection.execute(statement) if not row.refusals
        )
    return found


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date(), time.min, UTC)


def _released(connection: Connection, now: datetime) -> set[tuple[str, str]]:
    table = tables.budget_release
    rows = BudgetReleases(connection, EVERYTHING).find(table.c.seconded_at >= _midnight(now))
    return {(row.platform, row.account) for row in rows}


def stopped_notices(
    connection: Connection, declarations: Declarations, notices: Sequence[Notice], now: datetime
) -> list[HeldBack]:
    """Of these notices, already sealed, those whose account's headroom is used up by now and not released."""
    known = {(r.platform, r.account, r.code): r.stand for r in records(connection, declarations, now=now)}
    released = _released(connection, now)
    fresh = judge(tally_of(()), None)
    found = []
    for notice in notices:
        platform = declarations.platforms.get(notice.platform)
        if declarations.policy.exercise and platform is not None and platform.is_loopback:
            continue
        stand = _worst(notice, known, fresh)
        if stand.budget is Budget.STOPPED and (notice.platform, account_of(notice)) not in released:
            found.append(_held(notice, stand.code, stand.because, stand.way))
    return found


def release(
    database: Database,
    platform: str,
    account: str,
    *,
    by: str,
    because: str,
    clock: Clock,
    ids: NewId,
) -> BudgetRelease:
    """
    One person asks that items leave although the record is used up, and a second one agrees the same day.

    The first call enters the request, the second, by somebody else, brings it into force for that day in UTC. Raises
    `NoRelease` where the reason is too short, and where the same person agrees with themselves.
    """
    words = " ".join(because.split())
    if len(words) < SHORTEST_REASON:
        raise NoRelease(platform, f"say in at least {SHORTEST_REASON} letters what was found and why it may go on")
    with database.write() as connection:
        releases, now = BudgetReleases(connection, EVERYTHING), clock()
        table = tables.budget_release
        mine = (table.c.platform == platform, table.c.account == account, table.c.at >= _midnight(now))
        open_now = [each for each in releases.find(*mine) if each.seconded_at is None]
        if not open_now:
            asked = BudgetRelease(id=ids(), platform=platform, account=account, because=words, by=by, at=now)
            action = "ask_budget_release"
        elif open_now[0].by.strip().casefold() == by.strip().casefold():
            raise NoRelease(platform, f"{by} asked for it; a second person has to agree")
        else:
            asked, action = replace(open_now[0], second_by=by, seconded_at=now), "agree_budget_release"
        detail = {"platform": platform, "because": words}
        releases.write([asked], act_of(by, action, "budget_release", asked.id, clock=clock, ids=ids, detail=detail))
    return asked
