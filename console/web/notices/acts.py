"""What the buttons on a notice do. Each is done once, however often it is pressed, and never on an outdated sight."""

from __future__ import annotations

import logging
from dataclasses import replace

from config.declarations import Declarations, load_declarations
from console.pipeline import leave_batches, prepare_notices, sender_of
from console.web.desk import Visit
from console.web.errors import Missing, Refused
from console.web.notices.notice import batch_of, find_notice
from console.web.words import gettext as _
from console.workspace import Workspace
from reports import signing
from reports.errors import (
    ChangedNotice,
    MissingEvidence,
    NoReason,
    OtherSender,
    OwnWork,
    ReportError,
    SamePerson,
    WrongSigner,
    WrongState,
)
from reports.judging import Judged, judge_notice
from reports.run import check_notice
from store.db import tables
from store.db.accounts import Accounts
from store.db.cases import Cases
from store.db.notices import Notices
from store.evidence.errors import EvidenceError
from store.records.accounts import Role
from store.records.cases import Case, CaseState
from store.records.notices import Batch, Notice, NoticeState
from store.records.scope import EVERYTHING

LIVE = (NoticeState.DRAFT, NoticeState.READY, NoticeState.APPROVED, NoticeState.BATCHED, NoticeState.SENT)
"""States in which a notice asks for something, or will."""

WAITING = (NoticeState.DRAFT, NoticeState.REFUSED, NoticeState.READY, NoticeState.APPROVED)
"""States in which the rules still have a say; what has left was judged when it left."""

log = logging.getLogger("marque.desk")


def current(here: Visit) -> Workspace:
    """The workspace under the declarations as they are now: a profile verified a minute ago counts."""
    workspace = here.desk.workspace
    return replace(workspace, declarations=load_declarations(workspace.settings))


def signatories(here: Visit, case: Case) -> list[str]:
    """Who may sign the notices of a case: open accounts of that role whose scope holds it, by name."""
    with here.read() as connection:
        accounts = Accounts(connection, EVERYTHING).find(tables.account.c.disabled_at.is_(None))
    return sorted(
        account.name
        for account in accounts
        if Role.SIGNATORY in account.roles
        and account.holder in (None, case.holder)
        and account.compartment in (None, case.compartment)
    )


def prepare(here: Visit, number: int) -> Notice:
    """
    Draft the notices of a case, or find the one that is drafted already; the newest that asks for something.

    Raises `Missing` for a case out of sight and `Refused` where nothing is confirmed, or nothing can be drafted.
    """
    workspace = current(here)
    with here.read() as connection:
        case = Cases(connection, here.scope).numbered(number)
    if case is None:
        raise Missing(_("There is no such case, or none you may see."))
    if case.state is CaseState.OPEN:
        raise Refused(_("Nothing in this case is confirmed yet: decide its findings, then prepare the notice."))
    named = signatories(here, case)
    _check_waiting(here, workspace, case, named)
    run = prepare_notices(
        workspace,
        named[0] if named else None,
        scope=here.scope,
        case=case.id,
        by=here.by,
        clock=here.desk.clock,
        ids=here.desk.ids,
    )
    log.info("stage ended", extra={"run": run.id, "stage": run.kind.value, "state": run.state.value})
    with here.read() as connection:
        found = Notices(connection, here.scope).find(
            tables.notice.c.case == case.id, tables.notice.c.state != NoticeState.RECALLED.value
        )
    if not found:
        raise Refused(run.alarms[0] if run.alarms else _("Nothing in this case stands confirmed."))
    return max(found, key=lambda notice: (notice.state in LIVE, notice.number))


def _check_waiting(here: Visit, workspace: Workspace, case: Case, named: list[str]) -> None:
    """Run the rules on what waits for a person, so that Prepare drafts anew what no longer passes."""
    with here.read() as connection:
        waiting = Notices(connection, here.scope).find(
            tables.notice.c.case == case.id,
            tables.notice.c.state.in_([NoticeState.READY.value, NoticeState.APPROVED.value]),
            tables.notice.c.signatory.is_(None),
        )
    for notice in waiting:
        _check(here, workspace, notice, named)


def _check(here: Visit, workspace: Workspace, notice: Notice, named: list[str]) -> Judged:
    return check_notice(
        workspace.database,
        workspace.vault,
        workspace.declarations,
        notice.id,
        sender=sender_of(workspace, named[0] if named else None),
        clock=here.desk.clock,
        ids=here.desk.ids,
        sealer=workspace.sealer,
        scope=here.scope,
    )


def judge(here: Visit, declared: Declarations, notice: Notice, case: Case, only: set[str] | None = None) -> Judged:
    """
    What the rules say of these items now, refused ones among them; nothing is written.

    Of a notice that has left, only what is known of its items is gathered: its evidence is old by then.
    """
    workspace = replace(here.desk.workspace, declarations=declared)
    named = signatories(here, case)
    judged = judge_notice(
        workspace.database,
        workspace.vault,
        declared,
        notice,
        case,
        sender=sender_of(workspace, named[0] if named else None),
        scope=here.scope,
        now=here.desk.clock(),
        sealer=workspace.sealer,
        only=only,
        again=True,
    )
    return judged if notice.state in WAITING else replace(judged, notice=notice, out_of_sight=())


def approve(here: Visit, number: int, seen: str) -> None:
    """Approve what was on the screen, after the rules were run once more."""
    workspace, notice = _checked(here, number)
    if notice.state is NoticeState.APPROVED and notice.approved_by == here.by:
        return  # pressed twice
    signing.approve(
        workspace.database,
        notice.id,
        by=here.by,
        clock=here.desk.clock,
        ids=here.desk.ids,
        scope=here.scope,
        review=workspace.declarations.policy.review,
        seen=seen,
    )


def sign(here: Visit, number: int, seen: str, name: str) -> None:
    """Sign what was on the screen, word for word; the name typed is the signatory's own."""
    workspace, notice = _checked(here, number)
    if notice.state is NoticeState.APPROVED and notice.signatory == here.by:
        return  # pressed twice
    if " ".join(name.split()) != here.by:
        raise Refused(_("The name you typed is not the name of your account. Nothing was signed."))
    signing.sign(
        workspace.database,
        notice.id,
        by=here.by,
        clock=here.desk.clock,
        ids=here.desk.ids,
        scope=here.scope,
        review=workspace.declarations.policy.review,
        seen=seen,
    )


def send_back(here: Visit, number: int, seen: str, because: str) -> None:
    """Give a notice back to be mended."""
    notice, _case = _found(here, number)
    if notice.state is NoticeState.DRAFT:
        return  # pressed twice, or two had the same thought
    signing.send_back(
        here.desk.workspace.database,
        notice.id,
        by=here.by,
        because=because,
        clock=here.desk.clock,
        ids=here.desk.ids,
        scope=here.scope,
        seen=seen,
    )


def recall(here: Visit, number: int, seen: str, because: str) -> None:
    """Take a notice back that was an error."""
    notice, _case = _found(here, number)
    if notice.state is NoticeState.RECALLED:
        return
    signing.recall(
        here.desk.workspace.database,
        notice.id,
        by=here.by,
        because=because,
        clock=here.desk.clock,
        ids=here.desk.ids,
        scope=here.scope,
        seen=seen,
    )


def export(here: Visit, number: int, seen: str) -> Batch:
    """Seal one signed notice into a batch of its own; again, it gives the batch it left in."""
    notice, _case = _found(here, number)
    with here.read() as connection:
        left = batch_of(connection, here.scope, notice)
    if left is not None:
        return left
    if notice.state is not NoticeState.APPROVED or notice.signatory is None:
        raise WrongState(notice.number, notice.state.value, "one that is signed")
    if seen != signing.sight_of(notice):
        raise ChangedNotice(notice.number, notice.state.value)
    made = _leave(here, {notice.id})
    if not made:
        raise Refused(_("A rule stops every item of this notice now, so that nothing was sealed."))
    return made[0]


def export_signed(here: Visit) -> list[Batch]:
    """Seal everything in sight that is signed, one batch a platform."""
    return _leave(here, None)


def in_words(error: Exception) -> str:
    """A refusal as the person at the desk reads it."""
    match error:
        case SamePerson(did=did):
            return same_person(did)
        case OwnWork(why=why):
            return _("It is your own work: %(why)s.") % {"why": why}
        case ChangedNotice():
            return _("This notice changed after you opened it, so that nothing was done. Read it again below.")
        case WrongState():
            return _("The notice does not stand where this step needs it, so that nothing was done.")
        case NoReason(least=least):
            return _("Say why, in at least %(least)s letters; whoever has to mend it reads it.") % {"least": least}
        case WrongSigner(why=why):
            return _("Nothing was signed: %(why)s.") % {"why": why}
        case OtherSender():
            return _("It was signed for another sender than now sends. Recall it and prepare it anew.")
        case MissingEvidence():
            return _("Bytes that the batch must carry are not in the vault, so that nothing was sealed.")
        case _:
            return str(error)


def same_person(did: str) -> str:
    """Why this is another person's act."""
    if did == "approved it":
        return _("You approved this notice, so that another person has to sign it.")
    if did == "drafted it":
        return _("You prepared this notice, so that another person has to approve it.")
    return _("You alone confirmed everything in this notice, so that another person has to approve it.")


def _found(here: Visit, number: int) -> tuple[Notice, Case]:
    with here.read() as connection:
        found = find_notice(connection, here.scope, number)
    if found is None:
        raise Missing(_("There is no such notice, or none you may see."))
    return found


def _checked(here: Visit, number: int) -> tuple[Workspace, Notice]:
    """The notice after the rules were run on it; what they refuse now is kept, and changes what was seen."""
    notice, case = _found(here, number)
    workspace = current(here)
    named = signatories(here, case)
    judged = _check(here, workspace, notice, named)
    if judged.out_of_sight and notice.state in (NoticeState.READY, NoticeState.APPROVED):
        raise Refused(_("Records of this notice can't be read any more, so that nobody can check it."))
    return workspace, _found(here, number)[0]


def _leave(here: Visit, only: set[str] | None) -> list[Batch]:
    try:
        return leave_batches(
            current(here), scope=here.scope, only=only, by=here.by, clock=here.desk.clock, ids=here.desk.ids
        )
    except EvidenceError as error:
        raise Refused(str(error)) from error


REFUSALS: tuple[type[Exception], ...] = (Refused, ReportError)
"""What a page shows above the notice, in red, instead of an answer of its own."""
