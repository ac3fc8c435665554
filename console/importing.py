"""Sheets of one holder or of all through the importer; every door comes by way of the gate (`previewing.take_in`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from console.errors import NotFound
from console.workspace import Workspace
from registry.intake import import_records
from registry.photos import PhotoCheck, check_photo
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
    verdicts: Mapping[tuple[str, str], str] | None = None,
    check_photo: PhotoCheck = check_photo,
) -> ImportReport:
    """
    Import a sheet, or a folder of references, of which those that `verdicts`, by name and SHA-256 of the picture,
    stop or leave out come in withdrawn; None: nobody judges. `check_photo` says which pictures are taken at all.
    Raises `RegistryError`.
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
        verdicts=verdicts,
        check_photo=check_photo,
    )
