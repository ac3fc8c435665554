"""Leases: one process at a time, hosts no sooner than they are due, and no late commit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store.db.claim import ROBOTS_PRIORITY, Courtesy, claim, fence, give_back, held, take_back
from store.db.errors import StaleLease
from store.db.fetches import Fetches, Settled, settle
from store.db.hosts import Hosts
from store.db.session import Database
from store.db.tables import fetch as fetch_table
from store.records.fetches import Fetch, FetchKind, FetchState, Host
from store.records.scope import EVERYTHING
from tests.conftest import START

SLOW, OTHER, LOCAL = "https://slow.example", "https://other.example", "http://127.0.0.1:8000"
POLITE = Courtesy(delay_s=3.0)
LEASE_S = 60.0


def page(host: str, number: int, priority: int = 100) -> Fetch:
    """A listing's fetch."""
    return Fetch(
        run="r1",
        fingerprint=f"{host}{number}".ljust(64, "0")[:64],
        url=f"{host}/item/{number}",
        host=host,
        kind=FetchKind.LISTING,
        priority=priority,
    )


def fill(database: Database, fetches: list[Fetch], *, delays: dict[str, float]) -> None:
    """Queue fetches on hosts whose robots.txt is known."""
    with database.write() as connection:
        Fetches(connection, EVERYTHING).queue(fetches)
        Hosts(connection, EVERYTHING).keep(
            [Host(host=name, delay_s=delay, robots_status=404, robots_at=START) for name, delay in delays.items()]
        )


def lease(database: Database, owner: str = "me", at_s: float = 0.0, limit: int = 16, **more: object) -> list[str]:
    """The URLs that a claim at START + `at_s` gives."""
    with database.write() as connection:
        now = START + timedelta(seconds=at_s)
        found = claim(connection, "r1", owner, now, LEASE_S, limit, courtesy=POLITE, **more)  # type: ignore[arg-type]  # a test's own shape of the call
    return [each.fetch.url for each in found.leases]


def test_a_host_with_a_delay_is_asked_by_one_lease_at_a_time(database: Database) -> None:
    """Even after its delay, until the first lease is committed or ends."""
    fill(database, [page(SLOW, n) for n in range(3)], delays={SLOW: 3.0})
    assert len(lease(database)) == 1
    assert lease(database, at_s=10.0) == []
    assert lease(database, owner="other", at_s=10.0) == []
    assert len(lease(database, owner="other", at_s=LEASE_S + 1)) == 1


def test_a_slow_host_makes_no_other_wait(database: Database) -> None:
    """First in, first out would have every fetch of the first host go before."""
    fill(database, [page(SLOW, n) for n in range(50)] + [page(OTHER, 1)], delays={SLOW: 3.0, OTHER: 3.0})
    assert {url.split("/item")[0] for url in lease(database)} == {SLOW, OTHER}


def test_a_host_without_a_delay_bears_several_leases_but_not_all(database: Database) -> None:
    """Loopback: as many as the courtesy allows, over both claims."""
    fill(database, [page(LOCAL, n) for n in range(40)], delays={LOCAL: 0.0})
    assert len(lease(database, limit=10)) == 10
    assert len(lease(database, limit=30)) == POLITE.in_flight - 10


def test_higher_priority_goes_first(database: Database) -> None:
    """Within a host, and between hosts when not all can go."""
    fill(database, [page(SLOW, 1), page(SLOW, 2, priority=300), page(OTHER, 3)], delays={SLOW: 1.0, OTHER: 1.0})
    assert lease(database, limit=1) == [f"{SLOW}/item/2"]


def test_nothing_of_a_host_is_leased_before_its_robots_txt(database: Database) -> None:
    """The first claim leases robots.txt alone, and asks for it once."""
    with database.write() as connection:
        Fetches(connection, EVERYTHING).queue([page(SLOW, 1), page(SLOW, 2)])
    assert lease(database) == [f"{SLOW}/robots.txt"]
    assert lease(database, at_s=LEASE_S / 2) == []
    with database.read() as connection:
        robots = Fetches(connection, EVERYTHING).find(fetch_table.c.priority == ROBOTS_PRIORITY)
    assert len(robots) == 1


@pytest.mark.parametrize(("age_h", "status", "asked"), [(23.9, 200, False), (24.1, 200, True), (0.2, None, True)])
def test_robots_txt_is_asked_again_after_a_day_and_sooner_when_it_failed(
    database: Database, age_h: float, status: int | None, asked: bool
) -> None:
    """RFC 9309 allows 24 hours; a failure is no answer to keep for so long."""
    with database.write() as connection:
        Fetches(connection, EVERYTHING).queue([page(SLOW, 1)])
        old = Host(host=SLOW, delay_s=3.0, robots_status=status, robots_at=START - timedelta(hours=age_h))
        Hosts(connection, EVERYTHING).keep([old])
    assert (lease(database) == [f"{SLOW}/robots.txt"]) is asked


def test_a_refused_fetch_fails_with_its_reason_and_costs_no_turn(database: Database) -> None:
    """The next fetch of the host is leased in its place."""
    fill(database, [page(SLOW, 1, priority=300), page(SLOW, 2)], delays={SLOW: 3.0})
    urls = lease(database, judge=lambda fetch, host: "robots" if fetch.url.endswith("/1") else None)
    assert urls == [f"{SLOW}/item/2"]
    with database.read() as connection:
        refused = Fetches(connection, EVERYTHING).find(fetch_table.c.state == FetchState.FAILED.value)
    assert [each.reason for each in refused] == ["robots"]


def test_a_breaker_keeps_a_host_waiting(database: Database) -> None:
    """And the claim says when it is worth to ask again."""
    fill(database, [page(SLOW, 1)], delays={SLOW: 3.0})
    until = START + timedelta(seconds=90)
    with database.write() as connection:
        Hosts(connection, EVERYTHING).keep(
            [Host(host=SLOW, delay_s=3.0, robots_status=404, robots_at=START, breaker_until=until)]
        )
        found = claim(connection, "r1", "me", START, LEASE_S, 5, courtesy=POLITE)
    assert found.leases == [] and found.next_due == until


def test_a_lease_taken_over_can_not_be_committed(database: Database) -> None:
    """The epoch fences the old owner; its commit finds nothing that it may write."""
    fill(database, [page(LOCAL, 1)], delays={LOCAL: 0.0})
    with database.write() as connection:
        (old,) = claim(connection, "r1", "old", START, LEASE_S, 1, courtesy=POLITE).leases
    with database.write() as connection:
        later = START + timedelta(seconds=LEASE_S + 1)
        (new,) = claim(connection, "r1", "new", later, LEASE_S, 1, courtesy=POLITE).leases
    with database.read() as connection:
        assert set(held(connection, [new])) == {new.fetch.fingerprint}
        assert held(connection, [old]) == {}
        with pytest.raises(StaleLease):
            fence(connection, old)


def test_a_leap_of_the_clock_takes_no_lease_from_its_own_process(database: Database) -> None:
    """A day passes at once: the owner that sees it keeps what it has."""
    fill(database, [page(LOCAL, 1), page(LOCAL, 2)], delays={LOCAL: 0.0})
    assert len(lease(database, limit=1)) == 1
    assert len(lease(database, at_s=86_000.0)) == 1
    with database.read() as connection:
        fetches = Fetches(connection, EVERYTHING).find()
    assert [each.state for each in fetches] == [FetchState.LEASED] * 2


def test_what_a_dead_owner_held_is_free_after_the_hosts_delay(database: Database) -> None:
    """Not after the lease's end: whoever holds the run's lock knows that the others are dead."""
    fill(database, [page(SLOW, 1)], delays={SLOW: 3.0})
    lease(database, owner="machine/1/dead")
    with database.write() as connection:
        assert take_back(connection, "r1", START, of="machine/") == 1
    assert lease(database, owner="machine/2/alive", at_s=1.0) == []
    assert len(lease(database, owner="machine/2/alive", at_s=3.1)) == 1


def test_an_unused_lease_goes_back_as_it_was(database: Database) -> None:
    """Pending, with no attempt counted."""
    fill(database, [page(LOCAL, 1)], delays={LOCAL: 0.0})
    with database.write() as connection:
        leases = claim(connection, "r1", "me", START, LEASE_S, 1, courtesy=POLITE).leases
        give_back(connection, leases, START)
        (again,) = Fetches(connection, EVERYTHING).find()
    assert (again.state, again.attempts) == (FetchState.PENDING, 0)


def test_a_page_that_ends_every_process_is_given_up(database: Database) -> None:
    """After 50 leases that ended without a word it fails, so that the run can end."""
    fill(database, [page(LOCAL, 1)], delays={LOCAL: 0.0})
    for turn in range(60):
        lease(database, owner=f"m/{turn}")
        with database.write() as connection:
            take_back(connection, "r1", START, of=f"m/{turn}")
    with database.read() as connection:
        (given_up,) = Fetches(connection, EVERYTHING).find()
    assert (given_up.state, given_up.reason) == (FetchState.FAILED, "lost_processes")


def test_a_fetch_that_waits_is_not_leased_before_its_time(database: Database) -> None:
    """After a failure; and the claim says when."""
    fill(database, [page(LOCAL, 1)], delays={LOCAL: 0.0})
    at = START + timedelta(seconds=20)
    with database.write() as connection:
        (given,) = claim(connection, "r1", "me", START, LEASE_S, 1, courtesy=POLITE).leases
        print_ = given.fetch.fingerprint
        again = Settled(
            fingerprint=print_, state=FetchState.PENDING, reason="http_503", context={}, not_before=at, attempts=1
        )
        settle(connection, "r1", [again])
        found = claim(connection, "r1", "me", START, LEASE_S, 1, courtesy=POLITE)
        assert found.leases == [] and found.next_due == at
    assert len(lease(database, at_s=21.0)) == 1


def test_a_replay_neither_reads_nor_writes_hosts(database: Database) -> None:
    """Nobody is asked, so nobody's clock moves and no robots.txt is wanted."""
    with database.write() as connection:
        Fetches(connection, EVERYTHING).queue([page(SLOW, n) for n in range(5)])
        found = claim(connection, "r1", "me", START, LEASE_S, 9, courtesy=Courtesy(delay_s=3.0, polite=False))
        assert len(found.leases) == 5
        assert Hosts(connection, EVERYTHING).count() == 0
