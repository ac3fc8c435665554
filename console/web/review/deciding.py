"""
What a reviewer's key does: enter a verdict on what was on the screen, take it back, go on.

A look that measures the reviewer is answered by the same form at the same address; only the server knows which it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, select

from cases.decisions import MOST_CONFIRMED_AT_ONCE, Sight, check_reason, current_decision, decide_within, undo_within
from cases.errors import ChangedMeanwhile, NotTogether, NotUndoable, UnknownFinding
from console.web.review.queue import Place, neighbour, place_of
from console.web.review.search import Filters
from store.db import tables
from store.db.around import Around
from store.db.decisions import Decisions
from store.db.findings import Findings
from store.db.holds import ReviewHolds
from store.db.review import BlindReviews, KnownAnswers, ReviewItems
from store.db.session import Database
from store.records.cases import RejectReason, Verdict
from store.records.ids import Clock, NewId
from store.records.review import BlindKind, BlindReview, ReviewItem, Standing
from store.records.scope import Scope

ONE_IN = 20  # 5 % of a reviewer's steps are known answers, and as many second looks
SECOND_AT = 10  # half way between two known answers, so that the two never fall on one step
HOLD = timedelta(minutes=10)  # chosen: longer than anyone looks at one offer; who went home holds nothing for long
MOST_AT_ONCE = 100  # rejections in one act: four pages of a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The list a reviewer works along, and the place they are at; None: its beginning."""

    filters: Filters
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a reviewer is to see next, as far as reading tells; taking it is another matter."""

    waiting: str | None = None  # a look they were given and have not answered
    look: BlindReview | None = None  # one that is due now
    following: Place | None = None  # the next offer that nobody else has


def enter(
    database: Database,
    scope: Scope,
    seen: dict[str, Sight],
    verdict: Verdict,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
    reason: RejectReason | None = None,
    note: str | None = None,
    walk: Walk | None = None,
) -> str | None:
    """
    Enter one verdict on the findings in `seen`, each as it was on the screen; with a `walk`, gives what comes next.

    The next offer is looked for before, and held in the transaction that enters the verdict: a step writes once.

    Raises `ChangedMeanwhile` where one is no longer so, `NotTogether` where one act may not cover them, and what
    `cases.decisions.decide` raises. Nothing is entered then.
    """
    check_reason(verdict, reason, note)
    findings = tuple(seen)
    with database.read() as connection:
        # The compartment is the case's, so that it is asked here: the finding itself bears none.
        items = {
            item.finding: (item, waits) for item, waits in ReviewItems(connection, scope).with_looks(findings, by)
        }
        missing = next((id for id in findings if id not in items), None)
        if missing is not None:
            raise UnknownFinding(missing)
        measures = len(findings) == 1 and items[findings[0]][1]
        plan = None
        if walk is not None:
            plan = _plan(connection, scope, walk, reviewer=by, clock=clock, entering=findings)
    if len(findings) > 1:
        check_bulk(verdict, [item for item, _ in items.values()])
    with database.write() as connection:
        if not measures or not answer_blind(
            connection, scope, findings[0], seen, verdict, by=by, clock=clock, reason=reason
        ):
            decide_within(
                connection,
                findings,
                verdict,
                by=by,
                clock=clock,
                ids=ids,
                reason=reason,
                note=note,
                seen=seen,
                scope=scope,
            )
        has_next = plan is not None and _take(connection, scope, plan, reviewer=by, clock=clock)
    if walk is None or plan is None:
        return None
    if has_next:
        return _found(plan)
    return next_step(database, scope, walk, reviewer=by, clock=clock)


def read_seen(tokens: Sequence[str]) -> dict[str, Sight]:
    """What forms sent back, by finding; see `console.web.review.queue.token`. Raises `UnknownFinding`."""
    seen: dict[str, Sight] = {}
    for each in ",".join(tokens).split(","):
        parts = each.split("~")
        if len(parts) != 3 or not parts[0]:
            raise UnknownFinding(each[:40])
        seen[parts[0]] = Sight(comparison=parts[1], decision=parts[2] or None)
    return seen


def check_bulk(verdict: Verdict, items: Sequence[ReviewItem]) -> None:
    """
    Raise `NotTogether` unless one act may cover these findings.

    Confirmations go together only for one account and the same photo bytes, 25 at most. Across accounts only a
    rejection goes, 100 at most.
    """
    most = MOST_CONFIRMED_AT_ONCE if verdict is Verdict.CONFIRM else MOST_AT_ONCE
    if len(items) > most:
        raise NotTogether(f"{len(items)} findings", f"take at most {most} at once")
    accounts = {(item.platform, item.seller) for item in items}
    if verdict is not Verdict.REJECT and (len(accounts) > 1 or None in {seller for _, seller in accounts}):
        raise NotTogether("they belong to several accounts", "only a rejection goes across accounts")
    if verdict is Verdict.CONFIRM and (len({item.photo for item in items}) > 1 or items[0].photo is None):
        raise NotTogether("they don't show the same photo", "confirm together only what shows the same photo bytes")


def take_back(database: Database, scope: Scope, finding: str, *, by: str, clock: Clock, ids: NewId) -> None:
    """
    Take back the reviewer's own latest verdict on a finding; one on a measuring look is simply asked for again.

    The offer is theirs again in the same transaction, unless somebody has a copy of it before them: between taking
    back and opening it again nobody else is handed it. Raises `NotUndoable` where what stands is not theirs,
    `UnknownFinding` where there is none.
    """
    with database.write() as connection:
        item = _item(connection, scope, finding)
        looks = BlindReviews(connection, scope)
        look = looks.of(finding, by)
        if look is not None and look.verdict is not None:
            looks.keep(replace(look, verdict=None, reason=None, answered_at=None))
            return
        standing = current_decision(Decisions(connection, scope).of_findings([finding]).get(finding, ()))
        if standing is None:
            raise NotUndoable(finding, "no decision stands")
        if standing.by != by:
            raise NotUndoable(standing.id, f"it is {standing.by}'s; they can take it back")
        undo_within(connection, standing.id, by=by, clock=clock, ids=ids, scope=scope)
        now = clock()
        ReviewHolds(connection).take(by, (item.case, item.twin), now, now + HOLD)


def answer_blind(
    connection: Connection,
    scope: Scope,
    finding: str,
    seen: dict[str, Sight],
    verdict: Verdict,
    *,
    by: str,
    clock: Clock,
    reason: RejectReason | None,
) -> bool:
    """Whether this is a look that measures the reviewer; then it is answered, once, in the caller's transaction."""
    looks = BlindReviews(connection, scope)
    look = looks.of(finding, by)
    if look is None or look.verdict is not None:
        return False
    found = Findings(connection, scope).get(finding)
    if found is None:
        raise UnknownFinding(finding)
    if seen[finding].comparison != found.comparison:
        raise ChangedMeanwhile(finding, "it was compared anew, so that its signs may differ")
    looks.keep(replace(look, verdict=verdict, reason=reason, answered_at=clock()))
    return True


def next_step(database: Database, scope: Scope, walk: Walk, *, reviewer: str, clock: Clock) -> str | None:
    """
    The finding a reviewer sees next, held for them; None at the end of the queue, or where others hold the rest.

    Every twentieth step is a known answer, and as often a second look at what somebody else decided, where there is
    one that this reviewer was never given. Which it will be follows from the reviewer's name and the count of their
    steps alone, so that going back and forth does not change it.
    """
    while True:  # again where another reviewer took the offer between our look and our taking
        with database.read() as connection:
            plan = _plan(connection, scope, walk, reviewer=reviewer, clock=clock)
        if plan.waiting is not None:
            return plan.waiting
        with database.write() as connection:
            if _take(connection, scope, plan, reviewer=reviewer, clock=clock):
                return _found(plan)


def _plan(
    connection: Connection,
    scope: Scope,
    walk: Walk,
    *,
    reviewer: str,
    clock: Clock,
    entering: Sequence[str] = (),
) -> Plan:
    """What comes next once the verdicts on `entering` stand."""
    waiting, steps = BlindReviews(connection, scope).progress_of(reviewer, but=entering[0] if entering else "")
    if waiting is not None:
        return Plan(waiting=waiting)
    steps += len(entering)
    due = due_kind(steps)
    look = _new_look(connection, scope, due, reviewer, clock, steps, entering) if due else None
    if look is not None:
        return Plan(look=look)
    now = clock()
    following = neighbour(connection, scope, walk.filters, walk.place, reviewer=reviewer, now=now, but=entering)
    if following is None and walk.place is not None:
        following = neighbour(connection, scope, walk.filters, None, reviewer=reviewer, now=now, but=entering)
    return Plan(following=following)


def _take(connection: Connection, scope: Scope, plan: Plan, *, reviewer: str, clock: Clock) -> bool:
    """Whether what was planned is the reviewer's now; False where somebody else was quicker."""
    if plan.look is not None:
        looks = BlindReviews(connection, scope)
        if looks.of(plan.look.finding, reviewer) is None:
            looks.keep(plan.look)
    elif plan.following is not None:
        now = clock()
        return ReviewHolds(connection).take(reviewer, plan.following.offer, now, now + HOLD)
    elif plan.waiting is None:
        ReviewHolds(connection).let_go(reviewer)
    return True


def _found(plan: Plan) -> str | None:
    if plan.look is not None:
        return plan.look.finding
    return plan.waiting or (plan.following.finding if plan.following else None)


def hold(database: Database, around: Around, *, reviewer: str, clock: Clock) -> str | None:
    """Hold what the reviewer opened by themselves; gives the name of whoever holds it already, or None."""
    offer, now, known = (around.item.case, around.item.twin), clock(), around.hold
    if known is not None and known.reviewer != reviewer:
        return known.reviewer
    if known is not None and known.until - now >= HOLD / 2:
        return None
    with database.write() as connection:
        if ReviewHolds(connection).take(reviewer, offer, now, now + HOLD):
            return None
        return ReviewHolds(connection).holder(offer, now)


def due_kind(steps: int) -> BlindKind | None:
    """What the step after `steps` measures, if anything."""
    match (steps + 1) % ONE_IN:
        case 0:
            return BlindKind.KNOWN
        case n if n == SECOND_AT:
            return BlindKind.SECOND
        case _:
            return None


def place_after(connection: Connection, scope: Scope, finding: str) -> Place | None:
    """Where a finding stands in the queue; None where it is not in sight."""
    item = ReviewItems(connection, scope).get(finding)
    return place_of(item) if item else None


def _new_look(
    connection: Connection,
    scope: Scope,
    kind: BlindKind,
    reviewer: str,
    clock: Clock,
    steps: int,
    but: Sequence[str],
) -> BlindReview | None:
    """A look of this kind that the reviewer was never given; none at what they are deciding now, `but`."""
    # Spread over the findings, and the same for the same reviewer and step. Ids are hex digits with dashes.
    start = hashlib.sha256(f"{reviewer}\0{steps}".encode()).hexdigest()
    start = f"{start[:8]}-{start[8:12]}"
    if kind is BlindKind.KNOWN:
        known = KnownAnswers(connection, scope).unseen_by(reviewer, start)
        about = ReviewItems(connection, scope).get(known.finding) if known else None
        if known is None or about is None or about.decided_by == reviewer or known.finding in but:
            return None
        return BlindReview(
            finding=known.finding, reviewer=reviewer, kind=kind, expected=known.expected, assigned_at=clock()
        )
    item = _decided_by_another(connection, scope, reviewer, steps)
    if item is None or item.decided_by is None or item.finding in but:
        return None
    return BlindReview(
        finding=item.finding,
        reviewer=reviewer,
        kind=kind,
        expected=Verdict(item.standing.value),
        first_by=item.decided_by,
        assigned_at=clock(),
    )


def _decided_by_another(connection: Connection, scope: Scope, reviewer: str, steps: int) -> ReviewItem | None:
    """A finding that another person decided and this reviewer was never given."""
    table, blind = tables.review_item, tables.blind_review
    given = select(blind.c.finding).where(blind.c.reviewer == reviewer)
    verdict = (Verdict.CONFIRM, Verdict.REJECT)[(steps // ONE_IN) % 2]
    # Both verdicts in turn: among confirmations alone every reviewer would agree.
    for standing in (verdict, *(each for each in (Verdict.CONFIRM, Verdict.REJECT) if each is not verdict)):
        found = ReviewItems(connection, scope).first(
            table.c.standing == Standing(standing.value).value,
            table.c.decided_by != reviewer,
            table.c.finding.not_in(given),
            # A known answer measures once, and against what is known.
            table.c.finding.not_in(select(tables.known_answer.c.finding)),
        )
        if found is not None:
            return found
    return None


def _item(connection: Connection, scope: Scope, finding: str) -> ReviewItem:
    item = ReviewItems(connection, scope).get(finding)
    if item is None:
        raise UnknownFinding(finding)
    return item
