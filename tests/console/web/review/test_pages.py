"""The pages as a browser gets them: keys' forms, races, masking, hostile words, tables that never run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import cycle
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from console.web.desk import Desk
from console.web.door import EVIDENCE_POLICY
from console.web.words import speak
from store.db import tables
from store.db.audit import AuditTrail
from store.db.decisions import Decisions
from store.db.parties import Parties
from store.db.personal import keep_values
from store.records.accounts import Role
from store.records.listings import ListingFields
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import Browser, SignIn, add_account, browser_of
from tests.console.web.review.stock import compare_anew, scenes_of, stock

ONE = make.an_id("finding", 1)
PARTS = (
    "<script>alert({n})</script>",
    '"><img src=x onerror=alert({n})>',
    "'-alert({n})-'",
    "javascript:alert({n})",
    "</title><svg onload=alert({n})>",
    "{{{{7*{n}}}}}",
    "<a href=javascript:alert({n})>",
    "&lt;script&gt;{n}",
    "<!--{n}",
    "]]><script>{n}</script>",
    "</textarea><script>{n}</script>",
    "\u202e<script>{n}</script>",
)
HOSTILE = [part.format(n=n) for n in range(25) for part in PARTS]  # 300 of them
FORMULAS = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1"]


@pytest.fixture
def officer(app: FastAPI) -> Browser:
    """An officer at the desk."""
    return browser_of(app, add_account(app.state.desk, "Ann Key", Role.OFFICER))


def filled(desk: Desk, count: int = 3, **more: object) -> None:
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(count, **more))  # type: ignore[arg-type]  # a test's own shape of the call


def seen(number: int, decision: str = "") -> str:
    return f"{make.an_id('finding', number)}~{make.an_id('comparison', number)}~{decision}"


def decisions(desk: Desk) -> int:
    with desk.workspace.database.read() as connection:
        return Decisions(connection, EVERYTHING).count()


def test_a_verdict_leads_to_the_next_finding_and_can_be_undone(desk: Desk, officer: Browser) -> None:
    filled(desk)
    first = officer.get("/review/next").headers["location"]
    number = int(urlsplit(first).path[-8:])
    page = officer.get(first)
    assert page.status_code == 200
    assert 'data-key="c"' in page.text
    answer = officer.submit(f"{urlsplit(first).path}/decide?standing=open", seen=seen(number), verdict="confirm")
    assert answer.status_code == 303
    following = answer.headers["location"]
    assert urlsplit(following).path.startswith("/findings/")
    assert urlsplit(following).path != urlsplit(first).path
    assert "Entered for" in officer.get(following).text
    assert officer.submit(f"{urlsplit(first).path}/undo").status_code == 303
    assert 'data-key="c"' in officer.get(urlsplit(first).path).text, "it is open again"


def test_a_rejection_carries_its_reason_by_one_button(desk: Desk, officer: Browser) -> None:
    filled(desk, 1)
    answer = officer.submit(f"/findings/{ONE}/decide", seen=seen(1), reject="genuine_resale")
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/review")
    assert "Genuine, sold on" in officer.get(f"/findings/{ONE}").text


def test_a_finding_that_changed_meanwhile_is_shown_anew_and_nothing_is_entered(desk: Desk, officer: Browser) -> None:
    filled(desk, 1)
    compare_anew(desk.workspace.database, 1)
    answer = officer.submit(f"/findings/{ONE}/decide", seen=seen(1), verdict="confirm")
    assert answer.status_code == 409
    assert "changed after you opened it" in answer.text
    assert f"{ONE}~{make.an_id('comparison', 1001)}~" in answer.text, "the next verdict names what is shown now"
    assert decisions(desk) == 0


def test_who_comes_second_is_told_who_came_first(app: FastAPI, desk: Desk, officer: Browser) -> None:
    filled(desk, 1)
    other = browser_of(app, add_account(desk, "Bo Lund", Role.REVIEWER))
    assert other.submit(f"/findings/{ONE}/decide", seen=seen(1), verdict="confirm").status_code == 303
    answer = officer.submit(f"/findings/{ONE}/decide", seen=seen(1), reject="parody")
    assert answer.status_code == 409
    assert "Bo Lund decided confirm" in answer.text
    assert decisions(desk) == 1


def test_an_auditor_reads_and_decides_nothing(desk: Desk, signed_in: SignIn) -> None:
    filled(desk, 1)
    auditor = signed_in(Role.AUDITOR)
    page = auditor.get(f"/findings/{ONE}")
    assert page.status_code == 200
    assert 'id="decide"' not in page.text
    assert auditor.submit(f"/findings/{ONE}/decide", seen=seen(1), verdict="confirm").status_code == 403
    assert decisions(desk) == 0


def test_a_form_without_its_token_enters_nothing(desk: Desk, officer: Browser) -> None:
    filled(desk, 1)
    answer = officer.post(f"/findings/{ONE}/decide", data={"seen": seen(1), "verdict": "confirm"})
    assert answer.status_code == 403
    assert decisions(desk) == 0


def test_chosen_ones_go_together_only_as_the_rules_allow(desk: Desk, officer: Browser) -> None:
    filled(desk, 3)
    both = [seen(1), seen(2)]
    assert officer.submit("/review/together", seen=both, verdict="confirm").status_code == 409
    assert decisions(desk) == 0
    assert officer.submit("/review/together", seen=both, reject="not_our_product").status_code == 303
    assert decisions(desk) == 2
    assert officer.submit("/review/together").status_code == 404


PAGES = (
    "/review",
    "/findings",
    f"/findings/{ONE}",
    "/cases",
    "/cases/1",
    "/listings",
    f"/listings/{make.an_id('listing')}",
    f"/sellers/{make.an_id('seller')}",
    f"/captures/{make.an_id('capture', 10)}",
    f"/captures/{make.an_id('capture', 11)}",
    f"/runs/{make.an_id('run')}",
    "/rights",
    f"/rights/{make.an_id('right')}",
    f"/references/{make.an_id('reference')}",
    f"/pictures/{make.sha(make.photo(1))}",
    "/determinations",
    f"/determinations/{ONE}",
    "/quality",
)
NOTHING = ("findings", "listings", "sellers", "captures", "runs", "rights", "references", "pictures", "picture")


def test_every_page_draws_and_has_no_word_left_untranslated(app: FastAPI, desk: Desk) -> None:
    filled(desk, 2)
    officer = browser_of(app, add_account(desk, "Ann Key", Role.OFFICER, language="qps"))
    left = {}
    try:
        for path in PAGES:
            page = officer.get(path, headers={"accept-language": "qps"})
            assert page.status_code == 200, path
            left[path] = untranslated(page.text)
    finally:
        speak("en")
    assert {path: words for path, words in left.items() if words} == {}


def test_what_is_not_there_is_said_so(officer: Browser) -> None:
    assert {path: officer.get(path).status_code for path in ("/cases/99", *(f"/{each}/no" for each in NOTHING))} == {
        "/cases/99": 404,
        **{f"/{each}/no": 404 for each in NOTHING},
    }


def test_hostile_words_in_every_crawled_field_come_out_as_words(desk: Desk, officer: Browser) -> None:
    scenes = []
    texts = cycle(HOSTILE)
    for scene in scenes_of(12):  # some thirty words each: all 300 have their turn
        scenes.append(hostile(scene, texts))
    stock(desk.workspace.database, desk.workspace.vault, scenes)
    paths = ["/review", "/findings", "/cases/1", "/listings"]
    for scene in scenes:
        paths += [f"/findings/{scene.finding.id}", f"/listings/{scene.listing.id}"]
        paths += [f"/captures/{scene.observation.capture}"]
    shown = ""
    for path in paths:
        page = officer.get(path)
        assert page.status_code == 200
        tags = Tags(page.text)
        assert tags.bad == [], path
        shown += page.text
    said = sum(1 for n in range(25) if f"alert({n})" in shown)
    assert said == 25, "they are shown, as words"


def hostile(scene: make.Scene, texts: Iterator[str]) -> make.Scene:
    """The scene with hostile words wherever a page is quoted."""
    capture = scene.observation.capture
    names = ("title", "description", "brand_claimed", "gtin", "mpn", "category", "colour", "size", "ships_from")
    values = {name: make.seen(next(texts), next(texts), capture=capture, where=next(texts)) for name in names}
    fields = replace(scene.observation.fields, **values)
    assert isinstance(fields, ListingFields)
    sign = make.sign("mark_in_title", make.SignFamily.TEXT, next(texts), ours=next(texts), theirs=next(texts))
    found = replace(
        scene.finding,
        because=next(texts),
        signs=(sign,),
        counter_signs=(replace(sign, against=True, because=next(texts)),),
        grounds=(replace(scene.finding.grounds[0], because=next(texts)),),
    )
    page = next(texts).encode()
    captures = tuple(
        replace(each, url_final=f"http://x/{next(texts)}", response_headers=((next(texts), next(texts)),))
        for each in scene.captures
    )
    captures = (replace(captures[0], body_sha256=make.sha(page), body_bytes=len(page)), *captures[1:])
    return replace(
        scene,
        observation=replace(scene.observation, fields=fields),
        finding=found,
        captures=captures,
        listing=replace(scene.listing, url=next(texts)),
        bodies=(*scene.bodies, page),
    )


def test_no_cell_of_a_table_runs(desk: Desk, officer: Browser) -> None:
    scenes = [scenes_of(1, title=text, start=n)[0] for n, text in enumerate(FORMULAS, 1)]
    stock(desk.workspace.database, desk.workspace.vault, scenes)
    for path in ("/review.csv", "/findings.csv"):
        answer = officer.get(path)
        assert answer.headers["content-disposition"].startswith("attachment")
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert len(rows) == 1 + len(FORMULAS)
        assert [cell for row in rows for cell in row if cell.lstrip()[:1] in tuple("=+-@＝")] == []
    assert len(officer.get("/review.json").json()["findings"]) == len(FORMULAS)


@pytest.mark.parametrize("path", ["/cases", "/listings", "/runs", "/rights"])
def test_every_list_has_json_and_csv_beside_it(desk: Desk, officer: Browser, path: str) -> None:
    filled(desk, 2)
    assert officer.get(f"{path}.json").json()[path.strip("/")]
    assert officer.get(f"{path}.csv").text.count("\r\n") >= 2


def test_a_name_is_shown_only_for_a_reason_and_the_look_is_kept(desk: Desk, app: FastAPI) -> None:
    filled(desk, 1)
    seller = make.an_id("seller")
    name = "Nils Ångström <b>"
    with desk.workspace.database.write() as connection:
        keep_values(connection, [desk.workspace.sealer.seal("seller", seller, "seller_name", name)])
    officer = browser_of(app, add_account(desk, "Ann Key", Role.OFFICER))
    with desk.workspace.database.write() as connection:
        connection.execute(tables.session.update().values(stepped_up_at=desk.clock()))
    for path in (f"/sellers/{seller}", f"/findings/{ONE}", f"/listings/{make.an_id('listing')}", "/cases/1"):
        assert "Nils" not in officer.get(path).text, path
    assert officer.submit(f"/sellers/{seller}/reveal", reason="x").status_code == 409
    shown = officer.submit(f"/sellers/{seller}/reveal", reason="to serve the notice")
    assert "Nils Ångström &lt;b&gt;" in shown.text
    with desk.workspace.database.read() as connection:
        acts = AuditTrail(connection, EVERYTHING).of_subject(seller)
        kept = connection.execute(tables.reveal.select()).one()
    assert [act.action for act in acts] == ["reveal_personal_values"]
    assert "Nils" not in str(acts)
    assert kept.reason == "to serve the notice"


def test_captured_bytes_leave_only_sandboxed_and_without_a_type(desk: Desk, officer: Browser) -> None:
    filled(desk, 1)
    answer = officer.get(f"/captures/{make.an_id('capture', 10)}/body")
    assert answer.content == scenes_of(1)[0].bodies[0]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"] == EVIDENCE_POLICY
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_picture_is_never_the_original_and_is_kept_in_private(desk: Desk, officer: Browser) -> None:
    filled(desk, 1)
    original = make.photo(1)
    answer = officer.get(f"/picture/{make.sha(original)}?side=240&box=0.1,0.1,0.9,0.9")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"].startswith("private")
    assert answer.content != original
    page = scenes_of(1)[0].bodies[0]
    assert officer.get(f"/picture/{make.sha(page)}").status_code == 404, "a page is no picture"


def test_the_holders_expert_signs_a_word_and_sees_only_their_own(desk: Desk, app: FastAPI) -> None:
    filled(desk, 2)
    officer = browser_of(app, add_account(desk, "Ann Key", Role.OFFICER))
    officer.submit(f"/findings/{ONE}/decide", seen=seen(1), verdict="needs_holder")
    with desk.workspace.database.write() as connection:
        Parties(connection, EVERYTHING).add(make.party(2))
    own = browser_of(app, add_account(desk, "Dr. Uhr", Role.HOLDER_EXPERT, holder=make.an_id("party")))
    other = browser_of(app, add_account(desk, "Dr. Kleid", Role.HOLDER_EXPERT, holder=make.an_id("party", 2)))
    assert ONE in own.get("/determinations").text
    assert ONE not in other.get("/determinations").text
    assert other.get(f"/determinations/{ONE}").status_code == 404
    form = {"answer": "fake", "infringement_class": "counterfeit", "statement": "The engraving does not exist"}
    assert other.submit(f"/determinations/{ONE}", **form).status_code == 404
    assert own.submit(f"/determinations/{ONE}", **{**form, "statement": "no"}).status_code == 409
    assert own.submit(f"/determinations/{ONE}", **form).status_code == 303
    page = officer.get(f"/findings/{ONE}").text
    assert "The engraving does not exist" in page
    assert "Dr. Uhr" in page


def test_one_word_covers_only_what_the_same_account_shows_with_the_same_photo(desk: Desk, app: FastAPI) -> None:
    filled(desk, 4)
    items, alike = tables.review_item, [make.an_id("finding", number) for number in (1, 2, 3)]
    with desk.workspace.database.write() as connection:
        one = connection.execute(items.select().where(items.c.finding == ONE)).one()
        connection.execute(items.update().values(standing="needs_holder"))
        connection.execute(
            items.update().where(items.c.finding.in_(alike)).values(photo=one.photo, seller=make.an_id("seller"))
        )
    own = browser_of(app, add_account(desk, "Dr. Uhr", Role.HOLDER_EXPERT, holder=make.an_id("party")))
    page = own.get(f"/determinations/{ONE}").text
    offered = [id for id in (*alike, make.an_id("finding", 4)) if f'name="also" value="{id}"' in page]
    assert offered == alike[1:]
    form = {"answer": "fake", "infringement_class": "counterfeit", "statement": "The engraving does not exist"}
    foreign = own.submit(f"/determinations/{ONE}", **form, also=[alike[1], make.an_id("finding", 4)])
    assert foreign.status_code == 409, "another account's"
    assert own.get("/determinations.json").json()["determinations"][0]["state"] == "waiting"
    assert own.submit(f"/determinations/{ONE}", **form, also=[alike[1]]).status_code == 303
    with desk.workspace.database.read() as connection:
        said = {word.finding for word in connection.execute(tables.determination.select())}
    assert said == set(alike[:2]), "what was not ticked waits on"


def test_a_known_answer_is_entered_by_an_admin_from_what_was_decided(desk: Desk, app: FastAPI) -> None:
    filled(desk, 1)
    admin = browser_of(app, add_account(desk, "Root", Role.ADMIN, Role.OFFICER))
    form = {"finding": ONE, "because": "bought and examined it"}
    assert admin.submit("/quality/known", **form).status_code == 409, "not decided yet"
    admin.submit(f"/findings/{ONE}/decide", seen=seen(1), verdict="confirm")
    assert admin.submit("/quality/known", **form).status_code == 303
    assert "known answers" in admin.get("/quality").text


class Tags(HTMLParser):
    """What a browser would make of a page: elements and attributes that run, or lead to what runs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note scripts that are not ours, handlers, and addresses that run."""
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.bad.append(self.get_starttag_text() or tag)
        if tag in ("iframe", "object", "embed", "base"):
            self.bad.append(tag)
        for name, value in given.items():
            runs = name in ("href", "src", "action", "formaction") and not value.startswith(("/", "#", "?"))
            if name.startswith("on") or name == "style" or runs:
                self.bad.append(f"{tag} {name}={value}")


def untranslated(text: str) -> list[str]:
    """Words of a page in the pseudo-locale that were not dressed and are not marked as values."""
    parser = Words()
    parser.feed(text)
    return parser.found


class Words(HTMLParser):
    """Collects text outside elements that say translate="no"."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "circle", "rect", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go in."""
        if tag in self.VOID:
            return
        hidden = tag in ("script", "style", "svg", "title") or ("translate", "no") in attrs
        self.stack.append((tag, hidden or (bool(self.stack) and self.stack[-1][1])))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing stands in it."""

    def handle_endtag(self, tag: str) -> None:
        """Go out."""
        if tag not in (open_tag for open_tag, _ in self.stack):
            return
        while self.stack:
            if self.stack.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        """Keep what a person reads and nobody translated."""
        rest = re.sub(r"⟦[^⟦⟧]*⟧", "", data)
        if re.search(r"[^\W\d_]{2,}", rest) and not (self.stack and self.stack[-1][1]):
            self.found.append(rest.strip())
