"""The acts of people on a notice: they approve it, sign it, send it back to be mended, take it back."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from cases.decisions import current_decision
from cases.run import check_exercise
from config.declarations import Declarations
from reports.errors import ChangedNotice, NoReason, SamePerson, UnknownNotice, WrongSigner, WrongState
from reports.taking_back import LEFT, recall_within, withdraw_within
from store.db.audit import AuditTrail, act_of
from store.db.decisions import Decisions
from store.db.notices import Notices
from store.db.session import Database
from store.records import codec
from store.records.cases import EXERCISE_POLICY
from store.records.follow_ups import Fault
from store.records.ids import Clock, NewId
from store.records.notices import Notice, NoticeState
from store.records.scope import EVERYTHING, Scope

EXERCISE_SIGNATORY = "Exercise Signatory"
"""Who signs in an exercise: nobody, and the name says so."""


TWO_PEOPLE = 2
"""How many people stand behind a notice unless the policy says otherwise: one prepares, another approves."""

SHORTEST_REASON = 10  # letters: a word or two that help whoever reads them, not a dot (chosen)


def approve(
    database: Database,
    notice: str,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
    people: int = TWO_PEOPLE,
    seen: str | None = None,
) -> Notice:
    """
    A person takes responsibility for a ready notice.

    `people` is the policy's `review.people`: with 1, who drafted or confirmed may approve as well. `seen` is the
    `sight_of` the notice the person had before them. Raises `UnknownNotice`, `WrongState`, `WrongSigner`,
    `ChangedNotice` and `SamePerson`.
    """
    with database.write() as connection:
        notices = Notices(connection, scope)
        old = _standing(notices, notice, NoticeState.READY)
        _check_sight(old, seen)
        _check_person(old, by)
        if people >= TWO_PEOPLE:
            check_second_person(connection, old, by, scope)
        return _approve(notices, old, by, clock=clock, ids=ids)


def check_second_person(connection: Connection, notice: Notice, by: str, scope: Scope) -> None:
    """Raise `SamePerson` where `by` drafted the notice, or alone confirmed every finding it complains of."""
    me = _folded(by)
    acts = AuditTrail(connection, scope).of_subject(notice.id)
    if me in {_folded(act.actor) for act in acts if act.action == "draft_notice"}:
        raise SamePerson(notice.number, by, "drafted it")
    findings = [item.finding for item in notice.items if not item.refusals]
    decisions = Decisions(connection, scope).of_findings(findings)
    standing = [current_decision(decisions.get(finding, ())) for finding in findings]
    if {_folded(each.by) for each in standing if each is not None} == {me}:
        raise SamePerson(notice.number, by, "confirmed every finding in it")


def sign(
    database: Database,
    notice: str,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
    seen: str | None = None,
) -> Notice:
    """
    The signatory says the statements of an approved notice, word for word.

    The act keeps the digest of exactly what was signed. `seen` as for `approve`. Raises `UnknownNotice`,
    `WrongState`, `WrongSigner` and `ChangedNotice`.
    """
    with database.write() as connection:
        notices = Notices(connection, scope)
        old = _standing(notices, notice, NoticeState.APPROVED)
        _check_sight(old, seen)
        _check_person(old, by)
        if old.signatory is not None:
            raise WrongSigner(old.number, by, f"{old.signatory} has signed it already")
        return _sign(notices, old, by, clock=clock, ids=ids)


def send_back(
    database: Database,
    notice: str,
    *,
    by: str,
    because: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
    seen: str | None = None,
) -> Notice:
    """
    Give a notice that nobody has signed back to be mended; the next `prepare` of its case drafts it anew.

    `because` stands in the notice's history. Raises `UnknownNotice`, `WrongState`, `WrongSigner`, `ChangedNotice`
    and `NoReason`.
    """
    with database.write() as connection:
        notices = Notices(connection, scope)
        old = notices.get(notice)
        if old is None:
            raise UnknownNotice(notice)
        if old.state not in (NoticeState.READY, NoticeState.APPROVED) or old.signatory is not None:
            raise WrongState(old.number, _state_words(old), "one that nobody has signed")
        _check_sight(old, seen)
        _check_person(old, by)
        reason = _reason(old, because)
        back = replace(old, state=NoticeState.DRAFT, approved_by=None, approved_at=None)
        act = act_of(by, "send_back_notice", "notice", old.id, clock=clock, ids=ids, detail={"because": reason})
        notices.move([back], act)
        return back


def recall(
    database: Database,
    notice: str,
    *,
    by: str,
    because: str,
    fault: Fault = Fault.UNSAID,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
    seen: str | None = None,
) -> Notice:
    """
    Take back a notice that was an error, wherever it stands; its items may be asked for anew.

    `because` goes into the audit trail. Of what has left, every item is withdrawn or asked to be restored. Raises
    `UnknownNotice`, `WrongState`, `WrongSigner`, `ChangedNotice` and `NoReason`.
    """
    with database.write() as connection:
        notices = Notices(connection, scope)
        old = notices.get(notice)
        if old is None:
            raise UnknownNotice(notice)
        if old.state in (NoticeState.RECALLED, NoticeState.REFUSED):
            raise WrongState(old.number, old.state.value, "one that still asks for something")
        _check_sight(old, seen)
        _check_person(old, by)
        reason = _reason(old, because)
        if old.state in LEFT:
            wanted = [item.id for item in old.items if not item.refusals]
            withdraw_within(connection, old, wanted, fault=fault, by=by, because=reason, clock=clock, ids=ids)
        # Recalled already where its last items were withdrawn just now.
        return recall_within(connection, notices.get(notice) or old, by=by, because=reason, clock=clock, ids=ids)


def sight_of(notice: Notice) -> str:
    """
    SHA-256 of what a person has before them: where the notice stands, who acted, and every word of it.

    Looks that were only renewed do not change it, as long as the refusals stay the same.
    """
    return codec.digest(
        {
            "state": notice.state.value,
            "approved_by": notice.approved_by,
            "signatory": notice.signatory,
            "refused": [[refusal.code for refusal in item.refusals] for item in notice.items],
            "signed": signed_digest(notice),
        }
    )


def approve_by_exercise_policy(
    database: Database, declarations: Declarations, *, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> list[Notice]:
    """
    Approve and sign every ready notice without a person.

    Raises `UnsafeDeclaration` unless the policy says `exercise = true` and every platform is on loopback.
    """
    check_exercise(declarations)
    with database.read() as connection:
        ready = [n.id for n in Notices(connection, scope).in_state(NoticeState.READY)]
    done = []
    for id in ready:
        with database.write() as connection:
            notices = Notices(connection, scope)
            approved = _approve(
                notices, _standing(notices, id, NoticeState.READY), EXERCISE_POLICY, clock=clock, ids=ids
            )
            done.append(_sign(notices, approved, EXERCISE_SIGNATORY, clock=clock, ids=ids))
    return done


def _standing(notices: Notices, id: str, state: NoticeState) -> Notice:
    found = notices.get(id)
    if found is None:
        raise UnknownNotice(id)
    if found.state is not state:
        raise WrongState(found.number, found.state.value, state.value)
    return found


def _check_sight(notice: Notice, seen: str | None) -> None:
    if seen is not None and seen != sight_of(notice):
        raise ChangedNotice(notice.number, _state_words(notice))


def _reason(notice: Notice, because: str) -> str:
    reason = " ".join(because.split())
    if len(reason) < SHORTEST_REASON:
        raise NoReason(notice.number, SHORTEST_REASON)
    return reason


def _state_words(notice: Notice) -> str:
    return "signed" if notice.state is NoticeState.APPROVED and notice.signatory else notice.state.value


def _folded(name: str) -> str:
    return name.strip().casefold()


def _check_person(notice: Notice, by: str) -> None:
    if by.strip() in ("", EXERCISE_POLICY, EXERCISE_SIGNATORY, "marque"):
        raise WrongSigner(notice.number, by, "this needs the name of a person")


def _approve(notices: Notices, old: Notice, by: str, *, clock: Clock, ids: NewId) -> Notice:
    approved = replace(old, state=NoticeState.APPROVED, approved_by=by, approved_at=clock())
    notices.move([approved], act_of(by, "approve_notice", "notice", old.id, clock=clock, ids=ids))
    return approved


def _sign(notices: Notices, old: Notice, by: str, *, clock: Clock, ids: NewId) -> Notice:
    signed = replace(old, signatory=by, signed_at=clock())
    detail = {"signed_sha256": signed_digest(signed)}
    notices.move([signed], act_of(by, "sign_notice", "notice", old.id, clock=clock, ids=ids, detail=detail))
    return signed


def signed_digest(notice: Notice) -> str:
    """SHA-256 of what a signature covers: the items that leave, the statements, the legal basis, right and holder."""
    return codec.digest(
        {
            "items": [codec.to_json(item) for item in notice.items if not item.refusals],
            "statements": [codec.to_json(statement) for statement in notice.statements],
            "legal_basis": notice.legal_basis,
            "right": notice.right,
            "holder": notice.holder,
            "agent": notice.agent,
        }
    )
