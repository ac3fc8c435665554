"""Instruments: drafted from what is known, issued whole by a second person; holds stop notices without a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.declarations import Declarations
from config.instrument_form import FOLDER, Fill, load_forms
from config.policy import Policy, SenderPolicy
from config.profile import Basis
from config.protected import load_protected
from reports.clocks.feed import of_instrument
from reports.errors import NotYourInstrument, ProtectedTarget, UnfitHold, UnfitInstrument, UnknownElement
from reports.instruments.draft import MISSING
from reports.instruments.run import (
    approve_instrument,
    draft_instrument,
    follow_instrument,
    issue_instrument,
    lift_hold,
    place_hold,
    renew_instrument,
    withdraw_instrument,
)
from reports.instruments.target import why_spared
from reports.run import prepare
from store.db.audit import AuditTrail
from store.db.instruments import Instruments
from store.db.notices import Notices
from store.db.session import Database
from store.db.sites import Sites
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id
from store.records.instruments import HoldKind, Instrument, InstrumentState, TakedownHold
from store.records.scope import EVERYTHING, Scope
from store.records.sites import FactKind, Site, SiteFact
from tests import factories as make

FORMS = load_forms(FOLDER.parent / "none")
UNIT = SenderPolicy(
    kind="authority", agent="Unit for Intellectual Property", email="unit@police.example", address="1 Main Street"
)
SCENE = make.goods_scene()


def declared(kind: str = "authority") -> Declarations:
    return make.declarations(policy=Policy(exercise=True, sender=UNIT.model_copy(update={"kind": kind})))


@pytest.fixture
def clock() -> Clock:
    """The hours in which the scene's captures are fresh."""
    return make.now_and_then()


@pytest.fixture
def stored(database: Database, vault: Vault) -> Iterator[Database]:
    make.store_scene(database, vault, SCENE)
    yield database


def drafted(
    database: Database, vault: Vault, clock: Clock, ids: NewId, form: str, kind: str = "authority", **more: object
) -> Instrument:
    return draft_instrument(
        database,
        vault,
        declared(kind),
        FORMS[form],
        SCENE.case,
        by="Ann",
        clock=clock,
        ids=ids,
        **more,  # type: ignore[arg-type]  # the keywords of one function
    )


def test_every_element_of_every_form_says_its_rule_and_how_it_was_read() -> None:
    assert len(FORMS) == 10
    for name, form in FORMS.items():
        assert form.name == name
        for element in form.elements:
            assert element.rule and (element.basis is Basis.MEMORY or element.citation), (name, element.code)
    official = {name: sum(e.basis is Basis.OFFICIAL for e in form.elements) for name, form in FORMS.items()}
    assert official["dsa-9-order"] == 10 and official["dsa-10-order"] == 8 and official["ncb-message"] == 0


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_form_filled_with_everything_lacks_nothing_and_points_to_what_carries_it(
    form: str, stored: Database, vault: Vault, clock: Clock, ids: NewId
) -> None:
    with stored.write() as connection:
        Sites(connection, EVERYTHING).add(site("fake-watches.example"))
    given = {
        element.code: f"Words for {element.code}" for element in FORMS[form].elements if element.fill is Fill.GIVEN
    }
    domain = "fake-watches.example" if FORMS[form].target == "site" else None
    made = drafted(stored, vault, clock, ids, form, given=given, domain=domain)
    assert made.missing == () and MISSING not in made.text
    for section in made.sections:
        assert not section.lines or section.sources, section.code
    assert SCENE.listing.url in made.text or FORMS[form].name == "dsa-10-order"
    said = made.text.partition("What demands each part")[0]
    assert "DNS Abuse" not in said.replace("does not allege DNS Abuse", "")
    issued = out(stored, made, clock, ids, reference="AZ 17/26")
    assert issued.state is InstrumentState.ISSUED and issued.text == made.text
    with stored.read() as connection:
        acts = [act.action for act in AuditTrail(connection, EVERYTHING).of_subject(made.id)]
    assert acts == ["draft_instrument", "approve_instrument", "issue_instrument"]


def test_what_is_missing_is_said_and_cannot_be_issued(
    stored: Database, vault: Vault, clock: Clock, ids: NewId
) -> None:
    made = drafted(stored, vault, clock, ids, "dsa-9-order", given={"legal_basis": "Code, section 4"})
    assert [section.code for section in made.missing] == ["redress", "territory", "language"]
    assert made.text.count(MISSING) == 3
    with pytest.raises(UnfitInstrument, match="lacks redress, territory, language"):
        approve_instrument(stored, made.number, by="Bo", seen=made.text_sha256, clock=clock, ids=ids)
    assert withdraw_instrument(stored, made.number, by="Ann", clock=clock, ids=ids).state is InstrumentState.WITHDRAWN
    with pytest.raises(UnfitInstrument, match="it is withdrawn"):
        approve_instrument(stored, made.number, by="Bo", seen=made.text_sha256, clock=clock, ids=ids)
    with pytest.raises(UnknownElement, match="did you mean 'redress'"):
        drafted(stored, vault, clock, ids, "dsa-9-order", given={"redres": "x"})


def test_a_company_drafts_no_order_and_its_letter_says_that_it_has_no_force(
    stored: Database, vault: Vault, clock: Clock, ids: NewId
) -> None:
    for name, form in FORMS.items():
        if form.issuer == "authority":
            with pytest.raises(NotYourInstrument):
                drafted(stored, vault, clock, ids, name, "company")
    letter = drafted(stored, vault, clock, ids, "preservation-letter", "company", given={"records": "Orders"})
    assert "is not an order and has no legal force" in letter.text
    number, keeps = letter.number, FORMS["preservation-letter"].keeps
    assert keeps is None
    with pytest.raises(UnfitInstrument, match="Ann drafted it"):
        approve_instrument(stored, number, by=" ann ", seen=letter.text_sha256, clock=clock, ids=ids)
    with pytest.raises(UnfitInstrument, match="what was read is not its text"):
        approve_instrument(stored, number, by="Bo", seen="0" * 64, clock=clock, ids=ids)
    with pytest.raises(UnfitInstrument, match="it is draft, this needs one that is approved"):
        issue_instrument(stored, number, keeps=keeps, by="Bo", reference="1", clock=clock, ids=ids)
    approve_instrument(stored, number, by="Bo", seen=letter.text_sha256, clock=clock, ids=ids)
    with pytest.raises(UnfitInstrument, match="Ann drafted it"):
        issue_instrument(stored, number, keeps=keeps, by="Ann", reference="1", clock=clock, ids=ids)
    with pytest.raises(UnfitInstrument, match="name it"):
        issue_instrument(stored, number, keeps=keeps, by="Bo", reference=" ", clock=clock, ids=ids)
    issued = issue_instrument(stored, number, keeps=keeps, by="Bo", reference="1", clock=clock, ids=ids)
    assert issued.keeps_until is None and not issued.runs, "nobody says how long a letter is heeded"


def test_what_is_kept_has_its_time_and_is_renewed_as_often_as_its_source_says(
    stored: Database, vault: Vault, clock: Clock, ids: NewId
) -> None:
    keeps = FORMS["preservation-us"].keeps
    assert keeps is not None and (keeps.days, keeps.renewal_days, keeps.renewals) == (90, 90, 1)
    given = {"records": "Orders and messages", "process": "A court order"}
    asked = out(stored, drafted(stored, vault, clock, ids, "preservation-us", given=given), clock, ids)
    assert asked.issued_at is not None and asked.keeps_until == asked.issued_at + timedelta(days=90) and asked.runs

    def late() -> datetime:
        return clock() + timedelta(days=91)

    with pytest.raises(UnfitInstrument, match="its time is over"):
        renew_instrument(stored, asked.number, keeps=keeps, by="Bo", reference="2", clock=late, ids=ids)
    renewed = renew_instrument(stored, asked.number, keeps=keeps, by="Bo", reference="2", clock=clock, ids=ids)
    assert renewed.keeps_until == asked.keeps_until + timedelta(days=90)
    with pytest.raises(UnfitInstrument, match="no further renewal"):
        renew_instrument(stored, asked.number, keeps=keeps, by="Bo", reference="3", clock=clock, ids=ids)
    entry = of_instrument(renewed, keeps, clock())
    assert entry is not None and "2703(f)(2)" in " ".join(entry.lines) and not entry.is_over
    assert asked.case not in entry.what and SCENE.listing.url not in " ".join((entry.what, *entry.lines))
    ended = follow_instrument(stored, asked.number, by="Bo", reference="Order 4", clock=clock, ids=ids)
    assert not ended.runs and of_instrument(ended, keeps, clock()) is None
    with pytest.raises(UnfitInstrument, match="no clock of it runs"):
        follow_instrument(stored, asked.number, by="Bo", reference="Order 5", clock=clock, ids=ids)


def test_an_instrument_lies_in_the_compartment_and_with_the_holder_of_its_case(
    database: Database, vault: Vault, clock: Clock, ids: NewId
) -> None:
    make.store_scene(database, vault, replace(SCENE, case=replace(SCENE.case, compartment="aurora")))
    case = replace(SCENE.case, compartment="aurora")
    made = draft_instrument(database, vault, declared(), FORMS["ncb-message"], case, by="Ann", clock=clock, ids=ids)
    assert made.compartment == "aurora"
    with database.read() as connection:
        seen = {
            (holder, compartment): bool(Instruments(connection, Scope(holder=holder, compartment=compartment)).find())
            for holder in (None, SCENE.case.holder, make.an_id("party", 2))
            for compartment in (None, "aurora", "borealis")
        }
    assert {scope for scope, found in seen.items() if found} == {
        (None, None), (None, "aurora"), (SCENE.case.holder, None), (SCENE.case.holder, "aurora"),
    }  # fmt: skip


def out(database: Database, made: Instrument, clock: Clock, ids: NewId, reference: str = "AZ 1") -> Instrument:
    """Approved and issued by somebody else."""
    approve_instrument(database, made.number, by="Bo", seen=made.text_sha256, clock=clock, ids=ids)
    return issue_instrument(
        database, made.number, keeps=FORMS[made.form].keeps, by="Bo", reference=reference, clock=clock, ids=ids
    )


def hold(**more: object) -> TakedownHold:
    values: dict[str, object] = {
        "id": new_id(), "kind": HoldKind.SILENCE, "unit": "Customs, division 7", "because": "Nordlicht is on",
        "placed_by": "Cy", "placed_at": make.NOW, "platform": "shopnest",
        "platform_item_id": SCENE.listing.platform_item_id,
    }  # fmt: skip
    return TakedownHold(**{**values, **more})  # type: ignore[arg-type]  # the fields of one record


def refusals(database: Database, vault: Vault, clock: Clock, ids: NewId) -> dict[str, str]:
    prepare(database, vault, make.declarations(), sender=make.sender(), clock=clock, ids=ids)
    with database.read() as connection:
        notices = Notices(connection, EVERYTHING).find()
    return {refusal.code: refusal.because for refusal in notices[-1].items[0].refusals}


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"platform_item_id": None, "platform_seller_id": "880001"},
        {"platform_item_id": None, "platform": None, "domain": "127.0.0.1"},
        {"platform_item_id": None, "platform": None, "right": make.an_id("right")},
    ],
    ids=["item", "account", "domain", "right"],
)
def test_another_units_hold_stops_the_notice_and_names_neither_unit_nor_reason(
    about: dict[str, object], stored: Database, vault: Vault, clock: Clock, ids: NewId
) -> None:
    placed = place_hold(stored, hold(**about), clock=clock, ids=ids)
    found = refusals(stored, vault, clock, ids)
    assert set(found) == {"HOLD-1"}
    with stored.read() as connection:
        said = repr(Notices(connection, EVERYTHING).find())
        trail = repr(AuditTrail(connection, EVERYTHING).of_subject(placed.id))
    for secret in ("Customs", "Nordlicht", placed.id):
        assert secret not in said
    assert "Nordlicht" not in trail
    lift_hold(stored, placed.id, by="Cy", clock=clock, ids=ids)
    assert refusals(stored, vault, clock, ids) == {}


def test_a_hold_binds_only_what_it_names_and_only_while_it_lasts(
    stored: Database, vault: Vault, clock: Clock, ids: NewId
) -> None:
    for about in (
        {"platform_item_id": "another"},
        {"platform": "bazario"},
        {"platform_seller_id": "another"},
        {"domain": "0.0.1"},
        {"right": "another"},
        {"until": make.NOW - timedelta(days=400)},
    ):
        place_hold(stored, hold(**about), clock=clock, ids=ids)
    assert refusals(stored, vault, clock, ids) == {}


def test_preservation_goes_before_takedown(stored: Database, vault: Vault, clock: Clock, ids: NewId) -> None:
    place_hold(stored, hold(kind=HoldKind.PRESERVE_FIRST), clock=clock, ids=ids)
    assert set(refusals(stored, vault, clock, ids)) == {"HOLD-2"}
    given = {"records": "Orders and messages", "process": "A court order"}
    asked = drafted(stored, vault, clock, ids, "preservation-us", given=given)
    assert set(refusals(stored, vault, clock, ids)) == {"HOLD-2"}, "a draft preserves nothing"
    out(stored, asked, clock, ids)
    assert refusals(stored, vault, clock, ids) == {}


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"platform_item_id": None}, "would stop everything"),
        ({"platform": None}, "name the platform too"),
        ({"because": "x"}, "say why"),
    ],
)
def test_a_hold_that_says_too_little_is_refused(
    about: dict[str, object], why: str, stored: Database, clock: Clock, ids: NewId
) -> None:
    with pytest.raises(UnfitHold, match=why):
        place_hold(stored, hold(**about), clock=clock, ids=ids)
    with pytest.raises(UnfitHold, match="none of id"):
        lift_hold(stored, "nowhere", by="Cy", clock=clock, ids=ids)


def site(domain: str, *more: SiteFact) -> Site:
    def fact(kind: FactKind, value: str, of: str = domain) -> SiteFact:
        return SiteFact(kind=kind, value=value, of=of, source="RDAP of the registry", at=make.NOW)

    return Site(
        id=new_id(),
        domain=domain,
        looked_at=make.NOW,
        run=make.an_id("run"),
        facts=(
            fact(FactKind.REGISTRAR, "Names Ltd"),
            fact(FactKind.ABUSE, "abuse@names.example"),
            fact(FactKind.ADDRESS, "192.0.2.7"),
            fact(FactKind.NETWORK, "Nets BV", "192.0.2.7"),
            fact(FactKind.ABUSE, "abuse@nets.example", "192.0.2.7"),
            *more,
        ),
    )


def test_a_referral_goes_to_stated_contacts_only(stored: Database, vault: Vault, clock: Clock, ids: NewId) -> None:
    with pytest.raises(UnfitInstrument, match="nobody has looked at"):
        drafted(stored, vault, clock, ids, "host-referral", domain="fake-watches.example")
    guessed = site("fake-watches.example")
    guessed = replace(guessed, facts=tuple(f for f in guessed.facts if f.kind is not FactKind.ABUSE))
    with stored.write() as connection:
        Sites(connection, EVERYTHING).add(guessed)
    made = drafted(stored, vault, clock, ids, "host-referral", domain="fake-watches.example", given={"kind": "Fakes"})
    assert [section.code for section in made.missing] == ["host"]


@pytest.mark.parametrize(
    ("domain", "why"),
    [
        ("shop.blogspot.com", "many unrelated customers"),
        ("d111.cloudfront.net", "only carries"),
        ("www.ebay.com", "marketplace"),
        ("office.europa.eu", "public body"),
        ("8.8.8.8", "own works"),
        ("127.0.0.1", "is a marketplace, on which many unrelated people offer"),
        ("lanternfilms.example", "may be had"),
    ],
)
def test_shared_hosts_networks_and_official_sites_are_never_asked_about_as_a_whole(
    domain: str, why: str, stored: Database, vault: Vault, clock: Clock, ids: NewId
) -> None:
    work = make.work(authorised_urls=("https://www.lanternfilms.example/night",))
    spared = why_spared(domain, make.protected(), [make.platform()], [work], None)
    assert spared is not None and why in spared
    if domain != "lanternfilms.example":
        with pytest.raises(ProtectedTarget):
            drafted(stored, vault, clock, ids, "registrar-referral", domain=domain)


def test_a_certificate_for_many_names_is_a_shared_host() -> None:
    many = [
        SiteFact(kind=FactKind.CERTIFICATE_NAME, value=f"shop{n}.example", of="x", source="TLS", at=make.NOW)
        for n in range(20)
    ]
    assert why_spared("one.test", make.protected(), [], [], site("one.test", *many)) is not None
    assert why_spared("one.test", make.protected(), [], [], site("one.test", *many[:19])) is None


def test_a_workspace_adds_to_the_list_of_protected_targets(tmp_path: Path) -> None:
    own = tmp_path / "protected.toml"
    own.write_text('[shared_host]\nbecause = "ours, not theirs"\ndomains = ["sites.example"]\n', "utf-8")
    found = load_protected(own)
    assert "many unrelated customers" in str(found.reason("a.sites.example")) and found.reason("x.blogspot.com")
    assert load_protected(tmp_path / "none").reason("a.sites.example") is None
