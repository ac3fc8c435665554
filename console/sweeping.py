"""Lets go of bytes that nothing in the ledger speaks of, whichever column or note it would be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, LargeBinary, select

from console.errors import ErasureRefused
from console.workspace import Workspace
from store.db.audit import AuditTrail, act_of
from store.db.tables import metadata
from store.records.ids import Clock, new_id, utc_now
from store.records.scope import EVERYTHING

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_AT_ONCE = 2000  # overwritten in one pass over the packs


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """Blobs that nothing speaks of, and their bytes; `is_done` where they were let go of."""

    blobs: int
    size_bytes: int
    is_done: bool


def sweep(workspace: Workspace, *, by: str, really: bool, clock: Clock = utc_now) -> Swept:
    """
    Find, and `really` overwrite, what no row of the ledger names by its SHA-256, in any column, list or note.

    Nobody else may work meanwhile: a crawl puts bytes before it commits the row that names them. Raises
    `ErasureRefused`.
    """
    vault = workspace.vault
    with vault.alone() as is_alone:
        if not is_alone:
            raise ErasureRefused("somebody is at work; stop the desk, the worker and every crawl first")
        with workspace.database.read() as connection:
            named = named_digests(connection)
        loose = [digest for digest in vault.digests() if digest not in named]
        size_bytes = sum(map(vault.size, loose))
        if really and loose:
            detail = {"blobs": str(len(loose)), "bytes": str(size_bytes)}
            with workspace.database.write() as connection:
                act = act_of(by, "sweep_vault", "workspace", "vault", clock=clock, ids=new_id, detail=detail)
                AuditTrail(connection, EVERYTHING).add(act)
            for at in range(0, len(loose), _AT_ONCE):
                vault.erase(loose[at : at + _AT_ONCE], lawfully=False)
    return Swept(blobs=len(loose), size_bytes=size_bytes, is_done=really)


def named_digests(connection: Connection) -> set[str]:
    """Everything in the ledger that looks like a SHA-256, wherever it stands."""
    found: set[str] = set()
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
        for row in connection.execute(select(*columns), execution_options={"yield_per": 1000}):
            for value in row:
                found.update(_DIGEST.findall(_text(value)))
    return found


def _text(value: Any) -> str:  # Any: what a column holds
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, list | dict) else ""
