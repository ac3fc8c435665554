"""A listing's price and presence over time, as points of a small drawing that the server makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.records.listings import ListingState, Observation
from store.records.money import Money

WIDTH, HEIGHT, PAD = 600, 90, 8  # of the drawing, in its own units
THERE = frozenset({ListingState.LIVE, ListingState.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One look: where it stands in the drawing."""

    x: float
    y: float | None  # None: no price, or one in another currency
    state: str
    is_there: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Looks from left to right; `low` and `high` are the ends of the price scale."""

    marks: tuple[Mark, ...]
    low: Money | None
    high: Money | None

    @property
    def line(self) -> str:
        """The points of the price line, as SVG writes them."""
        return " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in self.marks if mark.y is not None)


def timeline_of(looks: Sequence[Observation]) -> Timeline | None:
    """The drawing of looks given newest first; None with fewer than two, which show no change."""
    if len(looks) < 2:
        return None
    ordered = list(reversed(looks))
    prices = [look.fields.price.value if look.fields.price else None for look in ordered]
    latest = next((price for price in reversed(prices) if price is not None), None)
    # Amounts in different currencies are never drawn on one scale: the latest one's counts.
    told = [p for p in prices if p is not None and latest is not None and p.currency == latest.currency]
    low, high = (min(told, key=lambda p: p.amount), max(told, key=lambda p: p.amount)) if told else (None, None)
    first, last = ordered[0].observed_at, ordered[-1].observed_at
    length = (last - first).total_seconds() or 1.0

    def mark(look: Observation, price: Money | None) -> Mark:
        y = None
        if price is not None and low is not None and high is not None and price.currency == low.currency:
            spread = float(high.amount - low.amount) or 1.0
            y = HEIGHT - PAD - float(price.amount - low.amount) / spread * (HEIGHT - 4 * PAD)
        x = PAD + (look.observed_at - first).total_seconds() / length * (WIDTH - 2 * PAD)
        return Mark(x=x, y=y, state=look.state.value, is_there=look.state in THERE, at=look.observed_at)

    marks = tuple(mark(look, price) for look, price in zip(ordered, prices, strict=True))
    return Timeline(marks=marks, low=low, high=high)
