"""
One POST to an address that somebody else named: https to the public internet, and nowhere inside.

The address is checked as it is written, every address its name leads to must be public, and what was checked is what
is connected to: a name that answers differently a moment later leads nowhere else. No proxy, no redirect, no cookie;
of the answer only the status is read, within a time that no dripping receiver lengthens.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Timer
from urllib.parse import urlsplit

from console.errors import Unanswerable
from crawler.egress import check_target, is_public
from crawler.errors import Refused
from crawler.manners import is_loopback_host

CONNECT_S = 5.0
WHOLE_S = 20.0  # standard-webhooks/spec, "Request timeouts": 15 to 30 s
URL_CHARS = 2000
LONGEST_WAIT_S = 86_400.0  # a Retry-After beyond a day is asked again each day


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an attempt came to."""

    status: int | None  # None: there was no answer
    because: str
    wait_s: float | None = None  # as Retry-After asks, in seconds

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has the message."""
        return self.status is not None and 200 <= self.status < 300


def check_endpoint(url: str, *, loopback: bool) -> None:
    """Raise `Unanswerable` unless a webhook may be told there; `loopback` opens this machine, for exercises."""
    if len(url) > URL_CHARS or not url.isascii() or not url.isprintable() or " " in url:
        raise Unanswerable(f"a webhook's address is up to {URL_CHARS} ASCII characters, without blanks")
    try:
        parts = urlsplit(url)
        is_here = loopback and is_loopback_host(url)
        check_target(url, loopback=is_here)
    except (Refused, ValueError) as error:
        raise Unanswerable(f"{url} may not be told: {error}") from error
    if parts.scheme != "https" and not is_here:
        raise Unanswerable(f"{url} may not be told: messages travel by https alone")
    if parts.fragment:
        raise Unanswerable(f"{url} may not be told: leave out what follows the #")


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    loopback: bool,
    connect_s: float = CONNECT_S,
    whole_s: float = WHOLE_S,
) -> Answer:
    """Send it once. Whatever goes wrong is an answer without a status."""
    try:
        check_endpoint(url, loopback=loopback)
        parts = urlsplit(url)
        is_tls, host = parts.scheme == "https", parts.hostname or ""
        port = parts.port or (443 if is_tls else 80)
        address = _address_of(host, port, loopback=loopback and is_loopback_host(url))
    except (Unanswerable, OSError, UnicodeError) as error:
        return Answer(status=None, because=str(error)[:300])
    try:
        raw = socket.create_connection((address, port), timeout=connect_s)
    except OSError as error:
        return Answer(status=None, because=f"no connection: {error}"[:300])
    # A double of the socket is shut, whatever layer reads it: that ends every wait at once. TLS takes the socket
    # itself over and leaves an empty one behind.
    double = raw.dup()
    ender = Timer(whole_s, _shut, (double,))
    ender.daemon = True
    ender.start()
    try:
        raw.settimeout(whole_s)
        stream = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if is_tls else raw
        return _ask(stream, host, port, url, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(status=None, because=f"no answer: {error or type(error).__name__}"[:300])
    finally:
        ender.cancel()
        ender.join()  # it may be shutting it just now
        double.close()
        raw.close()


def _ask(stream: socket.socket, host: str, port: int, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(host, port)
    connection.sock = stream
    try:
        connection.putrequest("POST", f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/",
                              skip_host=True, skip_accept_encoding=True)  # fmt: skip
        connection.putheader("host", parts.netloc)
        connection.putheader("content-length", str(len(body)))
        connection.putheader("connection", "close")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        status, wait = answer.status, answer.getheader("retry-after")
    finally:
        connection.close()
    said = {2: "taken", 3: "moved elsewhere, which is not followed"}.get(status // 100, "refused")
    return Answer(status=status, because=f"{status}: {said}", wait_s=_seconds(wait))


def _seconds(told: str | None) -> float | None:
    text = (told or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return min(float(text), LONGEST_WAIT_S)


def _address_of(host: str, port: int, *, loopback: bool) -> str:
    """The address to connect to; every one that the name leads to must be allowed."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    for address in addresses:
        known = ipaddress.ip_address(address.partition("%")[0])
        if not (known.is_loopback if loopback else is_public(known)):
            raise Unanswerable(f"{host} leads to {address}, which may not be connected to")
    if not addresses:
        raise Unanswerable(f"{host} leads nowhere")
    return addresses[0]


def _shut(raw: socket.socket) -> None:
    try:
        raw.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself
