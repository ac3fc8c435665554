"""Sites on the desk: every kind of fact has its place, its source and its date; nobody narrowed sees any."""

from __future__ import annotations

from dataclasses import replace

from fastapi import FastAPI

from console.web.desk import Desk
from console.web.review.domains import SUBJECTS, known_sites, list_sites, view_site
from console.web.review.labels import LABELS
from store.records.accounts import Role
from store.records.sites import Basis, FactKind, Strength
from tests import factories as make
from tests.console.web.browser.staging import open_office
from tests.console.web.conftest import SignIn, add_account, browser_of
from tests.console.web.review.stock import DOMAIN, MIRROR, keep_sites, scenes_of, site_look, stock


def test_every_kind_of_fact_stands_in_one_subject_and_has_a_name() -> None:
    placed = [kind for _, kinds in SUBJECTS for kind in kinds]
    assert sorted(placed, key=lambda kind: kind.value) == sorted(FactKind, key=lambda kind: kind.value)
    assert set(LABELS["fact"]) == {kind.value for kind in FactKind}
    assert set(LABELS["subject"]) == {name for name, _ in SUBJECTS}
    assert set(LABELS["known_by"]) == {basis.value for basis in Basis}
    assert set(LABELS["strength"]) == {strength.value for strength in Strength}


def test_a_site_tells_each_fact_with_source_and_date_and_what_changed(desk: Desk) -> None:
    first = site_look(1)
    later = site_look(2, replace(first.facts[0], value="192.0.2.99"), *first.facts[1:])
    keep_sites(desk.workspace.database, first, later, site_look(3, domain=MIRROR))
    with desk.workspace.database.read() as connection:
        view = view_site(connection, DOMAIN, {})
        older = view_site(connection, DOMAIN, {}, look=first.id)
        lines = list_sites(connection)
        assert known_sites(connection, [f"http://{DOMAIN}/item/1", "elsewhere.example", "???"]) == {
            f"http://{DOMAIN}/item/1": DOMAIN
        }
    assert view is not None
    assert older is not None
    assert {(change.value, change.is_new) for change in view.changed} == {("192.0.2.17", False), ("192.0.2.99", True)}
    assert older.changed == ()
    facts = {each.fact.kind: each for subject in view.subjects for each in subject.facts}
    assert facts[FactKind.REGISTRAR].source == "RDAP of .example"
    assert facts[FactKind.REGISTRAR].known_since == first.facts[3].at, "since the first look that said so"
    assert facts[FactKind.MIRROR].site == MIRROR, "the other site was looked at too"
    assert [(line.domain, line.looks, line.mirrors) for line in lines] == [(DOMAIN, 2, 1), (MIRROR, 1, 1)]
    assert [line.domain for line in lines if line.registrar == "Registrar AB"] == [DOMAIN, MIRROR]


def test_pages_of_what_stands_on_a_site_lead_to_it_and_it_leads_to_its_bytes(app: FastAPI, desk: Desk) -> None:
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(1))
    keep_sites(desk.workspace.database, site_look(1))
    officer = browser_of(app, add_account(desk, "Ann Key", Role.OFFICER))
    page = officer.get(f"/sites/{DOMAIN}").text
    for said in ("192.0.2.17", "Registrar AB", "AS64500 Hosting Ltd", "Some CA", "UA-1234-1", MIRROR, "abuse@"):
        assert said in page
    assert f"/captures/{make.an_id('capture', 10)}" in page
    assert "no answer on port 443" in page
    open_office(desk)
    link = 'href="/sites/127.0.0.1%3A8041"'
    for path in (
        f"/listings/{make.an_id('listing')}",
        f"/captures/{make.an_id('capture', 10)}",
        f"/sellers/{make.an_id('seller')}",
        "/cases/1",
    ):
        assert link in officer.get(path).text, path
    assert officer.get("/sites/nowhere.example").status_code == 404


def test_who_sees_one_holder_sees_no_site(desk: Desk, signed_in: SignIn) -> None:
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(1))
    keep_sites(desk.workspace.database, site_look(1))
    narrowed = signed_in(Role.OFFICER, holder=make.an_id("party"))
    for path in ("/sites", "/sites.json", "/sites.csv", f"/sites/{DOMAIN}"):
        assert narrowed.get(path).status_code == 404, path
    assert "/sites/" not in narrowed.get(f"/listings/{make.an_id('listing')}").text
