"""A receiver of webhooks on loopback that answers as it is told to, also as no server should."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from time import sleep

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Takes one connection after the other. `answer` None: keeps the line open and says nothing."""

    port: int
    answer: bytes | None = TAKEN
    drips: bool = False  # a further byte every moment, and no end
    had: list[Request] = field(default_factory=list)
    kept: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/marque?of=us"

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            self.had.append(_read(line))
            if self.answer is None:
                self.kept.append(line)
                continue
            with suppress(OSError):
                line.sendall(self.answer)
                while self.drips:
                    line.sendall(b"x")
                    sleep(0.01)
            line.close()


def _read(line: socket.socket) -> Request:
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
    while len(body) < int(headers["content-length"]):
        body += line.recv(65536)
    return Request(first.split()[1], headers, body)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Receiver(listening.getsockname()[1])
        thread = Thread(target=made.serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for line in made.kept:
                line.close()
