"""
What a connection exposed of its TLS, noted for every answer that it carried; and a last word on what never left.

Scrapy hands on the leaf certificate alone. Its handler is taken here with a connection that looks once at what it
was made with: protocol, cipher, and the chain as the server sent it. Every answer over it is told the same, however
often it is used again; an answer over plain HTTP is told nothing.
"""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from OpenSSL import SSL, crypto
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from crawler.errors import Refused

_META = "tls_exposed"  # of a request: what the connection that carried its answer exposed
_NOTED = "_marque_exposed"  # of Twisted's answer, on its way to the request
CHAIN_MAX = 20  # certificates kept of one chain; real ones have up to 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """
    What one connection was made with.

    Subject, issuer, end and digest are those of the server's own certificate; the first three are None where it
    cannot be read. `pem` holds the chain in the order it was sent, with the same words after each certificate.
    """

    protocol: str  # TLSv1.3
    cipher: str  # by OpenSSL's name
    subject: str | None  # RFC 4514
    issuer: str | None
    not_after: datetime | None
    sha256: str  # of the certificate in DER
    pem: bytes

    @property
    def words(self) -> str:
        """Protocol and cipher."""
        return f"{self.protocol} {self.cipher}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What one certificate says."""

    der: bytes
    subject: str | None = None
    issuer: str | None = None
    not_after: datetime | None = None

    @property
    def pem(self) -> str:
        """The certificate, and what it says as text, which readers of PEM pass over (RFC 7468, section 2)."""
        until = self.not_after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.not_after else None
        lines = {"subject": self.subject, "issuer": self.issuer, "not after": until}
        words = "".join(f"{name}: {'(cannot be read)' if text is None else text}\n" for name, text in lines.items())
        return f"{ssl.DER_cert_to_PEM_cert(self.der)}{words}sha256: {hashlib.sha256(self.der).hexdigest()}\n"


def read_connection(connection: object) -> Exposed | None:
    """What a pyOpenSSL connection exposes; None for one without TLS, or without a certificate."""
    if not isinstance(connection, SSL.Connection):
        return None
    own = connection.get_peer_certificate()
    # A server may send none but its own.
    sent = connection.get_peer_cert_chain() or ([own] if own is not None else [])
    chain = [_read(crypto.dump_certificate(crypto.FILETYPE_ASN1, each)) for each in sent[:CHAIN_MAX]]
    if not chain:
        return None
    pem = "".join(each.pem for each in chain).encode()
    return Exposed(
        protocol=connection.get_protocol_version_name(),
        cipher=connection.get_cipher_name() or "no cipher",
        subject=chain[0].subject,
        issuer=chain[0].issuer,
        not_after=chain[0].not_after,
        sha256=hashlib.sha256(chain[0].der).hexdigest(),
        pem=pem,
    )


def exposed_of(request: Request) -> Exposed | None:
    """What the connection that carried a request's answer exposed; None over plain HTTP, and from saved pages."""
    found = request.meta.get(_META)
    return found if isinstance(found, Exposed) else None


class Handler(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, over connections that tell what they were made with."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory

    async def download_request(self, request: Request) -> Response:
        """
        The answer to a request, as Scrapy gives it.

        Raises `Refused` for a name that no connection can be made to, beside what Scrapy raises.
        """
        request.meta[_META] = None
        agent = _Agent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
        )
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        except UnicodeError:
            raise  # headers that are no text: an answer came
        except ValueError as error:
            if agent.is_answered:
                raise
            raise Refused("egress", request.url, f"it cannot be asked: {error}") from error


class _Agent(_ScrapyAgent):
    """Lays what the connection exposed beside the request, before its body comes."""

    is_answered = False

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:  # Any: Twisted's own types are private
        self.is_answered = True
        request.meta[_META] = getattr(txresponse, _NOTED, None)
        return super()._cb_bodyready(txresponse, request)


class _Protocol(_LenientHTTP11ClientProtocol):
    """One connection; it is looked at with its first answer, when its handshake is over."""

    _exposed: Exposed | None = None
    _is_looked_at = False

    def request(self, request: Any) -> Deferred[Any]:  # Any: as above
        """Ask, and note on the answer what it came over."""
        transport = self.transport  # the connection's own; an answer without a body has none by the time it is here

        def note(response: Any) -> Any:  # Any: as above
            if not self._is_looked_at:
                self._is_looked_at = True
                handle = getattr(transport, "getHandle", None)
                self._exposed = read_connection(handle()) if handle is not None else None
            setattr(response, _NOTED, self._exposed)
            return response

        return super().request(request).addCallback(note)


class _Factory(_LenientHTTP11ClientFactory):
    """Makes such connections."""

    def buildProtocol(self, addr: Any) -> _Protocol:  # noqa: N802 -- Twisted's name; Any: a zope interface
        """One connection's protocol."""
        del addr
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted is untyped here


def _read(der: bytes) -> _Said:
    try:
        found = x509.load_der_x509_certificate(der)
        return _Said(
            der=der,
            subject=_one_line(found.subject.rfc4514_string()),
            issuer=_one_line(found.issuer.rfc4514_string()),
            not_after=found.not_valid_after_utc,
        )
    except ValueError:
        return _Said(der=der)  # of a chain, only what leads to a trusted root was checked


def _one_line(text: str) -> str:
    """A name as text that can neither end its line nor begin a certificate of its own."""
    shown = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
    return shown.replace("-----", r"\x2d" * 5)
