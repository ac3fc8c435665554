"""Two people let items leave for one day although the record of accuracy is used up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRelease:
    """Asked for by one person, in force on the day on which another agreed."""

    id: str
    platform: str
    account: str  # who sends there: the agent's name, or the holder's id
    because: str
    by: str
    at: datetime
    second_by: str | None = None  # None: nobody yet
    seconded_at: datetime | None = None
