"""Instruments on the desk: drafted from a case, read whole, approved and issued by others; holds of one's own."""

from __future__ import annotations

from fastapi import FastAPI

from cases.decisions import decide
from console.web.desk import Desk
from store.db.instruments import Instruments, standing_holds
from store.records.accounts import Role
from store.records.cases import Verdict
from store.records.instruments import Instrument, InstrumentState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import Browser, SignIn, add_account, browser_of
from tests.console.web.two_holders import two_holders

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
WORDS = "All orders and messages of the account"
WHY = "The delivery is under surveillance"


def stored(desk: Desk, number: int) -> Instrument:
    with desk.workspace.database.read() as connection:
        found = Instruments(connection, EVERYTHING).numbered(number)
    assert found is not None
    return found


def person(app: FastAPI, name: str, *roles: Role, **more: str) -> Browser:
    return browser_of(app, add_account(app.state.desk, name, *roles, **more))


def test_a_letter_goes_from_a_case_to_its_file_number_through_three_hands(app: FastAPI) -> None:
    desk = app.state.desk
    own, _other = two_holders(desk)
    settings = desk.workspace.settings
    (settings.home / "policy.toml").write_text(f'[sender]\nagent = "{make.AGENT}"\nemail = "desk@office.example"\n')
    (settings.platforms / "shopnest.toml").write_text(PLATFORM)
    decide(desk.workspace.database, [own.finding], Verdict.CONFIRM, by="Ann Key", clock=desk.clock, ids=desk.ids)
    officer = person(app, "Ann Key", Role.OFFICER, Role.APPROVER, holder=own.holder)
    forms = officer.get(f"/cases/{own.case}/instruments").text
    assert "preservation-letter" in forms and "only an authority drafts it" in forms
    page = officer.get(f"/cases/{own.case}/instruments?form=preservation-letter").text
    assert 'name="code" value="records"' in page
    codes = [part.split('"')[0] for part in page.split('name="code" value="')[1:]]
    said = [WORDS if code == "records" else "" for code in codes]
    made = officer.submit(f"/cases/{own.case}/instruments", form="preservation-letter", code=codes, words=said)
    assert made.status_code == 303
    address = made.headers["location"]
    number = int(address.rpartition("/")[2])
    shown = officer.get(address).text
    assert WORDS in shown and "has no legal force of its own" in shown and "words of Ann Key" in shown
    assert officer.get(f"{address}/instrument.txt").status_code == 409, "nobody approved it"
    digest = stored(desk, number).text_sha256
    assert officer.submit(f"{address}/approve", seen=digest).status_code == 409, "she drafted it"
    approver = person(app, "Bo Lind", Role.APPROVER, holder=own.holder)
    assert approver.submit(f"{address}/approve", seen="0" * 64).status_code == 409, "another text"
    assert approver.submit(f"{address}/approve", seen=digest).status_code == 303
    assert approver.submit(f"{address}/approve", seen=digest).status_code == 303, "pressed twice"
    assert officer.get(f"{address}/instrument.txt").text == stored(desk, number).text
    signatory = person(app, "Cy Holt", Role.SIGNATORY, holder=own.holder)
    assert signatory.submit(f"{address}/issue", reference=" ").status_code == 409
    assert signatory.submit(f"{address}/issue", reference="L 17/26").status_code == 303
    assert stored(desk, number).reference == "L 17/26"


def test_an_approved_one_is_signed_outside_and_its_clock_is_renewed_once(app: FastAPI, signed_in: SignIn) -> None:
    desk = app.state.desk
    own, _other = two_holders(desk)
    made = stored(desk, own.notice)
    assert made.keeps_until is not None
    browser = signed_in(Role.OFFICER, Role.SIGNATORY)
    address = f"/instruments/{made.number}"
    page = browser.get(address).text
    assert "What it asks for is kept until" in page and "2703(f)(2)" in page
    text = browser.get(f"{address}/instrument.txt")
    assert text.text == made.text and text.headers["content-disposition"].endswith('0001-preservation-us.txt"')
    assert browser.submit(f"{address}/renew", reference="AZ 2/26").status_code == 303
    again = browser.submit(f"{address}/renew", reference="AZ 3/26")
    assert again.status_code == 409 and "no further renewal" in again.text
    renewed = stored(desk, made.number)
    assert renewed.keeps_until is not None and (renewed.keeps_until - made.keeps_until).days == 90
    feed = browser.get(browser.get("/deadlines").text.split("127.0.0.1:8741")[1].split("<")[0]).content
    assert b"instrument 1\\, end of preservation" in feed.replace(b"\r\n ", b"")
    assert browser.submit(f"{address}/follow", reference="Order 7").status_code == 303
    assert not stored(desk, made.number).runs and stored(desk, made.number).state is InstrumentState.ISSUED


def test_a_hold_is_seen_by_ones_own_people_and_binds_all(app: FastAPI) -> None:
    desk = app.state.desk
    own, other = two_holders(desk)
    theirs = person(app, "Cy Holt", Role.OFFICER, holder=own.holder, compartment=own.compartment)
    about = {"platform": "shopnest", "account": "880002"}
    vague = theirs.submit("/holds", kind="silence", because=WHY, unit="Customs", platform="shopnest")
    assert vague.status_code == 409 and "would stop everything" in vague.text
    assert theirs.submit("/holds", kind="loud", because=WHY, **about).status_code == 409
    assert theirs.submit("/holds", kind="silence", because=WHY, right=other.right).status_code == 409
    assert theirs.submit("/holds", kind="silence", because=WHY, unit="Customs", **about).status_code == 303
    assert WHY in theirs.get("/holds").text
    stranger = person(app, "Di Moss", Role.OFFICER, holder=other.holder)
    assert WHY not in stranger.get("/holds").text and "Customs" not in stranger.get("/holds.csv").text
    with desk.workspace.database.read() as connection:
        (placed,) = [each for each in standing_holds(connection, desk.clock()) if each.unit == "Customs"]
    assert stranger.submit(f"/holds/{placed.id}/lift").status_code == 404
    assert theirs.submit(f"/holds/{placed.id}/lift").status_code == 303
    with desk.workspace.database.read() as connection:
        assert placed.id not in {each.id for each in standing_holds(connection, desk.clock())}
