"""
Cards first: which offers' own pages are opened, and what is kept of those that are not.

A card that lacks its title, price or picture was not read, so its page is; so is that of a seeded random sample, by
which blind spots show. Every other card is kept as a look of its own: few fields, and the photo. Whether one of them
is suspicious is not for a crawl to say, which knows no registry: whoever runs it passes a `Judge`, and gets the
looks of the run through the ledger.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from config.platform import Platform, PlatformKind
from crawler.extract.pages import Card, Page
from crawler.extract.text import fold
from crawler.plan import make_fetch
from crawler.urls import is_fetchable
from crawler.visit import Look
from store.records.fetches import Fetch, FetchKind
from store.records.listings import ListingFields, ListingState, PageKind
from store.records.runs import Run
from store.records.seen import Seen

TRIAGE = "triage"  # a run's count: 1 where only some pages are opened
JUDGED = "judged"  # a run's count: 1 once its cards were judged
TO_JUDGE = "to_judge"  # a run's count: 1 where it stopped because its cards wait to be judged
OPENED = "opened"  # a fetch's context: why the page is opened
UNREAD, DRAWN, CHANGED = "unread", "drawn", "changed"

_KINDS = {PlatformKind.STREAMING: PageKind.STREAM, PlatformKind.TORRENT: PageKind.TORRENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A listing whose page is to be opened."""

    listing: str  # Listing id
    why: str  # one word, counted in the run: name_or_photo, finding, seller, price


Judge = Callable[[Sequence[Run]], Mapping[str, Sequence[Suspicion]]]
"""Gives, for runs whose cards are all in the ledger, the listings to open, by run id."""


def is_triaged(run: Run) -> bool:
    """Whether a run opens only some of the pages it is shown."""
    return run.counts.get(TRIAGE) == 1


def waits_for_judge(run: Run) -> bool:
    """Whether a run's cards are still to be judged."""
    return is_triaged(run) and run.counts.get(JUDGED) != 1


def why_open(card: Card, item: str | None, run: Run, platform: Platform) -> str | None:
    """
    Why the page of a card is opened without further question; None: it may wait for a judge.

    `item` is the platform's id of the offer where it can be trusted; without one a card can't be told from others.
    """
    needs_price = platform.kind not in _KINDS
    if item is None or card.title is None or card.image is None or (needs_price and card.price is None):
        return UNREAD
    return DRAWN if is_drawn(run.id, item, platform.look.sample) else None


def is_drawn(run: str, item: str, rate: float) -> bool:
    """Whether an offer is in a run's random sample: the run's id is the seed, so that a resumed run draws alike."""
    drawn = hashlib.sha256(f"sample {run} {item}".encode("utf-8", "replace")).digest()
    return int.from_bytes(drawn[:8], "big") < rate * 2**64


def card_look(card: Card, item: str, fetch: Fetch, offer: Fetch, page: Page, platform: Platform) -> Look:
    """The look at an offer that its card gives; `offer` is the fetch of its page, should that be wanted."""
    photo: tuple[Fetch | None, ...] = ()
    if card.image is not None:
        url = card.image.value
        wanted = platform.look.photos and platform.look.max_photos > 0 and is_fetchable(url)
        photo = (make_fetch(fetch.run, url, FetchKind.PHOTO, parent=page.capture, depth=fetch.depth + 1),)
        photo = photo if wanted else (None,)
    own = Seen(value=item, raw=item, rule=f"{platform.name}: results.platform_item_id", capture=page.capture)
    return Look(
        platform=platform.name,
        platform_item_id=item,
        kind=_KINDS.get(platform.kind, PageKind.LISTING),
        url=offer.url,
        state=ListingState.LIVE,
        fields=ListingFields(
            platform_item_id=own,
            title=card.title,
            price=card.price,
            price_original=card.price_original,
            condition=card.condition,
            images=(card.image,) if card.image is not None else (),
            seller_name=card.seller_name,
            ships_from=card.location,
            rating=card.rating,
            posted_at=card.posted_at,
            uploader=card.uploader,
        ),
        photos=photo,
        offer=dataclasses.replace(offer, context={**offer.context, OPENED: CHANGED}),
    )


def says_the_same(card: ListingFields, before: ListingFields) -> bool:
    """
    Whether a card says of an offer what an earlier look said: title and price.

    A card may cut its title short, or leave the price out; what it leaves out has not changed.
    """
    if card.title is not None and before.title is not None:
        short = fold(card.title.value).rstrip(" .\N{HORIZONTAL ELLIPSIS}")
        if not short or not fold(before.title.value).startswith(short):
            return False
    if card.price is not None and before.price is not None:
        return card.price.value == before.price.value
    return True
