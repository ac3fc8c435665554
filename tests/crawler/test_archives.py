"""Recordings of an officer's browser: taken whole or not at all, without the officer's session, marked as theirs."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from config.settings import Settings, load_settings
from console.cli import app
from console.workspace import create_workspace
from crawler.archive_intake import take_archive
from crawler.archives import Recorded, Skipped, read_archive
from crawler.errors import BadArchive
from store.db.audit import AuditTrail
from store.db.captures import Captures
from store.db.listings import ListingImages, Observations
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.captures import Via
from store.records.scope import EVERYTHING

PAGE = """<html lang="sv"><head><title>Valdori Tide</title><script type="application/ld+json">{"@context":
"https://schema.org", "@type": "Product", "name": "Valdori Tide", "sku": "3", "image": "https://shop.example/p.jpg",
"offers": {"@type": "Offer", "price": "120.00", "priceCurrency": "EUR"}}</script></head><body><main>
<h1>Valdori Tide</h1><p class="price">EUR 120.00</p><p>Ny, oöppnad</p><button>Add to cart</button></main></body>"""
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
URL = "https://shop.example/item/3"


def har(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": list(entries)}}).encode()


def entry(url: str, content: dict[str, Any], status: int = 200) -> dict[str, Any]:
    asked = [{"name": "Cookie", "value": "sid=SECRET"}, {"name": "Accept", "value": "*/*"}]
    told = [{"name": "Content-Type", "value": content["mimeType"]}, {"name": "Set-Cookie", "value": "sid=SECRET"}]
    return {
        "startedDateTime": "2026-03-02T10:00:00.000+01:00",
        "request": {"method": "GET", "url": url, "headers": [*asked, {"name": "authorization", "value": "SECRET"}]},
        "response": {"status": status, "headers": told, "content": content},
        "serverIPAddress": "198.51.100.7",
    }


def html(text: str = PAGE, **more: Any) -> dict[str, Any]:
    return {"mimeType": "text/html; charset=utf-8", "size": len(text.encode()), "text": text, **more}


PICTURE = {
    "mimeType": "image/png",
    "size": len(PHOTO),
    "encoding": "base64",
    "text": base64.b64encode(PHOTO).decode(),
}


def record(kind: str, url: str, id: str, block: bytes, more: str = "") -> bytes:
    payload = block.partition(b"\r\n\r\n")[2]
    sums = [
        base64.b32encode(hashlib.sha1(part, usedforsecurity=False).digest()).decode() for part in (block, payload)
    ]
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2026-03-02T09:00:00Z\r\nContent-Type: application/http; msgtype={kind}\r\n{more}"
        f"WARC-Block-Digest: sha1:{sums[0]}\r\nWARC-Payload-Digest: sha1:{sums[1]}\r\nContent-Length: {len(block)}"
    )
    return head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def warc(*, zipped: bool = True) -> bytes:
    records = []
    for number, (url, kind, body) in enumerate(
        ((URL, "text/html", PAGE.encode()), ("https://shop.example/p.jpg", "image/png", PHOTO))
    ):
        told = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nSet-Cookie: sid=SECRET\r\n\r\n".encode() + body
        asked = b"GET / HTTP/1.1\r\nCookie: sid=SECRET\r\nAccept: */*\r\n\r\n"
        records.append(record("response", url, f"{number}-a", told))
        records.append(record("request", url, f"{number}-b", asked, f"WARC-Concurrent-To: <urn:uuid:{number}-a>\r\n"))
    return b"".join(gzip.compress(each) if zipped else each for each in records)


def wacz(inner: bytes, *, listed: bytes | None = None, more: dict[str, bytes] | None = None) -> bytes:
    stated = inner if listed is None else listed
    path = "archive/data.warc.gz"
    resource = {"path": path, "hash": f"sha256:{hashlib.sha256(stated).hexdigest()}", "bytes": len(stated)}
    manifest = json.dumps({"profile": "data-package", "resources": [resource]}).encode()
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(manifest).hexdigest()}"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("datapackage.json", manifest)
        packed.writestr("datapackage-digest.json", json.dumps(digest))
        for name, body in {path: inner, **(more or {})}.items():
            packed.writestr(name, body)
    return out.getvalue()


FILES = {
    "a.har": har(entry(URL, html()), entry("https://shop.example/p.jpg", PICTURE)),
    "a.warc": warc(zipped=False),
    "a.warc.gz": warc(),
    "a.wacz": wacz(warc()),
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as `marque init` makes it, to be copied: making one takes a second."""
    home = tmp_path_factory.mktemp("workspace")
    create_workspace(load_settings(home, {}))
    return home


@pytest.fixture
def home(tmp_path: Path, workspace: Path) -> Settings:
    """A workspace of its own."""
    shutil.copytree(workspace, tmp_path, dirs_exist_ok=True)
    return load_settings(tmp_path, {})


def written(folder: Path, name: str, body: bytes) -> Path:
    path = folder / name
    path.write_bytes(body)
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_recording_becomes_captures_and_listings(home: Settings, name: str) -> None:
    taken = take_archive(home, written(home.home, name, FILES[name]), by="Anna Officer")
    assert taken.sha256 == hashlib.sha256(FILES[name]).hexdigest()
    assert taken.skipped == () and taken.left_out >= 4
    with Database(home.database_url) as database, Vault(home.vault) as vault, database.read() as connection:
        captures = Captures(connection, EVERYTHING).of_run(taken.run.id)
        (look,) = Observations(connection, EVERYTHING).find()
        (image,) = ListingImages(connection, EVERYTHING).find()
        acts = [act for act in AuditTrail(connection, EVERYTHING).find() if act.action == "import_recording"]
        page = next(each for each in captures if each.url_final == URL)
        assert vault.get(page.body_sha256) == PAGE.encode()
    assert {each.via for each in captures} == {Via.OFFICER} and len(captures) == 2
    assert page.fetched_at.isoformat() == "2026-03-02T09:00:00+00:00"
    assert ("Accept", "*/*") in page.request_headers
    assert "SECRET" not in str([(each.request_headers, each.response_headers) for each in captures])
    assert look.fields.title is not None and look.fields.title.value == "Valdori Tide" and look.capture == page.id
    assert image.sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert [(act.actor, act.detail["sha256"]) for act in acts] == [("Anna Officer", taken.sha256)]


@pytest.mark.parametrize("name", FILES)
def test_no_part_of_a_recording_passes_for_the_whole(tmp_path: Path, name: str) -> None:
    """Cut anywhere, it is refused with the place."""
    for share in (0.02, 0.3, 0.5, 0.77, 0.999):
        body = FILES[name][: int(len(FILES[name]) * share)]
        with pytest.raises(BadArchive) as refused:
            read_archive(written(tmp_path, name, body))
        assert refused.value.place


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.warc", warc(zipped=False).replace(b"Valdori Tide</h1>", b"Another Tide</h1")),
        ("a.warc", warc(zipped=False).replace(b"EUR 120.00", b"EUR 999.00")),
        ("a.warc", b"\r\n" + warc(zipped=False)),
        ("a.warc.gz", warc() + b"more"),
        ("a.wacz", wacz(warc(), listed=b"another")),
        ("a.wacz", wacz(warc(), more={"archive/extra.warc.gz": warc()})),
        ("a.wacz", b"PK\x03\x04"),
        ("a.har", b'{"log": {}}'),
        ("a.har", har({"request": {}})),
        ("a.har", b"[" * 100_000),
        ("empty.warc", b""),
    ],
)
def test_a_changed_recording_is_refused(tmp_path: Path, name: str, body: bytes) -> None:
    with pytest.raises(BadArchive):
        read_archive(written(tmp_path, name, body))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (entry(URL, html(size=9)), "cut or changed"),
        (entry(URL, {"mimeType": "video/mp4", "size": 900}), "not in the file"),
        (entry(URL, html(), status=0), "no answer"),
    ],
)
def test_an_answer_that_is_not_whole_is_named_and_left_out(tmp_path: Path, answer: dict[str, Any], why: str) -> None:
    _, (one, other) = read_archive(written(tmp_path, "a.har", har(answer, entry(URL, html()))))
    assert isinstance(one, Skipped) and why in one.why and one.place == "entry 1"
    assert isinstance(other, Recorded)


def test_text_goes_back_to_the_bytes_it_came_in(tmp_path: Path) -> None:
    text = "Ny, oöppnad"
    content = {"mimeType": "text/html; charset=iso-8859-1", "size": len(text), "text": text}
    _, (answer,) = read_archive(written(tmp_path, "a.har", har(entry(URL, content))))
    assert isinstance(answer, Recorded) and answer.body == text.encode("latin-1")


def test_an_answer_from_the_future_or_of_another_scheme_is_left_out(home: Settings) -> None:
    late = {**entry(URL, html()), "startedDateTime": "2126-03-02T10:00:00Z"}
    path = written(home.home, "a.har", har(late, entry("chrome-extension://x/y.html", html())))
    taken = take_archive(home, path, by="Anna")
    assert taken.captures == () and len(taken.skipped) == 2


def test_the_command_asks_who_recorded(home: Settings) -> None:
    path = written(home.home, "a.har", FILES["a.har"])
    asked = CliRunner().invoke(app, ["--home", str(home.home), "capture", str(path)])
    done = CliRunner().invoke(app, ["--home", str(home.home), "capture", str(path), "--by", "Anna", "--json"])
    assert (asked.exit_code, done.exit_code) == (2, 0)
    assert len(json.loads(done.stdout)["captures"]) == 2


@pytest.mark.parametrize("field", [b"WARC-Type", b"WARC-Record-ID", b"WARC-Date", b"WARC-Target-URI"])
def test_a_record_that_does_not_say_what_it_is_is_refused(tmp_path: Path, field: bytes) -> None:
    body = FILES["a.warc"].replace(field + b": ", b"X" + field[1:] + b": ")
    with pytest.raises(BadArchive, match=field.decode().lower()):
        read_archive(written(tmp_path, "a.warc", body))


def test_a_digest_that_names_no_algorithm_is_refused(tmp_path: Path) -> None:
    body = (
        FILES["a.warc"]
        .replace(b"-Digest: sha1:", b"-Digest: sha1 ")
        .replace(b"-Digest: sha256:", b"-Digest: sha256 ")
    )
    assert body != FILES["a.warc"]
    with pytest.raises(BadArchive, match="is no digest"):
        read_archive(written(tmp_path, "a.warc", body))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(FILES)), st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_never_ends_in_anything_but_a_refusal(tmp_path: Path, name: str, at: int, by: int) -> None:
    body = bytearray(FILES[name])
    body[at % len(body)] ^= by
    try:
        read_archive(written(tmp_path, name, bytes(body)))
    except BadArchive as refused:
        assert refused.place
