"""
Seals: the workspace's signing keys, the one byte form of a manifest, and a signature over it.

A key is an Ed25519 pair in the workspace's `keys/` folder: `<id>.pem`, private, mode 0600, and `<id>.json`,
what is published about it. The id is the first 16 hex digits of the SHA-256 of the raw public key.
"""

import base64
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from store.evidence.errors import KeyUnusable, Unsealable
from store.evidence.pack_files import sync_folder
from store.evidence.verify import (
    ALGORITHM,
    KEYS_SCHEMA,
    MAX_DEPTH,
    MAX_INTEGER,
    PublishedKey,
    Refused,
    key_id_of,
    parse_keys,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key and what is published about it."""

    private: Ed25519PrivateKey
    published: PublishedKey

    @property
    def key_id(self) -> str:
        """The id by which packages name this key."""
        return self.published.key_id


def create_key(
    folder: Path,
    *,
    name: str,
    valid_from: datetime,
    valid_to: datetime,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> SigningKey:
    """
    Make a key pair and store it; the folder is created when missing.

    `name` is shown to whoever verifies: the office that signs. Both times are aware; seconds are kept.
    """
    if not valid_from < valid_to:
        raise KeyUnusable(folder, f"it would be valid from {valid_from} to {valid_to}, which is never")
    private = Ed25519PrivateKey.from_private_bytes(random_bytes(32))
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    published = PublishedKey(
        key_id=key_id_of(raw),
        public_key=raw,
        name=name,
        valid_from=_whole_second(valid_from),
        valid_to=_whole_second(valid_to),
        revoked_at=None,
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_new(folder / f"{published.key_id}.pem", pem)
    _write_published(folder, published)
    return SigningKey(private=private, published=published)


def load_key(folder: Path, *, at: datetime, key_id: str | None = None) -> SigningKey:
    """
    The key to sign with at a time: the newest valid one, or the one named.

    Raises `KeyUnusable` when there is none, or when its file is readable by others, damaged, or not its pair.
    """
    usable = [
        key
        for key in published_keys(folder)
        if (key_id is None or key.key_id == key_id) and key.valid_from <= at < key.valid_to and key.revoked_at is None
    ]
    if not usable:
        wanted = "key" if key_id is None else f"key {key_id}"
        raise KeyUnusable(folder, f"it holds no {wanted} that is valid at {at} and not revoked; create one")
    # Of two that began in the same second the later one lasts longer: a rotation ends the older within a day.
    published = max(usable, key=lambda key: (key.valid_from, key.valid_to, key.key_id))
    path = folder / f"{published.key_id}.pem"
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise KeyUnusable(path, f"it cannot be opened ({error.strerror}); restore it or create a key") from error
    with os.fdopen(fd, "rb") as file:
        if stat.S_IMODE(os.fstat(fd).st_mode) & 0o077:
            raise KeyUnusable(path, "others can read or change it; run chmod 600, and revoke it if they might have")
        pem = file.read()
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise KeyUnusable(path, f"it is not a private key ({error})") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusable(path, f"it is not an {ALGORITHM} key")
    if private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) != published.public_key:
        raise KeyUnusable(path, "it is not the pair of the published key beside it")
    return SigningKey(private=private, published=published)


def published_keys(folder: Path) -> list[PublishedKey]:
    """Every key of a folder as published, oldest first; also those whose private half is gone."""
    keys: list[PublishedKey] = []
    for path in sorted(folder.glob("*.json")):
        try:
            keys += parse_keys(path.read_bytes())
        except (OSError, Refused) as error:
            raise KeyUnusable(path, str(error)) from error
    return sorted(keys, key=lambda key: (key.valid_from, key.key_id))


def publish(keys: Iterable[PublishedKey]) -> bytes:
    """The key file for those who verify; hand it over in another way than the packages."""
    return canonical({"schema": KEYS_SCHEMA, "keys": [_key_json(key) for key in keys]}) + b"\n"


def retire_key(folder: Path, key_id: str, *, valid_to: datetime) -> PublishedKey:
    """End a key's validity; what it signed before stays good."""
    return _republish(folder, key_id, lambda key: replace(key, valid_to=_whole_second(valid_to)))


def revoke_key(folder: Path, key_id: str, *, revoked_at: datetime) -> PublishedKey:
    """
    Declare a key lost to others. Nothing signed with it verifies as PASS any more: whoever holds it can write
    any date. Sign what is still wanted again with a new key.
    """
    return _republish(folder, key_id, lambda key: replace(key, revoked_at=_whole_second(revoked_at)))


def seal(manifest: Mapping[str, Any]) -> bytes:
    """The RFC 8785 bytes of a manifest: the form that is hashed and signed. Raises `Unsealable`."""
    return canonical(manifest)


def sign(manifest: bytes, key: SigningKey, *, role: str, at: datetime) -> bytes:
    """
    The detached signature over the bytes of a manifest, as canonical JSON.

    Role and time count only when the manifest states the same under `seal`: the signature covers the manifest.
    """
    raw = key.published.public_key
    return canonical(
        {
            "algorithm": ALGORITHM,
            "key_id": key.key_id,
            "public_key": base64.b64encode(raw).decode(),
            "signature": base64.b64encode(key.private.sign(manifest)).decode(),
            "signed_at": write_time(at),
            "signer_role": role,
        }
    )


def canonical(value: object) -> bytes:
    """
    RFC 8785 bytes of JSON values; tuples count as lists.

    Raises `Unsealable` for floats too, which are legal JSON: their shortest form differs between programs, and a
    verifier without this library must come to the same bytes. Write a score as text.
    """
    try:
        return rfc8785.dumps(_plain(value, 0, "$"))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Unsealable(str(error)) from error


def write_time(at: datetime) -> str:
    """`2026-11-21T10:00:00Z`: UTC, whole seconds, rounded down. Raises `Unsealable` for a naive time."""
    return _whole_second(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: object, depth: int, where: str) -> Any:
    """The same value in plain JSON types; `Any` because that is what the library takes."""
    if depth > MAX_DEPTH:
        raise Unsealable(f"{where[:80]} is nested more than {MAX_DEPTH} deep")
    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)  # a member of a text enum becomes its text
        case int():
            if abs(value) > MAX_INTEGER:
                raise Unsealable(f"{where} is beyond ±(2^53 - 1)")
            return int(value)
        case Mapping():
            for name in value:
                if not isinstance(name, str):
                    raise Unsealable(f"{where} has the name {name!r}, which is not text")
            return {name: _plain(item, depth + 1, f"{where}.{name}") for name, item in value.items()}
        case bytes() | bytearray():
            raise Unsealable(f"{where} holds bytes")
        case Sequence():
            return [_plain(item, depth + 1, f"{where}[{n}]") for n, item in enumerate(value)]
        case _:
            raise Unsealable(f"{where} is of type {type(value).__name__}")


def _whole_second(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Unsealable(f"the time {at} has no time zone")
    return at.astimezone(UTC).replace(microsecond=0)


def _key_json(key: PublishedKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "algorithm": ALGORITHM,
        "public_key": base64.b64encode(key.public_key).decode(),
        "name": key.name,
        "valid_from": write_time(key.valid_from),
        "valid_to": write_time(key.valid_to),
        "revoked_at": None if key.revoked_at is None else write_time(key.revoked_at),
    }


def _republish(folder: Path, key_id: str, change: Callable[[PublishedKey], PublishedKey]) -> PublishedKey:
    for key in published_keys(folder):
        if key.key_id == key_id:
            changed = change(key)
            _write_published(folder, changed)
            return changed
    raise KeyUnusable(folder, f"it holds no key {key_id}")


def _write_published(folder: Path, key: PublishedKey) -> None:
    path = folder / f"{key.key_id}.json"
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    _write_new(partial, publish([key]))
    partial.replace(path)
    sync_folder(folder)


def _write_new(path: Path, data: bytes) -> None:
    """Create a file only its owner can read, and sync it."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)
