"""
The desk in a real browser: a person sets it up, signs in, and sees Today, without a script or style refused.

Needs a Chromium (`console/doctor.py` finds it); skipped with its reason where there is none, a failure under
`REQUIRE_BROWSER=1`. As root the browser runs without its sandbox, as Chromium refuses to start with it; the pages
it opens here are only our own.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
import uvicorn

from config.settings import load_settings
from console.web.app import create_app
from console.web.desk import Desk
from tests.console.web.conftest import PASSWORD, QUICK, SETUP
from tests.console.web.worlds import busy_day

pytestmark = pytest.mark.browser


@dataclass
class Served:
    """A desk that listens."""

    url: str
    desk: Desk


@pytest.fixture
def served(fresh_home: Path, tmp_path: Path) -> Iterator[Served]:
    """The desk on a free port of loopback."""
    import shutil

    home = Path(shutil.copytree(fresh_home, tmp_path / "home"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = create_app(load_settings(home, {}), origin=url, setup_token=SETUP, hasher=QUICK)
        desk: Desk = app.state.desk
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Served(url=url, desk=desk)
        server.should_exit = True
        thread.join(10)


def test_a_person_sets_the_desk_up_and_sees_today(chromium: str, served: Served) -> None:
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    busy_day(served.desk)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{served.url}/setup?token={SETUP}")
        secret = page.locator("code.secret").inner_text()
        page.fill("[name=name]", "Jane Roe")
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=code]", pyotp.TOTP(secret).now())
        page.keyboard.press("Enter")
        page.wait_for_url(f"{served.url}/")
        assert page.locator("h1").inner_text() == "Today"
        assert page.get_by_text("It is not known whether batch 1 arrived").is_visible()
        cookie = context.cookies()[0]
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert page.evaluate("document.cookie") == ""
        assert page.evaluate("typeof htmx") == "object"
        page.get_by_role("button", name="Mark as read").first.click()
        assert page.get_by_text("Every answer was read.").is_visible()
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            for path in ("/", "/runs", "/accounts", "/account"):
                page.goto(served.url + path)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (
                    f"{path} is wider than {width} px"
                )
        page.goto(served.url + "/")
        assert not page.get_by_role("link", name="Runs", exact=True).is_visible()
        page.get_by_label("Show the menu").check(force=True)
        page.get_by_role("link", name="Runs", exact=True).click()
        page.wait_for_url(f"{served.url}/runs")
        page.get_by_label("Show the menu").check(force=True)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{served.url}/login")
        browser.close()
    assert complaints == []
