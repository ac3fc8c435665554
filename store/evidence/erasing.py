"""
Lawful erasure from packages that were sealed already: the bytes go, the seal stays, and a signed statement says why.

    erasures/01.json             RFC 8785: which files of which manifest, reason, legal basis, who, the second person
    erasures/01.signature.json   the office's signature over it

The manifest with its digests is not touched, so every chain still holds; the verifier names what was erased, and says
PASS to no package that lacks something.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from store.evidence.bundle import zip_parts
from store.evidence.errors import Unverified
from store.evidence.pack_files import sync_folder
from store.evidence.seal import SigningKey, canonical, sign, write_time
from store.evidence.verify import (
    ERASURE_SCHEMA,
    MANIFEST,
    WEB_ARCHIVE,
    Member,
    Refused,
    Unreadable,
    Verdict,
    parse_canonical,
    read_package,
    verify,
)

ROLE = "erasure"
# Files that show or carry what other files hold: they go with any of them.
_MADE_OF_OTHERS = frozenset({WEB_ARCHIVE, "report.html", "index.html", "findings.json"})
_MADE_IN = ("side-by-side/", "pictures/")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureWords:
    """Why something was erased, as it stands beside what is left. Two persons answer for it."""

    reason: str
    legal_basis: str
    by: str
    second: str
    at: datetime


def erase_from_package(path: Path, digests: Collection[str], words: ErasureWords, key: SigningKey) -> tuple[str, ...]:
    """
    Take every file of these SHA-256 out of a package, ZIP or folder, and what was made of them; gives their names.

    Nothing happens where the package holds none. Raises `Unverified` for what is no package, or would not hold.
    """
    try:
        members = read_package(path)
        manifest = parse_canonical(members[MANIFEST].content or b"")
        listed = {str(file["path"]): str(file["sha256"]) for file in manifest["files"]}
    except (Refused, Unreadable, KeyError, TypeError) as error:
        raise Unverified(path, str(error)) from error
    going = [name for name, digest in listed.items() if digest in digests and name in members]
    if not going:
        return ()
    going += [name for name in listed if (name in _MADE_OF_OTHERS or name.startswith(_MADE_IN)) and name in members]
    going = sorted(set(going))
    place = f"erasures/{1 + sum(name.startswith('erasures/') for name in members) // 2:02d}"
    statement = canonical(_statement(members, listed, going, words, key))
    added = {
        f"{place}.json": statement,
        f"{place}.signature.json": sign(statement, key, role=ROLE, at=words.at),
    }
    if path.is_dir():
        _from_folder(path, going, added)
    else:
        _from_zip(path, members, going, added)
    is_own = manifest["seal"]["key_id"] == key.key_id  # another key alone would keep the package from holding
    if is_own and verify(path, [key.published]).verdict in (Verdict.FAIL, Verdict.UNREADABLE):
        raise Unverified(path, "the package does not hold without what was erased; the bytes are gone nonetheless")
    return tuple(going)


def _statement(
    members: Mapping[str, Member], listed: Mapping[str, str], going: list[str], words: ErasureWords, key: SigningKey
) -> dict[str, Any]:
    return {
        "schema": ERASURE_SCHEMA,
        "manifest_sha256": members[MANIFEST].sha256,
        "files": [{"path": name, "sha256": listed[name]} for name in going],
        "reason": words.reason,
        "legal_basis": words.legal_basis,
        "by": words.by,
        "second": words.second,
        "seal": {"at": write_time(words.at), "key_id": key.key_id, "role": ROLE},
    }


def _from_zip(path: Path, members: Mapping[str, Member], going: Collection[str], added: Mapping[str, bytes]) -> None:
    with path.open("r+b") as old:
        kept = dict(added)
        for name, member in members.items():
            if name not in going:
                old.seek(member.at)
                kept[name] = old.read(member.size_bytes)
        fd, partial = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
        with os.fdopen(fd, "wb") as file:
            file.writelines(zip_parts(kept, path))
            file.flush()
            os.fsync(fd)
        shutil.copymode(path, partial)
        Path(partial).replace(path)
        # The file that lost its name still holds the bytes until its place on the disk is used again.
        for name in going:
            old.seek(members[name].at)
            old.write(bytes(members[name].size_bytes))
        old.flush()
        os.fsync(old.fileno())
    sync_folder(path.parent)


def _from_folder(path: Path, going: Collection[str], added: Mapping[str, bytes]) -> None:
    for name, content in added.items():
        target = path / name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        target.write_bytes(content)
        with target.open("rb") as file:
            os.fsync(file.fileno())
    for name in going:
        place = path / name
        with place.open("r+b") as file:
            file.write(bytes(place.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        place.unlink()
        if not any(place.parent.iterdir()):
            place.parent.rmdir()  # an empty folder is no part of a package
    sync_folder(path)
