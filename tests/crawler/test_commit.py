"""One transaction for several pages: whole for each, none for a stale lease, nobody forgotten who waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from crawler.commit import LINKS_A_WRITE, Desk, cards_a_write, queue_links, write, write_cards, write_looks
from crawler.extract.addresses import fallback_item_id
from crawler.manners import Answer
from crawler.plan import make_fetch
from crawler.visit import Look, Visit, rows_of
from crawler.waiting import led_to
from store.db.captures import Captures
from store.db.claim import Courtesy, claim
from store.db.comparisons import Comparisons
from store.db.fetches import Fetches, tally
from store.db.hosts import Hosts
from store.db.listings import ListingImages, Listings, Observations, name_listings
from store.db.personal import Sealer
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import fetch as fetch_table
from store.db.tables import personal_value
from store.records.captures import Capture, Via
from store.records.fetches import Fetch, FetchKind, FetchState, Lease, RobotsVerdict
from store.records.listings import ListingFields, ListingState, PageKind, StreamLink
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING
from store.records.seen import Seen
from tests.conftest import START

SITE = "https://shop.example"
REPLAY = Courtesy(delay_s=0.0, polite=False, in_flight=1000)


class Bench:
    """A run with its desk; leases and captures at hand."""

    def __init__(self, database: Database, ids: Callable[[], str]) -> None:
        self.database = database
        self.ids = ids
        self.sealer = Sealer(bytes(32))
        self.desk = Desk(
            run="r1",
            courtesy=Courtesy(delay_s=3.0),
            sealer=self.sealer,
            new_id=ids,
            refuse=lambda url: "opt_out" if "private" in url else None,
        )
        with database.write() as connection:
            run = Run(
                id="r1",
                kind=RunKind.CRAWL,
                platform="shop",
                state=RunState.RUNNING,
                started_at=START,
                code_version="1",
                config_digest="0" * 64,
            )
            Runs(connection, EVERYTHING).add(run)

    def lease(self, *fetches: Fetch) -> list[Lease]:
        """Queue fetches and lease whatever is pending, in the order given."""
        with self.database.write() as connection:
            Fetches(connection, EVERYTHING).queue(fetches)
            leases = claim(connection, "r1", "me", START, 60, 1000, courtesy=REPLAY).leases
        order = {fetch.fingerprint: number for number, fetch in enumerate(fetches)}
        return sorted(leases, key=lambda lease: order.get(lease.fetch.fingerprint, 1000))

    def capture(self, fetch: Fetch, sha: str = "a" * 64) -> Capture:
        """A capture of a fetch."""
        return Capture(
            id=self.ids(),
            run="r1",
            url_requested=fetch.url,
            url_final=fetch.url,
            parent=fetch.parent,
            fetched_at=START,
            status=200,
            body_sha256=sha,
            body_bytes=1,
            robots_verdict=RobotsVerdict.ALLOWED,
            via=Via.CRAWL,
        )

    def done(self, lease: Lease, **more: Any) -> Visit:
        """A page that was had."""
        more.setdefault("capture", self.capture(lease.fetch))
        return Visit(lease=lease, state=FetchState.DONE, **more)

    def write(self, *visits: Visit) -> Any:
        """Commit visits in one group."""
        with self.database.write() as connection:
            return write(connection, self.desk, visits, START)

    def read(self, what: Callable[[Connection], Any]) -> Any:
        """Ask the ledger."""
        with self.database.read() as connection:
            return what(connection)


@pytest.fixture
def bench(database: Database, ids: Callable[[], str]) -> Bench:
    """A bench on an empty database."""
    return Bench(database, ids)


def item(number: int) -> Fetch:
    """An offer's fetch."""
    return make_fetch("r1", f"{SITE}/item/{number}", FetchKind.LISTING)


def seen(value: Any) -> Seen[Any]:
    """A value that was read."""
    return Seen(value=value, raw=str(value), rule="shop: test")


def look(number: int, *photos: str, title: str = "Watch", **fields: Any) -> Look:
    """A look at an offer with photos to be fetched."""
    return Look(
        platform="shop",
        platform_item_id=str(number),
        kind=PageKind.LISTING,
        url=f"{SITE}/item/{number}",
        state=ListingState.LIVE,
        fields=ListingFields(title=seen(title), images=tuple(seen(url) for url in photos), **fields),
        photos=tuple(make_fetch("r1", url, FetchKind.PHOTO) for url in photos),
    )


def test_a_page_leaves_everything_it_said(bench: Bench) -> None:
    """Capture, listing, look, seller, photo rows, links, and the fetch's end."""
    (lease,) = bench.lease(item(1))
    visit = bench.done(
        lease,
        look=look(1, f"{SITE}/p.jpg", seller_id=seen("s9"), seller_name=seen("Anna")),
        fetches=(item(2), make_fetch("r1", f"{SITE}/private/1", FetchKind.LISTING)),
    )
    written = bench.write(visit)
    observation = written.looks[lease.fetch.fingerprint]
    listing = bench.read(lambda c: Listings(c, EVERYTHING).by_item("shop", "1"))
    assert listing.id == observation.listing and listing.seller is not None
    states = bench.read(lambda c: {f.url: (f.state, f.reason) for f in Fetches(c, EVERYTHING).find()})
    assert states == {
        f"{SITE}/item/1": (FetchState.DONE, None),
        f"{SITE}/item/2": (FetchState.PENDING, None),
        f"{SITE}/p.jpg": (FetchState.PENDING, None),
        f"{SITE}/private/1": (FetchState.FAILED, "opt_out"),
    }
    opened = bench.read(lambda c: Observations(c, EVERYTHING, bench.sealer).get(observation.id))
    assert opened.fields.seller_name.value == "Anna"
    assert not bench.read(lambda c: [row for row in c.execute(select(personal_value)) if b"Anna" in row.sealed])


def test_a_stale_lease_writes_nothing(bench: Bench) -> None:
    """And the other pages of its group are written all the same."""
    first, second = bench.lease(item(1), item(2))
    stale = dataclasses.replace(first, epoch=first.epoch - 1)
    written = bench.write(bench.done(stale, look=look(1), fetches=(item(3),)), bench.done(second, look=look(2)))
    assert written.committed == {second.fetch.fingerprint}
    assert bench.read(lambda c: [each.platform_item_id for each in Listings(c, EVERYTHING).find()]) == ["2"]
    assert bench.read(lambda c: Captures(c, EVERYTHING).count()) == 1
    assert bench.read(lambda c: Fetches(c, EVERYTHING).count(fetch_table.c.url.endswith("/3"))) == 0


def test_the_same_commit_again_writes_nothing(bench: Bench) -> None:
    """The lease ended with the first."""
    (lease,) = bench.lease(item(1))
    visit = bench.done(lease, look=look(1))
    bench.write(visit)
    assert bench.write(visit).committed == set()
    assert bench.read(lambda c: Observations(c, EVERYTHING).count()) == 1


@pytest.mark.parametrize("order", ["photo_last", "photo_between", "one_group"])
def test_a_photo_shown_by_two_listings_is_fetched_once_and_filled_for_both(bench: Bench, order: str) -> None:
    """Whether the second listing comes before the photo, after it, or in its very transaction."""
    url = f"{SITE}/p.jpg"
    first, second = bench.lease(item(1), item(2))
    bench.write(bench.done(first, look=look(1, url)))
    (photo,) = bench.lease()
    photo_visit = bench.done(photo, capture=bench.capture(photo.fetch, "b" * 64))
    second_visit = bench.done(second, look=look(2, url))
    if order == "photo_last":
        bench.write(second_visit)
        bench.write(photo_visit)
    elif order == "photo_between":
        bench.write(photo_visit)
        bench.write(second_visit)
    else:
        bench.write(photo_visit, second_visit)
    images = bench.read(lambda c: ListingImages(c, EVERYTHING).find())
    assert [image.sha256 for image in images] == ["b" * 64, "b" * 64]
    assert bench.read(lambda c: Fetches(c, EVERYTHING).count(fetch_table.c.kind == "photo")) == 1


def test_a_photo_behind_a_redirect_reaches_its_listing(bench: Bench) -> None:
    """And a listing that comes after both hops finds it too."""
    url, there = f"{SITE}/p.jpg", f"{SITE}/cdn/p.jpg"
    first, second = bench.lease(item(1), item(2))
    bench.write(bench.done(first, look=look(1, url)))
    (photo,) = bench.lease()
    bench.write(bench.done(photo, moved_to=make_fetch("r1", there, FetchKind.PHOTO, hops=1)))
    (hop,) = bench.lease()
    bench.write(bench.done(hop, capture=bench.capture(hop.fetch, "c" * 64)))
    bench.write(bench.done(second, look=look(2, url)))
    images = bench.read(lambda c: ListingImages(c, EVERYTHING).find())
    assert [(image.url, image.sha256) for image in images] == [(url, "c" * 64)] * 2


def test_a_photo_that_could_not_be_had_says_so(bench: Bench) -> None:
    """The reason stands with the listing's photo."""
    (lease,) = bench.lease(item(1))
    bench.write(bench.done(lease, look=look(1, f"{SITE}/p.jpg")))
    (photo,) = bench.lease()
    bench.write(Visit(lease=photo, state=FetchState.FAILED, reason="timeout"))
    (image,) = bench.read(lambda c: ListingImages(c, EVERYTHING).find())
    assert (image.sha256, image.refused) == (None, "not fetched: timeout")


def test_a_listing_that_lost_photos_loses_their_rows(bench: Bench) -> None:
    """A photo whose address stayed keeps its bytes until the new ones are there."""
    one, two = f"{SITE}/1.jpg", f"{SITE}/2.jpg"
    (lease,) = bench.lease(item(1))
    bench.write(bench.done(lease, look=look(1, one, two)))
    for photo in bench.lease():
        bench.write(bench.done(photo, capture=bench.capture(photo.fetch, "d" * 64)))
    (later,) = bench.lease(make_fetch("r1", f"{SITE}/item/1?again=1", FetchKind.LISTING))
    shrunk = dataclasses.replace(look(1, one), photos=(None,))
    bench.write(bench.done(later, look=shrunk))
    images = bench.read(lambda c: ListingImages(c, EVERYTHING).find())
    assert [(image.url, image.sha256) for image in images] == [(one, "d" * 64)]


def test_a_stream_is_known_hop_by_hop(bench: Bench) -> None:
    """Title, player, manifest: each fetch lengthens the chain of the one look that leads there."""
    title = make_fetch("r1", f"{SITE}/watch/1", FetchKind.TITLE_PAGE)
    player = make_fetch("r1", "https://play.example/e/1", FetchKind.PLAYER)
    manifest = make_fetch("r1", "https://cdn.example/m.m3u8", FetchKind.MANIFEST)
    page = dataclasses.replace(look(1), kind=PageKind.STREAM)
    (lease,) = bench.lease(title)
    bench.write(bench.done(lease, look=page, fetches=(player,)))
    (lease,) = bench.lease()
    bench.write(bench.done(lease, fetches=(manifest,)))
    (lease,) = bench.lease()
    host = StreamLink(role="segment_host", url="cdn.example")
    bench.write(bench.done(lease, streams=(host,)))
    listing = bench.read(lambda c: Listings(c, EVERYTHING).by_item("shop", "1"))
    last = bench.read(lambda c: Observations(c, EVERYTHING).latest(listing.id))
    assert last.fields.title.value == "Watch"
    assert [(link.role, link.capture is not None) for link in last.fields.streams] == [
        ("player", True),
        ("manifest", True),
        ("segment_host", False),
    ]
    assert bench.read(lambda c: Observations(c, EVERYTHING).count()) == 1


def test_a_hop_that_comes_after_the_comparison_makes_a_new_look(bench: Bench) -> None:
    """What was compared stays as it was compared; the longer chain is due again."""
    player = make_fetch("r1", "https://play.example/e/1", FetchKind.PLAYER)
    (lease,) = bench.lease(make_fetch("r1", f"{SITE}/watch/1", FetchKind.TITLE_PAGE))
    written = bench.write(
        bench.done(lease, look=dataclasses.replace(look(1), kind=PageKind.STREAM), fetches=(player,))
    )
    (before,) = written.looks.values()
    with bench.database.write() as connection:
        Comparisons(connection, EVERYTHING).mark_compared([before.id], "r1", snapshot_digest="a", config_digest="b")
    (lease,) = bench.lease()
    bench.write(bench.done(lease, fetches=(make_fetch("r1", "https://cdn.example/m.m3u8", FetchKind.MANIFEST),)))
    looks = bench.read(lambda c: Observations(c, EVERYTHING).find())
    chains = {look.id: [(link.role, link.capture is not None) for link in look.fields.streams] for look in looks}
    assert chains.pop(before.id) == [("player", False)]
    assert list(chains.values()) == [[("player", True), ("manifest", False)]]


def test_a_redirect_on_the_way_is_a_hop_of_its_own(bench: Bench) -> None:
    """The chain names what sent on, what it sent to, and the page that named each."""
    player = make_fetch("r1", "https://go.example/1", FetchKind.PLAYER)
    behind = make_fetch("r1", "https://play.example/e/1", FetchKind.PLAYER)
    (lease,) = bench.lease(make_fetch("r1", f"{SITE}/watch/1", FetchKind.TITLE_PAGE))
    bench.write(bench.done(lease, look=dataclasses.replace(look(1), kind=PageKind.STREAM), fetches=(player,)))
    (lease,) = bench.lease()
    bench.write(bench.done(lease, moved_to=behind))
    (lease,) = bench.lease()
    bench.write(bench.done(lease))
    (only,) = bench.read(lambda c: Observations(c, EVERYTHING).find())
    assert [(link.role, link.url, link.capture is not None) for link in only.fields.streams] == [
        ("redirect", "https://go.example/1", True),
        ("player", "https://play.example/e/1", True),
    ]


def test_a_second_title_finds_a_player_that_was_fetched_before(bench: Bench) -> None:
    """With everything behind it."""
    player = make_fetch("r1", "https://play.example/e/1", FetchKind.PLAYER)
    manifest = make_fetch("r1", "https://cdn.example/m.m3u8", FetchKind.MANIFEST)
    for fetch, more in ((player, (manifest,)), (manifest, ())):
        lease = bench.lease(fetch)[0]
        bench.write(bench.done(lease, fetches=more))
    (lease,) = bench.lease(make_fetch("r1", f"{SITE}/watch/2", FetchKind.TITLE_PAGE))
    written = bench.write(bench.done(lease, look=look(2), fetches=(player,)))
    (observation,) = written.looks.values()
    assert [(link.role, link.capture is not None) for link in observation.fields.streams] == [
        ("player", True),
        ("manifest", True),
    ]
    assert led_to([manifest]).startswith('[["manifest"')


def test_a_gone_page_changes_a_listing_and_makes_none(bench: Bench) -> None:
    """Absence is stated of what was there."""
    first, second, third = bench.lease(item(1), item(2), item(3))
    bench.write(bench.done(first, look=look(1)))
    gone = {"state": ListingState.GONE, "fields": ListingFields(), "only_known": True}
    bench.write(
        bench.done(second, look=dataclasses.replace(look(1), **gone)),
        bench.done(third, look=dataclasses.replace(look(3), **gone)),
    )
    listings = bench.read(lambda c: {each.platform_item_id: each.state for each in Listings(c, EVERYTHING).find()})
    assert listings == {"1": ListingState.GONE}


def test_an_offer_known_by_its_address_is_the_same_once_its_id_is_read(bench: Bench) -> None:
    """A rule for the id that comes later doubles nobody; whom another listing's id belongs to stays itself."""
    first, second, again = bench.lease(item(1), item(2), make_fetch("r1", f"{SITE}/item/1?x=1", FetchKind.LISTING))
    by_address = {n: fallback_item_id(f"{SITE}/item/{n}") for n in (1, 2)}
    bench.write(
        bench.done(first, look=dataclasses.replace(look(1), platform_item_id=by_address[1])),
        bench.done(second, look=dataclasses.replace(look(2), platform_item_id=by_address[2])),
    )
    before = bench.read(lambda c: {each.platform_item_id: each.id for each in Listings(c, EVERYTHING).find()})
    bench.write(bench.done(again, look=dataclasses.replace(look(1), platform_item_id="A-1")))
    after = bench.read(lambda c: {each.platform_item_id: each.id for each in Listings(c, EVERYTHING).find()})
    assert after == {"A-1": before[by_address[1]], by_address[2]: before[by_address[2]]}
    assert bench.read(lambda c: len(Observations(c, EVERYTHING).find())) == 3
    with bench.database.write() as connection:
        name_listings(connection, {("shop", by_address[2]): ("A-1", None)})
    assert bench.read(lambda c: {each.platform_item_id: each.id for each in Listings(c, EVERYTHING).find()}) == after


def test_a_page_that_claims_another_s_address_takes_nothing_over(bench: Bench) -> None:
    """The canonical link is the page's own word: it names only what was seen at the page's own address."""
    first, second = bench.lease(item(1), item(2))
    by_address = fallback_item_id(f"{SITE}/item/1")
    bench.write(bench.done(first, look=dataclasses.replace(look(1), platform_item_id=by_address)))
    claims = dataclasses.replace(look(2, canonical_url=seen(f"{SITE}/item/1")), platform_item_id="B-2")
    bench.write(bench.done(second, look=claims))
    found = bench.read(lambda c: {each.platform_item_id: each.url for each in Listings(c, EVERYTHING).find()})
    assert found == {by_address: f"{SITE}/item/1", "B-2": f"{SITE}/item/2"}


def test_an_offer_that_gives_no_answer_is_unreachable_until_it_answers(bench: Bench) -> None:
    """Silence is a state of its own: no look, no later sight, and what had gone stays gone."""
    first, second = bench.lease(item(1), item(2))
    gone = {"state": ListingState.GONE, "fields": ListingFields()}
    bench.write(bench.done(first, look=look(1)), bench.done(second, look=dataclasses.replace(look(2), **gone)))
    again = bench.lease(item(3), item(4), item(5))
    bench.write(
        *(
            Visit(lease=lease, state=FetchState.FAILED, reason="timeout", silent=("shop", name))
            for lease, name in zip(again, ("1", "2", "nobody"), strict=True)
        )
    )
    listings = bench.read(lambda c: {each.platform_item_id: each for each in Listings(c, EVERYTHING).find()})
    states = {name: each.state for name, each in listings.items()}
    assert states == {"1": ListingState.UNREACHABLE, "2": ListingState.GONE}
    assert listings["1"].last_seen == listings["1"].first_seen
    assert bench.read(lambda c: len(Observations(c, EVERYTHING, bench.sealer).find())) == 2
    (back,) = bench.lease(item(6))
    bench.write(bench.done(back, look=look(1)))
    assert bench.read(lambda c: Listings(c, EVERYTHING).by_item("shop", "1")).state is ListingState.LIVE


def test_a_failing_server_says_nothing_of_what_had_gone(bench: Bench) -> None:
    """Nor does it make an offer of one that nobody knew."""
    (first,) = bench.lease(item(1))
    bench.write(bench.done(first, look=dataclasses.replace(look(1), state=ListingState.GONE)))
    failed = {"state": ListingState.UNREACHABLE, "fields": ListingFields(), "only_known": True}
    later = bench.lease(item(2), item(3))
    bench.write(
        *(
            bench.done(each, look=dataclasses.replace(look(n), **failed))
            for each, n in zip(later, (1, 9), strict=True)
        )
    )
    states = bench.read(lambda c: {each.platform_item_id: each.state for each in Listings(c, EVERYTHING).find()})
    assert states == {"1": ListingState.GONE}


def card(number: int, photos: int = 1) -> Look:
    """What a card says of an offer; one with more photos is off an interface's answer, which has no page beside."""
    urls = [f"{SITE}/photo/{number}-{at}.jpg" for at in range(photos)]
    return dataclasses.replace(look(number, *urls), offer=item(number) if photos == 1 else None)


@pytest.mark.parametrize("photos", [1, 5], ids=["cards", "answers"])
def test_more_cards_than_a_transaction_bears_are_all_written_once(bench: Bench, photos: int) -> None:
    """In pieces of few rows before the page's own commit, and again after a kill in between: each looked at once."""
    (lease,) = bench.lease(make_fetch("r1", f"{SITE}/list", FetchKind.RESULTS))
    whole = bench.done(lease, cards=tuple(card(number, photos) for number in range(90)))
    assert whole.rows > 400
    for _ in range(2):  # the second time as a process would that was killed after the first pieces
        visit = dataclasses.replace(whole, capture=bench.capture(lease.fetch))
        pieces = 0
        while len(visit.cards) > (taken := cards_a_write(visit)):
            assert sum(rows_of(each) for each in visit.cards[:taken]) <= 400
            with bench.database.write() as connection:
                visit = write_cards(connection, bench.desk, visit, START)
            pieces += 1
        assert pieces >= 2
    bench.write(visit)
    looks = bench.read(lambda c: Observations(c, EVERYTHING, bench.sealer).find())
    assert len(looks) == 90
    assert {each.on_card for each in looks} == {photos == 1}
    images = bench.read(lambda c: ListingImages(c, EVERYTHING).count())
    assert images == 90 * photos


def test_cards_of_a_lease_that_is_another_s_are_not_written(bench: Bench) -> None:
    """The page's own commit says so; here nothing is left behind."""
    (lease,) = bench.lease(make_fetch("r1", f"{SITE}/list", FetchKind.RESULTS))
    visit = bench.done(dataclasses.replace(lease, epoch=lease.epoch + 1), cards=tuple(card(n) for n in range(90)))
    with bench.database.write() as connection:
        assert write_cards(connection, bench.desk, visit, START) is visit
    assert bench.read(lambda c: Observations(c, EVERYTHING, bench.sealer).count()) == 0


def test_more_links_than_a_transaction_bears_are_all_queued(bench: Bench) -> None:
    """In pieces before the page's own commit; a kill in between and a second look give each link once."""
    links = tuple(item(number) for number in range(10, 10 + 2 * LINKS_A_WRITE + 5))
    (lease,) = bench.lease(item(1))
    visit = bench.done(lease, fetches=tuple(dataclasses.replace(each, parent="gone") for each in links))
    with bench.database.write() as connection:
        queue_links(connection, bench.desk, visit)
    again = bench.done(lease)
    again = dataclasses.replace(
        again, fetches=tuple(dataclasses.replace(each, parent=again.capture.id) for each in links)
    )
    while len(again.fetches) > LINKS_A_WRITE:
        with bench.database.write() as connection:
            again = queue_links(connection, bench.desk, again)
    bench.write(again)
    parents = bench.read(lambda c: {f.parent for f in Fetches(c, EVERYTHING).find() if f.url != lease.fetch.url})
    assert parents == {again.capture.id}
    assert bench.read(lambda c: Fetches(c, EVERYTHING).count()) == len(links) + 1


def test_a_hosts_clock_moves_with_the_page(bench: Bench) -> None:
    """In the same transaction, from the time the request left."""
    (lease,) = bench.lease(item(1))
    left = START + timedelta(seconds=1)
    bench.write(bench.done(lease, answer=Answer(host=SITE, started_at=left, latency_s=0.2, failed=False)))
    host = bench.read(lambda c: Hosts(c, EVERYTHING).named([SITE]))[SITE]
    assert host.next_at == left + timedelta(seconds=3)


def test_counts_reconcile(bench: Bench) -> None:
    """And a look that is missing shows."""
    first, second = bench.lease(item(1), item(2))
    bench.write(bench.done(first, look=look(1), read_as="listing"), bench.done(second, read_as="none"))
    found = bench.read(lambda c: tally(c, "r1"))
    assert (found.captures, found.captures_missing, found.listings_read, found.looks_missing) == (2, 0, 1, 0)
    with bench.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM observation")
    assert bench.read(lambda c: tally(c, "r1")).looks_missing == 1


def test_looks_without_a_lease_are_written_with_their_captures(bench: Bench) -> None:
    """Files and exports; photos are named and not fetched."""
    capture = bench.capture(item(1))
    named = dataclasses.replace(look(1, f"{SITE}/p.jpg"), photos=())
    with bench.database.write() as connection:
        (observation,) = write_looks(connection, bench.desk, [(named, capture)], START)
    assert observation.capture == capture.id
    assert bench.read(lambda c: [each.url for each in ListingImages(c, EVERYTHING).find()]) == [f"{SITE}/p.jpg"]
    assert bench.read(lambda c: Fetches(c, EVERYTHING).count()) == 0
