"""Whatever a page says and people wrote: every sentence has its carrier, none contradicts, nothing is missing."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.profile import Element
from reports.facts import ItemFacts
from reports.fill_in import WORDS, _said_of, _said_once
from reports.masking import CONTACT
from reports.notice import read_facts
from reports.rules.table import check_item
from reports.views import Evidence, ItemView, NoticeView, item_view, notice_view
from store.records.cases import Determination
from store.records.comparisons import SignFamily
from store.records.findings import Ground, GroundCode, InfringementClass
from store.records.notices import Notice, NoticeState
from tests import factories as make
from tests.golden.regenerate import GOLDEN

CODED = {InfringementClass.COUNTERFEIT: "MEMBERS-OWN", InfringementClass.IMAGE_COPIED: "MEMBERS-OWN"}
WORDS_OF_PEOPLE = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=60)
TITLES = st.one_of(
    st.just("AURELIA Solaris replica watch 1:1"),
    st.text(min_size=1, max_size=60).filter(str.strip),
    st.sampled_from(
        [
            "AURELIA copy [decision of the court] [capture 1]",
            "AURELIA write to seller@mail.example or +46 70 123 45 67",
            "AURELIA 018100114 0745012345678",
            "It asks 1.00 EUR. It is genuine.\nIt is offered by the account nobody.",
        ]
    ),
)


@st.composite
def items(draw: st.DrawFn) -> ItemFacts:
    """An item under any shipped profile, with any title, price, words for the accused, note and expert's word."""
    profile = make.profile(draw(st.sampled_from(make.SHIPPED_PROFILES)))
    goods = InfringementClass.COUNTERFEIT in profile.classes
    title = draw(TITLES)
    scene = make.placed((make.goods_scene if goods else make.stream_scene)(profile=profile, title=title))
    against = tuple(
        make.sign(f"used_{n}", SignFamily.TEXT, f"The text says {said}", against=True, capture=scene.captures[0].id)
        for n, said in enumerate(draw(st.lists(WORDS_OF_PEOPLE, max_size=2)))
    )
    finding = replace(scene.finding, counter_signs=against)
    more: dict[str, Any] = {}
    if goods and draw(st.booleans()):
        more["determination"] = Determination(
            id=make.an_id("determination"),
            finding=finding.id,
            is_infringing=True,
            infringement_class=InfringementClass.COUNTERFEIT,
            statement=draw(WORDS_OF_PEOPLE.filter(str.strip)),
            by="Dr. Uhr",
            at=make.NOW,
        )
        expert = Ground(code=GroundCode.HOLDERS_DETERMINATION, because="said so")
        finding = replace(finding, grounds=(*finding.grounds, expert))
    note = draw(st.one_of(st.none(), WORDS_OF_PEOPLE))
    scene = replace(scene, finding=finding, decision=replace(scene.decision, note=note))
    return make.facts_of(scene, **more)


def carriers(facts: ItemFacts) -> set[str]:
    """Everything that a sentence of this item may point to."""
    found = {f"capture {capture.id}" for capture in facts.captures} | {f"right {facts.right.right_ref}"}
    found |= {f"work {facts.work.work_ref}"} if facts.work else set()
    found |= {f"product {facts.product.product_ref}"} if facts.product else set()
    found |= {f"reference {each.reference_ref}" for each in facts.references}
    found |= {f"decision {facts.decision.id}"} if facts.decision else set()
    found |= {f"determination {facts.determination.id}"} if facts.determination else set()
    return found


@settings(max_examples=15, deadline=None)
@given(items())
def test_every_sentence_points_to_a_capture_or_to_a_named_persons_word(facts: ItemFacts) -> None:
    known = carriers(facts)
    for fact in (*read_facts(facts.item.explanation), *read_facts(facts.item.against)):
        assert fact.sources, fact.sentence
        for source in fact.sources:
            plain = re.split(r", register asked on | of \d{4}-", source)[0]
            assert plain in known, f"{fact.sentence} points to {source}"
        for person, kind in (
            ("Dr. Uhr", "determination"),
            (facts.decision.by if facts.decision else "-", "decision"),
        ):
            if re.search(rf"{re.escape(person)}(, says| adds|.* confirmed this on)", fact.sentence):
                assert any(source.startswith(kind) for source in fact.sources), fact.sentence


@settings(max_examples=15, deadline=None)
@given(items())
def test_a_notice_that_may_leave_holds_every_element_and_names_nobody(facts: ItemFacts) -> None:
    if check_item(facts):
        return  # refused, with its reasons: nothing leaves
    item, notice = shown(facts)
    copies = facts.item.infringement_class is not InfringementClass.COUNTERFEIT
    of_copies = {Element.WORK, Element.WORK_AUTHORISED, Element.EXCEPTIONS}
    for element in facts.profile.required:
        if element.value.startswith("statements."):
            assert element.value.partition(".")[2] in {statement.code for statement in notice.statements}
        elif element in WORDS and (copies or element not in of_copies):
            said = _said_of(element, item, facts) or _said_once(element, notice)
            assert said.strip(), element
    assert notice.signatory and not CONTACT.search(f"{item.title} {facts.item.explanation} {facts.item.against}")


@settings(max_examples=15, deadline=None)
@given(items())
def test_no_notice_contradicts_itself(facts: ItemFacts) -> None:
    item, notice = shown(facts)
    told = [fact.sentence for fact in read_facts(facts.item.explanation)]
    assert len(told) == len(set(told)), "said twice"
    first, rest = told[0], told[1:]
    assert item.title in first, "the title of the page and of the item are one"
    assert not any(each.startswith("On ") and "the address given showed" in each for each in rest)
    prices = [each for each in rest if each.startswith("It asks ")]
    assert prices == ([f"It asks {item.price}."] if item.price else [])
    accounts = [each for each in rest if each.startswith("It is offered by the account ")]
    assert accounts == ([f"It is offered by the account {item.seller}."] if item.seller else [])
    rights = [each for each in rest if " holds the " in each]
    assert any(each.lower().endswith(f"{notice.right.lower()}.") for each in rights)
    assert item.observed_at.startswith(facts.item.observed_at.strftime("%Y-%m-%d %H:%M"))
    assert facts.item.observed_at <= facts.now and facts.item.url == item.url


def test_what_rests_on_the_holders_word_points_to_it_too() -> None:
    facts = read_facts(make.facts_of(make.goods_scene()).item.explanation)
    sources = {fact.sentence: fact.sources for fact in facts}
    assert sources["The photo is the holder's own, cropped."][1:] == ("reference F-SOLARIS-1",)
    assert sources["49.00 EUR is 1.5 % of the recommended 3200.00 EUR."][1:] == ("product P-SOLARIS",)


def shown(facts: ItemFacts) -> tuple[ItemView, NoticeView]:
    """The item and its notice as a recipient is shown them."""
    goods = facts.item.infringement_class is InfringementClass.COUNTERFEIT
    scene = (make.goods_scene if goods else make.stream_scene)(profile=facts.profile)
    bodies = {make.sha(body): body for body in scene.bodies}
    item = item_view(facts, "1-1", Evidence(lambda sha256: bodies.get(sha256, b"page")))
    signed = Notice(
        id=make.an_id("notice"),
        number=1,
        case=facts.case.id,
        platform=facts.platform.name,
        profile=facts.profile.name,
        profile_version=1,
        regime=facts.profile.regime,
        right=facts.right.id,
        holder=facts.holder.id,
        agent=facts.sender.agent,
        mandate=facts.mandates[0].id,
        language="en",
        state=NoticeState.APPROVED,
        items=(facts.item,),
        statements=facts.statements,
        signatory=make.PERSON,
        signed_at=make.NOW,
        drafted_at=make.NOW,
        legal_basis=facts.legal_basis,
    )
    return item, notice_view(signed, (item,), facts)


@pytest.mark.parametrize("folder", sorted((GOLDEN / "batches").iterdir()), ids=lambda path: path.name)
def test_every_file_of_a_batch_says_the_same_of_each_item(folder: Path) -> None:
    batch = json.loads((folder / "batch.json").read_bytes())
    items = {item["id"]: item for notice in batch["notices"] for item in notice["items"]}
    assert batch["sandbox"] is True and all(item["human_reviewed"] for item in items.values())
    table = list(csv.DictReader(io.StringIO((folder / "items.csv").read_text(), newline="")))
    told = {(row["item_id"], row["url"], row["platform_item_id"], row["claim"]) for row in table}
    assert told == {(id, item["url"], item["platform_item_id"], item["claim"]) for id, item in items.items()}
    sheet = list(csv.DictReader(io.StringIO((folder / "answers.csv").read_text(), newline="")))
    assert [(row["item_id"], row["url"]) for row in sheet] == [(id, item["url"]) for id, item in items.items()]
    urls = folder / "urls.txt"
    assert not urls.exists() or urls.read_text().splitlines() == [item["url"] for item in items.values()]
    notices = folder / "dsa-16.json"
    for each in json.loads(notices.read_bytes())["notices"] if notices.exists() else ():
        item = items[each["item_id"]]
        assert each["b_location"]["url"] == item["url"]
        assert each["a_reasons"]["facts"] == [fact["sentence"] for fact in item["reasons"]]
    call = folder / "vero.json"
    for row in json.loads(call.read_bytes())["reportItems"] if call.exists() else ():
        assert row["itemId"] in {item["platform_item_id"] for item in items.values()}
    for path in sorted((folder / "xarf").glob("*.json")) if (folder / "xarf").exists() else ():
        report = json.loads(path.read_bytes())
        (item,) = [each for each in items.values() if each["label"] == path.stem]
        assert item["url"] in (report.get("url"), report.get("infringing_url"))
