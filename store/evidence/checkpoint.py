"""
Checkpoints: how far the audit chain had come, signed, for another party to keep.

A chain does not show that its end was cut off, or that it was made anew from some entry on. A checkpoint does, if it
lies where whoever changes the table cannot change it too. It is three files of one name:

    audit-000000001234-20261122T100000Z.json      the statement, RFC 8785
    audit-000000001234-20261122T100000Z.json.sig  the Ed25519 signature over its bytes
    audit-000000001234-20261122T100000Z.json.pem  the public key, for openssl; compare it with the published one

    openssl pkeyutl -verify -pubin -inkey NAME.pem -rawin -in NAME -sigfile NAME.sig
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from store.evidence.errors import CheckpointExists, CheckpointUnreadable
from store.evidence.pack_files import sync_folder
from store.evidence.seal import SigningKey, canonical, write_time
from store.evidence.verify import (
    MAX_INTEGER,
    Check,
    Missing,
    PublishedKey,
    Refused,
    Status,
    parse_canonical,
    parse_time,
    public_pem,
)

SCHEMA = "marque-audit-checkpoint/1"
MAX_BYTES = 64 << 10  # a statement has about 400
_LINK = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What is signed: whose chain, its last number and link, how many entries it had, and when."""

    workspace: str  # the name in the signing key, as shown to whoever verifies
    key_id: str
    sequence: int
    link: str
    count: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheckpoint:
    """A checkpoint as it was kept: the statement's bytes and its signature, nothing of it checked."""

    statement: bytes
    signature: bytes


def write_checkpoint(folder: Path, *, sequence: int, link: str, count: int, key: SigningKey, at: datetime) -> Path:
    """
    Write a signed checkpoint into a folder, made when missing; gives the statement's path.

    The statement comes last and by renaming: where it stands, its signature stands too. None is ever replaced:
    raises `CheckpointExists`.
    """
    checkpoint = Checkpoint(
        workspace=key.published.name, key_id=key.key_id, sequence=sequence, link=link, count=count, at=at
    )
    statement = canonical(
        {
            "schema": SCHEMA,
            "workspace": checkpoint.workspace,
            "key_id": checkpoint.key_id,
            "sequence": checkpoint.sequence,
            "link": checkpoint.link,
            "count": checkpoint.count,
            "at": write_time(checkpoint.at),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"audit-{sequence:012d}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"
    if path.exists():
        raise CheckpointExists(path)
    _write(path.with_name(path.name + ".sig"), key.private.sign(statement))
    _write(path.with_name(path.name + ".pem"), public_pem(key.published.public_key))
    _write(path, statement)
    sync_folder(folder)
    return path


def read_checkpoint(path: Path) -> KeptCheckpoint:
    """A statement and the signature beside it. Raises `CheckpointUnreadable` where either cannot be read."""
    try:
        with path.open("rb") as file:
            statement = file.read(MAX_BYTES + 1)
        with path.with_name(path.name + ".sig").open("rb") as file:
            signature = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CheckpointUnreadable(path, f"{error.filename}: {error.strerror}") from error
    if len(statement) > MAX_BYTES or len(signature) > MAX_BYTES:
        raise CheckpointUnreadable(path, f"more than {MAX_BYTES} bytes, which no checkpoint has")
    return KeptCheckpoint(statement=statement, signature=signature)


def parse_checkpoint(statement: bytes) -> Checkpoint:
    """What a statement says. Raises `Refused` when it is none of ours."""
    said = parse_canonical(statement)
    names = {"schema", "workspace", "key_id", "sequence", "link", "count", "at"}
    if not isinstance(said, dict) or said.get("schema") != SCHEMA or set(said) != names:
        raise Refused(f"not a statement of {SCHEMA}")
    for name in ("sequence", "count"):
        if type(said[name]) is not int or not 0 <= said[name] <= MAX_INTEGER:
            raise Refused(f"{name} is no number of entries")
    for name in ("workspace", "key_id", "link"):
        if not isinstance(said[name], str):
            raise Refused(f"{name} is no text")
    if not _LINK.fullmatch(said["link"]):
        raise Refused("link is not 64 hex digits")
    return Checkpoint(
        workspace=said["workspace"],
        key_id=said["key_id"],
        sequence=said["sequence"],
        link=said["link"],
        count=said["count"],
        at=parse_time(said["at"]),
    )


def check_checkpoint(kept: KeptCheckpoint, trusted: Sequence[PublishedKey] | None) -> list[Check]:
    """Whether it reads as one, is signed, by whom, and by a key that counted then. `trusted` None: no keys known."""
    return [_made(name, examine) for name, examine in _examinations(kept, trusted)]


def check_head(checkpoint: Checkpoint, *, link_there: str | None, count: int) -> Check:
    """Whether the chain still goes through the checkpoint: its link under that number, and no fewer entries."""

    def examine() -> str:
        if link_there is None:
            raise Refused(
                f"the checkpoint of {checkpoint.at:%Y-%m-%d %H:%M} UTC ends at number {checkpoint.sequence}, and the "
                "chain has no such number: its end was cut off"
            )
        if link_there != checkpoint.link:
            raise Refused(
                f"number {checkpoint.sequence} has another link than on {checkpoint.at:%Y-%m-%d %H:%M} UTC: "
                "something up to there was changed and the chain made anew"
            )
        if count < checkpoint.count:
            raise Refused(f"{count} entries are sealed, and there were {checkpoint.count}")
        return f"the chain goes through number {checkpoint.sequence} as on {checkpoint.at:%Y-%m-%d %H:%M} UTC"

    return _made("checkpoint_head", examine)


def _examinations(
    kept: KeptCheckpoint, trusted: Sequence[PublishedKey] | None
) -> Iterator[tuple[str, Callable[[], str]]]:
    def key_of() -> tuple[Checkpoint, PublishedKey]:
        try:
            checkpoint = parse_checkpoint(kept.statement)
        except Refused as error:
            raise Missing("not examined, because the statement cannot be read") from error
        if trusted is None:
            raise Missing("no trusted keys were given")
        for key in trusted:
            if key.key_id == checkpoint.key_id:
                return checkpoint, key
        raise Refused(f"key {checkpoint.key_id} is none of those trusted: somebody else signed it")

    def statement() -> str:
        checkpoint = parse_checkpoint(kept.statement)
        return f"number {checkpoint.sequence} of {checkpoint.workspace!r}, {checkpoint.at:%Y-%m-%d %H:%M} UTC"

    def signature() -> str:
        _, key = key_of()
        try:
            Ed25519PublicKey.from_public_bytes(key.public_key).verify(kept.signature, kept.statement)
        except InvalidSignature:
            raise Refused(f"it is not signed by key {key.key_id}: the checkpoint was changed") from None
        return f"signed by {key.name!r}, key {key.key_id}"

    def key_valid() -> str:
        checkpoint, key = key_of()
        if not key.valid_from <= checkpoint.at < key.valid_to:
            raise Refused(f"made {checkpoint.at}, and the key is valid from {key.valid_from} to {key.valid_to}")
        if key.revoked_at is not None and checkpoint.at >= key.revoked_at:
            raise Refused(f"made {checkpoint.at}, and the key was revoked {key.revoked_at}")
        if key.revoked_at is not None:
            raise Missing(f"the key was revoked {key.revoked_at}; it counts if its keeper had it before that")
        return "made while the key was valid"

    yield "checkpoint_statement", statement
    yield "checkpoint_signature", signature
    yield "checkpoint_key", key_valid


def _made(name: str, examine: Callable[[], str]) -> Check:
    try:
        return Check(name=name, status=Status.PASS, detail=examine())
    except Refused as error:
        return Check(name=name, status=Status.FAIL, detail=str(error))
    except Missing as error:
        return Check(name=name, status=Status.INCONCLUSIVE, detail=str(error))


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all; readable by whoever may read the folder, since nothing in it is secret."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
