"""
Captures as a WARC 1.1 file with SHA-256 digests: what other archives' tools read.

It is an export, made from what the vault holds; the integrity of a bundle rests on its manifest. The same captures
give the same bytes: record ids are derived, dates are those of the captures, nothing is compressed.

Where the server said that a page still stands, there was no body: the record is a revisit that names the one which
has it. Whoever gives such a capture gives the one it names too; without it the revisit names an id and no more.
"""

from __future__ import annotations

import io
import json
from base64 import b32encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_DNS, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from store.evidence.capture_record import SECRET_HEADERS, header_of, write_moment
from store.records.captures import Capture, CaptureRole

# The name space of derived record ids.
_RECORDS = uuid5(NAMESPACE_DNS, "records.marque")
# ISO 28500:2017, 6.7.3: the server was asked whether the page had changed, and said no.
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_REVISIT_MIME = "warc/revisit"  # how an index tells that the bytes stand elsewhere
# Of the answer as it came over the line; the body here is unpacked, as the vault holds it.
_OF_TRANSPORT = frozenset({"content-encoding", "transfer-encoding", "content-length", "trailer"})
# How other archives name the views of a page.
_VIEWS = {
    CaptureRole.VIEWPORT: ("urn:view:", "image/png"),
    CaptureRole.FULL: ("urn:fullPage:", "image/png"),
    CaptureRole.DOM: ("urn:dom:", "text/html"),
    CaptureRole.TEXT: ("urn:text:", "text/plain"),
    CaptureRole.CONSOLE: ("urn:console:", "text/plain"),
    CaptureRole.CERTIFICATE: ("urn:certificate:", "application/x-pem-file"),
}

Read = Callable[[str], bytes]
"""Gives the bytes under a SHA-256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where one record stands, as an index needs it. `status` is None for what no server sent."""

    capture: str
    url: str
    at: str
    mime: str
    status: int | None
    digest: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warc:
    """A written file and its index, in the order of the records."""

    content: bytes
    entries: tuple[Entry, ...]


class _Writer(WARCWriter):  # type: ignore[misc]  # warcio is untyped
    """Writes SHA-256 digests where warcio writes SHA-1."""

    def _create_digester(self) -> Any:  # Any: warcio is untyped
        return Digester("sha256")


def write_warc(captures: Sequence[Capture], read: Read, *, software: str) -> Warc:
    """
    Captures in their order: request and answer, what a browser drew, and what was known of the connection.

    `software` names program and version. Raises what `read` raises.
    """
    out = io.BytesIO()
    writer = _Writer(out, gzip=False, warc_version="1.1")
    entries: list[Entry] = []
    started = min((write_moment(capture.fetched_at) for capture in captures), default="1970-01-01T00:00:00.000000Z")
    about = {"software": software, "format": "WARC File Format 1.1", "robots": "obey"}
    written = "".join(f"{name}: {value}\r\n" for name, value in about.items()).encode()
    _write(writer, "warcinfo", None, started, "warcinfo", written, "application/warc-fields", {})
    by_id = {capture.id: capture for capture in captures}
    for capture in captures:
        had = by_id.get(capture.unchanged_since) if capture.unchanged_since is not None else None
        entries += _write_capture(writer, out, capture, had, read)
    return Warc(content=out.getvalue(), entries=tuple(entries))


def _write_capture(
    writer: _Writer, out: io.BytesIO, capture: Capture, had: Capture | None, read: Read
) -> Iterator[Entry]:
    """`had` is the capture whose bytes still stood, where it is among those that are written."""
    at, name = write_moment(capture.fetched_at), _answer_name(capture)
    mime = header_of(capture.response_headers, "content-type").partition(";")[0].strip() or "application/octet-stream"
    connection = {"WARC-IP-Address": capture.server_ip, "WARC-Protocol": _protocol(capture)}
    told = {field: value for field, value in connection.items() if value}
    offset, of = out.tell(), f"{capture.id} {name}"
    answer = _record_id(capture.id, name)
    if capture.status is None:
        _write(writer, name, capture.url_final, at, of, read(capture.body_sha256), mime, told)
    else:
        head = StatusAndHeaders(str(capture.status), _told(capture), protocol="HTTP/1.1")
        body = b""
        if capture.unchanged_since is None:
            body = read(capture.body_sha256)
        else:
            told |= {"WARC-Profile": _NOT_MODIFIED, **_refers(capture.unchanged_since, had)}
            mime = _REVISIT_MIME
        _write(writer, name, capture.url_final, at, of, body, None, told, head)
    digest = f"sha256:{b32encode(bytes.fromhex(capture.body_sha256)).decode()}"
    length = out.tell() - offset
    yield _entry(capture, capture.url_final, mime, capture.status, digest, offset, length)
    if capture.request_headers:
        asked = StatusAndHeaders(f"GET {_target(capture.url_final)} HTTP/1.1", _asked(capture), is_http_request=True)
        links = {"WARC-Concurrent-To": answer}
        _write(writer, "request", capture.url_final, at, f"{capture.id} request", b"", None, links, asked)
    for file in capture.files:
        prefix, kind = _VIEWS[file.role]
        offset = out.tell()
        url, content = f"{prefix}{capture.url_final}", read(file.sha256)
        record = _write(writer, "resource", url, at, f"{capture.id} {file.role.value}", content, kind, {})
        digest = str(record.rec_headers.get_header("WARC-Payload-Digest") or "")
        yield _entry(capture, url, kind, None, digest, offset, out.tell() - offset)
    about = {
        "capture": capture.id,
        "urlRequested": capture.url_requested,
        "tls": capture.tls,
        "httpVersion": capture.http_version,
        "robots": capture.robots_verdict.value,
        "via": capture.via.value,
        "wireSha256": capture.wire_sha256,
        **({"unchangedSince": capture.unchanged_since} if capture.unchanged_since is not None else {}),
    }
    written = json.dumps(about, sort_keys=True, ensure_ascii=False).encode()
    url = f"urn:pageinfo:{capture.url_final}"
    _write(writer, "metadata", url, at, f"{capture.id} pageinfo", written, "application/json", {})


def _write(
    writer: _Writer,
    kind: str,
    url: str | None,
    at: str,
    name: str,
    content: bytes,
    mime: str | None,
    fields: dict[str, str],
    http: StatusAndHeaders | None = None,
) -> Any:  # Any: warcio is untyped
    """Write one record and give it."""
    record = writer.create_warc_record(
        url or "urn:warcinfo",
        kind,
        payload=io.BytesIO(content),
        length=len(content),
        warc_content_type=mime or "",
        http_headers=http,
        warc_headers_dict={"WARC-Record-ID": _record_id(*name.rsplit(" ", 1)), "WARC-Date": at, **fields},
    )
    if url is None:
        record.rec_headers.remove_header("WARC-Target-URI")
    writer.write_record(record)
    return record


def _entry(capture: Capture, url: str, mime: str, status: int | None, digest: str, offset: int, length: int) -> Entry:
    return Entry(
        capture=capture.id,
        url=url,
        at=write_moment(capture.fetched_at),
        mime=mime,
        status=status,
        digest=digest,
        offset=offset,
        length=length,
    )


def _answer_name(capture: Capture) -> str:
    """The type of the record of a capture's answer, which is its name within the record's id too."""
    if capture.unchanged_since is not None:
        return "revisit"
    return "resource" if capture.status is None else "response"


def _refers(id: str, had: Capture | None) -> dict[str, str]:
    """Which record has the bytes, and of which address and time it is."""
    if had is None:
        return {"WARC-Refers-To": _record_id(id, "response")}
    return {
        "WARC-Refers-To": _record_id(had.id, _answer_name(had)),
        "WARC-Refers-To-Target-URI": had.url_final,
        "WARC-Refers-To-Date": write_moment(had.fetched_at),
    }


def _told(capture: Capture) -> list[tuple[str, str]]:
    """The answer's headers, with those that speak of packed bytes under another name, and without sessions."""
    kept = [
        (f"x-orig-{name}" if name.lower() in _OF_TRANSPORT else name, _one_line(value))
        for name, value in capture.response_headers
        if name.lower() not in SECRET_HEADERS
    ]
    if capture.unchanged_since is not None:
        return kept
    return [*kept, ("Content-Length", str(capture.body_bytes))]


def _asked(capture: Capture) -> list[tuple[str, str]]:
    return [(name, _one_line(value)) for name, value in capture.request_headers if name.lower() not in SECRET_HEADERS]


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def _protocol(capture: Capture) -> str:
    known = [capture.http_version.lower() if capture.http_version else "", (capture.tls or "").lower().split(" ")[0]]
    return ", ".join(part.replace("tlsv", "tls/") for part in known if part)


def _record_id(*parts: str) -> str:
    return f"<urn:uuid:{uuid5(_RECORDS, ' '.join(parts))}>"
