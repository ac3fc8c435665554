"""Streaming and link sites: result pages to titles, title to player, player to player, player to manifest."""

from __future__ import annotations

import dataclasses

from crawler.extract.errors import ManifestError
from crawler.extract.manifest import ManifestKind, read_manifest
from crawler.extract.pages import Page, Reading
from crawler.spiders.marketplace import MarketplaceSpider
from crawler.spiders.watch import is_own
from crawler.visit import Errand, Visit
from store.records.fetches import Fetch, FetchKind
from store.records.listings import StreamLink

VARIANTS_MAX = 20  # chosen: a master playlist names a handful; more is a trap
PLAYERS_DEEP = 6  # chosen: two protectors, then a player in a player; deeper chains are advertising
PLAYERS_A_HOP = 10  # chosen: followed from one hop; a title may have a hundred mirrors, what lies behind it has few
STREAM_KINDS = frozenset({FetchKind.PLAYER, FetchKind.MANIFEST, FetchKind.TITLE_PAGE})


class StreamingSpider(MarketplaceSpider):
    """Follows a title to the hosts that its stream comes from; every hop is a capture."""

    def follow(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """Titles of a result page; from a title or a player, the players and manifests it names."""
        found = super().follow(fetch, page, reading)
        deep = int(fetch.context.get("player", "0"))
        players = 0
        for link in reading.links:
            if link.kind not in STREAM_KINDS:
                continue
            if link.kind is FetchKind.TITLE_PAGE:
                if fetch.kind is not FetchKind.PLAYER and is_own(self.platform_of(fetch), link.url):
                    found += self.leads_to(fetch, page, link.url, link.kind)
            elif link.kind is FetchKind.MANIFEST:
                found += self.leads_to(fetch, page, link.url, link.kind)
            elif deep < PLAYERS_DEEP and (deep == 0 or players < PLAYERS_A_HOP):
                players += 1
                found += self.leads_to(fetch, page, link.url, link.kind, {"player": str(deep + 1)})
        return [each for each in found if each.fingerprint != fetch.fingerprint]

    def manifest(self, errand: Errand, page: Page, latency_s: float | None) -> Visit:
        """A manifest: its variants are fetched, its segment hosts are named, no segment is."""
        fetch = errand.lease.fetch
        try:
            manifest = read_manifest(page)
        except ManifestError as error:
            return dataclasses.replace(self.outcomes(fetch).unreadable(errand, error), reason="not_a_manifest")
        fetches: list[Fetch] = []
        if manifest.kind is ManifestKind.HLS and "variant" not in fetch.context:
            for url in manifest.variants[:VARIANTS_MAX]:
                fetches += self.leads_to(fetch, page, url, FetchKind.MANIFEST, {"variant": "yes"})
        visit = self.outcomes(fetch).done(errand, latency_s, read_as="manifest", fetches=fetches)
        hosts = tuple(StreamLink(role="segment_host", url=host, found_in=page.capture) for host in manifest.hosts)
        return dataclasses.replace(visit, streams=hosts)
