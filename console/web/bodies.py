"""What a request brings, received within bounds and kept off the heap: a small form in memory, an upload on disk."""

from __future__ import annotations

from collections.abc import Collection
from tempfile import SpooledTemporaryFile

import anyio
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from console.web.desk import read_number

FORM_S = 30  # a form is sent at once; a trickle is an attack
SLOWEST_BYTES_S = 64 << 10  # half a megabit a second: the slowest line an upload is waited for
IN_MEMORY_BYTES = 1 << 20  # every form of ours, and no photo worth handing in
_PART_BYTES = 256 << 10


class Body:
    """A whole body that can be read again."""

    def __init__(self, kept: SpooledTemporaryFile[bytes], size: int) -> None:
        self._kept = kept
        self.size = size

    @property
    def is_upload(self) -> bool:
        """Whether it is more than a form."""
        return self.size > IN_MEMORY_BYTES

    def replay(self) -> Receive:
        """The body from its first byte, in parts, as a server hands it on."""
        at = 0
        is_over = False

        async def receive() -> Message:
            nonlocal at, is_over
            if is_over:
                return {"type": "http.disconnect"}
            self._kept.seek(at)
            part = self._kept.read(_PART_BYTES)
            at += len(part)
            is_over = at >= self.size
            return {"type": "http.request", "body": part, "more_body": not is_over}

        return receive

    def holds(self, marks: Collection[bytes]) -> bool:
        """Whether one of these short byte strings stands anywhere in it."""
        overlap = max(map(len, marks)) - 1
        tail = b""
        self._kept.seek(0)
        while part := self._kept.read(_PART_BYTES):
            seen = tail + part
            if any(mark in seen for mark in marks):
                return True
            tail = seen[-overlap:]
        return False

    def close(self) -> None:
        """Let go of it."""
        self._kept.close()


async def receive_body(receive: Receive, headers: Headers, most: int) -> Body | None:
    """
    The whole body; None when it is longer than `most` bytes, or comes too slowly.

    What announces that it is too long is refused before a byte of it is read, and the rest is never read.
    """
    length = read_number(headers.get("content-length", "0"))
    if length is None or length > most:
        return None
    kept: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 -- outlives this
    size = 0
    with anyio.move_on_after(FORM_S) as timer:
        while True:
            message = await receive()
            if message["type"] != "http.request":
                break
            part = message.get("body", b"")
            size += len(part)
            if size > most:
                break
            kept.write(part)
            timer.deadline += len(part) / SLOWEST_BYTES_S
            if not message.get("more_body", False):
                return Body(kept, size)
    kept.close()
    return None
