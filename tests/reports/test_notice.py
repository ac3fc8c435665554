"""Drafting: every sentence points to what carries it, and what speaks against the claim is answered."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.declarations import load_law
from config.errors import WrongKey
from config.settings import Settings
from reports.legal import basis_of, find_basis
from reports.notice import Fact, answer_counter_signs, exceptions_note, idempotency_key, read_facts
from reports.rules.table import check_item
from store.records.cases import Determination
from store.records.comparisons import SignFamily
from store.records.findings import Ground, GroundCode, InfringementClass
from store.records.rights import RightKind
from tests import factories as make

GOODS, STREAM = make.goods_scene(), make.stream_scene()


@pytest.mark.parametrize("scene", [GOODS, STREAM], ids=["goods", "stream"])
def test_every_sentence_points_to_a_capture_a_record_or_a_person(scene: make.Scene) -> None:
    facts = make.facts_of(scene)
    known = {capture.id for capture in scene.captures}
    kinds = set()
    for fact in read_facts(facts.item.explanation):
        assert fact.sources, fact.sentence
        for source in fact.sources:
            kind, _, rest = source.partition(" ")
            kinds.add(kind)
            assert kind != "capture" or rest in known
    assert {"capture", "right", "decision"} <= kinds


def test_a_title_can_forge_no_pointer() -> None:
    forged = make.goods_scene(title="AURELIA copy [decision of the court] [capture 1]")
    (first, *_) = read_facts(make.facts_of(forged).item.explanation)
    assert first.sources == (f"capture {forged.observation.capture}",)
    assert "[decision of the court]" in first.sentence


@given(st.text(max_size=80).filter(lambda t: not set(t) & set("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")))
def test_a_fact_reads_back_from_its_line(text: str) -> None:
    fact = Fact(sentence=f"It says {text}.", sources=("capture 1", "right R"))
    assert Fact.read(str(fact)) == fact


def test_statements_are_word_for_word_with_their_digest() -> None:
    facts = make.facts_of(STREAM)
    assert [s.code for s in facts.statements] == ["good_faith", "accuracy", "authority"]
    for statement in facts.statements:
        assert statement.text == facts.profile.statement(statement.code, "en")
        assert statement.text_sha256 == hashlib.sha256(statement.text.encode()).hexdigest()


def test_what_speaks_for_the_accused_stands_beside_its_answer() -> None:
    sign = make.sign("used_words", SignFamily.TEXT, "The text says worn twice", against=True)
    material = make.material_of(replace(GOODS, finding=replace(GOODS.finding, counter_signs=(sign,))))
    (fact,) = answer_counter_signs(material)
    assert fact.sentence.startswith("The text says worn twice. Against this stands: ")
    assert "replica" in fact.sentence


def test_the_experts_words_are_quoted_with_name_and_day() -> None:
    word = Determination(
        id=make.an_id("determination"),
        finding=GOODS.finding.id,
        is_infringing=True,
        infringement_class=InfringementClass.COUNTERFEIT,
        statement="The engraving does not exist",
        by="Dr. Uhr",
        at=make.NOW,
    )
    ground = Ground(code=GroundCode.HOLDERS_DETERMINATION, because="said so")
    scene = replace(GOODS, finding=replace(GOODS.finding, grounds=(ground,)))
    facts = make.facts_of(scene, determination=word)
    assert "The holder's expert, Dr. Uhr, says: The engraving does not exist." in facts.item.explanation
    assert f"[determination {word.id} of 2026-03-02]" in facts.item.explanation


def test_exceptions_are_considered_from_facts_or_by_a_person_or_not_at_all() -> None:
    derived = exceptions_note(make.material_of(STREAM))
    assert derived is not None and "not to an excerpt for comment" in derived
    review = make.sign("review_words", SignFamily.TEXT, "It is a review", against=True)
    doubtful = replace(STREAM, finding=replace(STREAM.finding, counter_signs=(review,)))
    assert exceptions_note(make.material_of(doubtful)) is None
    noted = replace(doubtful, decision=replace(doubtful.decision, note="The whole film plays, the review is a title"))
    said = exceptions_note(make.material_of(noted))
    assert said is not None and said.startswith("Jane Roe considered the exceptions: The whole film plays")
    assert exceptions_note(make.material_of(GOODS)) is None, "a counterfeit has no exceptions of copyright"


def test_a_page_that_leads_to_no_work_derives_no_note() -> None:
    fields = replace(STREAM.observation.fields, streams=())
    page = replace(
        STREAM,
        observation=replace(STREAM.observation, fields=fields),
        finding=replace(STREAM.finding, families=("text",)),
    )
    assert exceptions_note(make.material_of(page)) is None


def test_the_key_tells_platform_case_item_and_request_apart() -> None:
    keys = {
        idempotency_key("a", "case", "1", 1),
        idempotency_key("b", "case", "1", 1),
        idempotency_key("a", "other", "1", 1),
        idempotency_key("a", "case", "2", 1),
        idempotency_key("a", "case", "1", 2),
    }
    assert len(keys) == 5
    assert idempotency_key("a", "case", "1", 1) in keys


EVERYWHERE = make.profile("url-list")
COUNTERFEIT, PIRATED = InfringementClass.COUNTERFEIT, InfringementClass.PIRATED_COPY


@pytest.mark.parametrize(
    ("right", "countries", "claim", "said"),
    [
        (make.right(), ("SE",), COUNTERFEIT, "Regulation (EU) 2017/1001"),
        (make.right(office="PRV", territories=("SE",)), ("SE",), COUNTERFEIT, "2015/2436"),
        (make.right(office="USPTO", territories=("US",)), ("US",), COUNTERFEIT, "15 U.S.C. § 1114"),
        (make.right(territories=("NO",)), ("SE", "NO"), COUNTERFEIT, "varemerkeloven"),
        (make.copyright_right(), ("NL",), PIRATED, "2001/29/EC"),
        (make.copyright_right(territories=("AQ", "US")), ("AQ", "US"), PIRATED, "17 U.S.C. §§ 106 and 501(a)"),
    ],
)
def test_the_provision_fits_right_place_and_claim(
    right: make.Right, countries: tuple[str, ...], claim: InfringementClass, said: str
) -> None:
    basis = find_basis(make.law(), right, countries, EVERYWHERE, claim)
    assert said in str(basis) and basis.unsupported is None
    assert basis.provision is not None and basis_of(str(basis)) is basis.provision.basis


@pytest.mark.parametrize(
    ("right", "countries", "profile", "claim", "why"),
    [
        (make.copyright_right(), ("JP",), "url-list", PIRATED, "holds in no country"),
        (make.right(), ("SE",), "url-list", PIRATED, "no provision for a pirated copy of a trademark in SE"),
        (make.right(kind=RightKind.PATENT), ("SE",), "url-list", COUNTERFEIT, "of a patent in SE"),
        (make.right(territories=("AQ",)), ("AQ",), "url-list", COUNTERFEIT, "of a trademark in AQ"),
        (make.right(), ("SE",), "us-dmca-512", COUNTERFEIT, "takes no claim that rests on a trademark"),
        (make.right(territories=("US",)), ("US",), "eu-dsa-16", COUNTERFEIT, "does not reach US"),
        (make.right(), ("SE",), "url-list", None, "no ground gives the finding a class"),
    ],
)
def test_a_combination_without_a_row_is_refused_with_the_reason(
    right: make.Right, countries: tuple[str, ...], profile: str, claim: InfringementClass | None, why: str
) -> None:
    basis = find_basis(make.law(), right, countries, make.profile(profile), claim)
    assert str(basis) == "" and basis.unsupported is not None and why in basis.unsupported


def test_the_reason_reaches_the_refusal() -> None:
    unknown = make.facts_of(replace(GOODS, right=make.right(territories=("AQ",), office="AQ"),
                                    platform=GOODS.platform.model_copy(update={"countries": ("AQ",)}),
                                    profile=EVERYWHERE))  # fmt: skip
    found = {refusal.code: refusal.because for refusal in check_item(unknown)}
    assert "no provision for a counterfeit of a trademark in AQ" in found["BASIS-1"]


def test_a_workspaces_own_rows_stand_before_the_shipped_ones(tmp_path: Path) -> None:
    own = """version = 1
[[provisions]]
kinds = ["trademark"]
claims = ["counterfeit"]
region = "SE"
sentence = "using without leave, in the course of trade, a sign that is identical"
citation = "Varumärkeslag (2010:1877), 1 kap. 10 §"
basis = "memory"
"""
    settings = Settings(home=tmp_path, database_url="", contact=None)
    (tmp_path / "law.toml").write_text(own, "utf-8")
    law = load_law(settings)
    national = make.right(office="SE", territories=("SE",))
    assert "1 kap. 10 §" in str(find_basis(law, national, ("SE",), EVERYWHERE, COUNTERFEIT))
    assert "2017/1001" in str(find_basis(law, make.right(), ("SE",), EVERYWHERE, COUNTERFEIT))
    assert len(law.provisions) == len(make.law().provisions) + 1 and law.provisions[0].region == "SE"
    (tmp_path / "law.toml").write_text(own.replace("counterfeit", "mere_mention"), "utf-8")
    with pytest.raises(WrongKey, match="no ground carries a claim of mere_mention"):
        load_law(settings)


def test_each_family_that_carries_identity_has_its_say() -> None:
    many = tuple(
        make.sign(f"text_{number}", SignFamily.TEXT, f"The title says it in way {number}", strength=1.0)
        for number in range(6)
    )
    photo = make.sign("photo", SignFamily.IMAGE, "The photo is the holder's own", strength=0.7)
    price = make.sign("price", SignFamily.PRICE, "It is cheap", strength=1.0)
    told = make.facts_of(replace(GOODS, finding=replace(GOODS.finding, signs=(*many, price, photo)))).item.explanation
    assert "The photo is the holder's own." in told
    assert told.count("The title says it in way") == 2 and "It is cheap" not in told
