"""A desk that listens on loopback, and browser windows on it that keep every complaint."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from config.settings import load_settings
from console.web.app import create_app
from console.web.desk import Desk
from console.web.limits import RateLimit
from console.web.sessions import open_session
from store.db import tables
from store.db.accounts import Accounts
from store.db.audit import act_of
from store.records.accounts import Account, Role
from store.records.doors import Entrance
from store.records.ids import Clock, new_id
from store.records.scope import EVERYTHING
from tests.console.web.conftest import QUICK, SETUP

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, ViewportSize

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
STAFF = tuple(role for role in Role if role not in (Role.HOLDER_EXPERT, Role.RECIPIENT))

# Runs in every document before its own scripts: what hostile words would call, and what the policy refused.
WATCH = """
window.__refused = [];
document.addEventListener("securitypolicyviolation", (e) => {
  window.__refused.push(e.violatedDirective + " " + e.blockedURI);
});
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A desk that listens."""

    url: str
    desk: Desk


@contextmanager
def serve(home: Path, clock: Clock, entrance: Entrance = Entrance.STAFF) -> Iterator[Served]:
    """A door of the workspace at `home`, on a free port of loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        limit = RateLimit(clock, strangers_per_minute=60_000, accounts_per_minute=60_000)
        app = create_app(
            load_settings(home, {}),
            origin=url,
            clock=clock,
            setup_token=SETUP,
            hasher=QUICK,
            limit=limit,
            entrance=entrance,
        )
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=2)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield Served(url=url, desk=app.state.desk)
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def open_browser(executable: str) -> Iterator[Browser]:
    """A headless browser; as root without its sandbox, which refuses root. It opens only our own pages."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()


@dataclass
class Window:
    """One page of one browser profile, with whatever it complained of."""

    page: Page
    context: BrowserContext
    url: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a page of the desk; gives the status."""
        answer = self.page.goto(self.url + path)
        return answer.status if answer else 0


def open_window(browser: Browser, served: Served, cookie: str = "", **more: Any) -> Window:
    """A fresh profile, signed in where a cookie is given; complaints, dialogs and strange addresses are kept."""
    context = browser.new_context(viewport=more.pop("viewport", DESKTOP), **more)
    context.set_default_timeout(120_000)  # ms; where the machine is busy a page takes its time
    context.add_init_script(WATCH)
    if cookie:
        context.add_cookies([{"name": served.desk.cookie, "value": cookie, "url": served.url}])
    return _watched(Window(page=context.new_page(), context=context, url=served.url))


def further(window: Window) -> Window:
    """A further page of the same profile, watched as the first."""
    return _watched(Window(page=window.context.new_page(), context=window.context, url=window.url))


def _watched(window: Window) -> Window:
    page, faults = window.page, window.faults

    def dismissed(dialog: Dialog) -> None:
        faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def asked(request: Request) -> None:
        if not request.url.startswith((window.url, "data:")):
            faults.append(f"asked: {request.url}")

    page.on("console", lambda message: faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("dialog", dismissed)
    page.on("request", asked)
    return window


def cookie_of(desk: Desk, name: str, *roles: Role, **more: Any) -> str:
    """The session of a new account of these roles that gave a fresh code a moment ago."""
    account = Account(id=new_id(), name=name, roles=roles, created_at=desk.clock(), **more)
    with desk.workspace.database.write() as connection:
        act = act_of("test", "create_account", "account", account.id, clock=desk.clock, ids=new_id)
        Accounts(connection, EVERYTHING).save(account, act)
        cookie = open_session(connection, desk, account, "")
        connection.execute(
            tables.session.update().where(tables.session.c.account == account.id).values(stepped_up_at=desk.clock())
        )
    return cookie
