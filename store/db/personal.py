"""
Personal values: whatever names a person, sealed under a key of its own.

Each value is AES-256-GCM ciphertext of its JSON, bound to its subject and field, so that a row moved elsewhere does
not open. Beside it stands a keyed digest, for asking whether two values are equal without opening either. A reader
without the key sees None; losing the key erases every name and leaves everything else.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, select, tuple_

from store.db.errors import PersonalKeyChanging, PersonalValueUnreadable
from store.db.rows import ROWS_A_WRITE, upsert
from store.db.tables import personal_value as personal_table

KEY_BYTES = 32
KEY_FILE, NEXT_KEY_FILE = "personal.key", "personal.key.next"
_NONCE_BYTES = 12  # what AES-GCM takes; NIST SP 800-38D, section 8.2


ResealedTo = tuple[str, str, str] | None


class Sealer:
    """Seals and opens personal values under one key of 32 bytes."""

    def __init__(self, key: bytes, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key of personal values has {len(key)} bytes, it needs {KEY_BYTES}")
        # Two keys from one, so that the digest says nothing about the cipher's key. Source: RFC 5869's expand step.
        self._cipher = AESGCM(hmac.digest(key, b"marque personal value seal\x01", "sha256"))
        self._digest_key = hmac.digest(key, b"marque personal value digest\x01", "sha256")
        self._random_bytes = random_bytes

    def seal(self, subject_kind: str, subject: str, field: str, value: Any) -> dict[str, Any]:  # Any: JSON values
        """The row that keeps one JSON value."""
        plain = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        nonce = self._random_bytes(_NONCE_BYTES)
        bound = f"{subject_kind}\0{subject}\0{field}".encode()
        return {
            "subject_kind": subject_kind,
            "subject": subject,
            "field": field,
            "sealed": nonce + self._cipher.encrypt(nonce, plain, bound),
            "digest": self.digest(value),
        }

    def open(self, subject_kind: str, subject: str, field: str, sealed: bytes) -> Any:  # Any: JSON values
        """The value that was sealed. Raises `PersonalValueUnreadable` under another key or for a changed row."""
        bound = f"{subject_kind}\0{subject}\0{field}".encode()
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
        except InvalidTag as error:
            raise PersonalValueUnreadable(subject_kind, subject, field) from error
        return json.loads(plain)

    def digest(self, value: Any) -> str:  # Any: JSON values
        """The keyed digest of what a value says: equal for equal words, whatever field or place they stand in."""
        said = json.dumps(_said(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hmac.new(self._digest_key, said.encode(), hashlib.sha256).hexdigest()


def _said(value: Any) -> Any:  # Any: JSON values
    """The words alone of a `Seen` or a list of them: two looks at one name are equal."""
    if isinstance(value, dict):
        return _said(value["value"]) if "value" in value else {key: _said(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_said(part) for part in value]
    return value


def keep_values(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Insert sealed values, or replace those of the same subject and field."""
    upsert(connection, personal_table, rows, ["subject_kind", "subject", "field"])


def reseal_values(connection: Connection, old: Sealer, new: Sealer, after: tuple[str, str, str]) -> ResealedTo:
    """
    Seal the next 500 values under another key; gives the last one touched, None when none was left.

    What is sealed under the new key already stays. Raises `PersonalValueUnreadable` for what opens under neither.
    """
    keys = (personal_table.c.subject_kind, personal_table.c.subject, personal_table.c.field)
    statement = select(personal_table).where(tuple_(*keys) > after).order_by(*keys).limit(ROWS_A_WRITE)
    rows = connection.execute(statement).all()
    changed = []
    for row in rows:
        place = (row.subject_kind, row.subject, row.field)
        try:
            new.open(*place, row.sealed)
        except PersonalValueUnreadable:
            changed.append(new.seal(*place, old.open(*place, row.sealed)))
    keep_values(connection, changed)
    return (rows[-1].subject_kind, rows[-1].subject, rows[-1].field) if rows else None


def forget_values(connection: Connection, subject_kind: str, subjects: Sequence[str]) -> int:
    """Delete every value of these subjects, at most 500; gives how many there were."""
    of_these = (personal_table.c.subject_kind == subject_kind) & personal_table.c.subject.in_(subjects)
    return int(connection.execute(personal_table.delete().where(of_these)).rowcount)


_OF_SUBJECT = select(personal_table.c.field, personal_table.c.sealed).where(
    personal_table.c.subject_kind == bindparam("b_kind"), personal_table.c.subject == bindparam("b_subject")
)


def open_values(connection: Connection, sealer: Sealer | None, subject_kind: str, subject: str) -> dict[str, Any]:
    """A subject's personal values as JSON, by field; empty for a reader without the key."""
    if sealer is None:
        return {}
    rows = connection.execute(_OF_SUBJECT, {"b_kind": subject_kind, "b_subject": subject})
    return {field: sealer.open(subject_kind, subject, field, sealed) for field, sealed in rows}


def read_key(folder: Path, random_bytes: Callable[[int], bytes] = os.urandom) -> bytes:
    """
    The key of personal values in the workspace's `keys/`, made at the first call, readable by the owner alone.

    Raises `ValueError` when the file is not one, `PersonalKeyChanging` while another is taking its place.
    """
    path = folder / KEY_FILE
    if (folder / NEXT_KEY_FILE).exists():
        raise PersonalKeyChanging(folder / NEXT_KEY_FILE)
    try:
        return parse_key(path)
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".personal.key.{os.getpid()}"
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(random_bytes(KEY_BYTES).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)  # atomic: of two processes that make one at once, both then read the first
    fresh.unlink()
    return parse_key(path)


def parse_key(path: Path) -> bytes:
    """The key in a file. Raises `ValueError` when it is not one, `OSError`."""
    text = path.read_text("ascii").strip()
    if len(text) != 2 * KEY_BYTES:
        raise ValueError(f"{path} is not a key of {KEY_BYTES} bytes in hex; restore it from a backup")
    return bytes.fromhex(text)
