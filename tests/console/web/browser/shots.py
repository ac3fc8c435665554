"""
Pictures of every page, on a wide screen and a phone, light and dark, for people to look at.

    python -m tests.console.web.browser.shots FOLDER [--home WORKSPACE] [--only /cases] [--door holder]

Without `--home` the pages show the small world of the tests; a workspace is copied first and stays as it is.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import load_settings
from console.workspace import create_workspace
from crawler.footing import find_chromium
from store.records.accounts import Role
from store.records.doors import Entrance
from store.records.ids import Clock, utc_now
from tests.console.web.browser import outer
from tests.console.web.browser.addresses import PAGES, STRANGERS, address
from tests.console.web.browser.serving import (
    DESKTOP,
    PHONE,
    STAFF,
    Served,
    cookie_of,
    open_browser,
    open_window,
    serve,
)
from tests.console.web.browser.staging import full_desk
from tests.console.web.conftest import Now

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the pages; 0 when every one answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.console.web.browser.shots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--door", choices=("staff", "holder", "platform"), default="staff")
    asked = parser.parse_args(arguments)
    asked.folder.mkdir(parents=True, exist_ok=True)
    executable = find_chromium(load_settings("unused", dict(os.environ)))
    if executable is None:
        sys.stderr.write("no Chromium: install chromium-headless-shell\n")
        return 1
    clock: Clock = utc_now if asked.home else Now()
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        if asked.home:
            shutil.copytree(asked.home, home)
        else:
            create_workspace(load_settings(home, {}))
        if not asked.home and asked.door != "staff":
            home = outer.staged_home(home, Path(scratch) / "staged")
        entrance = Entrance(asked.door)
        with serve(home, clock, entrance) as served, open_browser(executable) as browser:
            if not asked.home and entrance is Entrance.STAFF:
                full_desk(served.desk)
            cookies = {
                "staff": "" if entrance is Entrance.PLATFORM else cookie_of(served.desk, "Ada Staff", *STAFF),
                "expert": cookie_of(served.desk, "Dr. Uhr", Role.HOLDER_EXPERT, holder=_holder(served.desk)),
                "stranger": "",
            }
            if entrance is Entrance.PLATFORM:
                cookies["recipient"] = _opened(browser, served)
            for path in PAGES if entrance is Entrance.STAFF else outer.PAGES[entrance]:
                if asked.only and not path.startswith(asked.only):
                    continue
                who = "expert" if entrance is Entrance.HOLDER or "determination" in path else "staff"
                who = "stranger" if path in STRANGERS else "recipient" if "recipient" in cookies else who
                target = (
                    address(served.desk, path) if entrance is Entrance.STAFF else outer.address(served.desk, path)
                )
                name = re.sub(r"\W+", "_", path).strip("_") or "today"
                for size, width in ((DESKTOP, "wide"), (PHONE, "phone")):
                    for scheme in ("light", "dark"):
                        window = open_window(browser, served, cookies[who], viewport=size, color_scheme=scheme)
                        status = window.go(target)
                        window.page.wait_for_load_state("networkidle")
                        window.page.screenshot(path=asked.folder / f"{name}-{width}-{scheme}.png", full_page=True)
                        window.context.close()
                        if status >= 400 and path not in STRANGERS:
                            sys.stderr.write(f"{path}: {status} {window.faults}\n")
                            failed += 1
    return 1 if failed else 0


def _opened(browser: Browser, served: Served) -> str:
    """The cookie of a browser that opened the last batch by a link and handed in its sheet."""
    window = open_window(browser, served)
    window.go(f"/open/{outer.link_to_the_batch(served.desk)}")
    window.page.locator("#open").click()
    sheet = window.context.request.get(window.page.url + "/answers.csv").body()
    window.page.locator("input[type=file]").set_input_files(
        [{"name": "answers.csv", "mimeType": "text/csv", "buffer": sheet}]
    )
    window.page.locator("#hand-in").click()
    window.page.wait_for_url("**/receipts/*")
    found = {each.get("name"): each.get("value") for each in window.context.cookies()}
    return str(found[served.desk.cookie])


def _holder(desk: object) -> str:
    from sqlalchemy import select

    from console.web.desk import Desk
    from store.db import tables

    assert isinstance(desk, Desk)
    item = tables.review_item.c
    with desk.workspace.database.read() as connection:
        query = select(item.holder).where(item.photo.is_not(None), item.seller.is_not(None)).order_by(item.finding)
        return str(connection.execute(query).scalars().first())


if __name__ == "__main__":
    sys.exit(main())
