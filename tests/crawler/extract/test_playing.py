"""Who put a recording up and how long it runs, read where pages say it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.document import Document
from crawler.extract.playing import lengths, uploaders
from crawler.extract.values import read_seconds


def document(body: str) -> Document:
    html = f"<html><body>{body}</body></html>".encode()
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    return Document(url="https://films.example/watch/5", body=html, content_type="text/html", fetched_at=moment)


LENGTHS = {
    "label and minutes": ("<h1>Night train</h1><p>Duración: 104 min</p>", 6240),
    "terms": ("<h1>Night train</h1><dl><dt>Laufzeit</dt><dd>1 Std. 44 Min.</dd></dl>", 6240),
    "words": ("<span>Duration: 3 minutes 20 seconds</span>", 200),
    "player": ("<div>00:12 / 1:44:00</div>", 6240),
    "named element": ('<span class="video-duration">1:44:00</span>', 6240),
    "markup of time": ('<time itemprop="duration" datetime="PT1H44M">long</time>', 6240),
    "seconds in a script": ('<script>var v = {"duration": 6240, "x": 1}</script>', 6240),
    "thousandths in a script": ('<script>var v = {"duration_ms": 6240000}</script>', 6240),
    "beside the heading": ("<h1>Night train</h1><p>2018, drama, 104 minutes</p>", 6240),
}


@pytest.mark.parametrize("case", LENGTHS)
def test_a_length_is_found(case: str) -> None:
    body, seconds = LENGTHS[case]
    said = next(lengths(document(body)), None)
    assert said is not None and read_seconds(said[0]) == seconds, said


def test_where_the_player_stands_is_no_length() -> None:
    assert list(lengths(document('<span class="current-duration-position">0:12</span>'))) == []


NAMES = {
    "title": ("<title>Night train by The Makers | Films</title><h1>Night train</h1>", "The Makers"),
    "address of a person": ('<h1>Night train</h1><a href="/@makers">@makers</a>', "makers"),
    "followers": ('<div class="channel-name">Makers 12K followers</div>', "Makers"),
    "script": (
        '<p>From Makers Inc</p><script>s = {"author": {"id": 5, "name": "Makers Inc"}}</script>',
        "Makers Inc",
    ),
    "meta": ('<meta property="video:director" content="https://films.example/makers">', "makers"),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_is_found(case: str) -> None:
    body, name = NAMES[case]
    assert next(uploaders(document(body)), ("", ""))[0] == name


def test_a_name_that_only_a_script_knows_is_not_believed() -> None:
    assert list(uploaders(document('<h1>Film</h1><script>s = {"user": {"name": "Visitor"}}</script>'))) == []


@given(st.text(alphabet="<>durationlength:0123456789 min{}\"'/PTHMS", max_size=200))
def test_any_page_is_answered(body: str) -> None:
    for said, _ in lengths(document(body)):
        assert said
    assert all(name for name, _ in uploaders(document(body)))
