"""Every list says the same as a page, as JSON and as a table, whatever it is narrowed to; and no cell of one runs."""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.access import ROUTES
from store.db.review import BlindReviews
from store.db.sellers import Sellers
from store.records.accounts import Role
from store.records.cases import Verdict
from store.records.review import BlindKind, BlindReview
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import Browser, Now, add_account, browser_of, open_desk
from tests.console.web.two_holders import two_holders

LISTS = sorted(access.path.removesuffix(".json") for access in ROUTES if access.path.endswith(".json"))
LISTS.remove("/openapi")
CURVES = tuple(path for path in LISTS if path.endswith("/curve"))
"""The points of a chart: they stand on its own page, as drawn; tests/console/web/analytics recomputes them."""
LISTS = [path for path in LISTS if path not in CURVES]
FIGURES = tuple(path for path in LISTS if path.startswith("/analytics/"))
NOTHING_YET = {
    *(f"/analytics/{name}/rows" for name in ("removal", "answers", "returns", "precision")),
    "/analytics/precision",
    "/webhooks",
}
"""No notice of this ledger arrived, and nothing in it is confirmed; tests/console/web/analytics has all of it."""

# How one line of the page begins. A new list has to say so here.
LINES = {
    "/review": r'class="finding-row[ "]',
    "/findings": r'class="finding-row[ "]',
    "/listings": r'href="/listings/[0-9a-f-]{36}"',
    "/cases": r'href="/cases/\d+"',
    "/runs": r'href="/runs/[0-9a-f-]{36}"',
    "/sites": r'href="/sites/[^"?]+"',
    "/rights": r'href="/rights/[0-9a-f-]{36}"',
    "/notices": r'href="/notices/\d+"',
    "/batches": r'href="/batches/\d+"',
    "/determinations": r'href="/determinations/[0-9a-f-]{36}"',
    "/quality": r'<tr><th scope="row" translate="no">',
    "/crawls": r'class="platform-name"',
    "/keeping": r'class="kept-line"',
    "/deadlines": r'<li><div class="what"><strong><a href="/notices/\d+"',
    "/objections": r'href="/notices/\d+#answers"',
    "/instruments": r'href="/instruments/\d+"',
    "/holds": r'<li class="hold-line"',
    "/tips": r'<li class="tip-line"',
    "/webhooks": r'<li class="message-line"',
    **dict.fromkeys(FIGURES, r'<tr><th scope="row"'),
}
COUNTED = (
    "/review",
    "/findings",
    "/quality",
    "/crawls",
    "/keeping",
    "/deadlines",
    "/objections",
    "/holds",
    "/tips",
    "/webhooks",
    *FIGURES,
)  # lines that may begin alike
NARROWED = {
    "/review": ("?platform=shopnest", "?platform=elsewhere", "?q=solaris", "?band=notice", "?band=silent"),
    "/findings": ("?standing=open", "?standing=confirm", "?q=replica", "?q=seller:880002"),
    "/listings": ("?q=solaris", "?q=replica", "?q=sol*+platform:shopnest", "?q=nothing", "?platform=elsewhere"),
    "/cases": ("?state=ready", "?state=closed", "?platform=shopnest"),
    "/runs": ("?kind=crawl", "?state=failed"),
    "/rights": ("?status=active", "?status=expired", "?kind=trademark"),
    "/sites": ("?q=shop1", "?q=nowhere"),
    "/notices": ("?state=sent", "?platform=shopnest"),
    "/batches": ("?platform=shopnest", "?platform=elsewhere"),
    "/determinations": ("?platform=shopnest", "?platform=elsewhere"),
    "/objections": ("?platform=shopnest", "?platform=elsewhere"),
    "/instruments": ("?form=ncb-message", "?state=issued", "?state=draft"),
    "/holds": ("?kind=silence", "?state=stands", "?state=over"),
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, fresh_home: Path) -> Iterator[Browser]:
    """An officer before a ledger with two of everything."""
    made: FastAPI = open_desk(Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("lists") / "home")), Now())
    with TestClient(made):
        desk = made.state.desk
        own, other = two_holders(desk)
        with desk.workspace.database.write() as connection:
            look = BlindReview(
                finding=own.finding, reviewer="=Ann", kind=BlindKind.KNOWN, expected=Verdict.CONFIRM,
                assigned_at=make.NOW, verdict=Verdict.CONFIRM, answered_at=make.NOW,
            )  # fmt: skip
            BlindReviews(connection, EVERYTHING).keep(look)
            hostile = replace(make.seller(2), platform_seller_id="=1+1")
            Sellers(connection, EVERYTHING).put([hostile])
        officer = browser_of(made, add_account(desk, "Ann Key", Role.OFFICER))
        form = {"seen": f"{other.finding}~{other.comparison}~", "verdict": "needs_holder"}
        assert officer.submit(f"/findings/{other.finding}/decide", **form).status_code == 303
        yield officer


def test_every_list_is_known_here() -> None:
    assert set(LISTS) == set(LINES), "a list nobody compares: say how its lines begin"
    paths = {access.path for access in ROUTES}
    for path in LISTS:
        assert {path, f"{path}.json", f"{path}.csv"} <= paths


@pytest.mark.parametrize("path", LISTS)
def test_page_json_and_table_hold_the_same_lines_under_the_same_facets(reader: Browser, path: str) -> None:
    counts = {}
    for asked in ("", *NARROWED.get(path, ())):
        page = reader.get(path + asked)
        data = reader.get(f"{path}.json{asked}").json()
        table = reader.get(f"{path}.csv{asked}")
        assert page.status_code == table.status_code == 200
        assert table.headers["content-disposition"] == f'attachment; filename="{_name(path)}.csv"'
        rows = list(csv.reader(io.StringIO(table.text)))
        (listed,) = [value for value in data.values() if isinstance(value, list)]
        lines = {match[0] for match in re.finditer(LINES[path] + r"[^>]*>", page.text)}
        count = len(re.findall(LINES[path], page.text)) if path in COUNTED else len(lines)
        assert (count, len(listed), len(rows) - 1) == (count,) * 3, asked
        assert [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t")] == []
        counts[asked] = count
    assert counts[""] > 0 or path in NOTHING_YET
    if path in NARROWED and path != "/notices":  # there, two of two are sent by one platform
        assert len(set(counts.values())) > 1, counts


FACETED = ("/review", "/findings", "/listings", "/cases", "/runs", "/rights", "/notices", "/batches", "/objections")
FACETED += ("/instruments", "/holds")
OFFER = re.compile(r'<li><a href="([^"]+)"( aria-current="true")?>\s*<span[^>]*>[^<]*</span>\s*<b[^>]*>([\d,]+)</b>')


@pytest.mark.parametrize("path", FACETED)
def test_a_facet_leads_to_as_many_lines_as_it_says(reader: Browser, path: str) -> None:
    offers = OFFER.findall(reader.get(path).text)
    assert offers, "a list without a way to narrow it"
    address, _chosen, count = offers[0]
    page = reader.get(html.unescape(address)).text
    lines = {match[0] for match in re.finditer(LINES[path] + r"[^>]*>", page)}
    found = len(re.findall(LINES[path], page)) if path in COUNTED else len(lines)
    assert str(found) == count
    assert any(chosen and n == count for _address, chosen, n in OFFER.findall(page)), "and it can be taken away"


def _name(path: str) -> str:
    return "queue" if path == "/review" else path.strip("/").replace("/", "-")
