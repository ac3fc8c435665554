"""
One HTTP exchange with a recipient, bounded in every way: bytes, redirects, each wait, and the whole of its time.

A recipient that sends a byte a minute keeps within any time-out of a read; so the connection is cut from outside
when the whole takes too long, in the handshake as in the body.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ReadTimeoutError

CONNECT_S = 10.0
WHOLE_S = 300.0  # chosen: 25 MB at 1 Mbit/s, and a recipient that thinks a minute before it answers


@dataclass(slots=True)
class _Cut:
    """The sockets of one exchange, to be shut from another thread."""

    sockets: list[socket.socket] = field(default_factory=list)
    is_done: bool = False

    def watch(self, each: socket.socket) -> None:
        self.sockets.append(each.dup())  # TLS takes the socket over and leaves an empty one; a double goes on
        if self.is_done:
            self.shut()

    def shut(self) -> None:
        self.is_done = True
        for each in self.sockets:
            with suppress(OSError):  # it has ended by itself
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for each in self.sockets:
            each.close()


_CURRENT: ContextVar[_Cut] = ContextVar("exchange")


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        _CURRENT.get().watch(made)
        return made


class _Tls(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        _CURRENT.get().watch(made)
        return made


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came: status, headers, and the body's first bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(
    method: str,
    address: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    read_s: float,
    most_bytes: int,
    whole_s: float = WHOLE_S,
) -> Reply:
    """
    Ask once, on a connection of its own; at most `most_bytes` of the body are read, as sent, and the rest is left.

    No redirect is followed and nothing is unpacked. Raises `HTTPError` or `OSError`; of connecting apart, `HTTPError`
    says whether anything was sent.
    """
    timeout = urllib3.Timeout(connect=CONNECT_S, read=read_s)
    with _within(whole_s) as cut, urllib3.PoolManager(num_pools=1, retries=False) as manager:
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
        try:
            answer = manager.request(
                method,
                address,
                headers={**headers, "Connection": "close", "Accept-Encoding": "identity"},
                body=body,
                timeout=timeout,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                raw = answer.read(most_bytes, decode_content=False)
            finally:
                answer.close()
        except (HTTPError, OSError, ValueError) as error:
            if cut.is_done:
                raise _late(address, whole_s) from error
            raise
        if cut.is_done:
            raise _late(address, whole_s)
        return Reply(status=answer.status, headers=answer.headers, body=raw)


def _late(address: str, whole_s: float) -> ReadTimeoutError:
    pool: Any = None  # only named in the words of the error, and there is none any more
    return ReadTimeoutError(pool, address, f"it took longer than {whole_s:g} s as a whole")


@contextmanager
def _within(seconds: float) -> Iterator[_Cut]:
    cut = _Cut()
    token = _CURRENT.set(cut)
    timer = Timer(seconds, cut.shut)
    timer.daemon = True
    timer.start()
    try:
        yield cut
    finally:
        timer.cancel()
        timer.join()  # it may be shutting them just now
        cut.close()
        _CURRENT.reset(token)
