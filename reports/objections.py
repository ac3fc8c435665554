"""
Objections of the accused: entered as the platform passes them on, and answered by a named person within the clock.

Three answers: *accept* (the item is taken back, the platform asked to restore it, the finding rejected, the fault
counted), *reject* (the notice stands, and the platform is told why), *sue* (an action is filed, with court and
number). Which of them a regime knows is the profile's word. Whoever approved or signed the notice does not judge the
objection to it, unless the policy says that the office has one person. Silence is neither: the clock runs out, and
the platform does what its rules say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from cases.decisions import decide_within
from config.declarations import Declarations
from config.profile import Profile
from reports.answers.lifecycle import refuse_move, standing_of
from reports.errors import NotAnAnswer, NotOurDoor, SamePerson, UnknownNotice, UnknownObjection
from reports.taking_back import LEFT, withdraw_within
from store.db.audit import act_of
from store.db.follow_ups import FollowUps
from store.db.notices import Notices
from store.db.outcomes import CounterNotices, Outcomes
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import RejectReason, Verdict
from store.records.follow_ups import Fault, FollowUp, FollowUpKind
from store.records.ids import Clock, NewId
from store.records.notices import Notice
from store.records.outcomes import (
    CounterNotice,
    CounterReason,
    Outcome,
    OutcomeKind,
    OutcomeStatus,
    Response,
)
from store.records.scope import EVERYTHING, Scope

SHORTEST_REASON = 20  # letters: whoever lost a listing is owed more than a word

# What an objection that was right says of our own error, and of the finding.
FAULT_OF: dict[CounterReason, tuple[Fault, RejectReason]] = {
    CounterReason.OWNER: (Fault.NO_RIGHT, RejectReason.OTHER_HOLDERS_MARK),
    CounterReason.AUTHORISED: (Fault.AUTHORISED, RejectReason.AUTHORISED),
    CounterReason.NO_RIGHT: (Fault.NO_RIGHT, RejectReason.OTHER_HOLDERS_MARK),
    CounterReason.FAIR_USE: (Fault.EXCEPTION, RejectReason.OTHER),
    CounterReason.EXHAUSTION: (Fault.GENUINE, RejectReason.GENUINE_RESALE),
    CounterReason.REMOVED: (Fault.WRONG_ITEM, RejectReason.OTHER),
    CounterReason.MISIDENTIFIED: (Fault.WRONG_ITEM, RejectReason.NOT_OUR_PRODUCT),
    CounterReason.OTHER: (Fault.BAD_EVIDENCE, RejectReason.OTHER),
}


def enter_objection(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    notice: str,
    item: str,
    *,
    document: bytes,
    reason: CounterReason,
    elements: Iterable[str] = (),
    objected_at: datetime,
    direct: bool = False,
    by: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> CounterNotice:
    """
    Enter what the platform passed on of an objection to one item; the same document again changes nothing.

    `elements` are those of the profile's list that it carries. `direct`: the accused wrote to us and not to the
    platform. Raises `NotOurDoor` where the profile leaves that to the platform (then nothing is kept),
    `UnknownNotice`, and `NotAnAnswer` where the item does not stand so that it can be objected to.
    """
    with database.read() as connection:
        found = _left(connection, scope, notice, item)
        profile = declarations.profiles.get(found.profile)
    if direct and (profile is None or profile.objections.through != "desk"):
        raise NotOurDoor(found.number, profile.reply_to if profile is not None else "the platform's own form")
    carried = tuple(elements)
    unknown = set(carried) - set(profile.objections.elements if profile is not None else ())
    if unknown:
        named = ", ".join(profile.objections.elements) if profile is not None else ""
        raise NotAnAnswer(found.number, f"{min(unknown)} is no element of the profile; it names {named or 'none'}")
    sha256 = vault.put(document)
    vault.flush()
    with database.write() as connection:
        counters = CounterNotices(connection, EVERYTHING)
        standing = [each for each in counters.of_notice(found.id) if each.item == item]
        known = next((each for each in standing if each.raw_sha256 == sha256), None)
        if known is not None:
            return known
        waiting = next((each for each in standing if each.our_response is None), None)
        now = clock()
        if waiting is not None:
            # The platform's answer said only that there is one; its document tells which.
            told = replace(waiting, reason=reason, elements=carried, raw_sha256=sha256, objected_at=objected_at)
            act = act_of(by, "read_counter_notice", "notice", found.id, clock=clock, ids=ids, detail={"item": item})
            counters.write([told], act)
            return told
        outcomes = Outcomes(connection, EVERYTHING).of_notice(found.id)
        stopped = refuse_move(standing_of(outcomes, item), OutcomeStatus.COUNTER_NOTICED, objected_at)
        if stopped is not None:
            raise NotAnAnswer(found.number, stopped)
        outcome = Outcome(
            id=ids(),
            notice=found.id,
            item=item,
            kind=OutcomeKind.COUNTER_NOTICE,
            status_raw="counter_notice",
            status=OutcomeStatus.COUNTER_NOTICED,
            received_at=now,
            decided_at=objected_at,
            raw_sha256=sha256,
        )
        entered = CounterNotice(
            id=ids(),
            notice=found.id,
            item=item,
            reason=reason,
            elements=carried,
            received_at=now,
            objected_at=objected_at,
            raw_sha256=sha256,
        )
        detail = {"item": item, "reason": reason.value}
        act = act_of(by, "enter_outcome", "notice", found.id, clock=clock, ids=ids, detail=detail)
        Outcomes(connection, EVERYTHING).write([outcome], act)
        act = act_of(by, "enter_counter_notice", "notice", found.id, clock=clock, ids=ids, detail=detail)
        counters.write([entered], act)
    return entered


def missing_elements(counter: CounterNotice, profile: Profile | None) -> tuple[str, ...]:
    """What the profile's regime asks of an objection and this one lacks; the platform decides what follows."""
    asked = profile.objections.elements if profile is not None else ()
    return tuple(element for element in asked if element not in counter.elements)


def answer_objection(
    database: Database,
    declarations: Declarations,
    objection: str,
    response: Response,
    *,
    by: str,
    because: str,
    court: str | None = None,
    court_number: str | None = None,
    filed_on: date | None = None,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> CounterNotice:
    """
    Decide an objection, once, as a named person; what follows for the item is written in the same transaction.

    Raises `UnknownObjection`, `NotAnAnswer` (answered already, not this regime's answer, no reason, no court) and
    `SamePerson`.
    """
    words = " ".join(because.split())
    with database.write() as connection:
        counters = CounterNotices(connection, EVERYTHING)
        counter = counters.get(objection)
        notice = Notices(connection, scope).get(counter.notice) if counter is not None else None
        if counter is None or notice is None:
            raise UnknownObjection(objection)
        _check(declarations, counter, notice, response, by, words, (court, court_number, filed_on))
        now = clock()
        answered = replace(
            counter,
            our_response=response,
            responded_by=by,
            responded_at=now,
            because=words,
            court=court if response is Response.SUE else None,
            court_number=court_number if response is Response.SUE else None,
            filed_on=filed_on if response is Response.SUE else None,
        )
        detail = {"response": response.value, "because": words, "item": counter.item or ""}
        act = act_of(by, "answer_counter_notice", "notice", notice.id, clock=clock, ids=ids, detail=detail)
        counters.write([answered], act)
        items = [i for i in notice.items if not i.refusals and counter.item in (None, i.id)]
        if response is Response.ACCEPT:
            fault, rejected = FAULT_OF[counter.reason]
            if notice.state in LEFT:
                withdraw_within(
                    connection, notice, [item.id for item in items], fault=fault, by=by, because=words,
                    clock=clock, ids=ids, counter=counter.id,
                )  # fmt: skip
            findings = [item.finding for item in items]
            # The finding falls with it, or the next run would ask for the same again.
            decide_within(
                connection, findings, Verdict.REJECT, by=by, clock=clock, ids=ids, reason=rejected, note=words
            )
            return answered
        said = FollowUpKind.COURT if response is Response.SUE else FollowUpKind.UPHOLD
        where = f" Court: {court}, number {court_number}, filed on {filed_on}." if response is Response.SUE else ""
        made = [
            FollowUp(
                id=ids(),
                notice=notice.id,
                item=item.id,
                platform=notice.platform,
                kind=said,
                because=words + where,
                by=by,
                at=now,
                counter=counter.id,
            )
            for item in items
        ]
        act = act_of(by, "follow_up", "notice", notice.id, clock=clock, ids=ids, detail={"kind": said.value})
        FollowUps(connection, EVERYTHING).write(made, act)
    return answered


def _left(connection: Connection, scope: Scope, notice: str, item: str) -> Notice:
    found = Notices(connection, scope).get(notice)
    if found is None:
        raise UnknownNotice(notice)
    if found.state not in LEFT or item not in {each.id for each in found.items if not each.refusals}:
        raise NotAnAnswer(found.number, "no item of it that left and still stands has this id")
    return found


def _check(
    declarations: Declarations,
    counter: CounterNotice,
    notice: Notice,
    response: Response,
    by: str,
    words: str,
    suit: tuple[str | None, str | None, date | None],
) -> None:
    number = notice.number
    if counter.our_response is not None:
        raise NotAnAnswer(number, f"{counter.responded_by} answered it already: {counter.our_response.value}")
    profile = declarations.profiles.get(notice.profile)
    known = profile.objections.answers if profile is not None else ("accept",)
    if response.value not in known:
        raise NotAnAnswer(number, f"under {notice.profile} an objection is answered by {' or '.join(known)}")
    if len(words) < SHORTEST_REASON:
        raise NotAnAnswer(number, f"say why, in at least {SHORTEST_REASON} letters")
    if response is Response.SUE and not all(suit):
        raise NotAnAnswer(number, "an action has a court, a number and a day on which it was filed")
    if not by.strip() or by.strip() == "marque":
        raise NotAnAnswer(number, "this needs the name of a person")
    mine = {name.strip().casefold() for name in (notice.approved_by, notice.signatory) if name}
    if declarations.policy.review.people > 1 and by.strip().casefold() in mine:
        raise SamePerson(number, by, "approved or signed it")
