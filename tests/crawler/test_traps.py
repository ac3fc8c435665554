"""Sites without an end are left; honest pages, however many and however deep, never are."""

from __future__ import annotations

import calendar
import random
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.platform import Platform
from crawler.extract.page import read_page
from crawler.extract.pages import Page
from crawler.plan import make_fetch
from crawler.traps import IN_A_ROW, NEAR_BITS, Traps, by_sight, form_of, masked, print_of, simhash
from store.records.fetches import Fetch, FetchKind
from tests.crawler.site import offer_page

AT = datetime(2026, 3, 2, tzinfo=UTC)
SHOP = Platform.model_validate(
    {
        "name": "shop",
        "kind": "marketplace",
        "home": "https://shop.example/",
        "read": {
            "results": {"card": "li.card", "link": {"css": "a", "attr": "href"}, "title": "a"},
            "listing": {"title": "h1", "price": {"css": ".price", "as": "money"}, "description": "p.text"},
        },
    }
)


def fetch(path: str, kind: FetchKind = FetchKind.RESULTS, **context: str) -> Fetch:
    """A fetch that a page led to."""
    return make_fetch("r", f"https://shop.example{path}", kind, parent="c", context=context)


def mark(each: Fetch, body: bytes) -> str:
    """The print of a page that answered a fetch."""
    page = Page(url=each.url, status=200, headers=(("Content-Type", "text/html"),), body=body, fetched_at=AT)
    return print_of(page, read_page(page, SHOP, expected=each.kind))


def walk(traps: Traps, pages: list[tuple[Fetch, bytes]]) -> int:
    """How many pages are fetched before the crawl leaves the rest."""
    for number, (each, body) in enumerate(pages):
        if traps.refuses(each) is not None:
            return number
        traps.note(each, mark(each, body), leads_nowhere=False)
    return len(pages)


def cards(numbers: range, session: str = "") -> bytes:
    """A result page."""
    body = "".join(f"<li class='card'><a href='/item/{n}{session}'>Watch {n}</a></li>" for n in numbers)
    return f"<html><body><h1>Watches</h1><ul>{body}</ul></body></html>".encode()


def month(number: int) -> bytes:
    """A month of an empty calendar: its name, its days, a way to the next."""
    year, index = divmod(number, 12)
    days = "".join(f"<td><a href='/day/{year}-{index + 1}-{day}'>{day}</a></td>" for day in range(1, 29))
    name = calendar.month_name[index + 1]
    words = "Our showroom is open every weekday; book a visit, bring your watch, ask for a valuation or a repair."
    return (
        f"<html><body><h1>{name} {year}</h1><p>{words}</p><table>{days}</table><p>No events.</p>"
        f"<a href='/calendar?month={number + 1}'>Next month</a><footer>Terms, privacy, contact</footer></body></html>"
    ).encode()


def token(dice: random.Random) -> str:
    """A session id."""
    return "".join(dice.choices("0123456789abcdef", k=32))


def test_an_endless_calendar_is_left() -> None:
    """Months without events are one page."""
    pages = [(fetch(f"/calendar?month={number}"), month(number)) for number in range(24_000, 24_500)]
    assert walk(Traps(), pages) <= 12 + IN_A_ROW


def test_the_last_page_served_for_ever_is_left() -> None:
    """A shop of five pages that answers page six, seven and so on with page five."""
    pages = [(fetch(f"/list?page={n}"), cards(range(min(n, 5) * 20, min(n, 5) * 20 + 20))) for n in range(1, 400)]
    assert walk(Traps(), pages) == 5 + IN_A_ROW


@pytest.mark.parametrize(
    "place", ["/s/{t}/item/{n}", "/item/{n}?k={t}", "/item/{n}?sid={s}", "/item/{n}?a=1&tok={t}&b=2"]
)
def test_one_catalogue_under_ever_new_session_ids_is_left(place: str) -> None:
    """In paths and in queries, long tokens and short numbers: 40 offers, then the same 40 again."""
    dice = random.Random(5)
    pages = []
    for number in range(2_000):
        path = place.format(t=token(dice), s=dice.randrange(10_000), n=number % 40)
        pages.append((fetch(path, FetchKind.LISTING), offer_page(number % 40, "/")))
    assert walk(Traps(), pages) == 40 + IN_A_ROW


def test_result_pages_under_session_ids_are_left() -> None:
    """Cards whose addresses differ by the session alone are the same cards."""
    dice = random.Random(6)
    pages = [
        (
            fetch(f"/list?page={n % 10}&token={token(dice)}"),
            cards(range(n % 10 * 20, n % 10 * 20 + 20), f"?s={token(dice)}"),
        )
        for n in range(500)
    ]
    assert walk(Traps(), pages) == 10 + IN_A_ROW


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/a/a", "trap_path"),
        ("/shop/en/shop/en/shop/en/list", "trap_path"),
        ("/x/1/x/2/x/3/x/4/x/5", "trap_path"),
        ("/" + "/".join(f"s{n}" for n in range(25)), "trap_path"),
        ("/list?" + "&".join(f"p{n}=1" for n in range(25)), "trap_query"),
        ("/list?a=1&a=1&a=1", "trap_query"),
        ("/login?next=%2Flogin%3Fnext%3D%252Flogin%253Fnext%253D%25252Flogin%25253Fnext%25253Dx", "trap_query"),
        ("/a/a", None),
        ("/img/p/1/1/1/1/111.jpg", None),
        ("/2011/11/11/eleven", None),
        ("/en/shop/en/list", None),
        ("/s?k=watch&rh=n%3A1&dc&qid=1&rnid=2&ref=x", None),
        ("/list?f[]=red&f[]=blue&f[]=green&page=400", None),
        ("/go?url=https%3A%2F%2Fother.example%2F%3Furl%3Dx", None),
    ],
)
def test_addresses_told_by_sight(path: str, expected: str | None) -> None:
    """Paths that go round and queries that grow; deep, long and busy honest ones are none of them."""
    assert by_sight(f"https://shop.example{path}") == expected


def test_permutations_of_parameters_are_one_fetch() -> None:
    """Whatever the order in which a page writes them."""
    one = fetch("/list?size=m&colour=red&sort=price")
    assert {one.fingerprint, fetch("/list?sort=price&colour=red&size=m").fingerprint} == {one.fingerprint}


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_honest_deep_pagination_is_never_left(seed: int, a_page: int) -> None:
    """Hundreds of pages of one template, each with other offers; every offer, however alike it reads."""
    dice = random.Random(seed)
    traps = Traps()
    pages: list[tuple[Fetch, bytes]] = []
    for number in range(60):
        pages.append(
            (fetch(f"/list?page={number}", term="watch"), cards(range(number * a_page, (number + 1) * a_page)))
        )
        pages.append((fetch(f"/item/{number}", FetchKind.LISTING), offer_page(number, "/")))
    dice.shuffle(pages)
    assert walk(traps, pages) == len(pages)


def test_the_same_offers_found_again_by_other_terms_leave_nothing_out() -> None:
    """Forty brands for which a shop shows its ten bestsellers: each term is its own form."""
    pages = [(fetch(f"/search?q=brand{n}&page=2", term=f"brand{n}"), cards(range(10))) for n in range(40)]
    assert walk(Traps(), pages) == 40


def test_identical_advertisements_are_offers_each() -> None:
    """A seller who posts the same words a hundred times has a hundred offers."""
    pages = [(fetch(f"/ad/{n}", FetchKind.LISTING), offer_page(1, "/")) for n in range(100)]
    assert walk(Traps(), pages) == 100


def test_where_a_run_begins_is_never_left() -> None:
    """A declared page is fetched, whatever its address looks like."""
    seed = make_fetch("r", "https://shop.example/a/a/a", FetchKind.RESULTS)
    assert Traps().refuses(seed) is None
    assert Traps().refuses(fetch("/a/a/a")) == "trap_path"


def test_pages_that_lead_only_to_what_is_left_are_left_too() -> None:
    """A calendar read as result pages, whose days are offers of nothing."""
    traps = Traps()
    found = [traps.note(fetch(f"/calendar?month={n}"), f"c{n}", leads_nowhere=True) for n in range(IN_A_ROW + 5)]
    assert [number for number, form in enumerate(found) if form is not None] == [IN_A_ROW - 1]


def test_what_was_seen_before_a_kill_is_remembered() -> None:
    """Prints stand in the ledger with their fetches."""
    first, again = Traps(), Traps()
    pages = [(fetch(f"/item/{n}?sid={n}", FetchKind.LISTING), offer_page(n % 5, "/")) for n in range(15)]
    rows = []
    for each, body in pages:
        print_ = mark(each, body)
        first.note(each, print_, leads_nowhere=False)
        rows.append((each, {"print": print_}))
    again.remember(rows)
    assert walk(again, pages * 10) <= IN_A_ROW + 15


def test_forms_and_masks() -> None:
    """Numbers and session ids are left out, words are kept."""
    assert form_of(fetch("/item/123-red-watch?b=2&a=1")) == "shop.example/item/{n}-red-watch?a&b"
    assert masked("https://shop.example/s/0123456789abcdef0123/x?sid=7&q=watch") == (
        "https://shop.example/s/{t}/x?sid={t}&q=watch"
    )
    assert masked("http://[::1") == "http://[::1"
    long = form_of(fetch("/" + "a" * 5_000))
    assert len(long) <= 300


def test_words_that_differ_are_far_apart() -> None:
    """Months are near, other pages are not; a page of a megabyte takes no more than a moment."""
    months = [simhash(month(24_000 + n)) for n in range(12)]
    assert max((months[0] ^ other).bit_count() for other in months) <= 3 * NEAR_BITS
    other = simhash(b"<p>Returns are free for thirty days. Write to us and we send you a label for the parcel.</p>")
    assert (months[0] ^ other).bit_count() > 2 * NEAR_BITS
    began = time.process_time()
    simhash(b"<div>" * 100_000 + b"<!-- <script> " * 20_000 + b"word " * 100_000)
    assert time.process_time() - began < 2.0
