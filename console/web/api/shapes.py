"""What the interface gives and takes: pages of records, answers, imports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from reports.answers.vocabulary import REASONS
from store.records.cases import Case
from store.records.notices import Batch
from store.records.outcomes import Outcome
from store.records.products import Product
from store.records.references import Reference
from store.records.rights import Right
from store.records.schedules import Schedule
from store.records.sellers import SellerRule
from store.records.works import Work

Reason = Literal[
    "genuine",
    "authorised",
    "no_right",
    "not_shown",
    "not_identified",
    "exception",
    "duplicate",
    "gone_before",
    "other",
]
assert set(Reason.__args__) == set(REASONS)  # type: ignore[attr-defined]  # a Literal has them at run time


def _in_calendar(at: datetime) -> datetime:
    """A moment that every database and every zone can hold."""
    if not 2000 <= at.year <= 2100:
        raise ValueError("a moment between 2000 and 2100")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_in_calendar)]


class Part(BaseModel):
    """What every list has."""

    next: str | None = Field(description="Give it as `after` for the next part; null at the end")


class RightsPart(Part):
    items: list[Right]


class ProductsPart(Part):
    items: list[Product]


class WorksPart(Part):
    items: list[Work]


class ReferencesPart(Part):
    items: list[Reference]


class SellersPart(Part):
    items: list[SellerRule]


class FindingOut(BaseModel):
    """A finding as lists show it; no personal value is among them."""

    finding: str
    listing: str
    right: str
    holder: str
    product: str | None
    platform: str
    seller: str | None
    title: str
    band: str
    standing: str
    infringement_class: str | None
    identity_probability: float
    case: str
    found_at: datetime
    decided_at: datetime | None


class FindingsPart(Part):
    items: list[FindingOut]


class CasesPart(Part):
    items: list[Case]


class BatchesPart(Part):
    items: list[Batch]


class ItemOut(BaseModel):
    """An item of a batch, and where it stands by the platform's answers."""

    item: str = Field(description="Its id, which an answer names")
    notice: str
    url: str
    platform_item_id: str
    title: str
    infringement_class: str
    grounds: list[str]
    observed_at: datetime
    answer: str | None
    action: str | None
    decided_at: datetime | None


class ItemsPart(Part):
    items: list[ItemOut]


class AnswersPart(Part):
    items: list[Outcome]


class SchedulesPart(Part):
    items: list[Schedule]


TEXT = r"^[^\x00-\x1f\x7f]+$"
DAY = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"


class SeasonIn(BaseModel):
    """Days of every year on which another rhythm holds."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=TEXT)
    first: str = Field(pattern=DAY, description="MM-DD")
    last: str = Field(pattern=DAY, description="MM-DD")
    cron: str = Field(min_length=1, max_length=100, pattern=TEXT)


class EventIn(BaseModel):
    """A time in which a platform is looked at every few minutes."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=TEXT)
    begins_at: Moment
    ends_at: Moment
    every_min: int = Field(ge=1, le=1440)


class ScheduleIn(BaseModel):
    """When a platform is to be crawled."""

    model_config = ConfigDict(extra="forbid")

    platform: str = Field(min_length=1, max_length=100, pattern=TEXT)
    cron: str = Field(min_length=1, max_length=100, pattern=TEXT, description="minute, hour, day, month, weekday")
    zone: str = Field(default="UTC", min_length=1, max_length=60, pattern=TEXT, description="whose clock counts")
    terms: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200, pattern=TEXT)]], Field(max_length=100)
    ] = []
    seasons: Annotated[list[SeasonIn], Field(max_length=20)] = []
    events: Annotated[list[EventIn], Field(max_length=20)] = []
    priority: int = Field(default=0, ge=-100, le=100)


class TipIn(BaseModel):
    """An address to look at."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2000, pattern=TEXT)
    note: str | None = Field(default=None, max_length=2000, description="What a person should know; kept sealed")


class TipOut(BaseModel):
    """A tip, and what became of it."""

    id: str
    url: str
    state: Literal["open", "accepted", "looked", "failed", "dismissed"]
    at: datetime
    decided_at: datetime | None
    because: str | None = Field(description="Why it was left alone, or what the look came to")
    listing: str | None


class TipsPart(Part):
    items: list[TipOut]


class AnswerIn(BaseModel):
    """One answer to one item."""

    model_config = ConfigDict(extra="forbid")

    item: str = Field(min_length=1, max_length=36, description="Id of the item")
    answer: str = Field(
        min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", description="A word of the sheet, or your own"
    )
    decided_at: AwareDatetime
    reason_code: Reason | None = None
    note: str | None = Field(default=None, max_length=3000)
    platform_case: str | None = Field(default=None, max_length=200)


class AnswersIn(BaseModel):
    """Answers to items of one batch."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[list[AnswerIn], Field(min_length=1, max_length=5000)]


class AnswerFate(BaseModel):
    """What became of one answer."""

    item: str | None
    answer: str | None
    fate: Literal["entered", "unmapped", "known", "refused", "unreadable"]
    code: str | None = Field(description="Why it was not entered as meant; null where it was")
    because: str | None


class Accepted(BaseModel):
    """The receipt for answers."""

    receipt: str
    correlation_id: str
    batch: int
    counts: dict[str, int]
    outcomes: list[AnswerFate]


Cell = str | int | float | bool | list[str] | None


class RowsIn(BaseModel):
    """Rows of one kind of sheet, under its columns; see `marque KIND template`."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[dict[str, Cell]], Field(min_length=1, max_length=5000)]


class RefusalOut(BaseModel):
    """One value that can't stand."""

    row: int
    column: str
    value: str
    problem: str
    fix: str


class Imported(BaseModel):
    """What an import did, or would do."""

    kind: str
    rows: int
    added: int
    changed: int
    unchanged: int
    refusals: list[RefusalOut]
    notes: list[str]
    dry_run: bool
