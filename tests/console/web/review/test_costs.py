"""What a page asks of the database, counted: a count says the same on a fast machine and on a loaded one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from sqlalchemy import event

from console.web.desk import Desk
from store.records.accounts import Role
from tests.benchmarks.desk import _SEEN
from tests.console.web.conftest import Browser, add_account, browser_of
from tests.console.web.review.stock import scenes_of, stock

MOST_A_STEP = 27  # statements, the beginning of each transaction among them; it was 62 when each record was one
MOST_A_PAGE = {  # with 2 findings and with 20 alike
    "/review": 11,
    "/findings": 11,
    "/listings": 4,
    "/cases": 8,
}


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile."""
    said: list[str] = []

    def note(*call: object) -> None:
        said.append(str(call[2]))

    engine = desk.workspace.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def officer(app: FastAPI) -> Browser:
    """An officer at the desk."""
    return browser_of(app, add_account(app.state.desk, "Ann Key", Role.OFFICER))


def step(officer: Browser, at: str, **verdict: str) -> str:
    """Decide what stands at this address and open what comes next; gives its address."""
    page = officer.get(at).text
    start = page.index(_SEEN) + len(_SEEN)
    parts = urlsplit(at)
    path = f"{parts.path}/decide?{parts.query}"
    answer = officer.submit(path, seen=page[start : page.index('"', start)], **verdict)
    return str(answer.headers["location"])


def test_a_step_of_review_asks_the_database_a_bounded_number_of_times(desk: Desk, officer: Browser) -> None:
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(12))
    at = step(officer, officer.get("/review/next").headers["location"], verdict="unsure")
    for verdict in ({"verdict": "confirm"}, {"reject": "parody"}, {"verdict": "unsure"}):
        with counted(desk) as said:
            at = step(officer, at, **verdict)
        assert len(said) <= MOST_A_STEP, "\n".join(said)
        assert sum(each.startswith("BEGIN IMMEDIATE") for each in said) == 1, "one transaction writes"


@pytest.mark.parametrize("count", [2, 20])
def test_a_list_asks_no_more_often_the_longer_it_is(desk: Desk, officer: Browser, count: int) -> None:
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(count))
    for path, most in MOST_A_PAGE.items():
        with counted(desk) as said:
            assert officer.get(path).status_code == 200
        assert len(said) <= most, "\n".join((path, *said))
