"""The exercise world as records, without serving or crawling it: what matching makes of each kind of listing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from config.platform import Platform, PlatformKind
from exercise import records as world_records
from exercise.drafts import COUNTRIES
from exercise.photos import render_photo
from exercise.world import build_world
from matching.candidates import Index, build_index
from matching.compare import match
from matching.errors import PhotoRefused
from matching.geometry import Features
from matching.images import describe_photo, hash_photo, hash_reference, open_photo
from matching.pair import ListingPhoto, MatchInput
from matching.regions import View
from registry.snapshot import Snapshot
from store.records.findings import Band, Finding
from store.records.listings import (
    Condition,
    Listing,
    ListingFields,
    ListingState,
    Observation,
    PageKind,
    StreamLink,
)
from store.records.money import Money
from store.records.parties import Party, PartyKind
from store.records.products import Product, ProductPrice
from store.records.references import Medium, Reference
from store.records.rights import MarkFeature, Right, RightKind, RightStatus
from store.records.sellers import Seller, SellerRule, SellerStanding
from store.records.works import LicenceWindow, Work, WorkKind
from tests.matching.registered import POLICY, conditions, seen

SEEN_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Outcome:
    """What became of one listing: the strongest band over all rights, and every finding."""

    answer: world_records.Answer
    title: str
    band: Band
    findings: tuple[Finding, ...]


class Pictures:
    """Draws pictures once, and opens them by their digest."""

    def __init__(self) -> None:
        self.bytes: dict[str, bytes] = {}

    def keep(self, photo: world_records.Photo) -> str:
        """Draw a photo; gives its digest."""
        data = render_photo(photo)
        digest = hashlib.sha256(data).hexdigest()
        self.bytes[digest] = data
        return digest

    @lru_cache(maxsize=256)  # noqa: B019  # lives as long as one test
    def features(self, sha256: str, view: View) -> Features | None:
        """The corners of a picture, or of a part of it."""
        return describe_photo(open_photo(self.bytes[sha256]), view)


def registry_of(world: world_records.World, pictures: Pictures) -> tuple[Snapshot, Index]:
    """The registry of an exercise world, and its index."""
    holders = {
        holder.name: Party(id=f"holder {holder.name}", kind=PartyKind.COMPANY, legal_name=holder.name)
        for holder in world.holders
    }
    rights = tuple(
        Right(
            id=right.ref,
            right_ref=right.ref,
            holder=holders[right.holder].id,
            kind=RightKind(right.kind),
            mark_text=right.mark_text or None,
            mark_feature=MarkFeature(right.mark_feature) if right.mark_feature else None,
            nice_classes=right.nice_classes,
            territories=right.territories,
            status=RightStatus(right.status),
        )
        for right in world.rights
    )
    products = tuple(
        Product(
            id=product.ref,
            product_ref=product.ref,
            holder=holders[product.holder].id,
            rights=product.right_refs,
            name=product.name,
            other_names=product.other_names,
            mpn=(product.mpn,),
            gtin=(product.gtin,),
            colours=product.colours,
            sizes=product.sizes,
            prices=tuple(
                ProductPrice(country=c, price=Money(amount=p.amount, currency=p.currency)) for c, p in product.prices
            ),
            nice_class=product.nice_class,
            category=product.category,
            photo_owner=product.photo_owner,
        )
        for product in world.products
    )
    works = tuple(
        Work(
            id=work.ref,
            work_ref=work.ref,
            holder=holders[work.holder].id,
            rights=work.right_refs,
            title=work.title,
            other_titles=work.other_titles,
            kind=WorkKind(work.kind),
            year=work.year,
            season=work.season,
            episode=work.episode,
            licences=tuple(LicenceWindow(platform=name) for name in work.licensed_on),
        )
        for work in world.works
    )
    references = tuple(
        Reference(
            id=reference.ref,
            reference_ref=reference.ref,
            holder=next(r.holder for r in rights if r.id == reference.right_ref) if reference.right_ref else "",
            right=None if reference.product_ref or reference.work_ref else reference.right_ref,
            product=reference.product_ref or None,
            work=reference.work_ref or None,
            medium=Medium(reference.medium.value),
            sha256=pictures.keep(reference.photo),
            photo_owner=reference.photo_owner or None,
        )
        for reference in world.references
    )
    rules = tuple(
        SellerRule(
            id=f"rule {entry.platform} {entry.seller_id}",
            holder=holders[entry.holder].id,
            platform=entry.platform,
            platform_seller_id=entry.seller_id,
            name=entry.name,
            standing=SellerStanding(entry.status),
            rights=entry.right_refs,
            territories=entry.territories,
        )
        for entry in world.registered_sellers
    )
    snapshot = Snapshot(
        digest="5" * 64,
        holders=tuple(holders.values()),
        rights=rights,
        mandates=(),
        products=products,
        works=works,
        references=references,
        seller_rules=rules,
    )
    codes = {}
    for reference in references:
        if reference.medium is not Medium.PHOTO:
            continue  # found by their bytes; hashing every logo and still takes longer than all the rest
        try:
            codes[reference.sha256] = hash_reference(open_photo(pictures.bytes[reference.sha256])).codes
        except PhotoRefused:
            continue
    return snapshot, build_index(snapshot, codes)


def look_of(listing: world_records.Listing, sellers: dict[tuple[str, str], Seller], pictures: Pictures) -> MatchInput:
    """One look at a listing, with every field the sites show."""
    stream = listing.stream
    streaming = listing.platform == "filmhamn"
    platform = Platform(
        name=listing.platform,
        kind=PlatformKind.STREAMING if streaming else PlatformKind.MARKETPLACE,
        home="http://127.0.0.1/",
        countries=COUNTRIES[listing.platform],
    )
    price = listing.price
    fields = ListingFields(
        title=seen(listing.title),
        description=seen(listing.description or None),
        price=seen(Money(amount=price.amount, currency=price.currency) if price else None),
        condition=None if streaming else seen(Condition(listing.condition)),
        brand_claimed=seen(listing.brand or None),
        gtin=seen(listing.gtin or None),
        mpn=seen(listing.mpn or None),
        colour=seen(listing.colour or None),
        size=seen(listing.size or None),
        category=seen(listing.category),
        year=seen(stream.year if stream else None),
        season=seen(stream.season if stream else None),
        episode=seen(stream.episode if stream else None),
        streams=tuple(
            StreamLink(role="manifest", url=f"http://127.0.0.1/m/{at}.m3u8", capture="capture-2")
            for at, mirror in enumerate(stream.mirrors if stream else ())
            if mirror.alive
        ),
    )
    seller = sellers.get((listing.platform, listing.seller_id))
    record = Listing(
        id=f"{listing.platform}/{listing.id}",
        platform=listing.platform,
        platform_item_id=listing.id,
        kind=PageKind.STREAM if streaming else PageKind.LISTING,
        url=f"http://127.0.0.1/{listing.platform}/{listing.id}",
        first_seen=SEEN_AT,
        last_seen=SEEN_AT,
        state=ListingState.LIVE,
    )
    observation = Observation(
        id=f"look {record.id}",
        listing=record.id,
        run="run-1",
        capture="capture-1",
        observed_at=SEEN_AT,
        state=ListingState.LIVE,
        content_sha256="0" * 64,
        fields=fields,
    )
    photos = []
    for position, photo in enumerate(listing.photos):
        sha256 = pictures.keep(photo)
        try:
            hashed = hash_photo(open_photo(pictures.bytes[sha256]))
        except PhotoRefused:
            continue
        photos.append(ListingPhoto(position=position, sha256=sha256, capture="capture-3", hash=hashed))
    return MatchInput(listing=record, observation=observation, platform=platform, seller=seller, photos=tuple(photos))


def play(seed: int, innocents: int, planted: int | None = None, traps_each: int | None = None) -> list[Outcome]:
    """Build a world and match every listing of it."""
    world = build_world(seed, innocents=innocents, planted=planted, traps_each=traps_each)
    pictures = Pictures()
    _, index = registry_of(world, pictures)
    sellers = {
        (each.platform, each.id): Seller(
            id=f"{each.platform}/{each.id}",
            platform=each.platform,
            platform_seller_id=each.id,
            name=each.name,
            first_seen=SEEN_AT,
            last_seen=SEEN_AT,
        )
        for each in world.sellers
    }
    outcomes = []
    for listing, answer in zip(world.listings, world.answers, strict=True):
        matched = match([look_of(listing, sellers, pictures)], index, POLICY, conditions(), pictures.features)
        findings = tuple(each.finding for each in matched)
        outcomes.append(Outcome(answer, listing.title, strongest(findings), findings))
    return outcomes


def strongest(findings: Iterable[Finding]) -> Band:
    """The strongest band of several findings; SILENT where there are none."""
    order = [Band.SILENT, Band.REVIEW, Band.NOTICE]
    return max((finding.band for finding in findings), key=order.index, default=Band.SILENT)
