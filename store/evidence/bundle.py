"""
Packages: files, a manifest that lists them, and a signature over it, as one ZIP or one open folder.

Evidence bundles and notice batches leave in this form. The same content gives the same bytes, whoever writes it
and however often. A package is verified before it takes its name, and none is ever overwritten.
"""

import errno
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate

from store.evidence.custody import read_log, verify_chain
from store.evidence.errors import BadCustody, BadManifest, BadMember, PackageExists, PackageTooLarge, Unverified
from store.evidence.pack_files import sync_folder
from store.evidence.package_readme import write_readme
from store.evidence.seal import SigningKey, seal, sign, write_time
from store.evidence.timestamp import Stamp
from store.evidence.verify import (
    CHAIN_START,
    CHECKSUMS,
    CUSTODY,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    MAX_MEMBERS,
    MAX_PACKAGE_BYTES,
    PACKAGE_SCHEMA,
    Member,
    Refused,
    Report,
    Status,
    Unreadable,
    Verdict,
    central_header,
    check_name,
    checksums,
    end_record,
    local_header,
    public_pem,
    read_package,
    verify,
)

README = "README.txt"
# What file systems of memory sticks answer when asked for a second name.
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
# The checks that a package may not yet pass while an authority has not answered, or answered late.
_OF_TIME = frozenset({"timestamp", "time_order", "capture_log", "capture_seal"})
_RESERVED_FIELDS = ("custody", "files", "schema", "seal")

Stamper = Callable[[bytes], Mapping[str, Stamp]]
"""Gives the time tokens over a signature, by authority; those that did not answer are not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReceipt:
    """A written package: where it is, the digest that names its content, and its size on disk in bytes."""

    path: Path
    manifest_sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeal:
    """Which time authorities are asked for tokens over a package's signature, how, and the roots they lead to."""

    authorities: tuple[str, ...]  # sorted
    stamper: Stamper
    roots: tuple[Certificate, ...]


def write_package(
    path: Path,
    files: Mapping[str, bytes],
    manifest_fields: Mapping[str, Any],
    key: SigningKey,
    role: str,
    at: datetime,
    *,
    file_roles: Mapping[str, str] | None = None,
    time: TimeSeal | None = None,
) -> PackageReceipt:
    """
    Write a sealed ZIP at `path`.

    `files` maps names inside the package to their content; README.txt, SHA256SUMS, manifest.json and signatures/
    are added. A `custody.jsonl` among them must be a whole chain, and its head enters the manifest.
    `manifest_fields` are JSON values without floats. `role` says in what capacity the key signs, `at` when.
    `file_roles` says what each file is; unnamed ones are "content". `time` says which authorities are asked for
    tokens over the signature; where one does not answer, the package is `unsealed_time` and `complete_package`
    adds the token later.

    Writing the same again is allowed and changes nothing. Raises `BadMember`, `BadManifest`, `BadCustody`,
    `Unsealable`, `PackageExists`, `PackageTooLarge`, `Unverified`, `OSError`.
    """
    members = _seal_members(files, manifest_fields, key, role, at, file_roles or {}, time)
    if not path.exists() or not _is_same_but_tokens(path, members):
        _write_zip(path, {**members, **_tokens(members, time)}, key, time, _take_name)
    return _receipt(path, members, path.stat().st_size)


def complete_package(path: Path, key: SigningKey, time: TimeSeal) -> tuple[str, ...]:
    """
    Ask the authorities whose tokens a ZIP lacks, and add what they give; gives the names that are still lacking.

    Nothing but tokens is added: the manifest and its signature stay, byte for byte. Raises `Unverified` for a
    package that does not verify, `OSError`.
    """
    try:
        found = read_package(path)
    except (Refused, Unreadable) as error:
        raise Unverified(path, str(error)) from error
    members = {name: _bytes_of(path, member) for name, member in found.items()}
    lacking = [name for name in time.authorities if f"timestamps/{name}.tsr" not in members]
    added = {name: stamp for name, stamp in time.stamper(_signature_of(members)).items() if name in lacking}
    if added:
        _write_zip(path, {**members, **_token_files(added)}, key, time, Path.replace)
    return tuple(name for name in lacking if name not in added)


def _write_zip(
    path: Path,
    members: Mapping[str, bytes],
    key: SigningKey,
    time: TimeSeal | None,
    take_name: Callable[[Path, Path], object],
) -> None:
    content = zip_parts(members, path)
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            for part in content:
                file.write(part)
            file.flush()
            os.fsync(fd)
        _check(partial, path, key, time)
        take_name(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_folder(
    path: Path,
    files: Mapping[str, bytes],
    manifest_fields: Mapping[str, Any],
    key: SigningKey,
    role: str,
    at: datetime,
    *,
    file_roles: Mapping[str, str] | None = None,
) -> PackageReceipt:
    """Write the same content as `write_package`, under the same rules, as an open folder at `path`."""
    members = _seal_members(files, manifest_fields, key, role, at, file_roles or {}, None)
    partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
    try:
        folders = {partial}
        for name, content in members.items():
            target = partial / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folders.update(folder for folder in target.parents if partial in folder.parents)
            with target.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for folder in folders:
            sync_folder(folder)
        _check(partial, path, key, None)
        if path.is_symlink() or (path.exists() and not _same_folder(path, partial)):
            raise PackageExists(path)
        if not path.exists():
            partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    sync_folder(path.parent)
    return _receipt(path, members, sum(len(content) for content in members.values()))


def _seal_members(
    files: Mapping[str, bytes],
    manifest_fields: Mapping[str, Any],
    key: SigningKey,
    role: str,
    at: datetime,
    file_roles: Mapping[str, str],
    time: TimeSeal | None,
) -> dict[str, bytes]:
    """Every member of the package but the time tokens, in the order of names."""
    taken = sorted(set(manifest_fields) & set(_RESERVED_FIELDS))
    if taken:
        raise BadManifest(f"the fields {', '.join(taken)} are written by the package itself")
    unknown = sorted(set(file_roles) - set(files))
    if unknown:
        raise BadManifest(f"roles are given for files that are not there: {', '.join(unknown[:5])}")
    _check_names(files)
    authorities = list(time.authorities) if time is not None else []
    told = write_readme(key.key_id, authorities, has_report="report.html" in files)
    content = {**files, README: told.encode()}
    roles = {**file_roles, README: "readme"}
    listed = [_file_entry(name, content[name], roles.get(name, "content")) for name in sorted(content)]
    content[CHECKSUMS] = checksums(listed)
    listed.append(_file_entry(CHECKSUMS, content[CHECKSUMS], "checksums"))
    manifest: dict[str, Any] = {
        **manifest_fields,
        "schema": PACKAGE_SCHEMA,
        "files": sorted(listed, key=lambda entry: str(entry["path"])),
        "seal": {"at": write_time(at), "key_id": key.key_id, "role": role},
    }
    if authorities:
        manifest["seal"]["authorities"] = authorities
    if CUSTODY in files:
        manifest["custody"] = _custody_entry(files[CUSTODY])
    content[MANIFEST] = seal(manifest)
    if len(content[MANIFEST]) > MAX_MANIFEST_BYTES:
        raise BadManifest(f"its list would have {len(content[MANIFEST])} bytes; split the package")
    place = f"signatures/{key.key_id}"
    content[f"{place}.json"] = sign(content[MANIFEST], key, role=role, at=at)
    content[f"{place}.pem"] = public_pem(key.published.public_key)
    content[f"{place}.sig"] = key.private.sign(content[MANIFEST])
    return {name: content[name] for name in sorted(content)}


def _check_names(files: Mapping[str, bytes]) -> None:
    seen: dict[str, str] = {}
    for name in files:
        try:
            check_name(name)
        except Refused as why:
            raise BadMember(name, str(why)) from why
        folded = name.casefold()
        if folded in seen:
            raise BadMember(name, f"it differs from {seen[folded]!r} only in case")
        seen[folded] = name
        if folded in {MANIFEST.casefold(), CHECKSUMS.casefold(), README.casefold()} or folded.split("/")[0] in (
            "signatures",
            "timestamps",
            "erasures",
        ):
            raise BadMember(name, "the package itself writes a file of that name")
        folder = folded
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in {other.casefold() for other in files}:
                raise BadMember(name, f"{folder!r} is a file and a folder at once")


def _file_entry(name: str, content: bytes, role: str) -> dict[str, object]:
    return {"path": name, "role": role, "bytes": len(content), "sha256": sha256(content).hexdigest()}


def _custody_entry(log: bytes) -> dict[str, object]:
    events = read_log(log)
    broken = verify_chain(events)
    if broken is not None:
        raise BadCustody(broken.position, broken.why)
    return {"events": len(events), "head": events[-1].hash if events else CHAIN_START}


def zip_parts(members: Mapping[str, bytes], path: Path | None = None) -> list[bytes]:
    """
    The bytes of the canonical ZIP of these members, in parts; they are sorted by name.

    Raises `PackageTooLarge`, which names `path`.
    """
    parts: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for name, content in sorted(members.items()):
        crc = zlib.crc32(content)
        header = local_header(name, crc, len(content)) if len(content) <= MAX_PACKAGE_BYTES else b""
        if len(members) > MAX_MEMBERS or at + len(header) + len(content) > MAX_PACKAGE_BYTES:
            raise PackageTooLarge(path or Path(name), len(members), sum(len(part) for part in members.values()))
        directory.append(central_header(name, crc, len(content), at))
        parts += (header, content)
        at += len(header) + len(content)
    listing = b"".join(directory)
    return [*parts, listing, end_record(len(members), len(listing), at)]


def _check(partial: Path, path: Path, key: SigningKey, time: TimeSeal | None) -> None:
    """
    Raise `Unverified` unless what lies on disk passes the verifier that its readers will use.

    A package that promises time tokens may lack them for now, and a bundle without time authorities says that it has
    no time from outside; everything else must hold.
    """
    report = verify(partial, [key.published], time.roots if time is not None else None)
    if report.verdict is not Verdict.PASS and not _lacks_only_time(report):
        failed = "; ".join(f"{c.name}: {c.detail}" for c in report.checks if c.status is not Status.PASS)
        raise Unverified(path, failed or "; ".join(report.notes))


def _lacks_only_time(report: Report) -> bool:
    return report.verdict is Verdict.INCONCLUSIVE and all(
        check.status in (Status.PASS, Status.ERASED) or check.name.partition("[")[0] in _OF_TIME
        for check in report.checks
    )


def _tokens(members: Mapping[str, bytes], time: TimeSeal | None) -> dict[str, bytes]:
    return {} if time is None else _token_files(time.stamper(_signature_of(members)))


def _token_files(stamps: Mapping[str, Stamp]) -> dict[str, bytes]:
    return {
        f"timestamps/{name}.{kind}": content
        for name, stamp in stamps.items()
        for kind, content in (("tsq", stamp.query), ("tsr", stamp.response))
    }


def _signature_of(members: Mapping[str, bytes]) -> bytes:
    (signature,) = (
        content for name, content in members.items() if name.startswith("signatures/") and name.endswith(".sig")
    )
    return signature


def _is_same_but_tokens(path: Path, members: Mapping[str, bytes]) -> bool:
    """Whether a package lies there already, with the same content; tokens are new each time they are asked for."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        there = read_package(path)
    except (Refused, Unreadable):
        return False
    known = {name: sha256(content).hexdigest() for name, content in members.items()}
    return known == {name: member.sha256 for name, member in there.items() if not name.startswith("timestamps/")}


def _bytes_of(path: Path, member: Member) -> bytes:
    with path.open("rb") as file:
        file.seek(member.at)
        return file.read(member.size_bytes)


def _take_name(partial: Path, path: Path) -> None:
    """Give the finished file its name, unless something else has it."""
    try:
        os.link(partial, path)  # fails when the name is taken, where a rename would overwrite
    except FileExistsError as error:
        if not path.is_file() or path.is_symlink() or path.read_bytes() != partial.read_bytes():
            raise PackageExists(path) from error
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if path.is_symlink() or (path.exists() and path.read_bytes() != partial.read_bytes()):
            raise PackageExists(path) from error
        partial.rename(path)


def _same_folder(one: Path, other: Path) -> bool:
    try:
        return read_package(one) == read_package(other)
    except (Refused, Unreadable):
        return False


def _receipt(path: Path, members: Mapping[str, bytes], size_bytes: int) -> PackageReceipt:
    return PackageReceipt(path=path, manifest_sha256=sha256(members[MANIFEST]).hexdigest(), bytes=size_bytes)
