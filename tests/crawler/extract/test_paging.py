"""The next page is found by what people look for, and the last page has none."""

# ruff: noqa: E501 -- one page a line

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.document import Document
from crawler.extract.paging import find_next

HERE = "https://lamps.example/lamps"


def found(body: str, url: str = HERE) -> str | None:
    document = Document(
        url=url,
        body=body.encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    said = find_next(document)
    return said[0] if said is not None else None


PAGES = {
    "words": ('<div class=pager><a href="?page=2">Next</a></div>', HERE, "?page=2"),
    "German": ('<p><a href="?seite=2">weiter</a></p>', HERE, "?seite=2"),
    "Japanese": ('<p><a href="?p=2">次へ</a></p>', HERE, "?p=2"),
    "Russian": ('<a href="/lamps/?PAGEN_1=2&page=2">Следующая</a>', HERE + "/", "/?PAGEN_1=2&page=2"),
    "arrow": ('<ul class=pagination><li><a href="?page=2">2</a><li><a href="?page=9">»</a><li><a href="?page=2">›</a></ul>', HERE, "?page=2"),
    "label": ('<nav><a href="?page=2" aria-label="Next page"><svg></svg></a></nav>', HERE, "?page=2"),
    "name": ('<div class=pages><a class="next" href="?page=2"><i class="icon-right"></i></a></div>', HERE, "?page=2"),
    "picture": ('<div class=pages><a href="?page=2"><img src="/n.gif" alt="Next"></a></div>', HERE, "?page=2"),
    "numbers": ('<ul class=pager><li><span>2</span><li><a href="?page=1">1</a><li><a href="?page=3">3</a></ul>', HERE + "?page=2", "?page=3"),
    "unmarked numbers": ("<ul><li><span>1</span></li><li><a href='?page=2'>2</a><li><a href='?page=3'>3</a></ul>", HERE, "?page=2"),
    "path": ('<div class=paginator><a href="/lamps/2.html">2</a> <a href="/lamps/3.html">3</a></div>', "https://lamps.example/lamps/1.html", "https://lamps.example/lamps/2.html"),
    "offsets": ('<p class=pages>1 <a href="?start=40">2</a> <a href="?start=80">3</a></p>', HERE, "?start=40"),
    "more": ('<button data-next-url="/lamps?page=2">Load more</button>', HERE, "?page=2"),
}  # fmt: skip


@pytest.mark.parametrize("case", PAGES)
def test_the_next_page_is_found(case: str) -> None:
    body, url, want = PAGES[case]
    assert found(body, url) == (want if want.startswith("http") else f"{HERE}{want}")


LAST = {
    "only back": ('<div class=pager><a href="?page=8">Previous</a> <a href="?page=8">8</a> <b>9</b></div>', HERE + "?page=9"),
    "switched off": ('<div class=pager><a class="next disabled" href="?page=9">Next</a></div>', HERE + "?page=9"),
    "leads nowhere": ('<div class=pager><a href="#">Next</a><a href="javascript:go(2)">Next</a></div>', HERE),
    "another site": ('<div class=pager><a href="https://other.example/lamps?page=2">Next</a></div>', HERE),
    "a carousel": ('<div class=carousel><a class=next href="/lamps/slide-2">Next</a></div>', HERE),
    "a page size": ('<p>Show <b>20</b> <a href="?count=21">21</a> <a href="?count=40">40</a></p>', HERE),
    "a year": ('<h1>Lamps 1</h1><a href="/lamps-of-2">2</a>', HERE),
}  # fmt: skip


@pytest.mark.parametrize("case", LAST)
def test_the_last_page_has_none(case: str) -> None:
    body, url = LAST[case]
    assert found(body, url) is None


@given(st.text(alphabet="<>a/ ?=&0123456789.»nextpg-\"'", max_size=120), st.text(max_size=30))
def test_any_page_is_answered(body: str, path: str) -> None:
    said = found(f'<a href="{body}">2</a>{body}', f"https://lamps.example/{path}")
    assert said is None or said.startswith("http")
