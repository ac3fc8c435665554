"""
Whether a package is exactly what its signer sealed: `python verify.py PACKAGE [--keys FILE] [--json]`.

Needs Python 3.11 and `cryptography`, nothing else; copy this one file to any machine. PACKAGE is a ZIP, read in
place and never unpacked, or the same content as a folder. FILE holds the keys you trust, as published by the
sender and obtained in another way than the package.

This module is longer than others on purpose: whoever checks a package copies one file and reads one file.

Exit status: 0 PASS; 1 FAIL, something is not as sealed; 2 INCONCLUSIVE, nothing is wrong and something needed for
a judgement is missing, such as a trusted key; 3 the package cannot be read; 64 wrong usage.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import stat
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PACKAGE_SCHEMA = "marque-package/1"
KEYS_SCHEMA = "marque-keys/1"
ALGORITHM = "Ed25519"
MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
CUSTODY = "custody.jsonl"
# The hash before the first custody event, and the words that keep these hashes apart from any others.
CHAIN_START = "0" * 64
CHAIN_DOMAIN = b"marque-custody-1\x00"
# JSON numbers beyond this are read differently by different programs (RFC 8785, section 3.2.2.3).
MAX_INTEGER = 2**53 - 1
# Chosen: the deepest manifest this product writes has six levels.
MAX_DEPTH = 40
MAX_NAME_CHARS = 200
MAX_MEMBERS = 65_534  # above it a ZIP needs its 64-bit form, which is not canonical here
MAX_PACKAGE_BYTES = 2**32 - 2
# Chosen: manifest, signatures and custody log are held in memory; the largest real one is far below.
_KEPT_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 20
_SEGMENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEY_ID = re.compile(r"[0-9a-f]{16}")


class Status(Enum):
    """How one check ended."""

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Verdict(Enum):
    """What all checks together say; the value is the exit status."""

    PASS = 0
    FAIL = 1
    INCONCLUSIVE = 2
    UNREADABLE = 3


class Refused(ValueError):
    """Something is not as it must be; the text says what."""


class Unreadable(OSError):
    """The package cannot be read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: its name, how it ended, and why."""

    name: str
    status: Status
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the verifier found. `manifest_sha256` is None when there is no readable manifest."""

    package: str
    verdict: Verdict
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    manifest_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """A public key and when its signatures count. `revoked_at` is None while the key is in good standing."""

    key_id: str
    public_key: bytes
    name: str
    valid_from: datetime
    valid_to: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of a package. `content` is None for files that only their digest is needed of."""

    size_bytes: int
    sha256: str
    content: bytes | None


# What a package is made of, byte by byte. The writer uses these same functions.


def canonical_json(value: object, depth: int = 0) -> str:
    """RFC 8785 text of strings, integers, booleans, null, lists and objects. Raises `Refused` for anything else."""
    if depth > MAX_DEPTH:
        raise Refused(f"nested more than {MAX_DEPTH} deep")
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            if abs(value) > MAX_INTEGER:
                raise Refused("an integer beyond 2^53 - 1")
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return "[" + ",".join(canonical_json(item, depth + 1) for item in value) + "]"
        case dict():
            # The order of RFC 8785 is that of UTF-16 code units, which is not that of code points.
            names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
            return (
                "{"
                + ",".join(
                    f"{json.dumps(name, ensure_ascii=False)}:{canonical_json(value[name], depth + 1)}"
                    for name in names
                )
                + "}"
            )
        case _:
            raise Refused(f"a value of type {type(value).__name__}")


def parse_canonical(data: bytes) -> Any:
    """What canonical JSON says; `Any` because it is JSON. Raises `Refused` unless every byte is canonical."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Refused("the same name twice in one object")
        return found

    def no_float(text: str) -> NoReturn:
        raise Refused(f"the number {text[:20]}, which is not a plain integer")

    try:
        value = json.loads(data.decode(), object_pairs_hook=once, parse_float=no_float, parse_constant=no_float)
        again = canonical_json(value).encode()
    except Refused:
        raise
    except (ValueError, RecursionError) as error:
        raise Refused(f"not JSON in UTF-8 ({error})") from error
    if again != data:
        raise Refused("not in canonical form (RFC 8785)")
    return value


def check_name(name: str) -> None:
    """Raise `Refused` unless a file name is safe on every system: ASCII, relative, no `..`, no hidden files."""
    if not name or len(name) > MAX_NAME_CHARS:
        raise Refused(f"file names have 1 to {MAX_NAME_CHARS} characters")
    if name.startswith("/"):
        raise Refused("an absolute path")
    for segment in name.split("/"):
        if not _SEGMENT.fullmatch(segment):
            raise Refused(f"the part {segment[:40]!r}; use letters, digits, dots, dashes and underscores")


def check_names(names: Sequence[str]) -> None:
    """Raise `Refused` unless all names are safe, and distinct where case does not count."""
    seen: set[str] = set()
    for name in names:
        try:
            check_name(name)
        except Refused as why:
            raise Refused(f"the name {name[:80]!r} is not allowed: {why}") from why
        if name.casefold() in seen:
            raise Refused(f"the name {name!r} occurs twice")
        seen.add(name.casefold())


def local_header(name: str, crc: int, size_bytes: int) -> bytes:
    """The bytes before a member: stored, 1 January 1980, no flags, no extra field."""
    raw = name.encode("ascii")
    return struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0x21, crc, size_bytes, size_bytes, len(raw), 0) + raw


def central_header(name: str, crc: int, size_bytes: int, offset: int) -> bytes:
    """A member's line in the directory: a regular file, mode 0644."""
    raw = name.encode("ascii")
    numbers = (0x0314, 20, 0, 0, 0, 0x21, crc, size_bytes, size_bytes, len(raw), 0, 0, 0, 0)
    return struct.pack("<4s6H3I5H2I", b"PK\1\2", *numbers, 0o100644 << 16, offset) + raw


def end_record(count: int, directory_bytes: int, directory_at: int) -> bytes:
    """The last 22 bytes."""
    return struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, directory_bytes, directory_at, 0)


def checksums(files: Sequence[Mapping[str, object]]) -> bytes:
    """`SHA256SUMS` for `sha256sum -c`: every file of a manifest but itself."""
    return "".join(f"{f['sha256']}  {f['path']}\n" for f in files if f["path"] != CHECKSUMS).encode()


def chain_hash(prev_hash: str, canonical_event: bytes) -> str:
    """SHA-256 over the domain, the previous hash (32 bytes) and the event's canonical JSON."""
    return hashlib.sha256(CHAIN_DOMAIN + bytes.fromhex(prev_hash) + canonical_event).hexdigest()


def public_pem(public_key: bytes) -> bytes:
    """The PEM that openssl reads."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_id_of(public_key: bytes) -> str:
    """The first 16 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def parse_time(value: object) -> datetime:
    """UTC from `2026-11-21T10:00:00Z`; no other spelling is accepted."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Refused(f"the time {value!r} is not written as 2026-11-21T10:00:00Z")
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(f"the time {value!r} does not exist") from error


def parse_keys(data: bytes) -> list[PublishedKey]:
    """The keys of a published key file. Raises `Refused` when it is not one."""
    try:
        document = json.loads(data)
        if document["schema"] != KEYS_SCHEMA:
            raise Refused(f"its schema is not {KEYS_SCHEMA}")
        keys = [_parse_key(entry) for entry in document["keys"]]
    except (KeyError, TypeError, RecursionError, ValueError) as error:
        raise Refused(f"not a published key file: {error}") from error
    if len({key.key_id for key in keys}) != len(keys):
        raise Refused("not a published key file: the same key twice")
    return keys


def _parse_key(entry: Mapping[str, Any]) -> PublishedKey:
    raw = base64.b64decode(entry["public_key"], validate=True)
    if entry["algorithm"] != ALGORITHM or len(raw) != 32:
        raise Refused(f"only {ALGORITHM} keys of 32 bytes are known")
    if entry["key_id"] != key_id_of(raw):
        raise Refused(f"the id {entry['key_id']!r} does not belong to its key")
    revoked_at = entry["revoked_at"]
    return PublishedKey(
        key_id=entry["key_id"],
        public_key=raw,
        name=str(entry["name"]),
        valid_from=parse_time(entry["valid_from"]),
        valid_to=parse_time(entry["valid_to"]),
        revoked_at=None if revoked_at is None else parse_time(revoked_at),
    )


# Reading a package: one pass that looks at every byte once.


def read_package(path: Path) -> dict[str, Member]:
    """Every member of a ZIP or folder. Raises `Refused` for a broken structure, `Unreadable` for no package."""
    try:
        if path.is_dir():
            return _read_folder(path)
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Unreadable(f"{path} is neither a file nor a folder")
        return _read_zip(fd, os.fstat(fd).st_size)
    finally:
        os.close(fd)


def _read_folder(root: Path) -> dict[str, Member]:
    names: list[str] = []
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        entries = list(os.scandir(folder))
        if not entries:
            raise Refused(f"the folder {folder.relative_to(root)} is empty")
        for entry in entries:
            name = Path(entry.path).relative_to(root).as_posix()
            if entry.is_symlink():
                raise Refused(f"{name!r} is a symbolic link")
            if entry.is_dir():
                waiting.append(Path(entry.path))
            elif entry.is_file():
                names.append(name)
            else:
                raise Refused(f"{name!r} is not a regular file")
    check_names(names)
    members: dict[str, Member] = {}
    for name in sorted(names):
        fd = os.open(root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            size = os.fstat(fd).st_size
            members[name], _ = _read_member(fd, name, 0, size)
        finally:
            os.close(fd)
    return members


def _read_zip(fd: int, size: int) -> dict[str, Member]:
    if os.pread(fd, 4, 0) not in (b"PK\3\4", b"PK\5\6"):
        raise Unreadable("not a ZIP: it does not begin as one")
    tail = os.pread(fd, 22, max(size - 22, 0))
    if len(tail) < 22 or tail[:4] != b"PK\5\6":
        raise Refused("the ZIP does not end with its end record: it is cut, or bytes follow")
    count, directory_bytes, directory_at = struct.unpack_from("<HII", tail, 10)
    if directory_bytes > MAX_MEMBERS * (46 + MAX_NAME_CHARS):
        raise Refused("the ZIP directory is larger than any package needs")
    if directory_at + directory_bytes + 22 != size:
        raise Refused("the ZIP directory does not stand right before the end")
    entries = list(_read_directory(os.pread(fd, directory_bytes, directory_at), count))
    names = [name for name, _, _ in entries]
    check_names(names)
    if names != sorted(names):
        raise Refused("the members do not stand in the order of their names")
    members: dict[str, Member] = {}
    directory, at = b"", 0
    for name, crc, size_bytes in entries:
        header = local_header(name, crc, size_bytes)
        if os.pread(fd, len(header), at) != header:
            raise Refused(f"the header before {name!r} at byte {at} is not canonical")
        if at + len(header) + size_bytes > directory_at:
            raise Refused(f"{name!r} reaches into the directory")
        members[name], found_crc = _read_member(fd, name, at + len(header), size_bytes)
        if found_crc != crc:
            raise Refused(f"the content of {name!r} does not fit its checksum")
        directory += central_header(name, crc, size_bytes, at)
        at += len(header) + size_bytes
    if at != directory_at:
        raise Refused(f"bytes without a member stand at {at}")
    if directory + end_record(count, len(directory), at) != os.pread(fd, directory_bytes + 22, directory_at):
        raise Refused("the directory is not canonical")
    return members


def _read_directory(directory: bytes, count: int) -> Iterator[tuple[str, int, int]]:
    """Name, CRC and size of each directory line, refusing by name what is never allowed."""
    at = 0
    for _ in range(count):
        if directory[at : at + 4] != b"PK\1\2" or at + 46 > len(directory):
            raise Refused("the directory is cut")
        _, _, flags, method, _, _, crc, packed, size_bytes, name_bytes, extra, comment = struct.unpack_from(
            "<6H3I3H", directory, at + 4
        )
        (attributes,) = struct.unpack_from("<I", directory, at + 38)
        raw = directory[at + 46 : at + 46 + name_bytes]
        name = raw.decode("ascii", "backslashreplace")
        if flags & 1:
            raise Refused(f"{name!r} is encrypted")
        if method != 0 or packed != size_bytes:
            raise Refused(f"{name!r} is compressed (method {method}); members are only ever stored")
        if stat.S_ISLNK(attributes >> 16):
            raise Refused(f"{name!r} is a symbolic link")
        if extra or comment or flags:
            raise Refused(f"{name!r} carries flags, extra fields or a comment")
        yield name, crc, size_bytes
        at += 46 + name_bytes
    if at != len(directory):
        raise Refused("the directory holds more than its members")


def _read_member(fd: int, name: str, at: int, size_bytes: int) -> tuple[Member, int]:
    """One member and its CRC, read to the end."""
    keep = name in (MANIFEST, CHECKSUMS, CUSTODY) or name.startswith("signatures/")
    if keep and size_bytes > _KEPT_BYTES:
        raise Refused(f"{name!r} is larger than {_KEPT_BYTES} bytes")
    digest, crc, kept, left = hashlib.sha256(), 0, [], size_bytes
    while left:
        chunk = os.pread(fd, min(_CHUNK_BYTES, left), at)
        if not chunk:
            raise Refused(f"{name!r} ends early")
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        if keep:
            kept.append(chunk)
        at, left = at + len(chunk), left - len(chunk)
    content = b"".join(kept) if keep else None
    return Member(size_bytes=size_bytes, sha256=digest.hexdigest(), content=content), crc


# The checks. Each takes the package and what is known, and returns its detail or raises.


class Missing(Exception):
    """Something needed for a judgement is not there; the text says what."""


@dataclass(slots=True)
class _Examination:
    """One package under examination. `manifest` stays empty when it is not canonical."""

    members: dict[str, Member]
    trusted: Sequence[PublishedKey] | None
    manifest: dict[str, Any] = field(default_factory=dict)
    public_key: bytes = b""

    def content(self, name: str) -> bytes:
        member = self.members.get(name)
        if member is None or member.content is None:
            raise Refused(f"{name} is missing")
        return member.content

    def canonical_manifest(self) -> str:
        manifest = parse_canonical(self.content(MANIFEST))
        _check_manifest(manifest)
        self.manifest = manifest
        return f"{len(manifest['files'])} files listed, schema {PACKAGE_SCHEMA}"

    def file_set(self) -> str:
        listed = {file["path"] for file in self._known()["files"]}
        signature = f"signatures/{self.manifest['seal']['key_id']}"
        expected = listed | {MANIFEST} | {f"{signature}.{kind}" for kind in ("json", "pem", "sig")}
        unknown, missing = sorted(set(self.members) - expected), sorted(expected - set(self.members))
        if unknown or missing:
            raise Refused(f"not in the manifest: {unknown[:5]}; missing: {missing[:5]}")
        return "every file is listed, and every listed file is there"

    def digests(self) -> str:
        for file in self._known()["files"]:
            member = self.members.get(file["path"])
            if member is not None and (member.size_bytes, member.sha256) != (file["bytes"], file["sha256"]):
                raise Refused(f"{file['path']} is not the file that was sealed")
        if self.content(CHECKSUMS) != checksums(self.manifest["files"]):
            raise Refused(f"{CHECKSUMS} does not list the files of the manifest")
        return "every file has the sealed length and SHA-256"

    def signature(self) -> str:
        seal = self._known()["seal"]
        place = f"signatures/{seal['key_id']}"
        statement = parse_canonical(self.content(f"{place}.json"))
        try:
            public_key = base64.b64decode(statement["public_key"], validate=True)
            signature = base64.b64decode(statement["signature"], validate=True)
            expected = {
                "algorithm": ALGORITHM,
                "key_id": key_id_of(public_key),
                "public_key": base64.b64encode(public_key).decode(),
                "signature": base64.b64encode(signature).decode(),
                "signed_at": seal["at"],
                "signer_role": seal["role"],
            }
            if statement != expected or expected["key_id"] != seal["key_id"]:
                raise Refused("the signature file does not say what the manifest says about its signer")
            if (self.content(f"{place}.sig"), self.content(f"{place}.pem")) != (signature, public_pem(public_key)):
                raise Refused("the signature or key file for openssl differs from the signature file")
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, self.content(MANIFEST))
        except InvalidSignature as error:
            raise Refused("the signature is not one over this manifest") from error
        except Refused:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"the signature file is malformed ({error!r})") from error
        self.public_key = public_key
        return f"{ALGORITHM} signature of key {seal['key_id']} over {MANIFEST}"

    def signer(self) -> str:
        key = self._trusted_key()
        if key.public_key != self.public_key:
            raise Refused(f"this is not a signature of the trusted key {key.key_id}")
        return f"signed by {key.name!r}, as {self.manifest['seal']['role']!r}"

    def key_valid_at_time(self) -> str:
        key, at = self._trusted_key(), parse_time(self.manifest["seal"]["at"])
        if not key.valid_from <= at < key.valid_to:
            raise Refused(f"signed {at}, and the key is valid from {key.valid_from} to {key.valid_to}")
        if key.revoked_at is not None and at >= key.revoked_at:
            raise Refused(f"signed {at}, and the key was revoked {key.revoked_at}")
        if key.revoked_at is not None:
            raise Missing(f"the key was revoked {key.revoked_at}; only its own word says it signed earlier")
        return f"signed {at} by the signer's clock, within the key's validity"

    def custody_chain(self) -> str:
        sealed = self._known().get("custody")
        previous, count = CHAIN_START, 0
        for line in self.content(CUSTODY).splitlines(keepends=True):
            count += 1
            entry = parse_canonical(line.removesuffix(b"\n"))
            if not isinstance(entry, dict) or set(entry) != {"event", "hash", "prev_hash"}:
                raise Refused(f"line {count} is not a custody event")
            expected = chain_hash(previous, canonical_json(entry["event"]).encode())
            if entry["prev_hash"] != previous or entry["hash"] != expected or not line.endswith(b"\n"):
                raise Refused(f"line {count} does not follow from the line before")
            previous = expected
        if sealed != {"events": count, "head": previous}:
            raise Refused("the chain does not end where the manifest says")
        return f"{count} events, each bound to the one before"

    def _known(self) -> dict[str, Any]:
        if not self.manifest:
            raise Missing("not examined, because the manifest is not usable")
        return self.manifest

    def _trusted_key(self) -> PublishedKey:
        key_id = self._known()["seal"]["key_id"]
        if self.trusted is None:
            raise Missing(f"no trusted keys were given; the package says key {key_id}")
        for key in self.trusted:
            if key.key_id == key_id:
                return key
        raise Refused(f"key {key_id} is not among the {len(self.trusted)} trusted keys")


def _check_manifest(manifest: object) -> None:
    """Raise `Refused` unless a manifest has the fields every check relies on."""
    if not isinstance(manifest, dict) or manifest.get("schema") != PACKAGE_SCHEMA:
        raise Refused(f"the manifest is not of schema {PACKAGE_SCHEMA}")
    seal, files = manifest.get("seal"), manifest.get("files")
    if not isinstance(seal, dict) or set(seal) != {"at", "key_id", "role"} or not isinstance(seal["role"], str):
        raise Refused("the manifest does not say who sealed it")
    parse_time(seal["at"])
    if not isinstance(seal["key_id"], str) or not _KEY_ID.fullmatch(seal["key_id"]):
        raise Refused("the manifest names no key")
    if not isinstance(files, list):
        raise Refused("the manifest lists no files")
    for file in files:
        if not isinstance(file, dict) or set(file) != {"bytes", "path", "role", "sha256"}:
            raise Refused("a file of the manifest lacks path, role, bytes or sha256")
        texts = (file["path"], file["role"], file["sha256"])
        if not all(isinstance(text, str) for text in texts) or type(file["bytes"]) is not int:
            raise Refused("a file of the manifest has a field of the wrong type")
        if not _SHA256.fullmatch(file["sha256"]):
            raise Refused(f"{file['path'][:80]!r} has no SHA-256")
    paths = [file["path"] for file in files]
    check_names(paths)
    if paths != sorted(paths) or MANIFEST in paths or any(path.startswith("signatures/") for path in paths):
        raise Refused("the files of the manifest are not in order, or list what stands outside it")
    if (CUSTODY in paths) != ("custody" in manifest):
        raise Refused("the manifest and the custody log do not go together")


def verify(path: Path, trusted: Sequence[PublishedKey] | None = None) -> Report:
    """Examine a package. Without trusted keys the best verdict is INCONCLUSIVE. Never raises for a bad package."""
    checks: list[Check] = []
    members: dict[str, Member] = {}

    def run(name: str, examine: Callable[[], str]) -> None:
        try:
            checks.append(Check(name=name, status=Status.PASS, detail=examine()))
        except Refused as why:
            checks.append(Check(name=name, status=Status.FAIL, detail=str(why)))
        except Missing as why:
            checks.append(Check(name=name, status=Status.INCONCLUSIVE, detail=str(why)))

    def structure() -> str:
        members.update(read_package(path))
        return f"{len(members)} members, every byte where it belongs"

    try:
        run("structure", structure)
    except OSError as error:
        return _report(path, Verdict.UNREADABLE, [], (f"{error}",), None)
    examination = _Examination(members=members, trusted=trusted)
    examinations = [
        examination.canonical_manifest,
        examination.file_set,
        examination.digests,
        examination.signature,
        examination.signer,
        examination.key_valid_at_time,
    ]
    notes = ["The signing time is the signer's own word: no external time token is attached."]
    if CUSTODY in members or checks[0].status is not Status.PASS:
        examinations.append(examination.custody_chain)
    else:
        notes.append("No custody log is part of this package.")
    for examine in examinations:
        run(examine.__name__, examine if checks[0].status is Status.PASS else _not_reached)
    statuses = {check.status for check in checks}
    if Status.FAIL in statuses:
        verdict = Verdict.FAIL
    elif Status.INCONCLUSIVE in statuses:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.PASS
    manifest = members.get(MANIFEST)
    return _report(path, verdict, checks, tuple(notes), manifest.sha256 if manifest else None)


def _not_reached() -> str:
    raise Missing("not examined, because the structure is broken")


def _report(
    path: Path, verdict: Verdict, checks: Sequence[Check], notes: tuple[str, ...], manifest_sha256: str | None
) -> Report:
    return Report(
        package=str(path), verdict=verdict, checks=tuple(checks), notes=notes, manifest_sha256=manifest_sha256
    )


def report_json(report: Report) -> dict[str, object]:
    """A report as plain JSON values."""
    return {
        "package": report.package,
        "verdict": report.verdict.name,
        "exit_status": report.verdict.value,
        "manifest_sha256": report.manifest_sha256,
        "checks": [{"name": c.name, "status": c.status.value, "detail": c.detail} for c in report.checks],
        "notes": list(report.notes),
    }


def report_text(report: Report) -> str:
    """A report for people, the verdict last."""
    lines = [f"{check.status.value.upper():12} {check.name}: {check.detail}" for check in report.checks]
    lines += [f"{'NOTE':12} {note}" for note in report.notes]
    return "\n".join([*lines, f"{report.verdict.name}: {report.package}"]) + "\n"


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = _Arguments(prog="verify.py", description="Check that a package is exactly what its signer sealed.")
    parser.add_argument("package", type=Path, help="a ZIP or a folder")
    parser.add_argument("--keys", type=Path, help="the published keys you trust, obtained in another way")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    given = parser.parse_args(arguments)
    trusted: list[PublishedKey] | None = None
    if given.keys is not None:
        try:
            trusted = parse_keys(given.keys.read_bytes())
        except (OSError, Refused) as error:
            parser.error(f"--keys {given.keys}: {error}")
    report = verify(given.package, trusted)
    text = json.dumps(report_json(report), indent=2) + "\n" if given.json else report_text(report)
    sys.stdout.write(text)
    return report.verdict.value


if __name__ == "__main__":
    sys.exit(main())
