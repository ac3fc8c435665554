"""Why an offer's page is opened, reason by reason; and that an innocent card is left closed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console.triage import FINDING, NAME_OR_PHOTO, PRICE, SELLER, suspicions
from crawler.plan import make_fetch
from store.db.captures import add_captures
from store.db.comparisons import Comparisons
from store.db.fetches import Fetches
from store.db.listings import add_observations, see_listings
from store.db.personal import Sealer, keep_values
from store.db.runs import Runs
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.fetches import FetchKind
from store.records.listings import ListingFields
from store.records.money import Money
from store.records.runs import RunState
from store.records.scope import EVERYTHING
from tests import factories as make

PRICES = {"aurelia solaris": [Money(amount=Decimal("6900"), currency="EUR")]}
RUN, PAGE = make.run(9, state=RunState.INTERRUPTED, ended_at=None), make.capture(90)


@pytest.fixture
def sealer() -> Sealer:
    """One key of personal values."""
    return Sealer(bytes(32))


@pytest.fixture
def ledger(database: Database, vault: Vault, sealer: Sealer) -> Database:
    """A listing with a finding, of a seller whose name is sealed; and a crawl that asked for a product's name."""
    scene = make.goods_scene()
    make.store_scene(database, vault, scene)
    assert scene.seller is not None
    with database.write() as connection:
        keep_values(connection, [sealer.seal("seller", scene.seller.id, "seller_name", "K & L Watches")])
        Runs(connection, EVERYTHING).add(RUN)
        add_captures(connection, [make.capture(90, run=RUN.id)])
        results = make_fetch(
            RUN.id,
            "http://127.0.0.1:8041/search",
            FetchKind.RESULTS,
            context={"term": "AURELIA Solaris", "capture": PAGE.id},
        )
        Fetches(connection, EVERYTHING).add(results)
    return database


def seen_on_card(ledger: Database, sealer: Sealer, number: int, amount: str, name: str, **more: str) -> None:
    """A card of the crawl, of an offer that was never opened."""
    price = make.seen(Money(amount=Decimal(amount), currency=more.get("currency", "EUR")))
    fields = ListingFields(title=make.seen("Watch"), price=price, seller_name=make.seen(name))
    look = make.observation(number, run=RUN.id, capture=PAGE.id, fields=fields, on_card=True)
    with ledger.write() as connection:
        see_listings(connection, [make.listing(number, seller=None, last_seen=RUN.started_at)])
        add_observations(connection, [look], sealer)


def why(ledger: Database) -> dict[str, str]:
    """The listings to open, each with why."""
    with ledger.read() as connection:
        return {each.listing: each.why for each in suspicions(connection, RUN, PRICES, 0.5)}


CARDS = [
    ("far below", "49.00", "somebody", {}, PRICE),
    ("a fair price", "6500.00", "somebody", {}, None),
    ("another currency", "49.00", "somebody", {"currency": "SEK"}, None),
    ("ask me", "1.00", "somebody", {}, None),
    ("a known seller", "6500.00", "K & L Watches", {}, SELLER),
    ("a known seller, far below", "49.00", "K & L Watches", {}, SELLER),
]


@pytest.mark.parametrize(("amount", "name", "more", "expected"), [c[1:] for c in CARDS], ids=[c[0] for c in CARDS])
def test_a_card_is_opened_for_its_price_or_its_seller(
    ledger: Database, sealer: Sealer, amount: str, name: str, more: dict[str, str], expected: str | None
) -> None:
    seen_on_card(ledger, sealer, 5, amount, name, **more)
    assert why(ledger).get(make.an_id("listing", 5)) == expected


def test_a_price_is_held_against_the_product_that_was_searched_for_alone(ledger: Database, sealer: Sealer) -> None:
    seen_on_card(ledger, sealer, 5, "49.00", "somebody")
    with ledger.read() as connection:
        other = {"another product": PRICES["aurelia solaris"]}
        assert make.an_id("listing", 5) not in {each.listing for each in suspicions(connection, RUN, other, 0.5)}


def test_a_card_that_a_comparison_touched_is_opened_for_that(ledger: Database, sealer: Sealer) -> None:
    seen_on_card(ledger, sealer, 5, "6500.00", "K & L Watches")
    with ledger.write() as connection:
        Comparisons(connection, EVERYTHING).add(make.comparison(5))
    assert why(ledger)[make.an_id("listing", 5)] == NAME_OR_PHOTO


def test_an_offer_with_a_finding_is_opened_again(ledger: Database, sealer: Sealer) -> None:
    with ledger.write() as connection:
        see_listings(connection, [make.listing(1, last_seen=RUN.started_at)])
    assert why(ledger) == {make.an_id("listing", 1): FINDING}


def test_a_page_that_this_crawl_opened_is_not_opened_twice(ledger: Database, sealer: Sealer) -> None:
    seen_on_card(ledger, sealer, 5, "49.00", "somebody")
    page = make.capture(91, run=RUN.id)
    with ledger.write() as connection:
        add_captures(connection, [page])
        opened = make.observation(6, listing=make.an_id("listing", 5), run=RUN.id, capture=page.id)
        add_observations(connection, [opened], sealer)
    assert make.an_id("listing", 5) not in why(ledger)
