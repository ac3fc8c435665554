"""Figures on the desk: each drawn and written from the rows behind it, each opening them, none from another's."""

from __future__ import annotations

import csv
import io
import math
import re
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from fastapi import FastAPI

from console.analytics.charts import x_of, y_of
from store.db import tables
from store.db.rows import row_of
from store.records.accounts import Role
from store.records.cases import Verdict
from store.records.ids import new_id
from store.records.listings import ListingState
from store.records.outbox import OutboxEntry, OutboxState
from store.records.outcomes import Outcome, OutcomeKind, OutcomeStatus
from store.records.review import BlindKind, BlindReview
from tests import factories as make
from tests.console.web.conftest import Browser, Now, add_account, browser_of
from tests.console.web.notices.office import Office

QUESTIONS = ("removal", "answers", "returns")
COUNT = 6


@pytest.fixture
def office(app: FastAPI, now: Now) -> Office:
    """A notice of six listings that arrived; what became of each is told below."""
    made = Office(app, COUNT)
    for step in (made.prepare, made.approve, made.sign, made.export):
        step()
    notice = made.notice()
    left = made.desk.clock()
    listings = [item.listing for item in notice.items]
    day = timedelta(days=1)

    def look(number: int, listing: str, state: ListingState, at: datetime) -> dict[str, dict[str, Any]]:
        capture = make.capture(500 + number, fetched_at=at)
        seen = make.observation(500 + number, listing=listing, capture=capture.id, observed_at=at, state=state)
        return {"capture": row_of(capture, tables.capture), "look": row_of(seen, tables.observation)}

    looks = [
        look(0, listings[0], ListingState.GONE, left + 2 * day),
        look(1, listings[1], ListingState.LIVE, left + 2 * day),
        look(2, listings[1], ListingState.GONE, left + 5 * day),
        look(3, listings[2], ListingState.LIVE, left + 9 * day),
        look(4, listings[3], ListingState.GONE, left + 5 * day),
        look(5, listings[3], ListingState.LIVE, left + 11 * day),
        look(6, listings[4], ListingState.BLOCKED, left + 6 * day),
    ]
    with made.desk.workspace.database.write() as connection:
        connection.execute(tables.notice.update().values(state="sent"))
        for each in looks:
            connection.execute(tables.capture.insert(), each["capture"])
            connection.execute(tables.observation.insert(), each["look"])
        batch = connection.execute(tables.batch.select()).one()
        entry = OutboxEntry(
            id=new_id(),
            batch=batch.id,
            idempotency_key="k" * 64,
            state=OutboxState.ACCEPTED,
            queued_at=left,
            receipt="R-1",
            settled_at=left,
        )
        connection.execute(tables.outbox.insert(), row_of(entry, tables.outbox))
        for number, (item, status, days) in enumerate(
            (
                (None, OutcomeStatus.RECEIVED, 1),
                (notice.items[0].id, OutcomeStatus.ACTIONED, 2),
                (notice.items[2].id, OutcomeStatus.REJECTED, 4),
            )
        ):
            said = Outcome(
                id=make.an_id("outcome", number),
                notice=notice.id,
                item=item,
                kind=OutcomeKind.DECISION,
                status_raw="word",
                status=status,
                received_at=left + days * day,
                raw_sha256="0" * 64,
            )
            connection.execute(tables.outcome.insert(), row_of(said, tables.outcome))
        wrong = BlindReview(
            finding=notice.items[0].finding,
            reviewer="Eve Reviewer",
            kind=BlindKind.KNOWN,
            expected=Verdict.REJECT,
            assigned_at=left,
            verdict=Verdict.CONFIRM,
            answered_at=left,
        )
        connection.execute(tables.blind_review.insert(), row_of(wrong, tables.blind_review))
        connection.execute(tables.listing.update().values(last_seen=left + 12 * day))
    now.at = left + 14 * day
    made.officer = made.person("Ann Later", Role.OFFICER)
    return made


def table(browser: Browser, path: str) -> list[dict[str, str]]:
    """The rows of a CSV."""
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_each_listing_s_fate_is_what_was_seen_of_it(office: Office) -> None:
    rows = table(office.officer, "/analytics/removal/rows.csv")
    assert [(round(float(row["days"])), row["ended"]) for row in rows] == [
        (2, "True"),
        (5, "True"),
        (9, "False"),
        (5, "True"),
        (0, "False"),
        (0, "False"),
    ], "a block page proves nothing, and what nobody looked at was not followed"
    answers = table(office.officer, "/analytics/answers/rows.csv")
    assert [(round(float(row["days"])), row["ended"]) for row in answers] == [
        (2, "True"),
        (14, "False"),
        (4, "True"),
        (14, "False"),
        (14, "False"),
        (14, "False"),
    ], "a receipt decides nothing"
    returns = table(office.officer, "/analytics/returns/rows.csv")
    assert [(round(float(row["days"])), row["ended"], row["back_as"]) for row in returns] == [
        (10, "False", ""),
        (7, "False", ""),
        (6, "True", "same"),
    ]


def test_the_curve_drawn_and_its_table_are_what_the_rows_say(office: Office) -> None:
    for question in QUESTIONS:
        recompute(office, question)


def recompute(office: Office, question: str) -> None:
    """By the definition, from the rows as anybody downloads them."""
    downloaded = table(office.officer, f"/analytics/{question}/rows.csv")
    rows = [(float(row["days"]), row["ended"] == "True") for row in downloaded]
    told = table(office.officer, f"/analytics/{question}/curve.csv")[1:]
    page = office.officer.get(f"/analytics/{question}").text
    drawn = re.search(r'class="curve" d="([^"]+)"', page)
    assert drawn is not None
    points = re.findall(r"H([\d.]+) V([\d.]+)", drawn[1])
    most = max(float(value) for value in re.findall(r'y="232" translate="no">([\d.,]+)<', page))
    days = sorted({at for at, _ in rows})
    assert len(told) == len(points) == len(days)
    share = Fraction(1)
    for at, step, (x, y) in zip(days, told, points, strict=True):
        left = sum(1 for day, _ in rows if day >= at)
        ended = sum(1 for day, is_end in rows if day == at and is_end)
        share *= Fraction(left - ended, left)
        assert (float(step["days"]), int(step["at_risk"]), int(step["ended"])) == (at, left, ended)
        assert math.isclose(float(step["share"]), share)
        assert math.isclose(float(x), x_of(at, most), abs_tol=0.02)
        assert math.isclose(float(y), y_of(float(share)), abs_tol=0.02)


def test_dots_and_intervals_stand_where_the_rows_put_them(office: Office) -> None:
    for question in QUESTIONS:
        rows = [
            (float(row["days"]), row["ended"] == "True")
            for row in table(office.officer, f"/analytics/{question}/rows.csv")
        ]
        followed = [row for row in rows if row[1] or row[0] >= 7]
        drawn = dots(office.officer.get(f"/analytics/{question}").text, "row")
        if max(day for day, _ in rows) < 7:
            assert drawn == [], "nobody was followed for as long"
            continue
        share = Fraction(1)
        for at in sorted({day for day, is_end in rows if is_end and day <= 7}):
            left = sum(1 for day, _ in rows if day >= at)
            share *= Fraction(left - sum(1 for day, is_end in rows if is_end and day == at), left)
        assert followed and len(drawn) == 1
        assert math.isclose(drawn[0][0], 150 + 318 * float(1 - share), abs_tol=0.02), question
    for path, along, hits, of in (("precision", "column", COUNT, COUNT), ("reviewers", "row", 1, 1)):
        (drawn_here,) = dots(office.officer.get(f"/analytics/{path}").text, along)
        low, high = wilson(hits, of)
        places = [150 + 318 * each for each in (hits / of, low, high)]
        if along == "column":
            places = [12 + 204 * (1 - each) for each in (hits / of, low, high)]
        assert drawn_here == pytest.approx(places, abs=0.02), path


def dots(page: str, along: str) -> list[tuple[float, float, float]]:
    """Where dots and the ends of their intervals stand, along the axis of the share."""
    if along == "row":
        found = re.findall(r'class="interval" d="M([\d.]+) [\d.]+H([\d.]+)"/><circle class="dot" cx="([\d.]+)"', page)
    else:
        found = re.findall(
            r'class="interval" d="M[\d.]+ ([\d.]+)V([\d.]+)"/><circle class="dot" cx="[\d.]+" cy="([\d.]+)"', page
        )
    return [(float(dot), float(low), float(high)) for low, high, dot in found]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Shares a normal test at 95 % would not refuse, found by trying ten thousand of them."""
    tried = [n / 10_000 for n in range(10_001)]
    kept = [each for each in tried if abs(hits / of - each) <= 1.96 * math.sqrt(each * (1 - each) / of) + 1e-12]
    return min(kept), max(kept)


def test_every_number_opens_as_many_rows_as_it_says(office: Office) -> None:
    for question in QUESTIONS:
        for by in ("platform", "right", "seller"):
            open_each(office, question, by)


def open_each(office: Office, question: str, by: str) -> None:
    """Follow every number of the table."""
    page = office.officer.get(f"/analytics/{question}?by={by}").text
    links = re.findall(rf'href="(/analytics/{question}/rows[^"]*)" translate="no">(\d+)<', page)
    assert len(links) == 6, "asked, ended and open, of the whole and of the one group"
    for address, count in links:
        rows = office.officer.get(address.replace("&amp;", "&").replace("/rows", "/rows.json", 1)).json()["rows"]
        assert len(rows) == int(count), address
        assert f">{count} row" in office.officer.get(address.replace("&amp;", "&")).text


def test_precision_and_errors_count_their_rows(office: Office) -> None:
    (month,) = table(office.officer, "/analytics/precision.csv")
    assert (int(month["confirmed"]), int(month["decided"])) == (COUNT, COUNT)
    assert len(table(office.officer, f"/analytics/precision/rows.csv?month={month['month']}")) == COUNT
    assert table(office.officer, "/analytics/precision/rows.csv?month=1999-01") == []
    (line,) = office.officer.get("/analytics/reviewers.json").json()["rows"]
    assert (line["wrong"], line["answered"], line["wrongly_confirmed"]) == (1, 1, 1)
    (row,) = table(office.officer, "/analytics/reviewers/rows.csv?was=wrong")
    assert row["was"] == "wrongly_confirmed"
    for path in ("/analytics", "/analytics/precision", "/analytics/reviewers", "/analytics/reviewers/rows"):
        assert office.officer.get(path).status_code == 200, path


def test_narrowing_by_day_and_platform_narrows_all_of_it(office: Office) -> None:
    for asked in ("since=2030-01-01", "until=2001-01-01", "platform=elsewhere"):
        assert table(office.officer, f"/analytics/removal/rows.csv?{asked}") == [], asked
        assert "Nothing to count yet" in office.officer.get(f"/analytics/removal?{asked}").text
    assert len(table(office.officer, "/analytics/removal/rows.csv?since=2001-01-01&until=2030-01-01")) == COUNT
    assert office.officer.get("/analytics?since=yesterday").status_code == 409


def test_nobody_sees_figures_of_another_holder(office: Office, app: FastAPI) -> None:
    with office.desk.workspace.database.write() as connection:
        connection.execute(tables.party.insert(), row_of(make.party(77), tables.party))
    stranger = browser_of(app, add_account(office.desk, "Oli Other", Role.OFFICER, holder=make.an_id("party", 77)))
    for question in QUESTIONS:
        assert table(stranger, f"/analytics/{question}/rows.csv") == []
    assert table(stranger, "/analytics/precision/rows.csv") == []
    assert table(stranger, "/analytics/reviewers/rows.csv") == []
    reviewer = office.person("Rae View", Role.REVIEWER)
    assert reviewer.get("/analytics/reviewers").status_code == 403
    assert "/analytics/reviewers" not in reviewer.get("/analytics").text
