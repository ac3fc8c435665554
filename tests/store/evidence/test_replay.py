"""
A bundle's archive played back in a real browser: by its own index and records alone, without any network.

ReplayWeb.page is on no registry these tests use; what it does is done here by hand: every request of the browser is
answered from the record that the archive's index names for that address, or refused.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator

from store.evidence.wacz import address_key, write_wacz
from store.records.captures import Capture
from tests import factories as make
from tests.store.evidence.samples import capture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PICTURE = make.photo(3, side_px=256)
PAGE = (
    b"<!doctype html><meta charset=utf-8><title>Nordlys lamp</title><h1>Nordlys lamp, perfect copy</h1>"
    b"<img id=photo src=/item/2><img id=absent src=/item/9><script src=/item/3></script>"
)
SCRIPT = b"document.title += ' (19 EUR)'"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


class Archive:
    """A WACZ as a player reads it: pages, index, and records by their place."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            self._warc = members.read("archive/data.warc")
            index = gzip.decompress(members.read("indexes/index.cdx.gz")).decode().splitlines()
            pages = members.read("pages/pages.jsonl").decode().splitlines()
        self._places = {line.split(" ", 2)[0]: json.loads(line.split(" ", 2)[2]) for line in index}
        self.pages = [json.loads(line)["url"] for line in pages[1:]]
        self.asked: dict[str, bool] = {}

    def answer(self, route: Route) -> None:
        """Answer one request of the browser from the archive, or not at all."""
        url = route.request.url
        place = self._places.get(address_key(url))
        self.asked[url] = place is not None
        if place is None:
            route.abort()
            return
        at, length = int(place["offset"]), int(place["length"])
        record = next(iter(ArchiveIterator(io.BytesIO(self._warc[at : at + length]), check_digests="raise")))
        headers = dict(record.http_headers.headers)
        route.fulfill(
            status=int(record.http_headers.get_statuscode()), headers=headers, body=record.content_stream().read()
        )


def archived() -> tuple[bytes, Capture]:
    bodies = {sha256(body).hexdigest(): body for body in (PAGE, PICTURE, SCRIPT)}
    page = capture(1, PAGE, "text/html", AT)
    made = [page, capture(2, PICTURE, "image/jpeg", AT), capture(3, SCRIPT, "text/javascript", AT)]
    return write_wacz(made, {page.id: "Lamp"}, bodies.__getitem__, title="Case 7", software="Marque", at=AT), page


@pytest.mark.browser
def test_a_page_is_played_back_at_its_own_address_with_its_photo_and_nothing_from_elsewhere(browser: Browser) -> None:
    content, page = archived()
    archive = Archive(content)
    assert archive.pages == [page.url_final]
    shown = browser.new_page()
    shown.route("**/*", archive.answer)
    shown.goto(archive.pages[0], wait_until="load")
    assert shown.url == "https://shop.example/item/1"
    assert shown.inner_text("h1") == "Nordlys lamp, perfect copy"
    assert shown.title() == "Nordlys lamp (19 EUR)"  # its script ran, from the archive
    widths = shown.evaluate("['photo', 'absent'].map(id => document.getElementById(id).naturalWidth)")
    assert widths == [256, 0]
    assert {url.rpartition("/")[2]: found for url, found in archive.asked.items()}.items() >= {
        ("1", True), ("2", True), ("3", True), ("9", False)
    }  # fmt: skip
    shown.close()
