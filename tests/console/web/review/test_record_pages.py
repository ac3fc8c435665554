"""Each record's page says everything the ledger has on it, and leads to what stands behind each word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi import FastAPI

from console.web import progress
from console.web.desk import Desk
from console.web.review import casefile, records
from console.web.review.captured import contacts_of, view_capture
from console.web.review.registered import view_reference, view_right
from store.db import tables
from store.db.captures import Captures
from store.db.listings import Observations
from store.db.rechecks import Rechecks
from store.records.accounts import Role
from store.records.captures import Capture
from store.records.listings import ListingState, Observation
from store.records.money import Money
from store.records.rechecks import Presence, Recheck, RecheckPurpose
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.browser.staging import open_office
from tests.console.web.conftest import Browser, add_account, browser_of
from tests.console.web.review.stock import scenes_of, stock

LISTING, SELLER, RIGHT = make.an_id("listing"), make.an_id("seller"), make.an_id("right")
CAPTURE, REFERENCE, RUN = make.an_id("capture", 10), make.an_id("reference"), make.an_id("run")


@pytest.fixture
def officer(app: FastAPI, desk: Desk) -> Browser:
    """An officer before two findings of one account."""
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(2))
    return browser_of(app, add_account(app.state.desk, "Ann Key", Role.OFFICER))


def look_again(desk: Desk, number: int, change: Callable[[Observation], Observation]) -> None:
    """A further look at the first listing, so many days after the first."""
    with desk.workspace.database.write() as connection:
        looks = Observations(connection, EVERYTHING)
        first = looks.latest(LISTING)
        assert first is not None
        captures = Captures(connection, EVERYTHING)
        seen = captures.get(first.capture)
        assert seen is not None
        captures.add(replace(seen, id=make.an_id("capture", 700 + number)))
        later = replace(
            first,
            id=make.an_id("observation", 700 + number),
            capture=make.an_id("capture", 700 + number),
            observed_at=make.NOW + timedelta(days=number),
        )
        looks.add(change(later))


def dearer(look: Observation) -> Observation:
    price = make.seen(Money(amount=Decimal(59), currency="EUR"), capture=look.capture)
    return replace(look, fields=replace(look.fields, price=price))


def test_a_listing_tells_what_each_look_changed_from_what_to_what_and_why(desk: Desk, officer: Browser) -> None:
    look_again(desk, 1, dearer)
    look_again(desk, 2, lambda look: replace(look, state=ListingState.SOLD, because="the page says sold out"))
    page = officer.get(f"/listings/{LISTING}").text
    assert '<del class="clip">49.00 EUR</del> <ins class="clip">59 EUR</ins>' in page
    assert '<del class="clip">live</del> <ins class="clip">sold</ins>' in page
    assert "the page says sold out" in page
    assert "3 looks" in page
    assert "<polyline" in page, "the price over time is drawn"
    for address in (f"/sellers/{SELLER}", f"/captures/{CAPTURE}", f"/runs/{RUN}"):
        assert f'href="{address}"' in page


def test_what_was_seen_otherwise_stands_on_the_listing_and_its_case(desk: Desk, officer: Browser) -> None:
    record = Recheck(
        id=make.an_id("recheck"),
        listing=LISTING,
        run=RUN,
        purpose=RecheckPurpose.SENDING,
        judged_at=make.NOW,
        presence=Presence.UNKNOWN,
        reasons=("one look was shown the offer and the other was not",),
        divergent=True,
        differences=("the first look saw the offer, the second did not: <i>gone</i>",),
        sights=(),
        by="Ann Key",
    )
    with desk.workspace.database.write() as connection:
        Rechecks(connection, EVERYTHING).add(record)
    for page in (officer.get(f"/listings/{LISTING}").text, officer.get("/cases/1").text):
        assert "Looked at again" in page
        assert "depends on who asks" in page
        assert "the second did not: &lt;i&gt;gone&lt;/i&gt;" in page


def test_older_looks_are_a_page_further_down(desk: Desk, officer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        look_again(desk, number, dearer)
    monkeypatch.setattr(records, "MOST_LOOKS", 4)
    page = officer.get(f"/listings/{LISTING}").text
    older = f"/listings/{LISTING}?before={make.an_id('observation', 702)}"
    assert older in page
    further = officer.get(older).text
    assert make.an_id("observation", 702) not in further
    assert "6 looks" in further
    assert "?before=" not in further, "these are the first"


def test_an_account_tells_its_rights_its_cases_and_what_nothing_was_found_in(desk: Desk, officer: Browser) -> None:
    with desk.workspace.database.write() as connection:
        connection.execute(tables.review_item.delete().where(tables.review_item.c.listing == LISTING))
    page = officer.get(f"/sellers/{SELLER}").text
    assert f'href="/listings/{LISTING}"' in page, "an offer without a finding"
    assert f'href="/rights/{RIGHT}"' in page
    assert 'href="/cases/1"' in page
    assert "R-AUR-14" in page


def test_a_case_tells_its_whole_history_with_what_left_the_house(
    desk: Desk, officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        seen = f"{make.an_id('finding', number)}~{make.an_id('comparison', number)}~"
        officer.submit(f"/findings/{make.an_id('finding', number)}/decide", seen=seen, verdict="confirm")
    monkeypatch.setattr(casefile, "MOST_SHOWN", 2)
    page = officer.get("/cases/1").text
    assert "3 acts" in page
    assert page.count("decided a finding") == 2
    assert "opened the case" not in page
    start = page.index("/cases/1?before=")
    older = officer.get(page[start : page.index('"', start)]).text
    assert "opened the case" in older
    assert "decided a finding" not in older


def test_a_notified_case_with_something_confirmed_does_not_say_that_nothing_is(desk: Desk, officer: Browser) -> None:
    seen = f"{make.an_id('finding')}~{make.an_id('comparison')}~"
    officer.submit(f"/findings/{make.an_id('finding')}/decide", seen=seen, verdict="confirm")
    with desk.workspace.database.write() as connection:
        connection.execute(tables.case.update().values(state="notified"))
    page = officer.get("/cases/1").text
    assert "No finding is confirmed yet" not in page
    assert "has been asked for" in page


def test_what_is_missing_in_a_case_stands_in_red_with_the_way_out(desk: Desk, officer: Browser) -> None:
    open_office(desk)
    with desk.workspace.database.write() as connection:
        connection.execute(tables.right.update().values(proof_sha256=None))
    seen = f"{make.an_id('finding')}~{make.an_id('comparison')}~"
    officer.submit(f"/findings/{make.an_id('finding')}/decide", seen=seen, verdict="confirm")
    page = officer.get("/cases/1").text
    assert 'class="figure bad"' in page
    assert "stops 1 finding" in page


def test_a_case_on_an_undeclared_platform_says_that_nothing_can_be_checked(desk: Desk, officer: Browser) -> None:
    seen = f"{make.an_id('finding')}~{make.an_id('comparison')}~"
    officer.submit(f"/findings/{make.an_id('finding')}/decide", seen=seen, verdict="confirm")
    page = officer.get("/cases/1").text
    assert "no file declares its platform" in page
    assert "No finding is confirmed yet" not in page


def test_a_capture_tells_what_it_led_to_and_every_host_that_was_asked(desk: Desk, officer: Browser) -> None:
    with desk.workspace.database.write() as connection:
        captures = Captures(connection, EVERYTHING)
        page_of = captures.get(CAPTURE)
        assert page_of is not None
        photo = replace(
            page_of,
            id=make.an_id("capture", 800),
            parent=CAPTURE,
            url_final="http://img.example/1.jpg",
            server_ip="192.0.2.9",
        )
        captures.add(photo)
        view = view_capture(
            connection, desk.workspace.vault, EVERYTHING, CAPTURE, sealer=desk.workspace.sealer, is_revealed=False
        )
    assert view is not None
    assert [each.id for each in view.led_to] == [photo.id]
    assert [(each.host, each.address) for each in view.contacts] == [
        ("127.0.0.1:8041", None),
        ("img.example", "192.0.2.9"),
    ]
    page = officer.get(f"/captures/{CAPTURE}").text
    for said in (photo.id, "img.example", "192.0.2.9", view.capture.body_sha256, "content-type", "What it led to"):
        assert said in page


def test_each_host_and_address_is_told_once_with_its_count() -> None:
    def at(url: str, ip: str | None) -> Capture:
        return make.capture(1, url_final=url, server_ip=ip)

    found = contacts_of([at("http://a.example/1", "1"), at("http://a.example/2", "1"), at("http://a.example/", "2")])
    assert [(each.host, each.address, each.captures) for each in found] == [
        ("a.example", "1", 2),
        ("a.example", "2", 1),
    ]


def test_all_pages_of_a_run_can_be_walked(desk: Desk, officer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAGES_SHOWN", 3)
    shown: list[str] = []
    path = f"/runs/{RUN}"
    while path:
        page = officer.get(path).text
        shown += [part.split('"')[0] for part in page.split('href="/captures/')[1:]]
        start = page.find(f"/runs/{RUN}?before=")
        path = page[start : page.index('"', start)] if start >= 0 else ""
    with desk.workspace.database.read() as connection:
        captures = [each.id for each in Captures(connection, EVERYTHING).of_run(RUN)]
    assert shown == sorted(captures, reverse=True)
    assert len(shown) > 3


def test_a_right_tells_its_cases_its_dates_and_who_may_act(desk: Desk, officer: Browser) -> None:
    with desk.workspace.database.read() as connection:
        view = view_right(connection, EVERYTHING, RIGHT)
    assert view is not None
    assert view.cases == (("open", 1),)
    page = officer.get(f"/rights/{RIGHT}").text
    for said in (
        *(mandate.agent for mandate in view.mandates),
        "/cases?right=",
        "Filed",
        "Registered",
        "Who may act",
    ):
        assert said in page
    assert view.mandates


def test_a_reference_tells_the_rights_it_stands_for_and_that_it_was_withdrawn(desk: Desk, officer: Browser) -> None:
    with desk.workspace.database.write() as connection:
        connection.execute(tables.reference.update().values(withdrawn_on=make.TODAY))
        view = view_reference(connection, EVERYTHING, REFERENCE)
    assert view is not None
    assert [right.id for right in view.rights] == [RIGHT], "its product's"
    page = officer.get(f"/references/{REFERENCE}").text
    assert "Withdrawn:" in page
    assert f'href="/rights/{RIGHT}"' in page
    assert "at any time" in page
