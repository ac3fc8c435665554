"""The world is repeatable, has the promised counts, and every answer is true by construction."""

from collections import Counter
from decimal import Decimal

import pytest

from exercise.catalogue import AUTHORISED_SELLERS, PRODUCTS, REGISTERED_SELLERS, RIGHTS, SEED_HOLDER, WORKS
from exercise.drafts import COUNTRIES, COUNTRY, PLATFORMS
from exercise.plants import NEVER_COLOURS, NEVER_SIZE, PLANTS
from exercise.records import Answer, Listing, Product, Role, World
from exercise.shelf import fold
from exercise.traps import TRAPS
from exercise.words import MAKERS, REPLICA
from exercise.world import build_world

PAIRS = tuple[Listing, Answer]
RIGHTS_BY_REF = {right.ref: right for right in RIGHTS}


@pytest.fixture(scope="module")
def demo() -> World:
    return build_world(2026)


def of_kind(world: World, kind: str) -> list[PAIRS]:
    found = [pair for pair in zip(world.listings, world.answers, strict=True) if pair[1].kind == kind]
    assert found, f"the world has no {kind}"
    return found


def product_of(listing: Listing) -> Product:
    """The product whose official photo a listing shows."""
    seeds = {(photo.motif, photo.seed): product for product in PRODUCTS for photo in product.photos}
    return seeds[listing.photos[0].motif, listing.photos[0].seed]


def share(listing: Listing) -> Decimal:
    assert listing.price is not None
    whole = product_of(listing).price_in(COUNTRY[listing.platform])
    assert whole.currency == listing.price.currency
    return listing.price.amount / whole.amount


def is_authorised(listing: Listing, holder: str) -> bool:
    return any(
        (one.platform, one.seller_id, one.holder) == (listing.platform, listing.seller_id, holder)
        for one in REGISTERED_SELLERS
    )


def test_the_same_seed_gives_the_same_world() -> None:
    assert build_world(5, 40, 8, 1) == build_world(5, 40, 8, 1)
    assert build_world(5, 40, 8, 1) != build_world(6, 40, 8, 1)


def test_the_demo_has_the_promised_counts(demo: World) -> None:
    roles = Counter(answer.role for answer in demo.answers)
    kinds = Counter(answer.kind for answer in demo.answers if answer.role is not Role.INNOCENT)
    assert roles[Role.INNOCENT] == 1000
    assert roles[Role.PLANT] >= 60
    assert roles[Role.TRAP] >= roles[Role.PLANT]
    assert set(kinds) == {one.__name__ for one in (*PLANTS, *TRAPS)}
    assert min(kinds.values()) >= 5


def test_a_larger_world_plants_one_in_a_hundred() -> None:
    large = build_world(3, innocents=10_000)
    roles = Counter(answer.role for answer in large.answers)
    assert roles[Role.PLANT] == 100
    assert roles[Role.TRAP] >= 100


def test_thirty_traps_of_each_kind_can_be_had() -> None:
    kinds = Counter(answer.kind for answer in build_world(4, 0, 0, 30).answers)
    assert set(kinds.values()) == {30}


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="planted=-1"):
        build_world(1, planted=-1)


def test_listings_and_answers_belong_together(demo: World) -> None:
    ids = [(listing.platform, listing.id) for listing in demo.listings]
    assert ids == [(answer.platform, answer.item_id) for answer in demo.answers]
    assert len(set(ids)) == len(ids)
    accounts = {(seller.platform, seller.id) for seller in demo.sellers}
    assert len(accounts) == len(demo.sellers)
    assert {(listing.platform, listing.seller_id) for listing in demo.listings} <= accounts
    assert {listing.platform for listing in demo.listings} == set(PLATFORMS)


def test_rights_of_noticed_plants_are_in_force_in_a_country_where_the_platform_sells(demo: World) -> None:
    for _, answer in zip(demo.listings, demo.answers, strict=True):
        if answer.expected == "noticed":
            right = RIGHTS_BY_REF[answer.right_ref]
            assert right.status == "active"
            covered = set(right.territories) | ({"SE", "DE", "FR", "NL"} if "EU" in right.territories else set())
            assert set(COUNTRIES[answer.platform]) & covered


@pytest.mark.parametrize("kind", ["disguised_title", "both", "edited_photo", "far_too_cheap"])
def test_cheap_plants_are_new_and_at_most_a_quarter_of_the_price(demo: World, kind: str) -> None:
    limit = Decimal("0.20") if kind == "far_too_cheap" else Decimal("0.25")
    for listing, _ in of_kind(demo, kind):
        assert share(listing) <= limit
        assert listing.condition == "new"


@pytest.mark.parametrize("kind", ["disguised_title", "both"])
def test_disguised_titles_hide_the_mark_from_a_plain_search(demo: World, kind: str) -> None:
    for listing, _ in of_kind(demo, kind):
        mark = product_of(listing).mark
        assert mark not in listing.title
        assert mark.lower() not in listing.title.lower() or not listing.title.isascii()


@pytest.mark.parametrize("kind", ["edited_photo", "both"])
def test_edited_photos_are_edited_and_the_others_only_recompressed(demo: World, kind: str) -> None:
    for listing, _ in of_kind(demo, kind):
        assert listing.photos[0].edits or listing.photos[0].quality == 40
    for listing, _ in of_kind(demo, "disguised_title"):
        assert not listing.photos[0].edits
        assert listing.photos[0].quality >= 68


def test_a_stolen_photo_is_the_only_thing_that_points_to_the_holder(demo: World) -> None:
    for listing, _ in of_kind(demo, "stolen_photo"):
        product = product_of(listing)
        assert product.photo_owner == product.holder
        text = fold(f"{listing.title} {listing.description} {listing.brand}")
        assert product.mark.lower() not in text.split()
        assert product.line.lower() not in text
        assert not listing.mpn


def test_impossible_variants_never_existed(demo: World) -> None:
    for listing, _ in of_kind(demo, "impossible_variant"):
        product = product_of(listing)
        assert listing.colour not in product.colours or listing.size not in ("", *product.sizes)
        assert listing.mpn == product.mpn
        assert Decimal("0.8") < share(listing) <= 1
    assert not set(NEVER_COLOURS) & {colour for product in PRODUCTS for colour in product.colours}
    assert not set(NEVER_SIZE.values()) & {size for product in PRODUCTS for size in product.sizes}


def test_colours_and_sizes_told_elsewhere_exist(demo: World) -> None:
    for listing, answer in zip(demo.listings, demo.answers, strict=True):
        if answer.role is not Role.INNOCENT and answer.kind != "impossible_variant" and listing.photos[0].backdrop:
            assert listing.colour in ("", *product_of(listing).colours)
            assert listing.size in ("", *product_of(listing).sizes)


def test_self_declared_replicas_say_so(demo: World) -> None:
    words = [word for language in REPLICA.values() for word in language]
    for listing, _ in of_kind(demo, "self_declared_replica"):
        assert any(word in listing.title or word in listing.description for word in words)
    for kind in ("disguised_title", "far_too_cheap", "impossible_variant", "genuine_resale", "impostor_name"):
        for listing, _ in of_kind(demo, kind):
            assert not any(word in listing.title or word in listing.description for word in words)


def test_streams_show_an_unlicensed_work_with_a_live_link(demo: World) -> None:
    for listing, _ in of_kind(demo, "stream"):
        assert listing.stream is not None
        work = next(work for work in WORKS if work.footage == listing.stream.footage)
        assert not work.licensed_on
        assert work.title in listing.title and str(work.year) in listing.title
        assert any(mirror.alive for mirror in listing.stream.mirrors)
    for listing, _ in of_kind(demo, "licensed_stream"):
        assert listing.stream is not None
        work = next(work for work in WORKS if work.footage == listing.stream.footage)
        assert "filmhamn" in work.licensed_on


def test_authorised_sellers_are_known_by_id_and_impostors_only_by_name(demo: World) -> None:
    names = {(seller.platform, seller.id): seller.name for seller in demo.sellers}
    for listing, _ in of_kind(demo, "authorised_seller"):
        assert is_authorised(listing, product_of(listing).holder)
    for listing, _ in of_kind(demo, "impostor_name"):
        assert not is_authorised(listing, product_of(listing).holder)
        assert names[listing.platform, listing.seller_id] in {
            seller.name for seller in AUTHORISED_SELLERS if seller.platform == listing.platform
        }
        assert share(listing) <= Decimal("0.20")


def test_resales_are_used_and_say_so(demo: World) -> None:
    for listing, _ in of_kind(demo, "genuine_resale"):
        assert listing.condition == "used"
        assert share(listing) < Decimal("0.5")


def test_a_shared_catalogue_page_has_several_sellers_at_the_usual_price(demo: World) -> None:
    for listing, _ in of_kind(demo, "shared_catalogue"):
        assert len(listing.other_offers) >= 3
        assert share(listing) > Decimal("0.9")


def test_the_other_class_is_another_holders_mark(demo: World) -> None:
    for listing, answer in of_kind(demo, "other_class"):
        right = RIGHTS_BY_REF[answer.right_ref]
        other = next(r for r in RIGHTS if r.mark_text == right.mark_text and r.ref != right.ref)
        assert other.holder == SEED_HOLDER != right.holder
        assert not set(other.nice_classes) & set(right.nice_classes)
        assert is_authorised(listing, SEED_HOLDER)


@pytest.mark.parametrize(
    "kind",
    [
        "other_class",
        "compatible_with",
        "descriptive_word",
        "look_alike_word",
        "accessory_bundle",
        "parody",
        "review_page",
    ],
)
def test_honest_traps_show_photos_of_their_own(demo: World, kind: str) -> None:
    official = {(photo.motif, photo.seed) for product in PRODUCTS for photo in product.photos}
    footage = {work.footage for work in WORKS}
    for listing, _ in of_kind(demo, kind):
        for photo in listing.photos:
            assert (photo.motif, photo.seed) not in official
            assert photo.seed not in footage
        if kind in ("compatible_with", "accessory_bundle"):
            assert any(product.name in listing.title for product in PRODUCTS)
        if kind == "review_page" and listing.stream:
            assert not listing.stream.mirrors


def test_refused_traps_would_be_noticed_but_for_their_right(demo: World) -> None:
    for listing, answer in of_kind(demo, "expired_right"):
        right = RIGHTS_BY_REF[answer.right_ref]
        assert right.status == "expired" and right.expires_on.year < 2026
        assert answer.expected == "refused:RIGHT" and share(listing) <= Decimal("0.20")
    for listing, answer in of_kind(demo, "other_territory"):
        right = RIGHTS_BY_REF[answer.right_ref]
        assert right.status == "active" and not set(right.territories) & {"EU", *COUNTRIES[listing.platform]}
        assert answer.expected == "refused:TERR" and share(listing) <= Decimal("0.20")


def test_innocents_name_no_mark_and_no_work(demo: World) -> None:
    marks = {fold(right.mark_text) for right in RIGHTS if right.mark_text}
    titles = {work.title for work in WORKS}
    for listing, answer in zip(demo.listings, demo.answers, strict=True):
        if answer.role is Role.INNOCENT:
            assert not marks & set(fold(f"{listing.title} {listing.description} {listing.brand}").split())
            assert not any(title in listing.title for title in titles)
    assert not marks & {fold(maker) for maker in MAKERS}
