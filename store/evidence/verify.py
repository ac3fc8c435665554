"""
Whether a package is exactly what its signer sealed.

    python verify.py PACKAGE [--keys FILE] [--trust FILE] [--source BUNDLE] [--json]

Needs Python 3.11 and `cryptography` (45 or later), nothing else, and no network; copy this one file to any machine.
PACKAGE is a ZIP, read in place and never unpacked, or the same content as a folder. `--keys` holds the signing keys
you trust, as published by the sender; `--trust` the root certificates (PEM) of the time authorities you trust. Get
both in another way than the package.

This module is longer than others on purpose: whoever checks a package copies one file and reads one file.

Exit status: 0 PASS; 1 FAIL, something is not as sealed; 2 INCONCLUSIVE, nothing is wrong and something needed for
a judgement is missing, such as a trusted key, a time token, or files that were erased lawfully (each named); 3 what
is given is no package, or is built to harm its reader; 64 wrong usage. PASS needs every check that the kind of
package requires.
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
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

PACKAGE_SCHEMA = "marque-package/1"
KEYS_SCHEMA = "marque-keys/1"
ALGORITHM = "Ed25519"
MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
CUSTODY = "custody.jsonl"
SEAL_SCHEMA = "marque-seal/1"
ERASURE_SCHEMA = "marque-erasure/1"
ERASED_FILES = "erased.json"  # in a capture's folder: files that were erased before the bundle was made
BUNDLE = "evidence-bundle"  # the `kind` of a manifest that promises captures, their seals, times and custody
PUBLIC = "evidence-public"  # the `kind` of a copy that shows what everybody may see, and names its source
EXHIBITS = "exhibits.json"  # of a public copy: its captures by address, time, digest, leaf and proof
FINDINGS = "findings.json"  # what is claimed, in a bundle and in its public copy
WEB_ARCHIVE = "captures.wacz"
# The hash before the first custody event, and the words that keep these hashes apart from any others.
CHAIN_START = "0" * 64
CHAIN_DOMAIN = b"marque-custody-1\x00"
# JSON numbers beyond this are read differently by different programs (RFC 8785, section 3.2.2.3).
MAX_INTEGER = 2**53 - 1
# Chosen: the deepest manifest this product writes has six levels.
MAX_DEPTH = 40
# Chosen: a manifest of 20,000 files has half of it; 4 MiB of empty objects took 240 MB to read (measured).
MAX_VALUES = 200_000
MAX_NAME_CHARS = 200
MAX_MEMBERS = 65_534  # above it a ZIP needs its 64-bit form, which is not canonical here
MAX_PACKAGE_BYTES = 2**32 - 2
# Chosen: what is held in memory; a manifest of 20,000 files has 4 MB. Everything else is only hashed.
MAX_MANIFEST_BYTES = 4 << 20
_KEPT_BYTES = 4 << 20
_SMALL_BYTES = 256 << 10  # signatures, tokens, statements: a token with its chain has about 6 kB (measured)
_KEPT_IN_ALL = 32 << 20
# A seal counts for the time of capture when its token came within it; the sender's own rule, checked here.
TIMELY = timedelta(minutes=10)
# Chosen: how far the clocks of signer and authority may differ in the wrong direction.
SKEW = timedelta(seconds=5)
_CHUNK_BYTES = 1 << 20
_SEGMENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEY_ID = re.compile(r"[0-9a-f]{16}")
_AUTHORITY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Status(Enum):
    """How one check ended."""

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERASED = "erased lawfully"


class Verdict(Enum):
    """What all checks together say; the value is the exit status."""

    PASS = 0
    FAIL = 1
    INCONCLUSIVE = 2
    UNREADABLE = 3


class Refused(ValueError):
    """Something is not as it must be; the text says what."""


class Unusable(Refused):
    """What is there cannot be read as what it claims to be, or is built to harm its reader."""


class Unreadable(OSError):
    """There is nothing to read: no file, no folder, no permission."""


class Missing(Exception):
    """Something needed for a judgement is not there; the text says what."""


class Erased(Exception):
    """What is there holds, and something is not there because it was erased lawfully; the text says what and why."""


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
    """One file of a package. `content` is None for files that only their digest is needed of; `at` is its byte."""

    size_bytes: int
    sha256: str
    content: bytes | None
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Every member of a package, and where its container is not the canonical one though it can be read."""

    members: dict[str, Member]
    damage: tuple[str, ...] = ()


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

    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise Unusable(f"more than {MAX_VALUES} values")
    try:
        value = json.loads(data.decode(), object_pairs_hook=once, parse_float=no_float, parse_constant=no_float)
        again = canonical_json(value).encode()
    except Refused:
        raise
    except (ValueError, RecursionError) as error:
        raise Unusable(f"not JSON in UTF-8 ({error})") from error
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
    """Every member of a package. Raises like `read_contents`, and `Refused` for a container that is not canonical."""
    contents = read_contents(path)
    if contents.damage:
        raise Refused("; ".join(contents.damage[:3]))
    return dict(contents.members)


def read_contents(path: Path) -> Contents:
    """
    Every member of a ZIP or folder, read in place, and where its container is damaged.

    Raises `Unreadable` where nothing can be read, `Unusable` for what is no package or is built to harm: members
    that are packed, encrypted, linked, doubled, overlapping, or named to land elsewhere; a cut or grown file.
    """
    try:
        if path.is_dir():
            return Contents(members=_read_folder(path))
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Unreadable(f"{path} is neither a file nor a folder")
        return _read_zip(fd, 0, os.fstat(fd).st_size)
    finally:
        os.close(fd)


def _read_folder(root: Path) -> dict[str, Member]:
    names: list[str] = []
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        entries = list(os.scandir(folder))
        if not entries:
            raise Unusable(f"the folder {folder.relative_to(root)} is empty")
        for entry in entries:
            name = Path(entry.path).relative_to(root).as_posix()
            if entry.is_symlink():
                raise Unusable(f"{name!r} is a symbolic link")
            if entry.is_dir():
                waiting.append(Path(entry.path))
            elif entry.is_file():
                names.append(name)
            else:
                raise Unusable(f"{name!r} is not a regular file")
            if len(names) + len(waiting) > MAX_MEMBERS:
                raise Unusable(f"the folder holds more than {MAX_MEMBERS} files")
    _check_safe(names)
    members: dict[str, Member] = {}
    kept = 0
    for name in sorted(names):
        fd = os.open(root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            members[name], _ = _read_member(fd, name, 0, os.fstat(fd).st_size, kept)
            kept += len(members[name].content or b"")
        finally:
            os.close(fd)
    return members


def _read_zip(fd: int, start: int, size: int) -> Contents:
    """A ZIP that begins at byte `start` of a file; its members are looked for where the canonical form puts them."""
    if os.pread(fd, 4, start) not in (b"PK\3\4", b"PK\5\6"):
        raise Unusable("not a ZIP: it does not begin as one")
    tail = os.pread(fd, 22, start + max(size - 22, 0))
    if len(tail) < 22 or tail[:4] != b"PK\5\6":
        raise Unusable("the ZIP does not end with its end record: it is cut, or bytes follow")
    count, directory_bytes, directory_at = struct.unpack_from("<HII", tail, 10)
    if directory_bytes > MAX_MEMBERS * (46 + MAX_NAME_CHARS):
        raise Unusable("the ZIP directory is larger than any package needs")
    if directory_at + directory_bytes + 22 != size:
        raise Unusable("the ZIP directory does not stand right before the end")
    entries = list(_read_directory(os.pread(fd, directory_bytes, start + directory_at), count))
    names = [name for name, _, _, _ in entries]
    _check_safe(names)
    damage = [] if names == sorted(names) else ["the members do not stand in the order of their names"]
    members: dict[str, Member] = {}
    directory, at, kept = [], 0, 0
    for name, crc, size_bytes, offset in entries:
        if offset != at:
            raise Unusable(
                f"{name!r} is said to begin at byte {offset}, where its neighbours leave byte {at}: overlap"
            )
        header = local_header(name, crc, size_bytes)
        if at + len(header) + size_bytes > directory_at:
            raise Unusable(f"{name!r} reaches into the directory")
        if os.pread(fd, len(header), start + at) != header:
            damage.append(f"the header before {name!r} at byte {at} is not canonical")
        members[name], found_crc = _read_member(fd, name, start + at + len(header), size_bytes, kept)
        kept += len(members[name].content or b"")
        if found_crc != crc:
            damage.append(f"the content of {name!r} does not fit its checksum")
        directory.append(central_header(name, crc, size_bytes, at))
        at += len(header) + size_bytes
    if at != directory_at:
        damage.append(f"bytes without a member stand at {at}")
    listing = b"".join(directory)
    if listing + end_record(count, len(listing), at) != os.pread(fd, directory_bytes + 22, start + directory_at):
        damage.append("the directory is not canonical")
    return Contents(members=members, damage=tuple(damage))


def _read_directory(directory: bytes, count: int) -> Iterator[tuple[str, int, int, int]]:
    """Name, CRC, size and place of each directory line, refusing by name what is never allowed."""
    at = 0
    for _ in range(count):
        if directory[at : at + 4] != b"PK\1\2" or at + 46 > len(directory):
            raise Unusable("the directory is cut")
        _, _, flags, method, _, _, crc, packed, size_bytes, name_bytes, extra, comment = struct.unpack_from(
            "<6H3I3H", directory, at + 4
        )
        attributes, offset = struct.unpack_from("<2I", directory, at + 38)
        raw = directory[at + 46 : at + 46 + name_bytes]
        name = raw.decode("ascii", "backslashreplace")
        if flags & 1:
            raise Unusable(f"{name!r} is encrypted")
        if method != 0 or packed != size_bytes:
            raise Unusable(f"{name!r} is compressed (method {method}); members are only ever stored")
        if stat.S_ISLNK(attributes >> 16):
            raise Unusable(f"{name!r} is a symbolic link")
        if extra or comment or flags:
            raise Unusable(f"{name!r} carries flags, extra fields or a comment")
        yield name, crc, size_bytes, offset
        at += 46 + name_bytes
    if at != len(directory):
        raise Unusable("the directory holds more than its members")


def _check_safe(names: Sequence[str]) -> None:
    try:
        check_names(names)
    except Refused as why:
        raise Unusable(str(why)) from why


def _limit(name: str) -> int:
    """How many bytes of a member are held in memory; 0 for those of which only the digest is wanted."""
    if name == MANIFEST:
        return MAX_MANIFEST_BYTES
    if name in (CHECKSUMS, CUSTODY, EXHIBITS, FINDINGS):
        return _KEPT_BYTES
    folder, _, last = name.partition("/")
    if folder in ("signatures", "timestamps", "erasures"):
        return _SMALL_BYTES
    if folder == "seals":
        return _KEPT_BYTES if last.endswith("/proofs.json") else _SMALL_BYTES
    is_read = last.endswith(("/capture.json", f"/{ERASED_FILES}"))
    return _SMALL_BYTES if folder == "captures" and is_read else 0


def _read_member(fd: int, name: str, at: int, size_bytes: int, kept_before: int) -> tuple[Member, int]:
    """One member and its CRC, read to the end."""
    keep = _limit(name)
    if keep and (size_bytes > keep or kept_before + size_bytes > _KEPT_IN_ALL):
        raise Unusable(f"{name!r} is larger than {keep} bytes, or all such files are larger than {_KEPT_IN_ALL}")
    digest, crc, kept, left, start = hashlib.sha256(), 0, [], size_bytes, at
    while left:
        chunk = os.pread(fd, min(_CHUNK_BYTES, left), at)
        if not chunk:
            raise Unusable(f"{name!r} ends early")
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        if keep:
            kept.append(chunk)
        at, left = at + len(chunk), left - len(chunk)
    content = b"".join(kept) if keep else None
    return Member(size_bytes=size_bytes, sha256=digest.hexdigest(), content=content, at=start), crc


# Time tokens: RFC 3161 inside CMS (RFC 5652), read strictly. Signatures and certificate chains are `cryptography`'s.

_OID_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OID_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_OID_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_OID_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_OID_CERTIFICATE_V1 = bytes.fromhex("2a864886f70d010910020c")
_OID_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")
_OID_SHA256 = bytes.fromhex("608648016503040201")
_HASHES: Mapping[bytes, hashes.HashAlgorithm] = {
    _OID_SHA256: hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
# What `cryptography` raises for broken certificates beside ValueError; they have no common parent of their own.
_CERTIFICATE_ERRORS = (
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
# How an authority may sign: the kind of key, and the hash where the name fixes it (RFC 5754, RFC 8419).
_SCHEMES: Mapping[bytes, tuple[str, str | None]] = {
    bytes.fromhex("2a8648ce3d040302"): ("ec", "sha256"),
    bytes.fromhex("2a8648ce3d040303"): ("ec", "sha384"),
    bytes.fromhex("2a8648ce3d040304"): ("ec", "sha512"),
    bytes.fromhex("2a864886f70d010101"): ("rsa", None),
    bytes.fromhex("2a864886f70d01010b"): ("rsa", "sha256"),
    bytes.fromhex("2a864886f70d01010c"): ("rsa", "sha384"),
    bytes.fromhex("2a864886f70d01010d"): ("rsa", "sha512"),
    bytes.fromhex("2a864886f70d01010a"): ("pss", None),
    bytes.fromhex("2b6570"): ("ed25519", None),
}
_SEQUENCE, _SET, _INTEGER, _OCTETS, _OID, _TIME_TAG, _ZERO, _ONE = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18, 0xA0, 0xA1


@dataclass(frozen=True, slots=True, kw_only=True)
class DerValue:
    """One DER value: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToken:
    """What an RFC 3161 token says. `nonce` is None where the authority returned none."""

    imprint_sha256: bytes
    gen_time: datetime
    serial: int
    policy: str
    nonce: int | None
    authority: str


def der_values(data: bytes) -> list[DerValue]:
    """The DER values that stand one after the other in `data`."""
    found, at = [], 0
    while at < len(data):
        if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
            raise Refused("not DER")
        length, body = data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[body : body + size], "big")
            if not 1 <= size <= 4 or body + size > len(data) or length < 0x80 or length >> (8 * (size - 1)) == 0:
                raise Refused("not DER: a length in another than its shortest form")
            body += size
        if body + length > len(data):
            raise Refused("not DER: cut")
        found.append(DerValue(tag=data[at], content=data[body : body + length], whole=data[at : body + length]))
        at = body + length
    return found


def _inside(node: DerValue, tag: int, at_least: int = 1) -> list[DerValue]:
    """The values inside a constructed value of that tag."""
    if node.tag != tag:
        raise Refused(f"a value of tag {node.tag:#x} stands where {tag:#x} belongs")
    found = der_values(node.content)
    if len(found) < at_least:
        raise Refused("a structure lacks members")
    return found


def _primitive(node: DerValue, tag: int) -> bytes:
    if node.tag != tag:
        raise Refused(f"a value of tag {node.tag:#x} stands where {tag:#x} belongs")
    return node.content


def _oid_text(raw: bytes) -> str:
    numbers, value = [raw[0] // 40 if raw[0] < 80 else 2, raw[0] - 40 * min(raw[0] // 40, 2)], 0
    for byte in raw[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    return ".".join(str(number) for number in numbers)


def _hash_of(algorithm: DerValue) -> hashes.HashAlgorithm:
    name, *parameters = _inside(algorithm, _SEQUENCE)
    if _primitive(name, _OID) not in _HASHES or any(each.whole != b"\x05\x00" for each in parameters):
        raise Refused(f"the hash {_oid_text(name.content)} is not among SHA-256, SHA-384 and SHA-512")
    return _HASHES[name.content]


def _digest(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()


def _moment(raw: bytes) -> datetime:
    """UTC of a GeneralizedTime in DER: `20261122101530Z`, with an optional fraction."""
    parts = re.fullmatch(rb"(\d{14})(?:\.(\d{1,6})\d*)?Z", raw)
    if parts is None:
        raise Refused(f"the time {raw[:30]!r} is not one of DER")
    whole = datetime.strptime(parts[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return whole + timedelta(microseconds=int((parts[2] or b"0").ljust(6, b"0")))


def request_nonce(query: bytes, imprint: bytes) -> int | None:
    """The nonce of a time stamp query over that SHA-256. Raises `Refused` for a query over anything else."""
    try:
        (outer,) = der_values(query)
        members = _inside(outer, _SEQUENCE, 2)
        algorithm, digest = _inside(members[1], _SEQUENCE, 2)
        name = _primitive(_inside(algorithm, _SEQUENCE)[0], _OID)
        if name != _OID_SHA256 or _primitive(digest, _OCTETS) != imprint:
            raise Refused("the query kept beside the token asks about other bytes")
        numbers = [node for node in members[2:] if node.tag == _INTEGER]
        return int.from_bytes(numbers[0].content, "big", signed=True) if numbers else None
    except (ValueError, IndexError) as error:
        raise error if isinstance(error, Refused) else Refused(f"the query is malformed ({error})") from error


def read_token(response: bytes, roots: Sequence[x509.Certificate]) -> TimeToken:
    """
    What an RFC 3161 response says, once its signature, its certificate's purpose and its chain to `roots` hold.

    The chain is judged at the time the token states, so a certificate that ran out since counts. Raises `Refused`
    for a token that is broken or of someone not trusted. Whether a certificate was revoked is not asked.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about oddities of certificates; what counts is refused
            return _read_token(response, roots)
    except Refused:
        raise
    except InvalidSignature as error:
        raise Refused("the token's signature is not one over its content") from error
    except (ValueError, IndexError, TypeError, OverflowError, UnsupportedAlgorithm, *_CERTIFICATE_ERRORS) as error:
        raise Refused(f"the token is malformed ({error})") from error


def _read_token(response: bytes, roots: Sequence[x509.Certificate]) -> TimeToken:
    (outer,) = der_values(response)
    answer = _inside(outer, _SEQUENCE)
    status = _primitive(_inside(answer[0], _SEQUENCE)[0], _INTEGER)
    if (
        status != b"\0" or len(answer) != 2
    ):  # RFC 3161, 2.4.2: 0 granted; what was changed by the authority is no answer
        raise Refused(f"the authority refused: status {int.from_bytes(status, 'big')}")
    content_type, explicit = _inside(answer[1], _SEQUENCE, 2)
    if _primitive(content_type, _OID) != _OID_SIGNED_DATA:
        raise Refused("it holds no signed data")
    (signed_data,) = _inside(explicit, _ZERO)
    members = _inside(signed_data, _SEQUENCE, 4)
    inner_type, wrapped = _inside(members[2], _SEQUENCE, 2)
    if _primitive(inner_type, _OID) != _OID_TST_INFO or _primitive(members[0], _INTEGER) != b"\x03":
        raise Refused("what it signs is no time stamp")
    info = _primitive(_inside(wrapped, _ZERO)[0], _OCTETS)
    # Authorities order the certificates as they like, where DER wants a sorted set; they are taken as they come.
    embedded = [node for node in members[3:] if node.tag == _ZERO]
    certificates = [_certificate(node) for part in embedded for node in der_values(part.content)]
    (signer,) = _inside(members[-1], _SET)
    (algorithm,) = _inside(members[1], _SET)
    if algorithm.whole != _inside(signer, _SEQUENCE, 6)[2].whole:
        raise Refused("the token names two different hashes for its content")
    certificate = _check_signer(signer, info, certificates)
    token = _read_info(info, certificate)
    check_authority(certificate, certificates, roots, token.gen_time)
    return token


def _certificate(node: DerValue) -> x509.Certificate:
    certificate = x509.load_der_x509_certificate(node.whole)
    # Libraries take signatures with unused bits, and of ECDSA with another outer tag (measured); DER has one form.
    if _inside(node, _SEQUENCE, 3)[2].content[:1] != b"\0":
        raise Refused("the signature in a certificate is not DER")
    if certificate.signature_algorithm_oid.dotted_string.startswith("1.2.840.10045."):
        _inside(der_values(certificate.signature)[0], _SEQUENCE, 2)
    return certificate


def _check_signer(signer: DerValue, info: bytes, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate that signed the content, after the signature and what it binds were checked."""
    members = _inside(signer, _SEQUENCE, 6)
    algorithm = _hash_of(members[2])
    if _primitive(members[0], _INTEGER) != b"\x01":
        raise Refused("the signer is not named by issuer and number")
    attributes: dict[bytes, bytes] = {}
    for node in _inside(members[3], _ZERO):
        name, values = _inside(node, _SEQUENCE, 2)
        (value,) = _inside(values, _SET)
        if name.content in attributes:
            raise Refused("the same signed attribute twice")
        attributes[name.content] = value.whole
    if der_values(attributes.get(_OID_CONTENT_TYPE, b""))[0].content != _OID_TST_INFO:
        raise Refused("the signed attributes name another kind of content")
    if der_values(attributes.get(_OID_MESSAGE_DIGEST, b""))[0].content != _digest(algorithm, info):
        raise Refused("the token's content is not what was signed")
    certificate = _named_certificate(attributes, certificates)
    issuer, serial = _inside(members[1], _SEQUENCE, 2)
    number = int.from_bytes(_primitive(serial, _INTEGER), "big", signed=True)
    if (issuer.whole, number) != (certificate.issuer.public_bytes(), certificate.serial_number):
        raise Refused("the token names two different signers")
    # RFC 5652, 5.4: signed are the attributes as a SET, whatever tag they carry in the structure.
    signed = bytes([_SET]) + members[3].whole[1:]
    _check_signature(certificate, members[4], algorithm, _primitive(members[5], _OCTETS), signed)
    return certificate


def _named_certificate(
    attributes: Mapping[bytes, bytes], certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    """The certificate whose digest the signed attributes name (RFC 5035; RFC 2634 with SHA-1)."""
    version_2 = _OID_CERTIFICATE_V2 in attributes
    name = _OID_CERTIFICATE_V2 if version_2 else _OID_CERTIFICATE_V1
    if name not in attributes:
        raise Refused("the token does not say which certificate signed it")
    (value,) = der_values(attributes[name])
    entry = _inside(_inside(_inside(value, _SEQUENCE)[0], _SEQUENCE)[0], _SEQUENCE)
    algorithm: hashes.HashAlgorithm = hashes.SHA256() if version_2 else hashes.SHA1()  # noqa: S303 -- RFC 2634
    if entry[0].tag == _SEQUENCE:
        algorithm, entry = _hash_of(entry[0]), entry[1:]
    wanted = _primitive(entry[0], _OCTETS)
    for certificate in certificates:
        if _digest(algorithm, certificate.public_bytes(Encoding.DER)) == wanted:
            return certificate
    raise Refused("the certificate that signed the token is not in it")


def _check_signature(
    certificate: x509.Certificate, scheme: DerValue, algorithm: hashes.HashAlgorithm, signature: bytes, data: bytes
) -> None:
    key = certificate.public_key()
    name, *parameters = _inside(scheme, _SEQUENCE)
    fits, bound = _SCHEMES.get(_primitive(name, _OID), (None, None))
    if bound not in (None, algorithm.name):
        raise Refused("the token names two different hashes for its signature")
    is_bare = all(each.whole == b"\x05\x00" for each in parameters)
    if isinstance(key, ec.EllipticCurvePublicKey) and fits == "ec" and is_bare:
        key.verify(signature, data, ec.ECDSA(algorithm))
    elif isinstance(key, rsa.RSAPublicKey) and fits == "rsa" and is_bare:
        key.verify(signature, data, padding.PKCS1v15(), algorithm)
    elif isinstance(key, rsa.RSAPublicKey) and fits == "pss":
        key.verify(signature, data, padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO), algorithm)
    elif isinstance(key, Ed25519PublicKey) and fits == "ed25519":
        key.verify(signature, data)
    else:
        raise Refused(f"the authority signs in a way that is not known here ({_oid_text(name.content)})")


def _read_info(info: bytes, certificate: x509.Certificate) -> TimeToken:
    (outer,) = der_values(info)
    version, policy, imprint, serial, moment, *more = _inside(outer, _SEQUENCE, 5)
    algorithm, digest = _inside(imprint, _SEQUENCE, 2)
    if _primitive(version, _INTEGER) != b"\x01" or not isinstance(_hash_of(algorithm), hashes.SHA256):
        raise Refused("it is no version 1 token over a SHA-256")
    nonces = [node for node in more if node.tag == _INTEGER]
    return TimeToken(
        imprint_sha256=_primitive(digest, _OCTETS),
        gen_time=_moment(_primitive(moment, _TIME_TAG)),
        serial=int.from_bytes(_primitive(serial, _INTEGER), "big", signed=True),
        policy=_oid_text(_primitive(policy, _OID)),
        nonce=int.from_bytes(nonces[0].content, "big", signed=True) if nonces else None,
        authority=certificate.subject.rfc4514_string(),
    )


def check_authority(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> None:
    """Raise `Refused` unless the certificate is for time stamps alone and leads to a trusted root at that time."""

    def only_time(_policy: Policy, _leaf: x509.Certificate, usage: x509.ExtendedKeyUsage) -> None:
        if list(usage) != [ExtendedKeyUsageOID.TIME_STAMPING]:
            raise ValueError("the certificate is not for time stamps alone (RFC 3161, 2.3)")

    def authority(_policy: Policy, _certificate: x509.Certificate, limits: x509.BasicConstraints) -> None:
        if not limits.ca:
            raise ValueError("a certificate of the chain may not issue others")

    def issues(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
        if usage is not None and not usage.key_cert_sign:
            raise ValueError("a certificate of the chain may not issue others")

    leaf = ExtensionPolicy.permit_all().require_present(x509.ExtendedKeyUsage, Criticality.CRITICAL, only_time)
    above = (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, authority)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, issues)
    )
    anchors = [root for root in roots if root.issuer == root.subject]
    between = [other for other in (*others, *roots) if other != certificate and other not in anchors]
    builder = PolicyBuilder().store(Store(anchors)).time(at.replace(tzinfo=None)).max_chain_depth(6)
    verifier = builder.extension_policies(ca_policy=above, ee_policy=leaf).build_client_verifier()
    try:
        verifier.verify(certificate, between)
    except VerificationError as error:
        raise Refused(f"the authority's certificate does not lead to a trusted root at {at}: {error}") from error


def parse_roots(pem: bytes) -> list[x509.Certificate]:
    """
    The certificates of a PEM file: trusted roots, and issuers between them and tokens that come without.

    Raises `Refused` when none of them is a root.
    """
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise Refused(f"not a file of certificates in PEM: {error}") from error
    if not any(certificate.issuer == certificate.subject for certificate in found):
        raise Refused("it holds no root certificate, one that is its own issuer")
    return found


# The checks. Each takes the package and what is known, and returns its detail or raises.


@dataclass(slots=True)
class _Examination:
    """One package under examination. `manifest` stays empty when it is not canonical."""

    path: Path
    members: Mapping[str, Member]
    trusted: Sequence[PublishedKey] | None
    roots: Sequence[x509.Certificate] | None
    source: Path | None = None
    manifest: dict[str, Any] = field(default_factory=dict)
    public_key: bytes = b""
    stamped: list[datetime] = field(default_factory=list)  # by verified tokens over the package's own signature
    erased: set[str] = field(default_factory=set)  # files that a sound statement says were erased from this package

    def content(self, name: str) -> bytes:
        member = self.members.get(name)
        if member is None or member.content is None:
            raise Refused(f"{name} is missing")
        return member.content

    def canonical_manifest(self) -> str:
        if MANIFEST not in self.members:
            raise Unusable(f"there is no {MANIFEST}: this is no package, or its list was taken out")
        manifest = parse_canonical(self.content(MANIFEST))
        _check_manifest(manifest)
        self.manifest = manifest
        return f"{len(manifest['files'])} files listed, schema {PACKAGE_SCHEMA}"

    def file_set(self) -> str:
        listed = {file["path"] for file in self._known()["files"]}
        signature = f"signatures/{self.manifest['seal']['key_id']}"
        expected = listed | {MANIFEST} | {f"{signature}.{kind}" for kind in ("json", "pem", "sig")}
        tokens = {f"timestamps/{name}.{kind}" for name in self.authorities() for kind in ("tsq", "tsr")}
        erasures = {f"{place}.{kind}" for place in self.erasures() for kind in ("json", "signature.json")}
        present = set(self.members)
        unknown = sorted(present - expected - tokens - erasures)
        missing = sorted(expected - present - self.erased)
        if unknown or missing:
            raise Refused(f"not in the manifest: {unknown[:5]}; missing: {missing[:5]}")
        left = f", but for {len(self.erased)} that were erased lawfully" if self.erased else ""
        return f"every file is listed, and every listed file is there{left}"

    def erasures(self) -> list[str]:
        """Statements of erasures, by their names without ending."""
        return sorted(
            name.removesuffix(".json")
            for name in self.members
            if name.startswith("erasures/") and name.endswith(".json") and not name.endswith(".signature.json")
        )

    def erasure(self, place: str) -> str:
        """One statement that files were erased: bound to this manifest, signed, and true of what is there."""
        written = self.content(f"{place}.json")
        said = parse_canonical(written)
        fields = {"by", "files", "legal_basis", "manifest_sha256", "reason", "schema", "seal", "second"}
        if not isinstance(said, dict) or set(said) != fields or said["schema"] != ERASURE_SCHEMA:
            raise Refused(f"{place} is no statement of an erasure")
        if not all(isinstance(said[name], str) and said[name].strip() for name in fields - {"files", "seal"}):
            raise Refused(f"{place} does not say why, on what basis and by whom")
        _check_seal(said["seal"])
        if said["manifest_sha256"] != hashlib.sha256(self.content(MANIFEST)).hexdigest():
            raise Refused(f"{place} speaks of another package")
        if said["by"].strip().casefold() == said["second"].strip().casefold():
            raise Refused(f"{place} names one person where two are needed")
        listed = {file["path"]: file["sha256"] for file in self._known()["files"]}
        try:
            named = {str(file["path"]): str(file["sha256"]) for file in said["files"]}
        except (KeyError, TypeError) as error:
            raise Refused(f"{place} does not say which files: {error!r}") from error
        if not named or any(listed.get(path) != digest for path, digest in named.items()):
            raise Refused(f"{place} names files that this package never had")
        still = sorted(set(named) & set(self.members))
        if still:
            raise Refused(f"{still[0]} is said to be erased and is there")
        public_key, _ = _check_statement(self.content(f"{place}.signature.json"), said["seal"], written)
        if self.trusted is not None and self.trusted_key(said["seal"]["key_id"]).public_key != public_key:
            raise Refused(f"{place} is not signed by the trusted key {said['seal']['key_id']}")
        if self.trusted is not None:
            _check_key(self.trusted_key(said["seal"]["key_id"]), parse_time(said["seal"]["at"]), ())
        self.erased |= set(named)
        raise Erased(
            f"{len(named)} files ({', '.join(sorted(named)[:4])}) on {said['seal']['at']} by {said['by']!r} and"
            f" {said['second']!r}: {said['reason']}; {said['legal_basis']}. Their digests stay sealed; what they held"
            " cannot be checked any more"
        )

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
        key, signature = _check_statement(self.content(f"{place}.json"), seal, self.content(MANIFEST))
        if (self.content(f"{place}.sig"), self.content(f"{place}.pem")) != (signature, public_pem(key)):
            raise Refused("the signature or key file for openssl differs from the signature file")
        self.public_key = key
        return f"{ALGORITHM} signature of key {seal['key_id']} over {MANIFEST}"

    def signer(self) -> str:
        key = self.trusted_key(self._known()["seal"]["key_id"])
        if key.public_key != self.public_key:
            raise Refused(f"this is not a signature of the trusted key {key.key_id}")
        return f"signed by {key.name!r}, as {self.manifest['seal']['role']!r}"

    def key_valid_at_time(self) -> str:
        seal = self._known()["seal"]
        return _check_key(self.trusted_key(seal["key_id"]), parse_time(seal["at"]), self.stamped)

    def authorities(self) -> list[str]:
        """The time authorities this package says it asked."""
        return list(self._known()["seal"].get("authorities", ()))

    def timestamp(self, name: str) -> str:
        signature = self.content(f"signatures/{self._known()['seal']['key_id']}.sig")
        token = self.token(f"timestamps/{name}", signature)
        self.stamped.append(token.gen_time)
        return f"the signature existed at {token.gen_time}, by {token.authority}"

    def token(self, place: str, signature: bytes) -> TimeToken:
        """The token at a place, over that signature. Raises `Missing` where it or the roots are not there."""
        if f"{place}.tsr" not in self.members:
            raise Missing("unsealed_time: no token is there; the authority had not answered, or it was taken out")
        if self.roots is None:
            raise Missing("no trusted root certificates were given")
        token = read_token(self.content(f"{place}.tsr"), self.roots)
        imprint = hashlib.sha256(signature).digest()
        if token.imprint_sha256 != imprint:
            raise Refused("the token is over other bytes than this signature")
        if request_nonce(self.content(f"{place}.tsq"), imprint) != token.nonce:
            raise Refused("the token does not answer the query beside it: another nonce")
        return token

    def time_order(self) -> str:
        if not self.authorities():
            raise Missing("no time authority is named: the time of signing is the signer's own word")
        return _check_order(parse_time(self._known()["seal"]["at"]), self.stamped)

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

    # What was captured, and the seals made at that time.

    def captures(self) -> list[str]:
        """The folders of the captures, by the files that describe them."""
        return sorted(name.removesuffix("/capture.json") for name in self.members if _is_capture(name))

    def seals(self) -> list[str]:
        return sorted(name.removesuffix("/statement.json") for name in self.members if _is_seal(name))

    def capture_files(self) -> str:
        folders, named = self.captures(), 0
        gone: list[str] = []
        if not folders:
            raise Missing("the package holds no capture")
        for folder in folders:
            record = parse_canonical(self.content(f"{folder}/capture.json"))
            try:
                listed = {f"{folder}/{file['path']}": (file["bytes"], file["sha256"]) for file in record["files"]}
            except (KeyError, TypeError) as error:
                raise Refused(f"{folder} does not say of which files it is: {error!r}") from error
            stated = self.erased_before(folder)
            for name, said in listed.items():
                member = self.members.get(name)
                if member is None and stated.get(name, ("",))[0] == said[1]:
                    gone.append(f"{name} ({stated[name][1]})")
                elif member is None and name in self.erased:
                    continue  # told by the check of its own
                elif member is None or (member.size_bytes, member.sha256) != said:
                    raise Refused(f"{name} is not the file that was captured")
            about = {f"{folder}/capture.json", f"{folder}/{ERASED_FILES}"}
            beside = {n for n in self.members if n.startswith(f"{folder}/")} - listed.keys() - about
            if beside:
                raise Refused(f"{sorted(beside)[0]} is not part of the capture")
            named += len(listed)
        if gone:
            raise Erased(
                f"{len(gone)} of {named} files before this bundle was made: {'; '.join(gone[:3])}. Their digests stay"
                " in what was sealed; what they held cannot be checked any more"
            )
        return f"{len(folders)} captures with {named} files, each as it was recorded"

    def erased_before(self, folder: str) -> dict[str, tuple[str, str]]:
        """Digest and reason of the files of a capture that were erased before the bundle was made, by name."""
        place = f"{folder}/{ERASED_FILES}"
        if place not in self.members:
            return {}
        try:
            return {
                f"{folder}/{file['path']}": (
                    str(file["sha256"]),
                    f"{file['at']} by {file['by']} and {file['second']}: {file['reason']}; {file['legal_basis']}",
                )
                for file in parse_canonical(self.content(place))
            }
        except (KeyError, TypeError) as error:
            raise Refused(f"{place} does not say what was erased, and why: {error!r}") from error

    def capture_log(self) -> str:
        proven: set[str] = set()
        for place in self.seals():
            log = self.statement(place)["log"]
            proofs = parse_canonical(self.content(f"{place}/proofs.json"))
            try:
                for name, proof in proofs.items():
                    leaf = leaf_hash(self.content(name))
                    path = [bytes.fromhex(step) for step in proof["path"]]
                    root = root_from_path(leaf, proof["index"], log["leaves"], path)
                    if root.hex() != log["root"]:
                        raise Refused(f"{name} is not what was sealed as number {proof['index']} of {place}")
                    proven.add(name)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise (
                    error if isinstance(error, Refused) else Refused(f"{place} has no usable proofs ({error!r})")
                ) from error
        left = [folder for folder in self.captures() if f"{folder}/capture.json" not in proven]
        if left:
            raise Missing(f"{len(left)} captures stand in no seal of the time of capture: {left[:3]}")
        if not proven:
            raise Missing("the package holds no capture")
        return f"{len(proven)} captures stand in {len(self.seals())} sealed logs"

    # What a public copy says of the bundle it was made from.

    def exhibits(self) -> list[dict[str, Any]]:
        """The captures a public copy names; `Any` because it is JSON. Raises `Refused` where they are not told."""
        found = parse_canonical(self.content(EXHIBITS))
        fields = {"bytes", "leaf", "number", "received_at", "sealed", "sha256", "status", "url"}
        if not isinstance(found, list) or not all(isinstance(e, dict) and set(e) == fields for e in found):
            raise Refused(f"{EXHIBITS} does not say which captures it was made from")
        return found

    def public_log(self) -> str:
        proven, left = 0, []
        for exhibit in self.exhibits():
            try:
                sealed = exhibit["sealed"]
                if not sealed:
                    left.append(exhibit["number"])
                    continue
                log = self.statement(f"seals/{sealed['log']}")["log"]
                path = [bytes.fromhex(step) for step in sealed["path"]]
                root = root_from_path(bytes.fromhex(exhibit["leaf"]), sealed["index"], log["leaves"], path)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                if isinstance(error, Refused):
                    raise
                raise Refused(f"exhibit {exhibit['number']} has no usable proof ({error!r})") from error
            if root.hex() != log["root"]:
                raise Refused(f"exhibit {exhibit['number']} is not what was sealed")
            proven += 1
        if left or not proven:
            raise Missing(f"{len(left)} of {proven + len(left)} exhibits stand in no seal of the time of capture")
        return f"the records of {proven} captures stand in {len(self.seals())} sealed logs"

    def derived_from(self) -> str:
        said = self._known().get("derived_from")
        if not isinstance(said, dict) or set(said) != {"kind", "manifest_sha256"}:
            raise Refused("it does not name the package it was made from")
        digest = str(said["manifest_sha256"])
        if not _SHA256.fullmatch(digest):
            raise Refused("it names its source by no SHA-256")
        if self.source is None:
            return f"made from the package whose manifest has the SHA-256 {digest}; give it with --source to compare"
        try:
            source = read_contents(self.source).members
        except (OSError, Refused) as error:
            raise Refused(f"the source cannot be read: {error}") from error
        if MANIFEST not in source or source[MANIFEST].sha256 != digest:
            raise Refused(f"{self.source.name} is another package than the one it was made from")
        records = {leaf_hash(m.content).hex() for n, m in source.items() if _is_capture(n) and m.content is not None}
        bodies = {member.sha256 for member in source.values()}
        for exhibit in self.exhibits():
            if exhibit["leaf"] not in records or exhibit["sha256"] not in bodies:
                raise Refused(f"exhibit {exhibit['number']} is no capture of {self.source.name}")
        if FINDINGS in self.members and FINDINGS in source:
            said, of_source = _claims(self.members[FINDINGS]), _claims(source[FINDINGS])
            if said != of_source:
                raise Refused(f"what it claims of its items is not what {self.source.name} claims")
        return f"made from {self.source.name}, whose manifest, captures and claims are those it names"

    def statement(self, place: str) -> dict[str, Any]:
        """What a seal states. `Any` because it is JSON."""
        statement = parse_canonical(self.content(f"{place}/statement.json"))
        if not isinstance(statement, dict) or set(statement) != {"captured", "log", "schema", "seal"}:
            raise Refused(f"{place} is no seal")
        captured, log = statement["captured"], statement["log"]
        _check_seal(statement["seal"])
        if statement["schema"] != SEAL_SCHEMA or not isinstance(captured, dict) or set(captured) != {"from", "to"}:
            raise Refused(f"{place} is not of schema {SEAL_SCHEMA}")
        if not isinstance(log, dict) or set(log) != {"leaves", "root"} or type(log["leaves"]) is not int:
            raise Refused(f"{place} states no root")
        if parse_time(captured["from"]) > parse_time(captured["to"]):
            raise Refused(f"{place} ends before it begins")
        return statement

    def capture_seal(self, place: str) -> str:
        """One seal of the time of capture: signature, signer, tokens, and the order of the times."""
        statement = self.statement(place)
        seal, written = statement["seal"], self.content(f"{place}/statement.json")
        public_key, signature = _check_statement(self.content(f"{place}/signature.json"), seal, written)
        said, captured = parse_time(seal["at"]), parse_time(statement["captured"]["to"])
        if captured > said + SKEW:
            raise Refused(f"sealed {said}, before its last capture at {captured}")
        stamped: list[datetime] = []
        lacking: Missing | None = None
        for name in seal.get("authorities", ()):
            try:
                stamped.append(self.token(f"{place}/{name}", signature).gen_time)
            except Missing as why:
                lacking = Missing(f"{name}: {why}")
        key = self.trusted_key(seal["key_id"])
        if key.public_key != public_key:
            raise Refused(f"this is not a signature of the trusted key {key.key_id}")
        _check_key(key, said, stamped)
        if lacking is not None or not stamped:
            raise lacking or Missing("no time authority is named: the time of capture is the signer's own word")
        _check_order(said, stamped)
        if max(stamped) - captured > TIMELY:
            raise Missing(f"sealed late: captured until {captured}, and shown to exist only from {min(stamped)} on")
        return f"{statement['log']['leaves']} captures until {captured} existed at {min(stamped)}"

    def web_archive(self) -> str:
        member = self.members[WEB_ARCHIVE]
        place = self.path / WEB_ARCHIVE if self.path.is_dir() else self.path
        fd = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            archive = _read_zip(fd, member.at, member.size_bytes)
            if archive.damage:
                raise Refused(f"{WEB_ARCHIVE}: {archive.damage[0]}")
            bodies = {found.sha256 for name, found in self.members.items() if name.startswith("captures/")}
            count = 0
            for name, found in archive.members.items():
                if name.startswith("archive/"):
                    for digest in _warc_payloads(fd, name, found.at, found.size_bytes):
                        count += 1
                        if digest not in bodies:
                            raise Refused(f"{name} holds an answer that is no file of any capture")
        finally:
            os.close(fd)
        if not count:
            raise Refused(f"{WEB_ARCHIVE} holds no answer")
        return f"{count} answers, each whole and the same bytes as in captures/"

    def _known(self) -> dict[str, Any]:
        if not self.manifest:
            raise Missing("not examined, because the manifest is not usable")
        return self.manifest

    def trusted_key(self, key_id: str) -> PublishedKey:
        """The trusted key of that id. Raises `Missing` without trusted keys, `Refused` for another."""
        if self.trusted is None:
            raise Missing(f"no trusted keys were given; the package says key {key_id}")
        for key in self.trusted:
            if key.key_id == key_id:
                return key
        raise Refused(f"key {key_id} is not among the {len(self.trusted)} trusted keys")


def leaf_hash(record: bytes) -> bytes:
    """The leaf of one record in the log of captures (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_path(leaf: bytes, index: int, leaves: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf and its inclusion path lead to (RFC 9162, 2.1.3.2). Raises `Refused` for no path."""
    if type(index) is not int or not 0 <= index < leaves:
        raise Refused("a proof for a place that is not in the log")
    node, last, left = leaf, leaves - 1, index
    for step in path:
        if last == 0 or len(step) != 32:
            raise Refused("a proof of the wrong length")
        if left & 1 or left == last:
            node = node_hash(step, node)
            while not left & 1 and left:
                left, last = left >> 1, last >> 1
        else:
            node = node_hash(node, step)
        left, last = left >> 1, last >> 1
    if last:
        raise Refused("a proof of the wrong length")
    return node


# Of a finding, what a public copy repeats word for word; titles and addresses lose what names a person.
_CLAIMED = ("label", "claim", "grounds", "price", "observed_at", "exhibits")


def _claims(findings: Member) -> list[tuple[Any, ...]]:
    """What a file of findings claims of each item; `Any` because it is JSON. Raises `Refused` for what is none."""
    try:
        items = parse_canonical(findings.content or b"")["items"]
        return [tuple(item[field] for field in _CLAIMED) for item in items]
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"{FINDINGS} does not say what is claimed ({error!r})") from error


def _is_capture(name: str) -> bool:
    return name.startswith("captures/") and name.endswith("/capture.json")


def _is_seal(name: str) -> bool:
    return name.startswith("seals/") and name.endswith("/statement.json")


def _check_statement(written: bytes, seal: Mapping[str, Any], signed: bytes) -> tuple[bytes, bytes]:
    """Public key and signature of a signature file. Raises `Refused` unless it is one over `signed`, by that seal."""
    statement = parse_canonical(written)
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
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except InvalidSignature as error:
        raise Refused("the signature is not one over what it stands beside") from error
    except Refused:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"the signature file is malformed ({error!r})") from error
    return public_key, signature


def _check_key(key: PublishedKey, at: datetime, stamped: Sequence[datetime]) -> str:
    """Raise unless a key's signature counts: stated time, verified tokens, validity and revocation together."""
    if not key.valid_from <= at < key.valid_to:
        raise Refused(f"signed {at}, and the key is valid from {key.valid_from} to {key.valid_to}")
    if key.revoked_at is not None and at >= key.revoked_at:
        raise Refused(f"signed {at}, and the key was revoked {key.revoked_at}")
    earliest = min(stamped, default=None)
    if key.revoked_at is not None and earliest is None:
        raise Missing(f"the key was revoked {key.revoked_at}; only its own word says it signed earlier")
    if key.revoked_at is not None and earliest is not None and earliest >= key.revoked_at:
        raise Refused(f"the key was revoked {key.revoked_at}, and the signature is first seen {earliest}")
    if earliest is not None and earliest >= key.valid_to:
        raise Missing(f"the key ran out {key.valid_to}, and the signature is first seen {earliest}")
    if key.revoked_at is not None:
        return f"signed before {earliest}, by a time authority; the key was revoked only {key.revoked_at}"
    return f"signed {at} by the signer's clock, within the key's validity"


def _check_order(said: datetime, stamped: Sequence[datetime]) -> str:
    """Raise unless verified tokens fit the time the signer states."""
    if not stamped:
        raise Missing("no verified time token: the time of signing is the signer's own word")
    if min(stamped) < said - SKEW:
        raise Refused(f"an authority saw the signature at {min(stamped)}, before the stated time {said}")
    if max(stamped) - said > TIMELY:
        raise Missing(f"the signature says {said}, and an authority saw it only at {max(stamped)}")
    return f"signed {said} by the signer's clock, seen by {len(stamped)} authorities until {max(stamped)}"


def _warc_payloads(fd: int, name: str, at: int, size_bytes: int) -> Iterator[str]:
    """SHA-256 of the payload of every answer and view in a WARC. Raises `Refused` for a record that is not whole."""
    end = at + size_bytes
    while at < end:
        head, separator, _ = os.pread(fd, min(_SMALL_BYTES, end - at), at).partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        fields = {
            key.strip().lower(): value.strip() for key, _, value in (line.partition(b":") for line in lines[1:])
        }
        length = fields.get(b"content-length", b"")
        if lines[0] != b"WARC/1.1" or not separator or not length.isdigit() or len(length) > 10:
            raise Refused(f"{name} holds no record at byte {at}")
        at += len(head) + 4
        if at + int(length) + 4 > end or os.pread(fd, 4, at + int(length)) != b"\r\n\r\n":
            raise Refused(f"{name}: a record at byte {at} is cut")
        kind = fields.get(b"warc-type")
        block, payload, seen, tail = hashlib.sha256(), hashlib.sha256(), kind != b"response", b""
        for place in range(at, at + int(length), _CHUNK_BYTES):
            chunk = os.pread(fd, min(_CHUNK_BYTES, at + int(length) - place), place)
            block.update(chunk)
            if seen:
                payload.update(chunk)
            else:
                tail, found, body = (tail + chunk).partition(b"\r\n\r\n")
                seen = bool(found)
                payload.update(body)
        said = fields.get(b"warc-block-digest", b"").removeprefix(b"sha256:")
        if kind != b"warcinfo" and said != base64.b32encode(block.digest()):
            raise Refused(f"{name}: the record at byte {at} is not what its digest says")
        if kind in (b"response", b"resource"):
            yield payload.hexdigest()
        at += int(length) + 4


def _check_seal(seal: object) -> None:
    """Raise `Refused` unless a seal says who sealed, when, as what, and which authorities were asked."""
    if not isinstance(seal, dict) or set(seal) - {"authorities"} != {"at", "key_id", "role"}:
        raise Refused("it does not say who sealed it")
    parse_time(seal["at"])
    if not isinstance(seal["role"], str):
        raise Refused("it does not say as what it was sealed")
    if not isinstance(seal["key_id"], str) or not _KEY_ID.fullmatch(seal["key_id"]):
        raise Refused("it names no key")
    names = seal.get("authorities", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and _AUTHORITY.fullmatch(name) for name in names):
        raise Refused("it names no time authorities")
    if names != sorted(set(names)):
        raise Refused("its time authorities are not in order")


def _check_manifest(manifest: object) -> None:
    """Raise `Refused` unless a manifest has the fields every check relies on."""
    if not isinstance(manifest, dict):
        raise Unusable("the manifest is no JSON object")
    if manifest.get("schema") != PACKAGE_SCHEMA:
        raise Refused(f"the manifest is not of schema {PACKAGE_SCHEMA}")
    files = manifest.get("files")
    _check_seal(manifest.get("seal"))
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
    outside = any(path.split("/")[0] in ("signatures", "timestamps", "erasures") for path in paths)
    if paths != sorted(paths) or MANIFEST in paths or outside:
        raise Refused("the files of the manifest are not in order, or list what stands outside it")
    if (CUSTODY in paths) != ("custody" in manifest):
        raise Refused("the manifest and the custody log do not go together")


def verify(
    path: Path,
    trusted: Sequence[PublishedKey] | None = None,
    roots: Sequence[x509.Certificate] | None = None,
    source: Path | None = None,
) -> Report:
    """
    Examine a package. Without trusted keys the best verdict is INCONCLUSIVE, and without trusted roots too where time
    tokens are promised. `source` is the bundle a public copy was made from. Never raises for a bad package.
    """
    checks: list[Check] = []
    unusable = False

    def run(name: str, examine: Callable[[], str]) -> None:
        nonlocal unusable
        try:
            checks.append(Check(name=name, status=Status.PASS, detail=examine()))
        except Refused as why:
            checks.append(Check(name=name, status=Status.FAIL, detail=str(why)))
            unusable |= isinstance(why, Unusable) and name in ("structure", "canonical_manifest")
        except Missing as why:
            checks.append(Check(name=name, status=Status.INCONCLUSIVE, detail=str(why)))
        except Erased as what:
            checks.append(Check(name=name, status=Status.ERASED, detail=str(what)))

    contents = Contents(members={})

    def structure() -> str:
        nonlocal contents
        contents = read_contents(path)
        if contents.damage:
            raise Refused("; ".join(contents.damage[:3]))
        return f"{len(contents.members)} members, every byte where it belongs"

    try:
        run("structure", structure)
    except OSError as error:
        return _report(path, Verdict.UNREADABLE, [], (f"{error}",), None)
    examination = _Examination(path=path, members=contents.members, trusted=trusted, roots=roots, source=source)
    notes: list[str] = []
    for name, examine in _examinations(examination, notes):
        run(name, _not_reached if unusable else examine)
    statuses = {check.status for check in checks}
    if unusable:
        verdict = Verdict.UNREADABLE
    elif Status.FAIL in statuses:
        verdict = Verdict.FAIL
    elif statuses - {Status.PASS}:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.PASS
    manifest = contents.members.get(MANIFEST)
    return _report(path, verdict, checks, tuple(notes), manifest.sha256 if manifest else None)


def _examinations(examination: _Examination, notes: list[str]) -> Iterator[tuple[str, Callable[[], str]]]:
    """
    Every check in its order, each made when the one before it is done.

    What the manifest says of its kind decides which are required; a part that is there is checked in any case.
    """
    yield "canonical_manifest", examination.canonical_manifest
    for place in examination.erasures() if examination.manifest else ():
        yield f"erasure[{place.removeprefix('erasures/')}]", lambda place=place: examination.erasure(place)  # type: ignore[misc]  # bound now
    yield "file_set", examination.file_set
    yield "digests", examination.digests
    yield "signature", examination.signature
    yield "signer", examination.signer
    members, manifest = examination.members, examination.manifest
    is_bundle, is_public = manifest.get("kind") == BUNDLE, manifest.get("kind") == PUBLIC
    authorities = examination.authorities() if manifest else []
    for name in authorities:
        yield f"timestamp[{name}]", lambda name=name: examination.timestamp(name)  # type: ignore[misc]  # bound now
    yield "key_valid_at_time", examination.key_valid_at_time
    if is_public:
        notes.append("A public copy: it shows a part of its source, and stands for nothing the source does not show.")
        yield "derived_from", examination.derived_from
        yield "capture_log", examination.public_log
    if is_bundle or authorities:
        yield "time_order", examination.time_order
    else:
        notes.append("The signing time is the signer's own word: no external time token is attached.")
    if is_bundle or CUSTODY in members or not manifest:
        yield "custody_chain", examination.custody_chain
    else:
        notes.append("No custody log is part of this package.")
    if is_bundle or examination.captures():
        yield "capture_files", examination.capture_files
        yield "capture_log", examination.capture_log
    for place in examination.seals():
        yield f"capture_seal[{place.removeprefix('seals/')}]", lambda place=place: examination.capture_seal(place)  # type: ignore[misc]  # bound now
    if WEB_ARCHIVE in members:
        yield "web_archive", examination.web_archive


def _not_reached() -> str:
    raise Missing("not examined, because the package or its manifest cannot be read")


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
    lines = [f"{check.status.value.upper():15} {check.name}: {check.detail}" for check in report.checks]
    lines += [f"{'NOTE':15} {note}" for note in report.notes]
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
    parser.add_argument("--trust", type=Path, help="root certificates (PEM) of the time authorities you trust")
    parser.add_argument("--source", type=Path, help="of a public copy: the bundle it was made from")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    given = parser.parse_args(arguments)
    trusted: list[PublishedKey] | None = None
    roots: list[x509.Certificate] | None = None
    try:
        if given.keys is not None:
            trusted = parse_keys(given.keys.read_bytes())
        if given.trust is not None:
            roots = parse_roots(given.trust.read_bytes())
    except (OSError, Refused) as error:
        parser.error(f"--keys or --trust: {error}")
    report = verify(given.package, trusted, roots, given.source)
    text = json.dumps(report_json(report), indent=2) + "\n" if given.json else report_text(report)
    sys.stdout.write(text)
    return report.verdict.value


if __name__ == "__main__":
    sys.exit(main())
