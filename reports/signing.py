"""The acts of people on a notice: they approve it, sign it, send it back to be mended, take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from cases.run import check_exercise
from config.declarations import Declarations
from config.policy import ReviewPolicy
from reports.errors import ChangedNotice, NoReason, UnknownNotice, WrongSigner, WrongState
from reports.people import OWN, SHIPPED_REVIEW, check_approver, check_signatory
from reports.taking_back import LEFT, recall_within, withdraw_within
from store.db.audit import act_of
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

SHORTEST_REASON = 10  # letters: a word or two that help whoever reads them, not a dot (chosen)


@contextmanager
def _before(
    database: Database,
    id: str,
    fits: Callable[[Notice], bool],
    needed: str,
    *,
    by: str,
    scope: Scope,
    seen: str | None,
    sight: Callable[[Notice], str] | None = None,
) -> Iterator[tuple[Notices, Notice]]:
    """
    A writing transaction with the notice that a person has before them, as it stands.

    Raises `UnknownNotice`, then `WrongState` unless it `fits`, `ChangedNotice`, and `WrongSigner` for nobody's name.
    """
    with database.write() as connection:
        notices = Notices(connection, scope)
        old = notices.get(id)
        if old is None:
            raise UnknownNotice(id)
        if not fits(old):
            raise WrongState(old.number, _state_words(old), needed)
        if seen is not None and seen != (sight or sight_of)(old):
            raise ChangedNotice(old.number, _state_words(old))
        if by.strip() in ("", EXERCISE_POLICY, EXERCISE_SIGNATORY, "marque"):
            raise WrongSigner(old.number, by, "this needs the name of a person")
        yield notices, old


def approve(
    database: Database,
    notice: str,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
    review: ReviewPolicy = SHIPPED_REVIEW,
    seen: str | None = None,
) -> Notice:
    """
    A person takes responsibility for a ready notice.

    `review` is the policy's; with `people = 1` a person's own work waits for a night and is few a day. `seen` is the
    `sight_of` the notice the person had before them. Raises `UnknownNotice`, `WrongState`, `WrongSigner`,
    `ChangedNotice`, `SamePerson` and `OwnWork`.
    """
    with _before(database, notice, _ready, "a ready one", by=by, scope=scope, seen=seen) as (notices, old):
        own = check_approver(notices.connection, old, by, scope, review, clock())
        return _approve(notices, old, by, clock=clock, ids=ids, own=own)


def sign(
    database: Database,
    notice: str,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
    review: ReviewPolicy = SHIPPED_REVIEW,
    seen: str | None = None,
) -> Notice:
    """
    The signatory says the statements of an approved notice, word for word.

    The act keeps the digest of exactly what was signed. `review` and `seen` as for `approve`. Raises
    `UnknownNotice`, `WrongState`, `WrongSigner`, `ChangedNotice` and `SamePerson`.
    """
    with _before(database, notice, _approved, "an approved one", by=by, scope=scope, seen=seen) as (notices, old):
        if old.signatory is not None:
            raise WrongSigner(old.number, by, f"{old.signatory} has signed it already")
        check_signatory(notices.connection, old, by, scope, review)
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
    needed = "one that nobody has signed"
    with _before(database, notice, _unsigned, needed, by=by, scope=scope, seen=seen) as (notices, old):
        back = replace(old, state=NoticeState.DRAFT, approved_by=None, approved_at=None)
        detail = {"because": _reason(old, because)}
        notices.move([back], act_of(by, "send_back_notice", "notice", old.id, clock=clock, ids=ids, detail=detail))
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

    `because` goes into the audit trail. Of what has left, every item is withdrawn or asked to be restored. `seen` is
    the `stance_of` the notice that the person had before them. Raises `UnknownNotice`, `WrongState`, `WrongSigner`,
    `ChangedNotice` and `NoReason`.
    """
    needed = "one that still asks for something"
    sight = _stance
    with _before(database, notice, _asking, needed, by=by, scope=scope, seen=seen, sight=sight) as (notices, old):
        connection, reason = notices.connection, _reason(old, because)
        if old.state in LEFT:
            wanted = [item.id for item in old.items if not item.refusals]
            withdraw_within(connection, old, wanted, fault=fault, by=by, because=reason, clock=clock, ids=ids)
        # Recalled already where its last items were withdrawn just now.
        return recall_within(connection, notices.get(notice) or old, by=by, because=reason, clock=clock, ids=ids)


def _ready(notice: Notice) -> bool:
    return notice.state is NoticeState.READY


def _approved(notice: Notice) -> bool:
    return notice.state is NoticeState.APPROVED


def _unsigned(notice: Notice) -> bool:
    return notice.state in (NoticeState.READY, NoticeState.APPROVED) and notice.signatory is None


def _asking(notice: Notice) -> bool:
    return notice.state not in (NoticeState.RECALLED, NoticeState.REFUSED)


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


def stance_of(head: Notice, outline: Iterable[tuple[str, Sequence[str]]]) -> str:
    """
    SHA-256 of where a notice stands: who acted when, and its items, each by id with what refuses it.

    For acts that take back: they rest on no words, and a notice of thousands of items is not read whole for them.
    """
    return codec.digest(
        {
            "state": head.state.value,
            "drafted_at": head.drafted_at.isoformat(),
            "approved_by": head.approved_by,
            "signatory": head.signatory,
            "items": [[id, *codes] for id, codes in outline],
        }
    )


def outline_of(notice: Notice) -> list[tuple[str, tuple[str, ...]]]:
    """A whole notice as `Notices.outline` gives it."""
    items = sorted(notice.items, key=lambda item: item.id)
    return [(item.id, tuple(refusal.code for refusal in item.refusals)) for item in items]


def _stance(notice: Notice) -> str:
    return stance_of(notice, outline_of(notice))


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
            old = notices.get(id)
            if old is None or not _ready(old):
                continue  # somebody was quicker
            approved = _approve(notices, old, EXERCISE_POLICY, clock=clock, ids=ids)
            done.append(_sign(notices, approved, EXERCISE_SIGNATORY, clock=clock, ids=ids))
    return done


def _reason(notice: Notice, because: str) -> str:
    reason = " ".join(because.split())
    if len(reason) < SHORTEST_REASON:
        raise NoReason(notice.number, SHORTEST_REASON)
    return reason


def _state_words(notice: Notice) -> str:
    return "signed" if notice.state is NoticeState.APPROVED and notice.signatory else notice.state.value


def _approve(notices: Notices, old: Notice, by: str, *, clock: Clock, ids: NewId, own: bool = False) -> Notice:
    approved = replace(old, state=NoticeState.APPROVED, approved_by=by, approved_at=clock())
    detail = {OWN: "yes"} if own else None
    notices.move([approved], act_of(by, "approve_notice", "notice", old.id, clock=clock, ids=ids, detail=detail))
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
