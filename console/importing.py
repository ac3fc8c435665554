"""Sheets handed in at the outer doors: one holder's rows only, through the same importer as the command line's."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from console.errors import NotFound
from console.workspace import Workspace
from registry.intake import import_records
from registry.report import ImportReport
from store.db.parties import Parties
from store.records.ids import Clock, NewId
from store.records.scope import EVERYTHING, Scope

Rows = Sequence[Mapping[str, str | int | float | bool | list[str] | None]]


def legal_name(workspace: Workspace, scope: Scope) -> str | None:
    """The one holder a scope is narrowed to; None where it is narrowed to none. Raises `NotFound`."""
    if scope.holder is None:
        return None
    with workspace.database.read() as connection:
        party = Parties(connection, EVERYTHING).get(scope.holder)
    if party is None:
        raise NotFound("holder", scope.holder, "`marque rights list` names them")
    return party.legal_name


def import_rows(
    workspace: Workspace, kind: str, rows: Rows, *, scope: Scope, dry_run: bool, by: str, clock: Clock, ids: NewId
) -> ImportReport:
    """Import rows that a program sent, as a JSON sheet of that kind. Raises `RegistryError`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.json"
        file.write_text(json.dumps(list(rows)), "utf-8")
        return import_file(workspace, kind, file, scope=scope, dry_run=dry_run, by=by, clock=clock, ids=ids)


def import_file(
    workspace: Workspace,
    kind: str,
    file: Path,
    *,
    scope: Scope,
    dry_run: bool,
    by: str,
    clock: Clock,
    ids: NewId,
    stopped: Mapping[tuple[str, str], str] | None = None,
) -> ImportReport:
    """
    Import a sheet, or a folder of references, of which those that are `stopped`, by name and SHA-256 of the picture,
    come in withdrawn. Raises `RegistryError`.
    """
    return import_records(
        kind,
        workspace.database,
        workspace.vault,
        file,
        dry_run=dry_run,
        clock=clock,
        by=by,
        new_id=ids,
        only=legal_name(workspace, scope),
        stopped=stopped,
    )
