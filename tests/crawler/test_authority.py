"""Permissions to go past robots.txt: what they cover, who may give them, and that nothing else opens the door."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from config.settings import Settings
from crawler.authority import approve, check_authority, covers, enter, is_in_force, permission, revoke
from crawler.errors import BadAuthority
from crawler.run import crawl
from store.db.audit import AuditTrail
from store.db.session import Database
from store.db.tables import capture, fetch
from store.records.authorities import Authority
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from tests.conftest import START
from tests.crawler.site import Answer, Site, declare, shop
from tests.ledgers import new_ledger

NUMBERS = count()


def ids() -> str:
    """Ids in order."""
    return f"id-{next(NUMBERS):04}"


def granted(*scope: str, **more: object) -> Authority:
    """A permission that two people stand behind."""
    base = Authority(
        id=ids(),
        case_number="K-17/2026",
        legal_basis="Code of procedure, section 12",
        issuer="District Court",
        scope=scope or ("shop.example",),
        not_before=START - timedelta(days=1),
        expires_at=START + timedelta(days=30),
        entered_by="Jane Roe",
        entered_at=START,
        second_approver="Max Muster",
        approved_at=START,
    )
    return dataclasses.replace(base, **more)


@pytest.mark.parametrize(
    ("scope", "url", "covered"),
    [
        ("shop.example", "https://shop.example/anything?x=1", True),
        ("shop.example", "http://SHOP.example/", True),
        ("shop.example", "https://www.shop.example/", False),
        ("shop.example", "https://shop.example.evil.example/", False),
        ("https://shop.example/a", "https://shop.example/a", True),
        ("https://shop.example/a", "https://shop.example/a/b", True),
        ("https://shop.example/a/", "https://shop.example/a/b", True),
        ("https://shop.example/a", "https://shop.example/ab", False),
        ("https://shop.example/a", "http://shop.example/a", False),
        ("https://shop.example/a", "https://shop.example:8443/a", False),
        ("https://shop.example/a", "https://shop.example/a/../private", False),
        ("https://shop.example/a", "https://shop.example/a/%2e%2e/private", False),
        ("https://shop.example/a", "https://shop.example/a/%252e%252e/private", False),
        ("https://shop.example/a", "https://shop.example/a\\..\\private", False),
    ],
)
def test_a_scope_covers_what_it_says_and_no_more(scope: str, url: str, covered: bool) -> None:
    assert covers(granted(scope), url) is covered


@pytest.mark.parametrize(
    "change",
    [
        {"approved_at": None, "second_approver": None},
        {"second_approver": "  jane   ROE "},
        {"revoked_at": START},
        {"not_before": START + timedelta(seconds=1)},
        {"expires_at": START},
    ],
)
def test_a_permission_that_lacks_anything_opens_nothing(change: dict[str, object]) -> None:
    assert is_in_force(granted(), START)
    assert permission("https://shop.example/", [granted(**change)], START) is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_scope_covers_another_host(scope: str, host: str) -> None:
    """Whatever the words are, the host of the address has to stand in the scope."""
    authority = granted(f"{scope}.example")
    try:
        found = covers(authority, f"https://{host}.other/")
    except ValueError:
        return
    assert not found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"legal_basis": " "}, "legal_basis is empty"),
        ({"scope": ()}, "would cover nothing"),
        ({"scope": ("*.example",)}, "neither a host"),
        ({"scope": ("ftp://shop.example/",)}, "neither a host"),
        ({"scope": ("shop.example/a",)}, "neither a host"),
        ({"scope": ("https://user@shop.example/",)}, "neither a host"),
        ({"expires_at": START - timedelta(days=2)}, "ends before it begins"),
        ({"expires_at": START + timedelta(days=800)}, "longer than 366 days"),
        ({"user_agent": "x\r\nEvil: yes"}, "control characters"),
    ],
)
def test_a_permission_says_everything_it_has_to(change: dict[str, object], said: str) -> None:
    with pytest.raises(BadAuthority, match=said):
        check_authority(dataclasses.replace(granted(), **change))


def test_nobody_approves_what_they_entered(database: Database) -> None:
    def clock() -> datetime:
        return START

    entered = enter(database, granted(), ids=ids)
    assert entered.approved_at is None, "an approval is an act of its own"
    assert enter(database, granted(), ids=ids) == entered, "the same again changes nothing"
    with pytest.raises(BadAuthority, match="somebody else"):
        approve(database, entered.id, by="JANE ROE", clock=clock, ids=ids)
    approved = approve(database, entered.id, by="Max Muster", clock=clock, ids=ids)
    assert is_in_force(approved, START)
    revoked = revoke(database, entered.id, by="Jane Roe", clock=clock, ids=ids)
    assert not is_in_force(revoked, START)
    with pytest.raises(BadAuthority, match="revoked"):
        approve(database, entered.id, by="Max Muster", clock=clock, ids=ids)
    with pytest.raises(BadAuthority, match="none of that id"):
        approve(database, "nothing", by="Max Muster", clock=clock, ids=ids)
    with database.read() as connection:
        acts = [entry.action for entry in AuditTrail(connection, EVERYTHING).of_subject(entered.id)]
    assert acts == ["enter_authority", "approve_authority", "revoke_authority"]


@pytest.mark.slow
def test_a_crawl_goes_past_robots_only_where_it_may_and_every_capture_says_so(tmp_path: Path) -> None:
    """Offer 3 is closed to all; a permission for offer 3 opens it and leaves offer 4 shut."""
    robots = Answer(body=b"User-agent: *\nDisallow: /item/3\nDisallow: /item/4\n", kind="text/plain")
    site = Site({**shop(6), "/robots.txt": robots})
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'marque.db'}", contact=None)
    now = utc_now()
    with Database(settings.database_url) as database:
        new_ledger(database)
        entered = enter(
            database,
            granted(
                f"{site.home}item/3",
                not_before=now - timedelta(hours=1),
                expires_at=now + timedelta(hours=1),
                user_agent="Mozilla/5.0 (under K-17/2026)",
            ),
            ids=new_id,
        )
        approve(database, entered.id, by="Max Muster", clock=utc_now, ids=new_id)
    declare(tmp_path, site, "shop")
    (run,) = crawl(settings, ["shop"])
    site.close()
    with Database(settings.database_url) as database, database.read() as connection:
        rows = connection.execute(select(capture).where(capture.c.run == run.id)).all()
        fetches = {row.url: row for row in connection.execute(select(fetch).where(fetch.c.run == run.id)).all()}
    under = [row for row in rows if row.authority is not None]
    assert [row.url_requested for row in under] == [f"{site.home}item/3"]
    assert under[0].authority == entered.id
    assert under[0].robots_verdict == "disallowed"
    assert ["User-Agent", "Mozilla/5.0 (under K-17/2026)"] in [list(pair) for pair in under[0].request_headers]
    assert fetches[f"{site.home}item/4"].reason == "robots"
    assert not [path for _, path in site.asked if path == "/item/4"], "what no permission covers is never asked"
    others = [row for row in rows if row.authority is None]
    assert all(dict(row.request_headers)["User-Agent"].startswith("Marque/") for row in others if row.request_headers)
