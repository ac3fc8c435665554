"""
What a simulated platform has entered, what it will say of each item, and what the next request meets.

The course of an item is drawn when it is entered; `advance` lets every item take its next step. Nothing here knows a
network or a format.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

FAULTS = (
    "busy",  # 429 with Retry-After, nothing entered
    "error_before",  # 500, nothing entered
    "error_after",  # entered, then 500
    "drop_before",  # hung up without an answer, nothing entered
    "drop_after",  # entered, then hung up
    "stall_after",  # entered, then silent for longer than anybody waits
    "garbage_after",  # entered, then 200 with a page of a proxy
    "late",  # hung up; entered a while later, from its own queue
    "cut",  # entered, then half an answer
)

Repeats = Literal["same_key", "look_up", "neither"]

COURSES: dict[str, tuple[str, ...]] = {
    "removed": ("received", "under_review", "removed"),
    "kept": ("received", "kept"),
    "failed": ("not_found",),  # of a batch that was taken in part, an item that was not
    "asked": ("more_needed", "removed"),
    "objected": ("received", "removed", "counter_notice", "reinstated"),
    "strange": ("received", "routed to tier 2"),  # a word that nobody has mapped
    "silent": (),
}
"""What a platform says of an item, step by step, in the words of our answer sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """How an item is called: by the id it was handed in with, and what else stood beside it."""

    id: str
    label: str = ""
    code: str = ""  # of the answer sheet; empty where the desk was sent none


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One word on one item."""

    word: str
    at: datetime
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Docket:
    """One item at the platform."""

    name: Name
    course: tuple[str, ...]
    said: list[Step] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Entered:
    """What is entered under one key."""

    receipt: str
    times: int  # more than once: a notice was received twice
    body_sha256: str
    dockets: tuple[Docket, ...]

    @property
    def items(self) -> int:
        """How many items it holds."""
        return len(self.dockets)


class Recipient:
    """The platform's own ledger, and what the next request meets."""

    def __init__(
        self,
        *,
        repeats: Repeats = "same_key",
        faults: float = 0.0,
        seed: int = 1,
        stall_s: float = 2.0,
        late_s: float = 0.3,
        busy_s: int = 1,
        token: str | None = None,
        courses: Sequence[str] = ("removed",),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.repeats, self.share, self.token = repeats, faults, token
        self.stall_s, self.late_s, self.busy_s = stall_s, late_s, busy_s
        self.courses, self.clock = tuple(courses), clock
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.entered: dict[str, Entered] = {}
        self.met: dict[str, int] = {}
        self.asked = self.drawn = 0

    def fault(self) -> str | None:
        """What the next request meets; None: nothing."""
        with self.lock:
            self.asked += 1
            drawn = self.chance.random()
            found = FAULTS[int(drawn / self.share)] if self.share and drawn < self.share * len(FAULTS) else None
            self.met[found or "none"] = self.met.get(found or "none", 0) + 1
        return found

    def enter(self, key: str, body: bytes, names: Sequence[Name]) -> Entered:
        """Enter a batch, as often as it comes unless keys are honoured."""
        with self.lock:
            known = self.entered.get(key)
            if known is None:
                known = Entered(
                    receipt=f"R-{len(self.entered) + 1:06d}",
                    times=1,
                    body_sha256=hashlib.sha256(body).hexdigest(),
                    dockets=tuple(Docket(name=name, course=self._course()) for name in names),
                )
                self.entered[key] = known
            elif self.repeats != "same_key":
                known.times += 1
            return known

    def _course(self) -> tuple[str, ...]:
        self.drawn += 1
        return COURSES[self.courses[(self.drawn - 1) % len(self.courses)]]

    def advance(self) -> int:
        """Let every item take its next step; gives how many had one."""
        now, moved = self.clock(), 0
        with self.lock:
            for entered in self.entered.values():
                for docket in entered.dockets:
                    if len(docket.said) < len(docket.course):
                        word = docket.course[len(docket.said)]
                        reason = "other: the desk says no more" if word in ("kept", "not_found") else ""
                        docket.said.append(Step(word=word, at=now, reason=reason))
                        moved += 1
        return moved

    def under(self, key: str) -> Entered | None:
        """What is entered under a key."""
        with self.lock:
            return self.entered.get(key)

    def of_receipt(self, receipt: str) -> Entered | None:
        """What is entered with a receipt."""
        with self.lock:
            return next((each for each in self.entered.values() if each.receipt == receipt), None)

    def ledger(self) -> dict[str, Any]:  # Any: JSON values
        """Everything that is entered, by key, and how requests went."""
        with self.lock:
            rows = {
                key: {"receipt": e.receipt, "times": e.times, "sha256": e.body_sha256, "items": e.items}
                for key, e in self.entered.items()
            }
            return {"entered": rows, "asked": self.asked, "met": dict(self.met)}
