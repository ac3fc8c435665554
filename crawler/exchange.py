"""
One HTTP exchange with an address that a declaration or a person named: guarded, pinned, and bounded in every way.

The address is checked as it is written and as its name resolves, and what was checked is what is connected to: a name
that answers differently a moment later leads nowhere else. No proxy, no redirect, no cookie, nothing unpacked. The
other side may send a byte a minute and keep within any time-out of a read; so the connection is cut from outside when
the whole takes too long, in the handshake as in the body.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from threading import Event, Timer
from urllib.parse import urlsplit

from config.inner_hosts import is_inner
from crawler.egress import check_target, is_public
from crawler.errors import NoAnswer, NoConnection, Refused
from crawler.manners import is_loopback_host

CONNECT_S = 10.0
WHOLE_S = 240.0  # chosen: 25 MB at 1 Mbit/s take 200 s; with connecting below the longest attempt of the outbox
ADDRESSES_TRIED = 4  # chosen: both families of two machines


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came: status, headers, and the body's first bytes."""

    status: int
    headers: Message  # names in any case
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An open connection, which is cut when its time is over."""

    socket: socket.socket
    address: str
    cut: Event = field(default_factory=Event)  # set when it was; a reader takes a cut connection for the end


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    loopback: bool,
    read_s: float,
    most_bytes: int,
    connect_s: float = CONNECT_S,
    whole_s: float = WHOLE_S,
    inner: Collection[str] = (),
) -> Reply:
    """
    Ask once, on a connection of its own; at most `most_bytes` of the body are read, as sent, and the rest is left.

    `loopback`: this machine may be reached, where the address is written so. `inner`: hosts of one's own network that
    the policy names. Raises `Refused` where nothing may be
    sent there, `NoConnection` where not a byte of the request left, `NoAnswer` for whatever went wrong after.
    """
    here = loopback and is_loopback_host(url)
    check_target(url, loopback=here, inner=inner)
    if not url.isascii() or not url.isprintable() or " " in url:
        raise Refused("egress", url, "an address is written in ASCII, without blanks")
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    led_to = addresses_of(url, host, port, here=here, inner=inner)
    with line(url, led_to, port, connect_s=connect_s, whole_s=whole_s) as open_line:
        stream = _greeted(url, open_line, host if is_tls else None, whole_s)
        return _ask(method, url, stream, open_line, headers, body, read_s, whole_s, most_bytes)


def addresses_of(url: str, host: str, port: int, *, here: bool, inner: Collection[str] = ()) -> list[str]:
    """
    Where a name leads to; one of the hosts `inner` may lead into a private network.

    Raises `NoConnection`, and `Refused` unless every address may be connected to.
    """
    try:
        told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoConnection(url, f"{host} is not known: {error}") from error
    found = [str(each[4][0]) for each in told]
    for address in found:
        known = ipaddress.ip_address(address.partition("%")[0])
        if not (known.is_loopback if here else is_public(known) or (host in inner and is_inner(known))):
            raise Refused("egress", url, f"{host} leads to {address}, which may not be connected to")
    return list(dict.fromkeys(found))


@contextmanager
def line(url: str, addresses: Sequence[str], port: int, *, connect_s: float, whole_s: float) -> Iterator[Line]:
    """A connection to the first of these addresses that takes it. Raises `NoConnection`."""
    why = "it has no address that may be reached"
    for address in addresses[:ADDRESSES_TRIED]:
        try:
            made = socket.create_connection((address, port), timeout=connect_s)
        except OSError as error:
            why = f"{address} port {port}: {error}"
            continue
        # A double is shut, whatever layer reads: TLS takes the socket itself over and leaves an empty one behind.
        double, open_line = made.dup(), Line(socket=made, address=address)
        ender = Timer(whole_s, _shut, (double, open_line.cut))
        ender.daemon = True
        ender.start()
        try:
            made.settimeout(whole_s)
            yield open_line
        finally:
            ender.cancel()
            ender.join()  # it may be shutting it just now
            double.close()
            made.close()
        return
    raise NoConnection(url, why)


def _greeted(url: str, open_line: Line, tls_name: str | None, whole_s: float) -> socket.socket:
    """The stream that the request goes over. Nothing of it has left before the handshake is done."""
    if tls_name is None:
        return open_line.socket
    try:
        return ssl.create_default_context().wrap_socket(open_line.socket, server_hostname=tls_name)
    except (OSError, ValueError) as error:
        why = _late(whole_s) if open_line.cut.is_set() else f"no TLS with {open_line.address}: {error}"
        raise NoConnection(url, why) from error


def _ask(
    method: str,
    url: str,
    stream: socket.socket,
    open_line: Line,
    headers: Mapping[str, str],
    body: bytes | None,
    read_s: float,
    whole_s: float,
    most_bytes: int,
) -> Reply:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "")
    connection.sock = stream
    begun = False
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        own = {"Host": parts.netloc, "Connection": "close", "Accept-Encoding": "identity"}
        if body is not None:
            own["Content-Length"] = str(len(body))
        for name, value in (own | dict(headers)).items():
            connection.putheader(name, value)
        begun = True
        connection.endheaders(body)
        stream.settimeout(read_s)
        with connection.getresponse() as answer:  # it holds the stream open for itself
            raw = answer.read(most_bytes)
            left = answer.length if len(raw) < most_bytes else None
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = _late(whole_s) if open_line.cut.is_set() else str(error) or type(error).__name__
        raise (NoAnswer if begun else NoConnection)(url, why) from error
    finally:
        connection.close()
    if open_line.cut.is_set():
        raise NoAnswer(url, _late(whole_s))
    if left:
        raise NoAnswer(url, f"the answer broke off {left} bytes before its end")
    return Reply(status=answer.status, headers=answer.headers, body=raw)


def _late(whole_s: float) -> str:
    return f"it took longer than {whole_s:g} s as a whole"


def _shut(double: socket.socket, cut: Event) -> None:
    cut.set()
    with suppress(OSError):  # it has ended by itself
        double.shutdown(socket.SHUT_RDWR)
