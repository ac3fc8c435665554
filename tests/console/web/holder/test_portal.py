"""The holders' portal: only one's own, tried before taken, hostile files refused in words, notices followed."""

from __future__ import annotations

import html
import io
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.datastructures import Headers
from starlette.testclient import TestClient
from starlette.types import Message

from console.access import UPLOAD_BYTES
from console.outer_access import HOLDER_ROUTES
from console.web import bodies
from console.web.app import LOCAL
from console.web.desk import csrf_token_of
from console.web.holder import pages_notices
from console.web.sessions import open_session
from store.db import tables
from store.db.notices import Notices
from store.db.parties import Parties
from store.db.products import Products
from store.db.references import References
from store.db.rights import Rights
from store.db.rows import row_of
from store.records.accounts import Role
from store.records.doors import Entrance
from store.records.notices import NoticeState
from store.records.references import Medium
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import Now, add_account
from tests.console.web.platform.conftest import open_door
from tests.console.web.two_holders import Side, two_holders

COOKIE = "marque-holder"


class Holder(TestClient):
    """A holder's browser; without an account, a stranger's."""

    def __init__(self, app: FastAPI, *roles: Role, **more: Any) -> None:
        super().__init__(app, base_url=LOCAL, follow_redirects=False, headers={"accept": "text/html"})
        if roles:
            desk = app.state.desk
            account = add_account(desk, f"Dr. Uhr {len(self._names)}", *roles, **more)
            self._names.append(account.id)
            with desk.workspace.database.write() as connection:
                self.cookies.set(COOKIE, open_session(connection, desk, account, ""))
                session = tables.session
                fresh = session.update().where(session.c.account == account.id)
                connection.execute(fresh.values(stepped_up_at=desk.clock()))

    _names: list[str] = []

    def submit(self, path: str, *, files: Any = None, **fields: Any) -> Any:
        if COOKIE not in self.cookies:
            self.get("/login")
        return self.post(path, data={"csrf_token": csrf_token_of(self.cookies[COOKIE]), **fields}, files=files)


@pytest.fixture
def world(fresh_home: Path, tmp_path: Path, now: Now) -> Iterator[tuple[FastAPI, Side, Side]]:
    made = open_door(Path(shutil.copytree(fresh_home, tmp_path / "home")), now, Entrance.HOLDER)
    with TestClient(made):
        own, other = two_holders(made.state.desk)
        yield made, own, other


def _holder(world: tuple[FastAPI, Side, Side]) -> Holder:
    return Holder(world[0], Role.HOLDER_EXPERT, holder=world[1].holder)


def _names(world: tuple[FastAPI, Side, Side]) -> tuple[str, str, str]:
    """One's own legal name and right, and the other's name."""
    with world[0].state.desk.workspace.database.read() as connection:
        parties = Parties(connection, EVERYTHING)
        own, other = parties.get(world[1].holder), parties.get(world[2].holder)
        right = Rights(connection, EVERYTHING).get(world[1].right)
    assert own is not None and other is not None and right is not None
    return own.legal_name, right.right_ref, other.legal_name


def test_every_row_has_its_route_and_only_holders_come_in(world: tuple[FastAPI, Side, Side]) -> None:
    listed = {(access.method, access.path) for access in HOLDER_ROUTES}
    routed = {
        (method, route.path)
        for route in world[0].router.routes
        for method in (getattr(route, "methods", None) or ())
        if method != "HEAD"
    }
    assert routed == listed
    stranger, officer = Holder(world[0]), Holder(world[0], Role.OFFICER, Role.ADMIN)
    for access in HOLDER_ROUTES:
        if access.is_open or access.method != "GET" or "{" in access.path:
            continue
        assert (stranger.get(access.path).status_code, officer.get(access.path).status_code) == (401, 403), (
            access.path
        )


def test_what_is_anothers_answers_like_what_is_not_there(world: tuple[FastAPI, Side, Side]) -> None:
    _app, own, other = world
    browser = _holder(world)
    for path in (
        "/rights/{0.right}",
        "/references/{0.reference}",
        "/determinations/{0.finding}",
        "/notices/{0.notice}",
    ):
        assert browser.get(path.format(own)).status_code == 200, path
        assert browser.get(path.format(other)).status_code == 404, path
    assert browser.get(f"/picture/{other.photo}").status_code == 404
    assert (
        browser.submit(f"/notices/{other.notice}/withdraw", seen="x", because="an error of ours").status_code == 404
    )
    for path in ("/", "/rights", "/rights.csv", "/notices", "/notices.json", "/notices.csv", "/determinations"):
        page = browser.get(path)
        assert page.status_code == 200
        assert [mark for mark in other.marks if mark in page.text] == [], path
    nobody = Holder(world[0], Role.HOLDER_EXPERT)
    assert nobody.get(f"/notices/{own.notice}").status_code == 404


def _sheet(*rows: str) -> dict[str, Any]:
    text = "\r\n".join(("product_ref,holder,right_refs,name", *rows)) + "\r\n"
    return {"file": ("products.csv", text.encode(), "text/csv")}


def test_a_sheet_is_tried_then_taken_and_again_changes_nothing(world: tuple[FastAPI, Side, Side]) -> None:
    own, right, other = _names(world)
    browser = _holder(world)
    files = _sheet(f"P-7,{own},{right},Watch 7", f"P-8,{other},{right},Watch 8", f"P-9,{own},NONE,Watch 9")

    def figures(act: str) -> list[str]:
        page = browser.submit("/register/products", files=files, act=act)
        assert page.status_code == 200, page.text
        return [part.split("</b>")[0] for part in page.text.split('<b translate="no">')[1:5]]

    with world[0].state.desk.workspace.database.read() as connection:
        before = Products(connection, EVERYTHING).find()
    assert figures("try") == ["1", "0", "0", "2"]
    with world[0].state.desk.workspace.database.read() as connection:
        assert Products(connection, EVERYTHING).find() == before, "nothing is written in a trial"
    assert figures("take") == ["1", "0", "0", "2"]
    assert figures("take") == ["0", "0", "1", "2"]
    page = browser.submit("/register/products", files=files, act="try").text
    assert "is not you" in page and "no right" in page
    own_template = browser.get("/register/products/template.csv")
    assert own_template.status_code == 200 and own_template.text.startswith("product_ref")


def test_photos_come_in_together_and_what_is_no_photo_is_refused_by_its_name(
    world: tuple[FastAPI, Side, Side],
) -> None:
    browser = _holder(world)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    given = [
        ("front.png", make.photo(91)),
        ("../../back of it.png", make.photo(92)),
        ("vector.svg", svg),
        ("really-svg.png", svg),
        ("page.jpg", b"<html><script>alert(1)</script></html>"),
        ("empty.png", b""),
        ("cut.png", make.photo(93)[:200]),
        ("bomb.png", _bomb_png()),
    ]
    files = [("files", (name, data, "image/png")) for name, data in given]
    tried = browser.submit("/register/photos", files=files, shows="product", ref="P-1", act="try")
    assert tried.status_code == 200, tried.text
    for name in ("vector.svg", "really-svg.png", "page.jpg", "empty.png", "cut.png", "bomb.png"):
        assert f">{name}<" in tried.text, name
    assert "<script>alert" not in tried.text
    taken = browser.submit("/register/photos", files=files, shows="product", ref="P-1", act="take")
    assert taken.status_code == 200
    with world[0].state.desk.workspace.database.read() as connection:
        refs = {reference.reference_ref for reference in References(connection, EVERYTHING).find()}
    assert {"front", "back-of-it"} <= refs and not {"vector", "really-svg", "bomb"} & refs
    assert not list(Path(world[0].state.desk.workspace.settings.home).glob("**/*.photo"))
    white = [("files", ("white.png", make.white_logo(), "image/png"))]
    for medium, refused in (("photo", True), ("logo", False)):
        page = browser.submit("/register/photos", files=white, shows="product", ref="P-1", medium=medium, act="take")
        assert ("as medium logo" in page.text) is refused, page.text
    with world[0].state.desk.workspace.database.read() as connection:
        (kept,) = References(connection, EVERYTHING).find(tables.reference.c.reference_ref == "white")
    assert (kept.medium, kept.withdrawn_on) == (Medium.LOGO, None)


def _zip(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_folder_or_a_zip_says_by_its_folders_or_its_sheet_what_its_photos_show(
    world: tuple[FastAPI, Side, Side],
) -> None:
    browser = _holder(world)
    by_folder = [("files", ("all/P-1/front.png", make.photo(94), "image/png"))]
    by_folder.append(("files", ("more.bin", _zip(**{"P-1/top.png": make.photo(95)}), "image/png")))
    sheet = b"reference_ref,file,medium,product_ref\r\nside,one/side.png,photo,P-1\r\nalien,x.png,photo,P-2\r\n"
    by_sheet = _zip(**{"all/references.csv": sheet, "all/one/side.png": make.photo(96), "all/x.png": make.photo(97)})
    for files, refused in ((by_folder, 0), ([("files", ("all.zip", by_sheet, "application/zip"))], 1)):
        page = browser.submit("/register/photos", files=files, act="take")
        assert page.status_code == 200, page.text
        assert page.text.count('<td class="num" translate="no">') == refused
    with world[0].state.desk.workspace.database.read() as connection:
        refs = {reference.reference_ref for reference in References(connection, EVERYTHING).find()}
    assert refs >= {"P-1-front", "P-1-top", "side"} and "alien" not in refs
    for files, said in (
        ([("files", ("bomb.zip", _zip(x=b"0" * (9 << 20)), "image/png"))], "unpacks to more"),
        ([("files", ("up.zip", _zip(**{"../x.png": b"x"}), "image/png"))], "leads out of its folder"),
        ([("files", ("loose.png", make.photo(98), "image/png"))], "name each folder"),
        ([*by_folder, ("files", ("all.zip", by_sheet, "application/zip"))], "hand it in alone"),
    ):
        page = browser.submit("/register/photos", files=files, act="take")
        assert (page.status_code, said in page.text) == (400, True), said


def test_what_collides_is_told_before_and_never_goes_live(world: tuple[FastAPI, Side, Side]) -> None:
    app, own, other = world
    browser = _holder(world)
    theirs, shown, fresh = make.photo(22), make.photo(1), make.photo(99)  # of the other holder, of a listing, new
    files = [
        ("files", (f"P-1/{name}.png", data, "image/png"))
        for name, data in (("theirs", theirs), ("shown", shown), ("fresh", fresh))
    ]

    def told(act: str) -> dict[str, tuple[bool, str]]:
        page = browser.submit("/register/photos", files=files, act=act)
        assert page.status_code == 200, page.text
        assert [mark for mark in other.marks if mark in page.text] == []
        lines = page.text.partition('id="ahead"')[2].partition("</tbody>")[0].split("<tr><td")[1:]
        return {
            line.split(">")[1].split("<")[0]: ("chip good" in line, line.split('"no">')[2].split("<")[0])
            for line in lines
        }

    def live() -> set[str]:
        with app.state.desk.workspace.database.read() as connection:
            found = References(connection, EVERYTHING).find()
        return {each.reference_ref for each in found if each.reference_ref[:4] == "P-1-" and not each.withdrawn_on}

    before = told("try")
    assert before == {"P-1-theirs": (False, "0"), "P-1-shown": (True, "1"), "P-1-fresh": (True, "0")}
    assert live() == set()
    assert told("take") == before
    assert live() == {"P-1-shown", "P-1-fresh"}
    again = browser.submit("/register/photos", files=files, act="take")
    assert 'id="ahead"' not in again.text and live() == {"P-1-shown", "P-1-fresh"}
    name, _right, _other = _names(world)
    heads = "right_ref,holder,kind,territories,status,mark_text,office,registration_number,nice_classes,registered_on"
    rights = f"{heads}\r\nR-9,{name},trademark,SE,active,Solaris,SE,123456,14,2020-01-01\r\n"
    page = browser.submit("/register/rights", files={"file": ("rights.csv", rights.encode(), "text/csv")}, act="try")
    assert '<span translate="no">1</span> of <span translate="no">2</span>' in page.text
    assert own.finding not in page.text


def test_a_form_with_files_that_says_nul_is_refused_in_words_and_a_files_bytes_are_its_own(
    world: tuple[FastAPI, Side, Side],
) -> None:
    browser = _holder(world)
    files = {"files": ("a.png", b"\x00\x00", "image/png")}
    answer = browser.submit("/register/photos", files=files, shows="product", act="try", ref="P\x001")
    assert answer.status_code == 400 and "no record can keep" in answer.text
    answer = browser.submit("/register/photos", files=files, shows="product", ref="P-1", act="try")
    assert answer.status_code == 200 and "no record can keep" not in answer.text


def test_however_a_sheet_spells_its_words_its_pictures_are_judged(world: tuple[FastAPI, Side, Side]) -> None:
    theirs = make.photo(22)  # the other holder's
    sheet = b"reference_ref,file,medium,product_ref,polarity\r\n  odd  one ,x.png,PHOTO,P-1,Positive\r\n"
    whole = _zip(**{"references.csv": sheet, "x.png": theirs})
    page = _holder(world).submit(
        "/register/photos", files=[("files", ("all.zip", whole, "application/zip"))], act="take"
    )
    assert page.status_code == 200, page.text
    with world[0].state.desk.workspace.database.read() as connection:
        found = [each for each in References(connection, EVERYTHING).find() if each.reference_ref.startswith("odd")]
    assert [each.withdrawn_on is not None for each in found] == [True]
    assert found[0].reference_ref in page.text.partition('id="ahead"')[2], "and it is told"


def test_an_upload_waits_on_disk_and_comes_back_as_it_was_sent() -> None:
    parts = [bytes([n]) * (300 << 10) for n in range(9)]

    async def again() -> tuple[bool, list[bytes]]:
        given = iter(parts)

        async def receive() -> Message:
            part = next(given)
            return {"type": "http.request", "body": part, "more_body": part is not parts[-1]}

        body = await bodies.receive_body(receive, Headers({}), 3 << 20)
        assert body is not None
        read = []
        for _ in range(2):
            replayed = body.replay()
            message: Message = {"type": "http.request"}
            while message["type"] == "http.request":
                message = await replayed()
                read.append(message.get("body", b""))
        body.close()
        return body.is_upload, read

    is_upload, read = anyio.run(again)
    assert is_upload and b"".join(read) == b"".join(parts) * 2
    assert max(map(len, read)) < 1 << 20, "never whole in one piece"


def _bomb_png() -> bytes:
    """A PNG that says it is 60,000 pixels wide and high."""
    out = io.BytesIO()
    Image.new("RGB", (100, 100), "red").save(out, "PNG")
    data = bytearray(out.getvalue())
    at = data.index(b"IHDR") + 4
    data[at : at + 8] = (60_000).to_bytes(4, "big") * 2
    return bytes(data)


def _bomb_xlsx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (200 << 20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.xlsx", _bomb_xlsx()),
        ("sheet.xlsx", b"PK\x03\x04 and nothing more"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("sheet.csv", b"\x00\x01\x02"),
        ("heads.csv", b"a,b\r\n1,2\r\n"),
        ("archive.zip", b"PK\x03\x04"),
        ("page.html", b"<script>alert(1)</script>"),
        ("none", b""),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_hostile_sheet_is_refused_in_words_and_changes_nothing(
    world: tuple[FastAPI, Side, Side], name: str, data: bytes
) -> None:
    browser = _holder(world)
    answer = browser.submit("/register/products", files={"file": (name, data, "text/csv")}, act="take")
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True), name
    assert "/tmp" not in answer.text and "<script>alert" not in answer.text


def test_formulas_in_a_sheet_are_kept_as_words_or_refused_and_never_leave_as_formulas(
    world: tuple[FastAPI, Side, Side],
) -> None:
    own, right, _other = _names(world)
    browser = _holder(world)
    starts = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "＝1+1", "<script>alert(1)</script>")
    rows = [f'P-{n},{own},{right},"{text}"' for n, text in enumerate(starts, 100)]
    page = browser.submit("/register/products", files=_sheet(*rows), act="take")
    assert page.status_code == 200 and "<script>alert" not in page.text


def test_what_is_too_large_is_refused_before_it_is_read_whole(world: tuple[FastAPI, Side, Side]) -> None:
    browser = _holder(world)
    sent = 0

    def stream() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1024):
            sent += 1 << 20
            yield b"0" * (1 << 20)

    token = csrf_token_of(browser.cookies[COOKIE])
    headers = {"x-csrf-token": token, "content-type": "multipart/form-data; boundary=x"}
    said = browser.post("/register/products", headers={**headers, "content-length": str(1 << 30)}, content=b"0")
    assert said.status_code == 413
    assert browser.post("/register/products", headers=headers, content=b"0" * (UPLOAD_BYTES + 1)).status_code == 413
    assert sent == 0
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"):
        broken = browser.post("/register/products", headers={"content-type": content_type}, content=b"--y\r\n\r\n")
        assert broken.status_code in (400, 403), content_type


def test_a_long_notice_is_shown_part_by_part(
    world: tuple[FastAPI, Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, own, _other = world
    item = make.facts_of(make.goods_scene()).item
    with app.state.desk.workspace.database.write() as connection:
        for number in (1, 2, 3):
            one = replace(
                item,
                id=make.an_id("item", number),
                notice=make.an_id("notice", own.notice),
                idempotency_key=f"{number}" * 64,
                title=f"Item {number}",
                refusals=(),
            )
            connection.execute(tables.notice_item.insert().values(row_of(one, tables.notice_item)))
    monkeypatch.setattr(pages_notices, "PAGE", 2)
    first = _holder(world).get(f"/notices/{own.notice}").text
    assert "Item 3" not in first and f"/notices/{own.notice}?after=2" in html.unescape(first)
    last = _holder(world).get(f"/notices/{own.notice}?after=2").text
    assert "Item 3" in last and "Item 2" not in last and "Further down" not in last


def test_a_notice_is_followed_and_taken_back_in_one_step(world: tuple[FastAPI, Side, Side]) -> None:
    app, own, _other = world
    browser = _holder(world)
    page = browser.get(f"/notices/{own.notice}").text
    assert "Withdraw the notice" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    path = f"/notices/{own.notice}/withdraw"
    assert browser.submit(path, seen="another sight", because="the seller is ours").status_code == 409
    assert browser.submit(path, seen=seen, because="").status_code == 409
    assert browser.submit(path, seen=seen, because="the seller is ours").status_code == 303
    with app.state.desk.workspace.database.read() as connection:
        notice = Notices(connection, EVERYTHING).numbered(own.notice)
    assert notice is not None and notice.state is NoticeState.RECALLED
    assert "Withdraw the notice" not in browser.get(f"/notices/{own.notice}").text
