"""Marketplaces, classifieds and social selling: search terms and categories to result pages to offers to photos."""

from __future__ import annotations

from crawler.extract.pages import Page, Reading
from crawler.plan import page_url
from crawler.spiders.watch import WatchSpider
from store.records.fetches import Fetch, FetchKind


class MarketplaceSpider(WatchSpider):
    """Follows result pages to every offer they show."""

    listing_kind = FetchKind.LISTING

    def follow(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """The offers of a result page and the page after it."""
        if fetch.kind is not FetchKind.RESULTS and "any" not in fetch.context:
            return []
        found: list[Fetch] = []
        term = {"term": fetch.context["term"]} if "term" in fetch.context else {}
        for position, card in enumerate(reading.cards):
            if not self.is_own(card.url):
                continue
            context = {**term, "position": str(position)}
            if card.platform_item_id is not None:
                context["item"] = card.platform_item_id[:300]
            if card.sponsored:
                context["sponsored"] = "yes"
            found += self.leads_to(fetch, page, card.url, self.listing_kind, context)
        return self.next_page(fetch, page, reading) + found

    def next_page(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """The following result page: by the file's own pattern where it has one, else by the page's own link."""
        number = int(fetch.context.get("page", "1")) + 1
        look = self.platform.look
        if not reading.cards or number - look.first_page >= look.pages:
            return []
        term = fetch.context.get("term")
        template = look.search if term is not None else fetch.context.get("category")
        url = reading.next_url
        if template is not None and "{page}" in template:
            url = page_url(self.platform, template, number, term)
        if url is None or not self.is_own(url):
            return []
        kept: dict[str, str] = {name: fetch.context[name] for name in ("term", "category") if name in fetch.context}
        following = self.leads_to(fetch, page, url, FetchKind.RESULTS, {**kept, "page": str(number)})
        return [each for each in following if each.fingerprint != fetch.fingerprint]
