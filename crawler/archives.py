"""
What a browser's own recording holds: HAR, WARC and WACZ read strictly, without what opens the officer's session.

A file that was cut or changed is refused with the place: readers of these formats take such files without a word
(measured), so lengths, digests and ends of every record are held against the bytes before anything is taken. Headers
that carry a session are left out and counted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.errors import BadArchive
from store.evidence.capture_record import SECRET_HEADERS

ARCHIVE_BYTES = 512 * 1024 * 1024  # chosen: an afternoon's browsing; also of what is packed in it
BODY_BYTES = 64 * 1024 * 1024  # chosen: of one answer
RECORDS_MAX = 100_000
_BLOCK_BYTES = 64 * 1024
# ISO 28500, 5.2 to 5.6 and 5.12: what every record says of itself, and the types that say of which address they are.
_MANDATORY = (b"warc-type", b"warc-record-id", b"warc-date")
_OF_AN_ADDRESS = (b"request", b"response", b"resource", b"revisit")
_DIGESTS = (b"warc-block-digest", b"warc-payload-digest")
_A_DIGEST = re.compile(rb"[A-Za-z0-9-]+:[A-Za-z0-9+/=_-]+")  # 5.8: algorithm ":" value
SUFFIXES = (".har", ".warc", ".warc.gz", ".wacz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One answer as the recording holds it."""

    place: str  # where in the file: entry 12, offset 88123
    url: str
    method: str
    status: int
    at: datetime
    request_headers: tuple[tuple[str, str], ...]
    response_headers: tuple[tuple[str, str], ...]
    body: bytes
    server_ip: str | None
    left_out: int  # headers that were left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An entry that was not taken, and why."""

    place: str
    url: str
    why: str


def is_archive(path: Path) -> bool:
    """Whether a file is a recording, by its name."""
    return path.name.lower().endswith(SUFFIXES)


def read_archive(path: Path) -> tuple[str, list[Recorded | Skipped]]:
    """
    The SHA-256 of the whole file, and its answers in their order.

    Raises `BadArchive` with the place for a file that is cut, changed, or none of the formats.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= ARCHIVE_BYTES else b""
    except OSError as error:
        raise BadArchive(path, "the file", f"it cannot be opened ({error.strerror})") from error
    if size > ARCHIVE_BYTES:
        raise BadArchive(path, "the file", f"{size} bytes are more than {ARCHIVE_BYTES}; record in parts")
    name = path.name.lower()
    if name.endswith(".har"):
        found = _har(path, data)
    elif name.endswith(".wacz"):
        found = _wacz(path, data)
    else:
        found = _warc(path, "", data)
    entries = []
    for entry in found:
        entries.append(entry)
        if len(entries) > RECORDS_MAX:
            raise BadArchive(path, entry.place, f"there are more than {RECORDS_MAX} answers; record in parts")
    return hashlib.sha256(data).hexdigest(), entries


# --- HAR ---------------------------------------------------------------------------------------------


def _har(path: Path, data: bytes) -> Iterator[Recorded | Skipped]:
    try:
        entries = json.loads(data)["log"]["entries"]
    except json.JSONDecodeError as error:
        raise BadArchive(path, f"character {error.pos}", f"it is no whole JSON: {error.msg}") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadArchive(path, "log.entries", f"it is no HAR: {error!r}") from error
    if not isinstance(entries, list):
        raise BadArchive(path, "log.entries", "it is no list")
    for number, entry in enumerate(entries, 1):
        place = f"entry {number}"
        try:
            yield _har_entry(place, entry)
        except (KeyError, TypeError, ValueError) as error:
            raise BadArchive(path, place, f"it is no entry of a HAR: {error!r}") from error


def _har_entry(place: str, entry: Any) -> Recorded | Skipped:  # Any: JSON values
    request, response = entry["request"], entry["response"]
    url = str(request["url"])
    status = int(response["status"])
    content = response.get("content") or {}
    if status <= 0:
        return Skipped(place=place, url=url, why="the browser had no answer")
    body = _har_body(content, response)
    if isinstance(body, str):
        return Skipped(place=place, url=url, why=body)
    at = datetime.fromisoformat(str(entry["startedDateTime"]))
    asked, before = _without_secrets([(str(h["name"]), str(h["value"])) for h in request.get("headers") or ()])
    told, after = _without_secrets([(str(h["name"]), str(h["value"])) for h in response.get("headers") or ()])
    address = entry.get("serverIPAddress")
    return Recorded(
        place=place,
        url=url,
        method=str(request.get("method") or "GET").upper(),
        status=status,
        at=at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC),
        request_headers=asked,
        response_headers=told,
        body=body,
        server_ip=str(address).strip("[]") if address else None,
        left_out=before + after,
    )


def _har_body(content: Any, response: Any) -> bytes | str:  # Any: JSON values
    """The body; a sentence where the recording does not hold it whole."""
    text = content.get("text")
    size = content.get("size")
    size = size if isinstance(size, int) and size >= 0 else None
    if text is None:
        return b"" if not size or response["status"] in (204, 304) else f"its body of {size} bytes is not in the file"
    if not isinstance(text, str):
        raise ValueError("its text is no text")
    if len(text) > 2 * BODY_BYTES:
        return "its body is too large"
    if content.get("encoding") == "base64":
        try:
            bodies = [base64.b64decode(text, validate=True)]
        except binascii.Error as error:
            raise ValueError(f"its body is no base64: {error}") from error
    else:
        # The browser decoded the text; which bytes it was is told by their number.
        charset = str(content.get("mimeType") or "").partition("charset=")[2].strip(" \"';") or "utf-8"
        bodies = [body for name in (charset, "utf-8") if (body := _encoded(text, name)) is not None]
    fitting = next((body for body in bodies if size is None or len(body) == size), None)
    if fitting is None:
        lengths = " or ".join(str(len(body)) for body in bodies) or "no"
        return f"its body has {lengths} bytes where the file says {size}: it was cut or changed"
    return fitting


def _encoded(text: str, charset: str) -> bytes | None:
    try:
        return text.encode(charset)
    except (LookupError, UnicodeError):
        return None


# --- WARC --------------------------------------------------------------------------------------------


def _warc(path: Path, within: str, data: bytes) -> Iterator[Recorded | Skipped]:
    plain = _unzipped(path, within, data) if data[:2] == b"\x1f\x8b" else data
    starts = _walked(path, within, plain)
    asked: dict[str, tuple[tuple[tuple[str, str], ...], int, str]] = {}
    found: list[tuple[str, Recorded | Skipped, str]] = []
    try:
        for start, record in zip(starts, ArchiveIterator(io.BytesIO(plain), check_digests=True), strict=True):
            place = f"{within}offset {start}"
            kind, url = record.rec_type, record.rec_headers.get_header("WARC-Target-URI") or ""
            if kind == "revisit":
                record.content_stream().read()
                found.append(("", Skipped(place=place, url=url, why=_elsewhere(record)), url))
                continue
            if kind not in ("request", "response", "resource"):
                record.content_stream().read()
                continue
            body = record.content_stream().read(BODY_BYTES + 1)
            if record.digest_checker is not None and record.digest_checker.passed is False:
                raise BadArchive(path, place, f"its digest is another: {'; '.join(record.digest_checker.problems)}")
            headers = [
                (str(name), str(value))
                for name, value in (record.http_headers.headers if record.http_headers else ())
            ]
            kept, left_out = _without_secrets(headers)
            if kind == "request":
                method = str(getattr(record.http_headers, "protocol", "") or "GET").upper()
                asked[record.rec_headers.get_header("WARC-Concurrent-To") or url] = (kept, left_out, method)
                continue
            id = record.rec_headers.get_header("WARC-Record-ID") or ""
            found.append((id, _warc_answer(place, url, record, body, kept, left_out), url))
    except BadArchive:
        raise
    except (ArchiveLoadFailed, ValueError, OSError, EOFError, zlib.error) as error:
        raise BadArchive(path, f"{within}a record", f"it cannot be read: {error}") from error
    for id, answer, url in found:
        if isinstance(answer, Skipped):
            yield answer
            continue
        headers_asked, more, method = asked.get(id) or asked.get(url) or ((), 0, "GET")
        yield _with_request(answer, headers_asked, more, method)


def _elsewhere(record: Any) -> str:  # Any: warcio is untyped
    """Why a record that says only that an earlier answer still stood is not taken (ISO 28500, 6.7)."""
    headers = record.rec_headers
    at, of = headers.get_header("WARC-Refers-To-Date"), headers.get_header("WARC-Refers-To-Target-URI")
    which = " ".join(str(part)[:300] for part in (of, at and f"of {at}") if part) or "an earlier answer"
    return f"it has no bytes of its own: it says that {which} still stood"


def _with_request(answer: Recorded, headers: tuple[tuple[str, str], ...], left_out: int, method: str) -> Recorded:
    return Recorded(
        place=answer.place,
        url=answer.url,
        method=method,
        status=answer.status,
        at=answer.at,
        request_headers=headers,
        response_headers=answer.response_headers,
        body=answer.body,
        server_ip=answer.server_ip,
        left_out=answer.left_out + left_out,
    )


def _warc_answer(
    place: str, url: str, record: Any, body: bytes, headers: tuple[tuple[str, str], ...], left_out: int
) -> Recorded | Skipped:  # Any: warcio is untyped
    if len(body) > BODY_BYTES:
        return Skipped(place=place, url=url, why="its body is too large")
    status = str(record.http_headers.get_statuscode()) if record.http_headers else "200"
    if not status.isdigit():
        return Skipped(place=place, url=url, why=f"its status {status[:20]!r} is none")
    try:
        at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError:
        return Skipped(place=place, url=url, why="it has no date")
    return Recorded(
        place=place,
        url=url,
        method="GET",
        status=int(status),
        at=at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC),
        request_headers=(),
        response_headers=headers,
        body=body,
        server_ip=record.rec_headers.get_header("WARC-IP-Address"),
        left_out=left_out,
    )


def _unzipped(path: Path, within: str, data: bytes) -> bytes:
    """All members of a gzip file, each of which must come to its end."""
    parts: list[bytes] = []
    total = start = 0
    while start < len(data):
        member, place = zlib.decompressobj(wbits=31), start
        # In blocks: what a member leaves over is copied, and a file has a member for each record.
        while not member.eof and start < len(data):
            block = data[start : start + _BLOCK_BYTES]
            try:
                part = member.decompress(block, ARCHIVE_BYTES - total + 1)
            except zlib.error as error:
                raise BadArchive(path, f"{within}offset {place}", f"it is no whole gzip: {error}") from error
            parts.append(part)
            total += len(part)
            if total > ARCHIVE_BYTES:
                raise BadArchive(path, f"{within}offset {place}", f"it unpacks to more than {ARCHIVE_BYTES} bytes")
            start += len(block) - len(member.unused_data)
        if not member.eof:
            raise BadArchive(path, f"{within}offset {place}", "it was cut: the compressed record does not end")
    return b"".join(parts)


def _walked(path: Path, within: str, plain: bytes) -> list[int]:
    """Where each record begins. Every record has to end where its own length says (ISO 28500, 5.10)."""
    starts = []
    place = 0
    while place < len(plain):
        end = plain.find(b"\r\n\r\n", place, place + 65_536)
        where = f"{within}offset {place}"
        if not plain.startswith(b"WARC/1.", place) or end < 0:
            raise BadArchive(path, where, "there is no record where one has to begin: the file was cut or changed")
        named = [line.partition(b":") for line in plain[place:end].split(b"\r\n")]
        fields = {name.strip().lower(): value.strip() for name, _, value in named}
        lengths = [value.strip() for name, _, value in named if name.strip().lower() == b"content-length"]
        if len(lengths) != 1 or not lengths[0].isdigit():
            raise BadArchive(path, where, "the record does not say how long it is")
        close = end + 4 + int(lengths[0])
        if plain[close : close + 4] != b"\r\n\r\n":
            raise BadArchive(path, where, f"the record of {int(lengths[0])} bytes does not end where it has to: cut")
        asked = _MANDATORY + ((b"warc-target-uri",) if fields.get(b"warc-type") in _OF_AN_ADDRESS else ())
        missing = [name.decode() for name in asked if not fields.get(name)]
        if missing:
            raise BadArchive(path, where, f"the record has no {' and no '.join(missing)}: it was changed")
        for name in _DIGESTS:
            if name in fields and not _A_DIGEST.fullmatch(fields[name]):
                raise BadArchive(path, where, f"its {name.decode()} is no digest: it was changed")
        starts.append(place)
        place = close + 4
    if not starts:
        raise BadArchive(path, f"{within}offset 0", "it holds no record")
    return starts


# --- WACZ --------------------------------------------------------------------------------------------


def _wacz(path: Path, data: bytes) -> Iterator[Recorded | Skipped]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            files = {info.filename: info for info in packed.infolist()}
            if sum(info.file_size for info in files.values()) > ARCHIVE_BYTES:
                raise BadArchive(path, "the file", f"it unpacks to more than {ARCHIVE_BYTES} bytes")
            manifest = packed.read("datapackage.json")
            if "datapackage-digest.json" in files:
                stated = json.loads(packed.read("datapackage-digest.json")).get("hash")
                _check_hash(path, "datapackage.json", manifest, stated)
            resources = json.loads(manifest)["resources"]
            stated = {str(each["path"]): each for each in resources}
            for name in files:
                is_content = not name.endswith("/") and not name.startswith("datapackage")
                if is_content and name not in stated:
                    raise BadArchive(path, name, "the package does not list it: the file was changed")
            for name, resource in stated.items():
                body = packed.read(name)
                if "bytes" in resource and resource["bytes"] != len(body):
                    raise BadArchive(
                        path, name, f"it has {len(body)} bytes where the package says {resource['bytes']}"
                    )
                _check_hash(path, name, body, resource.get("hash"))
            for name in sorted(stated):
                if name.startswith("archive/") and name.endswith((".warc", ".warc.gz")):
                    yield from _warc(path, f"{name} ", packed.read(name))
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError, RuntimeError) as error:
        raise BadArchive(path, "the package", f"it cannot be read whole: {error}") from error


def _check_hash(path: Path, name: str, body: bytes, stated: Any) -> None:  # Any: a JSON value
    if not isinstance(stated, str) or not stated.startswith("sha256:"):
        raise BadArchive(path, name, "the package states no SHA-256 of it")
    if hashlib.sha256(body).hexdigest() != stated.removeprefix("sha256:"):
        raise BadArchive(path, name, "its SHA-256 is another than the package states: it was changed")


def _without_secrets(headers: list[tuple[str, str]]) -> tuple[tuple[tuple[str, str], ...], int]:
    """Headers without those that carry a session, and how many those were."""
    kept = tuple((name, value) for name, value in headers if name.lower() not in SECRET_HEADERS)
    return kept, len(headers) - len(kept)
