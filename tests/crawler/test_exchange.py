"""An exchange ends: whatever the other side sends, however slowly, and wherever it points to."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from pathlib import Path
from ssl import TLSVersion
from threading import Event
from typing import Any

import pytest

from crawler.errors import NoAnswer, NoConnection, Refused
from crawler.exchange import exchange
from tests.crawler.tls_hosts import make_host
from tests.reports.transports.serving import serving

HEAD = b"HTTP/1.1 200 OK\r\n"


def ask(address: str, *, whole_s: float = 30.0, most_bytes: int = 100) -> bytes:
    reply = exchange("GET", address, headers={}, loopback=True, read_s=20.0, most_bytes=most_bytes, whole_s=whole_s)
    return reply.body


def trickle(first: bytes) -> Callable[[socket.socket, Event], None]:
    def answer(peer: socket.socket, over: Event) -> None:
        peer.sendall(first)
        while not over.wait(0.05):
            peer.sendall(b"x")

    return answer


@pytest.mark.parametrize("first", [b"", HEAD + b"X-Long: ", HEAD + b"Content-Length: 100000\r\n\r\n"])
def test_a_trickle_is_cut_though_each_read_gets_its_byte(first: bytes) -> None:
    with serving(trickle(first)) as address, pytest.raises(NoAnswer, match="as a whole"):
        ask(address, whole_s=0.5, most_bytes=100_000)


def test_a_trickle_under_tls_is_cut_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = make_host(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(host.trust))
    drip = trickle(HEAD + b"Content-Length: 100000\r\n\r\n")
    with (
        serving(drip, tls=host.serving(TLSVersion.TLSv1_3)) as address,
        pytest.raises(NoAnswer, match="as a whole"),
    ):
        ask(address, whole_s=2.0, most_bytes=100_000)
    with serving(lambda peer, _: peer.sendall(HEAD + b"Content-Length: 2\r\n\r\nok"),
                 tls=host.serving(TLSVersion.TLSv1_3)) as address:  # fmt: skip
        assert ask(address) == b"ok"


def test_a_handshake_that_never_ends_is_cut() -> None:
    with (
        serving(lambda peer, over: bool(over.wait(30)) and None) as address,
        pytest.raises(NoConnection, match="as a whole"),
    ):
        ask(address.replace("http:", "https:"), whole_s=0.5)


def test_of_a_body_only_the_first_bytes_are_read() -> None:
    with serving(lambda peer, _: peer.sendall(HEAD + b"Content-Length: 5000\r\n\r\n" + b"y" * 5000)) as address:
        assert ask(address) == b"y" * 100


def test_nothing_is_unpacked_and_no_redirect_followed() -> None:
    packed = gzip.compress(bytes(1_000_000))[:90]
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with serving(lambda peer, _: peer.sendall(head + packed)) as address:
        assert ask(address) == packed
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
    with serving(lambda peer, _: peer.sendall(moved)) as address:
        assert exchange("GET", address, headers={}, loopback=True, read_s=20.0, most_bytes=9).status == 302


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NoConnection):
        ask(f"http://127.0.0.1:{port}/")


def test_an_answer_that_breaks_off_is_none() -> None:
    with (
        serving(lambda peer, _: peer.sendall(HEAD + b"Content-Length: 50\r\n\r\nhalf")) as address,
        pytest.raises(NoAnswer, match="46 bytes before its end"),
    ):
        ask(address)


@pytest.mark.parametrize("found", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "fd00::1", "::ffff:10.0.0.1"])
def test_a_name_that_leads_inside_is_not_connected_to(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str, port: int, **_more: object) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in ("93.184.216.34", found)]

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    with pytest.raises(Refused, match="may not be connected to"):
        ask("https://platform.example.com/batches")


@pytest.mark.parametrize(
    ("host", "found", "fault"),
    [
        ("desk.office.internal", "10.1.2.3", NoConnection),  # allowed: it gets as far as connecting
        ("intranet", "fd00::7", NoConnection),
        ("10.1.2.3", "10.1.2.3", NoConnection),
        ("intranet", "169.254.169.254", Refused),  # never, whoever named it
        ("intranet", "127.0.0.1", Refused),
        ("desk.office.internal", "10.1.2.4", NoConnection),
        ("other.office.internal", "10.1.2.3", Refused),
        ("10.1.2.4", "10.1.2.4", Refused),
        ("xdesk.office.internal", "10.1.2.3", Refused),
    ],
)
def test_a_host_of_our_own_network_is_reached_only_where_the_policy_names_it(
    host: str, found: str, fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address[0])
        raise OSError("nobody there")

    monkeypatch.setattr("socket.getaddrinfo", lambda host, port, **_: [(0, 0, 0, "", (found, port))])
    monkeypatch.setattr("socket.create_connection", connect)
    named = ("desk.office.internal", "intranet", "10.1.2.3")
    with pytest.raises(fault):
        exchange("GET", f"https://{host}/", headers={}, loopback=False, read_s=1.0, most_bytes=9, inner=named)
    assert connected == ([found] if fault is NoConnection else [])
    with pytest.raises(Refused):
        exchange("GET", f"https://{host}/", headers={}, loopback=False, read_s=1.0, most_bytes=9)


def test_what_was_checked_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def resolve(host: str, port: int, **_more: object) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", ("127.0.0.1", port))]

    with serving(lambda peer, _: peer.sendall(HEAD + b"Content-Length: 2\r\n\r\nok")) as address:
        port = address.rstrip("/").rpartition(":")[2]
        real = socket.getaddrinfo
        monkeypatch.setattr(
            "socket.getaddrinfo",
            lambda host, *a, **k: real(host, *a, **k) if host == "127.0.0.1" else resolve(host, *a, **k),
        )
        assert ask(f"http://localhost:{port}/") == b"ok"
    assert asked == ["localhost"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://10.0.0.1/", "https://intranet/", "ftp://x.example/"])
def test_where_nothing_may_be_sent_nothing_is(url: str) -> None:
    with pytest.raises(Refused):
        exchange("GET", url, headers={}, loopback=False, read_s=1.0, most_bytes=9)


def test_a_header_that_cannot_be_written_leaves_nothing_behind() -> None:
    with (
        serving(lambda peer, _: None) as address,
        pytest.raises(NoConnection),
    ):
        exchange("GET", address, headers={"X": "a\r\nb: c"}, loopback=True, read_s=9.0, most_bytes=9)
