"""What the parts of an open page are spaced and told, without a browser."""

from __future__ import annotations

import pytest
from scrapy.http import Response

from crawler.parts import Pacer, headers_of


def test_turns_at_a_host_are_spaced_and_hosts_do_not_wait_for_each_other() -> None:
    """The first at once, each further one a delay later; a host that rested owes nothing."""
    now = 100.0
    pacer = Pacer(lambda: now)
    assert [pacer.turn_in_s("a", 3.0) for _ in range(3)] == [0.0, 3.0, 6.0]
    assert pacer.turn_in_s("b", 0.1) == 0.0
    now = 120.0
    assert pacer.turn_in_s("a", 3.0) == 0.0


@pytest.mark.parametrize(
    ("said", "passed_on"),
    [
        (
            {"Content-Encoding": "br", "Content-Length": "9", "Content-Type": "text/html"},
            {"content-type": "text/html"},
        ),
        ({"Set-Cookie": ["a=1", "b=2"]}, {"set-cookie": "a=1\nb=2"}),
        ({"Content-Disposition": "attachment", "Strict-Transport-Security": "max-age=1", "X": "1"}, {"x": "1"}),
    ],
)
def test_an_answer_is_passed_on_without_what_describes_the_wire(
    said: dict[str, str], passed_on: dict[str, str]
) -> None:
    """The body is decoded by then, a document is never a download, and nothing outlives the page."""
    assert headers_of(Response("http://shop.example/", headers=said)) == passed_on
