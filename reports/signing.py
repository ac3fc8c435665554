"""The acts of people on a notice: they approve it, sign it, take it back."""

from __future__ import annotations

from dataclasses import replace

from cases.run import check_exercise
from config.declarations import Declarations
from reports.errors import UnknownNotice, WrongSigner, WrongState
from store.db.audit import act_of
from store.db.notices import Notices
from store.db.session import Database
from store.records import codec
from store.records.cases import EXERCISE_POLICY
from store.records.ids import Clock, NewId
from store.records.notices import Notice, NoticeState
from store.records.scope import EVERYTHING, Scope

EXERCISE_SIGNATORY = "Exercise Signatory"
"""Who signs in an exercise: nobody, and the name says so."""


def approve(
    database: Database, notice: str, *, by: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> Notice:
    """A person takes responsibility for a ready notice. Raises `UnknownNotice`, `WrongState`, `WrongSigner`."""
    with database.write() as connection:
        notices = Notices(connection, scope)
        old = _standing(notices, notice, NoticeState.READY)
        _check_person(old, by)
        return _approve(notices, old, by, clock=clock, ids=ids)


def sign(database: Database, notice: str, *, by: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING) -> Notice:
    """
    The signatory says the statements of an approved notice, word for word.

    The act keeps the digest of exactly what was signed. Raises `UnknownNotice`, `WrongState`, `WrongSigner`.
    """
    with database.write() as connection:
        notices = Notices(connection, scope)
        old = _standing(notices, notice, NoticeState.APPROVED)
        _check_person(old, by)
        if old.signatory is not None:
            raise WrongSigner(old.number, by, f"{old.signatory} has signed it already")
        return _sign(notices, old, by, clock=clock, ids=ids)


def recall(
    database: Database, notice: str, *, by: str, because: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> Notice:
    """
    Take back a notice that was an error, wherever it stands; its items may be asked for anew.

    `because` goes into the audit trail. Raises `UnknownNotice`, `WrongState`, `WrongSigner`.
    """
    with database.write() as connection:
        notices = Notices(connection, scope)
        old = notices.get(notice)
        if old is None:
            raise UnknownNotice(notice)
        if old.state in (NoticeState.RECALLED, NoticeState.REFUSED):
            raise WrongState(old.number, old.state.value, "one that still asks for something")
        _check_person(old, by)
        recalled = replace(old, state=NoticeState.RECALLED)
        act = act_of(by, "recall_notice", "notice", old.id, clock=clock, ids=ids, detail={"because": because})
        notices.move([recalled], act)
        return recalled


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
