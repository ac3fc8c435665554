"""What becomes of a listing: the bands, and what each of them needs."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from config.platform import Platform, PlatformKind
from matching.candidates import Index, build_index, read_gtin, read_part_number, touch
from matching.compare import match
from matching.geometry import Features
from matching.identity import identify
from matching.images import describe_photo, hash_photo, hash_reference, open_photo
from matching.pair import ListingPhoto, MatchInput
from matching.regions import View
from registry.snapshot import Snapshot
from store.records.comparisons import Sign, SignFamily
from store.records.findings import Band, Finding, GroundCode, InfringementClass
from store.records.listings import Condition, ListingFields, StreamLink
from store.records.money import Money
from store.records.products import Product, ProductPrice
from store.records.references import Medium, Polarity, Reference
from store.records.sellers import Seller, SellerRule, SellerStanding
from store.records.works import LicenceWindow, Work, WorkKind
from tests.factories import photo, sha
from tests.matching.registered import (
    HOLDER,
    POLICY,
    SEEN_AT,
    conditions,
    film_right,
    look_at,
    mark,
    match_looks,
    seen,
    snapshot_of,
)

PRODUCT = Product(
    id="product-1",
    product_ref="P-1",
    holder=HOLDER.id,
    rights=("right-1",),
    name="Velmora Sablier",
    prices=(ProductPrice(country="SE", price=Money(amount=Decimal(1290), currency="EUR")),),
    nice_class=18,
    category="handbag",
    photo_owner=HOLDER.legal_name,
)
REFERENCE = Reference(
    id="reference-1",
    reference_ref="F-1",
    holder=HOLDER.id,
    product=PRODUCT.id,
    medium=Medium.PHOTO,
    sha256=sha(photo(7)),
    photo_owner=HOLDER.legal_name,
)
RULE = SellerRule(
    id="rule-1",
    holder=HOLDER.id,
    platform="shopnest",
    platform_seller_id="s-1",
    name="Velmora Outlet",
    standing=SellerStanding.AUTHORISED,
)
FILM = Work(
    id="work-1",
    work_ref="W-1",
    holder=HOLDER.id,
    rights=("right-1",),
    title="The Last Harbour",
    kind=WorkKind.MOVIE,
    year=2019,
)
FILMHAMN = Platform(name="filmhamn", kind=PlatformKind.STREAMING, home="https://filmhamn.example/", countries=("NL",))


def registry(**more: object) -> Snapshot:
    """A bag, its mark and its photo."""
    values: dict[str, object] = {"rights": [mark("Velmora")], "products": [PRODUCT], "references": [REFERENCE]}
    return snapshot_of(**{**values, **more})  # type: ignore[arg-type]  # a test's own parts


def indexed(snapshot: Snapshot, *pictures: bytes) -> Index:
    """Its index, with the fingerprints of these pictures."""
    return build_index(snapshot, {sha(data): hash_reference(open_photo(data)).codes for data in pictures})


def offer(
    title: str,
    price: int = 1200,
    *,
    photos: tuple[bytes, ...] = (),
    condition: Condition | None = Condition.NEW,
    seller_id: str = "s-9",
    seller_name: str | None = None,
    **more: object,
) -> MatchInput:
    """A look at an offer of a bag."""
    values: dict[str, object] = {
        "title": seen(title),
        "price": seen(Money(amount=Decimal(price), currency="EUR")),
        "condition": seen(condition),
    }
    seller = Seller(
        id="seller-1",
        platform="shopnest",
        platform_seller_id=seller_id,
        name=seller_name,
        first_seen=SEEN_AT,
        last_seen=SEEN_AT,
    )
    pictures = tuple(
        ListingPhoto(position=at, sha256=sha(data), capture="capture-3", hash=hash_photo(open_photo(data)))
        for at, data in enumerate(photos)
    )
    fields = ListingFields(**{**values, **more})  # type: ignore[arg-type]  # a test's own fields
    return look_at(title, fields=fields, seller=seller, photos=pictures)


def find(look: MatchInput, snapshot: Snapshot | None = None, *pictures: bytes) -> Finding:
    """The one finding of a look."""
    index = indexed(snapshot or registry(), *(pictures or (photo(7),)))
    bodies = {sha(data): data for data in (photo(7), framed(), on_a_page())}

    def read(sha256: str, view: View) -> Features | None:
        return describe_photo(open_photo(bodies[sha256]), view) if sha256 in bodies else None

    (matched,) = match([look], index, POLICY, conditions(), read)
    return matched.finding


def framed() -> bytes:
    """The reference's photo in a wide frame."""
    picture = Image.open(BytesIO(photo(7)))
    out = BytesIO()
    ImageOps.expand(picture, 40, "white").save(out, "JPEG", quality=80)
    return out.getvalue()


def on_a_page() -> bytes:
    """The reference's photo small on an even page, like a screenshot: laid over the whole page it is not found."""
    picture = Image.open(BytesIO(photo(7)))
    page = Image.new("RGB", (picture.width * 3, picture.height * 21 // 5), (246, 246, 244))
    page.paste(picture, (picture.width // 2, picture.height // 2))
    page.thumbnail((800, 800))
    out = BytesIO()
    page.save(out, "JPEG", quality=85)
    return out.getvalue()


def test_a_photo_on_a_page_is_found_where_it_stands() -> None:
    finding = find(offer("Velmora Sablier handbag", 120, photos=(on_a_page(),)))
    assert finding.band is Band.NOTICE
    assert any(sign.signal == "photo" for sign in finding.signs)


def test_name_photo_and_a_tenth_of_the_price_may_become_a_notice() -> None:
    finding = find(offer("Velmora Sablier handbag", 120, photos=(photo(7),)))
    assert finding.band is Band.NOTICE
    assert finding.infringement_class is InfringementClass.COUNTERFEIT
    assert finding.families == ("text", "image")


def test_a_framed_photo_is_the_same_photo_and_its_place_is_told() -> None:
    finding = find(offer("Velmora Sablier handbag", 120, photos=(framed(),)))
    assert finding.band is Band.NOTICE
    assert any(sign.signal == "photo" for sign in finding.signs)


def test_a_normal_price_needs_a_person() -> None:
    finding = find(offer("Velmora Sablier handbag", photos=(photo(7),)))
    assert finding.band is Band.REVIEW
    assert finding.infringement_class is InfringementClass.IMAGE_COPIED


def test_used_goods_are_never_far_below_the_price() -> None:
    finding = find(offer("Velmora Sablier, second-hand", 120, photos=(photo(7),), condition=None))
    assert finding.band is Band.REVIEW
    assert GroundCode.FAR_BELOW_PRICE not in [ground.code for ground in finding.grounds]


def test_text_alone_is_never_a_notice_however_much_it_says() -> None:
    look = offer(
        "Velmora Sablier handbag replica",
        12,
        brand_claimed=seen("Velmora"),
        description=seen("Velmora bag, Velmora."),
    )
    finding = find(look)
    assert finding.band is Band.REVIEW and finding.families == ("text",)
    assert "independent families" in finding.because


def test_two_photos_are_one_family() -> None:
    finding = find(offer("Brown handbag", 120, photos=(photo(7), framed())))
    assert finding.families == ("image",) and finding.band is Band.REVIEW


def test_an_authorised_account_is_left_alone_and_the_record_named() -> None:
    finding = find(offer("Velmora Sablier", 120, photos=(photo(7),), seller_id="s-1"), registry(seller_rules=[RULE]))
    assert finding.band is Band.SILENT
    assert [(each.rule, each.record) for each in finding.suppressions] == [("authorised_seller", "rule-1")]


@pytest.mark.parametrize(
    "change",
    [
        {"valid_until": date(2026, 1, 1)},
        {"territories": ("US",)},
        {"products": ("product-9",)},
        {"rights": ("right-9",)},
        {"platform_seller_id": "s-2"},
        {"platform": "bazario"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_authorisation_holds_only_where_it_was_given(change: dict[str, object]) -> None:
    rule = dataclasses.replace(RULE, **change)  # type: ignore[arg-type]  # fields of the rule by name
    finding = find(offer("Velmora Sablier", 120, photos=(photo(7),), seller_id="s-1"), registry(seller_rules=[rule]))
    assert finding.suppressions == () and finding.band is Band.NOTICE


def test_an_authorised_name_under_another_id_warns_and_never_suppresses() -> None:
    look = offer("Velmora Sablier", 120, photos=(photo(7),), seller_name="VELMORA Outlet")
    finding = find(look, registry(seller_rules=[RULE]))
    assert finding.band is Band.REVIEW and finding.suppressions == ()
    assert [sign.signal for sign in finding.counter_signs] == ["impostor_name"]


def test_a_photo_to_be_left_alone_silences() -> None:
    negative = dataclasses.replace(REFERENCE, id="reference-2", polarity=Polarity.NEGATIVE)
    finding = find(offer("Velmora Sablier", 120, photos=(photo(7),)), registry(references=[negative]))
    assert finding.band is Band.SILENT and finding.suppressions[0].record == "reference-2"


def test_compatible_with_does_not_hide_a_copied_photo() -> None:
    finding = find(offer("Bag compatible with Velmora Sablier", 120, photos=(photo(7),)))
    assert finding.band is Band.REVIEW


def test_a_photo_owned_by_somebody_else_is_no_ground() -> None:
    foreign = dataclasses.replace(REFERENCE, photo_owner="Studio Brandt")
    finding = find(offer("Velmora Sablier", photos=(photo(7),)), registry(references=[foreign]))
    assert finding.grounds == () and finding.infringement_class is None


def stream(title: str = "The Last Harbour (2019) 1080p", *, fetched: bool = True) -> MatchInput:
    """A page that streams a film."""
    link = StreamLink(role="manifest", url="https://cdn.example/a.m3u8", capture="capture-2" if fetched else None)
    return look_at(title, fields=ListingFields(title=seen(title), streams=(link,)), platform=FILMHAMN)


def test_a_stream_without_a_licence_may_become_a_notice() -> None:
    (matched,) = match_looks(snapshot_of(rights=[film_right()], works=[FILM]), [stream()])
    assert matched.finding.band is Band.NOTICE
    assert matched.finding.infringement_class is InfringementClass.PIRATED_COPY


def test_a_link_that_nobody_followed_is_no_stream() -> None:
    (matched,) = match_looks(snapshot_of(rights=[film_right()], works=[FILM]), [stream(fetched=False)])
    assert matched.finding.band is not Band.NOTICE and "stream" not in matched.finding.families


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"licences": (LicenceWindow(platform="filmhamn", territories=("EU",)),)}, "licence"),
        ({"authorised_urls": ("https://filmhamn.example/item/1",)}, "authorised_url"),
    ],
    ids=["licence", "authorised_url"],
)
def test_where_a_film_may_be_seen_it_is_left_alone(change: dict[str, object], rule: str) -> None:
    film = dataclasses.replace(FILM, **change)  # type: ignore[arg-type]  # fields of the work by name
    (matched,) = match_looks(snapshot_of(rights=[film_right()], works=[film]), [stream()])
    assert matched.finding.band is Band.SILENT and matched.finding.suppressions[0].rule == rule


@pytest.mark.parametrize(
    "change",
    [
        {"licences": (LicenceWindow(platform="filmhamn", valid_until=date(2026, 1, 1)),)},
        {"licences": (LicenceWindow(platform="filmhamn", territories=("US",)),)},
        {"authorised_urls": ("https://filmhamn.example.evil.example/item/1", "https://filmhamn.example/item/11")},
    ],
    ids=["ended", "elsewhere", "another address"],
)
def test_a_licence_holds_only_where_it_was_given(change: dict[str, object]) -> None:
    film = dataclasses.replace(FILM, **change)  # type: ignore[arg-type]  # fields of the work by name
    (matched,) = match_looks(snapshot_of(rights=[film_right()], works=[film]), [stream()])
    assert matched.finding.band is Band.NOTICE


def test_the_episode_that_a_page_names_is_the_one_it_is_compared_with() -> None:
    episodes = [
        dataclasses.replace(FILM, id=f"work-{n}", kind=WorkKind.EPISODE, year=2022, season=1, episode=n)
        for n in (1, 2, 3)
    ]
    (matched,) = match_looks(
        snapshot_of(rights=[film_right()], works=episodes), [stream("The Last Harbour S01E02 (2022) 1080p WEB")]
    )
    assert (matched.finding.work, matched.finding.band) == ("work-2", Band.NOTICE)


def test_another_year_is_another_film() -> None:
    (matched,) = match_looks(
        snapshot_of(rights=[film_right()], works=[FILM]), [stream("The Last Harbour (1987) 1080p")]
    )
    assert matched.finding.band is not Band.NOTICE


def test_a_right_found_before_is_compared_though_nothing_touches_it_now() -> None:
    look = dataclasses.replace(offer("Oak chair"), known_rights=("right-1", "right-gone"))
    pairs = touch(indexed(registry()), look, POLICY, lambda _sha256, _view: None)
    assert [pair.right.id for pair in pairs] == ["right-1"]


def test_equal_input_gives_equal_findings() -> None:
    look = offer("Velmora Sablier handbag", 120, photos=(photo(7),))
    assert find(look) == find(look)


def sign(signal: str, family: SignFamily, strength: float = 1.0, *, against: bool = False) -> Sign:
    """A sign of that weight."""
    return Sign(signal=signal, family=family, strength=strength, against=against, because=".", ours="", theirs="")


SIGNS = st.builds(
    sign,
    st.sampled_from(sorted(POLICY.identity.weights)),
    st.sampled_from(list(SignFamily)),
    st.floats(0, 1),
    against=st.booleans(),
)


@given(st.lists(SIGNS, max_size=12))
def test_identity_is_never_impossible_and_never_certain(signs: list[Sign]) -> None:
    found = identify(signs, POLICY.identity)
    assert POLICY.identity.least <= found.probability <= POLICY.identity.most


@given(st.lists(SIGNS, max_size=8), SIGNS)
def test_a_sign_against_never_raises_identity_and_one_for_it_never_lowers_it(signs: list[Sign], more: Sign) -> None:
    before = identify(signs, POLICY.identity).probability
    after = identify([*signs, more], POLICY.identity).probability
    assert after <= before if more.against else after >= before


@pytest.mark.parametrize(
    ("text", "whole"),
    [("3761234500038", "03761234500038"), ("3761234500039", None), ("0", None), ("00000000", None), ("abc", None)],
)
def test_a_gtin_is_one_only_with_its_check_digit(text: str, whole: str | None) -> None:
    assert read_gtin(text) == whole


@pytest.mark.parametrize(("text", "number"), [("VS-2208", "VS2208"), ("2208", None), ("V2", None), ("handbag", None)])
def test_a_part_number_has_letters_and_digits(text: str, number: str | None) -> None:
    assert read_part_number(text) == number
