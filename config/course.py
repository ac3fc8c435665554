"""
What follows a notice once it has left: clocks, further steps, objections, the accuracy that is asked.

Only data; `reports/clocks` counts by it, `reports/objections.py` and `reports/budget/` judge by it.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from config.declaration import Declaration


class Event(Enum):
    """What can begin or end a clock."""

    LEFT = "left"  # the recipient has the notice: by its receipt, or by its first answer
    ANSWERED = "answered"  # any word of the recipient's, a receipt too
    PAUSED = "paused"  # the listing is paused while the seller is heard
    ASKED = "asked"  # the recipient asks for something
    FAILED = "failed"  # it cannot be worked on as it was sent
    DECIDED = "decided"  # acted on, partly acted on, or refused
    ACTIONED = "actioned"
    REFUSED = "refused"  # refused, or acted on only in part
    COUNTERED = "countered"  # the accused objects
    RESPONDED = "responded"  # the objection was answered by us, whatever the answer
    SUED = "sued"  # the recipient was told that an action is filed
    REINSTATED = "reinstated"
    WITHDRAWN = "withdrawn"  # taken back by us
    COMPLAINED = "complained"  # a step of the ladder was taken
    DISPUTED = "disputed"
    REMINDED = "reminded"


class Clock(Declaration):
    """
    One period that starts with an event.

    Without `days` and `months` the source names no number ("without undue delay"): `patience_days`, chosen here,
    says when a person is asked to go on.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    starts: str  # the event in words
    event: Event
    ends: tuple[Event, ...] = Field(min_length=1)  # the first of these that happens afterwards ends it
    holder: Literal["recipient", "sender", "seller", "dispute_body"]  # who must act
    days: int | None = Field(default=None, ge=1)
    days_at_most: int | None = Field(default=None, ge=1)
    months: int | None = Field(default=None, ge=1)
    patience_days: int | None = Field(default=None, ge=1)
    calendar: Literal["calendar", "business", "not_sundays"] = "calendar"
    holidays: str | None = Field(default=None, pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")  # ISO 3166; of business days
    # Places whose day may count. Ours ends where it ends first, the others' where it ends last.
    zones: tuple[str, ...] = Field(default=("UTC",), min_length=1)
    before: bool = False  # done before the last day begins, not by its end

    @field_validator("zones")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            try:
                ZoneInfo(name)  # one file; a list of all zones reads six hundred, for every clock of every profile
            except (ValueError, ZoneInfoNotFoundError, OSError) as error:
                raise ValueError(f"no such time zone: {name}; write it like Europe/Oslo") from error
        return value

    @model_validator(mode="after")
    def _can_be_counted(self) -> Clock:
        given = [n for n in (self.days, self.months, self.patience_days) if n is not None]
        if len(given) != 1:
            raise ValueError(f"clock {self.code}: exactly one of days, months and patience_days")
        if (self.calendar == "business") is not (self.holidays is not None):
            raise ValueError(f"clock {self.code}: business days need holidays, and no other days do")
        if self.months is not None and self.calendar != "calendar":
            raise ValueError(f"clock {self.code}: months are counted by the calendar")
        if self.days_at_most is not None and (self.days is None or self.days_at_most < self.days):
            raise ValueError(f"clock {self.code}: days_at_most is not below days")
        if self.event in self.ends:
            raise ValueError(f"clock {self.code}: what begins it cannot end it")
        return self


class Step(Declaration):
    """One further step that a person can take when a clock has run out, or after a refusal."""

    after: str  # code of the clock that ran out unanswered, or "refused"
    wait_days: int = Field(default=0, ge=0)  # since then
    act: Literal["remind", "complain", "dispute", "coordinator", "host", "sue", "look"]
    what: str = Field(min_length=20)  # for whoever takes it


class Objections(Declaration):
    """How the accused answers, and what may be said to that."""

    # platform: the accused answers there, and only what the platform passes on is kept. desk: letters to us too.
    through: Literal["platform", "desk"] = "platform"
    elements: tuple[str, ...] = ()  # what an objection must hold to have its effect, by our words
    answers: tuple[Literal["accept", "reject", "sue"], ...] = ("accept", "reject")


class Standard(Declaration):
    """The share of right notices below which the recipient takes its confidence back."""

    floor: float = Field(ge=0.5, lt=1)
    reversed_most: float | None = Field(default=None, gt=0, lt=1)  # share of notices overturned by objections
    window_days: int = Field(default=90, ge=1)
    per_code: bool = False  # every single claim code must hold it, beside all together
