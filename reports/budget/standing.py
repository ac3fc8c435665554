"""
Whether notices may still leave for a platform, by how it took those before: free, a few a day, or stopped. Pure.

- The figure is the lower end of the 95 % interval of upheld / (upheld + refused + reversed), within the recipient's
  window. From 50 judged items on, sending stops when it falls under the recipient's floor: the share itself is above
  the floor then, and stays so.
- Until then at most 25 items a day leave, and two people stand behind each. A floor of 99 % cannot be reached by that
  bound with fewer than 381 items, all of them right; until a spotless record could reach it, the first rule's place
  is taken by this one, and sending stops only where even the upper end lies under the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import ceil

from config.course import Standard
from reports.budget.marks import Tally, Z, wilson

LEAST_JUDGED = 50  # quoted: the bar of own error budgets; fewer say too little
ITEMS_A_DAY = 25  # quoted: the same bar
FLOOR = 0.90  # Alibaba's, the lowest that a platform publishes; held to where a recipient publishes none
HEADROOM_SHOWN = 1000  # a record that bears more is in no danger
OWN_STANDARD = Standard(floor=FLOOR)


class Budget(Enum):
    """What may leave."""

    FREE = "free"
    FEW = "few"  # 25 items a day, two people behind each
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where one record of accuracy stands."""

    budget: Budget
    code: str  # BUDGET-1: headroom used up; BUDGET-2: too few judged; empty: free
    tally: Tally
    floor: float
    needed: int  # judged items from which the lower bound counts
    headroom: int  # further wrong ones, with nothing else, until sending stops; 0: none
    because: str  # in words
    way: str  # the way out, in words; empty: none is needed


def judge(tally: Tally, standard: Standard | None) -> Stand:
    """Where a record stands under a recipient's standard; None: it publishes none, and our own holds."""
    asked = standard or OWN_STANDARD
    needed = max(LEAST_JUDGED, ceil(Z * Z * asked.floor / (1 - asked.floor)))
    low, high = tally.interval
    said = f"{tally.upheld} of {tally.judged} judged items were upheld (95 % interval {low:.1%} to {high:.1%})"
    if _is_spent(tally, asked, needed):
        return Stand(
            budget=Budget.STOPPED,
            code="BUDGET-1",
            tally=tally,
            floor=asked.floor,
            needed=needed,
            headroom=0,
            because=f"{said}: the floor of {asked.floor:.0%} would be lost",
            way=(
                "find why items were refused or reversed and withdraw what is wrong; answers that uphold what is on"
                " its way raise the bound; two people may release 25 items for a day: `marque budget release`"
            ),
        )
    headroom = _headroom(tally, asked, needed)
    if tally.judged < needed:
        return Stand(
            budget=Budget.FEW,
            code="BUDGET-2",
            tally=tally,
            floor=asked.floor,
            needed=needed,
            headroom=headroom,
            because=f"{said}; from {needed} on the record is long enough to send freely",
            way=f"at most {ITEMS_A_DAY} items a day leave, each approved by somebody who did not prepare it",
        )
    return Stand(
        budget=Budget.FREE, code="", tally=tally, floor=asked.floor, needed=needed, headroom=headroom,
        because=said, way="",
    )  # fmt: skip


def _is_spent(tally: Tally, standard: Standard, needed: int) -> bool:
    low, high = wilson(tally.upheld, tally.judged)
    if tally.judged < needed:
        return high < standard.floor
    most = standard.reversed_most
    # One reversal more must not be the one too many.
    overturned = most is not None and (tally.reversed + 1) / (tally.judged + 1) > most
    return low < standard.floor or overturned


def _headroom(tally: Tally, standard: Standard, needed: int) -> int:
    """How many further refusals in a row the record bears."""
    count = 0
    while count < HEADROOM_SHOWN:
        worse = Tally(upheld=tally.upheld, refused=tally.refused + count + 1, reversed=tally.reversed)
        if _is_spent(worse, standard, needed):
            return count
        count += 1
    return count
