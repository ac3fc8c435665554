"""
Pictures of every page, on a wide screen and a phone, light and dark, for people to look at.

    python -m tests.console.web.browser.shots FOLDER [--home WORKSPACE] [--only /cases] [--wide 1280]

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

from config.settings import load_settings
from console.workspace import create_workspace
from crawler.footing import find_chromium
from store.records.accounts import Role
from store.records.ids import Clock, utc_now
from tests.console.web.browser.addresses import PAGES, STRANGERS, address
from tests.console.web.browser.serving import DESKTOP, PHONE, STAFF, cookie_of, open_browser, open_window, serve
from tests.console.web.browser.staging import full_desk
from tests.console.web.conftest import Now


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the pages; 0 when every one answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.console.web.browser.shots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--only", default="")
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
        with serve(home, clock) as served, open_browser(executable) as browser:
            if not asked.home:
                full_desk(served.desk)
            cookies = {
                "staff": cookie_of(served.desk, "Ada Staff", *STAFF),
                "expert": cookie_of(served.desk, "Dr. Uhr", Role.HOLDER_EXPERT, holder=_holder(served.desk)),
                "stranger": "",
            }
            for path in PAGES:
                if asked.only and not path.startswith(asked.only):
                    continue
                who = "stranger" if path in STRANGERS else "expert" if "determination" in path else "staff"
                name = re.sub(r"\W+", "_", path).strip("_") or "today"
                for size, width in ((DESKTOP, "wide"), (PHONE, "phone")):
                    for scheme in ("light", "dark"):
                        window = open_window(browser, served, cookies[who], viewport=size, color_scheme=scheme)
                        status = window.go(address(served.desk, path))
                        window.page.wait_for_load_state("networkidle")
                        window.page.screenshot(path=asked.folder / f"{name}-{width}-{scheme}.png", full_page=True)
                        window.context.close()
                        if status >= 400 and path not in STRANGERS:
                            sys.stderr.write(f"{path}: {status} {window.faults}\n")
                            failed += 1
    return 1 if failed else 0


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
