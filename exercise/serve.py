"""Serves a world on loopback: one small HTTP server for each platform, on a port of its own."""

import errno
import socket
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from exercise.drafts import PLATFORMS
from exercise.errors import PortTaken
from exercise.records import World
from exercise.site import Reply, Site

IDLE_S = 30.0  # how long a kept-alive connection may stay silent


class _Server(ThreadingHTTPServer):
    """A threaded server that knows its open connections, so that closing leaves no thread behind."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, site: Site, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.site = site
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()

    def close(self) -> None:
        """Stop accepting, hang up on everyone, wait for every thread."""
        self.shutdown()
        with self.lock:
            waiting = list(self.open)
        for connection in waiting:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side hung up first
                continue
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of the world; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # the base class wants a socket


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # answers are one write; waiting for more would cost 40 ms
    timeout = IDLE_S
    server: _Server

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.open.add(self.connection)

    def finish(self) -> None:
        with self.server.lock:
            self.server.open.discard(self.connection)
        super().finish()

    def version_string(self) -> str:
        return f"exercise-{self.server.site.platform}"

    def log_message(self, format: str, *args: object) -> None:  # the base class names it so
        """Say nothing: `request_counts` tells what was asked."""

    def do_GET(self) -> None:
        self._send(self.server.site.answer(self.path), with_body=True)

    def do_HEAD(self) -> None:
        self._send(self.server.site.answer(self.path), with_body=False)

    def _send(self, reply: Reply, *, with_body: bool) -> None:
        with self.server.lock:
            self.server.counts[reply.kind] += 1
        lines = [
            f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
            f"Server: {self.version_string()}",
            f"Date: {self.date_time_string()}",
            f"Content-Type: {reply.content_type}",
            f"Content-Length: {len(reply.body)}",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
        ]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head + reply.body if with_body else head)


class ServedWorld:
    """A running world; close it, or use it in a `with` block."""

    def __init__(self, world: World, ports: Mapping[str, int]) -> None:
        self.world = world
        self._servers: dict[str, _Server] = {}
        self._threads: list[threading.Thread] = []
        try:
            for platform in PLATFORMS:
                server = _open(Site(world, platform), ports.get(platform, 0))
                self._servers[platform] = server
                server.site.base = f"http://127.0.0.1:{server.server_address[1]}"
                thread = threading.Thread(
                    target=server.serve_forever, args=(0.05,), name=f"exercise-{platform}", daemon=True
                )
                thread.start()
                self._threads.append(thread)
        except BaseException:
            self.close()
            raise

    @property
    def sites(self) -> dict[str, str]:
        """Base address of each platform, without a closing slash."""
        return {platform: server.site.base for platform, server in self._servers.items()}

    @property
    def request_counts(self) -> dict[str, Counter[str]]:
        """How often each platform was asked, by kind of answer: robots, results, listing, photo and so on."""
        counts: dict[str, Counter[str]] = {}
        for platform, server in self._servers.items():
            with server.lock:
                counts[platform] = Counter(server.counts)
        return counts

    def close(self) -> None:
        """Stop every server and wait for its threads; a second call does nothing."""
        for server, thread in zip(self._servers.values(), self._threads, strict=False):
            if thread.is_alive():
                server.close()
                thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def serve(world: World, ports: Mapping[str, int] | None = None) -> ServedWorld:
    """
    Open every platform of the world on 127.0.0.1, each on the port named for it, else on a free one.

    Raises `PortTaken` where another process listens on a named port.
    """
    return ServedWorld(world, ports or {})


def _open(site: Site, port: int) -> _Server:
    try:
        return _Server(site, port)
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise PortTaken(site.platform, port) from fault
        raise
