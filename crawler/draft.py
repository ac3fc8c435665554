"""
A platform's declaration drafted from a few of its pages: its engine, its own rules, its search, what to expect.

Pure: pages in, tables of a platform file and its cases out. What a family reads is inherited; what only the generic
rules read is written down as the rule that read it; what only sight found becomes a selector where one holds on every
page, and is left out where none does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urljoin, urlsplit

from config.families import GENERIC, engines, generic_platform
from config.platform import PlatformKind, ReadListing, ReadStream
from config.rule import KINDS, Rule
from crawler.extract.addresses import canonical_listing_url, stands_in_title
from crawler.extract.derive import Known, KnownCard, card_rules, rule_for_address, rule_for_text
from crawler.extract.document import Document
from crawler.extract.engines import shipped_signs
from crawler.extract.fields import FALLBACK_RULE
from crawler.extract.page import read_page
from crawler.extract.pages import Page, Reading
from store.records import codec
from store.records.fetches import FetchKind
from store.records.listings import PageKind
from store.records.seen import Seen

SEARCH_NAMES = ("q", "query", "search", "s", "keyword", "keywords", "term", "text", "searchterm", "k")
"""How search boxes call what is typed, the most common first."""

_FILLED = 0.9  # chosen: of a field that every page seen carries, a tenth may miss it before a run is unfit
_LEAST_CARDS = 0.5  # chosen: half the cards seen is still the same page
_PAGES = 3
# Where shops put an offer's number in its address, the most telling first.
_NUMBERS = (r"[?&](?:product_?id|item_?id|id|pid)=(\d+)", r"[-_/.]p?(\d+)(?:\.html?)?/?$", r"/(\d{3,})(?:[-/?]|$)")
_PLAYS = (PlatformKind.STREAMING, PlatformKind.TORRENT)
_OFFERS = (PageKind.LISTING, PageKind.STREAM, PageKind.TORRENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """One page that was fetched, with what the shipped families read on it."""

    page: Page
    reading: Reading
    fetched_as: FetchKind

    @property
    def document(self) -> Document:
        """The page taken apart."""
        header = self.page.header("content-type")
        return Document(url=self.page.url, body=self.page.body, content_type=header, fetched_at=self.page.fetched_at)


def visited(page: Page) -> Visited:
    """A page, read as one of a site that nobody declared."""
    reading = read_page(page, generic_platform(page.url))
    results = reading.kind in (PageKind.RESULTS, PageKind.TORRENT_RESULTS)
    stream = reading.kind in (PageKind.STREAM, PageKind.TORRENT)
    kind = FetchKind.RESULTS if results else FetchKind.TITLE_PAGE if stream else FetchKind.LISTING
    return Visited(page=page, reading=reading, fetched_as=kind)


def engine_name(page: Page) -> str | None:
    """The family whose signs the page carries; None where none does."""
    header = page.header("content-type")
    document = Document(url=page.url, body=page.body, content_type=header, fetched_at=page.fetched_at)
    found = shipped_signs().engine_of(document, page.body)
    return found.name if found is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForm:
    """A search box: where it leads, and what it calls the words typed."""

    action: str
    name: str
    hidden: tuple[tuple[str, str], ...]

    def address(self, term: str) -> str:
        """The page of results for a term."""
        return f"{self.action}?{urlencode([*self.hidden, (self.name, term)])}"


def search_form(page: Page) -> SearchForm | None:
    """The page's search box: a form that asks with GET for words of a common name; None where there is none."""
    document = Document(
        url=page.url, body=page.body, content_type=page.header("content-type"), fetched_at=page.fetched_at
    )
    best: tuple[int, SearchForm] | None = None
    for form in document.select("form", "draft"):
        if (form.attributes.get("method") or "get").strip().lower() != "get":
            continue
        named = {
            (node.attributes.get("name") or ""): node
            for node in form.css("input")
            if (node.attributes.get("type") or "text").lower() in ("text", "search")
        }
        name = next((each for each in SEARCH_NAMES for known in named if known.lower() == each), None)
        if name is None:
            continue
        name = next(known for known in named if known.lower() == name)
        hidden = tuple(
            (str(node.attributes["name"]), node.attributes.get("value") or "")
            for node in form.css("input[type=hidden]")
            if node.attributes.get("name") and "csrf" not in str(node.attributes["name"]).lower()
        )
        action = urljoin(document.base, form.attributes.get("action") or "").split("?")[0]
        found = SearchForm(action=action, name=name, hidden=hidden)
        rank = SEARCH_NAMES.index(name.lower())
        if best is None or rank < best[0]:
            best = (rank, found)
    return best[1] if best is not None else None


def page_parameter(address: str, next_url: str | None) -> str | None:
    """`{page}` in the address of the second page, as it stands there: `page={page}`; None where nothing says 2."""
    if next_url is None:
        return None
    before = dict(parse_qsl(urlsplit(address).query))
    for name, value in parse_qsl(urlsplit(next_url).query):
        if value == "2" and before.get(name) != "2":
            return f"{name}={{page}}"
    return None


def draft_tables(
    name: str,
    home: str,
    start: str,
    pages: Sequence[Visited],
    form: SearchForm | None,
    read_robots_on: date,
    loopback: bool,
) -> dict[str, Any]:
    """The tables of `platforms/<name>.toml` for a site whose pages these are."""
    family = next((found for visit in pages if (found := engine_name(visit.page)) is not None), GENERIC)
    offers = [visit for visit in pages if visit.reading.kind in _OFFERS]
    lists = [visit for visit in pages if visit.reading.cards]
    kind = _kind(family, [visit.reading for visit in pages])
    look: dict[str, Any] = {"pages": _PAGES}
    search = _search(form, lists, family)
    if search is not None:
        look["search"] = search
    starts = [start] if lists and canonical_listing_url(start) == canonical_listing_url(lists[0].page.url) else []
    if starts:
        look["start"] = starts
    read: dict[str, Any] = {}
    shape: type[ReadListing | ReadStream] = ReadStream if kind in _PLAYS else ReadListing
    listing = _rules(family, offers, shape)
    results = None if family != GENERIC and _read_by_family(lists, family) else _results_rules(lists)
    number = _number_in(offers, lists) if family == GENERIC else None
    if number is not None:
        listing["platform_item_id"] = {"url": number}
        if results is not None:
            results["platform_item_id"] = {**results["link"], "re": number}
    if listing:
        read["stream" if shape is ReadStream else "listing"] = listing
    if results:
        read["results"] = results
    expect: dict[str, Any] = {}
    least = len(lists[0].reading.cards) if lists else 0
    if starts and least:
        expect["cards"] = {"min": max(1, int(least * _LEAST_CARDS))}
    fill = {field: _FILLED for field in ("title", "price", "images") if offers and _carried(offers, field)}
    if fill:
        expect["fill"] = fill
    # Robots.txt was read on the way here. The terms are for a person to read, so nothing but loopback is crawled.
    tables: dict[str, Any] = {"name": name, "kind": kind.value, "family": family, "home": home}
    tables["countries"] = []
    tables["reach"] = {"by": "crawl" if loopback else "none", "robots_read_on": read_robots_on}
    tables["manners"] = {"delay_s": 0.0 if loopback else 3.0, "hours": "00:00-24:00 UTC"}
    tables |= {"look": look, "read": read, "expect": expect, "notify": {"profile": "url-list"}}
    tables["read_on"] = _read_on(pages)
    return {key: value for key, value in tables.items() if value != {}}


def _read_on(pages: Sequence[Visited]) -> list[dict[str, Any]]:
    """How many pages of each kind the draft was read on, and of which year."""
    counted: dict[tuple[str, int], int] = {}
    for visit in pages:
        if visit.reading.kind in (*_OFFERS, PageKind.RESULTS, PageKind.TORRENT_RESULTS):
            key = (visit.reading.kind.value, visit.page.fetched_at.year)
            counted[key] = counted.get(key, 0) + 1
    return [{"kind": kind, "pages": count, "year": year} for (kind, year), count in counted.items()]


def _kind(family: str, readings: Sequence[Reading]) -> PlatformKind:
    declared = engines()[family].kind if family in engines() else None
    if declared is not None:
        return declared
    kinds = {reading.kind for reading in readings}
    if kinds & {PageKind.TORRENT, PageKind.TORRENT_RESULTS}:
        return PlatformKind.TORRENT
    return PlatformKind.STREAMING if PageKind.STREAM in kinds else PlatformKind.MARKETPLACE


def _search(form: SearchForm | None, lists: Sequence[Visited], family: str) -> str | None:
    """The search address with {term} and {page}: the form's own, else the engine's."""
    engine = engines()[family].look.search if family in engines() else None
    if form is None:
        return engine
    paged = next(
        (found for visit in lists if (found := page_parameter(visit.page.url, visit.reading.next_url)) is not None),
        None,
    )
    if paged is None and engine is not None:
        paged = next((part for part in urlsplit(engine).query.split("&") if part.endswith("={page}")), None)
    hidden = [(key, value) for key, value in form.hidden if value and f"{key}={{page}}" != paged]
    parts = [*(f"{quote_plus(key)}={quote_plus(value)}" for key, value in hidden), f"{form.name}={{term}}"]
    action = urlsplit(form.action)
    return f"{action.path or '/'}?{'&'.join([*parts, *([paged] if paged else [])])}"


def _carried(offers: Sequence[Visited], field: str) -> bool:
    return all(getattr(visit.reading.fields, field, None) for visit in offers)


def _read_by_family(lists: Sequence[Visited], family: str) -> bool:
    """Whether the engine's own rules read the cards."""
    return bool(lists) and all(
        card.title is not None and card.title.rule.startswith(f"{family}:")
        for visit in lists
        for card in visit.reading.cards[:1]
    )


def _number_in(offers: Sequence[Visited], lists: Sequence[Visited]) -> str | None:
    """
    The expression that finds another number in every offer's address; None where none does.

    A number that most titles hold too is a model's: other offers of the model would count as this one.
    """
    titles: dict[str, tuple[str, str]] = {}
    for visit in offers:
        fields = visit.reading.fields
        title = fields.title.value if fields is not None and fields.title is not None else ""
        titles[canonical_listing_url(visit.page.url)] = (visit.page.url, title)
    for card in (card for visit in lists for card in visit.reading.cards):
        if card.url is not None:
            title = card.title.value if card.title is not None else ""
            titles.setdefault(canonical_listing_url(card.url), (card.url, title))
    for number in _NUMBERS:
        found = [(match[1], title) for url, title in titles.values() if (match := re.search(number, url)) is not None]
        if len(titles) < _PAGES or not len(found) == len({item for item, _ in found}) == len(titles):
            continue
        if 2 * sum(stands_in_title(item, title) for item, title in found) <= len(found):
            return number
    return None


def _rules(family: str, offers: Sequence[Visited], shape: type[ReadListing | ReadStream]) -> dict[str, Any]:
    """Rules for the fields that neither the engine's family reads nor a rule of the generic one is needed for."""
    if not offers:
        return {}
    documents = {id(visit): visit.document for visit in offers}
    read = generic_platform(offers[0].page.url).read
    generic = read.stream if shape is ReadStream else read.listing
    found: dict[str, Any] = {}
    for field in shape.model_fields:
        seen = [(visit, said) for visit in offers if (said := _said(visit, field)) is not None]
        if not seen or len(seen) < len(offers) / 2 or field in ("platform_item_id", "language", "canonical_url"):
            continue
        if all(said.rule.startswith(f"{family}:") for _, said in seen):
            continue
        rules = [
            rule
            for rule in dict.fromkeys(_rule_of(said, getattr(generic, field)) for _, said in seen)
            if rule is not None
        ]
        if any(rule.guess is not None for rule in rules):
            known = [Known(document=documents[id(visit)], said=_words_of(field, said)) for visit, said in seen]
            seen_by_sight = (
                rule_for_address(known, ("img", "a", "link")) if KINDS.get(field) == "url" else rule_for_text(known)
            )
            if seen_by_sight is None:
                continue
            if field == "images":
                seen_by_sight = seen_by_sight.model_copy(update={"all": True, "hits": None})
            rules = [seen_by_sight]
        if rules:
            found[field] = [_as_table(rule) for rule in rules]
    return found


def _said(visit: Visited, field: str) -> Seen[Any] | None:
    """What a field of the page says; of several values the first."""
    fields = visit.reading.fields
    if fields is None or field not in {each.name for each in fields_of(fields)}:
        return None
    value = getattr(fields, field)
    if isinstance(value, tuple):
        return value[0] if value else None
    said: Seen[Any] | None = value
    return said


def _rule_of(said: Seen[Any], rules: Sequence[Rule]) -> Rule | None:
    number = re.search(r"\[(\d+)\]$", said.rule)
    return rules[int(number[1])] if number is not None and int(number[1]) < len(rules) else None


def _words_of(field: str, said: Seen[Any]) -> str:
    return str(said.value) if KINDS.get(field) == "url" else " ".join(said.raw.split())


def _results_rules(lists: Sequence[Visited]) -> dict[str, Any] | None:  # Any: TOML values
    """The results table that finds the cards of every page of results seen."""
    tables: list[dict[str, object]] = []
    for visit in lists:
        cards = [
            KnownCard(
                url=card.url,
                title=card.title.value if card.title else None,
                price=" ".join(card.price.raw.split()) if card.price else None,
                image=card.image.value if card.image else None,
            )
            for card in visit.reading.cards
            if card.url is not None
        ]
        table = card_rules(visit.document, cards)
        if table is None:
            return None
        tables.append(table)
    if not tables or any(table["card"] != tables[0]["card"] for table in tables):
        return None
    agreed = {key: value for key, value in tables[0].items() if all(table.get(key) == value for table in tables)}
    return agreed if "link" in agreed else None


def _as_table(rule: Rule) -> dict[str, Any] | str:
    data = rule.model_dump(by_alias=True, exclude_defaults=True)
    return data["css"] if set(data) == {"css"} else data


def expected_of(reading: Reading) -> dict[str, Any]:
    """What was read, in the form of `expected.json`, for a person to check."""
    expected: dict[str, Any] = {"kind": reading.kind.value}
    fields = codec.to_json(reading.fields) if reading.fields is not None else {}
    names = ("platform_item_id", "title", "price", "price_original", "availability", "quantity", "gtin", "mpn", "sku",
             "brand_claimed", "category", "seller_name", "year", "duration_s")  # fmt: skip
    said = {name: fields[name] for name in names if fields.get(name)}
    listing = {name: each["value"] for name, each in said.items() if each["rule"] != FALLBACK_RULE}
    if fields.get("images"):
        listing["images_contains"] = [fields["images"][0]["value"].rsplit("/", 1)[-1]]
    if listing and reading.fields is not None:
        expected["listing"] = listing
    if reading.cards:
        expected["count"] = len(reading.cards)
        for place, card in (("first", reading.cards[0]), ("last", reading.cards[-1])):
            data = codec.to_json(card)
            expected[place] = {
                "url_contains": urlsplit(card.url or "").path,
                **{name: data[name]["value"] for name in ("title", "price") if data.get(name)},
            }
        expected["next_page_contains"] = reading.next_url
    return expected
