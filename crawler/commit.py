"""
What one page leaves in the ledger, written for several pages in one transaction.

Every page is fenced by its lease: one that somebody else holds by now is left out whole. Statements are made once
and run once a group for all its pages, which is what keeps a page cheap.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from crawler import manners
from crawler.budget import Budgets
from crawler.cards import sift
from crawler.extract.addresses import ADDRESS_ID, canonical_listing_url, fallback_item_id
from crawler.extract.fields import offers_address
from crawler.traps import PRINT, TRAP, Traps
from crawler.visit import Account, Look, Visit, rows_of
from crawler.waiting import Waiting, led_to, role_of
from store.db.captures import add_captures
from store.db.claim import Courtesy, held
from store.db.fetches import Settled, queue, set_contexts, settle
from store.db.hops import add_hops, already_compared, looks_of_run, merge_hops
from store.db.hosts import Hosts
from store.db.listings import (
    Listings,
    Observations,
    add_observations,
    content_digest,
    fields_read,
    fill_images,
    mark_unreachable,
    name_listings,
    put_images,
    see_listings,
)
from store.db.personal import Sealer, keep_values
from store.db.sellers import keep_seller, see_sellers
from store.db.spending import add_spent
from store.db.validators import keep_validators
from store.records.captures import Capture
from store.records.fetches import Fetch, FetchKind, FetchState, Host, Scope, Spent
from store.records.ids import NewId
from store.records.listings import TRADER_FIELDS, Listing, ListingImage, ListingState, Observation, StreamLink
from store.records.scope import EVERYTHING
from store.records.sellers import Seller

LINKS_A_WRITE = 400  # of one page; the rest is queued in transactions before it
_HOP_NAMES = {FetchKind.PLAYER: "player", FetchKind.MANIFEST: "manifest"}
CARD_ROWS_A_WRITE = 400  # of one page's cards; each is about ten rows
_WAITED_FOR = frozenset({FetchKind.PHOTO, FetchKind.PLAYER, FetchKind.MANIFEST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every commit of a run needs."""

    run: str
    courtesy: Courtesy
    sealer: Sealer | None  # None: personal values are not stored
    new_id: NewId
    refuse: Callable[[str], str | None]  # why a URL is not even queued (opt_out, egress); None: it is
    budgets: Budgets | None = None  # None: nothing is counted
    traps: Traps | None = None  # None: a replay, which asks nobody


@dataclass(slots=True, kw_only=True)
class Written:
    """What a group's transaction wrote."""

    committed: set[str] = field(default_factory=set)  # fingerprints of fetches whose lease stood
    looks: dict[str, Observation] = field(default_factory=dict)  # by fingerprint
    queued: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look with what it was read from."""

    key: str
    look: Look
    capture: Capture
    fetches: tuple[Fetch, ...] = ()


def write(
    connection: Connection, desk: Desk, visits: Sequence[Visit], now: datetime, worked_s: float = 0.0
) -> Written:
    """Write what came of several leases, and what it cost. Call it in a writing transaction."""
    written = Written()
    standing = held(connection, [visit.lease for visit in visits])
    visits = [visit for visit in visits if visit.lease.fetch.fingerprint in standing]
    if not visits:
        return written
    written.committed = set(standing)
    visits = sift(connection, desk.run, visits, now)
    kept = [each for visit in visits for each in (visit.capture, *visit.parts) if each is not None]
    add_captures(connection, kept)
    new = _children(desk, visits)
    waiting = Waiting(connection, desk.run, standing, new)
    waiting.prepare([each.fingerprint for each in new.values() if each.kind in _WAITED_FOR])
    seen = [
        Seen(key=visit.lease.fetch.fingerprint, look=visit.look, capture=visit.capture, fetches=visit.fetches)
        for visit in visits
        if visit.look is not None and visit.capture is not None
    ]
    seen += [
        Seen(key=f"{visit.lease.fetch.fingerprint} {card.platform_item_id}", look=card, capture=visit.capture)
        for visit in visits
        if visit.capture is not None
        for card in visit.cards
    ]
    written.looks, images = _write_looks(connection, desk, seen, waiting, now)
    for visit in visits:
        if visit.account is not None and visit.capture is not None:
            write_account(connection, desk, visit.account, now)
    filled = _settle(connection, desk, visits, waiting, written, now)
    written.queued = queue(connection, new.values())
    _write_costs(connection, desk, visits, new, now, worked_s)
    set_contexts(connection, desk.run, waiting.changed())
    put_images(connection, images)
    fill_images(connection, filled)
    keep_validators(connection, [visit.validator for visit in visits if visit.validator is not None])
    for platform, items in _silent(visits).items():
        mark_unreachable(connection, platform, items)
    if desk.courtesy.polite:
        _write_hosts(connection, desk, visits, now)
    return written


def write_looks(
    connection: Connection, desk: Desk, looks: Sequence[tuple[Look, Capture]], now: datetime
) -> list[Observation]:
    """Write looks that no lease stands behind, from a file or an export, with their captures."""
    add_captures(connection, [capture for _, capture in looks])
    waiting = Waiting(connection, desk.run, {}, {})
    seen = [Seen(key=str(number), look=look, capture=capture) for number, (look, capture) in enumerate(looks)]
    observations, images = _write_looks(connection, desk, seen, waiting, now)
    put_images(connection, images)
    return list(observations.values())


def write_account(connection: Connection, desk: Desk, account: Account, now: datetime) -> str:
    """Keep what a seller's own page says of the account; gives its id. Sealed, or no more than that it was seen."""
    seller = Seller(
        id=desk.new_id(),
        platform=account.platform,
        platform_seller_id=account.platform_seller_id[:300],
        first_seen=now,
        last_seen=now,
    )
    return keep_seller(connection, seller, account.fields, desk.sealer)


def queue_links(connection: Connection, desk: Desk, visit: Visit) -> Visit:
    """Queue links of a page that has more than one transaction bears; gives the visit with the rest."""
    if visit.lease.fetch.fingerprint not in held(connection, [visit.lease]):
        return visit
    part, rest = visit.fetches[:LINKS_A_WRITE], visit.fetches[LINKS_A_WRITE:]
    queue(connection, _allowed(desk, part), heal_parent=True)
    return dataclasses.replace(visit, fetches=rest)


def write_cards(connection: Connection, desk: Desk, visit: Visit, now: datetime) -> Visit:
    """
    Write cards of a page that has more than one transaction bears; gives the visit with the rest.

    A kill before the page itself is committed leaves them with a capture of their own: the same bytes, in the ledger
    under another id.
    """
    if visit.capture is None or visit.lease.fetch.fingerprint not in held(connection, [visit.lease]):
        return visit
    taken = cards_a_write(visit)
    part = dataclasses.replace(visit, cards=visit.cards[:taken], fetches=())
    capture = dataclasses.replace(visit.capture, id=desk.new_id(), files=())
    (sifted,) = sift(connection, desk.run, [part], now)
    new = _children(desk, [sifted])
    waiting = Waiting(connection, desk.run, {}, new)
    waiting.prepare([each.fingerprint for each in new.values() if each.kind in _WAITED_FOR])
    add_captures(connection, [capture])
    seen = [Seen(key=card.platform_item_id, look=card, capture=capture) for card in sifted.cards]
    _, images = _write_looks(connection, desk, seen, waiting, now)
    queue(connection, new.values())
    set_contexts(connection, desk.run, waiting.changed())
    put_images(connection, images)
    return dataclasses.replace(visit, cards=visit.cards[taken:])


def cards_a_write(visit: Visit) -> int:
    """How many of a page's cards, from the first, one transaction bears."""
    rows = 0
    for number, card in enumerate(visit.cards):
        rows += rows_of(card)
        if rows > CARD_ROWS_A_WRITE:
            return max(number, 1)
    return len(visit.cards)


def _allowed(desk: Desk, fetches: Sequence[Fetch]) -> list[Fetch]:
    """The fetches as they are queued: those that may not be made are failed before anybody is asked."""
    found = []
    for each in fetches:
        reason = desk.refuse(each.url) or (desk.traps.refuses(each) if desk.traps is not None else None)
        found.append(each if reason is None else dataclasses.replace(each, state=FetchState.FAILED, reason=reason))
    return found


def _children(desk: Desk, visits: Sequence[Visit]) -> dict[str, Fetch]:
    """Everything the pages lead to, by fingerprint, the first to name it first."""
    found: dict[str, Fetch] = {}
    for visit in visits:
        looks = [*visit.cards, *([visit.look] if visit.look else [])]
        photos = [photo for look in looks for photo in look.photos if photo is not None]
        moved = [visit.moved_to] if visit.moved_to else []
        for each in _allowed(desk, [*visit.fetches, *photos, *moved]):
            found.setdefault(each.fingerprint, each)
    return found


def _write_looks(
    connection: Connection, desk: Desk, seen: Sequence[Seen], waiting: Waiting, now: datetime
) -> tuple[dict[str, Observation], list[ListingImage]]:
    """Sellers, listings and observations; gives the observations by key, and the listings' photos to be written."""
    if not seen:
        return {}, []
    looks = [each.look for each in seen]
    sellers = [seller for look in looks if (seller := _seller(desk, look, now)) is not None]
    seller_ids = see_sellers(connection, sellers)
    _keep_seller_names(connection, desk, looks, seller_ids)
    name_listings(connection, dict(name for look in looks for name in _names(look)))
    known = Listings(connection, EVERYTHING)
    listings = []
    for look in looks:
        if look.only_known:
            before = known.by_item(look.platform, look.platform_item_id)
            if before is None or (look.state is ListingState.UNREACHABLE and before.state is ListingState.GONE):
                continue  # what was said to be gone does not come back by saying nothing
            look = dataclasses.replace(look, url=before.url)  # a redirect does not move the offer
        listings.append(_listing(desk, look, seller_ids, now))
    listing_ids = see_listings(connection, listings)
    observations: dict[str, Observation] = {}
    images: list[ListingImage] = []
    for each in seen:
        look = each.look
        listing = listing_ids.get((look.platform, look.platform_item_id))
        if listing is None:
            continue
        fields = look.fields
        links = waiting.streams(listing, each.capture.id, each.fetches)
        if links:
            fields = dataclasses.replace(fields, streams=merge_hops(fields.streams, links))
        observations[each.key] = _observation(desk, listing, dataclasses.replace(look, fields=fields), each.capture)
        images += waiting.photos(listing, [image.value for image in look.fields.images], look.photos)
    add_observations(connection, list(observations.values()), desk.sealer)
    return observations, images


def _names(look: Look) -> Iterator[tuple[tuple[str, str], tuple[str, str | None]]]:
    """
    Under which ids a listing may be known whose own id was not read before; none where it is not read now.

    What a page calls its canonical address counts only for the listing that was seen at the page's own: else a
    page could name the offer of another as its own, and take it over.
    """
    item = look.platform_item_id
    if item.startswith(ADDRESS_ID):
        return
    yield (look.platform, fallback_item_id(offers_address(look.fields, look.url)[0])), (item, look.url)
    yield (look.platform, fallback_item_id(canonical_listing_url(look.url))), (item, None)


def _silent(visits: Sequence[Visit]) -> dict[str, list[str]]:
    """Offers whose pages gave no answer, by platform."""
    found: dict[str, list[str]] = {}
    for visit in visits:
        if visit.silent is not None:
            platform, item = visit.silent
            found.setdefault(platform, []).append(item)
    return found


def _write_costs(
    connection: Connection,
    desk: Desk,
    visits: Sequence[Visit],
    new: Mapping[str, Fetch],
    now: datetime,
    worked_s: float,
) -> None:
    """Count what the answers cost, and take in what their pages brought: some form of address may be left now."""
    used = desk.budgets.bills(visits, now, worked_s) if desk.budgets is not None else []
    traps = desk.traps
    for visit in visits if traps is not None else ():
        assert traps is not None, "asked above"
        leads = [new.get(each.fingerprint, each) for each in visit.fetches]
        leads_nowhere = bool(leads) and all((each.reason or "").startswith(TRAP) for each in leads)
        left = traps.note(visit.lease.fetch, visit.context.get(PRINT), leads_nowhere=leads_nowhere)
        if left is not None:
            used.append(Spent(run=desk.run, scope=Scope.TRAP, key=left))
    add_spent(connection, used)


def _seller(desk: Desk, look: Look, now: datetime) -> Seller | None:
    if look.fields.seller_id is None:
        return None
    return Seller(
        id=desk.new_id(),
        platform=look.platform,
        platform_seller_id=look.fields.seller_id.value[:300],
        first_seen=now,
        last_seen=now,
    )


def _keep_seller_names(
    connection: Connection, desk: Desk, looks: Sequence[Look], ids: dict[tuple[str, str], str]
) -> None:
    if desk.sealer is None:
        return
    rows = {}
    for look in looks:
        if look.fields.seller_id is None:
            continue
        id = ids[(look.platform, look.fields.seller_id.value[:300])]
        for name in ("seller_name", "seller_url", *TRADER_FIELDS):
            seen = getattr(look.fields, name)
            value = [each.value for each in seen] if isinstance(seen, tuple) else seen and seen.value
            if value:
                rows[(id, name)] = desk.sealer.seal("seller", id, name, value)
    keep_values(connection, list(rows.values()))


def _listing(desk: Desk, look: Look, seller_ids: dict[tuple[str, str], str], now: datetime) -> Listing:
    seller = look.fields.seller_id
    return Listing(
        id=desk.new_id(),
        platform=look.platform,
        platform_item_id=look.platform_item_id,
        kind=look.kind,
        url=look.url,
        seller=seller_ids.get((look.platform, seller.value[:300])) if seller is not None else None,
        first_seen=now,
        last_seen=now,
        state=look.state,
    )


def _observation(desk: Desk, listing: str, look: Look, capture: Capture) -> Observation:
    return Observation(
        id=desk.new_id(),
        listing=listing,
        run=desk.run,
        capture=capture.id,
        observed_at=capture.fetched_at,
        state=look.state,
        content_sha256=content_digest(look.fields),
        fields=look.fields,
        fields_read=fields_read(look.fields),
        on_card=look.offer is not None,
        because=look.because,
    )


def _settle(
    connection: Connection,
    desk: Desk,
    visits: Sequence[Visit],
    waiting: Waiting,
    written: Written,
    now: datetime,
) -> list[ListingImage]:
    """Write the state of every fetch; gives the photos that listings waited for."""
    settled, filled = [], []
    for visit in visits:
        fetch = visit.lease.fetch
        print_ = fetch.fingerprint
        context = {**waiting.context(print_), **visit.context}
        ended = visit.state is not FetchState.PENDING
        if ended and visit.capture is not None:
            context["capture"] = visit.capture.id
            context["sha256"] = visit.capture.body_sha256
        if visit.read_as:
            context["read_as"] = visit.read_as
        if print_ in written.looks and visit.state is FetchState.DONE:
            context["look"] = "yes"
        if visit.moved_to is not None:
            context["moved_to"] = visit.moved_to.fingerprint
            filled += waiting.hand_on(print_, visit.moved_to.fingerprint)
        elif ended and fetch.kind is FetchKind.PHOTO:
            filled += waiting.photo_came(context, visit.capture, visit.reason)
        if ended and fetch.kind in (FetchKind.PLAYER, FetchKind.MANIFEST):
            hops = [*visit.fetches, *([visit.moved_to] if visit.moved_to else [])]
            context["led_to"] = led_to(hops)
            _write_hop(connection, desk, visit, hops, waiting, context, now)
        waiting.settled(print_, visit.state, context)
        settled.append(
            Settled(
                fingerprint=print_,
                state=visit.state,
                reason=visit.reason,
                context=context,
                not_before=visit.not_before,
                attempts=fetch.attempts + (0 if visit.state is FetchState.DONE else 1),
            )
        )
    settle(connection, desk.run, settled)
    return filled


def _write_hop(
    connection: Connection,
    desk: Desk,
    visit: Visit,
    hops: Sequence[Fetch],
    waiting: Waiting,
    context: Mapping[str, str],
    now: datetime,
) -> None:
    """A hop was fetched: every look that leads there gets it, and what it names."""
    capture = visit.capture
    if capture is None or visit.state is not FetchState.DONE:
        return
    fetch = visit.lease.fetch
    looks = looks_of_run(connection, desk.run, waiting.listings_behind(fetch.fingerprint))
    here = StreamLink(
        role=role_of(_HOP_NAMES[fetch.kind], context), url=fetch.url, capture=capture.id, found_in=fetch.parent
    )
    found = {
        look: [here, *waiting.streams(listing, capture.id, hops), *visit.streams] for listing, look in looks.items()
    }
    done = already_compared(connection, list(looks.values()))
    if done:
        _look_again(connection, desk, capture, {look: found[look] for look in done})
    add_hops(connection, [(look, link) for look, links in found.items() if look not in done for link in links], now)


def _look_again(
    connection: Connection, desk: Desk, capture: Capture, found: Mapping[str, Sequence[StreamLink]]
) -> None:
    """A look that was compared already stays as it was compared; what came later makes a new one, due again."""
    observations = Observations(connection, EVERYTHING, desk.sealer)
    looks = []
    for id, links in found.items():
        before = observations.get(id)
        if before is None:
            continue
        fields = dataclasses.replace(before.fields, streams=merge_hops(before.fields.streams, links))
        looks.append(
            dataclasses.replace(
                before,
                id=desk.new_id(),
                capture=capture.id,
                # Pages are committed in another order than they came; the longest chain stays the latest look.
                observed_at=max(capture.fetched_at, before.observed_at + timedelta(microseconds=1)),
                content_sha256=content_digest(fields),
                fields=fields,
                fields_read=fields_read(fields),
            )
        )
    add_observations(connection, looks, desk.sealer)


def _write_hosts(connection: Connection, desk: Desk, visits: Sequence[Visit], now: datetime) -> None:
    answers = [visit.answer for visit in visits if visit.answer is not None]
    robots = [visit.robots for visit in visits if visit.robots is not None]
    names = {answer.host for answer in answers} | {heard.of_host for heard in robots}
    if not names:
        return
    hosts = Hosts(connection, EVERYTHING)
    before = hosts.named(sorted(names))
    after = {name: before.get(name) or Host(host=name, delay_s=desk.courtesy.delay_s) for name in names}
    for answer in answers:
        after[answer.host] = manners.after(after[answer.host], answer, desk.courtesy.delay_s, now)
    for heard in robots:
        after[heard.of_host] = manners.heard_robots(after[heard.of_host], heard, desk.courtesy.delay_s, now)
    hosts.keep([host for name, host in after.items() if host != before.get(name)])
