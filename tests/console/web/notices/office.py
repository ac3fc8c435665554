"""An office at the desk: one case with confirmed findings, and its people, each in one role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fastapi import FastAPI

from cases.decisions import MOST_CONFIRMED_AT_ONCE, decide
from config.declarations import load_declarations
from console.web.desk import Desk
from reports.signing import outline_of, sight_of, stance_of
from store.db.audit import AuditTrail
from store.db.notices import Notices
from store.evidence.seal import create_key
from store.records.accounts import Role
from store.records.cases import CaseState, Verdict
from store.records.ids import new_id
from store.records.notices import Notice
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.conftest import START
from tests.console.web.conftest import Browser, add_account, browser_of
from tests.console.web.review.stock import scenes_of, stock
from tests.factories import Scene

ANN, BO, JANE, EVE = "Ann Officer", "Bo Approver", "Jane Roe", "Eve Reviewer"

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
POLICY = f"""\
[sender]
agent = "{make.AGENT}"
email = "notices@rights-office.example"
"""
Change = Callable[[Scene], Scene]


def _same(scene: Scene) -> Scene:
    return scene


class Office:
    """A desk with one case, confirmed, and the people of an office."""

    def __init__(
        self, app: FastAPI, count: int = 1, *, change: Change = _same, policy: str = POLICY, signs: bool = True
    ) -> None:
        self.app = app
        self.desk: Desk = app.state.desk
        settings = self.desk.workspace.settings
        (settings.platforms / "shopnest.toml").write_text(PLATFORM)
        settings.policy.write_text(policy)
        # The workspace's own key was made today, and this office's calendar stands in March.
        day = timedelta(days=1)
        create_key(settings.keys, name="Office", valid_from=START - day, valid_to=START + 365 * day)
        digest = load_declarations(settings).digest
        scenes = [
            replace(s, comparison=replace(s.comparison, config_digest=digest)) for s in map(change, scenes_of(count))
        ]
        database = self.desk.workspace.database
        self.case = stock(database, self.desk.workspace.vault, scenes, state=CaseState.OPEN)
        for start in range(0, count, MOST_CONFIRMED_AT_ONCE):
            lot = self.case.findings[start : start + MOST_CONFIRMED_AT_ONCE]
            decide(database, lot, Verdict.CONFIRM, by=EVE, clock=self.desk.clock, ids=new_id)
        self.officer = self.person(ANN, Role.OFFICER)
        self.approver = self.person(BO, Role.APPROVER)
        self.signatory = self.person(JANE, Role.SIGNATORY) if signs else self.approver

    def person(self, name: str, *roles: Role, **more: Any) -> Browser:
        return browser_of(self.app, add_account(self.desk, name, *roles, **more))

    def page(self, number: int = 1, who: Browser | None = None) -> str:
        return str((who or self.officer).get(f"/notices/{number}").text)

    def notice(self, number: int = 1) -> Notice:
        with self.desk.workspace.database.read() as connection:
            found = Notices(connection, EVERYTHING).numbered(number)
        assert found is not None
        return found

    def stance(self, number: int = 1) -> str:
        """What the form that takes the notice back was drawn from."""
        notice = self.notice(number)
        return stance_of(notice, outline_of(notice))

    def seen(self, number: int = 1) -> str:
        """What the forms of the notice's page say that the person had before them."""
        return sight_of(self.notice(number))

    def prepare(self) -> None:
        assert self.officer.submit("/cases/1/notice").status_code == 303

    def approve(self) -> None:
        assert self.approver.submit("/notices/1/approve", seen=self.seen()).status_code == 303

    def sign(self) -> None:
        assert self.signatory.submit("/notices/1/sign", seen=self.seen(), name=JANE).status_code == 303

    def export(self) -> None:
        assert self.officer.submit("/notices/1/export", seen=self.seen()).status_code == 303

    def acts(self) -> list[tuple[str, str]]:
        """Who did what to the first notice, in order."""
        with self.desk.workspace.database.read() as connection:
            trail = AuditTrail(connection, EVERYTHING).of_subject(self.notice().id)
        return [(act.actor, act.action) for act in trail]
