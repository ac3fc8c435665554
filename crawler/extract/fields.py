"""The fields of one offer or stream, each by its own rules."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields

from config.platform import Platform
from crawler.extract.addresses import canonical_listing_url, fallback_item_id, host_of
from crawler.extract.rules import RuleReader
from crawler.extract.values import PageValues
from store.records.listings import ListingFields, StreamLink
from store.records.seen import Seen

MAX_IMAGES = 40  # the largest gallery seen has 24
MAX_CONTACTS = 20
MAX_VARIANTS = 100  # of one offer; Shopify allowed as many, a shoe in colours and sizes has some 60

MAX_NUMBERS = 6  # of registers one trader stands in; a German imprint names two, an Italian three

FALLBACK_RULE = "fallback: canonical url"


def read_listing_fields(platform: Platform, reader: RuleReader, values: PageValues) -> ListingFields:
    """Every field of `platform.read.listing` that speaks on this page."""
    rules = platform.read.listing
    first, every = reader.first, reader.every
    price = first("listing.price", rules.price, values.money)
    currency = price.value.currency if price is not None else None
    return ListingFields(
        platform_item_id=first("listing.platform_item_id", rules.platform_item_id, values.text),
        title=first("listing.title", rules.title, values.text),
        description=first("listing.description", rules.description, values.text),
        price=price,
        price_original=first("listing.price_original", rules.price_original, values.money),
        availability=first("listing.availability", rules.availability, values.availability),
        quantity=first("listing.quantity", rules.quantity, values.integer),
        condition=first("listing.condition", rules.condition, values.condition),
        brand_claimed=first("listing.brand_claimed", rules.brand_claimed, values.text),
        gtin=first("listing.gtin", rules.gtin, values.gtin),
        mpn=first("listing.mpn", rules.mpn, values.text),
        sku=first("listing.sku", rules.sku, values.text),
        category=first("listing.category", rules.category, values.text),
        colour=first("listing.colour", rules.colour, values.text),
        size=first("listing.size", rules.size, values.text),
        variants=every("listing.variants", rules.variants, lambda word: values.variant(word, currency), MAX_VARIANTS),
        images=every("listing.images", rules.images, values.url, MAX_IMAGES),
        seller_id=first("listing.seller_id", rules.seller_id, values.text),
        seller_name=first("listing.seller_name", rules.seller_name, values.text),
        seller_url=first("listing.seller_url", rules.seller_url, values.url),
        ships_from=first("listing.ships_from", rules.ships_from, values.text),
        ships_to=every("listing.ships_to", rules.ships_to, values.text, 250),
        shipping_price=first("listing.shipping_price", rules.shipping_price, values.money),
        rating=first("listing.rating", rules.rating, values.text),
        reviews=first("listing.reviews", rules.reviews, values.integer),
        sold_count=first("listing.sold_count", rules.sold_count, values.integer),
        posted_at=first("listing.posted_at", rules.posted_at, values.date),
        language=first("listing.language", rules.language, values.language),
        canonical_url=first("listing.canonical_url", rules.canonical_url, values.url),
        contacts=every("listing.contacts", rules.contacts, values.text, MAX_CONTACTS),
        trader_name=first("listing.trader_name", rules.trader_name, values.text),
        trader_address=first("listing.trader_address", rules.trader_address, values.text),
        trader_mail=first("listing.trader_mail", rules.trader_mail, values.text),
        trader_phone=first("listing.trader_phone", rules.trader_phone, values.text),
        trader_vat=first("listing.trader_vat", rules.trader_vat, values.vat),
        trader_numbers=every("listing.trader_numbers", rules.trader_numbers, values.text, MAX_NUMBERS),
    )


def read_stream_fields(
    platform: Platform, reader: RuleReader, values: PageValues, streams: tuple[StreamLink, ...]
) -> ListingFields:
    """Every field of `platform.read.stream` that speaks on this page, with the links already found."""
    rules = platform.read.stream
    first = reader.first
    return ListingFields(
        platform_item_id=first("stream.platform_item_id", rules.platform_item_id, values.text),
        title=first("stream.title", rules.title, values.text),
        description=first("stream.description", rules.description, values.text),
        images=reader.every("stream.images", rules.images, values.url, MAX_IMAGES),
        language=first("stream.language", rules.language, values.language),
        year=first("stream.year", rules.year, values.year),
        season=first("stream.season", rules.season, values.integer),
        episode=first("stream.episode", rules.episode, values.integer),
        uploader=first("stream.uploader", rules.uploader, values.text),
        duration_s=first("stream.duration_s", rules.duration_s, values.seconds),
        canonical_url=first("stream.canonical_url", platform.read.listing.canonical_url, values.url),
        streams=streams,
    )


def item_id(fields: ListingFields, url: str, reader: RuleReader) -> Seen[str]:
    """
    The platform's own id where a rule read one, else a digest of the canonical address, and its `rule` says which.
    """
    if fields.platform_item_id is not None:
        return fields.platform_item_id
    canonical, where = offers_address(fields, url)
    return Seen(
        value=fallback_item_id(canonical),
        raw=canonical[:500],
        rule=FALLBACK_RULE,
        where=where,
        capture=reader.capture,
    )


def is_by_address(fields: ListingFields) -> bool:
    """Whether an offer's id is a digest of its address, because no rule read one."""
    return fields.platform_item_id is not None and fields.platform_item_id.rule == FALLBACK_RULE


def offers_address(fields: ListingFields, url: str) -> tuple[str, str]:
    """
    The one spelling of an offer's address, and where it was read.

    The page's canonical link counts only on the same host and below the front page: a copied or careless one would
    merge different listings.
    """
    address, where = url, "page address"
    said = fields.canonical_url
    if said is not None and host_of(said.value) == host_of(url) and said.value.split("://", 1)[1].count("/") > 0:
        path = said.value.split("://", 1)[1].partition("/")[2]
        if path.strip("/"):
            address, where = said.value, said.rule
    return canonical_listing_url(address), where


def spoken(fields: ListingFields) -> frozenset[str]:
    """Names of the fields that carry a value."""
    return frozenset(f.name for f in dataclass_fields(fields) if getattr(fields, f.name) not in (None, ()))
