"""Pages that somebody gives, of whatever platform: saved pages read again, and tips."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from config.families import generic_platform
from config.platform import Platform, PlatformKind
from crawler.extract.pages import Page, Reading
from crawler.saved import name_host
from crawler.spiders.streaming import STREAM_KINDS, StreamingSpider
from store.records.fetches import Fetch, FetchKind
from store.records.runs import RunKind


class GivenSpider(StreamingSpider):
    """Reads each page by the declaration of its host, or by the generic family where there is none."""

    named_by_item: ClassVar[bool] = False  # saved pages are given by address, and a card leads to one of them

    @cached_property
    def _by_host(self) -> dict[str, Platform]:
        platforms = self.frontier.workplace.declarations.platforms.values()
        return {name_host(platform.home): platform for platform in platforms}

    def platform_of(self, fetch: Fetch) -> Platform:
        """The platform of the fetch's host; of a host that nobody declared, the generic family's."""
        declared = platform_for(fetch.url, self._by_host)
        if declared is not None:
            return declared
        stream = fetch.kind in STREAM_KINDS
        return generic_platform(fetch.url, PlatformKind.STREAMING if stream else PlatformKind.MARKETPLACE)

    def follow(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """A tip leads to nothing but its stream; a saved page wherever it leads."""
        found = super().follow(fetch, page, reading)
        if self.frontier.workplace.run.kind is RunKind.TIP:
            return [each for each in found if each.kind in (FetchKind.PLAYER, FetchKind.MANIFEST)]
        return found


def platform_for(url: str, by_host: dict[str, Platform]) -> Platform | None:
    """The declared platform that a URL belongs to: of its very host and port, with or without `www.`."""
    return by_host.get(name_host(url))
