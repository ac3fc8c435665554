"""robots.txt by RFC 9309, pace, Retry-After, breaker, hours and opt-outs."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import manners
from crawler.errors import BadHours
from crawler.manners import Answer, Hours, RobotsAnswer
from store.records.fetches import Fetch, FetchKind, Host, RobotsVerdict
from tests.conftest import START

SITE = "https://shop.example"
HERE = "http://127.0.0.1:8000"


def heard(status: int | None, text: str | None = None, name: str = SITE) -> Host:
    """A host whose robots.txt came to this."""
    robots = RobotsAnswer(of_host=name, status=status, text=text)
    return manners.heard_robots(Host(host=name, delay_s=3.0), robots, 3.0, START)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, RobotsVerdict.ALLOWED),
        (204, RobotsVerdict.ALLOWED),
        (400, RobotsVerdict.ABSENT),
        (401, RobotsVerdict.ABSENT),
        (403, RobotsVerdict.ABSENT),
        (404, RobotsVerdict.ABSENT),
        (410, RobotsVerdict.ABSENT),
        (None, RobotsVerdict.UNREACHABLE),
    ],
)
def test_status_of_robots_txt(status: int | None, expected: RobotsVerdict) -> None:
    """RFC 9309, section 2.3.1: unavailable allows everything, unreachable nothing."""
    assert manners.verdict(heard(status, "" if status == 200 else None), f"{SITE}/item/1") is expected


RULES = [
    ("User-agent: *\nDisallow: /", "/item", False),
    ("User-agent: *\nDisallow:", "/item", True),
    ("User-agent: marque\nDisallow: /\nUser-agent: *\nAllow: /", "/item", False),
    ("User-agent: MARQUE\nAllow: /\nUser-agent: *\nDisallow: /", "/item", True),
    ("User-agent: other\nDisallow: /", "/item", True),
    ("User-agent: *\nDisallow: /shop\nAllow: /shop/open", "/shop/open/1", True),
    ("User-agent: *\nDisallow: /shop\nAllow: /shop/open", "/shop/shut/1", False),
    ("User-agent: *\nAllow: /page\nDisallow: /page", "/page", True),
    ("User-agent: *\nDisallow: /*.php$", "/a/b.php", False),
    ("User-agent: *\nDisallow: /*.php$", "/a/b.php?x=1", True),
    ("User-agent: *\nDisallow: /a%3Cd.html", "/a%3cd.html", False),
    ("user-agent:*\ndisallow:/item # why", "/item", False),
    ("\ufeffUser-agent: *\nDisallow: /item", "/item", False),
    ("User-agent: *\r\nDisallow: /item\r\n", "/item", False),
    ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ("<html><body>not found</body></html>", "/item", True),
    ("User-agent: a\nUser-agent: Marque\nDisallow: /item", "/item", False),
    ("Sitemap: https://shop.example/s.xml\nUser-agent: *\nDisallow: /item", "/item", False),
]


@pytest.mark.parametrize(("text", "path", "allowed"), RULES, ids=[f"{n}" for n in range(len(RULES))])
def test_rules_of_robots_txt(text: str, path: str, allowed: bool) -> None:
    """Groups, longest match, wildcards, encoding, line ends."""
    host = heard(200, manners.robots_text(text.encode()))
    expected = RobotsVerdict.ALLOWED if allowed else RobotsVerdict.DISALLOWED
    assert manners.verdict(host, SITE + path) is expected


def test_long_robots_txt_is_read_to_its_limit() -> None:
    """At least 500 KiB count; what is cut is cut at a line's end."""
    body = b"User-agent: *\n" + b"Disallow: /x\n" * 41_000 + b"Disallow: /late\n"
    text = manners.robots_text(body)
    assert len(text) >= 500 * 1024 and text.endswith("Disallow: /x")


@given(st.binary(max_size=400))
def test_any_bytes_are_some_robots_txt(body: bytes) -> None:
    """Nothing a host sends raises."""
    host = heard(200, manners.robots_text(body))
    assert manners.verdict(host, f"{SITE}/item") in (RobotsVerdict.ALLOWED, RobotsVerdict.DISALLOWED)


@pytest.mark.parametrize(
    ("name", "crawl_delay", "latency", "declared", "expected"),
    [
        (SITE, None, 0.1, 3.0, 3.0),
        (SITE, None, 2.0, 3.0, 10.0),
        (SITE, None, 20.0, 3.0, 30.0),
        (SITE, 12.0, 0.1, 3.0, 12.0),
        (SITE, 45.0, 20.0, 3.0, 45.0),
        (SITE, None, 0.0, 0.0, 1.0),
        (HERE, None, 2.0, 0.0, 0.0),
        (HERE, 0.5, 2.0, 0.0, 0.5),
    ],
)
def test_pace(name: str, crawl_delay: float | None, latency: float, declared: float, expected: float) -> None:
    """The slowest of what the file, the host and its last answer ask; latency does not count on loopback."""
    host = Host(host=name, delay_s=0.0, crawl_delay_s=crawl_delay)
    assert manners.pace(host, latency, declared) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("999999999999", 86_400.0),
        ("Mon, 02 Mar 2026 09:01:30 GMT", 90.0),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2036 08:00:00 GMT", 86_400.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
        ("٣", None),
    ],
)
def test_retry_after(value: str | None, expected: float | None) -> None:
    """Seconds or a date; nonsense is no answer, a day the longest."""
    assert manners.retry_after_s(value, START) == expected


def test_failures_in_a_row_open_the_breaker_and_one_answer_closes_it() -> None:
    """Pauses double; a dead host is left alone for an hour."""
    host = Host(host=SITE, delay_s=3.0)
    failure = Answer(host=SITE, started_at=START, latency_s=None, failed=True)
    pauses = []
    for _ in range(8):
        host = manners.after(host, failure, 3.0, START)
        pauses.append((host.breaker_until - START).total_seconds() if host.breaker_until else 0.0)
    assert pauses == [0, 0, 0, 0, 60, 120, 240, 3600]
    well = manners.after(host, Answer(host=SITE, started_at=START, latency_s=0.2, failed=False), 3.0, START)
    assert (well.failures, well.breaker_until) == (0, None)


def test_retry_after_stops_the_host() -> None:
    """Whatever else is due there."""
    busy = Answer(host=SITE, started_at=START, latency_s=0.1, failed=True, stop_s=500.0)
    assert manners.after(Host(host=SITE), busy, 3.0, START).breaker_until == START + timedelta(seconds=500)


def test_next_request_counts_from_when_the_last_one_left() -> None:
    """Not from when its lease was given; and from its answer, where one came."""
    left = START + timedelta(seconds=2)
    answer = Answer(host=SITE, started_at=left, latency_s=0.1, failed=False)
    assert manners.after(Host(host=SITE), answer, 3.0, START).next_at == left + timedelta(seconds=3)
    came = dataclasses.replace(answer, answered_at=left + timedelta(seconds=0.1))
    assert manners.after(Host(host=SITE), came, 3.0, START).next_at == left + timedelta(seconds=3.1)


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        ("00:00-24:00 UTC", "2026-03-02T09:00", "2026-03-02T09:00"),
        ("08:00-18:00 UTC", "2026-03-02T09:00", "2026-03-02T09:00"),
        ("08:00-18:00 UTC", "2026-03-02T07:59", "2026-03-02T08:00"),
        ("08:00-18:00 UTC", "2026-03-02T18:00", "2026-03-03T08:00"),
        ("22:00-06:00 UTC", "2026-03-02T23:00", "2026-03-02T23:00"),
        ("22:00-06:00 UTC", "2026-03-02T05:59", "2026-03-02T05:59"),
        ("22:00-06:00 UTC", "2026-03-02T12:00", "2026-03-02T22:00"),
        ("08:00-18:00 Europe/Stockholm", "2026-03-02T06:30", "2026-03-02T07:00"),
        ("08:00-18:00 Europe/Stockholm", "2026-07-02T05:30", "2026-07-02T06:00"),
        ("18:00-24:00 UTC", "2026-03-02T23:59", "2026-03-02T23:59"),
        ("18:00-24:00 UTC", "2026-03-02T00:00", "2026-03-02T18:00"),
    ],
)
def test_working_hours(hours: str, now: str, opens: str) -> None:
    """By the clocks of the place, over midnight, in summer time."""
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert Hours.read(hours).opens_at(at) == datetime.fromisoformat(opens).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "8-18 UTC", "08:00-18:00", "25:00-26:00 UTC", "08:00-18:00 Mars/Olympus"])
def test_unreadable_hours_are_refused(text: str) -> None:
    """With the form that they should have."""
    with pytest.raises(BadHours, match="Europe/Stockholm"):
        Hours.read(text)


@pytest.mark.parametrize(
    ("prefix", "url", "expected"),
    [
        ("shop.example", "https://shop.example/a", True),
        ("shop.example", "https://img.shop.example/a", True),
        ("shop.example", "https://myshop.example/a", False),
        ("SHOP.example", "https://Shop.Example/a", True),
        ("https://shop.example/private", "http://shop.example/private/1", True),
        ("https://shop.example/private", "https://shop.example/public", False),
        ("https://shop.example:8443/", "https://shop.example/", False),
    ],
)
def test_opt_outs(prefix: str, url: str, expected: bool) -> None:
    """A host with what is below it, or a prefix under either scheme."""
    assert manners.is_opted_out(url, [prefix]) is expected


def test_refusals_say_which() -> None:
    """One word each; robots.txt itself is always asked."""
    item = Fetch(run="r", fingerprint="f", url=f"{SITE}/item", host=SITE, kind=FetchKind.LISTING)
    robots = Fetch(run="r", fingerprint="g", url=f"{SITE}/robots.txt", host=SITE, kind=FetchKind.ROBOTS)
    shut = heard(200, "User-agent: *\nDisallow: /")
    assert manners.refusal(item, shut, (), START) == "robots"
    assert manners.refusal(item, heard(None), (), START) == "robots_unreachable"
    assert manners.refusal(item, heard(404), ("shop.example",), START) == "opt_out"
    assert manners.refusal(robots, heard(None), (), START) is None
    assert manners.refusal(item, heard(404), (), START) is None
