"""Names, addresses and numbers of people are nowhere on the desk until somebody gives a reason, which is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from console.access import ROUTES
from console.web.desk import Desk
from reports.masking import MASK, mask
from store.db import tables
from store.db.personal import keep_values
from store.records.accounts import Role
from tests import factories as make
from tests.console.web.conftest import Browser, add_account, browser_of
from tests.console.web.review.stock import scenes_of, stock

NAME, MAIL, PHONE, UPLOADER = "Nils Ångström", "nils.a@mail.example", "+46 70 123 45 67", "angstrom_films"
PLANTED = (NAME, MAIL, PHONE, "Nils &Aring;ngstr&ouml;m", "nils.a", "70 123 45 67", UPLOADER)
PAGE = (
    f"<h1>Watch</h1><p class=seller>{NAME}</p><p>Nils &Aring;ngstr&ouml;m</p><a href='mailto:{MAIL}'>write</a>"
    f"<p>call {PHONE}</p><p>{UPLOADER}</p><p>SEK 1299.00, item 7612345000145</p>"
).encode()


def planted(desk: Desk) -> make.Scene:
    """One scene whose page and values name a person everywhere a page can."""
    scene = scenes_of(1)[0]
    words = f"Mint watch. Call {PHONE} or {MAIL}."
    fields = replace(scene.observation.fields, description=make.seen(words, words, capture=scene.observation.capture))
    captures = tuple(
        replace(each, body_sha256=make.sha(PAGE), body_bytes=len(PAGE))
        if each.id == scene.observation.capture
        else each
        for each in scene.captures
    )
    scene = replace(
        scene,
        observation=replace(scene.observation, fields=fields),
        captures=captures,
        bodies=(*scene.bodies, PAGE),
    )
    stock(desk.workspace.database, desk.workspace.vault, [scene])
    sealer = desk.workspace.sealer
    seller, look = make.an_id("seller"), scene.observation.id
    said = [{"value": UPLOADER, "raw": UPLOADER, "rule": "r", "capture": "c", "where": None}]
    with desk.workspace.database.write() as connection:
        keep_values(
            connection,
            [
                sealer.seal("seller", seller, "seller_name", NAME),
                sealer.seal("observation", look, "uploader", said[0]),
                sealer.seal("observation", look, "contacts", said),
            ],
        )
    return scene


@pytest.fixture
def officer(app: FastAPI, desk: Desk) -> Browser:
    officer = browser_of(app, add_account(desk, "Ann Key", Role.OFFICER))
    with desk.workspace.database.write() as connection:
        connection.execute(tables.session.update().values(stepped_up_at=desk.clock()))
    return officer


def addresses(scene: make.Scene) -> list[str]:
    """Every address of the desk that shows the scene, with what stands beside it as JSON and CSV."""
    records = {
        "finding": scene.finding.id,
        "listing": scene.listing.id,
        "seller": make.an_id("seller"),
        "capture": scene.observation.capture,
        "sha256": scene.images[0].sha256 or "",
        "right": scene.right.id,
        "reference": scene.references[0].id,
        "run": make.an_id("run"),
        "number": "1",
        "id": make.an_id("run"),
    }
    found = []
    for access in ROUTES:
        if access.method != "GET" or access.path.startswith(("/static", "/picture/", "/setup", "/welcome")):
            continue
        path = access.path
        for name, value in records.items():
            path = path.replace("{" + name + "}", value)
        found += [path] + [
            f"{path}?q={q}" for q in ("nils", "seller:1", "watch") if path.startswith(("/find", "/list"))
        ]
    return found


def test_no_page_list_table_or_download_names_a_person(desk: Desk, officer: Browser) -> None:
    scene = planted(desk)
    asked, leaks = 0, []
    for path in addresses(scene):
        answer = officer.get(path)
        asked += answer.status_code == 200
        leaks += [(path, word) for word in PLANTED if word in answer.text]
    assert leaks == []
    assert asked >= 30
    page = officer.get(f"/captures/{scene.observation.capture}").text
    assert MASK in page
    assert "item 7612345000145" in page, "what names nobody stays"
    body = officer.get(f"/captures/{scene.observation.capture}/body")
    assert (body.status_code, body.headers["location"]) == (303, f"/captures/{scene.observation.capture}")


def test_a_reason_shows_them_for_ten_minutes_to_whoever_gave_it(desk: Desk, officer: Browser, app: FastAPI) -> None:
    capture = planted(desk).observation.capture
    assert officer.submit(f"/captures/{capture}/reveal", reason="x").status_code == 409
    assert officer.submit(f"/captures/{capture}/reveal", reason="to serve the notice").status_code == 303
    assert NAME in officer.get(f"/captures/{capture}").text
    assert officer.get(f"/captures/{capture}/body").content == PAGE
    other = browser_of(app, add_account(desk, "Bo Lund", Role.OFFICER))
    assert NAME not in other.get(f"/captures/{capture}").text
    with desk.workspace.database.read() as connection:
        kept = connection.execute(tables.reveal.select()).one()
        acts = connection.execute(
            tables.audit_entry.select().where(tables.audit_entry.c.action == "reveal_personal_values")
        ).all()
    assert (kept.subject_kind, kept.subject, kept.reason) == ("capture", capture, "to serve the notice")
    assert [act.subject for act in acts] == [capture]
    with desk.workspace.database.write() as connection:
        connection.execute(tables.reveal.update().values(at=make.NOW.replace(year=2020)))
    assert NAME not in officer.get(f"/captures/{capture}").text


def test_an_auditor_is_asked_for_no_reason_and_shown_nothing(desk: Desk, app: FastAPI) -> None:
    capture = planted(desk).observation.capture
    auditor = browser_of(app, add_account(desk, "Al Kay", Role.AUDITOR))
    page = auditor.get(f"/captures/{capture}").text
    assert NAME not in page
    assert 'name="reason"' not in page
    assert auditor.submit(f"/captures/{capture}/reveal", reason="to serve the notice").status_code == 403


@pytest.mark.parametrize(
    "text", ["1299.00 SEK", "2026-11-22", "7612345000145", "v1.2.3", "192.168.10.20", "01.02.2026", "38 mm"]
)
def test_what_is_no_number_of_a_person_stays(text: str) -> None:
    assert mask(text, ()) == text


@pytest.mark.parametrize(
    "text", ["070-123 45 67", "+49 (0)30 1234567", "0046701234567", "a.b+c@mail.example.org", "(030) 12 34 56 78"]
)
def test_a_number_or_an_address_goes(text: str) -> None:
    assert mask(f"call {text} now", ()).count(MASK) == 1
    assert text not in mask(f"call {text} now", ())


@settings(deadline=None, max_examples=80)
@given(st.text(alphabet="Åsa öÖ<&\"'é-b", min_size=3, max_size=20), st.text(max_size=60))
def test_a_known_word_is_never_left(word: str, around: str) -> None:
    assert word.casefold() not in mask(around + word + around, [word]).casefold() or word.casefold() in MASK
