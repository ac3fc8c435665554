"""A hostile picture costs itself: nobody else waits for it; flagged ones stay blurred."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from PIL import Image

from console.web.desk import Desk
from console.web.review import pictures as desk_pictures
from console.web.review.guard import FILE, Guard, read_list
from console.web.review.pictures import NoPicture, Pictures
from matching.images import hash_photo, open_photo
from store.db import tables
from store.evidence.vault import Vault
from store.records.accounts import Role
from tests import factories as make
from tests.console.web.conftest import add_account, browser_of
from tests.console.web.review.stock import scenes_of, stock


def slow_jpeg() -> bytes:
    """160 kB that decode for most of a minute: a progressive file that tells its last scan a thousand times."""
    out = BytesIO()
    Image.linear_gradient("L").resize((4900, 4900)).save(out, "JPEG", progressive=True, quality=30)
    data = out.getvalue()
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * 1000 + b"\xff\xd9"


def png(width: int, height: int, packed: bytes) -> bytes:
    """A PNG that announces a size and brings these packed pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def hostile() -> dict[str, bytes]:
    whole = make.photo(3)
    return {
        "truncated": whole[: len(whole) // 2],
        "bomb": png(60_000, 60_000, zlib.compress(bytes(1 << 20))),
        "lying": png(4_000, 4_000, zlib.compress(b"short")),
        "too many bytes": b"\xff\xd8\xff" + bytes(21 << 20),
        "text": b"<svg onload=alert(1)>",
        "empty": b"\xff\xd8\xff",
    }


@pytest.fixture
def pictures(vault: Vault) -> Iterator[Pictures]:
    with Pictures(vault) as made:
        yield made


def test_every_hostile_file_is_refused_with_its_reason_and_the_next_picture_is_drawn(
    vault: Vault, pictures: Pictures
) -> None:
    for name, data in hostile().items():
        with pytest.raises(NoPicture, match=r"\w+: .+"):
            pictures.jpeg(vault.put(data), side_px=240)
        assert pictures.jpeg(vault.put(make.photo(4)), side_px=240), name


def test_a_file_that_decodes_for_a_minute_stalls_neither_the_desk_nor_other_pictures(
    desk: Desk, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_pictures, "SECONDS", 600.0)  # it ends when this test ends it
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(2))
    slow = desk.workspace.vault.put(slow_jpeg())
    with desk.workspace.database.write() as connection:
        connection.execute(
            tables.listing_image.insert().values(
                listing=make.an_id("listing", 2), position=7, url="http://x/7", sha256=slow
            )
        )
    officer = browser_of(app, add_account(desk, "Ann Key", Role.OFFICER))
    good = make.sha(make.photo(1))
    assert officer.get(f"/picture/{good}?side=96").status_code == 200  # both kinds of process are warm from here
    drawers = app.state.pictures._drawers
    answers: dict[str, int] = {}
    hanging = threading.Thread(
        target=lambda: answers.update(slow=officer.get(f"/picture/{slow}?side=96").status_code)
    )
    hanging.start()
    with ThreadPoolExecutor(4) as others:
        sides = list(
            others.map(lambda side: officer.get(f"/picture/{good}?side={side}").status_code, (240, 720, 1024))
        )
        pages = list(others.map(lambda _: officer.get(f"/findings/{make.an_id('finding', 1)}").status_code, range(4)))
    assert (sides, pages) == ([200] * 3, [200] * 4)
    while hanging.is_alive():  # as long as a decoder of it runs, and whenever one began late
        for drawer in drawers:
            drawer.close()
        hanging.join(0.1)
    assert answers == {"slow": 404}


def test_what_hung_once_is_refused_at_once_for_a_while(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_pictures, "SECONDS", 0.5)
    now = [0.0]
    slow = vault.put(slow_jpeg())
    with Pictures(vault, seconds=lambda: now[0]) as pictures:
        with pytest.raises(NoPicture, match="not decoded within"):
            pictures.jpeg(slow, side_px=96)
        with monkeypatch.context() as patch:
            patch.setattr(desk_pictures._Drawer, "draw", lambda *_: pytest.fail("it is not tried again"))
            with pytest.raises(NoPicture, match="not decoded within"):
                pictures.jpeg(slow, side_px=240)
        now[0] = desk_pictures.REFUSED_FOR_S
        monkeypatch.setattr(desk_pictures._Drawer, "draw", lambda *_: b"drawn")
        assert pictures.jpeg(slow, side_px=96) == b"drawn"


def test_what_was_drawn_is_kept_within_its_bound(
    vault: Vault, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = vault.put(make.photo(1))
    drawn = pictures.jpeg(first, side_px=240)
    monkeypatch.setattr(vault, "get", lambda sha256: pytest.fail("read again"))
    assert pictures.jpeg(first, side_px=240) == drawn
    monkeypatch.undo()
    monkeypatch.setattr(desk_pictures, "KEPT_BYTES", 2 * len(drawn))
    for number in range(2, 7):
        pictures.jpeg(vault.put(make.photo(number)), side_px=240)
    assert pictures._kept_bytes <= 2 * len(drawn)
    assert sum(map(len, pictures._kept.values())) == pictures._kept_bytes


def test_a_listed_picture_and_its_near_copy_are_blurred_until_asked_for(desk: Desk, app: FastAPI) -> None:
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(2))
    first, second = (make.sha(make.photo(n)) for n in (1, 2))
    code = hash_photo(open_photo(make.photo(2))).pdq.code
    near = bytes([code[0] ^ 0b111, *code[1:]])
    with desk.workspace.database.write() as connection:
        connection.execute(
            tables.fingerprint.insert().values(
                sha256=second, algorithm="pdq", version="1", variant="whole", value=code, quality=90
            )
        )
    officer = browser_of(app, add_account(desk, "Ann Key", Role.OFFICER))
    clear = {sha256: officer.get(f"/picture/{sha256}").content for sha256 in (first, second)}
    listed = f"# ours\nsha256:{first} asked by the court\npdq:{near.hex()} near\nnonsense\n"
    (desk.workspace.settings.home / FILE).write_text(listed)
    for sha256 in (first, second):
        blurred = officer.get(f"/picture/{sha256}").content
        assert detail(blurred) < detail(clear[sha256]) / 4
        assert officer.get(f"/picture/{sha256}?clear=true").content == clear[sha256]
    page = officer.get(f"/pictures/{first}").text
    assert "asked by the court" in page
    assert f"/pictures/{first}?clear=true" in page
    assert "stays blurred" not in officer.get(f"/pictures/{make.sha(make.photo(3))}").text
    assert "?clear=true" in officer.get(f"/findings/{make.an_id('finding', 1)}").text
    (desk.workspace.settings.home / FILE).unlink()
    assert officer.get(f"/picture/{first}").content == clear[first]


def test_a_list_says_which_lines_it_cannot_read(tmp_path: Path) -> None:
    listed = read_list(f"\n# note\nsha256:{'a' * 64}\npdq:{'B' * 64} why\nmd5:{'c' * 32}\n")
    assert listed.by_digest == {"a" * 64: ""}
    assert listed.by_code == ((bytes.fromhex("b" * 64), "why"),)
    assert listed.unreadable == (5,)
    assert Guard(tmp_path).listed == read_list("")


def detail(jpeg: bytes) -> float:
    """How much neighbours differ: what a blur takes away."""
    import numpy as np

    grey = np.asarray(Image.open(BytesIO(jpeg)).convert("L"), dtype=np.float64)
    return float(abs(np.diff(grey, axis=1)).mean())


def test_the_found_part_alone_is_cut_out_to_be_laid_over_its_reference() -> None:
    """Left half red, right half blue: the cut of the right half is blue and half as wide."""
    from console.web.review.drawing import Region, draw

    picture = Image.new("RGB", (400, 200), (220, 0, 0))
    picture.paste((0, 0, 220), (200, 0, 400, 200))
    out = BytesIO()
    picture.save(out, "PNG")
    cut = Image.open(BytesIO(draw(out.getvalue(), 720, Region(left=0.5, top=0, right=1, bottom=1), False, True)))
    assert cut.size == (200, 200)
    red, _, blue = cut.getpixel((100, 100))
    assert blue > 180 > red
    thin = draw(out.getvalue(), 720, Region(left=0.5, top=0.5, right=0.5001, bottom=0.5001), False, True)
    assert Image.open(BytesIO(thin)).size == (1, 1)
