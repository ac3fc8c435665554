"""
Where requests may go: http(s) to the public internet, and nowhere inside.

Two layers, because each alone lets something through (measured): the address as it is written is checked before
every request, redirects and photos included; and the resolver drops addresses that are not public, so a name that
points inside does not help either, and the reactor connects to no other. What the resolver returned is what is
connected to. Loopback is open only to a
platform that is declared on loopback, and such a platform reaches nothing else.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]  # zope ships no types

from crawler.errors import Refused
from crawler.manners import is_loopback_host


def check_target(url: str, *, loopback: bool, inner: Collection[str] = ()) -> None:
    """
    Raise `Refused` unless a URL may be asked.

    With `loopback` only this machine may be asked, spelled plainly; without it only what is not spelled as an
    inner address in any of the ways that operating systems and browsers understand, or one of the hosts `inner`,
    which the policy names, exactly as it is written there.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused("egress", url, f"it cannot be read: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise Refused("egress", url, f"scheme {parts.scheme or 'none'!r} is not fetched, only http and https")
    if parts.username is not None or parts.password is not None:
        raise Refused("egress", url, "an address with a user name is not fetched")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Refused("egress", url, f"its host cannot be read: {error}") from error
    if not host or port == 0:
        raise Refused("egress", url, "it names no host")
    if loopback:
        if not is_loopback_host(f"{parts.scheme}://{parts.netloc}"):
            raise Refused("egress", url, "a platform on loopback reaches nothing but loopback")
        return
    if host in inner:
        return  # a name's addresses are judged when it is resolved; an address was, when it was declared
    address = literal_address(host)
    if address is not None:
        if not is_public(address):
            raise Refused("egress", url, f"{address} is not a public address")
    elif _is_inner_name(host):
        raise Refused("egress", url, f"{host} is a name of this machine or network")


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """
    The address a host is, when it is one in any spelling: dotted, short, decimal, octal, hexadecimal, full-width,
    percent-encoded, IPv6 with or without brackets; None for a name.
    """
    plain = unicodedata.normalize("NFKC", unquote(host)).strip("[]").rstrip(".").partition("%")[0]
    plain = plain.replace("。", ".")  # the ideographic full stop, a label separator in IDNA (UTS 46)
    try:
        return ipaddress.ip_address(plain)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(plain))
    except (OSError, UnicodeEncodeError):
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is on the public internet, seen through every way of carrying IPv4 inside IPv6."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and (address in _NAT64 or address in _V4_COMPATIBLE):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")


def _is_inner_name(host: str) -> bool:
    name = unicodedata.normalize("NFKC", unquote(host)).rstrip(".").lower()
    # RFC 6761 and 6762, and names without a dot, which only a local resolver knows.
    return "." not in name or name.endswith((".localhost", ".local", ".internal", ".localdomain", ".home.arpa"))


class EgressMiddleware:
    """Checks every request before anything else touches it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._loopback: bool | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> EgressMiddleware:
        """Made by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise `Refused` for a request that may not leave."""
        if self._loopback is None:
            platform = getattr(self._crawler.spider, "platform", None)
            self._loopback = platform is not None and platform.is_loopback
            allow_loopback(self._loopback)
        request.meta.pop("proxy", None)  # a page must not choose the way out
        check_target(request.url, loopback=self._loopback)


class _Reach:
    """Whether this process may reach loopback: one process crawls one platform, and its reactor has one resolver."""

    loopback = False


def allow_loopback(allowed: bool) -> None:
    """Tell this process's resolver whether its platform is the exercise world."""
    _Reach.loopback = allowed


def _may_connect(host: str) -> bool:
    """Whether an address, as an operating system takes it, may be connected to; a name may not."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return found.is_loopback if _Reach.loopback else is_public(found)


def gated(connect: Callable[..., Any]) -> Callable[..., Any]:  # Any: Twisted's reactor has no type of its own
    """A reactor's `connectTCP` that refuses what may not be connected to: an address as written asks no resolver."""

    def connect_outward(host: str, port: int, *args: Any, **kwargs: Any) -> Any:  # Any: as above
        if not _may_connect(str(host)):
            raise Refused("egress", f"{host}:{port}", "it may not be connected to")
        return connect(host, port, *args, **kwargs)

    return connect_outward


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names and drops every address that may not be connected to."""

    def __init__(self, reactor: Any) -> None:  # Any: Twisted's reactor has no type of its own
        self._reactor = reactor
        self._below: Any = reactor.nameResolver  # Any: zope interfaces mean nothing to a type checker

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:  # Any: Scrapy passes its process here
        """Made by Scrapy."""
        del crawler
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Take the place of the reactor's own resolver."""
        self._reactor.installNameResolver(self)
        self._reactor.connectTCP = gated(self._reactor.connectTCP)

    def resolveHostName(self, resolutionReceiver: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N802, N803 -- Twisted's names; Any as above
        """As Twisted asks for it; the receiver hears only of addresses that may be connected to."""
        return self._below.resolveHostName(_Sieve(resolutionReceiver), *args, **kwargs)


@implementer(IResolutionReceiver)
class _Sieve:
    """Passes on what may be connected to."""

    def __init__(self, receiver: Any) -> None:  # Any: a zope interface
        self._receiver = receiver

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 -- Twisted's name; Any: a zope interface
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 -- Twisted's name; Any: a zope interface
        if _may_connect(str(getattr(address, "host", ""))):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802 -- Twisted's name
        self._receiver.resolutionComplete()
