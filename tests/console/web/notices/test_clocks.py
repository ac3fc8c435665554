"""The clocks on the desk, and the feed that a calendar subscribes to without signing in."""

from __future__ import annotations

from fastapi import FastAPI
from icalendar import Calendar

from store.db import tables
from store.records.accounts import Role
from tests import factories as make
from tests.console.web.conftest import Browser, Now, SignIn
from tests.console.web.two_holders import two_holders

CLOCKS = "/deadlines"


def test_a_step_is_taken_and_the_feed_follows_the_password(signed_in: SignIn, app: FastAPI, now: Now) -> None:
    own, other = two_holders(app.state.desk)
    with app.state.desk.workspace.database.write() as connection:
        connection.execute(tables.outcome.update().values(status=None))  # a word nobody has mapped decides nothing
    browser = signed_in(Role.OFFICER, holder=own.holder)
    listed = browser.get("/deadlines.json").json()["deadlines"]
    assert [(each["id"], each["next"]) for each in listed] == [(own.deadline, "remind")]
    assert other.deadline not in browser.get(CLOCKS).text
    assert browser.get("/deadlines.csv").text.count("dsa_decision") == 1
    assert browser.submit(f"/deadlines/{own.deadline}/step", because="asked by mail 12").status_code == 409
    now.move(days=4)
    browser = signed_in(Role.OFFICER, holder=own.holder)
    assert "I have done this" in browser.get(CLOCKS).text
    assert browser.submit(f"/deadlines/{own.deadline}/step", because="asked by mail 12").status_code == 303
    page = browser.get(CLOCKS).text
    address = page.partition("/calendar/")[2].partition("<")[0]
    stranger = Browser(app)
    feed = stranger.get(f"/calendar/{address}")
    assert feed.status_code == 200 and feed.headers["content-type"].startswith("text/calendar")
    uids = {str(t["uid"]) for t in Calendar.from_ical(feed.content).walk("VTODO")}
    assert uids == {f"{id}@marque" for id in (own.deadline, make.an_id("instrument", 1))}, "theirs, and nobody else's"
    assert len(list(Calendar.from_ical(stranger.get(f"/calendar/{address}?events").content).walk("VEVENT"))) == 2
    for forged in (address[:-6] + "aa.ics", address.replace(".", ".a", 1), make.an_id("account") + "." + "a" * 40):
        assert stranger.get(f"/calendar/{forged}").status_code == 404
    with app.state.desk.workspace.database.write() as connection:
        connection.execute(tables.account.update().values(password_hash="another"))
    assert stranger.get(f"/calendar/{address}").status_code == 404
