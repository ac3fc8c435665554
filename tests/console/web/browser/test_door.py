"""The desk in a real browser: a person sets it up, signs in, and sees Today, without a script or style refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp
import pytest

from tests.console.web.browser.serving import Served, open_window
from tests.console.web.conftest import PASSWORD, SETUP, Now
from tests.console.web.worlds import busy_day

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_a_person_sets_the_desk_up_and_sees_today(browser: Browser, served: Served, now: Now) -> None:
    busy_day(served.desk)
    window = open_window(browser, served)
    page = window.page
    window.go(f"/setup?token={SETUP}")
    secret = page.locator("code.secret").inner_text()
    page.fill("[name=name]", "Jane Roe")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", pyotp.TOTP(secret).at(now()))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.url}/")
    assert page.locator("h1").inner_text() == "Today"
    assert page.get_by_text("It is not known whether batch 1 arrived").is_visible()
    cookie = window.context.cookies()[0]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("typeof htmx") == "object"
    with page.expect_navigation():
        page.get_by_role("button", name="Mark as read").first.click()
    assert page.get_by_role("button", name="Mark as read").count() == 0
    page.set_viewport_size({"width": 390, "height": 844})
    window.go("/")
    assert not page.get_by_role("link", name="Runs", exact=True).is_visible()
    page.get_by_label("Show the menu").check(force=True)
    page.get_by_role("link", name="Runs", exact=True).click()
    page.wait_for_url(f"{served.url}/runs")
    page.get_by_label("Show the menu").check(force=True)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{served.url}/login")
    assert window.faults == []
    window.context.close()
