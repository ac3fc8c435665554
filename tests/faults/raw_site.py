"""
Hosts on loopback that answer with whatever bytes they are told, at whatever pace: what no web server would send.

Every address of 127.0.0.0/8 is a host of its own, so that one site plays hundreds. Callers from elsewhere are hung
up on.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable

Say = Callable[[str, str], Iterable[bytes | float]]
"""What a host (its address) says to a path: pieces of bytes, and seconds to wait between them."""

NOT_FOUND = b"HTTP/1.1 404 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class RawSite:
    """One port on every loopback address."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.asked: list[tuple[float, str, str]] = []  # when the connection came, host, path
        self._server = socket.create_server(("", 0), backlog=512)
        self.port: int = self._server.getsockname()[1]
        self._closed = False
        threading.Thread(target=self._serve, daemon=True).start()

    def home(self, number: int) -> str:
        """The address of the host of that number."""
        return f"http://127.{10 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}:{self.port}"

    def close(self) -> None:
        """Answer nobody any more."""
        self._closed = True
        self._server.close()

    def __enter__(self) -> RawSite:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._closed:
            try:
                caller, peer = self._server.accept()
            except OSError:
                return
            if not peer[0].startswith("127."):
                caller.close()
                continue
            came = time.monotonic()
            threading.Thread(target=self._answer, args=(caller, came), daemon=True).start()

    def _answer(self, caller: socket.socket, came: float) -> None:
        with caller:
            try:
                caller.settimeout(60)
                head = b""
                while b"\r\n\r\n" not in head and len(head) < 65_536:
                    more = caller.recv(4096)
                    if not more:
                        return
                    head += more
                path = head.split(b" ", 2)[1].decode("latin-1")
                host = caller.getsockname()[0]
                self.asked.append((came, host, path))
                for piece in self._say(host, path):
                    if isinstance(piece, float):
                        time.sleep(piece)
                    else:
                        caller.sendall(piece)
            except OSError:
                return


def page(body: bytes, *headers: str) -> bytes:
    """A whole answer."""
    lines = [
        "HTTP/1.1 200 OK",
        "Content-Type: text/html",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
