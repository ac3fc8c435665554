"""Private keys under a passphrase, as they lie in a backup: AES-256-GCM under a key that scrypt makes of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.errors import BackupRefused
from store.evidence.quarantine import LEAST_LETTERS, passphrase_key

_HEADER = b"marque-keys-1\n"
_SALT_BYTES, _NONCE_BYTES = 16, 12


def lock_keys(paths: Iterable[Path], passphrase: bytes, random_bytes: Callable[[int], bytes]) -> bytes:
    """The files of one folder under a passphrase. Raises `BackupRefused` for a passphrase that is too short."""
    if len(passphrase) < LEAST_LETTERS:
        raise BackupRefused(f"the passphrase has fewer than {LEAST_LETTERS} letters")
    plain = json.dumps({path.name: base64.b64encode(path.read_bytes()).decode() for path in paths}).encode()
    salt, nonce = random_bytes(_SALT_BYTES), random_bytes(_NONCE_BYTES)
    return _HEADER + salt + nonce + AESGCM(passphrase_key(passphrase, salt)).encrypt(nonce, plain, _HEADER)


def unlock_keys(box: bytes, passphrase: bytes) -> dict[str, bytes]:
    """The files by name. Raises `BackupRefused` under another passphrase."""
    if not box.startswith(_HEADER):
        raise BackupRefused("the keys in this backup are of a form this version does not know")
    salt, rest = box[len(_HEADER) :][:_SALT_BYTES], box[len(_HEADER) + _SALT_BYTES :]
    try:
        plain = AESGCM(passphrase_key(passphrase, salt)).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _HEADER)
    except InvalidTag:
        raise BackupRefused("the keys in this backup do not open under this passphrase") from None
    return {name: base64.b64decode(content) for name, content in json.loads(plain).items()}
