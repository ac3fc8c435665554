"""
The key of a sealed vault: it wraps one key a pack, and each pack's key seals the payloads in it.

    vault/vault.json   {"key": "../keys/vault.key", "key_id": "...", "schema": "marque-vault/1"}; without it nothing
                       is sealed
    keys/vault.key     32 bytes in hex, readable by the owner alone

A payload is a nonce and AES-256-GCM over what would else lie there, bound to the digest and codec of its record, so
that no record opens in another's place. Digests, lengths and times stay in the clear: whoever takes the disk can tell
whether a file they have is among what was kept, and reads nothing they do not have.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from store.evidence.errors import VaultKeyMissing
from store.evidence.pack import CODEC_SEALED, KEY_ID_BYTES

SCHEMA = "marque-vault/1"
DESCRIPTION = "vault.json"
KEY_FILE = "vault.key"
KEY_BYTES = 32
_NONCE_BYTES = 12  # what AES-GCM takes; NIST SP 800-38D, section 8.2


class PackKey:
    """Seals and opens the payloads of one pack."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(
        self, digest: bytes, codec: int, payload: bytes, random_bytes: Callable[[int], bytes]
    ) -> tuple[int, bytes]:
        """Codec and payload as they lie in the pack."""
        sealed = codec | CODEC_SEALED
        nonce = random_bytes(_NONCE_BYTES)
        return sealed, nonce + self._cipher.encrypt(nonce, payload, digest + bytes([sealed]))

    def open(self, digest: bytes, codec: int, payload: bytes) -> bytes:
        """What was sealed. Raises `InvalidTag` for anything else."""
        return self._cipher.decrypt(payload[:_NONCE_BYTES], payload[_NONCE_BYTES:], digest + bytes([codec]))


class VaultKey:
    """The workspace's key of its vault."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.key_id = key_id_of(key)

    def new_pack_key(self, random_bytes: Callable[[int], bytes]) -> tuple[PackKey, bytes]:
        """A key for a new pack, and how it stands in the pack's opening."""
        key = random_bytes(KEY_BYTES)
        return PackKey(key), aes_key_wrap(self._key, key)

    def pack_key(self, wrapped: bytes) -> PackKey | None:
        """The key that stands wrapped in an opening; None where it was wrapped by another."""
        try:
            return PackKey(aes_key_unwrap(self._key, wrapped))
        except InvalidUnwrap:
            return None


def key_id_of(key: bytes) -> bytes:
    """The name of a key, which says nothing about it."""
    return hashlib.sha256(b"marque vault key\0" + key).digest()[:KEY_ID_BYTES]


def is_sealed(root: Path) -> bool:
    """Whether a vault seals what it is given."""
    return (root / DESCRIPTION).exists()


def load_vault_key(root: Path) -> VaultKey | None:
    """
    The key of the vault at `root`; None for a vault in the clear.

    Raises `VaultKeyMissing` where the vault is sealed and its key is not there or is another.
    """
    description = root / DESCRIPTION
    try:
        said = json.loads(description.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise VaultKeyMissing(description, f"it cannot be read ({error})") from error
    path = root / str(said.get("key"))
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise VaultKeyMissing(path, f"it cannot be read ({error})") from error
    if len(key) != KEY_BYTES or key_id_of(key).hex() != said.get("key_id"):
        raise VaultKeyMissing(path, f"it is not the key {said.get('key_id')} that sealed this vault")
    return VaultKey(key)


def make_vault_key(root: Path, keys: Path, random_bytes: Callable[[int], bytes] = os.urandom) -> bool:
    """
    Seal a vault from now on; gives whether that is new. What lies in it already stays as it is.

    The key first, then the description that asks for it: killed between the two, the vault is still in the clear.
    """
    if is_sealed(root):
        return False
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = keys / KEY_FILE
    if not path.exists():
        fresh = keys / f".{KEY_FILE}.{os.getpid()}"
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(random_bytes(KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(fd)
        fresh.replace(path)
    key_id = key_id_of(bytes.fromhex(path.read_text("ascii").strip())).hex()
    said = {"key": os.path.relpath(path, root), "key_id": key_id, "schema": SCHEMA}
    partial = root / f".{DESCRIPTION}.{os.getpid()}"
    partial.write_text(json.dumps(said, sort_keys=True) + "\n")
    partial.replace(root / DESCRIPTION)
    return True


def opened(key: PackKey, digest: bytes, codec: int, payload: bytes) -> bytes | None:
    """What a sealed payload holds; None where it does not open."""
    try:
        return key.open(digest, codec, payload)
    except InvalidTag:
        return None
