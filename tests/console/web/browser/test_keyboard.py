"""A reviewer works through the queue in a real browser with the keyboard alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn

from config.settings import load_settings
from console.web.app import create_app
from console.web.limits import RateLimit
from console.web.review.queue import neighbour
from console.web.review.search import Filters
from console.workspace import create_workspace
from store.db.review import ReviewItems
from store.records.accounts import Role
from store.records.ids import utc_now
from store.records.review import Standing
from store.records.scope import EVERYTHING
from tests.console.web.conftest import QUICK, add_account
from tests.console.web.review.stock import scenes_of, stock

pytestmark = pytest.mark.browser

FINDINGS = 8


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Any, str]]:
    """The desk with findings, served on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = load_settings(tmp_path / "home", {})
    create_workspace(settings)
    limit = RateLimit(utc_now, strangers_per_minute=60_000, accounts_per_minute=60_000)
    app = create_app(settings, origin=f"http://127.0.0.1:{port}", hasher=QUICK, limit=limit)
    desk = app.state.desk
    stock(
        desk.workspace.database, desk.workspace.vault, scenes_of(FINDINGS, title="AURELIA <script>alert(1)</script>")
    )
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield app, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def standing_of(desk: Any, finding: str) -> Standing:
    with desk.workspace.database.read() as connection:
        item = ReviewItems(connection, EVERYTHING).get(finding)
    assert item is not None
    return item.standing


def test_a_queue_is_worked_through_by_keys_alone(chromium: str, served: tuple[Any, str]) -> None:
    from playwright.sync_api import sync_playwright

    from console.web.sessions import open_session

    app, origin = served
    desk = app.state.desk
    account = add_account(desk, "Ann Key", Role.OFFICER)
    with desk.workspace.database.write() as connection:
        cookie = open_session(connection, desk, account, "")
    order: list[str] = []
    with desk.workspace.database.read() as connection:
        from console.web.review.deciding import place_after

        at = neighbour(connection, EVERYTHING, Filters(standing="open"), None)
        while at is not None:
            order.append(at.finding)
            place = place_after(connection, EVERYTHING, at.finding)
            at = neighbour(connection, EVERYTHING, Filters(standing="open"), place)
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "marque", "value": cookie, "url": origin}])
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("dialog", lambda dialog: (faults.append("a dialog opened"), dialog.dismiss()))

        def press(*keys: str) -> str:
            """Press keys, the last of which leads to another page; gives that page's finding."""
            for key in keys[:-1]:
                page.keyboard.press(key)
            with page.expect_navigation():
                page.keyboard.press(keys[-1])
            return page.url.split("/findings/")[-1].split("?")[0]

        page.goto(f"{origin}/review")
        assert press("j") == order[0], "start"
        assert press("c") == order[1], "confirm"
        assert press("r", "2") == order[2], "reject as genuine resale"
        assert press("u") == order[3], "unsure"
        assert press("h") == order[4], "ask the holder"
        assert press("s") == order[5], "skip"
        assert press("k") == order[4], "back"
        assert press("j") == order[5], "on"
        assert press("c") == order[6], "confirm"
        assert press("z") == order[5], "undo leads back to what is open again"
        page.keyboard.press("f")
        assert page.get_attribute("[data-stage]", "data-stage") == "flicker"
        page.keyboard.press("o")
        assert page.get_attribute("[data-stage]", "data-stage") == "overlay"
        page.keyboard.press("r")
        page.keyboard.press("0")
        page.keyboard.type("c is typed, not confirmed")
        assert page.input_value("[data-note]") == "c is typed, not confirmed"
        assert page.locator("h1 script").count() == 0
        browser.close()
    assert faults == []
    assert [standing_of(desk, order[n]) for n in range(6)] == [
        Standing.CONFIRM,
        Standing.REJECT,
        Standing.UNSURE,
        Standing.NEEDS_HOLDER,
        Standing.OPEN,
        Standing.OPEN,
    ]
