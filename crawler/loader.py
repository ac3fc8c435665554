"""One spider for each platform file, shipped or in the workspace, so that Scrapy's own commands know them all."""

from __future__ import annotations

import builtins
from functools import cached_property
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from config.declarations import load_declarations
from config.platform import Platform, PlatformKind
from config.settings import load_settings
from crawler.spiders.watch import WatchSpider

_MARKETPLACE = "crawler.spiders.marketplace.MarketplaceSpider"
_INTERFACE = "crawler.spiders.interface.InterfaceSpider"
_STREAMING = "crawler.spiders.streaming.StreamingSpider"
# By name, so that a crawl loads the readers of its own family alone.
_FAMILIES = {
    PlatformKind.MARKETPLACE: _MARKETPLACE,
    PlatformKind.CLASSIFIED: _MARKETPLACE,
    PlatformKind.SOCIAL: _MARKETPLACE,
    PlatformKind.STREAMING: _STREAMING,
    PlatformKind.TORRENT: _STREAMING,
}


def spider_for(platform: Platform) -> type[WatchSpider]:
    """The spider class of one platform: its family's, with its declaration."""
    family: type[WatchSpider] = load_object(_INTERFACE if platform.api is not None else _FAMILIES[platform.kind])
    return type(f"{family.__name__}_{platform.name}", (family,), {"name": platform.name, "platform": platform})


def given_spider(platform: Platform) -> type[WatchSpider]:
    """The spider of pages that somebody gives; `platform` is the run's own, each page is read by its host's."""
    family: type[WatchSpider] = load_object("crawler.spiders.given.GivenSpider")
    return type("GivenSpider", (family,), {"name": platform.name, "platform": platform})


class PlatformLoader:
    """Finds spiders by platform name."""

    def __init__(self, settings: BaseSettings) -> None:
        self._home = settings.get("MARQUE_HOME") or None

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> PlatformLoader:
        """Made by Scrapy."""
        return cls(settings)

    @cached_property
    def _platforms(self) -> dict[str, Platform]:
        """Read when first asked for: a crawl's own process brings its spider with it and never asks."""
        return dict(load_declarations(load_settings(self._home)).platforms)

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of a platform. Raises `KeyError`, as Scrapy expects."""
        if spider_name not in self._platforms:
            raise KeyError(f"Spider not found: {spider_name}")
        return spider_for(self._platforms[spider_name])

    def list(self) -> list[str]:
        """Every platform that has a file."""
        return sorted(self._platforms)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Platforms whose host a request goes to."""
        host = urlsplit(request.url).netloc
        return [name for name, platform in self._platforms.items() if urlsplit(platform.home).netloc == host]
