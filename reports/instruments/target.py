"""T8, the guard: no request about a whole name, address or network that unrelated people use too."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from config.platform import Platform, PlatformKind
from config.protected import Protected
from store.records.sites import FactKind, Site
from store.records.works import Work

OPEN_KINDS = frozenset({PlatformKind.MARKETPLACE, PlatformKind.CLASSIFIED, PlatformKind.SOCIAL})
"""Kinds of platform on which everybody offers; a streaming or torrent site is run by one hand."""

MANY_NAMES = 20
"""Names on one certificate from which on a network's customer is a shared one (chosen)."""


def why_spared(
    domain: str, protected: Protected, platforms: Iterable[Platform], works: Iterable[Work], site: Site | None
) -> str | None:
    """Why nothing may be asked about `domain` as a whole; None where a person may ask."""
    host = domain.casefold().rstrip(".")
    reason = protected.reason(host)
    if reason is not None:
        return reason
    for platform in platforms:
        home = (urlsplit(platform.home).hostname or "").casefold()
        if platform.kind in OPEN_KINDS and (home == host or home.endswith(f".{host}")):
            return f"{platform.name} is a {platform.kind.value}, on which many unrelated people offer"
    for work in works:
        for url in work.authorised_urls:
            named = (urlsplit(url).hostname or "").casefold()
            if named == host or named.endswith(f".{host}"):
                return f"the holder names it as a place where “{work.title}” may be had"
    names = {fact.value for fact in site.facts if fact.kind is FactKind.CERTIFICATE_NAME} if site else set()
    strangers = {name for name in names if not name.casefold().removeprefix("*.").endswith(host)}
    if len(strangers) >= MANY_NAMES:
        return f"its certificate holds for {len(strangers)} other names, so that it stands on a shared host"
    return None
