"""From a case to a sealed batch in the browser: each act by whom it belongs to, once, and never on an old sight."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from cases.decisions import decide
from config.declarations import load_declarations
from console.web.desk import Desk
from store.db.notices import Notices
from store.evidence.seal import create_key
from store.records.accounts import Role
from store.records.cases import CaseState, Verdict
from store.records.ids import new_id
from store.records.notices import Notice, NoticeState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.conftest import START
from tests.console.web.conftest import Browser, add_account, browser_of
from tests.console.web.review.stock import scenes_of, stock

ANN, BO, JANE = "Ann Officer", "Bo Approver", "Jane Roe"

PLATFORM = """\
name = "shopnest"
kind = "marketplace"
home = "http://127.0.0.1:8041/"
countries = ["SE", "NO"]
[reach]
by = "import"
[notify]
profile = "eu-dsa-16"
"""
POLICY = """\
[sender]
agent = "{agent}"
email = "notices@rights-office.example"
"""


class Office:
    """A desk with one case, confirmed, and the people of an office."""

    def __init__(self, app: FastAPI, count: int = 1) -> None:
        self.app = app
        self.desk: Desk = app.state.desk
        settings = self.desk.workspace.settings
        (settings.platforms / "shopnest.toml").write_text(PLATFORM)
        settings.policy.write_text(POLICY.format(agent=make.AGENT))
        # The workspace's own key was made today, and this office's calendar stands in March.
        day = timedelta(days=1)
        create_key(settings.keys, name="Office", valid_from=START - day, valid_to=START + 365 * day)
        digest = load_declarations(settings).digest
        scenes = [replace(s, comparison=replace(s.comparison, config_digest=digest)) for s in scenes_of(count)]
        database = self.desk.workspace.database
        self.case = stock(database, self.desk.workspace.vault, scenes, state=CaseState.OPEN)
        decide(database, self.case.findings, Verdict.CONFIRM, by="Eve Reviewer", clock=self.desk.clock, ids=new_id)
        self.officer = self.person(ANN, Role.OFFICER)
        self.approver = self.person(BO, Role.APPROVER)
        self.signatory = self.person(JANE, Role.SIGNATORY)

    def person(self, name: str, *roles: Role, **more: Any) -> Browser:
        return browser_of(self.app, add_account(self.desk, name, *roles, **more))

    def page(self, number: int = 1, who: Browser | None = None) -> str:
        return str((who or self.officer).get(f"/notices/{number}").text)

    def notice(self, number: int = 1) -> Notice:
        with self.desk.workspace.database.read() as connection:
            found = Notices(connection, EVERYTHING).numbered(number)
        assert found is not None
        return found


def seen(page: str) -> str:
    """What the forms of a page say that the person had before them."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def office(app: FastAPI) -> Office:
    """An office with one confirmed case."""
    return Office(app)


def test_an_officers_case_ends_in_a_signed_and_exported_notice(office: Office) -> None:
    assert 'id="prepare-notice"' in office.officer.get("/cases/1").text
    answer = office.officer.submit("/cases/1/notice")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notices/1")
    page = office.page(who=office.approver)
    assert 'id="approve"' in page and 'id="sign"' not in page
    assert office.approver.submit("/notices/1/approve", seen=seen(page)).headers["location"] == "/notices/1"
    page = office.page(who=office.signatory)
    assert 'id="sign"' in page and "I confirm my bona fide belief" in page
    assert office.signatory.submit("/notices/1/sign", seen=seen(page), name=JANE).status_code == 303
    page = office.page()
    assert 'id="export"' in page
    assert office.officer.submit("/notices/1/export", seen=seen(page)).headers["location"] == "/batches/1"
    batch = office.officer.get("/batches/1").text
    assert "as sealed" in batch and 'id="download"' in batch
    assert office.notice().state is NoticeState.BATCHED
