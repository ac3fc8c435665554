"""The room of crawls: what is planned and cut, when it comes, how it went, and what lets requests past robots.txt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from console.web.crawls.room import DAYS, calendar, standing_of
from console.web.desk import Desk
from store.db import tables
from store.db.rows import row_of
from store.records.accounts import Role
from store.records.authorities import Authority
from store.records.ledger import OptOut
from store.records.runs import Run, RunKind, RunState
from store.records.schedules import Event, Schedule, Season
from tests import factories as make
from tests.console.web.conftest import Browser, add_account, browser_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLATFORM = """\
name = "shopnest"
kind = "marketplace"
home = "http://127.0.0.1:8041/"
countries = ["SE"]
[reach]
by = "crawl"
robots_read_on = 2026-02-01
[manners]
hours = "22:00-06:00 Europe/Stockholm"
[look]
start = ["/watches"]
pages = 3
max_fetches = 10
[notify]
profile = "eu-dsa-16"
"""


def schedule(number: int = 1, **more: object) -> Schedule:
    values = {
        "id": make.an_id("schedule", number),
        "platform": "shopnest",
        "cron": "0 4 * * *",
        "entered_by": "Ann Lee",
        "entered_at": NOW,
        "due_at": NOW + timedelta(hours=19),
    }
    return Schedule(**{**values, **more})  # type: ignore[arg-type]  # a test's own shape of the call


def authority(number: int = 1, **more: object) -> Authority:
    values = {
        "id": make.an_id("authority", number),
        "case_number": f"K-{number}",
        "legal_basis": "Act 1, section 2",
        "issuer": "District court",
        "scope": ("127.0.0.1",),
        "not_before": NOW - timedelta(days=1),
        "expires_at": NOW + timedelta(days=30),
        "entered_by": "Ann Lee",
        "entered_at": NOW,
    }
    return Authority(**{**values, **more})  # type: ignore[arg-type]  # as above


def test_the_calendar_holds_every_time_of_a_fortnight_and_names_empty_days() -> None:
    days = calendar(
        [schedule(), schedule(2, platform="bazario", cron="0 */6 * * 1", due_at=NOW + timedelta(hours=3))], NOW
    )
    assert [day.on for day in days] == [NOW.date() + timedelta(days=n) for n in range(DAYS)]
    of = {
        name: [slot.times for day in days for slot in day.slots if slot.platform == name]
        for name in ("shopnest", "bazario")
    }
    assert of["shopnest"] == [1] * 13, "each morning from tomorrow on"
    assert of["bazario"] == [2, 4], "twice more today, four times next Monday"


def test_an_event_of_every_minute_is_one_slot_with_its_count() -> None:
    event = Event(name="final", begins_at=NOW, ends_at=NOW + timedelta(hours=2), every_min=5)
    (first, *_) = calendar([schedule(events=(event,), due_at=NOW)], NOW)
    (slot,) = first.slots
    assert slot.times == 24 and (slot.last - slot.first) == timedelta(minutes=115)


def test_what_is_paused_or_overdue() -> None:
    assert not any(day.slots for day in calendar([schedule(enabled=False)], NOW))
    (first, *_) = calendar([schedule(due_at=NOW - timedelta(days=3))], NOW)
    assert [slot.times for slot in first.slots] == [1], "what is overdue is answered once, today"


@pytest.mark.parametrize(
    ("more", "stands"),
    [
        ({}, "waits"),
        ({"approved_at": NOW, "second_approver": "Bo"}, "in_force"),
        ({"approved_at": NOW, "second_approver": "Bo", "not_before": NOW + timedelta(days=1)}, "later"),
        ({"approved_at": NOW, "second_approver": "Bo", "expires_at": NOW}, "ended"),
        ({"approved_at": NOW, "second_approver": "Bo", "revoked_at": NOW}, "ended"),
    ],
)
def test_a_permission_counts_only_approved_and_in_its_days(more: dict[str, Any], stands: str) -> None:
    assert standing_of(authority(**more), NOW) == stands


@pytest.fixture
def officer(app: FastAPI) -> Browser:
    """An officer of the unit, whose desk has one declared platform with a bad week behind it."""
    desk: Desk = app.state.desk
    (desk.workspace.settings.platforms / "shopnest.toml").write_text(PLATFORM)
    states = (RunState.COMPLETE, RunState.UNFIT, RunState.BLOCKED)
    with desk.workspace.database.write() as connection:
        for number, state in enumerate(states, 1):
            run = Run(
                id=make.an_id("run", number),
                kind=RunKind.CRAWL,
                platform="shopnest",
                state=state,
                started_at=desk.clock() - timedelta(days=4 - number),
                ended_at=desk.clock() - timedelta(days=4 - number),
                code_version="1",
                config_digest="c" * 64,
                alarms=("title was read on 12 % of pages, 99 % expected",) if state is RunState.UNFIT else (),
            )
            connection.execute(tables.run.insert(), row_of(run, tables.run))
        season = Season(name="christmas", first="11-15", last="12-26", cron="0 */6 * * *")
        connection.execute(tables.schedule.insert(), row_of(schedule(seasons=(season,)), tables.schedule))
        connection.execute(tables.authority.insert(), row_of(authority(), tables.authority))
        opt_out = OptOut(id=make.an_id("opt_out"), prefix="quiet.example", reason="asked", by="Ann", at=desk.clock())
        connection.execute(tables.opt_out.insert(), row_of(opt_out, tables.opt_out))
        connection.execute(
            tables.host.insert(),
            {
                "host": "http://127.0.0.1:8041",
                "delay_s": 3.0,
                "failures": 0,
                "robots_status": 503,
                "robots_at": desk.clock(),
            },
        )
    return browser_of(app, add_account(desk, "Ann Key", Role.OFFICER))


def test_the_room_shows_plan_cuts_calendar_health_robots_and_permissions(officer: Browser) -> None:
    page = officer.get("/crawls").text
    for words in (
        "22:00-06:00 Europe/Stockholm",
        "the budget of 10 fetches leaves out",
        "2 in a row",
        "title was read on 12 % of pages",
        "christmas",
        "waits for a second person",
        "quiet.example",
        "nothing is fetched",
    ):
        assert words in page, words
    (line,) = (row for row in officer.get("/crawls.json").json()["platforms"] if row["platform"] == "shopnest")
    assert (line["unwell_in_a_row"], line["last_state"], line["schedules"]) == (2, "blocked", 1)
    assert line["fetches"] == 10 and line["plan_hours"] > 0
    assert "shopnest" in officer.get("/crawls.csv").text


def test_looking_at_the_room_writes_nothing(officer: Browser, app: FastAPI) -> None:
    desk: Desk = app.state.desk

    def counts() -> list[int]:
        with desk.workspace.database.read() as connection:
            return [
                len(connection.execute(t.select()).all()) for t in (tables.snapshot, tables.audit_entry, tables.run)
            ]

    before = counts()
    assert officer.get("/crawls").status_code == 200
    assert counts() == before


def test_a_reader_of_one_compartment_sees_no_crawl(officer: Browser, app: FastAPI) -> None:
    del officer
    inside = browser_of(app, add_account(app.state.desk, "Cy In", Role.OFFICER, compartment="borealis"))
    page = inside.get("/crawls").text
    assert "Crawls belong to the unit" in page and "shopnest" not in page
    assert inside.get("/crawls.json").json()["platforms"] == []
