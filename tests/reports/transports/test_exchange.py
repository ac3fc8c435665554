"""An exchange ends: whatever the other side sends, however slowly, and wherever it points to."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from pathlib import Path
from ssl import TLSVersion
from threading import Event

import pytest
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from reports.transports.exchange import exchange
from tests.crawler.tls_hosts import make_host
from tests.reports.transports.serving import serving

HEAD = b"HTTP/1.1 200 OK\r\n"


def ask(address: str, *, whole_s: float = 30.0, most_bytes: int = 100) -> bytes:
    return exchange("GET", address, headers={}, read_s=20.0, most_bytes=most_bytes, whole_s=whole_s).body


def trickle(first: bytes) -> Callable[[socket.socket, Event], None]:
    def answer(peer: socket.socket, over: Event) -> None:
        peer.sendall(first)
        while not over.wait(0.05):
            peer.sendall(b"x")

    return answer


@pytest.mark.parametrize("first", [b"", HEAD + b"X-Long: ", HEAD + b"Content-Length: 100000\r\n\r\n"])
def test_a_trickle_is_cut_though_each_read_gets_its_byte(first: bytes) -> None:
    with serving(trickle(first)) as address, pytest.raises(ReadTimeoutError, match="as a whole"):
        ask(address, whole_s=0.5, most_bytes=100_000)


def test_a_trickle_under_tls_is_cut_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = make_host(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(host.trust))
    drip = trickle(HEAD + b"Content-Length: 100000\r\n\r\n")
    with (
        serving(drip, tls=host.serving(TLSVersion.TLSv1_3)) as address,
        pytest.raises(ReadTimeoutError, match="as a whole"),
    ):
        ask(address, whole_s=2.0, most_bytes=100_000)
    with serving(lambda peer, _: peer.sendall(HEAD + b"Content-Length: 2\r\n\r\nok"),
                 tls=host.serving(TLSVersion.TLSv1_3)) as address:  # fmt: skip
        assert ask(address) == b"ok"


def test_a_handshake_that_never_ends_is_cut() -> None:
    with serving(lambda peer, over: bool(over.wait(30)) and None) as address, pytest.raises(HTTPError):
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
        assert exchange("GET", address, headers={}, read_s=20.0, most_bytes=9).status == 302


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NewConnectionError):
        ask(f"http://127.0.0.1:{port}/")
