import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archives import Recorded, Skipped, read_archive
from store.evidence.wacz import address_key, write_wacz
from store.evidence.warc import write_warc
from store.records.captures import Capture, CaptureFile, CaptureRole, Via
from store.records.fetches import RobotsVerdict

AT = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)
PAGE = b"<!doctype html><title>Nordlys lamp</title><img src='/lamp.png'>" * 3
PICTURE = bytes(range(256)) * 4
BODIES = {sha256(body).hexdigest(): body for body in (PAGE, PICTURE, b"<html>drawn", b"", b"hello\r\n\r\nthere")}


def capture(number: int, url: str, body: bytes, kind: str, **more: object) -> Capture:
    known: dict[str, object] = {
        "id": f"01900000-0000-7000-8000-{number:012d}",
        "run": "run",
        "url_requested": url,
        "url_final": url,
        "fetched_at": AT + timedelta(seconds=number),
        "status": 200,
        "request_headers": (("User-Agent", "Marque/0.1"), ("Cookie", "session=crown-jewels")),
        "response_headers": (
            ("Content-Type", kind),
            ("Content-Encoding", "gzip"),
            ("Set-Cookie", "session=crown-jewels"),
        ),
        "server_ip": "127.0.0.1",
        "tls": "TLSv1.3 TLS_AES_256_GCM_SHA384",
        "http_version": "HTTP/1.1",
        "body_sha256": sha256(body).hexdigest(),
        "body_bytes": len(body),
        "robots_verdict": RobotsVerdict.ALLOWED,
        "via": Via.CRAWL,
    }
    return Capture(**{**known, **more})  # type: ignore[arg-type]  # a test's own shape of the call


def captures() -> list[Capture]:
    dom = CaptureFile(capture="x", role=CaptureRole.DOM, sha256=sha256(b"<html>drawn").hexdigest(), size_bytes=11)
    return [
        capture(1, "https://shop.example/lamp?b=2&a=1", PAGE, "text/html; charset=utf-8", files=(dom,)),
        capture(2, "https://shop.example/lamp.png", PICTURE, "image/png"),
        capture(3, "https://shop.example/moved", b"", "text/html", status=302),
        capture(4, "https://shop.example/wild", b"hello\r\n\r\nthere", "text/plain", tls=None, server_ip=None),
        capture(5, "file:///saved.html", PAGE, "text/html", status=None, request_headers=()),
    ]


def unchanged() -> Capture:
    """The server said that the lamp's page still stood."""
    url = "https://shop.example/lamp?b=2&a=1"
    headers = (("ETag", '"v1"'), ("Set-Cookie", "session=crown-jewels"), ("Content-Length", "189"))
    return capture(6, url, PAGE, "", status=304, response_headers=headers, unchanged_since=captures()[0].id)


def written() -> bytes:
    first = captures()[0]
    return write_wacz(
        [*captures(), unchanged()],
        {first.id: "Nordlys lamp"},
        BODIES.__getitem__,
        title="Case 7",
        software="Marque",
        at=AT,
    )


def test_our_own_importer_reads_every_answer_back_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    path.write_bytes(written())
    digest, found = read_archive(path)
    assert digest == sha256(written()).hexdigest()
    answers = {each.url: each for each in found if isinstance(each, Recorded)}
    for each in captures():
        answer = answers[each.url_final]
        assert answer.body == BODIES[each.body_sha256]
        assert answer.status == (each.status or 200)
        assert answer.at == each.fetched_at
        assert answer.server_ip == each.server_ip
    assert answers["urn:dom:https://shop.example/lamp?b=2&a=1"].body == b"<html>drawn"


def test_every_record_has_its_sha_256_and_warcio_agrees() -> None:
    warc = write_warc(captures(), BODIES.__getitem__, software="Marque")
    kinds = []
    for record in ArchiveIterator(io.BytesIO(warc.content), check_digests="raise"):
        record.content_stream().read()
        kinds.append(record.rec_type)
        if record.rec_type != "warcinfo":
            assert record.rec_headers.get_header("WARC-Block-Digest").startswith("sha256:")
    assert kinds.count("response") == 4
    assert kinds.count("resource") == 2
    assert kinds.count("metadata") == 5


def test_what_opens_a_session_is_in_no_record() -> None:
    content = write_warc(captures(), BODIES.__getitem__, software="Marque").content
    assert b"crown-jewels" not in content
    assert b"x-orig-Content-Encoding: gzip" in content  # the body is unpacked, and says what it was


def test_the_index_points_at_the_records() -> None:
    warc = write_warc(captures(), BODIES.__getitem__, software="Marque")
    for entry in warc.entries:
        record = next(iter(ArchiveIterator(io.BytesIO(warc.content[entry.offset : entry.offset + entry.length]))))
        assert record.rec_headers.get_header("WARC-Target-URI") == entry.url
    with zipfile.ZipFile(io.BytesIO(written())) as archive:
        pages = [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()]
    assert pages[1]["url"] == "https://shop.example/lamp?b=2&a=1"


def test_the_same_captures_give_the_same_bytes() -> None:
    assert written() == written()


def test_a_page_that_still_stood_is_a_revisit_of_the_record_that_has_its_bytes() -> None:
    warc = write_warc([*captures(), unchanged()], BODIES.__getitem__, software="Marque")
    records = {}
    for record in ArchiveIterator(io.BytesIO(warc.content), check_digests="raise"):
        if record.rec_type in ("response", "revisit"):
            fields = dict(record.rec_headers.headers)
            records[fields["WARC-Record-ID"]] = (fields, record.http_headers, record.content_stream().read())
    fields, http, body = next(each for each in records.values() if each[0]["WARC-Type"] == "revisit")
    assert fields["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert fields["WARC-Refers-To-Target-URI"] == captures()[0].url_final
    assert fields["WARC-Refers-To-Date"] == "2026-11-21T10:00:01.123456Z"
    assert fields["WARC-Date"] == "2026-11-21T10:00:06.123456Z"
    assert fields["Content-Type"] == "application/http; msgtype=response"
    assert (http.get_statuscode(), http.get_header("ETag"), body) == ("304", '"v1"', b"")
    assert "Content-Length" not in dict(http.headers)  # it speaks of the body that was not sent
    assert "WARC-Payload-Digest" not in fields
    referred, _, bytes_there = records[fields["WARC-Refers-To"]]
    assert (referred["WARC-Target-URI"], referred["WARC-Date"], bytes_there) == (
        fields["WARC-Refers-To-Target-URI"], fields["WARC-Refers-To-Date"], PAGE,
    )  # fmt: skip
    (entry,) = (each for each in warc.entries if each.capture == unchanged().id)
    assert (entry.mime, entry.status) == ("warc/revisit", 304)
    assert entry.digest == next(each.digest for each in warc.entries if each.capture == captures()[0].id)
    assert warc.content.count(PAGE) == 2  # the page itself, and the file that no server sent


def test_a_revisit_whose_record_is_not_there_names_it_and_no_more() -> None:
    content = write_warc([unchanged()], BODIES.__getitem__, software="Marque").content
    assert b"WARC-Refers-To: <urn:uuid:" in content
    assert b"WARC-Refers-To-Date" not in content


def test_our_own_importer_passes_a_revisit_over_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(write_warc([captures()[0], unchanged()], BODIES.__getitem__, software="Marque").content)
    _, found = read_archive(path)
    (passed,) = (each for each in found if isinstance(each, Skipped))
    assert passed.url == unchanged().url_final
    assert passed.why == (
        "it has no bytes of its own: it says that https://shop.example/lamp?b=2&a=1 of "
        "2026-11-21T10:00:01.123456Z still stood"
    )
    (page,) = (each for each in found if isinstance(each, Recorded) and each.url == unchanged().url_final)
    assert (page.status, page.body) == (200, PAGE)  # the revisit's request is not taken for its own
    assert ("User-Agent", "Marque/0.1") in page.request_headers


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Shop.example/Lamp?b=2&a=1", "example,shop)/lamp?a=1&b=2"),
        ("http://127.0.0.1:8080/", "1,0,0,127:8080)/"),
        ("urn:view:https://shop.example/a b", "urn:view:https://shop.example/a%20b"),
    ],
)
def test_addresses_sort_by_host_backwards(url: str, key: str) -> None:
    assert address_key(url) == key


def test_the_validator_of_other_archives_accepts_it(tmp_path: Path) -> None:
    """py-wacz, where it is installed here or where `WACZ_PYTHON` names a Python that has it."""
    python = os.environ.get("WACZ_PYTHON") or (sys.executable if importlib.util.find_spec("wacz") else None)
    if python is None:
        pytest.skip("py-wacz is not installed; WACZ_PYTHON may name a Python that has it")
    (tmp_path / "a.wacz").write_bytes(written())
    command = [python, "-c", "import sys; from wacz.main import main; sys.exit(main(['validate', '-f', 'a.wacz']))"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the passed WACZ is valid" in done.stdout
