"""Where a crawl begins, what it will cost at the polite rate, and what is left out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote_plus, urljoin

from config.platform import Platform, PlatformKind
from crawler.errors import NotLookable
from crawler.interface import first_address
from crawler.manners import STRANGERS_DELAY_S
from crawler.urls import fingerprint, host_of
from store.records.fetches import Fetch, FetchKind

# Result pages come first, so that a listing taken down while the crawl runs was seen on its card; photos come
# before the next listing, so that an interrupted run leaves whole listings.
PRIORITY = {
    FetchKind.CANARY: 500,
    FetchKind.EVIDENCE: 400,
    FetchKind.RESULTS: 300,
    FetchKind.PHOTO: 200,
    FetchKind.MANIFEST: 160,
    FetchKind.PLAYER: 150,
    FetchKind.LISTING: 100,
    FetchKind.TITLE_PAGE: 100,
}
TERM_CHARS = 200  # chosen: longer than any search box takes
LOOK = "look_for"  # a fetch's context: which look of a recheck it is, by the words of `SightRole`
LOCALE = "locale"  # the language it asks for, where that is not the platform's own
WAY = "way"  # browser or plain
PLAIN = "plain"
AHEAD = "ahead"  # a fetch's context: how far its query goes before others, by what it brought
OPENED_SHARE = 0.15  # of cards, under triage, before any crawl told: what the exercise world takes at most
CARDS_A_PAGE = 24  # chosen: what plans assume of a result page where the platform file does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlPlan:
    """What a crawl of one platform would do."""

    platform: str
    queries: tuple[str, ...]  # search terms, and category and start pages as they stand in the file
    result_pages: int
    fetches: int  # estimated: result pages, listings, photos, robots.txt and canary
    hours: float  # at the polite rate, one host
    cut: tuple[str, ...]  # sentences: what the declared limits leave out


def search_terms(*names: Iterable[str | None], more: Iterable[str] = ()) -> list[str]:
    """
    Search terms from marks' texts, product names and work titles, in that order, each once, whatever its case.

    `more` are terms that a platform file adds.
    """
    found: dict[str, str] = {}
    for source in [*names, more]:
        for name in source:
            term = " ".join((name or "").split())[:TERM_CHARS]
            if term:
                found.setdefault(term.casefold(), term)
    return list(found.values())


def page_url(platform: Platform, template: str, page: int, term: str | None = None) -> str:
    """The address of one result page, or of an interface's first answer."""
    if platform.api is not None:
        return first_address(platform, template, term)
    filled = template.replace("{page}", str(page))
    if term is not None:
        filled = filled.replace("{term}", quote_plus(term))
    return urljoin(platform.home, filled)


def seeds(platform: Platform, run: str, terms: Sequence[str]) -> list[Fetch]:
    """
    Where a crawl of the platform begins: a canary, the first result page of every term and category, start pages.

    Raises `NotLookable` for a platform that is not crawled or names nowhere to begin.
    """
    if platform.reach.by not in ("crawl", "api"):
        raise NotLookable(platform.name, f"reach.by is {platform.reach.by!r}, so it is not crawled")
    if platform.api is not None and platform.reach.terms_read_on is None and not platform.is_loopback:
        raise NotLookable(platform.name, "reach.terms_read_on is not set: nobody has read its interface's terms")
    if platform.api is None and platform.reach.robots_read_on is None and not platform.is_loopback:
        raise NotLookable(platform.name, "reach.robots_read_on is not set: nobody has read its robots.txt and terms")
    look = platform.look
    found: dict[str, Fetch] = {}

    def add(url: str, kind: FetchKind, **context: str) -> None:
        fetch = make_fetch(run, url, kind, context=context)
        found.setdefault(fetch.fingerprint, fetch)

    if platform.expect.canary is not None:
        add(urljoin(platform.home, platform.expect.canary), FetchKind.CANARY)
    first = look.first_page
    if look.search is not None:
        for term in search_terms(terms, more=look.terms):
            add(page_url(platform, look.search, first, term), FetchKind.RESULTS, term=term, page=str(first))
    for template in look.category:
        add(page_url(platform, template, first), FetchKind.RESULTS, category=template, page=str(first))
    for url in look.start:
        add(urljoin(platform.home, url), FetchKind.RESULTS, start="yes", page=str(first))
    if not any(fetch.kind is FetchKind.RESULTS for fetch in found.values()):
        raise NotLookable(platform.name, "it has no category or start page, and no search term to look for")
    return list(found.values())


def make_fetch(
    run: str,
    url: str,
    kind: FetchKind,
    *,
    parent: str | None = None,
    depth: int = 0,
    hops: int = 0,
    context: dict[str, str] | None = None,
    literal: bool = False,
    own_print: str | None = None,
) -> Fetch:
    """
    A fetch as it is queued; `own_print` names it by something else than its address.

    Raises `ValueError` for an address without a readable host.
    """
    return Fetch(
        run=run,
        fingerprint=own_print or fingerprint(url, kind, literal=literal),
        url=url,
        host=host_of(url),
        kind=kind,
        parent=parent,
        depth=depth,
        priority=PRIORITY.get(kind, 0),
        hops=hops,
        context=context or {},
    )


def evidence_fetch(
    run: str, url: str, context: dict[str, str], *, parent: str | None = None, depth: int = 0, hops: int = 0
) -> Fetch:
    """
    A look for evidence: a fetch of its own whatever else of the page is fetched, named by what it is for.

    `context` says at least `listing` and `look`. Raises `ValueError` for an address without a readable host.
    """
    name = f"evidence {context[LOOK]} {context['listing']} {hops} {url}"
    return make_fetch(
        run,
        url,
        FetchKind.EVIDENCE,
        parent=parent,
        depth=depth,
        hops=hops,
        context=context,
        own_print=hashlib.sha256(name.encode("utf-8", "replace")).hexdigest(),
    )


def ranked(fetch: Fetch) -> Fetch:
    """A result page with the place of its query among the others."""
    return replace(fetch, priority=fetch.priority + int(fetch.context.get(AHEAD, "0")))


def plan(platform: Platform, terms: Sequence[str]) -> CrawlPlan:
    """What a crawl would fetch and how long it takes when every host is asked politely."""
    look = platform.look
    first = [seed for seed in seeds(platform, "", terms) if seed.kind is FetchKind.RESULTS]
    queries = tuple(seed.context.get("term") or seed.context.get("category") or seed.url for seed in first)
    paged = [seed for seed in first if "start" not in seed.context]
    pages = len(paged) * look.pages + (len(first) - len(paged))
    cards = max(platform.expect.cards.min, CARDS_A_PAGE)
    shown = pages * cards
    listings, photos_a_card = float(shown), 0
    if platform.api is not None and platform.api.item is None:
        listings, photos_a_card = 0.0, look.max_photos  # the list says all there is to say
    elif look.open == "suspicious":
        listings, photos_a_card = shown * OPENED_SHARE, min(look.max_photos, 1)
    # The photo on a card is one of its page's, so that only the others come with the page.
    photos = shown * photos_a_card + listings * (look.max_photos - photos_a_card)
    if not look.photos or platform.kind is PlatformKind.STREAMING:
        photos = 0.0
    wanted = round(pages + listings + photos) + 2
    fetches = min(wanted, look.max_fetches)
    delay = platform.manners.delay_s if platform.is_loopback else max(platform.manners.delay_s, STRANGERS_DELAY_S)
    cut = [f"each query is followed for {look.pages} result pages and no further"]
    if wanted > fetches:
        cut.append(f"the budget of {look.max_fetches} fetches leaves out about {wanted - fetches}")
    if look.open == "suspicious" and platform.api is None:
        cut.append(f"pages of suspicious, unread or drawn cards alone are opened, about {OPENED_SHARE:.0%} of them")
    if look.photos and look.max_photos:
        cut.append(f"at most {look.max_photos} photos of a listing are fetched")
    return CrawlPlan(
        platform=platform.name,
        queries=queries,
        result_pages=pages,
        fetches=fetches,
        hours=round(fetches * delay / 3600, 2),
        cut=tuple(cut),
    )
