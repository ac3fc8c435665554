"""
The quarantine: what a list of unlawful content names, kept for an authority where the unit must keep it, else not.

    vault/quarantine/box.json          a public key, and its private half under two passphrases, one inside the other
    vault/quarantine/<sha256>.sealed   bytes under that public key: who crawls can put them in, and not take them out
    vault/quarantine/<sha256>.json     which list, how, when; no content

Without a box nothing of barred bytes is kept, only the note. Two persons open it together; neither can alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from store.evidence.errors import QuarantineRefused
from store.evidence.pack_files import sync_folder

FOLDER, BOX = "quarantine", "box.json"
COST = 2**17  # OWASP's first choice for scrypt (2^17, 8, 1): 128 MiB a guess
LEAST_LETTERS = 12  # chosen: whoever has the disk may guess at leisure
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """What is noted of bytes that a list named. `is_sealed_away`: the quarantine holds them."""

    sha256: str
    list_name: str
    how: str
    size_bytes: int
    at: str  # UTC, ISO 8601
    is_sealed_away: bool


def passphrase_key(passphrase: bytes, salt: bytes, cost: int = COST) -> bytes:
    """The key that scrypt makes of a passphrase."""
    return Scrypt(salt=salt, length=_KEY_BYTES, n=cost, r=8, p=1).derive(passphrase)


def make_quarantine(
    root: Path,
    first: bytes,
    second: bytes,
    *,
    random_bytes: Callable[[int], bytes] = os.urandom,
    cost: int = COST,
) -> None:
    """Make the box of a vault. Raises `QuarantineRefused` where there is one, or the passphrases are too weak."""
    folder = root / FOLDER
    if (folder / BOX).exists():
        raise QuarantineRefused(f"{folder / BOX} is there already; what is sealed under it opens under no other")
    if min(len(first), len(second)) < LEAST_LETTERS or first == second:
        raise QuarantineRefused(f"two different passphrases of {LEAST_LETTERS} letters or more are needed")
    private = X25519PrivateKey.from_private_bytes(random_bytes(_KEY_BYTES))
    inner, salts = private.private_bytes_raw(), [random_bytes(_SALT_BYTES) for _ in range(2)]
    for passphrase, salt in zip((first, second), salts, strict=True):
        nonce = random_bytes(_NONCE_BYTES)
        inner = nonce + AESGCM(passphrase_key(passphrase, salt, cost)).encrypt(nonce, inner, b"marque quarantine")
    said = {
        "public_key": private.public_key().public_bytes_raw().hex(),
        "salts": [salt.hex() for salt in salts],
        "cost": cost,
        "private_key": base64.b64encode(inner).decode(),
    }
    folder.mkdir(mode=0o700, exist_ok=True)
    _write(folder / BOX, json.dumps(said, sort_keys=True).encode() + b"\n")


def note_barred(
    root: Path,
    digest: str,
    data: bytes,
    *,
    list_name: str,
    how: str,
    at: datetime,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> bool:
    """Note barred bytes, and seal them away where there is a box; gives whether they were."""
    folder = root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    has_box = (folder / BOX).exists()
    place = folder / f"{digest}.sealed"
    if has_box and not place.exists():
        _write(place, _sealed(folder, digest, data, random_bytes))
    note = Barred(
        sha256=digest,
        list_name=list_name,
        how=how,
        size_bytes=len(data),
        at=at.isoformat(timespec="seconds"),
        is_sealed_away=has_box,
    )
    if not (folder / f"{digest}.json").exists():
        _write(folder / f"{digest}.json", json.dumps(asdict(note), sort_keys=True).encode() + b"\n")
    return has_box


def barred(root: Path) -> list[Barred]:
    """Everything that was barred, by time."""
    notes = [Barred(**json.loads(path.read_bytes())) for path in (root / FOLDER).glob("*.json") if path.name != BOX]
    return sorted(notes, key=lambda note: (note.at, note.sha256))


def take_out(root: Path, digest: str, first: bytes, second: bytes) -> bytes:
    """The bytes that were sealed away. Raises `QuarantineRefused` under other passphrases, or where none are."""
    folder = root / FOLDER
    place = folder / f"{digest}.sealed"
    if not place.exists():
        raise QuarantineRefused(f"the quarantine holds nothing under {digest}; `marque quarantine list` shows what")
    private = _private(folder, first, second)
    sealed = place.read_bytes()
    theirs, nonce, rest = (
        sealed[:_KEY_BYTES],
        sealed[_KEY_BYTES:][:_NONCE_BYTES],
        sealed[_KEY_BYTES + _NONCE_BYTES :],
    )
    key = _shared(private.exchange(X25519PublicKey.from_public_bytes(theirs)), theirs)
    try:
        data = AESGCM(key).decrypt(nonce, rest, digest.encode())
    except InvalidTag:
        raise QuarantineRefused(f"{place} is not what was sealed away") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise QuarantineRefused(f"{place} holds other bytes than its name says")
    return data


def _private(folder: Path, first: bytes, second: bytes) -> X25519PrivateKey:
    try:
        said = json.loads((folder / BOX).read_bytes())
    except (OSError, ValueError) as error:
        raise QuarantineRefused(f"{folder / BOX} cannot be read ({error}); bring it back from a backup") from error
    inner = base64.b64decode(said["private_key"])
    for passphrase, salt in zip((second, first), reversed(said["salts"]), strict=True):
        key = passphrase_key(passphrase, bytes.fromhex(salt), said["cost"])
        try:
            inner = AESGCM(key).decrypt(inner[:_NONCE_BYTES], inner[_NONCE_BYTES:], b"marque quarantine")
        except InvalidTag:
            raise QuarantineRefused("it does not open under these two passphrases, in this order") from None
    return X25519PrivateKey.from_private_bytes(inner)


def _sealed(folder: Path, digest: str, data: bytes, random_bytes: Callable[[int], bytes]) -> bytes:
    public = X25519PublicKey.from_public_bytes(bytes.fromhex(json.loads((folder / BOX).read_bytes())["public_key"]))
    own = X25519PrivateKey.from_private_bytes(random_bytes(_KEY_BYTES))
    mine = own.public_key().public_bytes_raw()
    nonce = random_bytes(_NONCE_BYTES)
    return mine + nonce + AESGCM(_shared(own.exchange(public), mine)).encrypt(nonce, data, digest.encode())


def _shared(secret: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=salt, info=b"marque quarantine 1").derive(secret)


def _write(path: Path, content: bytes) -> None:
    """Write a file only its owner can read, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    partial.replace(path)
    sync_folder(path.parent)
