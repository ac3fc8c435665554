"""
What became of each listing that a notice asked to have removed: how long until an answer, a removal, a return.

Pure: rows in, figures out. Every figure is made of rows that carry their ids, so that it can be opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from console.analytics.survival import Spell, Step, Within, ended_within, median_days, survival

DAY_S = 86_400.0
WITHIN_DAYS = 7.0  # chosen: a working week; what stands longer has sold


class Question(Enum):
    """What is asked of the rows."""

    REMOVAL = "removal"  # from the notice to the first look that saw the listing gone
    ANSWERS = "answers"  # from the notice to the platform's decision
    RETURNS = "returns"  # from the removal to the same offer, or another of the same account and right


class Group(Enum):
    """By what the league table tells them apart."""

    PLATFORM = "platform"
    RIGHT = "right"
    SELLER = "seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One listing in one notice that left the house, with what was seen of it afterwards."""

    item: str  # NoticeItem id
    notice: int  # its number
    listing: str
    finding: str
    title: str
    platform: str
    right: str
    right_ref: str
    seller: str | None  # Seller id; None: the listing names none
    asked_at: datetime  # the platform's receipt; without one, when the batch was sealed
    answered_at: datetime | None = None  # the platform's first decision on it
    answer: str | None = None  # its latest word, in ours
    gone_at: datetime | None = None  # the first look that saw it gone: it went some time before
    looked_at: datetime | None = None  # the last look at it since it was asked
    back_at: datetime | None = None
    back_as: str | None = None  # same: the same offer; another: of the same account and right
    followed_to: datetime | None = None  # the last look at the platform since the listing was gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One ask as one question sees it."""

    ask: Ask
    spell: Spell


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One group's figures; the whole has the empty key."""

    key: str
    label: str
    asked: int
    ended: int
    open: int  # not ended when last looked at
    median: float | None  # days; None: not seen yet
    within: Within | None  # the share that ended within a week; None: nobody was followed for as long
    steps: tuple[Step, ...]


def cases_of(question: Question, asks: Iterable[Ask], now: datetime) -> list[Case]:
    """The asks that the question is about, each with its spell."""
    make: dict[Question, Callable[[Ask], Spell | None]] = {
        Question.ANSWERS: lambda ask: _spell(ask.asked_at, ask.answered_at, now),
        Question.REMOVAL: lambda ask: _spell(ask.asked_at, ask.gone_at, ask.looked_at),
        Question.RETURNS: lambda ask: _spell(ask.gone_at, ask.back_at, ask.followed_to) if ask.gone_at else None,
    }
    found = []
    for ask in asks:
        spell = make[question](ask)
        if spell is not None:
            found.append(Case(ask=ask, spell=spell))
    return found


def line_of(cases: Sequence[Case], key: str = "", label: str = "") -> Line:
    """The figures of these cases together."""
    steps = survival(case.spell for case in cases)
    ended = sum(1 for case in cases if case.spell.ended)
    return Line(
        key=key,
        label=label,
        asked=len(cases),
        ended=ended,
        open=len(cases) - ended,
        median=median_days(steps),
        within=ended_within(steps, WITHIN_DAYS),
        steps=steps,
    )


def league(cases: Iterable[Case], by: Group) -> list[Line]:
    """
    The figures of each group, the one that is surely quickest first: by the lower end of its interval.

    A group of three that all ended at once does not stand above one of three hundred; one that nobody can judge yet
    stands last.
    """
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        groups.setdefault(_key(case.ask, by), []).append(case)
    lines = [line_of(members, key, label) for (key, label), members in groups.items()]
    return sorted(lines, key=lambda line: (-(line.within.low if line.within else -1.0), -line.asked, line.label))


def _key(ask: Ask, by: Group) -> tuple[str, str]:
    match by:
        case Group.PLATFORM:
            return ask.platform, ask.platform
        case Group.RIGHT:
            return ask.right, ask.right_ref
        case Group.SELLER:
            return ask.seller or "", ask.seller or ""


def _spell(since: datetime | None, ended_at: datetime | None, seen_at: datetime | None) -> Spell:
    assert since is not None
    until = ended_at or seen_at or since
    return Spell(days=max(0.0, (until - since).total_seconds() / DAY_S), ended=ended_at is not None)
