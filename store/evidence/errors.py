"""
Everything that can go wrong while evidence is kept, sealed or packed.

    EvidenceError
    ├── VaultError
    │   ├── BadDigest        a name that is not 64 lower-case hex digits
    │   ├── BlobTooLarge     more bytes than one blob may hold
    │   ├── MissingBlob      nothing is stored under this digest
    │   │   └── ErasedBlob   something was stored, and was taken out by a decision or a rule
    │   ├── DamagedBlob      something is stored, and it is not what was put
    │   ├── DamagedIndex     the index cannot be read while others use it
    │   ├── VaultFull        no room left; nothing of the refused bytes is visible
    │   ├── VaultKeyMissing  the vault is sealed, and its key is not here
    │   ├── BarredContent    bytes that a list of unlawful content names: never stored
    │   ├── BadBlocklist     a list of hashes that cannot be read
    │   ├── QuarantineRefused  the quarantine cannot be made, or does not open
    │   └── VaultClosed      the vault was closed, or is used after a fork
    ├── SealError
    │   ├── KeyUnusable      a key file is missing, readable by others, or not Ed25519
    │   └── Unsealable       a manifest that has no canonical form
    ├── CheckpointExists     a checkpoint of that number and second stands there already
    ├── CheckpointUnreadable a checkpoint or its signature cannot be read
    ├── NoToken              a time authority gave no token that counts
    ├── ChainError
    │   └── UnchainableEvent an event without a canonical form
    └── BundleError
        ├── BadMember        a file name no package may carry
        ├── BadManifest      manifest fields that the package writes itself, or roles of absent files
        ├── BadCustody       a custody log that is not a whole chain
        ├── PackageExists    the place for a package is taken by something else
        ├── PackageTooLarge  more files or bytes than one package may hold
        └── Unverified       what was written does not pass the verifier, and was taken back
"""

from pathlib import Path


class EvidenceError(Exception):
    """Any failure of keeping, sealing or packing evidence."""


class VaultError(EvidenceError):
    """Any failure of the vault."""


class BadDigest(VaultError):
    """A digest that is not 64 lower-case hex digits."""

    def __init__(self, digest: str) -> None:
        self.digest = digest
        super().__init__(f"{digest[:80]!r} is not a SHA-256 in 64 lower-case hex digits; pass what `put` returned")


class BlobTooLarge(VaultError):
    """More bytes than one blob may hold."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        super().__init__(
            f"{size_bytes} bytes are more than the {limit_bytes} one blob may hold; store the file in parts"
        )


class MissingBlob(VaultError):
    """Nothing is stored under this digest."""

    def __init__(self, digest: str, root: Path) -> None:
        self.digest = digest
        self.root = root
        super().__init__(
            f"the vault at {root} holds nothing under {digest}; "
            "it was never flushed here, or its pack file is gone: restore packs/ from a backup"
        )


class ErasedBlob(MissingBlob):
    """Something was stored under this digest, and was taken out: `lawfully` by a decision, else by retention."""

    def __init__(self, digest: str, root: Path, *, lawfully: bool) -> None:
        super().__init__(digest, root)
        self.lawfully = lawfully
        why = (
            "they were erased by a decision; `marque erasures list` says whose and why"
            if lawfully
            else "their time was over, and `marque retention run` took them out"
        )
        self.args = (f"the bytes {digest} are no longer in the vault: {why}",)


class VaultKeyMissing(VaultError):
    """The vault is sealed, and its key is not here."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(
            f"the vault is sealed and its key cannot be used: {path}: {why}; bring keys/vault.key back from a backup "
            "made with --keys-under. Without that key nobody can read these bytes, the makers of this program neither"
        )


class BarredContent(VaultError):
    """Bytes that a list names, by exact digest or as a picture that looks alike; they are not in the vault."""

    def __init__(self, digest: str, list_name: str, how: str, *, is_sealed_away: bool) -> None:
        self.digest = digest
        self.list_name = list_name
        self.how = how
        self.is_sealed_away = is_sealed_away
        kept = "sealed away in the quarantine" if is_sealed_away else "not kept"
        super().__init__(f"the bytes {digest} are on the list {list_name!r} ({how}): {kept}, and never shown")


class BadBlocklist(VaultError):
    """A list of hashes that cannot be read."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(
            f"the list {name}: {why}; a list is a CSV with the columns kind (sha256, md5 or pdq), value (hex) and, "
            "for pdq, radius_bits"
        )


class QuarantineRefused(VaultError):
    """The quarantine cannot be made, or does not open."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class DamagedBlob(VaultError):
    """Something is stored under this digest, and it is not what was put."""

    def __init__(self, digest: str, pack: str, at: int, why: str) -> None:
        self.digest = digest
        self.pack = pack
        self.at = at
        self.why = why
        super().__init__(
            f"blob {digest} in pack {pack} at byte {at} is damaged: {why}; "
            "restore that pack from a backup, or quarantine the blob and capture again"
        )


class DamagedIndex(VaultError):
    """The index cannot be read, and it cannot be rebuilt under a vault in use."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(
            f"the vault index {path} cannot be read: {why}; "
            "stop every process that uses this vault and open it once: that rebuilds the index from the packs"
        )


class VaultFull(VaultError):
    """No room: nothing of the bytes that were refused is visible."""

    def __init__(self, path: Path, free: int, need: int) -> None:
        self.path = path
        self.free = free
        self.need = need
        super().__init__(
            f"no room in {path}: {free} bytes free, {need} needed; "
            "free some space or move the vault, then run again: nothing was half written"
        )


class VaultClosed(VaultError):
    """The vault was closed, or is used by another process than the one that opened it."""

    def __init__(self, root: Path, why: str) -> None:
        self.root = root
        self.why = why
        super().__init__(f"the vault at {root} cannot be used here: {why}; open it again in this process")


class SealError(EvidenceError):
    """Any failure of keys and signatures."""


class KeyUnusable(SealError):
    """A key file is missing, readable by others, or not an Ed25519 key."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"the key {path} cannot be used: {why}")


class Unsealable(SealError):
    """A manifest that has no canonical form."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"the manifest has no canonical JSON form: {why}; "
            "use strings, booleans, null, lists, objects and integers within ±(2^53 - 1)"
        )


class CheckpointExists(EvidenceError):
    """A checkpoint of that number and second stands there already."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path} is there already; nothing was sealed since, so it still says how far the chain goes"
        )


class CheckpointUnreadable(EvidenceError):
    """A checkpoint or its signature cannot be read."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"the checkpoint {path} cannot be read: {why}; its `.sig` has to lie beside it")


class NoToken(EvidenceError):
    """A time authority gave no token that counts."""

    def __init__(self, authority: str, why: str) -> None:
        self.authority = authority
        self.why = why
        super().__init__(
            f"the time authority {authority!r} gave no token: {why}; "
            "what was sealed stays `unsealed_time` and the authority is asked again"
        )


class ChainError(EvidenceError):
    """Any failure of the custody chain."""


class UnchainableEvent(ChainError):
    """A custody event without a canonical form."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the custody event cannot be chained: {why}")


class BundleError(EvidenceError):
    """Any failure of writing a package."""


class BadMember(BundleError):
    """A file name no package may carry."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"a package cannot hold a file named {name!r}: {why}")


class PackageExists(BundleError):
    """The place for a package is taken by something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path} exists and holds something else; packages are never overwritten: choose another name"
        )


class BadManifest(BundleError):
    """Manifest fields that the package writes itself, or roles of absent files."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the package cannot be sealed: {why}")


class BadCustody(BundleError):
    """A custody log that is not a whole chain."""

    def __init__(self, position: int, why: str) -> None:
        self.position = position
        self.why = why
        super().__init__(f"the custody log is broken at event {position}: {why}; seal nothing before it is explained")


class PackageTooLarge(BundleError):
    """More files or bytes than one package may hold."""

    def __init__(self, path: Path, files: int, size_bytes: int) -> None:
        self.path = path
        self.files = files
        self.size_bytes = size_bytes
        super().__init__(
            f"{path} would hold {files} files and {size_bytes} bytes, more than one package may; split it"
        )


class Unverified(BundleError):
    """What was written does not pass the verifier, and was taken back."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path} was not written, because it would not verify: {why}")
