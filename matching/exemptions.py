"""What keeps a listing silent whatever it looks like: authorised sellers, licences, the holder's own exceptions."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from matching.pair import Pair
from store.records.findings import Suppression
from store.records.rights import covers
from store.records.sellers import SellerRule, SellerStanding
from store.records.works import LicenceWindow

_RULE_NAMES = {SellerStanding.AUTHORISED: "authorised_seller", SellerStanding.EXCLUDED: "excluded_seller"}


def find_suppressions(pair: Pair) -> tuple[Suppression, ...]:
    """Every rule that keeps the pair silent, each with the record it stands on."""
    return (*_sellers(pair), *_licences(pair), *_authorised_urls(pair), *_negative_photos(pair))


def _sellers(pair: Pair) -> list[Suppression]:
    seller = pair.look.input.seller
    seller_id = seller.platform_seller_id if seller else None
    if seller_id is None and pair.look.fields.seller_id:
        seller_id = pair.look.fields.seller_id.value
    found = []
    for rule in pair.seller_rules:
        if rule.platform_seller_id != seller_id or not _applies(rule, pair):
            continue
        found.append(
            Suppression(
                rule=_RULE_NAMES[rule.standing],
                record=rule.id,
                because=f"The holder says that account {seller_id} on {rule.platform} is {rule.standing.value}.",
            )
        )
    return found


def _applies(rule: SellerRule, pair: Pair) -> bool:
    if rule.rights and pair.right.id not in rule.rights:
        return False
    # Where the product is not known, a rule for some products is read in the seller's favour.
    if rule.products and pair.product is not None and pair.product.id not in rule.products:
        return False
    return _is_valid(rule.valid_from, rule.valid_until, pair.look.today) and _reaches(rule.territories, pair)


def _licences(pair: Pair) -> list[Suppression]:
    work = pair.work
    if work is None:
        return []
    platform = pair.look.input.platform.name
    return [
        Suppression(
            rule="licence",
            record=work.id,
            because=f'"{work.title}" is licensed to {platform}{_until(window)}.',
        )
        for window in work.licences
        if window.platform == platform
        and _is_valid(window.valid_from, window.valid_until, pair.look.today)
        and _reaches(window.territories, pair)
    ]


def _until(window: LicenceWindow) -> str:
    return f" until {window.valid_until.isoformat()}" if window.valid_until else ""


def _authorised_urls(pair: Pair) -> list[Suppression]:
    work = pair.work
    if work is None:
        return []
    here = pair.look.input.listing.url
    return [
        Suppression(rule="authorised_url", record=work.id, because=f"{url} is where the work may be seen.")
        for url in work.authorised_urls
        if _is_under(here, url)
    ]


def _is_under(url: str, allowed: str) -> bool:
    """Whether an address is the allowed one or lies below it; host and whole path segments, never a mere prefix."""
    ours, theirs = urlsplit(url), urlsplit(allowed)
    if (ours.hostname or "").lower() != (theirs.hostname or "").lower() or ours.port != theirs.port:
        return False
    base = theirs.path.rstrip("/")
    return ours.path == base or ours.path.startswith(base + "/")


def _negative_photos(pair: Pair) -> list[Suppression]:
    """A photo to be left alone silences only where no photo of the holder's is copied as well."""
    if pair.photos:
        return []
    return [
        Suppression(
            rule="negative_reference",
            record=hit.reference.id,
            because=f"Photo {hit.photo.position + 1} is reference {hit.reference.reference_ref}, to be left alone.",
        )
        for hit in pair.negative_photos
    ]


def _is_valid(first: date | None, last: date | None, today: date) -> bool:
    return (first is None or first <= today) and (last is None or today <= last)


def _reaches(territories: tuple[str, ...], pair: Pair) -> bool:
    """Whether a permission reaches a platform: one shared country is enough, in doubt for the seller."""
    countries = pair.look.input.platform.countries
    return not territories or not countries or any(covers(territories, country) for country in countries)
