"""Uploads that take longer than a request: taken in part by part, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class UploadState(Enum):
    """Where an upload stands."""

    WAITING = "waiting"  # for the worker, or between two parts
    DONE = "done"
    REFUSED = "refused"  # as a whole; `because` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A value that cannot stand, as the holder reads it."""

    row: str  # number, or the name of the picture
    column: str
    value: str
    problem: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One sheet or heap of pictures that a holder handed in; its files lie in the workspace until it has ended."""

    id: str
    holder: str  # Party id
    by: str
    kind: str  # of the sheet
    is_trial: bool
    rows: int
    done: int = 0  # rows dealt with, in the order of the sheet
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: tuple[Mended, ...] = ()  # the first of them
    stopped: int = 0  # pictures and marks that the gate stops
    stops: tuple[Mended, ...] = ()  # the first of them
    state: UploadState = UploadState.WAITING
    because: str | None = None
    at: datetime
    ended_at: datetime | None = None
