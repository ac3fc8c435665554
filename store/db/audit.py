"""The audit trail, and repositories that write nothing without an entry in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from store.db import tables
from store.db.rows import Repository, row_of
from store.records.ids import Clock, NewId
from store.records.ledger import AuditEntry

R = TypeVar("R")


class AuditTrail(Repository[AuditEntry]):
    """Acts in the order of their ids, which is the order of time."""

    table = tables.audit_entry
    kind = AuditEntry

    def of_subject(self, subject: str) -> list[AuditEntry]:
        """Everything that was done to one record."""
        return self.find(self.table.c.subject == subject)

    def enter(self, acts: Iterable[AuditEntry]) -> None:
        """Insert many acts at once, in the caller's transaction."""
        rows = [row_of(act, self.table) for act in acts]
        if rows:
            self.connection.execute(self.table.insert(), rows)


class Audited(Repository[R]):
    """A repository for records whose every change is somebody's act."""

    def write(self, records: Iterable[R], act: AuditEntry, *, keys: Sequence[str] = ("id",)) -> None:
        """Insert or replace records together with the act that did it, in the caller's transaction."""
        self.put(records, keys=keys)
        AuditTrail(self.connection, self.scope).add(act)


def act_of(
    actor: str,
    action: str,
    subject_kind: str,
    subject: str,
    *,
    clock: Clock,
    ids: NewId,
    detail: Mapping[str, str] | None = None,
) -> AuditEntry:
    """An entry for one act, now. `detail` never holds a personal value."""
    return AuditEntry(
        id=ids(),
        at=clock(),
        actor=actor,
        action=action,
        subject_kind=subject_kind,
        subject=subject,
        detail=dict(detail or {}),
    )
