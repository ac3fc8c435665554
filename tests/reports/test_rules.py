"""Blocking rules: each refuses what it says, none raises, and a complete item passes them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.profile import Element
from reports.facts import ItemFacts, Sender
from reports.formats.urls import write_urls
from reports.notice import describe_right
from reports.rules.contract import Example, Rule
from reports.rules.table import CODE_OF_ELEMENT, RULES, check_item
from reports.rules.warnings import warn_of
from store.records.cases import EXERCISE_POLICY, Determination
from store.records.findings import Ground, GroundCode, InfringementClass
from store.records.money import Money
from store.records.parties import Act
from store.records.rechecks import Presence, Recheck, RecheckPurpose
from store.records.rights import RegisterKind
from store.records.sellers import SellerRule, SellerStanding
from tests import factories as make

GOODS = make.facts_of(make.goods_scene())
STREAM = make.facts_of(make.stream_scene())
LIST = make.facts_of(make.goods_scene(profile=make.profile("url-list")))
COMPLETE = {"goods": GOODS, "stream": STREAM, "list": LIST}


def complete_under(profile: str) -> ItemFacts:
    """A complete item of a class that the profile takes."""
    recipient = make.profile(profile)
    goods = InfringementClass.COUNTERFEIT in recipient.classes
    return make.facts_of(make.placed((make.goods_scene if goods else make.stream_scene)(profile=recipient)))


UNDER = {name: complete_under(name) for name in make.SHIPPED_PROFILES}


def codes(facts: ItemFacts) -> set[str]:
    return {refusal.code for refusal in check_item(facts)}


def test_codes_are_unique_and_every_rule_says_condition_and_fix() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.condition and rule.fix and rule.examples, rule.code
        assert rule.family == rule.code.split("-")[0]


@pytest.mark.parametrize("facts", COMPLETE.values(), ids=COMPLETE)
def test_complete_item_passes(facts: ItemFacts) -> None:
    assert check_item(facts) == ()


@pytest.mark.parametrize(
    ("rule", "example"),
    [pytest.param(rule, example, id=f"{rule.code} {example.name}") for rule in RULES for example in rule.examples],
)
def test_rule_refuses_its_example_with_a_reason_and_a_way_out(rule: Rule, example: Example) -> None:
    found = [rule.check(example.change(facts)) for facts in COMPLETE.values()]
    refusals = [refusal for refusal in found if refusal is not None]
    assert refusals, "no complete item is refused after the change"
    for refusal in refusals:
        assert (refusal.code, refusal.family, refusal.fix) == (rule.code, rule.family, rule.fix)
        assert refusal.because and refusal.finding and refusal.listing


Removal = Callable[[ItemFacts], ItemFacts]
WITHOUT: dict[Element, Removal] = {
    Element.CLAIMANT_NAME: lambda f: replace(
        f,
        holder=replace(f.holder, legal_name=""),
        sender=Sender(signatory=make.PERSON),
        profile=f.profile.model_copy(update={"holder_sites": {"": "https://aurelia.example/"}}),
    ),
    Element.CLAIMANT_EMAIL: lambda f: replace(f, sender=replace(f.sender, agent_email=None)),
    Element.CLAIMANT_CONTACT: lambda f: replace(
        f, sender=replace(f.sender, agent_email=None, agent_address=None, agent_phone=None)
    ),
    Element.CLAIMANT_ADDRESS: lambda f: replace(f, sender=replace(f.sender, agent_address=None)),
    Element.CLAIMANT_PHONE: lambda f: replace(f, sender=replace(f.sender, agent_phone=None)),
    Element.HOLDER_SITE: lambda f: replace(f, profile=f.profile.model_copy(update={"holder_sites": {}})),
    Element.SIGNATORY: lambda f: replace(f, sender=replace(f.sender, signatory=None)),
    Element.LEGAL_BASIS: lambda f: replace(f, legal_basis=""),
    Element.MANDATE: lambda f: replace(f, mandates=()),
    Element.REGISTRATION: lambda f: replace(f, right=replace(f.right, registration_number=None)),
    Element.GOODS: lambda f: replace(f, right=replace(f.right, goods=None)),
    Element.VALIDITY: lambda f: replace(f, right=replace(f.right, expires_on=None)),
    Element.PROOF: lambda f: replace(f, proof_kept=False),
    Element.WORK: lambda f: replace(f, work=replace(f.work, title=" ") if f.work else None),
    Element.WORK_AUTHORISED: lambda f: replace(f, work=replace(f.work, authorised_urls=()) if f.work else None),
    Element.ITEM_ID: lambda f: replace(f, item=replace(f.item, platform_item_id="")),
    Element.CLAIM_CODE: lambda f: replace(f, item=replace(f.item, platform_code=None)),
    Element.OBSERVED_AT: lambda f: replace(
        f,
        item=replace(f.item, observed_at=make.NOW - timedelta(days=400)),
        observation=replace(f.observation, observed_at=make.NOW - timedelta(days=400)),
    ),
    Element.CAPTURES: lambda f: replace(f, captures=(), checks=(), item=replace(f.item, captures=())),
    Element.URL: lambda f: replace(f, item=replace(f.item, url="")),
    Element.EXPLANATION: lambda f: replace(f, item=replace(f.item, explanation="")),
    Element.CLASS: lambda f: replace(f, item=replace(f.item, infringement_class=InfringementClass.LOOK_ALIKE)),
    Element.EXCEPTIONS: lambda f: replace(f, exceptions_note=None),
    Element.GOOD_FAITH: lambda f: _without_statement(f, "good_faith"),
    Element.ACCURACY: lambda f: _without_statement(f, "accuracy"),
    Element.AUTHORITY: lambda f: _without_statement(f, "authority"),
    Element.BONA_FIDE: lambda f: _without_statement(f, "bona_fide"),
    Element.UNDERTAKING: lambda f: _without_statement(f, "undertaking"),
}


def _without_statement(facts: ItemFacts, code: str) -> ItemFacts:
    return replace(facts, statements=tuple(s for s in facts.statements if s.code != code))


@pytest.mark.parametrize("facts", UNDER.values(), ids=UNDER)
def test_a_complete_item_passes_under_every_shipped_profile(facts: ItemFacts) -> None:
    assert check_item(facts) == ()


UNTRUE_WITHOUT = {Element.CLASS: {"MATCH-1"}, Element.CAPTURES: {"EVID-4"}}
"""No ground carries a claim that nobody takes, and a title stands in no capture where there is none."""
NOT_OF_THIS_CLAIM = {Element.WORK, Element.WORK_AUTHORISED}
"""Asked of claims of copyright only; a counterfeit without a work lacks nothing."""


@pytest.mark.parametrize(
    ("facts", "element"),
    [
        pytest.param(facts, element, id=f"{facts.profile.name} {element.value}")
        for facts in UNDER.values()
        for element in facts.profile.required
        if facts.work is not None or element not in NOT_OF_THIS_CLAIM
    ],
)
def test_each_missing_element_is_refused_with_exactly_its_own_code(facts: ItemFacts, element: Element) -> None:
    assert codes(WITHOUT[element](facts)) == {CODE_OF_ELEMENT[element]} | UNTRUE_WITHOUT.get(element, set())


LIMITED = {name: facts for name, facts in UNDER.items() if facts.profile.limits.explanation_chars is not None}


@pytest.mark.parametrize("facts", LIMITED.values(), ids=LIMITED)
def test_the_words_that_are_read_count_and_their_pointers_do_not(facts: ItemFacts) -> None:
    limit = facts.profile.limits.explanation_chars
    assert limit is not None

    def saying(letters: int) -> ItemFacts:
        return replace(facts, item=replace(facts.item, explanation=f"{'x' * letters} [capture {make.an_id('c')}]"))

    assert codes(saying(limit)) == set()
    assert codes(saying(limit + 1)) == {"SIZE-1"}


FACTS_TO_REMOVE: dict[str, Removal] = {
    "decision": lambda f: replace(f, decision=None),
    "captures": lambda f: replace(f, captures=(), checks=()),
    "checks": lambda f: replace(f, checks=()),
    "proof": lambda f: replace(f, proof_kept=False),
    "mandates": lambda f: replace(f, mandates=()),
    "references": lambda f: replace(f, references=()),
    "grounds": lambda f: replace(f, item=replace(f.item, grounds=())),
    "families": lambda f: replace(f, finding=replace(f.finding, families=())),
    "territories": lambda f: replace(f, right=replace(f.right, territories=())),
    "countries": lambda f: replace(f, platform=f.platform.model_copy(update={"countries": ()})),
    "item id": lambda f: replace(f, item=replace(f.item, platform_item_id="")),
    "signatory": lambda f: replace(f, sender=replace(f.sender, signatory=None)),
    "url": lambda f: replace(f, item=replace(f.item, url="")),
}


@pytest.mark.parametrize("facts", COMPLETE.values(), ids=COMPLETE)
@pytest.mark.parametrize("removal", FACTS_TO_REMOVE.values(), ids=FACTS_TO_REMOVE)
def test_removing_any_one_fact_refuses(facts: ItemFacts, removal: Removal) -> None:
    assert check_item(removal(facts))


EXAMPLES = [example for rule in RULES for example in rule.examples]


@given(
    start=st.sampled_from(list(COMPLETE.values())),
    changes=st.lists(st.sampled_from(EXAMPLES), max_size=6),
    url=st.one_of(
        st.text(max_size=60), st.sampled_from(["http://[", "https://a.example:99999999/x", "//x/y", "http:///"])
    ),
    title=st.text(max_size=40),
    probability=st.floats(0, 1),
)
def test_no_rule_raises_whatever_the_facts(
    start: ItemFacts, changes: list[Example], url: str, title: str, probability: float
) -> None:
    facts = start
    for example in changes:
        facts = example.change(facts)
    facts = replace(
        facts,
        item=replace(facts.item, url=url, title=title, platform_item_id=title),
        finding=replace(facts.finding, identity_probability=probability),
    )
    for refusal in check_item(facts):
        assert refusal.because and refusal.fix


@given(path=st.text(max_size=30), query=st.text(max_size=10))
def test_what_passes_the_location_rules_fits_the_url_list(path: str, query: str) -> None:
    url = f"https://shop.example/item/{path}?q={query}"
    facts = replace(GOODS, item=replace(GOODS.item, url=url))
    if not {"LOC-1", "LOC-2"} & codes(facts):
        assert write_urls([url]).decode() == f"{url}\n"


@given(changes=st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=4))
def test_a_refused_item_stays_refused_when_more_goes_wrong(changes: list[Example]) -> None:
    facts = changes[0].change(GOODS)
    first = codes(facts)
    for example in changes[1:]:
        facts = example.change(facts)
    assert codes(facts) or not first


@given(
    number=st.integers(1, 10**6),
    price=st.decimals(min_value=Decimal("0.01"), max_value=10**6, places=2),
    title=st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=80).filter(str.strip),
)
def test_every_complete_item_passes(number: int, price: Decimal, title: str) -> None:
    scene = make.goods_scene(title=title)
    fields = replace(scene.observation.fields, price=make.seen(Money(amount=price, currency="EUR")))
    scene = replace(
        scene,
        observation=replace(scene.observation, fields=fields),
        listing=replace(scene.listing, platform_item_id=str(number), url=f"http://127.0.0.1:8041/item/{number}"),
    )
    assert check_item(make.facts_of(scene)) == ()


def test_union_right_reaches_a_member_state_but_not_japan() -> None:
    assert codes(GOODS) == set()
    japan = GOODS.platform.model_copy(update={"countries": ("JP",)})
    assert codes(replace(GOODS, platform=japan)) >= {"TERR-1"}


def test_holder_itself_needs_no_mandate() -> None:
    facts = replace(GOODS, sender=Sender(signatory=make.PERSON), mandates=())
    assert codes(facts) == set()


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({}, True),
        ({"rights": ("another right",)}, False),
        ({"territories": ("JP",)}, False),
        ({"platform": "bazario"}, False),
        ({"platform_seller_id": "another account"}, False),
        ({"valid_until": make.TODAY.replace(year=2025)}, False),
        ({"standing": SellerStanding.EXCLUDED}, True),
        ({"products": ("another product",)}, False),
    ],
)
def test_an_account_is_authorised_by_its_id_for_right_place_and_time(values: dict[str, Any], refused: bool) -> None:
    rule = SellerRule(
        id="rule",
        holder=GOODS.holder.id,
        platform="shopnest",
        platform_seller_id="880001",
        standing=SellerStanding.AUTHORISED,
    )
    facts = replace(GOODS, seller_rules=(replace(rule, **values),))
    assert ("SELLER-1" in codes(facts)) is refused


def test_a_bare_name_authorises_nobody() -> None:
    """The impostor bears an authorised seller's name under another account: the notice stays possible."""
    rule = SellerRule(
        id="rule",
        holder=GOODS.holder.id,
        platform="shopnest",
        platform_seller_id="990099",
        name="Nordic Time",
        standing=SellerStanding.AUTHORISED,
    )
    assert GOODS.seller is not None
    facts = replace(GOODS, seller_rules=(rule,), seller=replace(GOODS.seller, name="Nordic Time"))
    assert "SELLER-1" not in codes(facts)


@pytest.mark.parametrize(
    ("ground", "refused"),
    [
        (GroundCode.FAR_BELOW_PRICE, True),
        (GroundCode.IMPOSSIBLE_VARIANT, True),
        (GroundCode.SELF_DECLARED_COPY, False),
        (GroundCode.TEST_PURCHASE, False),
        (GroundCode.HOLDERS_DETERMINATION, False),
    ],
)
def test_suspected_resale_needs_more_than_a_low_price(ground: GroundCode, refused: bool) -> None:
    sign = make.sign("resale_words", make.SignFamily.TEXT, "Worn twice, with receipt", against=True)
    facts = replace(
        GOODS,
        finding=replace(GOODS.finding, counter_signs=(sign,)),
        item=replace(GOODS.item, grounds=(ground,)),
    )
    assert ("SELLER-2" in codes(facts)) is refused


def test_a_weak_identity_needs_the_experts_word_and_two_families_still() -> None:
    weak = replace(GOODS, finding=replace(GOODS.finding, identity_probability=0.6))
    word = Determination(
        id="word",
        finding=GOODS.finding.id,
        is_infringing=True,
        infringement_class=InfringementClass.COUNTERFEIT,
        statement="The dial is wrong",
        by="Dr. Uhr",
        at=make.NOW,
    )
    assert codes(weak) == {"MATCH-1"}
    assert codes(replace(weak, determination=word)) == set()
    one_family = replace(weak, finding=replace(weak.finding, families=("image", "price")), determination=word)
    assert codes(one_family) == {"MATCH-1"}


def test_the_exercise_policy_confirms_only_where_everything_is_loopback() -> None:
    assert GOODS.decision is not None
    decided = replace(GOODS, decision=replace(GOODS.decision, by=EXERCISE_POLICY))
    assert codes(decided) == set()
    outside = decided.platform.model_copy(update={"home": "https://shopnest.example/"})
    assert codes(replace(decided, platform=outside)) == {"MATCH-1"}


def test_a_stream_grows_old_within_the_hour_in_an_exercise_too() -> None:
    assert STREAM.is_exercise
    late = replace(STREAM, now=STREAM.observation.observed_at.replace(hour=9, minute=31))
    assert codes(late) == {"EVID-2"}


def test_copyright_exceptions_are_considered_under_every_profile() -> None:
    image = replace(
        LIST,
        item=replace(
            LIST.item, infringement_class=InfringementClass.IMAGE_COPIED, grounds=(GroundCode.COPIED_PHOTO,)
        ),
        exceptions_note=None,
    )
    assert "EXC-1" in codes(image)


def test_a_finding_without_class_is_refused_not_dropped() -> None:
    scene = make.goods_scene()
    vague = replace(scene, finding=replace(scene.finding, infringement_class=None, grounds=()))
    assert {"MATCH-1", "CODE-1"} <= codes(make.facts_of(vague))


def test_a_mark_does_not_carry_a_claim_of_piracy() -> None:
    scene = make.goods_scene()
    ground = Ground(code=GroundCode.NO_LICENCE, because="No licence", captures=())
    wrong = replace(
        scene,
        finding=replace(scene.finding, infringement_class=InfringementClass.PIRATED_COPY, grounds=(ground,)),
    )
    assert "BASIS-1" in codes(make.facts_of(wrong))


def test_a_warning_tells_that_the_page_was_captured_at_another_address() -> None:
    facts = make.facts_of(make.goods_scene())
    assert "WARN-ADDRESS" not in {each.code for each in warn_of(facts)}
    elsewhere = replace(facts, item=replace(facts.item, url="http://127.0.0.1:8041/item/7"))
    assert "WARN-ADDRESS" in {each.code for each in warn_of(elsewhere)}


def test_warnings_tell_a_first_notice_our_own_clock_and_a_single_look() -> None:
    facts = make.facts_of(make.goods_scene())
    told = {"WARN-FIRST", "WARN-TIME", "WARN-EGRESS"}
    assert told <= {each.code for each in warn_of(facts)}
    recheck = Recheck(
        id="r", listing=facts.listing.id, run="run", purpose=RecheckPurpose.SENDING, judged_at=make.NOW,
        presence=Presence.PRESENT, reasons=("its page shows the offer",), divergent=False, sights=(), by="Ann",
    )  # fmt: skip
    known = replace(facts, noticed_before=2, has_qualified_time=True, recheck=recheck)
    assert not told & {each.code for each in warn_of(known)}
    assert "WARN-FIRST" not in {each.code for each in warn_of(replace(facts, seller=None))}


def test_a_union_mark_is_said_to_hold_in_the_union_alone() -> None:
    mark = make.right(office="EM", territories=("EU", "NO", "SE"))
    assert mark.held_in == ("EU", "SE") and describe_right(mark).endswith("in force in EU, SE")
    assert make.right(office="WO", territories=("EU", "NO")).held_in == ("EU", "NO")


def test_a_mark_of_the_supplemental_register_is_refused_where_the_recipient_refuses_it() -> None:
    etsy = UNDER["etsy-portal"]
    for kind, expected in ((None, set()), (RegisterKind.PRINCIPAL, set()), (RegisterKind.SUPPLEMENTAL, {"RIGHT-6"})):
        facts = replace(etsy, right=replace(etsy.right, register_kind=kind))
        assert codes(facts) == expected
        assert codes(replace(facts, profile=etsy.profile.model_copy(update={"principal_register": False}))) == set()


def test_an_agent_undertakes_a_suit_only_under_a_mandate_to_sue() -> None:
    india = UNDER["in-copyright-75"]
    notifying = tuple(replace(each, acts=(Act.NOTIFY,)) for each in india.mandates)
    assert codes(india) == set()
    assert codes(replace(india, mandates=notifying)) == {"AUTH-2"}
    assert codes(replace(STREAM, mandates=notifying)) == set()


@pytest.mark.parametrize(
    ("name", "mailbox", "warned"),
    [
        ("meta-trademark", "notices@rights-office.example", False),
        ("meta-trademark", "jane.roe@rights-office.example", True),
        ("eu-dsa-16", "jane.roe@rights-office.example", False),
    ],
)
def test_a_mailbox_of_ones_own_is_warned_of_where_sellers_are_shown_it(name: str, mailbox: str, warned: bool) -> None:
    facts = UNDER[name]
    facts = replace(facts, sender=replace(facts.sender, agent_email=mailbox))
    assert ("WARN-MAILBOX" in {each.code for each in warn_of(facts)}) is warned
