"""A workspace made of a backup: every byte compared with what was written down before it is taken."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from config.settings import Settings
from console.backups import HOME, KEYS, LEDGER, MANIFEST, PACKS, SCHEMA, copy_hashed, ledger_path
from console.errors import BackupDamaged, BackupRefused
from console.key_box import unlock_keys
from console.output import Progress
from store.db.audit_chain import ChainState, Mark, walk_chain
from store.db.kept_bytes import each_digest
from store.db.session import Database
from store.evidence.errors import ErasedBlob, MissingBlob, VaultError
from store.evidence.pack_files import sync_folder
from store.evidence.vault import Vault
from store.evidence.vault_key import KEY_FILE, is_sealed
from store.evidence.verify import Refused, parse_canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored and checked. `chain_holds` False: the audit trail was broken when the backup was made."""

    home: Path
    files: int
    digests: int  # of captured bytes, each read and hashed
    audit_entries: int
    chain_holds: bool
    has_keys: bool
    absent: int  # digests the vault had lost before the backup


def restore_backup(
    settings: Settings, source: Path, *, passphrase: bytes | None, told: Progress, manifest_sha256: str | None = None
) -> Restored:
    """
    Make the workspace anew from a backup; its folder must be absent or empty.

    Every file's digest, the ledger's soundness, every captured byte the ledger speaks of and the audit chain are
    checked before the workspace takes its name; `manifest_sha256`, as `marque backup` printed it and somebody kept it
    elsewhere, shows that nobody wrote another backup in its place. Raises `BackupDamaged` with nothing restored.
    """
    home = settings.home
    ledger_path(settings)
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BackupRefused(f"{home} is not empty; restore into a new folder: marque --home FOLDER restore ...")
    home.parent.mkdir(parents=True, exist_ok=True)
    staging = home.with_name(f".{home.name}.restoring")
    shutil.rmtree(staging, ignore_errors=True)  # what a killed restore left
    staging.mkdir(mode=0o700)
    try:
        folder = _unpacked(source, staging / ".unpacked") if source.is_file() else source
        manifest = _manifest(folder, manifest_sha256)
        _take(folder, manifest, staging, told)
        _keys(folder, manifest, staging, passphrase)
        shutil.rmtree(staging / ".unpacked", ignore_errors=True)
        digests = _check_bytes(staging, frozenset(manifest["absent"]), told)
        state = _check_chain(staging, manifest)
        for name in ("keys", "platforms", "profiles", "out"):
            (staging / name).mkdir(mode=0o700 if name == "keys" else 0o755, exist_ok=True)
        sync_folder(staging)
        if home.exists():
            home.rmdir()
        staging.rename(home)
        sync_folder(home.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Restored(
        home=home,
        files=len(manifest["files"]),
        digests=digests,
        audit_entries=state.head.count,
        chain_holds=state.break_count == 0,
        has_keys=passphrase is not None and manifest["keys"] == "sealed",
        absent=len(manifest["absent"]),
    )


def _unpacked(source: Path, place: Path) -> Path:
    place.mkdir()
    try:
        with tarfile.open(source, mode="r:") as tar:
            tar.extractall(place, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise BackupDamaged(source, f"it cannot be unpacked ({error})") from error
    return place


def _manifest(folder: Path, expected: str | None) -> dict[str, Any]:
    """What the backup says of itself; JSON, hence `Any`."""
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        said = parse_canonical(content)
    except (OSError, Refused) as error:
        raise BackupDamaged(path, f"it is no whole backup ({error})") from error
    found = hashlib.sha256(content).hexdigest()
    if expected is not None and found != expected.strip().lower():
        raise BackupDamaged(path, f"its SHA-256 is {found}, not the one given")
    if not isinstance(said, dict) or said.get("schema") != SCHEMA:
        raise BackupDamaged(path, f"it is not of {SCHEMA}")
    return said


def _take(folder: Path, manifest: dict[str, Any], staging: Path, told: Progress) -> None:
    total = len(manifest["files"])
    for number, entry in enumerate(manifest["files"]):
        told(number, total, "files")
        name = PurePosixPath(entry["path"])
        if name.is_absolute() or ".." in name.parts:
            raise BackupDamaged(folder / MANIFEST, f"it names a file outside itself: {entry['path'][:80]}")
        target = staging / (name.relative_to(HOME) if name.parts[0] == HOME else name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with (folder / name).open("rb") as file:
                found = copy_hashed(file, target)
        except OSError as error:
            raise BackupDamaged(folder / name, f"it cannot be copied ({error.strerror})") from error
        if found != (entry["sha256"], entry["bytes"]):
            raise BackupDamaged(folder / name, "it is not what was backed up: its SHA-256 or its length differs")


def _keys(folder: Path, manifest: dict[str, Any], staging: Path, passphrase: bytes | None) -> None:
    (staging / "keys").mkdir(mode=0o700, exist_ok=True)
    if manifest["keys"] != "sealed":
        return
    (staging / KEYS).unlink()
    if passphrase is None:
        return
    for name, content in unlock_keys((folder / KEYS).read_bytes(), passphrase).items():
        path = staging / "keys" / Path(name).name
        path.touch(mode=0o600)
        path.write_bytes(content)


def _check_bytes(staging: Path, absent: frozenset[str], told: Progress) -> int:
    """
    Read and hash everything the ledger speaks of; gives how many that were.

    Of a sealed vault whose key was left out of the backup, each is only found to be there: its pack's digest was
    compared already, and nobody can open it before the key is back.
    """
    (staging / PACKS).mkdir(mode=0o700, parents=True, exist_ok=True)
    count = 0
    can_open = not is_sealed(staging / "vault") or (staging / "keys" / KEY_FILE).exists()
    with closing(sqlite3.connect(staging / LEDGER)) as ledger:
        found = ledger.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupDamaged(staging / LEDGER, f"SQLite finds it unsound: {found}")
    with Vault(staging / "vault") as vault, _ledger(staging) as database, database.read() as connection:
        for digest in each_digest(connection):
            if digest in absent:
                continue
            try:
                if can_open:
                    vault.get(digest)
                elif not vault.has(digest) and vault.erased(digest) is None:
                    raise MissingBlob(digest, staging)
            except ErasedBlob:
                continue  # no longer there when the backup was made, for a reason the ledger tells
            except VaultError as error:
                raise BackupDamaged(staging / "vault", str(error)) from error
            count += 1
            if count % 200 == 0:
                told(count, None, "captured bytes")
    return count


def _check_chain(staging: Path, manifest: dict[str, Any]) -> ChainState:
    audit = manifest["audit"]
    with _ledger(staging) as database, database.read() as connection:
        state = walk_chain(connection, Mark(sequence=audit["sequence"], not_before=""))
    if state.link_at_mark != audit["link"]:
        raise BackupDamaged(staging / LEDGER, "its audit trail does not end where the backup says")
    return state


def _ledger(staging: Path) -> Database:
    return Database(f"sqlite:///{staging / LEDGER}")
