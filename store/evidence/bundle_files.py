"""
The files of an evidence bundle that the verifier judges: captures, the seals made at their time, archive.

    captures/<label>/capture.json   the record that was sealed, canonical, and the files it lists beside it
    seals/<label>/statement.json    a sealed log of captures; signature.json; <authority>.tsq and .tsr; proofs.json
    captures/<label>/erased.json    files of the record that were erased lawfully before, each with reason and persons
    captures.wacz                   the same captures for a browser, made from the same bytes
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from store.evidence.capture_log import write_proofs
from store.evidence.capture_record import RECORD, contents_of
from store.evidence.erasing import ErasureWords
from store.evidence.seal import canonical, write_time
from store.evidence.verify import ERASED_FILES, parse_canonical

Read = Callable[[str], bytes]
"""Gives the bytes under a SHA-256."""

Erasures = Mapping[str, ErasureWords]
"""Why and by whom bytes were erased, by their SHA-256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLog:
    """A seal as it is kept: statement, signature, leaves in their order, and the tokens that came, by authority."""

    label: str
    statement: bytes
    signature_json: bytes
    leaves: tuple[bytes, ...]
    tokens: Mapping[str, tuple[bytes, bytes]] = field(default_factory=dict)  # query and response


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCapture:
    """A capture of a bundle: its folder's name, the record as sealed, and where it stands. None: in no seal."""

    label: str
    record: bytes
    log: str | None = None  # label of the SealedLog
    position: int | None = None


def bundle_files(
    captures: Sequence[SealedCapture], logs: Sequence[SealedLog], read: Read, erased: Erasures | None = None
) -> dict[str, bytes]:
    """
    Every file of captures and seals, by its name in the bundle; what was `erased` is named in its place.

    Raises what `read` raises.
    """
    gone = erased or {}
    files: dict[str, bytes] = {}
    for capture in captures:
        folder = f"captures/{capture.label}"
        files[f"{folder}/{RECORD}"] = capture.record
        told = []
        for name, digest in contents_of(parse_canonical(capture.record)):
            if digest in gone:
                told.append(_told(name, digest, gone[digest]))
            else:
                files[f"{folder}/{name}"] = read(digest)
        if told:
            files[f"{folder}/{ERASED_FILES}"] = canonical(told)
    for log in logs:
        wanted = {
            f"captures/{capture.label}/{RECORD}": capture.position
            for capture in captures
            if capture.log == log.label and capture.position is not None
        }
        place = f"seals/{log.label}"
        files[f"{place}/statement.json"] = log.statement
        files[f"{place}/signature.json"] = log.signature_json
        files[f"{place}/proofs.json"] = write_proofs(log.leaves, wanted)
        for authority, (query, response) in log.tokens.items():
            files[f"{place}/{authority}.tsq"] = query
            files[f"{place}/{authority}.tsr"] = response
    return files


def _told(name: str, digest: str, words: ErasureWords) -> dict[str, str]:
    return {
        "path": name,
        "sha256": digest,
        "reason": words.reason,
        "legal_basis": words.legal_basis,
        "by": words.by,
        "second": words.second,
        "at": write_time(words.at),
    }
