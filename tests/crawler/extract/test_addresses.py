"""Addresses are absolute, followable and the same for the same page."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import html
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.addresses import absolute_url, canonical_listing_url, fallback_item_id

BASE = "https://shop.example/a/b?c=1"


@pytest.mark.parametrize(
    ("href", "want"),
    [
        ("../x?a=1&amp;b=2", "https://shop.example/x?a=1&b=2"), ("//cdn.example/i.jpg", "https://cdn.example/i.jpg"), ("?p=2", "https://shop.example/a/b?p=2"),
        (" /x\n y ", "https://shop.example/x%20y"), ("javascript:alert(1)", None), ("data:image/gif;base64,x", None), ("mailto:a@b.example", None),
        ("https://user:secret@evil.example/", None), ("file:///etc/passwd", None), ("http://[::1", None), ("http://a:99999/", None), ("", None),
        ("x" * 5_000, None),
    ],
)  # fmt: skip
def test_an_address_is_absolute_or_nothing(href: str, want: str | None) -> None:
    assert absolute_url(BASE, href) == want


@pytest.mark.parametrize(
    "same",
    [
        "https://shop.example/item/5?a=1&b=2", "https://SHOP.example:443/item/5?b=2&a=1&utm_source=x&fbclid=y#top",
        "https://shop.example/item/5;jsessionid=AB12?a=1&b=2", "https://shop.example/item/5?a=1&b=2&PHPSESSID=q1&xploidid=4ra492h82a63dg4t0an2jupeb6",
    ],
)  # fmt: skip
def test_visitors_and_campaigns_do_not_make_another_listing(same: str) -> None:
    assert canonical_listing_url(same) == "https://shop.example/item/5?a=1&b=2"


@pytest.mark.parametrize(
    "other",
    [
        "https://shop.example/item/6?a=1",
        "https://shop.example/item/5?id=4ra492h82a63dg4t0an2jupeb6",
        "https://shop.example/#!/item/5",
    ],
)
def test_what_names_the_listing_stays(other: str) -> None:
    assert fallback_item_id(canonical_listing_url(other)) != fallback_item_id(
        canonical_listing_url("https://shop.example/item/5")
    )


@given(st.text(max_size=80))
def test_any_text_is_handled_and_settles(text: str) -> None:
    absolute_url(BASE, text)
    once = canonical_listing_url(text)
    fallback_item_id(once)


@given(
    st.from_regex(
        r"https://[a-z]{1,8}\.example(/[a-z0-9%;=]{0,8}){0,3}(\?[a-z]{1,3}=[a-z0-9]{0,5}(&[a-z]{1,3}=[a-z0-9+%]{0,5}){0,3})?",
        fullmatch=True,
    )
)
def test_canonical_twice_is_canonical(url: str) -> None:
    once = canonical_listing_url(url)
    assert canonical_listing_url(once) == once


@given(
    href=st.from_regex(r"(https?://[a-zA-Z0-9.-]{1,12})?(/?[a-zA-Z0-9._~:;@?&=#+-]{0,6}){0,5}", fullmatch=True),
    base=st.sampled_from([BASE, "https://shop.example", "http://shop.example:8080/a/", "https://Shop.Example/x"]),
)
def test_plain_addresses_join_as_any_other(href: str, base: str) -> None:
    """The short way for addresses that joining leaves alone gives what the long way gives."""
    short = absolute_url(base, href)
    try:
        joined = urljoin(base, html.unescape(href.strip()))
        long = joined if urlsplit(joined).hostname and urlsplit(joined).scheme in ("http", "https") else None
    except ValueError:
        long = None
    if (short is not None and long is not None and "@" not in long.split("/")[2]) or (
        href.startswith("/") and ":" not in href and "@" not in href
    ):
        assert short == long
