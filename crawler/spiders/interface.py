"""Platforms that are asked by their own interface: queries to answers, answers to offers, offers to photos."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from config.platform import Platform
from crawler import interface
from crawler.answers import Answer, read_answer
from crawler.errors import BrokenAnswer
from crawler.extract.page import read_page
from crawler.extract.pages import Page, Reading
from crawler.outcome import Outcomes
from crawler.plan import AHEAD, make_fetch, ranked
from crawler.spiders.marketplace import MarketplaceSpider
from crawler.spiders.watch import is_own
from crawler.urls import item_fingerprint
from crawler.visit import Errand, Look, Visit
from store.records.fetches import Fetch, FetchKind, FetchState
from store.records.listings import PageKind


class InterfaceSpider(MarketplaceSpider):
    """Follows answers to every offer they hold."""

    named_by_item: ClassVar[bool] = True

    def reading(self, fetch: Fetch, page: Page, platform: Platform) -> Reading:
        """What an answer says; anything else, such as a page fetched as evidence, is read as a page."""
        if not interface.is_answer(page.url, interface.api_of(platform)):
            return read_page(page, platform, expected=fetch.kind)
        return read_answer(page, platform, fetch.kind)

    def read(self, errand: Errand, page: Page, outcomes: Outcomes, latency_s: float | None) -> Visit:
        """What came of an answer; one that is cut short is asked again, one that is refused is lost."""
        status = page.status or 200
        if errand.lease.fetch.kind is FetchKind.RESULTS and status >= 400:
            walls = {401: "wall", 403: "wall"}
            return outcomes.lost(errand, walls.get(status, f"http_{status}"), latency_s)
        try:
            return super().read(errand, page, outcomes, latency_s)
        except BrokenAnswer as error:
            if error.is_torn:
                return outcomes.torn(errand, page, latency_s)
            return outcomes.lost(errand, f"read_as_{PageKind.NONE.value}", latency_s)

    def follow(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """The next answer, and each offer's own where the platform has one."""
        if not isinstance(reading, Answer):
            return []
        found = self.next_page(fetch, page, reading)
        platform = self.platform_of(fetch)
        term = {"term": fetch.context["term"]} if "term" in fetch.context else {}
        for position, offer in enumerate(reading.offers):
            item = _item(offer.platform_item_id)
            url = interface.item_address(platform, item)
            if url is not None:
                found.append(
                    make_fetch(
                        fetch.run,
                        url,
                        FetchKind.LISTING,
                        parent=page.capture,
                        depth=fetch.depth + 1,
                        context={**term, "position": str(position), "item": item},
                        own_print=item_fingerprint(platform.name, item),
                    )
                )
        return found

    def cards(self, fetch: Fetch, page: Page, reading: Reading) -> list[Look]:
        """Each offer of an answer, whole, where it has no answer of its own."""
        platform = self.platform_of(fetch)
        if not isinstance(reading, Answer) or interface.api_of(platform).item is not None:
            return []
        outcomes = self.outcomes(fetch)
        looks = []
        for offer in reading.offers:
            whole = Reading(
                kind=PageKind.LISTING,
                fields=offer,
                platform_item_id=_item(offer.platform_item_id),
                because=reading.because,
            )
            look = outcomes.look(whole, page, fetch)
            shown = offer.canonical_url.value if offer.canonical_url is not None else None
            # Where people see it, which is what a platform is asked to take down.
            looks.append(dataclasses.replace(look, url=shown) if shown and is_own(platform, shown) else look)
        return looks

    def next_page(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """The answer after an answer; one that leads back or elsewhere is queued as lost, so that the run says so."""
        platform = self.platform_of(fetch)
        look = platform.look
        number = int(fetch.context.get("page", str(look.first_page))) + 1
        if not reading.cards or number - look.first_page >= int(fetch.context.get("pages", look.pages)):
            return []
        url = interface.counted_address(platform, fetch.url, number)
        if url == fetch.url:
            url = reading.next_url or ""
        if not url:
            return []
        kept: dict[str, str] = {
            name: fetch.context[name] for name in ("term", "category", "pages", AHEAD) if name in fetch.context
        }
        trail = interface.trail_of(fetch, url)
        wrong = None
        if trail is None:
            wrong = "cursor_loop"
        elif not interface.is_answer(url, interface.api_of(platform)):
            wrong = "foreign_next"
        context = {**kept, "page": str(number)}
        if trail is not None:
            context[interface.TRAIL] = trail
        following = make_fetch(
            fetch.run,
            url,
            FetchKind.RESULTS,
            parent=page.capture,
            depth=fetch.depth + 1,
            context=context,
            literal=wrong is not None,  # beside the address that was asked, which it may be
        )
        if wrong is None:
            return [ranked(following)]
        return [dataclasses.replace(following, state=FetchState.FAILED, reason=wrong)]


def _item(said: object) -> str:
    value = getattr(said, "value", None)
    assert isinstance(value, str), "every offer is told apart by something"
    return value[:300]
