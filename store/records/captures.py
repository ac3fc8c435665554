"""The bytes fetched once, with time, digest and how they were obtained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from store.records.fetches import RobotsVerdict


class Via(Enum):
    """How bytes reached Marque."""

    CRAWL = "crawl"
    BROWSER = "browser"
    TIP = "tip"
    IMPORT = "import"
    OFFICER = "officer"
    REPLAY = "replay"


class CaptureRole(Enum):
    """What a file of a capture is."""

    BODY = "body"
    DOM = "dom"
    TEXT = "text"
    VIEWPORT = "viewport"
    FULL = "full"
    CONSOLE = "console"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFile:
    """One file of a capture, kept in the vault under its digest."""

    capture: str
    role: CaptureRole
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """
    One look at one URL. What the transport does not expose is None, and a bundle says so.

    Where `unchanged_since` is set, the server sent no body (304): `body_sha256` and `body_bytes` are those of the
    capture named there, and the headers are the answer's own.
    """

    id: str
    run: str
    url_requested: str
    url_final: str
    parent: str | None = None  # capture that linked or redirected here
    depth: int = 0
    fetched_at: datetime
    status: int | None = None  # HTTP status; None for a file that no server sent
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    server_ip: str | None = None
    tls: str | None = None  # protocol and cipher as exposed, e.g. "TLSv1.3"
    http_version: str | None = None
    body_sha256: str
    body_bytes: int
    wire_sha256: str | None = None  # of the compressed bytes, where the transport kept them
    robots_verdict: RobotsVerdict
    authority: str | None = None  # the written permission that allowed going past robots
    via: Via
    unchanged_since: str | None = None  # Capture whose bytes the server said still stand; None: it sent its own
    files: tuple[CaptureFile, ...] = ()
