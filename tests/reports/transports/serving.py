"""A server that answers one connection as a test tells it to, also as no server should."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ssl import SSLContext
from threading import Event, Thread


@contextmanager
def serving(answer: Callable[[socket.socket, Event], None], *, tls: SSLContext | None = None) -> Iterator[str]:
    """A server that answers one connection, on loopback; it is told when the test is over."""
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            raw, _ = server.accept()
            with suppress(OSError), tls.wrap_socket(raw, server_side=True) if tls else raw as peer:
                peer.recv(65536)
                answer(peer, over)  # the other side may go away meanwhile

        thread = Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            over.set()
            thread.join(30)
