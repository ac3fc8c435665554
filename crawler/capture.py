"""
Keeps what was seen before anything looks at it.

Two middlewares, on either side of decompression. The outer one notes what came over the line; the inner one puts
the body into the vault and makes the `Capture` that the page's commit writes. When the vault takes no more, the
page was not seen: nothing behind this point ever receives it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.errors import Refused
from crawler.faults import point
from crawler.frontier import Frontier, errand_of
from crawler.heads import bound_heads
from crawler.replay import SAVED_FILE
from crawler.tls import exposed_of
from crawler.visit import Errand
from store.evidence.errors import BarredContent
from store.evidence.vault import Vault
from store.records.captures import Capture, CaptureFile, CaptureRole, Via
from store.records.fetches import RobotsVerdict

ENCODINGS_MAX = 1  # a body compressed twice is a bomb: 1,079 bytes became 512 MiB (measured)
RATIO_MAX = 200  # chosen: real pages stay under 60; checked above a size that real pages reach
RATIO_FROM_BYTES = 1024 * 1024


class WireMiddleware:
    """Notes when a request left and what came back, as it came: headers, and the digest of a compressed body."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        bound_heads()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WireMiddleware:
        """Made by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Note when the request leaves."""
        errand = errand_of(request)
        if errand is not None:
            errand.started_at = _frontier(self._crawler).clock()

    def process_response(self, request: Request, response: Response) -> Response:
        """Note what came. Raises `Refused` for a body under more than one compression."""
        errand = errand_of(request)
        if errand is None:
            return response
        point("answered")
        errand.answered_at = _frontier(self._crawler).clock()
        if not 100 <= response.status <= 999:  # RFC 9110, section 15: three digits
            raise Refused("not_http", request.url, f"status {response.status}")
        errand.wire_headers = header_pairs(response)
        if errand.key is not None:
            errand.wire_headers = errand.key.masked_pairs(errand.wire_headers)
        errand.wire_bytes = len(response.body)
        encodings = [
            part.strip()
            for value in response.headers.getlist("Content-Encoding")
            for part in value.split(b",")
            if part.strip() and part.strip().lower() != b"identity"
        ]
        if len(encodings) > ENCODINGS_MAX:
            raise Refused("encoding", request.url, f"the body is compressed {len(encodings)} times over")
        if encodings:
            errand.wire_sha256 = hashlib.sha256(response.body).hexdigest()
        return response


class CaptureMiddleware:
    """Puts the body into the vault and makes the capture, before anything parses it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        """Made by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the body. Raises `VaultFull` when there is no room, `Refused` for a bomb or unlawful content."""
        errand = errand_of(request)
        if errand is None:
            return response
        size = len(response.body)
        if size > RATIO_FROM_BYTES and errand.wire_bytes and size > RATIO_MAX * errand.wire_bytes:
            raise Refused("too_large", request.url, f"{errand.wire_bytes} bytes became {size}")
        frontier = _frontier(self._crawler)
        if errand.key is not None:
            body = errand.key.masked_body(response.body)
            if body is not response.body and errand.wire_sha256 is None:
                errand.wire_sha256 = hashlib.sha256(response.body).hexdigest()
            response = response.replace(url=errand.key.bare(response.url), body=body)
        digest = put_lawful(frontier.vault, response.body, request.url)
        errand.kept = _capture(errand, request, response, digest, frontier)
        point("kept")
        return response


def put_lawful(vault: Vault, data: bytes, url: str) -> str:
    """Put bytes into the vault; gives their digest. Raises `Refused` for what a list of unlawful content names."""
    try:
        return vault.put(data)
    except BarredContent as barred:
        raise Refused("unlawful", url, str(barred)) from barred


def header_pairs(message: Request | Response) -> tuple[tuple[str, str], ...]:
    """Headers as pairs, in the order Scrapy keeps them; bytes that are not Latin-1 cannot occur."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    )


def _capture(errand: Errand, request: Request, response: Response, digest: str, frontier: Frontier) -> Capture:
    fetch = errand.lease.fetch
    now: datetime = frontier.clock()
    exposed = exposed_of(request)
    return Capture(
        id=errand.capture,
        run=fetch.run,
        url_requested=fetch.url,
        url_final=response.url,
        parent=fetch.parent,
        depth=fetch.depth,
        fetched_at=now,
        status=None if SAVED_FILE in response.flags else response.status,
        request_headers=header_pairs(request)
        if errand.key is None
        else errand.key.masked_pairs(header_pairs(request)),
        response_headers=errand.wire_headers,
        server_ip=str(response.ip_address) if response.ip_address is not None else None,
        tls=exposed.words if exposed is not None else None,
        http_version=response.protocol,
        body_sha256=digest,
        body_bytes=len(response.body),
        wire_sha256=errand.wire_sha256,
        robots_verdict=errand.verdict,
        authority=errand.authority,
        via=errand.via,
        files=_certificate(errand.capture, request, frontier),
    )


def capture_part(
    errand: Errand, url: str, request: Request, response: Response, frontier: Frontier, verdict: RobotsVerdict
) -> Capture:
    """The capture of what an open page asked for as `url`, its bytes in the vault. Raises `Refused`."""
    id = frontier.workplace.new_id()
    return Capture(
        id=id,
        run=errand.lease.fetch.run,
        url_requested=url,
        url_final=response.url,
        parent=errand.capture,
        depth=errand.lease.fetch.depth + 1,
        fetched_at=frontier.clock(),
        status=response.status,
        request_headers=header_pairs(request),
        response_headers=header_pairs(response),
        server_ip=str(response.ip_address) if response.ip_address is not None else None,
        tls=exposed.words if (exposed := exposed_of(request)) is not None else None,
        http_version=response.protocol,
        body_sha256=put_lawful(frontier.vault, response.body, response.url),
        body_bytes=len(response.body),
        robots_verdict=verdict,
        authority=errand.authority,
        via=Via.BROWSER,
        files=_certificate(id, request, frontier),
    )


def _certificate(capture: str, request: Request, frontier: Frontier) -> tuple[CaptureFile, ...]:
    """The chain behind an answer, where it came over TLS; once a chain, because the vault knows it by its digest."""
    exposed = exposed_of(request)
    if exposed is None:
        return ()
    kept = frontier.vault.put(exposed.pem)
    return (CaptureFile(capture=capture, role=CaptureRole.CERTIFICATE, sha256=kept, size_bytes=len(exposed.pem)),)


def _frontier(crawler: Crawler) -> Frontier:
    frontier = crawler.engine.scheduler
    assert isinstance(frontier, Frontier), "SCHEDULER is not crawler.frontier.Frontier"
    return frontier
