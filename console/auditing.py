"""The audit trail on an open workspace: sealed, its end handed to another party, and checked whole."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import OperationalError

from console.errors import Unanswerable
from console.output import Progress
from console.workspace import Workspace
from store.db.audit_chain import ChainState, Mark, audit_entries, head_of, seal_entries, walk_chain
from store.db.errors import StoreError
from store.db.session import Database
from store.evidence.checkpoint import (
    Checkpoint,
    KeptCheckpoint,
    check_checkpoint,
    check_head,
    parse_checkpoint,
    write_checkpoint,
)
from store.evidence.seal import load_key
from store.evidence.verify import Check, PublishedKey, Refused, Status, Verdict
from store.records.ids import Clock, utc_now

log = logging.getLogger(__name__)

# Chosen: a transaction lasts a tenth of a second and clocks of one office differ by seconds; an hour is neither.
LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """Every check of the audit trail, and how far it goes."""

    verdict: Verdict
    checks: tuple[Check, ...]
    state: ChainState


def seal_acts(database: Database) -> int:
    """Seal what waits, as the worker does: failures are logged, and what was not sealed is sealed the next time."""
    try:
        return seal_entries(database)
    except (StoreError, OperationalError) as error:
        log.error("audit trail not sealed: %s", error)
        return 0


def make_checkpoint(workspace: Workspace, folder: Path, *, clock: Clock = utc_now) -> Path:
    """
    Seal what waits, and write the signed end of the chain into a folder; gives the statement's path.

    Raises `Unanswerable` where nothing was ever done, or where numbers are missing: such an end is not signed.
    """
    seal_entries(workspace.database)
    with workspace.database.read() as connection:
        head = head_of(connection)
    if head.sequence == 0:
        raise Unanswerable("the audit trail is empty, so there is no end of it to sign; it fills with the first act")
    if head.count != head.sequence:
        raise Unanswerable(
            f"the chain's last number is {head.sequence} and it has {head.count} entries; see `marque audit verify`"
        )
    now = clock()
    key = load_key(workspace.settings.keys, at=now)
    return write_checkpoint(folder, sequence=head.sequence, link=head.link, count=head.count, key=key, at=now)


def check_trail(
    database: Database, kept: KeptCheckpoint | None, trusted: Sequence[PublishedKey] | None, told: Progress
) -> AuditReport:
    """Recompute the whole chain and hold it against a checkpoint; without one a cut end stays unseen, and is said."""
    checkpoint = _read(kept)
    mark = None
    if checkpoint is not None:
        not_before = f"{checkpoint.at - LATE:%Y-%m-%dT%H:%M:%S.%fZ}"
        mark = Mark(sequence=checkpoint.sequence, not_before=not_before)
    with database.read() as connection:
        total = audit_entries(connection)
        state = walk_chain(connection, mark, lambda seen: told(seen, total, "links"))
    checks = [_chain_check(state)]
    if kept is None:
        checks.append(
            Check(
                name="checkpoint",
                status=Status.INCONCLUSIVE,
                detail="none given: an end that was cut off, or a chain made anew, would not be seen; give one that "
                "another party kept with --against",
            )
        )
    else:
        checks += check_checkpoint(kept, trusted)
    if checkpoint is not None:
        checks.append(check_head(checkpoint, link_there=state.link_at_mark, count=state.head.count))
        checks.append(_dates_check(checkpoint, state))
    return AuditReport(verdict=_verdict(checks), checks=tuple(checks), state=state)


def report_json(report: AuditReport) -> dict[str, object]:
    """A report as plain JSON values."""
    state = report.state
    return {
        "verdict": report.verdict.name,
        "exit_status": report.verdict.value,
        "checks": [{"name": c.name, "status": c.status.value, "detail": c.detail} for c in report.checks],
        "sealed": state.head.count,
        "unsealed": state.unsealed,
        "sequence": state.head.sequence,
        "link": state.head.link,
        "break_count": state.break_count,
        "breaks": [
            {"kind": each.kind.value, "sequence": each.sequence, "id": each.id, "why": each.why}
            for each in state.breaks
        ],
    }


def report_text(report: AuditReport) -> str:
    """A report for people, the verdict last."""
    state = report.state
    lines = [f"{check.status.value.upper():12} {check.name}: {check.detail}" for check in report.checks]
    lines += [f"{'':12} {each.kind.value} at {each.sequence or '-'}, {each.id}: {each.why}" for each in state.breaks]
    if state.break_count > len(state.breaks):
        lines.append(f"{'':12} and {state.break_count - len(state.breaks)} more")
    if state.unsealed:
        lines.append(f"{'NOTE':12} {state.unsealed} entries are not sealed yet, and the chain says nothing of them")
    return "\n".join([*lines, f"{report.verdict.name}: {state.head.count} sealed entries"]) + "\n"


def _read(kept: KeptCheckpoint | None) -> Checkpoint | None:
    try:
        return None if kept is None else parse_checkpoint(kept.statement)
    except Refused:
        return None  # the check of the statement says why


def _chain_check(state: ChainState) -> Check:
    if state.break_count:
        detail = f"{state.break_count} places where it does not hold, the first: {state.breaks[0].why}"
        return Check(name="chain", status=Status.FAIL, detail=detail)
    detail = f"{state.head.count} links recomputed, numbers without a gap"
    return Check(name="chain", status=Status.PASS, detail=detail)


def _dates_check(checkpoint: Checkpoint, state: ChainState) -> Check:
    name = "dates_after_checkpoint"
    if not state.older_than_mark:
        return Check(name=name, status=Status.PASS, detail="no later entry says it is older than the checkpoint")
    detail = (
        f"{state.older_than_mark} entries were sealed after {checkpoint.at:%Y-%m-%d %H:%M} UTC and say they are more "
        "than an hour older: slipped in later, or from a machine whose clock is wrong"
    )
    return Check(name=name, status=Status.INCONCLUSIVE, detail=detail)


def _verdict(checks: Sequence[Check]) -> Verdict:
    statuses = {check.status for check in checks}
    if Status.FAIL in statuses:
        return Verdict.FAIL
    return Verdict.INCONCLUSIVE if Status.INCONCLUSIVE in statuses else Verdict.PASS
