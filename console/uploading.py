"""
Uploads that take longer than a request: laid into the workspace, then taken in by the worker, part by part.

How far it is stands in the ledger after each part. A worker that is killed leaves its part to the next one, which
takes it in again: what stands already changes nothing, so that only the count of new rows may come out too small.
Pictures are judged part by part, all of them, by the way of every door.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event

from config.settings import Settings
from console.previewing import Ahead, take_in
from console.workspace import Workspace, open_workspace
from registry.columns import SheetKind
from registry.errors import RegistryError
from registry.importer import read_sheet
from registry.report import ImportReport
from store.db.audit import act_of
from store.db.uploads import Uploads
from store.records.ids import Clock, NewId, new_id, utc_now
from store.records.scope import EVERYTHING, Scope
from store.records.uploads import Mended, Upload, UploadState

log = logging.getLogger(__name__)

PART_PICTURES = 200  # some ten seconds: what a kill costs, how often the page moves, and what a request does at once
PART_ROWS = 2_000  # the same of sheets, whose rows are judged without opening a file
KEPT = 300  # refusals and stops that the page shows; the counts have all
LEASE = timedelta(minutes=10)  # far above one part on a busy machine
_FOLDER, _SHEET, _NAMES = "uploads", "sheet.json", "names.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Where a fresh upload is laid before it has a number."""

    id: str
    folder: Path


@contextmanager
def handing_in(workspace: Workspace, ids: NewId) -> Iterator[Handed]:
    """A folder to lay an upload in; it stays only where `keep` made it an upload."""
    id = ids()
    folder = workspace.settings.home / _FOLDER / id
    folder.mkdir(parents=True)
    try:
        yield Handed(id=id, folder=folder)
    finally:
        with workspace.database.read() as connection:
            is_kept = Uploads(connection, EVERYTHING).get(id) is not None
        if not is_kept:
            shutil.rmtree(folder, ignore_errors=True)


def part_of(kind: str) -> int:
    """How many rows are done at once, by a request or as a part."""
    return PART_PICTURES if kind == SheetKind.REFERENCES.value else PART_ROWS


def count_rows(kind: str, file: Path) -> int:
    """How many rows a sheet has. Raises `RegistryError`."""
    return len(read_sheet(file, SheetKind(kind))[0].rows)


def keep(
    workspace: Workspace,
    handed: Handed,
    kind: str,
    file: Path,
    *,
    holder: str,
    is_trial: bool,
    names: Mapping[int, str],
    by: str,
    clock: Clock,
    ids: NewId,
) -> Upload:
    """
    Make what was laid down an upload that the worker takes in; `names` are what the holder calls rows.

    Raises `RegistryError` for a sheet that cannot be read at all.
    """
    sheet, _ = read_sheet(file, SheetKind(kind))
    rows = [
        {
            "number": row.number,
            "spoiled": row.spoiled,
            "cells": {head: cell for head, cell in zip(sheet.heads, row.cells, strict=True) if head},
        }
        for row in sheet.rows
    ]
    beside = file.parent  # pictures are named from where their sheet lies
    (beside / _SHEET).write_text(json.dumps(rows), "utf-8")
    (handed.folder / _NAMES).write_text(
        json.dumps(
            {"beside": str(beside.relative_to(handed.folder)), "names": {str(k): v for k, v in names.items()}}
        ),
        "utf-8",
    )
    made = Upload(id=handed.id, holder=holder, by=by, kind=kind, is_trial=is_trial, rows=len(rows), at=clock())
    act = act_of(by, "hand_in_upload", "upload", made.id, clock=clock, ids=ids, detail={"kind": kind})
    with workspace.database.write() as connection:
        Uploads(connection, EVERYTHING).write([made], act)
    return made


def take_due(workspace: Workspace, *, stop: Event, clock: Clock = utc_now, ids: NewId = new_id) -> list[Upload]:
    """Take in whatever waits, one upload after the other; gives those that ended. Others go on where this stops."""
    owner, ended = f"{socket.gethostname()[:100]}/{os.getpid()}/{new_id()}", list[Upload]()
    while not stop.is_set():
        with workspace.database.write() as connection:
            upload = Uploads(connection, EVERYTHING).take(owner, clock(), clock() + LEASE)
        if upload is None:
            break
        upload = _take(workspace, upload, owner, stop=stop, clock=clock, ids=ids)
        if upload.state is not UploadState.WAITING:
            ended.append(upload)
    return ended


def take_uploads(settings: Settings, stop: Event) -> None:
    """The same on a workspace opened anew, as the worker does."""
    with open_workspace(settings) as workspace:
        take_due(workspace, stop=stop)


def _take(workspace: Workspace, upload: Upload, owner: str, *, stop: Event, clock: Clock, ids: NewId) -> Upload:
    folder = workspace.settings.home / _FOLDER / upload.id
    try:
        told = json.loads((folder / _NAMES).read_text("utf-8"))
        beside = folder / told["beside"]
        rows = json.loads((beside / _SHEET).read_text("utf-8"))
    except (OSError, ValueError):
        upload = replace(upload, state=UploadState.REFUSED, because="its files are gone; hand them in again")
        rows = []
    while upload.state is UploadState.WAITING and not stop.is_set():
        part = rows[upload.done : upload.done + part_of(upload.kind)]
        if not part:
            upload = replace(upload, state=UploadState.DONE)
            break
        try:
            report, ahead = _part(workspace, upload, beside, part, clock=clock, ids=ids)
        except RegistryError as error:
            upload = replace(upload, state=UploadState.REFUSED, because=str(error).replace(str(beside), upload.kind))
            break
        upload = _after(upload, part, report, ahead, told["names"])
        with workspace.database.write() as connection:
            if not Uploads(connection, EVERYTHING).advance(upload, owner, clock() + LEASE):
                return upload  # another worker goes on with it
    if upload.state is not UploadState.WAITING:
        upload = replace(upload, ended_at=clock())
    with workspace.database.write() as connection:
        Uploads(connection, EVERYTHING).advance(upload, owner, None)
    if upload.state is not UploadState.WAITING:
        shutil.rmtree(folder, ignore_errors=True)
        log.info("upload taken in", extra={"upload": upload.id, "state": upload.state.value, "rows": upload.done})
    return upload


def _part(
    workspace: Workspace, upload: Upload, beside: Path, part: Sequence[dict[str, object]], *, clock: Clock, ids: NewId
) -> tuple[ImportReport, Ahead]:
    """These rows as a sheet of their own, beside the pictures they name."""
    sheet = beside / f".part-{upload.done}.json"
    whole = [row["cells"] for row in part if row["spoiled"] is None]
    sheet.write_text(json.dumps(whole), "utf-8")
    try:
        return take_in(
            workspace,
            upload.kind,
            sheet,
            scope=Scope(holder=upload.holder, compartment=None),
            dry_run=upload.is_trial,
            by=upload.by,
            clock=clock,
            ids=ids,
        )
    finally:
        sheet.unlink()


def _after(
    upload: Upload,
    part: Sequence[dict[str, object]],
    report: ImportReport,
    ahead: Ahead,
    names: Mapping[str, str],
) -> Upload:
    """How the upload stands after a part."""
    whole = [str(row["number"]) for row in part if row["spoiled"] is None]

    def called(row: int) -> str:
        number = whole[row - 1]
        return names.get(number, number)

    broken = [
        Mended(
            row=names.get(str(row["number"]), str(row["number"])),
            column="",
            value="",
            problem=str(row["spoiled"]),
            fix="check the row's separators and quotes",
        )
        for row in part
        if row["spoiled"] is not None
    ]
    refusals = broken + [
        Mended(row=called(each.row), column=each.column, value=each.value, problem=each.problem, fix=each.fix)
        for each in report.refusals
    ]
    stops = [
        Mended(
            row=called(each.row),
            column=each.kind,
            value=each.name,
            problem=" ".join(reason.because for reason in each.judgement.faults),
            fix=each.judgement.dry_run,
        )
        for each in ahead.stopped
    ]
    return replace(
        upload,
        done=upload.done + len(part),
        added=upload.added + report.added,
        changed=upload.changed + report.changed,
        unchanged=upload.unchanged + report.unchanged,
        refused=upload.refused + report.refused + len(broken),
        refusals=(*upload.refusals, *refusals)[:KEPT],
        stopped=upload.stopped + len(stops),
        stops=(*upload.stops, *stops)[:KEPT],
    )
