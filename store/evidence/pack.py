"""
The pack file: how blobs lie on disk, one after another, so that a kill at any byte loses no whole record.

    pack    = opening record*
    opening = "MARQUE-PACK-001\\n" salt[16]                                                      bytes in the clear
            | "MARQUE-PACK-002\\n" salt[16] key_id[8] wrapped_key[40] zero[16]                    sealed bytes
    record  = header (64 bytes) payload
    header  = "MQb1" codec[1] zero[3] sha256[32] raw_length[8] stored_length[8] payload_crc[4] header_crc[4]

Lengths and checksums are little-endian. `sha256` names the uncompressed bytes. `header_crc` covers the salt
too: a crawled page that imitates records can't be taken for one, since its author never sees the salt.
`payload_crc` is of the bytes as they lie, so that a scan needs no key. A record that was erased keeps its header,
under a codec that says why, and its place, full of zeros: every offset behind it stays.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

OPENING_MAGIC = b"MARQUE-PACK-001\n"
SALT_BYTES = 16
OPENING_BYTES = len(OPENING_MAGIC) + SALT_BYTES
RECORD_MAGIC = b"MQb1"
SEALED_MAGIC = b"MARQUE-PACK-002\n"
KEY_ID_BYTES = 8
WRAPPED_BYTES = 40  # a key of 32 bytes under RFC 3394
SEALED_OPENING_BYTES = 96
CODEC_RAW = 0
CODEC_ZSTD = 1
CODEC_PURGED = 2  # no longer wanted; the same bytes may come again
CODEC_ERASED = 3  # erased by a decision; the same bytes are never taken again
CODEC_SEALED = 0x10  # added to RAW or ZSTD: the payload is a nonce and AES-256-GCM under the pack's key

_HEADER = struct.Struct("<4sB3x32sQQI")
_CRC = struct.Struct("<I")
HEADER_BYTES = _HEADER.size + _CRC.size
# Chosen: pieces large enough to keep a disk busy, small enough for any machine.
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Where one blob lies: `at` is the offset of its header in the pack."""

    digest: bytes
    codec: int
    raw_bytes: int
    stored_bytes: int
    payload_crc: int
    at: int

    @property
    def is_gone(self) -> bool:
        """Whether its bytes were taken out."""
        return self.codec in (CODEC_PURGED, CODEC_ERASED)

    @property
    def end(self) -> int:
        """Offset of the first byte after the payload."""
        return self.at + HEADER_BYTES + self.stored_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Bytes of a pack that belong to no whole record: a torn tail, or damage."""

    at: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a pack begins. `key_id` and `wrapped` are None where its bytes lie in the clear."""

    salt: bytes
    key_id: bytes | None = None
    wrapped: bytes | None = None

    @property
    def size_bytes(self) -> int:
        """Where the first record stands."""
        return OPENING_BYTES if self.wrapped is None else SEALED_OPENING_BYTES


def make_opening(opening: Opening) -> bytes:
    """The first bytes of a pack."""
    if opening.key_id is None or opening.wrapped is None:
        return OPENING_MAGIC + opening.salt
    return (SEALED_MAGIC + opening.salt + opening.key_id + opening.wrapped).ljust(SEALED_OPENING_BYTES, b"\0")


def read_opening(fd: int) -> Opening | None:
    """How an open pack begins; None when its opening was never completed or is not one."""
    begin = os.pread(fd, SEALED_OPENING_BYTES, 0)
    salt = begin[len(OPENING_MAGIC) : OPENING_BYTES]
    if begin.startswith(OPENING_MAGIC) and len(salt) == SALT_BYTES:
        return Opening(salt=salt)
    if begin.startswith(SEALED_MAGIC) and len(begin) == SEALED_OPENING_BYTES:
        wrapped_at = OPENING_BYTES + KEY_ID_BYTES
        return Opening(
            salt=salt, key_id=begin[OPENING_BYTES:wrapped_at], wrapped=begin[wrapped_at : wrapped_at + WRAPPED_BYTES]
        )
    return None


def make_header(record: Record, salt: bytes) -> bytes:
    """The 64 bytes that stand before a payload."""
    body = _HEADER.pack(
        RECORD_MAGIC, record.codec, record.digest, record.raw_bytes, record.stored_bytes, record.payload_crc
    )
    return body + _CRC.pack(zlib.crc32(body, zlib.crc32(salt)))


def read_header(header: bytes, salt: bytes, at: int) -> Record | None:
    """The record a header announces; None when these 64 bytes are not a header of this pack."""
    if len(header) < HEADER_BYTES or not header.startswith(RECORD_MAGIC):
        return None
    (crc,) = _CRC.unpack_from(header, _HEADER.size)
    if zlib.crc32(header[: _HEADER.size], zlib.crc32(salt)) != crc:
        return None
    _, codec, digest, raw_bytes, stored_bytes, payload_crc = _HEADER.unpack_from(header)
    return Record(
        digest=digest,
        codec=codec,
        raw_bytes=raw_bytes,
        stored_bytes=stored_bytes,
        payload_crc=payload_crc,
        at=at,
    )


def scan(fd: int, salt: bytes, start: int, end: int) -> Iterator[Record | Gap]:
    """
    Every whole record between two offsets, and a `Gap` for each stretch that holds none.

    After damage the scan looks for the next whole record: a bad byte costs one blob, never a whole pack.
    """
    at = start
    while at < end:
        record = _whole_record(fd, salt, at, end)
        if record is not None:
            yield record
            at = record.end
            continue
        found = _next_whole_record(fd, salt, at + 1, end)
        if found is None:
            yield Gap(at=at, end=end)
            return
        yield Gap(at=at, end=found.at)
        yield found
        at = found.end


def walk(fd: int, salt: bytes, start: int, end: int) -> Iterator[Record]:
    """Every record between two offsets by its header alone, payloads unread; past damage to the next whole one."""
    at = start
    while at < end:
        record = read_header(os.pread(fd, HEADER_BYTES, at), salt, at)
        if record is None or record.end > end:
            record = _next_whole_record(fd, salt, at + 1, end)
        if record is None:
            return
        yield record
        at = record.end


def take_out(fd: int, salt: bytes, record: Record, codec: int) -> None:
    """
    Overwrite a record's payload with zeros, then say so in its header; synced. Doing it again changes nothing.

    Killed between the two, the record is damaged and still known by its place: the next call completes it.
    """
    position, crc = record.at + HEADER_BYTES, 0
    while position < record.end:
        zeros = bytes(min(_CHUNK_BYTES, record.end - position))
        crc = zlib.crc32(zeros, crc)
        position += os.pwrite(fd, zeros, position)
    os.fdatasync(fd)
    gone = replace(record, codec=codec, payload_crc=crc)
    os.pwrite(fd, make_header(gone, salt), record.at)
    os.fdatasync(fd)


def _whole_record(fd: int, salt: bytes, at: int, end: int) -> Record | None:
    """The record at this offset when header and payload are both complete and unharmed."""
    record = read_header(os.pread(fd, HEADER_BYTES, at), salt, at)
    if record is None or record.end > end:
        return None
    crc, position = 0, at + HEADER_BYTES
    while position < record.end:
        chunk = os.pread(fd, min(_CHUNK_BYTES, record.end - position), position)
        if not chunk:
            return None
        crc = zlib.crc32(chunk, crc)
        position += len(chunk)
    return record if crc == record.payload_crc else None


def _next_whole_record(fd: int, salt: bytes, start: int, end: int) -> Record | None:
    """The first whole record at or after an offset, found by its magic."""
    overlap = len(RECORD_MAGIC) - 1
    position = start
    while position < end:
        chunk = os.pread(fd, min(_CHUNK_BYTES, end - position), position)
        if not chunk:
            return None
        hit = chunk.find(RECORD_MAGIC)
        while hit != -1:
            record = _whole_record(fd, salt, position + hit, end)
            if record is not None:
                return record
            hit = chunk.find(RECORD_MAGIC, hit + 1)
        if position + len(chunk) >= end:
            return None
        position += max(len(chunk) - overlap, 1)
    return None
