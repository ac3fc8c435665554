"""What others ask lowers what counts as genuine, is told to reviewers, and accuses nobody by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from matching.candidates import build_index
from matching.compare import match
from matching.pair import Account, PeerOffer
from matching.peers import PEERS_SEEN, read_peers
from registry.snapshot import Snapshot
from store.db import tables
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.findings import Finding, GroundCode
from store.records.listings import Condition, ListingFields
from store.records.money import Money
from tests import factories as make
from tests.matching.registered import POLICY, conditions
from tests.matching.test_compare import PRODUCT, RULE, offer, registry
from tests.matching.test_run import Clock, Ids, World

OUTLET = Account("shopnest", RULE.platform_seller_id)
OWN = Account("shopnest", "s-9")


def asks(account: Account, amount: int, currency: str = "EUR") -> PeerOffer:
    return PeerOffer(account=account, price=Money(amount=Decimal(amount), currency=currency))


def strangers(*amounts: int) -> tuple[PeerOffer, ...]:
    return tuple(asks(Account("bazario", f"b-{n}"), amount) for n, amount in enumerate(amounts))


def found(price: int, *peers: PeerOffer, snapshot: Snapshot | None = None) -> Finding:
    """The finding of an offer of the bag, which costs 1,290 EUR, at this price."""
    snapshot = snapshot or registry(seller_rules=[RULE])
    index = build_index(snapshot, {}, peers={PRODUCT.id: peers})
    look = offer("Velmora Sablier handbag", price)
    (each,) = match([look], index, POLICY, conditions(), lambda _sha256, _view: None)
    return each.finding


def far_below(finding: Finding) -> str | None:
    return next((each.because for each in finding.grounds if each.code is GroundCode.FAR_BELOW_PRICE), None)


def test_what_an_authorised_account_asks_counts_where_it_is_less() -> None:
    alone = far_below(found(400))
    assert alone is not None and "of the product's price" in alone
    assert far_below(found(400, asks(OUTLET, 900))) is None, "an outlet sells it for little more"
    lower = far_below(found(300, asks(OUTLET, 900)))
    assert lower is not None and f"the authorised account shopnest {RULE.platform_seller_id} asks (900 EUR)" in lower
    for peer in (asks(OUTLET, 3000), asks(OUTLET, 900, "SEK"), asks(OWN, 400), asks(Account("bazario", "s-1"), 400)):
        assert far_below(found(400, peer)) == alone, "dearer, in other money, its own, of nobody's trust"


def test_copies_do_not_excuse_each_other_and_cheap_goods_without_a_price_accuse_nobody() -> None:
    assert far_below(found(300, *strangers(300, 310, 320, 330, 340))) == far_below(found(300))
    unpriced = registry(products=[replace(PRODUCT, prices=())], seller_rules=[RULE])
    many = (asks(OUTLET, 2400), *strangers(2300, 2350, 2400, 2450, 2500))
    bare, told = found(120, snapshot=unpriced), found(120, *many, snapshot=unpriced)
    assert far_below(told) is None
    assert (told.band, told.identity_probability) == (bare.band, bare.identity_probability), "it only tells"
    (sign,) = [each for each in told.signs if each.signal == "price_beside_others"]
    assert "5 % of the middle price of 6 other accounts" in sign.because.replace("5%", "5 %")


@pytest.mark.parametrize(("seen_ago", "counts"), [(timedelta(0), True), (PEERS_SEEN + timedelta(days=1), False)])
def test_offers_of_earlier_runs_are_read_by_account(
    database: Database, vault: Vault, clock: Clock, ids: Ids, seen_ago: timedelta, counts: bool
) -> None:
    world = World(database, vault, clock, ids)
    with database.write() as connection:
        sellers = [row_of(make.seller(number), tables.seller) for number in (1, 2)]
        upsert(connection, tables.seller, sellers, ["id"])
    for number, (seller, price) in enumerate(((1, 300), (1, 280), (2, 900), (2, 0)), start=1):
        fields = ListingFields(
            title=make.seen("AURELIA Solaris 40 watch", capture=make.capture().id),
            price=make.seen(Money(amount=Decimal(price), currency="EUR"), capture=make.capture().id),
            condition=make.seen(Condition.NEW),
        )
        world.add(number, fields, ())
        with database.write() as connection:
            each = make.listing(number, seller=make.seller(seller).id)
            upsert(connection, tables.listing, [row_of(each, tables.listing)], ["id"])
    world.match()
    with database.write() as connection:
        connection.execute(tables.listing.update().values(last_seen=clock() - seen_ago))
    with database.read() as connection:
        peers = read_peers(connection, world.snapshot(), POLICY, now=clock())
    told = [[(each.account.seller_id, str(each.price)) for each in offers] for offers in peers.values()]
    first, second = (make.seller(number).platform_seller_id for number in (1, 2))
    assert told == ([[(first, "280.00 EUR"), (second, "900.00 EUR")]] if counts else [])
