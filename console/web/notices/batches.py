"""Sealed batches: what lies in the folder, whether it is still what was sealed, and all of it as one ZIP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from console.workspace import Workspace
from reports.lately import before_handing_over
from store.db import tables
from store.db.batches import Batches
from store.db.notices import Notices
from store.db.outbox import Outbox
from store.evidence.seal import published_keys
from store.evidence.verify import (
    MANIFEST,
    Member,
    Refused,
    Report,
    Unreadable,
    Verdict,
    read_package,
    verify,
)
from store.records.notices import Batch, Notice
from store.records.outbox import OutboxEntry
from store.records.scope import Scope

PAGE = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file of the folder, as sealed and as it is now."""

    path: str
    role: str
    bytes: int
    sha256: str
    state: str  # same, changed, missing, added, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One batch in the list."""

    batch: Batch
    notices: int
    outbox: tuple[OutboxEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchView:
    """A batch whole."""

    batch: Batch
    folder: str
    notices: tuple[Notice, ...]
    files: tuple[FileLine, ...]
    bytes: int
    report: Report
    outbox: tuple[OutboxEntry, ...]
    watermark: str | None
    has_page: bool
    warning: str | None  # what to do before handing it over; None: its offers were seen lately

    @property
    def is_whole(self) -> bool:
        """Whether the folder is what was sealed, under a key of this workspace."""
        return self.report.verdict is Verdict.PASS


def see_batches(connection: Connection, scope: Scope) -> list[Batch]:
    """
    Batches in sight, the newest first.

    A batch belongs to a platform, not to a holder: a narrowed reader sees it where every notice in it is theirs.
    """
    found = sorted(Batches(connection, scope).find(), key=lambda batch: -batch.number)
    if scope.holder is None and scope.compartment is None:
        return found
    mine = {notice.id for notice in Notices(connection, scope).find()}
    return [batch for batch in found if batch.notices and set(batch.notices) <= mine]


def find_batch(connection: Connection, scope: Scope, number: int) -> Batch | None:
    """The batch people call by that number; None where it is not in sight."""
    batch = Batches(connection, scope).numbered(number)
    if batch is None or (scope.holder is None and scope.compartment is None):
        return batch
    notices = Notices(connection, scope)
    return batch if batch.notices and all(notices.get(id) is not None for id in batch.notices) else None


def list_batches(connection: Connection, scope: Scope) -> list[BatchLine]:
    """Batches in sight with where their delivery stands."""
    outbox = Outbox(connection, scope)
    return [
        BatchLine(batch=batch, notices=len(batch.notices), outbox=tuple(outbox.of_batch(batch.id)))
        for batch in see_batches(connection, scope)
    ]


def view_batch(connection: Connection, workspace: Workspace, scope: Scope, batch: Batch, now: datetime) -> BatchView:
    """The batch with the verdict on its folder as it is now."""
    folder = folder_of(workspace, batch)
    report = verify(folder, published_keys(workspace.settings.keys))
    try:
        members = read_package(folder)
    except (Refused, Unreadable):
        members = {}
    manifest = _manifest(folder)
    notices = Notices(connection, scope).find(tables.notice.c.id.in_(batch.notices))
    return BatchView(
        batch=batch,
        folder=batch.path,
        notices=tuple(notices),
        files=_files(manifest, members),
        bytes=sum(member.size_bytes for member in members.values()),
        report=report,
        outbox=tuple(Outbox(connection, scope).of_batch(batch.id)),
        watermark=manifest.get("watermark"),
        has_page=PAGE in members,
        warning=before_handing_over(connection, batch, notices, workspace.declarations, now),
    )


def folder_of(workspace: Workspace, batch: Batch) -> Path:
    """Where the batch lies."""
    return workspace.settings.home / batch.path


def is_whole(workspace: Workspace, batch: Batch) -> bool:
    """Whether the folder is what was sealed, now."""
    return verify(folder_of(workspace, batch), published_keys(workspace.settings.keys)).verdict is Verdict.PASS


def read_file(workspace: Workspace, batch: Batch, path: str) -> bytes | None:
    """One file of the folder by its name in the manifest; None where it holds none of that name."""
    folder = folder_of(workspace, batch)
    listed = {str(file["path"]) for file in _manifest(folder).get("files", [])}
    target = folder / path
    if path not in listed or target.is_symlink() or not target.is_file():
        return None
    return target.read_bytes()


def _manifest(folder: Path) -> dict[str, Any]:  # Any: JSON values
    """What the manifest says; nothing where it can't be read, which the verdict says."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("files"), list) else {}


def _files(manifest: Mapping[str, Any], members: Mapping[str, Member]) -> tuple[FileLine, ...]:
    lines = []
    listed: Sequence[Mapping[str, Any]] = manifest.get("files", [])
    for file in listed:
        path, sha256 = str(file.get("path")), str(file.get("sha256"))
        member = members.get(path)
        state = "missing" if member is None else "same" if member.sha256 == sha256 else "changed"
        lines.append(
            FileLine(
                path=path, role=str(file.get("role")), bytes=int(file.get("bytes", 0)), sha256=sha256, state=state
            )
        )
    known = {line.path for line in lines}
    for path in sorted(set(members) - known):
        member = members[path]
        seal = path == MANIFEST or path.startswith("signatures/")
        lines.append(
            FileLine(
                path=path,
                role="",
                bytes=member.size_bytes,
                sha256=member.sha256,
                state="seal" if seal else "added",
            )
        )
    # What is not as sealed stands first; the rest in the order of names.
    return tuple(sorted(lines, key=lambda line: (line.state in ("same", "seal"), line.state == "seal", line.path)))
