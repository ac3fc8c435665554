"""From a case to a sealed notice in the browser: each act by whom it belongs to, once, and never on an old sight."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI

from cases.decisions import current_decision, undo
from config.declarations import load_declarations
from console.noticework import refusals, warnings
from console.web.door import SEALED_PAGE_POLICY
from console.web.words import PSEUDO
from store.db import tables
from store.db.decisions import Decisions
from store.db.rows import row_of
from store.records.accounts import Role
from store.records.ids import new_id
from store.records.notices import NoticeState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import Now, SignIn
from tests.console.web.notices.office import ANN, BO, EVE, JANE, POLICY, Office
from tests.console.web.test_words import untranslated

REASON = "The second photo shows another watch"


@pytest.fixture
def office(app: FastAPI) -> Office:
    """An office with one confirmed case."""
    return Office(app)


def test_an_officers_case_ends_in_a_sealed_notice(office: Office) -> None:
    assert 'id="prepare-notice"' in office.officer.get("/cases/1").text
    answer = office.officer.submit("/cases/1/notice")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notices/1")
    page = office.page(who=office.approver)
    assert 'id="approve"' in page and 'id="sign"' not in page
    assert f'name="seen" value="{office.seen()}"' in page, "the forms carry what the person had before them"
    office.approve()
    page = office.page(who=office.signatory)
    assert 'id="sign"' in page and "I confirm my bona fide belief" in page
    office.sign()
    page = office.page()
    assert 'id="export"' in page
    assert office.officer.submit("/notices/1/export", seen=office.seen()).headers["location"] == "/batches/1"
    batch = office.officer.get("/batches/1").text
    assert "as sealed" in batch and 'id="download"' in batch
    assert office.notice().state is NoticeState.BATCHED
    assert office.acts() == [(ANN, "draft_notice"), (BO, "approve_notice"), (JANE, "sign_notice")]
    assert "Batch" in office.page() and "Every rule" not in office.page(), "what has left is judged no more"


def test_a_notice_is_read_with_its_pictures_pointers_law_and_words(office: Office) -> None:
    office.prepare()
    page = office.page()
    notice = office.notice()
    item = notice.items[0]
    for capture in item.captures:
        assert f'href="/captures/{capture}"' in page
    assert f'href="/findings/{item.finding}"' in page and f"{EVE} looked at listing and reference" in page
    for picture in (make.sha(make.photo(1)), make.reference().sha256):
        assert f"/picture/{picture}" in page
    assert "Article 9(2)(a)" in page and "official text read" in page
    assert "DRAFT" in page and "official text read" in page
    assert all(statement.text in page for statement in notice.statements)
    assert page.count(">pass</span>") >= 30, "every rule says how it ended"
    assert "Nothing was found that speaks for the accused" in page
    workspace = office.desk.workspace
    declared = replace(workspace, declarations=load_declarations(workspace.settings))
    warned = warnings(declared, clock=office.desk.clock)
    codes = {"WARN-PICTURE", "WARN-FIRST", "WARN-TIME", "WARN-EGRESS"}
    assert {(each["notice"], each["code"]) for each in warned} == {(1, code) for code in codes}
    assert warned[0]["says"] in html.unescape(page) and refusals(declared) == [], "apart from what refuses"


def test_preparing_twice_gives_the_same_notice(office: Office) -> None:
    for _ in range(2):
        assert office.officer.submit("/cases/1/notice").headers["location"] == "/notices/1"
    assert office.acts() == [(ANN, "draft_notice")]


def test_a_button_pressed_twice_does_its_work_once(office: Office) -> None:
    office.prepare()
    steps = (("approve", office.approver, ""), ("sign", office.signatory, JANE), ("export", office.officer, ""))
    for act, who, name in steps:
        seen = office.seen()
        answers = [who.submit(f"/notices/1/{act}", seen=seen, name=name) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303], act
        assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(office.acts()) == len(set(office.acts())) == 3


def test_what_changed_after_it_was_opened_is_not_approved(office: Office) -> None:
    office.prepare()
    seen = office.seen()
    answer = office.approver.submit("/notices/1/send-back", seen=seen, because=REASON)
    assert answer.status_code == 303
    office.prepare()
    with office.desk.workspace.database.write() as connection:
        connection.execute(tables.notice_item.update().values(explanation="Somebody wrote something else."))
    answer = office.approver.submit("/notices/1/approve", seen=seen)
    assert answer.status_code == 409
    assert "changed after you opened it" in answer.text and "Somebody wrote something else." in answer.text
    assert office.notice().state is NoticeState.READY


def test_a_sent_back_notice_keeps_its_number_and_is_drafted_anew(office: Office) -> None:
    office.prepare()
    office.approve()
    seen = office.seen()
    assert office.signatory.submit("/notices/1/send-back", seen=seen, because="no").status_code == 409
    for _ in range(2):
        assert office.signatory.submit("/notices/1/send-back", seen=seen, because=REASON).status_code == 303
    page = office.page()
    assert REASON in page and f"{JANE}" in page and 'id="prepare-notice"' in page
    notice = office.notice()
    assert (notice.state, notice.approved_by) == (NoticeState.DRAFT, None)
    assert office.officer.submit("/cases/1/notice").headers["location"] == "/notices/1"
    anew = office.notice()
    assert anew.state is NoticeState.READY
    assert [i.idempotency_key for i in anew.items] == [i.idempotency_key for i in notice.items]


def test_a_recalled_notice_can_be_asked_for_anew(office: Office) -> None:
    office.prepare()
    office.approve()
    office.sign()
    seen = office.stance()
    assert f'value="{seen}"' in office.page(who=office.signatory)
    for _ in range(2):
        assert office.signatory.submit("/notices/1/recall", seen=seen, because=REASON).status_code == 303
    assert office.notice().state is NoticeState.RECALLED
    assert REASON in office.page()
    assert office.officer.submit("/cases/1/notice").headers["location"] == "/notices/2"


def test_who_prepared_or_confirmed_it_all_does_not_approve_it(app: FastAPI, office: Office) -> None:
    both = office.person("Kim Both", Role.OFFICER, Role.APPROVER)
    confirmer = office.person(EVE, Role.REVIEWER, Role.APPROVER)
    assert both.submit("/cases/1/notice").status_code == 303
    for browser, words in ((both, "You prepared this notice"), (confirmer, "You alone confirmed everything")):
        answer = browser.submit("/notices/1/approve", seen=office.seen())
        assert answer.status_code == 409
        assert words in answer.text and "people = 1" in answer.text
    assert office.notice().state is NoticeState.READY


def test_an_office_of_one_says_so_in_its_policy(app: FastAPI) -> None:
    office = Office(app, policy=POLICY + "\n[review]\npeople = 1\n")
    alone = office.person("Kim Alone", Role.OFFICER, Role.APPROVER, Role.SIGNATORY)
    assert alone.submit("/cases/1/notice").status_code == 303
    answer = alone.submit("/notices/1/approve", seen=office.seen())
    assert answer.status_code == 409 and "It is your own work: it may be approved from" in answer.text
    assert office.notice().state is NoticeState.READY, "a night lies between"


def test_only_the_signatorys_own_name_signs(office: Office) -> None:
    office.prepare()
    office.approve()
    for name in ("", "Jane", BO):
        answer = office.signatory.submit("/notices/1/sign", seen=office.seen(), name=name)
        assert answer.status_code == 409
        assert "Nothing was signed" in answer.text
    assert office.notice().signatory is None


def test_a_step_out_of_turn_is_refused(office: Office) -> None:
    office.prepare()
    seen = office.seen()
    assert office.signatory.submit("/notices/1/sign", seen=seen, name=JANE).status_code == 409
    assert office.officer.submit("/notices/1/export", seen=seen).status_code == 409
    office.approve()
    assert office.officer.submit("/notices/1/export", seen=office.seen()).status_code == 409
    assert office.notice().state is NoticeState.APPROVED


Stop = Callable[[make.Scene], make.Scene]
STOPS: dict[str, tuple[Stop, str, str]] = {
    "AUTH-2": (
        lambda s: replace(s, mandates=()),
        "The holder gave no power of attorney for this",
        f"/rights/{make.an_id('right')}",
    ),
    "TERR-1": (
        lambda s: replace(s, right=replace(s.right, territories=("US",))),
        "The right does not hold where the offer is directed",
        f"/rights/{make.an_id('right')}",
    ),
}


@pytest.mark.parametrize("code", STOPS)
def test_a_refusal_says_in_red_what_to_do_and_where(app: FastAPI, code: str) -> None:
    change, wrong, place = STOPS[code]
    office = Office(app, change=change)
    case = office.officer.get("/cases/1").text
    office.prepare()
    for page in (case, office.page()):
        assert 'class="message bad refusal"' in page
        assert code in page and wrong in page and f'href="{place}"' in page
    assert office.notice().state is NoticeState.REFUSED
    assert 'id="approve"' not in office.page(who=office.approver)
    assert f"/notices?code={code}" in office.officer.get("/notices").text
    assert office.officer.submit("/cases/1/notice").headers["location"] == "/notices/1", "refused again, not doubled"


def test_without_a_signatory_the_way_leads_to_the_accounts(app: FastAPI) -> None:
    office = Office(app, signs=False)
    office.prepare()
    assert "Nobody is there who may sign" in office.page() and 'href="/accounts"' in office.page()
    office.person(JANE, Role.SIGNATORY)
    assert office.officer.submit("/cases/1/notice").headers["location"] == "/notices/2"


def test_what_a_rule_stops_meanwhile_is_neither_approved_nor_signed(office: Office) -> None:
    office.prepare()
    seen = office.seen()
    database, clock = office.desk.workspace.database, office.desk.clock
    with database.read() as connection:
        finding = office.case.findings[0]
        standing = current_decision(Decisions(connection, EVERYTHING).of_findings([finding])[finding])
    assert standing is not None
    undo(database, standing.id, by=EVE, clock=clock, ids=new_id)
    answer = office.approver.submit("/notices/1/approve", seen=seen)
    assert answer.status_code == 409
    assert "MATCH-1" in answer.text
    assert office.notice().state is NoticeState.REFUSED


def test_evidence_that_grew_old_before_the_signature_stops_it(office: Office, now: Now) -> None:
    office.prepare()
    office.approve()
    seen = office.seen()
    now.move(days=6)
    signatory = office.person("Jo Signs", Role.SIGNATORY)
    answer = signatory.submit("/notices/1/sign", seen=seen, name="Jo Signs")
    assert answer.status_code == 409
    assert "EVID-2" in answer.text and office.notice().signatory is None


def test_nothing_confirmed_is_nothing_to_prepare(office: Office) -> None:
    with office.desk.workspace.database.write() as connection:
        connection.execute(tables.case.update().values(state="open"))
    assert 'id="prepare-notice"' not in office.officer.get("/cases/1").text
    answer = office.officer.submit("/cases/1/notice")
    assert (answer.status_code, "decide its findings" in answer.text) == (409, True)
    assert office.officer.submit("/cases/99/notice").status_code == 404


ACTS = {
    "/cases/1/notice": {Role.OFFICER},
    "/notices/1/approve": {Role.APPROVER},
    "/notices/1/sign": {Role.SIGNATORY},
    "/notices/1/send-back": {Role.APPROVER, Role.SIGNATORY},
    "/notices/1/recall": {Role.APPROVER, Role.SIGNATORY},
    "/notices/1/export": {Role.OFFICER, Role.APPROVER, Role.SIGNATORY},
    "/notices/export": {Role.OFFICER, Role.APPROVER, Role.SIGNATORY},
}


def test_each_act_belongs_to_its_roles(office: Office, signed_in: SignIn) -> None:
    office.prepare()
    for role in Role:
        browser = signed_in(role)
        for path, roles in ACTS.items():
            status = browser.submit(path, seen="0" * 64, name="x", because=REASON).status_code
            assert (status == 403) == (role not in roles), (role, path, status)
    assert [action for _, action in office.acts()].count("approve_notice") == 0, "the sight was another"


def test_what_is_out_of_scope_is_not_there(office: Office, signed_in: SignIn) -> None:
    office.prepare()
    seen, other = office.seen(), make.party(2)
    with office.desk.workspace.database.write() as connection:
        connection.execute(tables.party.insert().values(**row_of(other, tables.party)))
    for narrowed in ({"holder": other.id}, {"compartment": "another"}):
        browser = signed_in(Role.OFFICER, Role.APPROVER, Role.SIGNATORY, **narrowed)
        assert browser.get("/notices/1").status_code == 404
        assert browser.get("/notices.json").json()["notices"] == []
        for path in ACTS:
            if path != "/notices/export":
                answer = browser.submit(path, seen=seen, name="x", because=REASON)
                assert answer.status_code == 404, path
    assert office.notice().state is NoticeState.READY


def test_a_stale_step_up_leads_back_to_the_notice(office: Office, now: Now) -> None:
    office.prepare()
    seen = office.seen()
    now.move(minutes=11)
    assert "Give it now" in office.page(who=office.approver)
    answer = office.approver.post(
        "/notices/1/approve",
        data={"csrf_token": office.approver.token, "seen": seen},
        headers={"referer": "http://127.0.0.1:8741/notices/1?from=1"},
    )
    assert answer.status_code == 403
    assert "/step-up?next=/notices/1%3Ffrom%3D1" in answer.text
    stranger = office.approver.post(
        "/notices/1/approve",
        data={"csrf_token": office.approver.token, "seen": seen},
        headers={"referer": "https://evil.example/notices/1"},
    )
    assert "evil" not in stranger.text
    assert office.notice().state is NoticeState.READY


def test_the_list_narrows_by_its_address_and_leaves_as_json_and_csv(app: FastAPI) -> None:
    office = Office(app, change=STOPS["TERR-1"][0])
    office.prepare()
    refused = office.officer.get("/notices.json", params={"code": "TERR-1", "state": "refused"}).json()
    assert [(n["number"], n["codes"], n["items"], n["refused"]) for n in refused["notices"]] == [
        (1, ["TERR-1", "BASIS-1"], 1, 1)
    ]
    for query in ({"state": "ready"}, {"platform": "other"}, {"right": "other"}, {"code": "RIGHT-2"}, {"case": "9"}):
        assert office.officer.get("/notices.json", params=query).json()["notices"] == [], query
    table = list(csv.reader(io.StringIO(office.officer.get("/notices.csv").text.lstrip("\ufeff"))))
    assert table[1][:3] == ["1", "refused", "shopnest"]
    page = office.officer.get("/notices?case=1&after=1").text
    assert "No notice stands so." in page


def test_answers_and_objections_stand_on_the_notice(office: Office) -> None:
    office.prepare()
    notice, now = office.notice(), office.desk.clock()
    with office.desk.workspace.database.write() as connection:
        connection.execute(
            tables.outcome.insert().values(
                id=new_id(),
                notice=notice.id,
                kind="decision",
                status_raw="<b>Weg</b>",
                status=None,
                explanation="<script>alert(1)</script>",
                received_at=now,
                raw_sha256="a" * 64,
            )
        )
        connection.execute(
            tables.counter_notice.insert().values(
                id=new_id(),
                notice=notice.id,
                reason="authorised",
                elements=[],
                received_at=now,
                response_due=now + timedelta(days=2),
                raw_sha256="b" * 64,
            )
        )
    page = office.page()
    assert "says they are authorised" in page and "The accused has objected" in page
    assert "&lt;b&gt;Weg&lt;/b&gt;" in page and "<script>alert(1)" not in page
    assert "a word we do not know" in page


def test_many_items_are_read_page_by_page(app: FastAPI) -> None:
    office = Office(app, 27)
    office.prepare()
    assert 'id="item-25"' in office.page() and 'id="item-26"' not in office.page()
    following = office.officer.get("/notices/1?from=26").text
    assert 'id="item-27"' in following and 'id="item-25"' not in following
    assert "27" in office.officer.get("/notices/1?from=999999").text
    assert office.officer.get("/notices/1?from=-3").status_code == 200


def test_hostile_words_stay_words(app: FastAPI) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(2)> {{7*7}}'
    office = Office(app, change=lambda s: make.goods_scene(1, f"AURELIA replica 1:1 {hostile}"))
    office.prepare()
    page = office.page()
    assert "<script>alert(1)" not in page and "<img src=x" not in page and "{{7*7}}" in page


def test_every_word_of_the_pages_can_be_translated(office: Office) -> None:
    office.prepare()
    pages = [("/cases/1", office.officer), ("/notices", office.officer)]
    pages += [("/notices/1", who) for who in (office.officer, office.approver)]
    headers = {"accept-language": PSEUDO}
    assert {path: untranslated(who.get(path, headers=headers).text) for path, who in pages} == {
        path: [] for path, _ in pages
    }
    today = office.approver.get("/", headers=headers)
    assert (today.status_code, untranslated(today.text)) == (200, [])
    office.approve()
    office.sign()
    assert untranslated(office.signatory.get("/notices/1", headers=headers).text) == []
    office.export()
    for path in ("/batches", "/batches/1", "/notices/1"):
        assert untranslated(office.officer.get(path, headers=headers).text) == [], path


def test_today_leads_to_what_waits(office: Office) -> None:
    office.prepare()
    for step, words in ((office.approve, "waits to be approved"), (office.sign, "waits to be signed")):
        page = office.approver.get("/")
        assert page.status_code == 200
        assert words in page.text and 'href="/notices/1"' in page.text
        step()
    assert "is signed and can be exported" in office.officer.get("/").text


def test_the_sealed_page_keeps_its_own_strict_policy(office: Office) -> None:
    for step in (office.prepare, office.approve, office.sign, office.export):
        step()
    answer = office.officer.get("/batches/1/page")
    assert answer.headers["content-security-policy"] == SEALED_PAGE_POLICY
    assert "sandbox;" in SEALED_PAGE_POLICY and "script-src" not in SEALED_PAGE_POLICY
    assert "DRAFT" in answer.text
