"""
Backups: one consistent copy of a workspace while others write, and a workspace made of one again.

    backup.json          RFC 8785: what is in it, each file with its SHA-256; written last
    marque.db            the ledger as of one moment
    vault/packs/         copied after the ledger: bytes are flushed before the row that names them is committed, so
                         whatever the ledger speaks of is there
    home/                declarations, time authorities, published keys, what left the house; of the vault what seals
                         it, its lists of unlawful content, and its quarantine
    keys.sealed          private keys under a passphrase, where one was given; else they are left out

A backup takes its name when it is whole: what was killed on the way never looks like one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from config.settings import Settings, code_version
from console.auditing import seal_acts
from console.errors import BackupRefused
from console.key_box import lock_keys
from console.output import Progress
from console.workspace import Workspace
from store.db.audit_chain import head_of
from store.db.kept_bytes import each_digest
from store.db.session import Database, newest_schema
from store.evidence import blocklist, quarantine
from store.evidence.pack_files import sync_folder
from store.evidence.seal import canonical, write_time
from store.evidence.vault import Vault
from store.evidence.vault_key import DESCRIPTION
from store.records.ids import Clock, utc_now

SCHEMA = "marque-backup/1"
MANIFEST, LEDGER, PACKS, HOME, KEYS = "backup.json", "marque.db", "vault/packs", "home", "keys.sealed"
_CHUNK_BYTES = 1 << 20
_PAGES_A_STEP = 2000  # 8 MB: often enough for a bar to move


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFile:
    """One file of a backup, by its path in it."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made. `absent`: digests the ledger speaks of that the vault itself had lost."""

    path: Path
    manifest_sha256: str
    files: int
    size_bytes: int
    has_keys: bool
    absent: tuple[str, ...]


def ledger_path(settings: Settings) -> Path:
    """Where the workspace's SQLite file is. Raises `BackupRefused` for another database, which has its own tools."""
    path = settings.home / LEDGER
    if settings.database_url != f"sqlite:///{path}":
        raise BackupRefused(
            "the ledger is not the workspace's own SQLite file: back it up by its own tools (pg_dump), and copy "
            "vault/packs, keys/ and the declarations after it, in this order"
        )
    return path


def make_backup(
    workspace: Workspace, target: Path, *, passphrase: bytes | None, told: Progress, clock: Clock = utc_now
) -> Backup:
    """
    Copy the workspace into a new folder, or into one file where the name ends in `.tar`.

    Others may write meanwhile: everything committed before this began is in it. Raises `BackupRefused` where the
    target exists or lies in the vault, and where bytes went away while they were copied.
    """
    settings = workspace.settings
    source, target = ledger_path(settings), target.absolute()
    if target.exists():
        raise BackupRefused(f"{target} is there already; backups are never overwritten")
    if target.is_relative_to(settings.home):
        raise BackupRefused(f"{target} lies in the workspace itself and would be lost with it; name another place")
    seal_acts(workspace.database)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    partial.mkdir(mode=0o700)
    try:
        made = _fill(workspace, partial, source, passphrase, told, clock())
        if target.suffix == ".tar":
            packed = partial.with_suffix(".tar")
            try:
                with packed.open("xb") as file, tarfile.open(fileobj=file, mode="w") as tar:
                    tar.add(partial, arcname=".")
                    file.flush()
                    os.fsync(file.fileno())
                packed.rename(target)
            finally:
                packed.unlink(missing_ok=True)
        else:
            partial.rename(target)
        sync_folder(target.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    digest, files, absent = made
    return Backup(
        path=target,
        manifest_sha256=digest,
        files=len(files),
        size_bytes=sum(file.size_bytes for file in files),
        has_keys=passphrase is not None,
        absent=absent,
    )


def _fill(
    workspace: Workspace, folder: Path, source: Path, passphrase: bytes | None, told: Progress, now: datetime
) -> tuple[str, list[CopiedFile], tuple[str, ...]]:
    settings = workspace.settings
    _copy_ledger(source, folder / LEDGER, told)
    files: list[CopiedFile] = []
    packs = sorted((settings.vault / "packs").glob("*.pack"))
    for number, pack in enumerate(packs):
        told(number, len(packs), "vault")
        if (copied := _copy(pack, folder, f"{PACKS}/{pack.name}")) is not None:
            files.append(copied)
    (folder / PACKS).mkdir(parents=True, exist_ok=True)
    for path in _home_files(settings):
        if (copied := _copy(path, folder, f"{HOME}/{path.relative_to(settings.home)}")) is not None:
            files.append(copied)
    if passphrase is not None:
        (folder / KEYS).write_bytes(lock_keys(private_keys(settings), passphrase, os.urandom))
        files.append(_described(folder, KEYS))
    absent = _absent(workspace.vault, folder, told)
    with Database(f"sqlite:///{folder / LEDGER}") as copy, copy.read() as connection:
        head = head_of(connection)
    _settle(folder / LEDGER)
    files.insert(0, _described(folder, LEDGER))
    manifest = canonical(
        {
            "schema": SCHEMA,
            "made_at": write_time(now),
            "code_version": code_version(),
            "database_schema": newest_schema(),
            "audit": {"sequence": head.sequence, "link": head.link},
            "keys": "sealed" if passphrase is not None else "left out",
            "absent": list(absent),
            "files": [{"path": f.path, "sha256": f.sha256, "bytes": f.size_bytes} for f in files],
        }
    )
    with (folder / MANIFEST).open("xb") as file:
        file.write(manifest)
        file.flush()
        os.fsync(file.fileno())
    for parent in {(folder / each.path).parent for each in files} | {folder}:
        sync_folder(parent)
    return hashlib.sha256(manifest).hexdigest(), files, absent


def _copy_ledger(source: Path, target: Path, told: Progress) -> None:
    """SQLite's own backup, held to one moment: a reading transaction keeps writers from starting it over."""

    def step(_status: int, left: int, total: int) -> None:
        told(total - left, total, "ledger")

    with closing(sqlite3.connect(source, isolation_level=None)) as old, closing(sqlite3.connect(target)) as new:
        old.execute("BEGIN")
        old.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        old.backup(new, pages=_PAGES_A_STEP, progress=step, sleep=0)
        new.execute("PRAGMA journal_mode = DELETE")  # so that the file alone is the whole of it
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _settle(path: Path) -> None:
    """Undo what opening did: no write-ahead log beside the file, and its bytes as they were described."""
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")


def _described(folder: Path, name: str) -> CopiedFile:
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return CopiedFile(path=name, sha256=digest, size_bytes=path.stat().st_size)


def _copy(source: Path, folder: Path, name: str) -> CopiedFile | None:
    """Copy one file and give what was copied; None when it went away meanwhile."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        fd = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as old:
        digest, size_bytes = copy_hashed(old, target)
    return CopiedFile(path=name, sha256=digest, size_bytes=size_bytes)


def copy_hashed(old: BinaryIO, target: Path) -> tuple[str, int]:
    """Copy an open file to a new one, synced; gives the SHA-256 and the length of what was written."""
    digest, size_bytes = hashlib.sha256(), 0
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as new:
        while chunk := old.read(_CHUNK_BYTES):
            digest.update(chunk)
            new.write(chunk)
            size_bytes += len(chunk)
        new.flush()
        os.fsync(fd)
    return digest.hexdigest(), size_bytes


def _home_files(settings: Settings) -> Iterator[Path]:
    """Everything of the workspace but ledger, vault and private keys; links and sockets are passed over."""
    private = set(private_keys(settings))
    for path in sorted(settings.home.rglob("*")):
        if path.is_symlink() or not path.is_file() or path in private or path.suffix in (".lock", ".partial"):
            continue
        if path.is_relative_to(settings.vault) and not _belongs(path.relative_to(settings.vault)):
            continue
        if path.name in (LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm"):
            continue
        yield path


def _belongs(path: Path) -> bool:
    """Whether a file of the vault beside its packs is part of a backup: what seals it, and what it never stores."""
    return path.name == DESCRIPTION or path.parts[0] in (blocklist.FOLDER, quarantine.FOLDER)


def private_keys(settings: Settings) -> list[Path]:
    """Every file in keys/ that is not published: what opens personal values, and what signs."""
    return [path for path in sorted(settings.keys.rglob("*")) if path.is_file() and path.suffix != ".json"]


def _absent(live: Vault, folder: Path, told: Progress) -> tuple[str, ...]:
    """Digests the ledger's copy speaks of that neither copy nor vault has."""
    absent = []
    with opened_packs(folder) as vault, Database(f"sqlite:///{folder / LEDGER}") as copy, copy.read() as connection:
        for number, digest in enumerate(each_digest(connection)):
            if number % 1000 == 0:
                told(number, None, "digests")
            if not vault.has(digest) and vault.erased(digest) is None:
                if live.has(digest):
                    raise BackupRefused(f"the bytes {digest} went away while they were copied; run it again")
                absent.append(digest)
    return tuple(absent)


@contextmanager
def opened_packs(folder: Path) -> Iterator[Vault]:
    """The packs of a backup as a vault, with an index beside them that goes away again."""
    place = folder / ".index"
    place.mkdir()
    try:
        (place / "packs").symlink_to((folder / PACKS).absolute(), target_is_directory=True)
        with Vault(place) as vault:
            yield vault
    finally:
        shutil.rmtree(place)
