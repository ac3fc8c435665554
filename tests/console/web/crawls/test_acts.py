"""The buttons of the room: schedules, permissions by a second person, opt-outs; each once, by whom the table lets."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import FastAPI

from console.web.desk import Desk
from crawler.authority import is_in_force
from store.db import tables
from store.db.audit import AuditTrail
from store.db.authorities import Authorities
from store.db.rows import row_of
from store.records.accounts import Role
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests.console.web.conftest import Browser, SignIn, add_account, browser_of
from tests.console.web.crawls.test_room import PLATFORM, authority

WEEKLY = {"platform": "shopnest", "cron": "0 5 * * 1", "zone": "Europe/Oslo", "terms": "AURELIA\n\nSolaris\n"}


def at_desk(app: FastAPI, *roles: Role) -> tuple[Desk, Browser]:
    desk: Desk = app.state.desk
    (desk.workspace.settings.platforms / "shopnest.toml").write_text(PLATFORM)
    return desk, browser_of(app, add_account(desk, "Bo Key", *roles))


def schedules(desk: Desk) -> list[object]:
    with desk.workspace.database.read() as connection:
        table = tables.schedule.c
        return list(connection.execute(tables.schedule.select().with_only_columns(table.id, table.enabled)).all())


def test_a_schedule_is_entered_once_paused_taken_up_and_taken_out(app: FastAPI) -> None:
    desk, officer = at_desk(app, Role.OFFICER)
    more = {"seasons": "christmas=11-15..12-26=0 */6 * * *", "events": "final=2026-12-01T18:00..2026-12-01T22:00=5"}
    for _ in range(2):
        entered = officer.submit("/crawls/schedules", **WEEKLY, **more)
        assert (entered.status_code, entered.headers["location"]) == (303, "/crawls#calendar")
    ((id, enabled),) = schedules(desk)  # type: ignore[misc]  # rows of two
    assert enabled
    page = officer.get("/crawls").text
    assert "christmas" in page and "0 5 * * 1" in page and "Take out" in page
    for act, expected in (("pause", [(id, False)]), ("resume", [(id, True)]), ("remove", [])):
        assert officer.submit(f"/crawls/schedules/{id}/{act}").status_code == 303
        assert schedules(desk) == expected
    for act in ("pause", "burn"):
        assert officer.submit(f"/crawls/schedules/{id}/{act}").status_code == 404
    with desk.workspace.database.read() as connection:
        acts = [entry.action for entry in AuditTrail(connection, EVERYTHING).of_subject(str(id))]
    assert acts == ["enter_schedule", "pause_schedule", "resume_schedule", "remove_schedule"]


def test_a_rhythm_nobody_can_follow_is_refused_with_the_reason(app: FastAPI) -> None:
    desk, officer = at_desk(app, Role.OFFICER)
    for wrong, said in (
        ({"cron": "each day"}, "shopnest"),
        ({"zone": "Mars/Base"}, "Mars/Base"),
        ({"platform": "nowhere"}, "nowhere"),
        ({"seasons": "christmas"}, "christmas"),
        ({"events": "final=tomorrow..later=5"}, "final"),
        ({"terms": "x\n" * 101}, "more lines"),
        ({"cron": "0 5 * * 1\x00"}, "sign that no record can keep"),
    ):
        answer = officer.submit("/crawls/schedules", **{**WEEKLY, **wrong})
        assert answer.status_code in (400, 422) and said in answer.text, wrong
    assert schedules(desk) == []


def test_a_permission_is_approved_by_somebody_else_and_ended(app: FastAPI, signed_in: SignIn) -> None:
    desk, officer = at_desk(app, Role.OFFICER)
    granted = authority(entered_by="Bo Key")
    with desk.workspace.database.write() as connection:
        connection.execute(tables.authority.insert(), row_of(granted, tables.authority))
    path = f"/crawls/permissions/{granted.id}"
    own = officer.submit(f"{path}/approve")
    assert own.status_code == 422 and "somebody else has to approve it" in own.text
    approver = signed_in(Role.APPROVER)
    assert approver.submit(f"{path}/approve").status_code == 303
    assert "in force" in approver.get("/crawls").text
    assert signed_in(Role.REVIEWER).submit(f"{path}/revoke").status_code == 403
    assert officer.submit(f"{path}/revoke").status_code == 303
    assert officer.submit(f"{path}/approve").status_code == 422, "what was ended is entered anew"
    assert officer.submit(f"/crawls/permissions/{new_id()}/approve").status_code == 404


GRANTED = {
    "case_number": "AZ 7/26",
    "legal_basis": "Code of Criminal Procedure, section 94",
    "issuer": "Public Prosecutor, Bergen",
    "scope": "shop.example\nhttps://other.example/market\n",
    "begins": "2026-03-01",
    "ends": "2026-03-31",
}


def test_a_permission_is_entered_at_the_desk_and_opens_nothing_alone(app: FastAPI, signed_in: SignIn) -> None:
    desk, officer = at_desk(app, Role.OFFICER)
    for _ in range(2):
        assert officer.submit("/crawls/permissions", **GRANTED).status_code == 303
    with desk.workspace.database.read() as connection:
        (entered,) = Authorities(connection, EVERYTHING).find()
    assert (entered.entered_by, entered.approved_at) == ("Bo Key", None)
    assert (entered.not_before, entered.expires_at) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC),
    ), "the last day is a whole one"
    assert not is_in_force(entered, desk.clock())
    assert "waits for a second person" in officer.get("/crawls").text
    assert signed_in(Role.APPROVER).submit("/crawls/permissions", **GRANTED).status_code == 403


def test_a_permission_that_says_too_little_is_refused(app: FastAPI) -> None:
    desk, officer = at_desk(app, Role.OFFICER)
    for wrong, said in (
        ({"scope": "*"}, "neither a host"),
        ({"scope": " "}, "scope is empty"),
        ({"issuer": " "}, "issuer is empty"),
        ({"ends": "2026-02-27"}, "ends before it begins"),
        ({"ends": "2027-12-01"}, "lasts longer"),
        ({"ends": "9999-12-31"}, "written like"),
        ({"begins": "soon"}, "written like"),
        ({"scope": "a.example\n" * 51}, "more lines"),
    ):
        answer = officer.submit("/crawls/permissions", **{**GRANTED, **wrong})
        assert answer.status_code == 422 and said in answer.text, wrong
    with desk.workspace.database.read() as connection:
        assert Authorities(connection, EVERYTHING).find() == []


def test_an_opt_out_is_taken_back_once_and_stays_in_the_trail(app: FastAPI) -> None:
    desk, officer = at_desk(app, Role.OFFICER)
    officer.submit("/crawls/opt-outs", prefix="quiet.example", reason="asked by mail")
    assert officer.submit("/crawls/opt-outs/end", prefix="quiet.example").status_code == 303
    assert "asked by mail" not in officer.get("/crawls").text
    again = officer.submit("/crawls/opt-outs/end", prefix="quiet.example")
    assert again.status_code == 422 and "nobody opted it out" in again.text
    with desk.workspace.database.read() as connection:
        acts = [entry.action for entry in AuditTrail(connection, EVERYTHING).find()]
    assert acts[-2:] == ["enter_opt_out", "remove_opt_out"]


def test_whoever_asks_to_be_left_alone_is(app: FastAPI) -> None:
    desk, officer = at_desk(app, Role.OFFICER)
    assert officer.submit("/crawls/opt-outs", prefix="quiet.example", reason="asked by mail").status_code == 303
    assert "asked by mail" in officer.get("/crawls").text
    for prefix, reason in (("*", "all"), ("quiet.example/x", "path"), ("loud.example", " ")):
        assert officer.submit("/crawls/opt-outs", prefix=prefix, reason=reason).status_code == 422
    del desk


def test_a_reader_of_one_compartment_changes_nothing(app: FastAPI, signed_in: SignIn) -> None:
    desk, _ = at_desk(app, Role.OFFICER)
    inside = signed_in(Role.OFFICER, compartment="aurora")
    assert inside.submit("/crawls/schedules", **WEEKLY).status_code == 404
    assert inside.submit("/crawls/opt-outs", prefix="quiet.example", reason="x").status_code == 404
    assert inside.submit("/crawls/opt-outs/end", prefix="quiet.example").status_code == 404
    assert inside.submit("/crawls/permissions", **GRANTED).status_code == 404
    assert schedules(desk) == []
    assert "New schedule" not in signed_in(Role.REVIEWER).get("/crawls").text
