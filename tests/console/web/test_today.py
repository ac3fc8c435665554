"""The first page leaves nothing out that is lost if it waits, and shows nobody what is another's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.access import ROUTES
from console.web.agenda import Agenda, gather
from console.web.desk import Desk
from console.web.dues import Tone
from console.web.endings import expiry_tone
from console.web.today import links_of
from store.db import tables
from store.db.parties import Parties
from store.records.accounts import Account, Role
from store.records.ids import new_id
from store.records.scope import EVERYTHING, Scope
from tests import factories as make
from tests.conftest import START
from tests.console.web.conftest import SignIn
from tests.console.web.review.stock import keep_sites, site_look
from tests.console.web.worlds import busy_day


def _agenda(desk: Desk, *roles: Role, scope: Scope = EVERYTHING) -> Agenda:
    from config.declarations import load_declarations

    account = Account(id=new_id(), name="A", roles=roles, created_at=START)
    declarations = load_declarations(desk.workspace.settings)
    with desk.workspace.database.read() as connection:
        return gather(connection, account, scope, declarations, desk.workspace.settings.keys, desk.clock())


def test_everything_that_can_be_lost_is_there_with_its_next_step(desk: Desk, signed_in: SignIn) -> None:
    busy_day(desk)
    agenda = _agenda(desk, Role.OFFICER)
    assert [due.kind for due in agenda.clocks] == ["clock_notice", "clock_right", "clock_counter_notice"]
    assert [due.name for due in agenda.counter_notices] == ["authorised"]
    assert [due.name for due in agenda.answers] == ["Removed"]
    assert [due.kind for due in agenda.held] == ["delivery_unknown"]
    assert [due.kind for due in agenda.platforms] == ["run_unfit"]
    assert [due.name for due in agenda.declarations] == ["platforms/broken.toml"]
    assert [(due.kind, due.tone) for due in agenda.expiring if due.kind in ("mandate", "right")] == [
        ("mandate", Tone.BAD),
        ("right", Tone.WARN),
    ]
    assert (agenda.cases, agenda.notices) == ({"ready": 1}, {"sent": 1, "ready": 1})
    assert agenda.queue is not None
    assert sum(agenda.queue.values()) == 1
    page = signed_in(Role.OFFICER).get("/").text
    for address in ("/notices/1", "/batches/1", "/review", "/runs", "/rights", "/findings?band="):
        assert f'href="{address}' in page, address


def test_an_answer_read_leaves_the_page_and_is_in_the_audit(desk: Desk, signed_in: SignIn) -> None:
    ids = busy_day(desk)
    browser = signed_in(Role.REVIEWER)
    assert browser.submit(f"/answers/outcome/{ids['outcome']}/read").status_code == 303
    assert browser.submit(f"/answers/outcome/{ids['outcome']}/read").status_code == 303
    assert _agenda(desk, Role.OFFICER).answers == ()
    with desk.workspace.database.read() as connection:
        acts = connection.execute(tables.audit_entry.select().where(tables.audit_entry.c.action == "read_answer"))
        assert {row.subject for row in acts} == {ids["outcome"]}


def test_another_holder_sees_none_of_it(desk: Desk, signed_in: SignIn) -> None:
    ids = busy_day(desk)
    with desk.workspace.database.write() as connection:
        Parties(connection, EVERYTHING).put([make.party(2)])
    agenda = _agenda(desk, Role.HOLDER_EXPERT, scope=Scope(holder=make.party(2).id, compartment=None))
    assert agenda == Agenda(queue={}, cases={}, notices={}, without_clock=0, words_waited_for=0, words_given=0)
    other = signed_in(Role.OFFICER, holder=make.party(2).id)
    assert "Removed" not in other.get("/").text
    assert other.submit(f"/answers/outcome/{ids['outcome']}/read").status_code == 404
    own = _agenda(desk, Role.OFFICER, scope=Scope(holder=ids["holder"], compartment=None))
    assert [len(part) for part in (own.clocks, own.counter_notices, own.answers, own.expiring)] == [3, 1, 1, 3]
    assert (own.held, own.platforms, own.declarations) == ((), (), ())


def test_another_compartment_sees_no_notice_of_this_one(desk: Desk) -> None:
    busy_day(desk)
    agenda = _agenda(desk, Role.OFFICER, scope=Scope(holder=None, compartment="aurora"))
    assert [due.kind for due in agenda.clocks] == ["clock_right"]
    assert (agenda.counter_notices, agenda.answers, agenda.held, agenda.cases) == ((), (), (), {})


def test_an_admin_sees_the_machine_and_no_case(desk: Desk) -> None:
    busy_day(desk)
    agenda = _agenda(desk, Role.ADMIN)
    assert (agenda.queue, agenda.cases, agenda.clocks, agenda.answers) == (None, None, (), ())
    assert agenda.platforms
    assert agenda.declarations


@pytest.mark.parametrize(("days", "tone"), [(-3, "bad"), (7, "bad"), (8, "warn"), (30, "warn"), (31, "info")])
def test_an_end_presses_more_the_nearer_it_is(days: int, tone: str) -> None:
    assert expiry_tone(days).value == tone


def test_a_crawl_that_never_ended_is_told_after_hours(desk: Desk) -> None:
    run = make.run(9, platform="shopnest", state=make.RunState.RUNNING, started_at=desk.clock() - timedelta(hours=7))
    with desk.workspace.database.write() as connection:
        connection.execute(tables.run.insert().values(**make.row_of(run, tables.run)))
    assert [due.kind for due in _agenda(desk, Role.OFFICER).platforms] == ["run_stalled"]


# Routes that name one record, with the record of the scene they are asked for.
NAMED = {"run": "run", "right": "right", "finding": "finding", "listing": "listing", "capture": "capture"}
NAMED |= {"domain": "domain", "reference": "reference", "number": "number", "seller": "seller", "sha256": "sha256"}
RECORDS = [a for a in ROUTES if a.method == "GET" and "{" in a.path and not a.path.startswith(("/static", "/live"))]
RECORDS = [a for a in RECORDS if not a.is_open]


def test_a_record_is_there_for_its_holder_and_not_for_another(desk: Desk, signed_in: SignIn) -> None:
    ids = busy_day(desk)
    with desk.workspace.database.write() as connection:
        Parties(connection, EVERYTHING).put([make.party(2)])
    unit = signed_in(Role.OFFICER)
    own = signed_in(Role.OFFICER, holder=ids["holder"])
    other = signed_in(Role.OFFICER, holder=make.party(2).id)
    site = site_look(1)
    keep_sites(desk.workspace.database, site)
    ids["domain"] = site.domain
    surprises = []
    for access in RECORDS:
        name = access.path.partition("{")[2].partition("}")[0]
        path = access.path.replace("{" + name + "}", ids[NAMED[name]])
        answers = tuple(browser.get(path).status_code for browser in (unit, own, other))
        # Runs and sites span holders; everything else is its holder's to see, and looks absent to another.
        if answers != (200, 404 if name in ("run", "domain") else 200, 404):
            surprises.append((path, answers))
    assert surprises == []


def test_links_lead_only_where_the_reader_may_go(desk: Desk) -> None:
    from console.web.desk import Visit

    def link(role: Role, template: str, value: str = "") -> str:
        account = Account(id=new_id(), name="A", roles=(role,), created_at=START)
        visit = Visit(desk=desk, request_id="", cookie="", account=account, session=None, language="en")
        return links_of(visit)(template, value)

    assert link(Role.OFFICER, "/runs/{run}", "x") == "/runs/x"
    assert link(Role.OFFICER, "/findings?band=notice") == "/findings?band=notice"
    assert link(Role.RECIPIENT, "/runs/{run}", "x") == ""
    assert link(Role.OFFICER, "/no/such/page") == ""
