"""A protector's page tells where it leads, by every way that needs no script to run; other pages tell nothing."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.document import Document
from crawler.extract.page import read_page
from crawler.extract.protectors import packed_in, targets
from store.records.fetches import FetchKind
from tests.crawler.extract.pages_made import SEEN_AT, page, platform

HERE = "https://guard.example/go/7"
THERE = "https://play.example/e/1?a=1&b=2"
PACKED = base64.b64encode(THERE.encode()).decode()


def document(body: str, url: str = HERE) -> Document:
    return Document(url=url, body=body.encode(), content_type="text/html", fetched_at=SEEN_AT)


@pytest.mark.parametrize(
    ("body", "way"),
    [
        (f'<meta http-equiv="refresh" content="5; url={THERE}">', "meta refresh"),
        (f"<META HTTP-EQUIV=Refresh CONTENT=\"0;URL='{THERE}'\">", "meta refresh"),
        (f'<script>setTimeout(function(){{ window.location = "{THERE}"; }}, 5000)</script>', "script"),
        (f"<script>top.location.href='{THERE}'</script>", "script"),
        (f'<script>location.replace("{THERE.replace("/", chr(92) + "/")}")</script>', "script"),
        (f'<script>document.location.assign(atob("{PACKED}"));</script>', "script"),
        (f'<script>var goal = atob("{PACKED}"); function go() {{ window.location.href = goal; }}</script>', "script"),
        (f'<script>const next = "{THERE}"; window.open(next)</script>', "script"),
        ('<form action="https://play.example/e/1?old=1"><input type="hidden" name="a" value="1"><input type="hidden" name="b" value="2"><button>Go</button></form>', "form"),
        (f'<script>setInterval(tick, 1000)</script><a id="skip-ad" style="display:none" href="{THERE.replace("&", "&amp;")}">Continue</a>', "countdown"),
        (f'<p>Wait 5 seconds</p><button class="get-link" data-url="{PACKED}">Get link</button>', "countdown"),
    ],
)  # fmt: skip
def test_where_a_protector_leads(body: str, way: str) -> None:
    (target,) = targets(document(f"<html><body>{body}</body></html>"))
    assert (target.url, target.way) == (THERE, way)


@pytest.mark.parametrize(
    "url",
    [
        f"https://guard.example/?url={PACKED}",
        f"https://guard.example/out/{PACKED.rstrip('=')}",
        "https://guard.example/r?to=https%3A%2F%2Fplay.example%2Fe%2F1%3Fa%3D1%26b%3D2",
        f"https://guard.example/#{PACKED}",
    ],
)
def test_an_address_may_carry_another(url: str) -> None:
    assert packed_in(url) == THERE


@pytest.mark.parametrize(
    "body",
    [
        "<script>if (window.location == parent.location) { x = location.href; }</script>",
        "<script>location.href = location.href + '?again'</script>",
        f'<script>location = "{HERE}#top"</script>',
        '<script>location = "javascript:alert(1)"</script><script>location = atob("bm90IGFuIGFkZHJlc3M=")</script>',
        '<form action="/search"><input name="q"><button>Search</button></form>',
        '<form method="post" action="/unlock"><input type="hidden" name="t" value="1"></form>',
        '<a class="continue" href="/next">Next episode</a>',
        "<meta http-equiv=refresh content=300>",
        "",
    ],
)
def test_other_pages_lead_nowhere(body: str) -> None:
    assert targets(document(f"<html><body>{body}</body></html>")) == []


def test_a_protector_is_read_only_on_the_way() -> None:
    body = f'<html><body><h1>One moment</h1><script>location.href = "{THERE}"</script></body></html>'
    site = platform(kind="streaming", read={"stream": {"title": "h1"}})
    hop = read_page(page(body, HERE), site, expected=FetchKind.PLAYER)
    assert [(link.url, link.kind, link.through) for link in hop.links] == [(THERE, FetchKind.PLAYER, "script")]
    assert read_page(page(body, HERE), site, expected=FetchKind.TITLE_PAGE).links == ()


def test_a_declared_protector_speaks_alone() -> None:
    body = f'<html><body><h1>x</h1><i id="k" data-k="{PACKED}"></i><script>location.href = "https://advert.example/1"</script></body></html>'
    rule = {"css": "#k", "attr": "data-k", "then": ["base64"]}
    site = platform(kind="streaming", read={"stream": {"protectors": rule}})
    hop = read_page(page(body, HERE), site, expected=FetchKind.PLAYER)
    assert [(link.url, link.through) for link in hop.links] == [(THERE, "rule")]


def test_a_page_with_a_manifest_is_no_protector() -> None:
    body = (
        f'<html><body><h1>x</h1><video src="/m.m3u8"></video><script>location.href = "{THERE}"</script></body></html>'
    )
    hop = read_page(
        page(body, HERE), platform(kind="streaming", read={"stream": {"title": "h1"}}), expected=FetchKind.PLAYER
    )
    assert [link.kind for link in hop.links] == [FetchKind.MANIFEST]


_PIECES = ["<script>", "location", ".href", "=", "(", "atob(", '"', "'", " ", "var a", "https://", "/", "<form>", "<meta http-equiv=refresh content='", "5;url="]  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.sampled_from(_PIECES), max_size=60).map("".join))
def test_no_page_breaks_the_reader(body: str) -> None:
    assert len(targets(document(body))) <= 3


@pytest.mark.parametrize(
    "piece", ["location = ", "location =a;a=", "<form><input type=hidden name=a>", 'window.open("']
)
def test_a_page_made_to_be_slow_is_not(piece: str) -> None:
    began = time.process_time()
    targets(document(piece * (400_000 // len(piece))))
    assert time.process_time() - began < 2.0
