"""One fetch for one page, however its address is spelled; two for two pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import canonical, fingerprint, host_of, is_fetchable, item_fingerprint
from store.records.fetches import FetchKind

SAME = [
    ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
    ("https://a.example/x#top", "https://a.example/x"),
    ("https://A.EXAMPLE/x", "https://a.example/x"),
    ("https://a.example/x;jsessionid=12AB?q=1", "https://a.example/x?q=1"),
    ("https://a.example/x?PHPSESSID=9f&q=1", "https://a.example/x?q=1"),
    ("https://a.example/x?q=1&utm_source=mail&utm_campaign=a&gclid=z", "https://a.example/x?q=1"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_page_are_one_fetch(one: str, other: str) -> None:
    """Order, fragment, case of the host, session, advertiser."""
    assert fingerprint(one, FetchKind.LISTING) == fingerprint(other, FetchKind.LISTING)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?sid=1", "https://a.example/x?sid=2"),
        ("https://a.example/x", "http://a.example/x"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x?q=", "https://a.example/x?q=1"),
        ("https://a.example:8443/x", "https://a.example/x"),
    ],
)
def test_two_pages_are_two_fetches(one: str, other: str) -> None:
    """`sid` may be a shop's own number."""
    assert fingerprint(one, FetchKind.LISTING) != fingerprint(other, FetchKind.LISTING)


def test_evidence_is_fetched_beside_the_crawls_own_look() -> None:
    """And a redirect to another spelling of the page is a hop of its own."""
    url = "https://a.example/x?b=1&a=2"
    prints = {fingerprint(url, FetchKind.LISTING), fingerprint(url, FetchKind.EVIDENCE)}
    prints |= {fingerprint(url, FetchKind.LISTING, literal=True), item_fingerprint("shop", "7")}
    assert len(prints) == 4
    assert fingerprint(url, FetchKind.PHOTO) == fingerprint(url, FetchKind.LISTING)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Shop.Example/x", "https://shop.example"),
        ("https://shop.example:443/x", "https://shop.example"),
        ("http://shop.example:8080/x", "http://shop.example:8080"),
        ("http://[::1]:80/x", "http://[::1]"),
    ],
)
def test_unit_of_politeness(url: str, host: str) -> None:
    """Scheme, host and port, with the default port left out."""
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "/x",
        "mailto:a@b.example",
        "javascript:1",
        "http://",
        "http://[::1",
        "http://a.example:x/",
        "ftp://a/",
    ],
)
def test_what_is_no_address_is_not_queued(url: str) -> None:
    """Nor is one longer than servers take."""
    assert not is_fetchable(url)
    assert not is_fetchable("https://a.example/" + "x" * 9000)


@given(st.text(max_size=80))
def test_no_text_breaks_the_queue(text: str) -> None:
    """Either it can be named and has a host, or it is not fetchable."""
    for url in (text, f"https://a.example/{text}", f"https://{text}/"):
        if is_fetchable(url):
            assert len(fingerprint(url, FetchKind.LISTING)) == 64
            assert canonical(url) and host_of(url).startswith("http")
