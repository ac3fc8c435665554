"""A photo that genuine and unrelated sellers use lowers grounds of a counterfeit, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from matching.pair import Account, MatchInput
from store.db import tables
from store.db.findings import Findings
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.findings import Band, Finding, GroundCode, InfringementClass
from store.records.listings import Condition, ListingFields
from store.records.money import Money
from store.records.scope import EVERYTHING
from store.records.sellers import SellerRule, SellerStanding
from tests import factories as make
from tests.factories import photo
from tests.matching.test_compare import RULE, find, offer, registry
from tests.matching.test_run import Clock, Ids, World

OUTLET = Account("shopnest", RULE.platform_seller_id)
OTHERS = tuple(Account("bazario", f"b-{number}") for number in range(6))
OWN = Account("shopnest", "s-9")


def shown(title: str, price: int, *accounts: Account) -> Finding:
    """The finding of an offer whose one photo stands with these accounts too."""
    look = offer(title, price, photos=(photo(7),))
    return find(_with(look, accounts), registry(seller_rules=[RULE]))


def _with(look: MatchInput, accounts: tuple[Account, ...]) -> MatchInput:
    return replace(look, photos=tuple(replace(each, elsewhere=(*accounts, OWN)) for each in look.photos))


def far_below(finding: Finding) -> float:
    """The strength of the ground of a price far below."""
    return next(each.strength for each in finding.grounds if each.code is GroundCode.FAR_BELOW_PRICE)


def test_where_only_a_common_photo_says_the_product_a_person_looks_and_the_copied_photo_stands() -> None:
    rare = shown("Velmora handbag", 120)
    common = shown("Velmora handbag", 120, OUTLET, *OTHERS[:2])
    assert (rare.band, rare.infringement_class) == (Band.NOTICE, InfringementClass.COUNTERFEIT)
    assert (common.band, common.infringement_class) == (Band.REVIEW, InfringementClass.IMAGE_COPIED)
    assert far_below(common) < far_below(rare) == 1.0
    assert GroundCode.COPIED_PHOTO in {each.code for each in common.grounds}
    assert common.identity_probability == rare.identity_probability


def test_where_the_page_says_the_product_the_ground_is_weaker_and_stands() -> None:
    common = shown("Velmora Sablier handbag", 120, OUTLET, *OTHERS[:2])
    assert (common.band, common.infringement_class) == (Band.NOTICE, InfringementClass.COUNTERFEIT)
    assert 0.6 <= far_below(common) < 1.0
    ground = next(each for each in common.grounds if each.code is GroundCode.FAR_BELOW_PRICE)
    assert "1 authorised and 2 other account(s)" in ground.because


def test_a_reviewer_is_told_who_else_shows_the_photo() -> None:
    finding = shown("Velmora Sablier handbag", 1200, OUTLET, *OTHERS[:2])
    (sign,) = [each for each in finding.signs if each.signal == "photo"]
    assert "1 authorised and 2 other" in sign.because


@pytest.mark.parametrize(
    ("accounts", "is_common"),
    [
        ((), False),
        ((OUTLET,), False),
        ((OUTLET, OTHERS[0]), False),
        ((OUTLET, *OTHERS[:2]), True),
        (OTHERS[:4], False),
        (OTHERS[:5], True),
        ((OWN,) * 9, False),
    ],
    ids=["nobody", "the outlet", "one beside it", "two beside it", "four strangers", "five strangers", "itself"],
)
def test_common_is_what_the_policy_says(accounts: tuple[Account, ...], is_common: bool) -> None:
    assert (far_below(shown("Velmora handbag", 120, *accounts)) < 1.0) is is_common


def test_one_photo_that_nobody_else_has_keeps_the_ground_whole() -> None:
    look = offer("Velmora handbag", 120, photos=(photo(7), photo(7)))
    first, second = look.photos
    look = replace(look, photos=(replace(first, elsewhere=(OUTLET, *OTHERS)), replace(second, position=1)))
    assert far_below(find(look, registry(seller_rules=[RULE]))) == 1.0


def test_what_a_seller_declares_is_not_lowered() -> None:
    look = offer("Velmora Sablier handbag, 1:1 replica", 1200, photos=(photo(7),))
    finding = find(_with(look, (OUTLET, *OTHERS)), registry(seller_rules=[RULE]))
    (ground,) = [each for each in finding.grounds if each.code is GroundCode.SELF_DECLARED_COPY]
    assert "Weaker" not in ground.because
    assert finding.infringement_class is InfringementClass.COUNTERFEIT


def test_a_stored_photo_is_counted_by_account_whichever_listing_is_compared_first(
    database: Database, vault: Vault, clock: Clock, ids: Ids
) -> None:
    world = World(database, vault, clock, ids)
    outlet = SellerRule(
        id=make.an_id("seller_rule"),
        holder=make.party().id,
        platform="shopnest",
        platform_seller_id=make.seller(2).platform_seller_id,
        standing=SellerStanding.AUTHORISED,
    )
    with database.write() as connection:
        upsert(connection, tables.seller_rule, [row_of(outlet, tables.seller_rule)], ["id"])
        sellers = [row_of(make.seller(number), tables.seller) for number in range(1, 5)]
        upsert(connection, tables.seller, sellers, ["id"])
    for number in range(1, 5):
        fields = ListingFields(
            title=make.seen("AURELIA watch", capture=make.capture().id),
            price=make.seen(Money(amount=Decimal(300), currency="EUR"), capture=make.capture().id),
            condition=make.seen(Condition.NEW),
        )
        world.add(number, fields, (make.photo(7),))
        with database.write() as connection:
            each = make.listing(number, seller=make.seller(number).id)
            upsert(connection, tables.listing, [row_of(each, tables.listing)], ["id"])
    world.match()
    bands = world.bands()
    assert bands.pop(make.listing(2).id) is Band.SILENT  # the outlet
    assert set(bands.values()) == {Band.REVIEW}
    with database.read() as connection:
        found = Findings(connection, EVERYTHING).of_listing(make.listing(1).id)[0]
    assert any("1 authorised and 2 other" in ground.because for ground in found.grounds)
