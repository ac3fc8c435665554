"""Marketplaces, classifieds and social selling: search terms and categories to result pages to offers to photos."""

from __future__ import annotations

import dataclasses
from typing import ClassVar
from urllib.parse import urlsplit

from config.platform import PlatformKind
from crawler.extract.pages import Card, Page, Reading
from crawler.extract.text import fold
from crawler.plan import AHEAD, make_fetch, page_url, ranked
from crawler.spiders.watch import WatchSpider, is_own
from crawler.triage import OPENED, card_look, is_triaged, why_open
from crawler.urls import is_fetchable, item_fingerprint
from crawler.visit import Look
from store.records.fetches import Fetch, FetchKind

STREAM_PLATFORMS = frozenset({PlatformKind.STREAMING, PlatformKind.TORRENT})


class MarketplaceSpider(WatchSpider):
    """Follows result pages to every offer they show."""

    named_by_item: ClassVar[bool] = True  # an offer is one fetch, by the id on its card

    def follow(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """The page after a result page, and its offers: all, or under triage those that are opened at once."""
        if not self._is_list(fetch):
            return []
        run = self.frontier.workplace.run
        offers = self._offers(fetch, page, reading)
        if not is_triaged(run):
            return self.next_page(fetch, page, reading) + [offer for _, _, offer in offers]
        found = self.next_page(fetch, page, reading)
        for card, item, offer in offers:
            why = why_open(card, item, run, self.platform_of(fetch))
            if why is not None:
                found.append(dataclasses.replace(offer, context={**offer.context, OPENED: why}))
        return found

    def cards(self, fetch: Fetch, page: Page, reading: Reading) -> list[Look]:
        """Under triage, what the cards say of the offers that are not opened at once."""
        run = self.frontier.workplace.run
        if not is_triaged(run) or not self._is_list(fetch):
            return []
        platform = self.platform_of(fetch)
        return [
            card_look(card, item, fetch, offer, page, platform)
            for card, item, offer in self._offers(fetch, page, reading)
            if item is not None and why_open(card, item, run, platform) is None
        ]

    def _is_list(self, fetch: Fetch) -> bool:
        return fetch.kind is FetchKind.RESULTS or "any" in fetch.context

    def _offers(self, fetch: Fetch, page: Page, reading: Reading) -> list[tuple[Card, str | None, Fetch]]:
        """Each card of a page that leads to an offer of the platform, with the offer's id where it is trusted."""
        found: list[tuple[Card, str | None, Fetch]] = []
        platform = self.platform_of(fetch)
        kind = FetchKind.TITLE_PAGE if platform.kind in STREAM_PLATFORMS else FetchKind.LISTING
        term = {"term": fetch.context["term"]} if "term" in fetch.context else {}
        ids = _trusted_ids(reading)
        for position, card in enumerate(reading.cards):
            if card.url is None or not is_own(platform, card.url) or not is_fetchable(card.url):
                continue
            context = {**term, "position": str(position)}
            item = card.platform_item_id[:300] if card.platform_item_id is not None else None
            trusted = item if item is not None and item in ids else None
            if trusted is not None:
                context["item"] = trusted
            if card.sponsored:
                context["sponsored"] = "yes"
            offer = make_fetch(
                fetch.run,
                card.url,
                kind,
                parent=page.capture,
                depth=fetch.depth + 1,
                context=context,
                own_print=item_fingerprint(platform.name, trusted) if self.named_by_item and trusted else None,
            )
            found.append((card, trusted if self.named_by_item else None, offer))
        return found

    def next_page(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """The following result page: by the file's own pattern where it has one, else by the page's own link."""
        platform = self.platform_of(fetch)
        look = platform.look
        number = int(fetch.context.get("page", str(look.first_page))) + 1
        if not reading.cards or number - look.first_page >= int(fetch.context.get("pages", look.pages)):
            return []
        term = fetch.context.get("term")
        template = look.search if term is not None else fetch.context.get("category")
        url = reading.next_url
        if template is not None and "{page}" in template:
            url = page_url(platform, template, number, term)
        if url is None or not is_own(platform, url):
            return []
        kept: dict[str, str] = {
            name: fetch.context[name] for name in ("term", "category", "pages", AHEAD) if name in fetch.context
        }
        following = self.leads_to(fetch, page, url, FetchKind.RESULTS, {**kept, "page": str(number)})
        return [ranked(each) for each in following if each.fingerprint != fetch.fingerprint]


def _trusted_ids(reading: Reading) -> set[str]:
    """
    The ids that tell a page's offers apart: none when the rule that reads them gives one id to different offers.

    A sponsored card may show an offer again under another address, so a few repeats are normal; under another
    address and another title it is another offer, and the id is nobody's.
    """
    named = [(card.platform_item_id, card) for card in reading.cards if card.platform_item_id]
    paths = {urlsplit(card.url or "").path for _, card in named}
    if 2 * len({item for item, _ in named}) < len(paths):
        return set()
    first: dict[str, Card] = {}
    shared = {item for item, card in named if _is_another(first.setdefault(item, card), card)}
    return {item[:300] for item in first if item not in shared}


def _is_another(one: Card, other: Card) -> bool:
    """Whether two cards of one id are different offers: another address, and another title."""
    if one.title is None or other.title is None or fold(one.title.value) == fold(other.title.value):
        return False
    return urlsplit(one.url or "").path != urlsplit(other.url or "").path
