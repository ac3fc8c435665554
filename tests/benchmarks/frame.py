"""What every benchmark gives: rows with a value, its interval, a baseline of the same run, and an aim."""

from __future__ import annotations

import math
import operator
import os
import platform
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

_AIMS: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le, "==": operator.eq}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. `aim` reads like ">= 0.9"; a row without an aim cannot be made."""

    case: str
    measure: str
    value: float
    aim: str
    interval: tuple[float, float] | None = None  # 95 %
    baseline: dict[str, float] = field(default_factory=dict)  # peers, measured in the same run

    @property
    def met(self) -> bool:
        """Whether the value reaches the aim."""
        match = re.fullmatch(r"(>=|<=|==) (-?[0-9.]+)", self.aim)
        if match is None:
            raise ValueError(f"aim {self.aim!r} does not read like '>= 0.9'")
        return _AIMS[match[1]](self.value, float(match[2]))

    def as_json(self) -> dict[str, Any]:
        """The row as JSON values, with `met`."""
        return {**asdict(self), "met": self.met}


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """Rows of one benchmark with what was lost on the way: every cut is said."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927, with z = 1.96; (0, 1) when nothing was counted."""
    if n == 0:
        return (0.0, 1.0)
    z = 1.96
    share = hits / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return (round(max(0.0, (centre - spread) / scale), 5), round(min(1.0, (centre + spread) / scale), 5))


def median(values: list[float]) -> float:
    """The middle value; the mean of the two middle ones for an even count."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def machine() -> dict[str, str]:
    """What it ran on."""
    return {
        "python": platform.python_version(),
        "processor": platform.machine(),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
    }
