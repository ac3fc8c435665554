"""
One question over HTTPS to a registry or a site, and one look at a certificate: without a crawl, under the same guard.

The address is checked as it is written and as it is resolved, and what was resolved is what is connected to. Body,
redirects and time are bounded; an answer that is more is refused, not cut.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urljoin, urlsplit

from crawler.egress import check_target, is_public, literal_address
from crawler.errors import NoConnection, Refused
from crawler.exchange import line

BODY_BYTES = 1024 * 1024  # chosen: the longest RDAP answer of a large holder has about 60 KB
TIME_S = 15.0  # chosen: for one hop, everything included
REDIRECTS_MAX = 4  # chosen: regional registries send on once, registrars once more
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Resolve = Callable[[str], Sequence[str]]
"""Gives the addresses of a name. Raises `Refused` where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One answer on the way, as it came."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    address: str
    tls: str | None  # None over plain HTTP, which only loopback speaks

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """The certificate that a host presented, in DER, whether or not anybody vouches for it."""

    der: bytes
    address: str
    tls: str | None

    @property
    def sha256(self) -> str:
        """Its fingerprint."""
        return hashlib.sha256(self.der).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """
    Asks, as one user agent, through one resolver.

    With `loopback` nothing but this machine is reached, by whatever name; without it nothing but the public internet.
    """

    resolve: Resolve
    user_agent: str
    loopback: bool = False
    tls_port: int = 443  # where a host's certificate is looked at
    trust: ssl.SSLContext | None = None  # None: what the system trusts

    def ask(self, url: str, *, accept: str = "*/*") -> list[Hop]:
        """
        The answers to one question, redirects first, the last one that is none at the end.

        Raises `Refused`: egress, too_large, unreachable, redirects.
        """
        hops: list[Hop] = []
        while True:
            hop = self._one(url, accept)
            hops.append(hop)
            there = hop.header("location")
            if hop.status not in _REDIRECTS or there is None:
                return hops
            if len(hops) > REDIRECTS_MAX:
                raise Refused("redirects", url, f"it was sent on more than {REDIRECTS_MAX} times")
            url = urljoin(url, there)

    def certificate(self, host: str) -> Presented:
        """The certificate a host presents under its name. Raises `Refused`: egress, unreachable."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # whatever is presented is looked at; nothing is sent over it
        context.verify_mode = ssl.CERT_NONE
        url = f"https://{host}/"
        for_name = None if literal_address(host) is not None else host
        with self._socket(url, host, self.tls_port) as (plain, address):
            try:
                with context.wrap_socket(plain, server_hostname=for_name) as wrapped:
                    der = wrapped.getpeercert(binary_form=True)
                    version = wrapped.version()
            except OSError as error:
                raise Refused("unreachable", url, f"no TLS with {address}: {error}") from error
        if der is None:
            raise Refused("unreachable", url, f"{address} presented no certificate")
        return Presented(der=der, address=address, tls=version)

    def _one(self, url: str, accept: str) -> Hop:
        parts = urlsplit(url)
        if parts.scheme != "https" and not self.loopback:
            raise Refused("egress", url, "registries and sites are asked over https only")
        check_written(url, loopback=self.loopback)
        host = parts.hostname or ""
        is_tls = parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        with self._socket(url, host, port) as (plain, address):
            try:
                return self._exchange(url, plain, address, accept, host if is_tls else None)
            except (OSError, http.client.HTTPException) as error:
                raise Refused("unreachable", url, f"{address} did not answer: {error}") from error

    def _exchange(self, url: str, plain: socket.socket, address: str, accept: str, tls_name: str | None) -> Hop:
        parts = urlsplit(url)
        version = None
        if tls_name is not None:
            wrapped = (self.trust or ssl.create_default_context()).wrap_socket(plain, server_hostname=tls_name)
            plain, version = wrapped, wrapped.version()
        connection = http.client.HTTPConnection(parts.netloc)
        connection.sock = plain
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"User-Agent": self.user_agent, "Accept": accept, "Accept-Encoding": "identity"}
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as answer:  # it holds the stream open for itself
                body = answer.read(BODY_BYTES + 1)
                left = answer.length
        finally:
            connection.close()
        if len(body) > BODY_BYTES:
            raise Refused("too_large", url, f"the answer is more than {BODY_BYTES} bytes")
        if left:
            raise Refused("unreachable", url, f"the answer broke off {left} bytes before its end")
        pairs = tuple((name, value) for name, value in answer.getheaders())
        return Hop(url=url, status=answer.status, headers=pairs, body=body, address=address, tls=version)

    @contextlib.contextmanager
    def _socket(self, url: str, host: str, port: int) -> Iterator[tuple[socket.socket, str]]:
        """A connection to the first address that may be reached, cut when its time is over."""
        try:
            with line(url, self._addresses(url, host), port, connect_s=TIME_S, whole_s=TIME_S) as open_line:
                yield open_line.socket, open_line.address
                if open_line.cut.is_set():  # a reader takes a cut connection for the end of an answer
                    why = f"{open_line.address} was not done after {TIME_S:.0f} s"
                    raise Refused("unreachable", url, why)
        except NoConnection as error:
            raise Refused("unreachable", url, error.why) from error

    def _addresses(self, url: str, host: str) -> list[str]:
        literal = literal_address(host)
        found = [str(literal)] if literal is not None else list(self.resolve(host))
        allowed = [each for each in found if self._may(ipaddress.ip_address(each))]
        if found and not allowed:
            raise Refused("egress", url, f"{host} is {', '.join(found)}, where nothing may be asked")
        return allowed

    def _may(self, address: IPv4Address | IPv6Address) -> bool:
        return address.is_loopback if self.loopback else is_public(address)


def check_written(url: str, *, loopback: bool) -> None:
    """Raise `Refused` unless a URL may be asked as it is written; on loopback any name may stand for this machine."""
    if not loopback:
        check_target(url, loopback=False)
    elif urlsplit(url).scheme not in ("http", "https"):
        raise Refused("egress", url, "only http and https are asked")
