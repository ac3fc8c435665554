"""Unlawful content on an open workspace: lists, the quarantine, and erasure that leaves every chain whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from console.errors import ErasureRefused
from console.workspace import Workspace
from store.db.audit import AuditTrail, act_of
from store.db.tombstones import Tombstones
from store.evidence.blocklist import Blocklists, parse_blocklist, remove_blocklist, write_blocklist
from store.evidence.erasing import ErasureWords, erase_from_package
from store.evidence.errors import MissingBlob, Unverified, VaultError
from store.evidence.quarantine import BOX, FOLDER, Barred, barred, make_quarantine, note_barred, take_out
from store.evidence.seal import load_key
from store.evidence.verify import MANIFEST
from store.records.ids import Clock, new_id, utc_now
from store.records.keeping import ErasureReason, Tombstone
from store.records.scope import EVERYTHING

_LIST = "erased"  # the list's name in the note of what was erased and sealed away


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What one erasure did: copies in the vault, and files in packages of this workspace, by package."""

    tombstone: Tombstone
    copies: int
    packages: dict[str, tuple[str, ...]]
    unreadable: tuple[str, ...]  # packages that could not be looked into


def import_blocklist(
    workspace: Workspace, name: str, file: Path, *, by: str, radius_bits: int, clock: Clock = utc_now
) -> dict[str, int]:
    """Bring a list in place of the one of that name; gives its entries by kind. Raises `BadBlocklist`, `OSError`."""
    content = file.read_bytes()
    entries = parse_blocklist(name, content.decode("utf-8-sig", "replace"), radius_bits)
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.kind.value] = counts.get(entry.kind.value, 0) + 1
    write_blocklist(workspace.vault.root, name, entries)
    detail = {"sha256": hashlib.sha256(content).hexdigest(), **{kind: str(n) for kind, n in counts.items()}}
    _enter(workspace, by, "import_blocklist", "blocklist", name, detail, clock)
    return counts


def list_blocklists(workspace: Workspace) -> dict[str, int]:
    """How many entries each list has."""
    return Blocklists(workspace.vault.root).counts


def drop_blocklist(workspace: Workspace, name: str, *, by: str, clock: Clock = utc_now) -> bool:
    """Let go of a list; gives whether there was one."""
    found = remove_blocklist(workspace.vault.root, name)
    if found:
        _enter(workspace, by, "remove_blocklist", "blocklist", name, {}, clock)
    return found


def search_blocklists(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Everything kept that falls under a list brought since: digest, and which list how. Reads the whole vault."""
    for digest in list(workspace.vault.digests()):
        try:
            found = workspace.vault.barred_by(digest, workspace.vault.get(digest))
        except MissingBlob:
            continue  # taken out meanwhile
        if found is not None:
            yield digest, found


def set_up_quarantine(workspace: Workspace, first: bytes, second: bytes, *, by: str, clock: Clock = utc_now) -> None:
    """Make the quarantine's box, which two passphrases open. Raises `QuarantineRefused`."""
    make_quarantine(workspace.vault.root, first, second)
    _enter(workspace, by, "make_quarantine", "quarantine", "box", {}, clock)


def quarantined(workspace: Workspace) -> list[Barred]:
    """What was barred or sealed away, by time."""
    return barred(workspace.vault.root)


def release(
    workspace: Workspace,
    digest: str,
    to: Path,
    passphrases: tuple[bytes, bytes],
    *,
    by: str,
    second: str,
    legal_basis: str,
    clock: Clock = utc_now,
) -> Path:
    """
    Write what was sealed away to a file for an authority; nothing here ever opens or shows it.

    The act is entered before anything is opened. Raises `ErasureRefused`, `QuarantineRefused`, `OSError`.
    """
    _two_persons(by, second)
    if not legal_basis.strip():
        raise ErasureRefused("say on what legal basis it is handed over (--basis)")
    target = to / f"{digest}.bin" if to.is_dir() else to
    if target.is_relative_to(workspace.settings.home):
        raise ErasureRefused(f"{target} lies in the workspace; name a place outside it")
    detail = {"second": second, "basis": legal_basis, "file": target.name}
    _enter(workspace, by, "open_quarantine", "quarantine", digest, detail, clock)
    data = take_out(workspace.vault.root, digest, *passphrases)
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)
    return target


def erase_content(
    workspace: Workspace,
    digest: str,
    *,
    reason: ErasureReason,
    legal_basis: str,
    by: str,
    second: str,
    seal_away: bool,
    clock: Clock = utc_now,
) -> Erasure:
    """
    Erase bytes for good: from the vault, and from every package this workspace keeps.

    The tombstone is entered first, so that whoever is killed on the way goes on with the same call; called again it
    finishes what was begun, under the first reason. Raises `ErasureRefused`, `MissingBlob` for what was never here.
    """
    _two_persons(by, second)
    vault = workspace.vault
    with workspace.database.read() as connection:
        stone = Tombstones(connection, EVERYTHING).of(digest)
    if stone is None:
        if not legal_basis.strip():
            raise ErasureRefused("say on what legal basis it is erased (--basis), with its source")
        is_sealed_away = seal_away and _seal_away(workspace, digest, reason, clock)
        stone = Tombstone(
            sha256=digest,
            reason=reason,
            legal_basis=legal_basis,
            by=by,
            second=second,
            at=clock(),
            size_bytes=vault.size(digest),
            is_sealed_away=is_sealed_away,
        )
        detail = {"reason": reason.value, "basis": legal_basis, "second": second, "bytes": str(stone.size_bytes)}
        with workspace.database.write() as connection:
            act = act_of(by, "erase_content", "blob", digest, clock=clock, ids=new_id, detail=detail)
            Tombstones(connection, EVERYTHING).write([stone], act, keys=("sha256",))
    copies = vault.erase([digest], lawfully=True)
    key = load_key(workspace.settings.keys, at=clock())
    words = ErasureWords(
        reason=stone.reason.value,
        legal_basis=stone.legal_basis,
        by=stone.by,
        second=stone.second,
        at=clock(),
    )
    touched: dict[str, tuple[str, ...]] = {}
    unreadable = []
    for path in packages_of(workspace.settings.out):
        try:
            gone = erase_from_package(path, {digest}, words, key)
        except Unverified:
            unreadable.append(str(path))
            continue
        if gone:
            touched[str(path)] = gone
            _enter(workspace, by, "erase_from_package", "package", path.name, {"files": str(len(gone))}, clock)
    return Erasure(tombstone=stone, copies=copies, packages=touched, unreadable=tuple(unreadable))


def packages_of(out: Path) -> list[Path]:
    """Every sealed package under a folder: ZIPs, and folders with a manifest."""
    zips = [path for path in out.rglob("*.zip") if path.is_file() and not path.name.startswith(".")]
    return sorted([*zips, *(path.parent for path in out.rglob(MANIFEST))])


def tombstones(workspace: Workspace) -> list[Tombstone]:
    """Everything that was erased, by digest."""
    with workspace.database.read() as connection:
        return Tombstones(connection, EVERYTHING).find()


def _seal_away(workspace: Workspace, digest: str, reason: ErasureReason, clock: Clock) -> bool:
    if not (workspace.vault.root / FOLDER / BOX).exists():
        raise ErasureRefused("there is no quarantine to seal it away in; `marque quarantine setup` makes one")
    try:
        data = workspace.vault.get(digest)
    except VaultError as error:
        raise ErasureRefused(f"it cannot be sealed away: {error}") from error
    how = f"erased: {reason.value}"
    return note_barred(workspace.vault.root, digest, data, list_name=_LIST, how=how, at=clock())


def _two_persons(by: str, second: str) -> None:
    if not by.strip() or not second.strip() or by.strip().casefold() == second.strip().casefold():
        raise ErasureRefused("two different persons are needed: --by and --second")


def _enter(
    workspace: Workspace, by: str, action: str, kind: str, subject: str, detail: dict[str, str], clock: Clock
) -> None:
    with workspace.database.write() as connection:
        act = act_of(by, action, kind, subject, clock=clock, ids=new_id, detail=detail)
        AuditTrail(connection, EVERYTHING).add(act)
