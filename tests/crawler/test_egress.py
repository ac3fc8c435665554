"""Requests reach the public internet or, for the exercise world, loopback; nothing else in any spelling."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from crawler import egress
from crawler.egress import GuardedResolver, allow_loopback, check_target, is_public
from crawler.errors import Refused

INNER = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0x7f.1/", "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://0.0.0.0/",
    "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fe80::1]/",
    "http://[fc00::1]/", "http://[fd12:3456::1]/", "http://[ff02::1]/", "http://[::ffff:10.0.0.1]/",
    "http://10.0.0.1/", "http://10.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/",
    "http://192.168.257/", "http://169.254.169.254/latest/meta-data/", "http://2852039166/",
    "http://0xA9FEA9FE/", "http://100.64.0.1/", "http://198.18.0.1/", "http://192.0.2.1/", "http://203.0.113.7/",
    "http://224.0.0.1/", "http://255.255.255.255/", "http://240.0.0.1/", "http://localhost/",
    "http://LOCALHOST/", "http://localhost./", "http://foo.localhost/", "http://printer/", "http://router.local/",
    "http://db.internal/", "http://nas.home.arpa/", "http://127.0.0.1./", "http://①②⑦.⓪.⓪.①/",
    "http://１２７.０.０.１/", "http://127。0。0。1/", "http://[fe80::1%25eth0]/", "https://127.0.0.1:8443/x?y=z",
    "http://user@shop.example/", "http://user:pw@shop.example/", "http://shop.example@127.0.0.1/",
    "http://127.0.0.1\\@shop.example/", "ftp://shop.example/", "file:///etc/passwd", "data:text/html,x",
    "gopher://shop.example/", "javascript:alert(1)", "//shop.example/", "http:///nothing", "http://:80/",
    "http://shop.example:0/", "http://shop.example:99999/", "http://[::1", "http://0x7f.0x0.0x0.0x1/", "http://%31%32%37.0.0.1/",
    "http://loc%61lhost/",
]  # fmt: skip


@pytest.mark.parametrize("url", INNER)
def test_inner_addresses_are_refused_in_every_spelling(url: str) -> None:
    """Before a request is made, whatever carried the address here."""
    with pytest.raises(Refused) as refused:
        check_target(url, loopback=False)
    assert refused.value.code == "egress"


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/",
        "http://shop.example:8080/a",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/",
        "https://xn--bcher-kva.example/",
        "https://bücher.example/",
    ],
)
def test_public_addresses_pass(url: str) -> None:
    """Names and addresses of the public internet."""
    check_target(url, loopback=False)


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        ("http://127.0.0.1:8000/a", True),
        ("http://localhost:8000/", True),
        ("http://[::1]:8000/", True),
        ("http://127.1:8000/", False),
        ("http://2130706433/", False),
        ("https://shop.example/", False),
        ("http://10.0.0.1/", False),
        ("http://169.254.169.254/", False),
        ("http://user@127.0.0.1/", False),
    ],
)
def test_the_exercise_world_reaches_loopback_and_nothing_else(url: str, passes: bool) -> None:
    """Spelled plainly; it can neither call out nor look around in the network."""
    if passes:
        check_target(url, loopback=True)
    else:
        with pytest.raises(Refused):
            check_target(url, loopback=True)


class _Below:
    """A resolver that answers with what it is told."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    def resolveHostName(self, receiver: Any, name: str, *args: Any, **kwargs: Any) -> Any:  # noqa: N802 -- Twisted's name
        receiver.resolutionBegan(None)
        for address in self.addresses:
            receiver.addressResolved(type("Address", (), {"host": address})())
        receiver.resolutionComplete()


class _Heard:
    """Notes what a resolver says."""

    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.complete = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 -- Twisted's name
        """Says nothing."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802 -- Twisted's name
        self.hosts.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 -- Twisted's name
        self.complete = True


@pytest.mark.parametrize(
    ("loopback", "answers", "heard"),
    [
        (False, ("93.184.216.34",), ["93.184.216.34"]),
        (False, ("127.0.0.1",), []),
        (False, ("10.0.0.1", "93.184.216.34", "::1", "fe80::1%eth0"), ["93.184.216.34"]),
        (False, ("::ffff:169.254.169.254", "nonsense", ""), []),
        (True, ("127.0.0.1", "93.184.216.34"), ["127.0.0.1"]),
    ],
)
def test_resolver_drops_what_may_not_be_connected_to(
    loopback: bool, answers: tuple[str, ...], heard: list[str]
) -> None:
    """A public name that points inside, at once or after it was looked up before, gives no address."""
    reactor = type("Reactor", (), {"nameResolver": _Below(*answers)})()
    receiver = _Heard()
    allow_loopback(loopback)
    try:
        GuardedResolver(reactor).resolveHostName(receiver, "shop.example", 80)
    finally:
        allow_loopback(False)
    assert (receiver.hosts, receiver.complete) == (heard, True)


def test_every_spelling_of_an_inner_address_is_seen_through() -> None:
    """IPv4 inside IPv6, each way there is."""
    for inner in ("127.0.0.1", "10.1.2.3", "169.254.169.254"):
        number = int(ipaddress.IPv4Address(inner))
        for carrier in (0xFFFF << 32, 0, 0x0064FF9B << 96, 0x2002 << 112):
            value = (carrier | (number << 80)) if carrier == 0x2002 << 112 else (carrier | number)
            assert not is_public(ipaddress.IPv6Address(value)), (inner, hex(carrier))


def test_limits_of_literals() -> None:
    """A name that only looks like a number is a name."""
    assert egress.literal_address("1.2.3.4.5") is None
    assert egress.literal_address("shop.example") is None
    assert str(egress.literal_address("0x7f.1")) == "127.0.0.1"
