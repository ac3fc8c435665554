"""The keyboard alone suffices: everything is reached by Tab, is seen to be reached, and lets go again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store.db.review import ReviewItems
from store.records.accounts import Role
from store.records.review import Standing
from store.records.scope import EVERYTHING
from tests.console.web.browser.serving import STAFF, Served, Window, cookie_of, open_window
from tests.console.web.browser.staging import full_desk
from tests.console.web.review.stock import scenes_of, stock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const label = e.closest("label");
  const around = label && getComputedStyle(label).outlineStyle !== "none";
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    tag: e.tagName, href: e.getAttribute("href"),
    text: (e.innerText || e.getAttribute("aria-label") || e.name || e.tagName).trim(),
    seen: Boolean(ring || around), size: box.width * box.height,
    covered: Boolean(hit && !e.contains(hit) && hit !== e && hit.closest(".decide-bar")),
  };
}"""
MOST_STOPS = 400  # of one page; the fullest here has some hundred


@pytest.fixture
def officer(browser: Browser, served: Served) -> Window:
    """An officer who has no mouse."""
    return open_window(browser, served, cookie_of(served.desk, "Ann Key", Role.OFFICER))


def standing_of(served: Served, finding: str) -> Standing:
    with served.desk.workspace.database.read() as connection:
        item = ReviewItems(connection, EVERYTHING).get(finding)
    assert item is not None
    return item.standing


def walk_to(window: Window, text: str, *, leads: str | None = None) -> None:
    """Press Tab until what says `text`, and leads there, has the focus; every stop on the way can be seen."""
    for _ in range(MOST_STOPS):
        window.page.keyboard.press("Tab")
        focused = window.page.evaluate(FOCUSED)
        assert focused["seen"], f"the focus on {focused} cannot be seen"
        says = any(line.startswith(text) for line in focused["text"].split("\n"))
        if says and focused["tag"] in ("A", "BUTTON") and leads in (None, focused["href"]):
            return
    raise AssertionError(f"Tab never reaches {text!r}")


def enter(window: Window) -> None:
    """Press Enter on what has the focus, and wait for where it leads."""
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")


def press(window: Window, *keys: str) -> str:
    """Press keys, the last of which leads to another page; gives that page's finding."""
    for key in keys[:-1]:
        window.page.keyboard.press(key)
    with window.page.expect_navigation():
        window.page.keyboard.press(keys[-1])
    return window.page.url.split("/findings/")[-1].split("?")[0]


def test_from_today_to_a_case_by_tab_and_enter(served: Served, officer: Window) -> None:
    stock(served.desk.workspace.database, served.desk.workspace.vault, scenes_of(3))
    page = officer.page
    officer.go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main", "the first stop leads past the menu"
    walk_to(officer, "Review findings")
    enter(officer)
    walk_to(officer, "AURELIA Solaris")
    enter(officer)
    first = page.url.split("/findings/")[1].split("?")[0]
    walk_to(officer, "Confirm")
    enter(officer)
    assert standing_of(served, first) is Standing.CONFIRM
    walk_to(officer, "Undo")
    enter(officer)
    assert standing_of(served, first) is Standing.OPEN
    walk_to(officer, "Reject")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "reject", "the reasons take the focus"
    page.keyboard.press("Escape")
    assert "Reject" in page.evaluate(FOCUSED)["text"], "and give it back"
    page.keyboard.press("Enter")
    enter(officer)
    assert standing_of(served, first) is Standing.REJECT
    walk_to(officer, "Cases")
    enter(officer)
    walk_to(officer, "1", leads="/cases/1")
    enter(officer)
    assert page.locator("h1").inner_text().startswith("Case 1")
    assert officer.faults == []
    officer.context.close()


def test_no_page_traps_the_focus_or_hides_it(browser: Browser, served: Served) -> None:
    full_desk(served.desk)
    window = open_window(browser, served, cookie_of(served.desk, "Ada Staff", *STAFF))
    for path in ("/", "/review", "/findings?standing=open", "/cases/2", "/notices/3", "/accounts"):
        window.go(path)
        hidden, stops = [], 0
        for _ in range(MOST_STOPS):
            window.page.keyboard.press("Tab")
            focused = window.page.evaluate(FOCUSED)
            if focused["tag"] == "BODY":
                break
            stops += 1
            if not focused["seen"] or focused["size"] < 4 or focused["covered"]:
                hidden.append(focused)
        else:
            raise AssertionError(f"{path}: after {MOST_STOPS} stops Tab has not come round")
        assert hidden == [], path
        assert stops > 12, path
    window.context.close()


def test_a_queue_is_worked_through_by_keys_alone(served: Served, officer: Window) -> None:
    title = "AURELIA <script>alert(1)</script>"
    stock(served.desk.workspace.database, served.desk.workspace.vault, scenes_of(8, title=title))
    page = officer.page
    officer.go("/review")
    links = page.locator(".finding-row a.name").all()
    order = [str(link.get_attribute("href")).split("/findings/")[1].split("?")[0] for link in links]
    assert press(officer, "j") == order[0], "start"
    assert press(officer, "c") == order[1], "confirm"
    assert press(officer, "r", "2") == order[2], "reject as genuine resale"
    assert press(officer, "u") == order[3], "unsure"
    assert press(officer, "h") == order[4], "ask the holder"
    assert press(officer, "s") == order[5], "skip"
    assert press(officer, "k") == order[4], "back"
    assert press(officer, "j") == order[5], "on"
    assert press(officer, "c") == order[6], "confirm"
    assert press(officer, "z") == order[5], "undo leads back to what is open again"
    page.keyboard.press("f")
    assert page.get_attribute("[data-stage]", "data-stage") == "flicker"
    page.keyboard.press("o")
    assert page.get_attribute("[data-stage]", "data-stage") == "overlay"
    page.keyboard.press("r")
    page.keyboard.press("0")
    page.keyboard.type("c is typed, not confirmed")
    assert page.input_value("[data-note]") == "c is typed, not confirmed"
    assert page.locator("h1 script").count() == 0
    assert [standing_of(served, order[n]) for n in range(6)] == [
        Standing.CONFIRM,
        Standing.REJECT,
        Standing.UNSURE,
        Standing.NEEDS_HOLDER,
        Standing.OPEN,
        Standing.OPEN,
    ]
    assert officer.faults == []
    officer.context.close()


def test_a_picture_that_could_not_be_drawn_is_asked_for_again(served: Served, officer: Window) -> None:
    """While the process that draws begins, or all are busy, the desk answers 503; the page does not stay broken."""
    workspace = served.desk.workspace
    (finding,) = stock(workspace.database, workspace.vault, scenes_of(1)).findings
    asked: list[str] = []

    def busy_once(route: Route) -> None:
        asked.append(route.request.url)
        if asked.count(route.request.url) == 1:
            route.fulfill(status=503, headers={"retry-after": "5"})
        else:
            route.continue_()

    officer.page.route("**/picture/*", busy_once)
    officer.go(f"/findings/{finding}")
    drawn = "[...document.querySelectorAll('.pair img')].every((image) => image.naturalWidth > 0)"
    for _ in range(200):  # the content policy refuses a function that waits inside the page
        if officer.page.evaluate(drawn):
            break
        officer.page.wait_for_timeout(100)
    assert officer.page.evaluate(drawn)
    assert len(asked) > len(set(asked))
