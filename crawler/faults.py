"""
Named points at which a test may end the process, to prove that nothing is lost there.

A point does nothing unless `arm` named it; only a crawl started with `--kill-at` and the proof of the outbox arm one.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "leased",  # leases are in the ledger, no request was made
    "answered",  # bytes came, nothing is kept
    "kept",  # bytes are in the vault, not flushed
    "read",  # the page was read, its commit is queued
    "flushed",  # the vault is flushed, the transaction not begun
    "written",  # every row is written, the transaction not committed
    "committed",  # the transaction is committed, nobody was told
    "yielded",  # the item was handed on
    "ending",  # nothing is left, the run's end is not written
)

DELIVERY_POINTS = (
    "claimed",  # the delivery is taken in the ledger, not a byte has left
    "sent",  # the recipient answered, nobody was told
    "told",  # what follows from the answer is known
    "filed",  # the answer is in the vault
    "entered",  # every row is written, the transaction not committed
)

_armed: dict[str, int] = {}


def arm(text: str) -> None:
    """Arm `name:count`: the process kills itself when it passes the point for the count-th time."""
    name, _, count = text.partition(":")
    if name not in POINTS + DELIVERY_POINTS:
        raise ValueError(f"no kill point {name!r}; there are {', '.join(POINTS + DELIVERY_POINTS)}")
    _armed[name] = int(count or "1")


def point(name: str) -> None:
    """Pass a point: does nothing, or ends the process at once, as `kill -9` would."""
    if not _armed:
        return
    left = _armed.get(name)
    if left is None:
        return
    _armed[name] = left - 1
    if left <= 1:
        os.kill(os.getpid(), signal.SIGKILL)
