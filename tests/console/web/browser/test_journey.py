"""
An officer's first day: invited, signed in, thirty findings by keys, the holder's word, a case, its notice, a batch.

Four people sit at four browsers. What they see is read off their pages, what came of it is read off the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyotp
import pytest
from sqlalchemy import select

from console.web.membership import Members
from store.db import tables
from store.db.cases import Cases
from store.db.notices import Notices
from store.db.review import ReviewItems
from store.records.accounts import Role
from store.records.cases import CaseState
from store.records.ids import new_id
from store.records.notices import NoticeState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.browser.serving import Served, Window, cookie_of, open_window
from tests.console.web.browser.staging import open_office
from tests.console.web.conftest import PASSWORD, Now
from tests.console.web.review.stock import scenes_of, stock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

WAITING = 32
# A morning's keys: what is pressed on one finding after the other. A skipped one stays open.
VERDICTS = ("c", "c", "r1", "c", "u", "c", "r3", "s", "c", "c")
STEPS = VERDICTS * 3
ASKED_OF_THE_HOLDER = 12  # this one of the thirty, instead of what stands above
TAKEN_BACK = (5, 20)  # after these ones the officer thinks again, takes the verdict back and gives it anew


def standings(desk: Served) -> Counter[str]:
    """How many findings stand how."""
    with desk.desk.workspace.database.read() as connection:
        return Counter(item.standing.value for item in ReviewItems(connection, EVERYTHING).find())


def press(window: Window, keys: Sequence[str]) -> None:
    """Press keys one after the other; the last one leads to another page."""
    for key in keys[:-1]:
        window.page.keyboard.press(key)
    with window.page.expect_navigation():
        window.page.keyboard.press(keys[-1])


def test_an_officers_first_day_ends_in_a_sealed_batch(browser: Browser, served: Served, now: Now) -> None:
    desk = served.desk
    digest = open_office(desk)
    scenes = [
        replace(scene, comparison=replace(scene.comparison, config_digest=digest)) for scene in scenes_of(WAITING)
    ]
    stock(desk.workspace.database, desk.workspace.vault, scenes)
    _, token = Members(desk.workspace, by="test", clock=now, ids=new_id).invite("Ann Officer", [Role.OFFICER])

    officer = open_window(browser, served)
    page = officer.page
    officer.go(f"/welcome?token={token}")
    secret = page.locator("code.secret").inner_text()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(pyotp.TOTP(secret).at(now()))
    press(officer, ["Enter"])
    assert page.locator("h1").inner_text() == "Today"
    assert page.locator(".figure", has_text="findings wait for a decision").locator("b").inner_text() == str(WAITING)

    page.get_by_role("link", name="Review findings").focus()
    press(officer, ["Enter"])
    assert page.get_by_text(f"{WAITING} findings wait").is_visible()
    press(officer, "j")
    asked = ""
    for number, keys in enumerate(STEPS):
        keys = "h" if number == ASKED_OF_THE_HOLDER else keys
        title = page.locator("h1").inner_text()
        if keys == "h":
            asked = page.url.split("/findings/")[1].split("?")[0]
        press(officer, keys)
        if number in TAKEN_BACK:
            assert page.get_by_text("Entered for").is_visible()
            press(officer, "z")
            assert page.locator("h1").inner_text() == title
            press(officer, keys)
    given = Counter("h" if n == ASKED_OF_THE_HOLDER else keys[0] for n, keys in enumerate(STEPS))
    assert sum(given.values()) == 30
    assert standings(served) == {
        "confirm": given["c"],
        "reject": given["r"],
        "unsure": given["u"],
        "needs_holder": 1,
        "open": WAITING - 30 + given["s"],
    }

    expert = open_window(browser, served, cookie_of(desk, "Dr. Uhr", Role.HOLDER_EXPERT, holder=make.an_id("party")))
    expert.go("/determinations")
    assert expert.page.get_by_text("1 item waits for the holder's word").is_visible()
    with expert.page.expect_navigation():
        expert.page.locator(f"a[href='/determinations/{asked}']").click()
    expert.page.get_by_label("No: it is fake").check()
    expert.page.get_by_label("If fake, what is it?").select_option("counterfeit")
    expert.page.get_by_label("What you saw").fill("The engraving on the case back does not exist")
    with expert.page.expect_navigation():
        expert.page.get_by_role("button", name="Sign and enter").click()
    assert expert.page.get_by_text("The engraving on the case back does not exist").first.is_visible()
    officer.go(f"/findings/{asked}")
    assert page.get_by_text("The engraving on the case back does not exist").first.is_visible()

    # A notice is only fit when somebody is there who may sign it.
    approving = cookie_of(desk, "Bo Approver", Role.APPROVER)
    signing = cookie_of(desk, "Jane Roe", Role.SIGNATORY)
    officer.go("/cases")
    with page.expect_navigation():
        page.get_by_role("link", name="1", exact=True).click()
    assert page.locator("h1").inner_text().split() == ["Case", "1", "ready"]
    with page.expect_navigation():
        page.locator("#prepare-notice").click()
    assert page.locator("h1").inner_text().startswith("Notice 1")
    assert page.locator("#approve").count() == 0, "whoever prepares it does not approve it"

    approver, signatory = (open_window(browser, served, cookie) for cookie in (approving, signing))
    for window, button in ((approver, "#approve"), (signatory, "#sign")):
        window.go("/notices/1")
        if button == "#sign":
            assert window.page.get_by_text("I confirm my bona fide belief").is_visible()
            window.page.locator("#sign-name").fill("Jane Roe")
        with window.page.expect_navigation():
            window.page.locator(button).click()
        assert window.page.locator("#refused").count() == 0

    now.move(minutes=11)  # the code of this morning is no longer fresh
    officer.go("/step-up?next=/notices/1")
    page.get_by_label("One-time code").fill(pyotp.TOTP(secret).at(now()))
    press(officer, ["Enter"])
    with page.expect_navigation():
        page.locator("#export").click()
    assert page.locator("h1").inner_text().startswith("Batch 1")
    assert page.get_by_text("as sealed").first.is_visible()

    with desk.workspace.database.read() as connection:
        notice = Notices(connection, EVERYTHING).numbered(1)
        case = Cases(connection, EVERYTHING).numbered(1)
        batches = connection.execute(select(tables.batch.c.item_count)).scalars().all()
    assert notice is not None and case is not None
    assert (notice.state, notice.approved_by, notice.signatory) == (NoticeState.BATCHED, "Bo Approver", "Jane Roe")
    assert case.state is CaseState.NOTIFIED
    assert list(batches) == [given["c"]], "the batch asks for what was confirmed, and for nothing else"
    for window in (officer, expert, approver, signatory):
        assert window.faults == []
        assert window.page.evaluate("window.__refused") == []
        window.context.close()
