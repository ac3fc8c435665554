"""A share of a few, with how far it may lie from the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.96  # the 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its 95 % interval (Wilson 1927), and what it is a share of."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None while nothing was counted."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies, 95 of 100 times; (0, 1) while nothing was counted."""
        if not self.of:
            return (0.0, 1.0)
        share, n = self.hits / self.of, self.of
        centre = share + Z * Z / (2 * n)
        spread = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        scale = 1 + Z * Z / n
        return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
