"""
What is sealed of a capture, and under which names its files stand in a bundle.

The record is what a leaf of the log of captures is made of, so it holds everything a reader needs to judge the
capture, and nothing that must not leave: of headers that carry a session only the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from store.records.captures import Capture, CaptureRole

SCHEMA = "marque-capture/1"
RECORD = "capture.json"
WITHHELD = "(withheld: it opens a session)"
# They let whoever holds them act as the one who looked. What they prove, the answer itself proves.
SECRET_HEADERS = frozenset({
    "cookie", "set-cookie", "authorization", "proxy-authorization", "www-authenticate", "x-csrf-token",
    "x-xsrf-token", "x-auth-token", "x-api-key", "x-session-id", "x-access-token",
})  # fmt: skip
_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "image/avif": "avif"}
_NAMES = {
    CaptureRole.DOM: "dom.txt",
    CaptureRole.TEXT: "text.txt",
    CaptureRole.VIEWPORT: "viewport.png",
    CaptureRole.FULL: "full.png",
    CaptureRole.CONSOLE: "console.txt",
    CaptureRole.CERTIFICATE: "certificate.pem",
}


def record_of(capture: Capture, had_type: str | None = None) -> dict[str, Any]:
    """
    The record of a capture as JSON values. What the transport did not expose is null.

    `had_type` is the content type of the capture whose bytes still stood, where this one, a 304, came without.
    """
    files = {
        body_name(capture, had_type): ("body", capture.body_sha256, capture.body_bytes),
        **{_NAMES[file.role]: (file.role.value, file.sha256, file.size_bytes) for file in capture.files},
    }
    return {
        "schema": SCHEMA,
        "id": capture.id,
        "run": capture.run,
        "url_requested": capture.url_requested,
        "url_final": capture.url_final,
        "parent": capture.parent,
        "depth": capture.depth,
        "fetched_at": write_moment(capture.fetched_at),
        "status": capture.status,
        "request_headers": without_secrets(capture.request_headers),
        "response_headers": without_secrets(capture.response_headers),
        "server_ip": capture.server_ip,
        "tls": capture.tls,
        "http_version": capture.http_version,
        "wire_sha256": capture.wire_sha256,
        "unchanged_since": capture.unchanged_since,
        "robots_verdict": capture.robots_verdict.value,
        "authority": capture.authority,
        "via": capture.via.value,
        "files": [
            {"path": name, "role": role, "sha256": digest, "bytes": size}
            for name, (role, digest, size) in sorted(files.items())
        ],
    }


def body_name(capture: Capture, had_type: str | None = None) -> str:
    """The name of the answer's bytes: pictures open as pictures, pages as text, so that opening one runs nothing."""
    said = header_of(capture.response_headers, "content-type") or had_type or ""
    content_type = said.partition(";")[0].strip().lower()
    if content_type in _PICTURES:
        return f"body.{_PICTURES[content_type]}"
    is_text = (
        content_type.startswith("text/") or content_type.endswith(("json", "xml", "mpegurl")) or not content_type
    )
    return "body.txt" if is_text else "body.bin"


def contents_of(record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Name and SHA-256 of every file a record lists."""
    return ((str(file["path"]), str(file["sha256"])) for file in record["files"])


def header_of(headers: Iterable[tuple[str, str]], name: str) -> str:
    """The first value of a header; empty where it was not sent."""
    return next((value for found, value in headers if found.lower() == name), "")


def without_secrets(headers: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Headers as pairs, those that carry a session without their value."""
    return [[name, WITHHELD if name.lower() in SECRET_HEADERS else value] for name, value in headers]


def write_moment(at: datetime) -> str:
    """`2026-11-21T10:00:00.123456Z`: UTC to the microsecond, always the same length."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
