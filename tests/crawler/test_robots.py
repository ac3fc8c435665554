"""RFC 9309, row by row: what each section asks, a file or an answer, and what must come of it."""

from __future__ import annotations

import dataclasses
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from crawler import manners
from crawler.manners import AGENT, RobotsAnswer
from crawler.robots import read_robots
from store.db.claim import Courtesy
from store.records.fetches import Host, RobotsVerdict
from tests.conftest import START

SITE = "https://shop.example"
US, ALL = "User-agent: marque\n", "User-agent: *\n"

# section, what it asks, robots.txt, path, whether it may be fetched
RULES = [
    ("2.1", "a file without rules shuts nothing", "", "/x", True),
    ("2.1", "the protocol's own example: other bots", ALL + "Disallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n", "/example/a", False),  # noqa: E501 -- a table
    ("2.1", "the same, a picture", ALL + "Disallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n", "/a/b.gif", False),  # noqa: E501 -- a table
    ("2.1", "the same, what is open", ALL + "Disallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n", "/publications/a", True),  # noqa: E501 -- a table
    ("2.2", "a line may end with LF", ALL + "Disallow: /x", "/x", False),
    ("2.2", "with CR LF", "User-agent: *\r\nDisallow: /x\r\n", "/x", False),
    ("2.2", "with CR", "User-agent: *\rDisallow: /x\r", "/x", False),
    ("2.2", "and with nothing else: U+2028 is part of a path", ALL + "Disallow: /a\u2028b\n", "/a%E2%80%A8b", False),
    ("2.2", "nor with U+0085, form feed or unit separator", ALL + "Allow: /\x0c\nDisallow: /a\x85b\n", "/a%C2%85b", False),  # noqa: E501 -- a table
    ("2.2", "space around the colon", "User-agent : *\nDisallow :/x\n", "/x", False),
    ("2.2", "space before the record", "  User-agent: *\n\t Disallow: /x\n", "/x", False),
    ("2.2", "a comment after a rule", ALL + "Disallow: /x # why\n", "/x", False),
    ("2.2", "a comment line parts nothing", "User-agent: marque\n# them too\nUser-agent: b\nDisallow: /x\n", "/x", False),  # noqa: E501 -- a table
    ("2.2", "an empty line ends no group", US + "\n\nDisallow: /x\n", "/x", False),
    ("2.2", "an empty rule shuts nothing", ALL + "Disallow:\n", "/x", True),
    ("2.2", "an empty rule ends the agents of a group", US + "Disallow:\n" + ALL + "Disallow: /\n", "/x", True),
    ("2.2", "a rule before any agent is for nobody", "Disallow: /x\n" + ALL + "Disallow: /y\n", "/x", True),
    ("2.2", "a byte order mark stands before the first record", "\ufeff" + ALL + "Disallow: /x\n", "/x", False),
    ("2.2", "an allowed path begins with a slash", ALL + "Disallow: /\nAllow: x\n", "/x", False),
    ("2.2", "words without a colon are read", "User-agent *\nDisallow /x\n", "/x", False),
    ("2.2", "a misspelled rule is obeyed", ALL + "Dissallow: /x\n", "/x", False),
    ("2.2.1", "field names in any case", "uSER-aGENT: *\ndISALLOW: /x\n", "/x", False),
    ("2.2.1", "the agent's name in any case", "User-agent: MARQUE\nDisallow: /x\n" + ALL + "Allow: /\n", "/x", False),
    ("2.2.1", "its own group, not everybody's", US + "Allow: /\n" + ALL + "Disallow: /\n", "/x", True),
    ("2.2.1", "whichever stands first", ALL + "Disallow: /\n" + US + "Allow: /\n", "/x", True),
    ("2.2.1", "everybody's group where none is ours", ALL + "Disallow: /x\nUser-agent: b\nAllow: /\n", "/x", False),
    ("2.2.1", "no rule where no group speaks to us", "User-agent: b\nDisallow: /\n", "/x", True),
    ("2.2.1", "groups of one agent are one", US + "Disallow: /y\nUser-agent: b\nDisallow: /\n" + US + "Disallow: /x\n", "/x", False),  # noqa: E501 -- a table
    ("2.2.1", "and keep their first rules", US + "Disallow: /y\nUser-agent: b\nDisallow: /\n" + US + "Disallow: /x\n", "/y", False),  # noqa: E501 -- a table
    ("2.2.1", "everybody's groups are one too", ALL + "Disallow: /y\nUser-agent: b\nAllow: /\n" + ALL + "Disallow: /x\n", "/y", False),  # noqa: E501 -- a table
    ("2.2.1", "agents that share a group", "User-agent: b\nUser-agent: marque\nUser-agent: c\nDisallow: /x\n", "/x", False),  # noqa: E501 -- a table
    ("2.2.1", "an agent whose name begins as ours is another", "User-agent: marquebot\nDisallow: /\n", "/x", True),
    ("2.2.1", "one whose name ours begins with is another", "User-agent: mar\nDisallow: /\n", "/x", True),
    ("2.2.1", "a name with a hyphen is another", "User-agent: marque-images\nDisallow: /\n", "/x", True),
    ("2.2.1", "a version behind the name does not count", "User-agent: Marque/2.0\nDisallow: /x\n", "/x", False),
    ("2.2.1", "an agent without a name is nobody", "User-agent:\nDisallow: /\n", "/x", True),
    ("2.2.2", "the longest rule decides", ALL + "Allow: /example/page/\nDisallow: /example/page/x.gif\n", "/example/page/x.gif", False),  # noqa: E501 -- a table
    ("2.2.2", "wherever it stands", ALL + "Disallow: /a/b\nAllow: /a/b/c\nDisallow: /a\n", "/a/b/c", True),
    ("2.2.2", "allow wins a tie", ALL + "Disallow: /page\nAllow: /page\n", "/page", True),
    ("2.2.2", "the same with a star", ALL + "Allow: /p*\nDisallow: /pa\n", "/page", True),
    ("2.2.2", "what no rule speaks of is open", ALL + "Disallow: /y\n", "/x", True),
    ("2.2.2", "robots.txt itself is open", ALL + "Disallow: /\n", "/robots.txt", True),
    ("2.2.2", "only at the root", ALL + "Disallow: /\n", "/a/robots.txt", False),
    ("2.2.2", "a path's case counts", ALL + "Disallow: /X\n", "/x", True),
    ("2.2.2", "a rule is a prefix", ALL + "Disallow: /fish\n", "/fishheads/yummy.html", False),
    ("2.2.2", "not a part", ALL + "Disallow: /fish\n", "/catfish", True),
    ("2.2.2", "a closing slash counts", ALL + "Disallow: /fish/\n", "/fish", True),
    ("2.2.2", "allowing a start page allows no other", ALL + "Disallow: /\nAllow: /a/index.html\n", "/a/", False),
    ("2.2.2", "the table's row 1: a query", ALL + "Disallow: /foo/bar?baz=quz\n", "/foo/bar?baz=quz", False),
    ("2.2.2", "row 2: reserved characters in a query", ALL + "Disallow: /foo/bar?baz=http://foo.bar\n", "/foo/bar?baz=http%3A%2F%2Ffoo.bar", False),  # noqa: E501 -- a table
    ("2.2.2", "row 2, the other way", ALL + "Disallow: /foo/bar?baz=http%3A%2F%2Ffoo.bar\n", "/foo/bar?baz=http://foo.bar", False),  # noqa: E501 -- a table
    ("2.2.2", "row 3: other alphabets", ALL + "Disallow: /foo/bar/ツ\n", "/foo/bar/%E3%83%84", False),
    ("2.2.2", "row 3, in the address", ALL + "Disallow: /foo/bar/%E3%83%84\n", "/foo/bar/ツ", False),
    ("2.2.2", "row 4: escapes alike", ALL + "Disallow: /foo/bar/%E3%83%84\n", "/foo/bar/%e3%83%84", False),
    ("2.2.2", "row 5: plain characters escaped", ALL + "Disallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", False),
    ("2.2.2", "row 5, in the address", ALL + "Disallow: /foo/bar/baz\n", "/foo/bar/%62%61%7a", False),
    ("2.2.2", "an escaped slash is no slash in a path", ALL + "Disallow: /a/b\n", "/a%2Fb", True),
    ("2.2.2", "a wrong escape is itself", ALL + "Disallow: /a%zz\n", "/a%zz", False),
    ("2.2.2", "a space", ALL + "Disallow: /a b\n", "/a%20b", False),
    ("2.2.3", "# begins a comment", ALL + "Disallow: / # all\n", "/x", False),
    ("2.2.3", "$ ends the path", ALL + "Disallow: /x$\n", "/x", False),
    ("2.2.3", "and only there", ALL + "Disallow: /x$\n", "/xy", True),
    ("2.2.3", "$ elsewhere is a dollar", ALL + "Disallow: /a$b\n", "/a$b", False),
    ("2.2.3", "a rule's own words do not end early", ALL + "Disallow: /a$b\n", "/a", True),
    ("2.2.3", "* stands for anything", ALL + "Disallow: /this/*/exactly\n", "/this/a/b/exactly/c", False),
    ("2.2.3", "even for nothing", ALL + "Disallow: /this/*exactly\n", "/this/exactly", False),
    ("2.2.3", "at the beginning", ALL + "Disallow: *.php\n", "/a/b.php?x=1", False),
    ("2.2.3", "with $", ALL + "Disallow: /*.php$\n", "/a/b.php", False),
    ("2.2.3", "with $, not before the end", ALL + "Disallow: /*.php$\n", "/a/b.php?x=1", True),
    ("2.2.3", "with $, the last of several", ALL + "Disallow: /*.php$\n", "/a.php/b.php", False),
    ("2.2.3", "several stars are one", ALL + "Disallow: /a***b\n", "/axxb", False),
    ("2.2.3", "a closing star changes nothing", ALL + "Disallow: /fish*\n", "/fish", False),
    ("2.2.3", "%2A is a star", ALL + "Disallow: /path/file-with-a-%2A.html\n", "/path/file-with-a-*.html", False),
    ("2.2.3", "and nothing else", ALL + "Disallow: /path/file-with-a-%2A.html\n", "/path/file-with-a-b.html", True),
    ("2.2.3", "%24 is a dollar", ALL + "Disallow: /path/foo-%24\n", "/path/foo-$", False),
    ("2.2.3", "at the end too", ALL + "Disallow: /path/foo-%24\n", "/path/foo-", True),
    ("2.2.4", "other records part no group", US + "Sitemap: https://shop.example/s.xml\nDisallow: /x\n", "/x", False),
    ("2.2.4", "nor two agents", US + "Sitemap: https://a.example/\nUser-agent: b\nDisallow: /x\n", "/x", False),
    ("2.2.4", "nor does one that is not known", US + "Unicorns: yes\nUser-agent: b\nDisallow: /x\n", "/x", False),
    ("2.2.4", "nor Crawl-delay", US + "Crawl-delay: 2\nUser-agent: b\nDisallow: /x\n", "/x", False),
    ("2.3.1.5", "lines that cannot be read are passed over", ALL + "<p>\n%%%\nDisallow\n:\nDisallow: /x\n", "/x", False),  # noqa: E501 -- a table
    ("2.3.1.5", "a page instead of rules shuts nothing", "<html><body><h1>Not here</h1></body></html>", "/x", True),
    ("2.3.1.5", "NUL bytes hide no rule", ALL + "Dis\0allow: /x\n", "/x", False),
    ("2.3.1.5", "nor do octets that are no UTF-8", "\udcff\udcfe\n" + ALL + "Disallow: /x\n", "/x", False),
]  # fmt: skip


def heard(status: int | None, text: str | None, before: Host | None = None) -> Host:
    """A host whose robots.txt came to this."""
    robots = RobotsAnswer(of_host=SITE, status=status, text=text)
    return manners.heard_robots(before or Host(host=SITE, delay_s=3.0), robots, 3.0, START)


@pytest.mark.parametrize(
    ("text", "path", "allowed"), [row[2:] for row in RULES], ids=[f"{row[0]} {row[1]}" for row in RULES]
)
def test_every_row_of_the_protocol(text: str, path: str, allowed: bool) -> None:
    """As bytes that a host sends, to a verdict."""
    host = heard(200, manners.robots_text(text.encode("utf-8", "surrogateescape")))
    expected = RobotsVerdict.ALLOWED if allowed else RobotsVerdict.DISALLOWED
    assert manners.verdict(host, SITE + path) is expected


def test_a_reader_of_the_shelf_would_not_do() -> None:
    """Rows on which Protego differs; when it no longer does, it can take this module's place."""
    wrong = []
    for section, asks, text, path, allowed in RULES:
        read = manners.robots_text(text.encode("utf-8", "surrogateescape"))
        if Protego.parse(read).can_fetch(SITE + path, AGENT) is not allowed:
            wrong.append(f"{section} {asks}")
    assert "2.2.1 one whose name ours begins with is another" in wrong
    assert "2.2.4 nor does one that is not known" in wrong
    assert len(wrong) >= 5, wrong


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((status, RobotsVerdict.ALLOWED) for status in (200, 201, 204, 299)),
        *((status, RobotsVerdict.ABSENT) for status in (400, 401, 403, 404, 405, 410, 418, 451, 499)),
        (None, RobotsVerdict.UNREACHABLE),
    ],
)
def test_status(status: int | None, expected: RobotsVerdict) -> None:
    """2.3.1.1, 2.3.1.3 and 2.3.1.4: had, unavailable, unreachable."""
    assert manners.verdict(heard(status, "" if status == 200 else None), f"{SITE}/x") is expected


@pytest.mark.parametrize("size", [500 * 1024 - 1, 500 * 1024, 512 * 1024, 512 * 1024 + 1, 4 * 1024 * 1024])
def test_limit(size: int) -> None:
    """2.5: at least 500 KiB are read; what is cut, is cut between two lines, never in a rule."""
    line = b"Disallow: /a/long/path/that/fills\n"
    body = b"User-agent: *\n" + line * (500 * 1024 // len(line) - 2)
    body = (body + b"Disallow: /last\n").ljust(size, b"#")
    assert manners.verdict(heard(200, manners.robots_text(body)), f"{SITE}/last") is RobotsVerdict.DISALLOWED
    cut = manners.robots_text(b"Disallow: /page\n" * 40_000)
    assert 500 * 1024 <= len(cut) <= 512 * 1024 and cut.endswith("Disallow: /page")


def test_unreachable_keeps_what_was_had() -> None:
    """2.4 and 2.3.1.4: the copy stands while the host gives none, for 30 days; it is asked again soon."""
    had = heard(200, ALL + "Disallow: /x\nCrawl-delay: 7\n")
    later = START + timedelta(days=2)
    robots = RobotsAnswer(of_host=SITE, status=None, text=None)
    down = manners.heard_robots(had, robots, 3.0, later)
    assert manners.verdict(down, f"{SITE}/x") is RobotsVerdict.DISALLOWED
    assert manners.verdict(down, f"{SITE}/y") is RobotsVerdict.ALLOWED
    assert down.crawl_delay_s == 7.0
    courtesy = Courtesy(delay_s=3.0)
    assert courtesy.knows_robots(down, later + timedelta(seconds=599))
    assert not courtesy.knows_robots(down, later + timedelta(seconds=601))
    gone = manners.heard_robots(down, robots, 3.0, START + timedelta(days=31))
    assert manners.verdict(gone, f"{SITE}/y") is RobotsVerdict.UNREACHABLE
    back = manners.heard_robots(down, dataclasses.replace(robots, status=200, text=""), 3.0, later)
    assert manners.verdict(back, f"{SITE}/x") is RobotsVerdict.ALLOWED
    assert courtesy.knows_robots(back, later + timedelta(hours=23))


def test_unreachable_without_a_copy_shuts_everything() -> None:
    """2.3.1.4: a complete disallow; asked again after ten minutes."""
    host = heard(None, None)
    assert manners.verdict(host, f"{SITE}/x") is RobotsVerdict.UNREACHABLE
    assert not Courtesy(delay_s=3.0).knows_robots(host, START + timedelta(seconds=601))


def test_cache() -> None:
    """2.4: not more than 24 hours."""
    host, courtesy = heard(200, ""), Courtesy(delay_s=3.0)
    assert courtesy.knows_robots(host, START + timedelta(hours=23, minutes=59))
    assert not courtesy.knows_robots(host, START + timedelta(hours=24))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ALL + "Crawl-delay: 2.5\n", 2.5),
        (US + "Crawl-delay: 2\n" + US + "Crawl-delay: 9\n", 9.0),
        (US + "Allow: /\n" + ALL + "Crawl-delay: 9\n", None),
        (ALL + "Crawl-delay: -1\n", 0.0),
        (ALL + "Crawl-delay: nan\n", 0.0),
        (ALL + "Crawl-delay: inf\n", 0.0),
        (ALL + "Crawl-delay: soon\n", 0.0),
    ],
)
def test_crawl_delay(text: str, expected: float | None) -> None:
    """No part of the RFC, and kept all the same: the longest that is asked of us."""
    assert read_robots(text, AGENT).crawl_delay_s == expected


def test_stars_cost_no_time() -> None:
    """Half a megabyte of rules with stars in them, held against a long address, within a second."""
    text = ALL + "Disallow: /" + "*a" * 100_000 + "b\n" + "Disallow: /*a*a*a*a*a*a*b\n" * 2000
    host = heard(200, text)
    began = time.process_time()
    assert manners.verdict(host, f"{SITE}/" + "a" * 8_000) is RobotsVerdict.ALLOWED
    assert time.process_time() - began < 1.0


@given(st.text(alphabet="/ab*$%2A?#", max_size=12), st.text(alphabet="/ab*$%2A?", max_size=12))
def test_any_rule_against_any_path(rule: str, path: str) -> None:
    """Nothing raises, and a path's own beginning always shuts it."""
    read_robots(f"{ALL}Disallow: {rule}\n", AGENT).allows(f"{SITE}/{path}")
    plain = path.replace("*", "").replace("$", "").replace("#", "").partition("?")[0].replace("%", "")
    shut = read_robots(f"{ALL}Disallow: /{plain}\n", AGENT)
    assert not shut.allows(f"{SITE}/{plain}tail")
