"""
The outer doors in a real browser: a holder's and a platform's way from the first page to the last.

axe finds nothing on any page of either, and no page leads where its door refuses.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
import pytest

from console.web.membership import Members
from reports.answers.sheet import HEADS
from store.db.determinations import Determinations
from store.db.notices import Notices
from store.db.outcomes import Outcomes
from store.db.products import Products
from store.db.references import References
from store.records.accounts import Role
from store.records.doors import Entrance
from store.records.ids import new_id
from store.records.notices import NoticeState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.browser.outer import PAGES, address, link_to_the_batch, staged_home
from tests.console.web.browser.serving import Served, Window, cookie_of, open_window, serve
from tests.console.web.browser.test_axe import findings_of
from tests.console.web.conftest import PASSWORD, Now

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

# What every link and form of the open page leads to; the page itself is where `#` leads.
LEADS = """() => [...document.querySelectorAll("a[href], form[action]")]
  .map((each) => [each.tagName === "A" ? "GET" : each.method.toUpperCase(), each.getAttribute("href") ||
    each.getAttribute("action")]).filter(([method, path]) => path.startsWith("/"))"""


@pytest.fixture(scope="module")
def home(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One workspace for both doors: what one person does here nobody else's journey asks for."""
    return staged_home(fresh_home, tmp_path_factory.mktemp("outer") / "home")


@pytest.fixture(scope="module")
def later() -> Now:
    """The clock of both doors."""
    return Now()


@pytest.fixture(scope="module")
def portal(home: Path, later: Now) -> Iterator[Served]:
    """The holders' portal."""
    with serve(home, later, Entrance.HOLDER) as listening:
        yield listening


@pytest.fixture(scope="module")
def platform_desk(home: Path, later: Now) -> Iterator[Served]:
    """The desk of platforms."""
    with serve(home, later, Entrance.PLATFORM) as listening:
        yield listening


def step(window: Window, button: str) -> None:
    """Press a button that leads to another page."""
    with window.page.expect_navigation():
        window.page.get_by_role("button", name=button, exact=True).click()


def is_whole(window: Window, served: Served) -> list[str]:
    """What is wrong with the page that is open: axe's findings, complaints, and links that this door refuses."""
    wrong = findings_of(window) + window.faults
    table = served.desk.table
    for method, path in window.page.evaluate(LEADS):
        parts = path.split("?")[0].split("/")
        fits = any(
            access.method == method
            and len(parts) == len(listed := access.path.split("/"))
            and all(have == want or "{" in want for have, want in zip(parts, listed, strict=True))
            for access in table.routes
        )
        wrong += [] if fits else [f"{method} {path} is not of this door"]
    return wrong


def test_a_holder_registers_gives_a_word_and_takes_a_notice_back(browser: Browser, portal: Served) -> None:
    desk = portal.desk
    members = Members(desk.workspace, by="test", clock=desk.clock, ids=new_id)
    _, token = members.invite("Dr. Uhr", [Role.HOLDER_EXPERT], holder=make.an_id("party"))
    window = open_window(browser, portal)
    page, seen = window.page, []
    window.go(f"/welcome?token={token}")
    secret = page.locator("code.secret").inner_text()
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", pyotp.TOTP(secret).at(desk.clock()))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "Register"

    with desk.workspace.database.read() as connection:
        holder, right = connection.exec_driver_sql(
            "SELECT party.legal_name, right.right_ref FROM right JOIN party ON party.id = right.holder LIMIT 1"
        ).one()
    rows = [["P-77", holder, right, "Watch 77"], ["P-78", "Somebody else", right, "Watch 78"]]
    text = io.StringIO()
    csv.writer(text).writerows([["product_ref", "holder", "right_refs", "name"], *rows])
    sheet = {"name": "products.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}
    for button, title in (("Try it", "What would happen"), ("Take it in", "What was done")):
        page.locator("#products input[type=file]").set_input_files([sheet])  # type: ignore[list-item]  # a dict is one
        with page.expect_navigation():
            page.locator("#products").get_by_role("button", name=button).click()
        assert page.locator("h1").inner_text() == title
        assert page.get_by_text("is not you").is_visible()
        seen += is_whole(window, portal) if button == "Take it in" else []
        with page.expect_navigation():
            page.get_by_role("link", name="Back").click()
    photos = [{"name": f"back-{n}.png", "mimeType": "image/png", "buffer": make.photo(700 + n)} for n in range(2)]
    page.get_by_label("Pictures, or a ZIP of them").set_input_files(photos)  # type: ignore[arg-type]  # dicts are files
    page.get_by_label("Your own name of it").fill("P-77")
    step(window, "Take them in")
    assert page.get_by_text("Every row stands.").is_visible()
    with desk.workspace.database.read() as connection:
        products = {each.product_ref for each in Products(connection, EVERYTHING).find()}
        references = {each.reference_ref for each in References(connection, EVERYTHING).find()}
    assert ("P-77" in products, "P-78" in products) == (True, False)
    assert {"back-0", "back-1"} <= references

    page.get_by_role("link", name="Determinations", exact=True).click()
    page.locator(".tiles a").first.click()
    page.get_by_label("No: it is fake").check()
    page.get_by_label("If fake, what is it?").select_option("counterfeit")
    page.get_by_label("What you saw").fill("The crown bears no logo")
    step(window, "Sign and enter")
    with desk.workspace.database.read() as connection:
        words = [each.statement for each in Determinations(connection, EVERYTHING).find()]
    assert "The crown bears no logo" in words

    page.get_by_role("link", name="Notices", exact=True).click()
    page.locator("td a", has_text="Notice").first.click()
    number = int(page.locator("h1 span").first.inner_text())
    page.get_by_label("Why was it an error?").fill("The seller is one of ours")
    step(window, "Withdraw the notice")
    with desk.workspace.database.read() as connection:
        notice = Notices(connection, EVERYTHING).numbered(number)
    assert notice is not None and notice.state is NoticeState.RECALLED
    step(window, "Sign out")
    assert page.url.endswith("/login")
    assert seen + window.faults == []
    window.context.close()


def test_a_platform_opens_a_link_answers_and_hands_it_on(browser: Browser, platform_desk: Served, later: Now) -> None:
    desk = platform_desk.desk
    token = link_to_the_batch(desk)
    window = open_window(browser, platform_desk)
    page, seen = window.page, []
    assert window.go(f"/open/{token}") == 200
    seen += is_whole(window, platform_desk)
    step(window, "Open the batch")
    assert page.get_by_role("heading", name="Answer all at once").is_visible()
    with page.expect_download() as sheet:
        page.get_by_role("link", name="Download answers.csv").click()
    lines = list(csv.DictReader(io.StringIO(Path(sheet.value.path()).read_text("utf-8-sig"))))
    assert tuple(lines[0]) == HEADS

    page.locator(".finding-row a.name").first.click()
    page.locator("[name=answer]").select_option(label="Kept: no action")
    step(window, "Answer")
    assert page.locator("[role=alert]").inner_text().startswith("Say why")
    window.faults.clear()  # the browser notes that the form came back with 400, as it has to
    page.locator("[name=reason]").select_option(label="The goods are genuine")
    step(window, "Answer")
    assert page.get_by_text("Every answer stands as you gave it.").is_visible()
    seen += is_whole(window, platform_desk)
    page.get_by_role("link", name="Go on with the open items").click()

    later.move(minutes=5)
    for line in lines:
        line |= {"answer": "removed", "decided_at": later().isoformat()}
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADS)
    writer.writeheader()
    writer.writerows(lines)
    for word in ("entered", "stood already"):
        page.locator("input[type=file]").set_input_files(
            [{"name": "answers.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}]
        )
        step(window, "Hand in the answers")
        assert page.locator(".figure", has_text=word).is_visible()
        page.locator(".crumbs a").click()
    with desk.workspace.database.read() as connection:
        said = [each.status_raw for each in Outcomes(connection, EVERYTHING).find()]
    assert said.count("removed") == len(lines)

    page.get_by_role("link", name="Check the evidence").click()
    assert page.get_by_text("Every file was read and hashed again").is_visible()
    page.locator(".crumbs a").click()
    step(window, "Make a link")
    further = page.locator("code.secret").inner_text()
    seen += is_whole(window, platform_desk)
    colleague = open_window(browser, platform_desk)
    assert colleague.go(f"/open/{token}") == 410, "what was used opens nothing again"
    assert colleague.go(further.removeprefix(platform_desk.url)) == 200
    step(colleague, "Open the batch")
    assert colleague.page.get_by_role("heading", name="Answer all at once").is_visible()
    colleague.context.close()
    assert seen + window.faults == []
    window.context.close()


@pytest.fixture(scope="module")
def visitors(browser: Browser, portal: Served, platform_desk: Served) -> Iterator[dict[Entrance, Window]]:
    """A holder, and a platform that has handed in a sheet without a word."""
    expert = cookie_of(portal.desk, "Dr. Zeit", Role.HOLDER_EXPERT, holder=make.an_id("party"))
    opened = {
        Entrance.HOLDER: open_window(browser, portal, expert),
        Entrance.PLATFORM: open_window(browser, platform_desk),
    }
    recipient = opened[Entrance.PLATFORM]
    recipient.go(f"/open/{link_to_the_batch(platform_desk.desk)}")
    step(recipient, "Open the batch")
    empty = recipient.context.request.get(recipient.page.url + "/answers.csv").body()
    recipient.page.locator("input[type=file]").set_input_files(
        [{"name": "answers.csv", "mimeType": "text/csv", "buffer": empty}]
    )
    step(recipient, "Hand in the answers")
    yield opened
    for window in opened.values():
        window.context.close()


@pytest.mark.parametrize("door", PAGES)
def test_axe_finds_nothing_and_every_link_holds(
    door: Entrance, portal: Served, platform_desk: Served, visitors: dict[Entrance, Window]
) -> None:
    window, served = visitors[door], portal if door is Entrance.HOLDER else platform_desk
    for path in PAGES[door]:
        window.faults.clear()
        assert window.go(address(served.desk, path)) == 200, path
        assert is_whole(window, served) == [], path
