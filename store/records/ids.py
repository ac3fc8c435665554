"""Time-ordered ids and the clock, both given as arguments wherever they are needed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC `datetime`."""

NewId = Callable[[], str]
"""Gives an id never given before."""


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """
    A UUIDv7 as text: sorts by the quarter of a microsecond it was made in, so that what one process makes one after
    the other keeps that order. Source: RFC 9562, sections 5.7 and 6.2, method 3.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (nanoseconds * 4096 // 1_000_000) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return str(UUID(int=value))


def short_id(id: str) -> str:
    """How people write an id: its last eight hex digits, random, so that they tell thousands apart."""
    return id[-8:]
