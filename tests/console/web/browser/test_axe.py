"""
No page keeps anybody out: axe finds nothing on any page of the table of routes, wide and narrow, light and dark.

axe-core comes with `axe-playwright-python`. It is injected by the browser's own protocol, past the content policy,
which refuses it like any other script a page does not come with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from console.web.membership import Members
from store.records.accounts import Role
from store.records.ids import new_id
from tests import factories as make
from tests.console.web.browser.addresses import PAGES, STRANGERS, address
from tests.console.web.browser.serving import DESKTOP, PHONE, STAFF, Served, Window, cookie_of, open_window
from tests.console.web.browser.staging import full_desk
from tests.console.web.conftest import SETUP

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
# Every rule of axe except its experimental ones; the size of a finger's target is off by default and matters here.
RUN = """async (only) => {
  const options = {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}};
  if (only) options.runOnly = {type: "rule", values: only};
  const result = await axe.run(document, options);
  return result.violations.map((v) => `${v.impact} ${v.id}: ` + v.nodes.map((n) => n.target.join(" ") + " " +
    [...n.any, ...n.all, ...n.none].map((c) => c.message).join("; ")).slice(0, 4).join(" | "));
}"""
COLOURS = ["color-contrast", "link-in-text-block"]  # all that the reader's scheme can change
# All that the width can change: the document is the same, what is drawn of it is not.
NARROW = [*COLOURS, "target-size", "scrollable-region-focusable", "region", "label", "link-name", "button-name"]
VIEWS = (("wide", DESKTOP, None), ("phone", PHONE, NARROW))
INSIDE = tuple(path for path in PAGES if path not in STRANGERS)


@pytest.fixture(scope="module")
def staged(shared: Served) -> Served:
    """A desk where every page has something to draw."""
    full_desk(shared.desk)
    return shared


@pytest.fixture(scope="module")
def windows(browser: Browser, staged: Served) -> Iterator[dict[str, Window]]:
    """Somebody of each kind, signed in."""
    desk = staged.desk
    expert = cookie_of(desk, "Dr. Uhr", Role.HOLDER_EXPERT, holder=make.an_id("party"))
    opened = {
        "staff": open_window(browser, staged, cookie_of(desk, "Ada Staff", *STAFF)),
        "expert": open_window(browser, staged, expert),
        "stranger": open_window(browser, staged),
    }
    yield opened
    for window in opened.values():
        window.context.close()


def findings_of(window: Window) -> list[str]:
    """What axe says of the page that is open, wide and narrow, light and dark."""
    page, found = window.page, []
    page.evaluate(AXE)
    for name, size, rules in VIEWS:
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            said: Any = page.evaluate(RUN, rules if scheme == "light" else COLOURS)
            found += [f"{name} {scheme}: {each}" for each in said]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > size["width"]:
                found.append(f"{name}: the page is {wide} px wide")
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize("path", INSIDE)
def test_axe_finds_nothing_on(path: str, staged: Served, windows: dict[str, Window]) -> None:
    window = windows["expert" if path.startswith("/determinations") else "staff"]
    window.faults.clear()
    assert window.go(address(staged.desk, path)) == 200, "every page here leads to a record that is there"
    assert findings_of(window) == []
    assert window.faults == []


def test_axe_finds_nothing_on_what_a_stranger_sees(staged: Served, windows: dict[str, Window]) -> None:
    members = Members(staged.desk.workspace, by="test", clock=staged.desk.clock, ids=new_id)
    _, token = members.invite("Ivar Berg", [Role.REVIEWER])
    for path in ("/login", f"/welcome?token={token}", "/welcome?token=none", "/cases"):
        windows["stranger"].go(path)
        assert findings_of(windows["stranger"]) == [], path


def test_axe_finds_nothing_when_the_desk_is_set_up(browser: Browser, served: Served) -> None:
    window = open_window(browser, served)
    assert window.go(f"/setup?token={SETUP}") == 200
    assert findings_of(window) == []
    window.context.close()


def test_axe_finds_nothing_on_the_page_that_a_batch_hands_out(staged: Served, windows: dict[str, Window]) -> None:
    window = windows["staff"]
    answer = window.context.request.get(staged.url + address(staged.desk, "/batches/{number}/page"))
    assert answer.status == 200
    window.page.goto("about:blank")
    window.page.set_content(answer.text())
    # The stamp across the sheet is faint on purpose and hidden from readers; the banner says the same in plain ink.
    window.page.evaluate("document.querySelector('.stamp')?.remove()")
    found = findings_of(window)
    assert [each for each in found if "serious" in each or "critical" in each] == []


def test_axe_finds_nothing_while_somebody_works(staged: Served, windows: dict[str, Window]) -> None:
    window = windows["staff"]
    page = window.page
    window.go(address(staged.desk, "/findings/{finding}"))
    for key in ("r", "f", "o"):
        page.keyboard.press(key)
        assert findings_of(window) == [], key
    page.keyboard.press("Escape")
    page.locator("details.card > summary").click()
    assert findings_of(window) == [], "values opened"
    window.go("/cases/999")
    assert findings_of(window) == [], "what is not there"
    window.go("/review?q=nothing+fits+this")
    assert findings_of(window) == [], "an empty list"
    window.go("/accounts")
    for summary in page.locator("summary").all():
        summary.click()
    assert findings_of(window) == [], "accounts opened"


def test_the_version_of_axe_is_recent() -> None:
    found = re.search(r"axe v(\d+)\.(\d+)", AXE)
    assert found is not None
    assert (int(found[1]), int(found[2])) >= (4, 8)
