"""Records for matching tests, built from few words: registries, looks at listings, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from config.declarations import load_policy
from config.platform import Platform, PlatformKind
from config.policy import Policy
from config.settings import load_settings
from matching.candidates import Index, build_index, touch
from matching.compare import Conditions, Matched, match
from matching.pair import Account, ListingPhoto, MatchInput, Pair, PeerOffer
from matching.signals.examples import Example
from registry.snapshot import Snapshot
from store.records.listings import (
    Condition,
    Listing,
    ListingFields,
    ListingState,
    Observation,
    PageKind,
    StreamLink,
    Variant,
)
from store.records.money import Money
from store.records.parties import Party, PartyKind
from store.records.products import Product, ProductPrice
from store.records.references import Reference
from store.records.rights import Right, RightKind, RightStatus
from store.records.seen import Seen
from store.records.sellers import Seller, SellerRule, SellerStanding
from store.records.works import Work, WorkKind

T = TypeVar("T")

SEEN_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOLDER = Party(id="holder-1", kind=PartyKind.COMPANY, legal_name="Velmora Maison SAS")


def shipped_policy() -> Policy:
    """The policy every figure is measured under."""
    return load_policy(load_settings(home="/nonexistent", environ={}))


POLICY = shipped_policy()


def seen(value: T | None) -> Seen[T] | None:
    """A value as read from the page, or None."""
    return None if value is None else Seen(value=value, raw=str(value), rule="test", capture="capture-1")


def snapshot_of(
    *,
    rights: Iterable[Right] = (),
    products: Iterable[Product] = (),
    works: Iterable[Work] = (),
    references: Iterable[Reference] = (),
    seller_rules: Iterable[SellerRule] = (),
    holders: Iterable[Party] = (HOLDER,),
) -> Snapshot:
    """A frozen registry; its digest is not that of its content."""
    return Snapshot(
        digest="5" * 64,
        holders=tuple(holders),
        rights=tuple(rights),
        mandates=(),
        products=tuple(products),
        works=tuple(works),
        references=tuple(references),
        seller_rules=tuple(seller_rules),
    )


def mark(text: str | None, classes: tuple[int, ...] = (18,), id: str = "right-1", holder: str = HOLDER.id) -> Right:
    """A trademark in force."""
    return Right(
        id=id,
        right_ref=id.upper(),
        holder=holder,
        kind=RightKind.TRADEMARK,
        mark_text=text,
        nice_classes=classes,
        territories=("EU",),
        status=RightStatus.ACTIVE,
    )


def film_right(id: str = "right-1") -> Right:
    """A copyright."""
    return Right(
        id=id,
        right_ref=id.upper(),
        holder=HOLDER.id,
        kind=RightKind.COPYRIGHT,
        territories=("EU",),
        status=RightStatus.ACTIVE,
    )


def look_at(
    title: str,
    *,
    fields: ListingFields | None = None,
    platform: Platform | None = None,
    seller: Seller | None = None,
    photos: tuple[ListingPhoto, ...] = (),
    kind: PageKind = PageKind.LISTING,
    number: int = 1,
) -> MatchInput:
    """One look at a listing of that title; `fields` replaces everything but the title where given."""
    platform = platform or Platform(
        name="shopnest", kind=PlatformKind.MARKETPLACE, home="https://shopnest.example/", countries=("SE",)
    )
    fields = fields or ListingFields(title=seen(title))
    listing = Listing(
        id=f"listing-{number}",
        platform=platform.name,
        platform_item_id=str(number),
        kind=kind,
        url=f"{platform.home}item/{number}",
        seller=seller.id if seller else None,
        first_seen=SEEN_AT,
        last_seen=SEEN_AT,
        state=ListingState.LIVE,
    )
    observation = Observation(
        id=f"observation-{number}",
        listing=listing.id,
        run="run-1",
        capture="capture-1",
        observed_at=SEEN_AT,
        state=ListingState.LIVE,
        content_sha256="0" * 64,
        fields=fields,
    )
    return MatchInput(listing=listing, observation=observation, platform=platform, seller=seller, photos=photos)


def conditions() -> Conditions:
    """A run with ids that count up."""
    number = 0

    def give() -> str:
        nonlocal number
        number += 1
        return f"id-{number}"

    return Conditions(run="run-1", at=SEEN_AT, config_digest="c" * 64, new_id=give)


def match_looks(snapshot: Snapshot, looks: Iterable[MatchInput], policy: Policy = POLICY) -> list[Matched]:
    """What comes of looks without photos."""
    return match(looks, build_index(snapshot, {}), policy, conditions(), lambda _sha256, _view: None)


@dataclass(frozen=True)
class Built:
    """An example as records."""

    index: Index
    input: MatchInput

    @property
    def pairs(self) -> list[Pair]:
        """The pairs they make."""
        return touch(self.index, self.input, POLICY, lambda _sha256, _view: None)


def build(example: Example) -> Built:
    """The registry and the look that an example tells of; the right is always compared."""
    right = mark(example.mark, example.nice_classes) if example.mark else film_right()
    products, works = [], []
    if example.product:
        price = example.product_price
        products.append(
            Product(
                id="product-1",
                product_ref="P-1",
                holder=HOLDER.id,
                rights=(right.id,),
                name=example.product,
                other_names=("Sac Sablier",) if "Sablier" in example.product else (),
                mpn=(example.product_mpn,) if example.product_mpn else (),
                gtin=(example.product_gtin,) if example.product_gtin else (),
                colours=example.product_colours,
                sizes=example.product_sizes,
                prices=(ProductPrice(country="SE", price=Money(amount=price[0], currency=price[1])),)
                if price
                else (),
                category=example.product_category,
            )
        )
    if example.work:
        works.append(
            Work(
                id="work-1",
                work_ref="W-1",
                holder=HOLDER.id,
                rights=(right.id,),
                title=example.work,
                kind=WorkKind.EPISODE if example.work_episode else WorkKind.MOVIE,
                year=example.work_year,
                season=example.work_season,
                episode=example.work_episode,
            )
        )
    rules = []
    if example.authorised:
        rules.append(
            SellerRule(
                id="rule-1",
                holder=HOLDER.id,
                platform="shopnest",
                platform_seller_id=example.authorised[0],
                name=example.authorised[1],
                standing=SellerStanding.AUTHORISED,
                valid_from=date(2026, 1, 1),
            )
        )
    price = example.price
    fields = ListingFields(
        title=seen(example.title),
        description=seen(example.description or None),
        brand_claimed=seen(example.brand),
        category=seen(example.category),
        price=seen(Money(amount=price[0], currency=price[1]) if price else None),
        condition=seen(Condition(example.condition) if example.condition else None),
        colour=seen(example.colour),
        size=seen(example.size),
        variants=tuple(
            Seen(value=Variant(attributes=(each,)), raw=each[1], rule="test", capture="capture-1")
            for each in example.versions
        ),
        gtin=seen(example.gtin),
        mpn=seen(example.mpn),
        year=seen(example.year),
        season=seen(example.season),
        episode=seen(example.episode),
        streams=(StreamLink(role="manifest", url=example.manifest, capture="capture-2"),) if example.manifest else (),
    )
    seller = Seller(
        id="seller-1",
        platform="shopnest",
        platform_seller_id=example.seller_id,
        name=example.seller_name,
        first_seen=SEEN_AT,
        last_seen=SEEN_AT,
    )
    platform = Platform(
        name="shopnest",
        kind=PlatformKind.STREAMING if example.work else PlatformKind.MARKETPLACE,
        home="https://shopnest.example/",
        countries=(example.country,),
    )
    snapshot = snapshot_of(rights=[right], products=products, works=works, seller_rules=rules)
    known = look_at(example.title, fields=fields, platform=platform, seller=seller)
    compared = MatchInput(
        listing=known.listing,
        observation=known.observation,
        platform=platform,
        seller=seller,
        known_rights=(right.id,),
    )
    peers = tuple(
        PeerOffer(account=Account("shopnest", own), price=Money(amount=amount, currency=currency))
        for own, amount, currency in example.others
    )
    return Built(build_index(snapshot, {}, peers={"product-1": peers}), compared)
