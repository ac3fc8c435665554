"""A stop of sending is released on the desk by two people, each with a reason, and by nobody for another holder."""

from __future__ import annotations

from fastapi import FastAPI

from store.db import tables
from store.db.budget import BudgetReleases
from store.db.rows import row_of, upsert
from store.records.accounts import Role
from store.records.findings import InfringementClass
from store.records.notices import NoticeItem
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import SignIn
from tests.console.web.two_holders import two_holders

REASON = "The wrong rule was found and mended; what waits was read anew"


def test_two_people_release_what_was_stopped_and_one_alone_does_not(signed_in: SignIn, app: FastAPI) -> None:
    own, _other = two_holders(app.state.desk)
    values = {"status": "rejected", "status_raw": "kept", "explanation": "genuine: it is", "kind": "decision"}
    with app.state.desk.workspace.database.write() as connection:
        connection.execute(tables.outcome.update().values(**values))
        notice = next(n for n in connection.execute(tables.notice.select()) if n.holder == own.holder)
        left = NoticeItem(
            id=make.an_id("item", 1),
            notice=notice.id,
            finding=own.finding,
            listing=own.listing,
            url="http://127.0.0.1:8041/item/1",
            platform_item_id="1",
            title="AURELIA",
            infringement_class=InfringementClass.COUNTERFEIT,
            grounds=(),
            explanation="",
            against="",
            observed_at=make.NOW,
            captures=(),
            idempotency_key="a" * 64,
        )
        upsert(connection, tables.notice_item, [row_of(left, tables.notice_item)], ["id"])
    asked = {"platform": notice.platform, "account": notice.agent or notice.holder}

    def releases() -> list[bool]:
        with app.state.desk.workspace.database.read() as connection:
            return [each.seconded_at is not None for each in BudgetReleases(connection, EVERYTHING).find()]

    first, second = signed_in(Role.OFFICER), signed_in(Role.APPROVER)
    assert "sending has stopped" in first.get("/").text and "/budget/release" in first.get("/").text
    assert "/budget/release" not in signed_in(Role.AUDITOR).get("/").text
    assert first.submit("/budget/release", **asked, because="too short").status_code == 409
    assert first.submit("/budget/release", platform="nowhere", account="nobody", because=REASON).status_code == 404
    assert first.submit("/budget/release", **asked, because=REASON).status_code == 303 and releases() == [False]
    assert first.submit("/budget/release", **asked, because=REASON).status_code == 409, (
        "nobody agrees with themselves"
    )
    assert second.submit("/budget/release", **asked, because=REASON).status_code == 303 and releases() == [True]
