"""What was read must stand in the bytes that were kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.looks import Looks, shows_text
from store.evidence.vault import Vault
from tests import factories as make


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("<h1>Café &amp; Uhr</h1>".encode(), "utf-8"),
        ("<h1>Café &amp; Uhr</h1>".encode("latin-1"), "iso-8859-1"),
        (b'<meta charset="windows-1252"><h1>' + "Café & Uhr".encode("cp1252"), None),
        (b'<meta property="og:title" content="Caf&eacute; &amp; Uhr">', None),
        ("<h1>Café\n   &amp;\u00a0Uhr</h1>".encode(), "utf-8"),
        ("<h1>Café <b>&amp;</b> Uhr</h1>".encode(), "utf-8"),
        (b'<script>{"title": "Caf\\u00e9 & Uhr"}</script>', "utf-8"),
        ("<h1>Café & Uhr</h1>".encode(), "no-such-charset"),
    ],
    ids=["utf-8", "latin-1", "meta", "attribute", "blanks", "markup", "json", "unknown"],
)
def test_a_title_is_found_however_the_page_spells_it(body: bytes, charset: str | None) -> None:
    assert shows_text(body, charset, "Café & Uhr")


@pytest.mark.parametrize("body", [b"", b"<h1>Cafe</h1>", b"\xff\xfe\x00", b"<h1>Caf", b"\\u12"])
def test_a_title_that_is_not_there_is_not_found(body: bytes) -> None:
    assert not shows_text(body, "utf-8", "Café & Uhr")


def test_an_empty_title_is_found_nowhere() -> None:
    assert not shows_text(b"<h1></h1>", "utf-8", " ", "")


def test_missing_bytes_are_a_fault_with_a_name(vault: Vault) -> None:
    scene = make.goods_scene()
    vault.put(scene.bodies[0])
    vault.flush()
    looks = Looks(vault)
    page, photo = (looks.check(capture, scene.observation, scene.images) for capture in scene.captures)
    assert page.fault is None and page.shows_title
    assert photo.fault is not None and scene.captures[1].body_sha256[:8] in photo.fault


def test_a_photo_swapped_after_reading_is_a_fault(vault: Vault) -> None:
    scene = make.goods_scene()
    for body in (*scene.bodies, make.photo(99)):
        vault.put(body)
    vault.flush()
    other = make.sha(make.photo(99))
    swapped = tuple(replace(image, sha256=other) for image in scene.images)
    assert Looks(vault).check(scene.captures[1], scene.observation, swapped).fault is not None


def test_a_page_that_was_not_sent_again_is_read_as_it_was_served(vault: Vault) -> None:
    """A 304 names no charset; its bytes came with that of the answer before."""
    scene = make.goods_scene()
    title = replace(scene.observation.fields.title, raw="Часы", value="Часы")
    body = f"<h1>{title.raw}</h1>".encode("koi8-r")
    vault.put(body)
    vault.flush()
    served = (("Content-Type", "text/html; charset=koi8-r"),)
    had = replace(scene.captures[0], id="before", body_sha256=make.sha(body), response_headers=served)
    seen = replace(had, id=scene.captures[0].id, status=304, unchanged_since=had.id, response_headers=())
    look = replace(scene.observation, fields=replace(scene.observation.fields, title=title))
    assert Looks(vault).check(seen, look, (), had).shows_title
    assert not Looks(vault).check(seen, look, ()).shows_title
