"""Bytes and rules in, values that know their origin out: one page, read."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from dataclasses import replace

from config.families import GENERIC, read_as, with_unasked
from config.platform import Platform, PlatformKind
from crawler.extract.addresses import host_of, is_split
from crawler.extract.cards import next_page, read_cards
from crawler.extract.decide import Decision, decide
from crawler.extract.document import Document
from crawler.extract.engines import Engine, shipped_signs
from crawler.extract.feeds import read_feed
from crawler.extract.fields import item_id, read_listing_fields, read_stream_fields, spoken
from crawler.extract.found_cards import cards_of, cards_offered, says_more
from crawler.extract.headings import layout_of
from crawler.extract.memory import give_back
from crawler.extract.offered import marked_up
from crawler.extract.pages import Card, Link, Page, Reading
from crawler.extract.prices import asked_price
from crawler.extract.products import focus
from crawler.extract.refusals import (
    half_page,
    is_challenge,
    is_login,
    refused_by_server,
    says_error,
    says_gone,
    says_missing,
    wrong_content,
)
from crawler.extract.rules import RuleReader
from crawler.extract.seller_pages import read_seller, seller_signs
from crawler.extract.streams import find_streams
from crawler.extract.text import squash
from crawler.extract.torrents import torrent_cards
from crawler.extract.totals import find_total
from crawler.extract.values import PageValues
from store.records.fetches import FetchKind
from store.records.listings import ListingFields, PageKind
from store.records.seen import Seen

__all__ = ["Card", "Link", "Page", "Reading", "read_page"]

LARGE_BYTES = 512 * 1024  # of a page after which freed memory is given back: it took half a second, that takes 30 ms
MAX_BYTES = 8 * 1024 * 1024  # of one page; as much as a fetch keeps unless a platform says otherwise
_STREAM_KINDS = (PlatformKind.STREAMING, PlatformKind.TORRENT)
_LISTING_KINDS = (FetchKind.LISTING, FetchKind.EVIDENCE, FetchKind.CANARY)
_NAMES = tuple(field.name for field in dataclass_fields(ListingFields))
_PLAYS = (FetchKind.TITLE_PAGE, FetchKind.PLAYER)
_MIN_RESULTS = 2  # cards that make a page of results of a page nobody named


class _Reader:
    """One page being read: its parts, its rules, its notes."""

    def __init__(self, page: Page, platform: Platform) -> None:
        self.page = page
        self.platform = platform
        self.document = Document(
            url=page.url, body=page.body, content_type=page.header("content-type"), fetched_at=page.fetched_at
        )
        self.rules = RuleReader(self.document, platform.name, page.capture)
        self.values = PageValues(self.document, platform, self.rules.notes)

    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.document.notes, *self.rules.notes]))

    def nothing(self, kind: PageKind, because: str) -> Reading:
        return Reading(kind=kind, because=because, notes=self.notes())

    def listing(self, fields: ListingFields, because: str, kind: PageKind = PageKind.LISTING) -> Reading:
        identity = item_id(fields, self.page.url, self.rules)
        return Reading(
            kind=kind,
            fields=replace(fields, platform_item_id=identity),
            platform_item_id=identity.value,
            because=because,
            conflicts=tuple(self.rules.conflicts),
            notes=self.notes(),
        )

    def results(self, kind: PageKind, cards: tuple[Card, ...], because: str) -> Reading:
        """A list with its cards, its stated total and the way to its next page."""
        found = find_total(self.document, len(cards))
        total = None
        if found is not None:
            rule, capture = f"{self.platform.name}: results.total (found)", self.page.capture
            total = Seen(value=found.count, raw=found.words, rule=rule, capture=capture, where=found.where)
        return Reading(
            kind=kind,
            cards=cards,
            next_url=next_page(self.document, self.platform, self.rules, self.values),
            total=total,
            because=because,
            conflicts=tuple(self.rules.conflicts),
            notes=self.notes(),
        )


def read_page(page: Page, platform: Platform, *, expected: FetchKind | None = None) -> Reading:
    """
    What the page is and what it says, by the platform's rules.

    `expected` is what the frontier fetched it as. A page that is gone, a wall, torn, an error or no page at all gives
    GONE, WALL or NONE with the reason in `because`, never fields.

    Never raises for what a page holds. Raises `BrokenRule` when a declared rule can be used on no page.
    """
    try:
        return _read_page(page, platform, expected)
    finally:
        if len(page.body) > LARGE_BYTES:
            give_back()


def _read_page(page: Page, platform: Platform, expected: FetchKind | None) -> Reading:
    if not is_split(page.url):
        page = replace(page, url="")  # words that are no address say nothing of the page
    refused = refused_by_server(page, platform)
    if refused is not None:
        return Reading(kind=PageKind(refused[0]), because=refused[1])
    fed = read_feed(page) if not platform.read.results.card else None
    if fed is not None:
        return fed
    wrong = wrong_content(page)
    if wrong is not None:
        return Reading(kind=PageKind.NONE, because=wrong)
    whole = len(page.body)
    if whole > MAX_BYTES:
        page = replace(page, body=page.body[: page.body.rfind(b">", 0, MAX_BYTES) + 1 or MAX_BYTES])
    reader = _Reader(page, platform)
    if whole > MAX_BYTES:
        reader.rules.notes.append(f"cut: a page of {whole} bytes, {len(page.body)} read")
    torn = half_page(reader.document, page) if whole <= MAX_BYTES else None
    if torn is not None:
        reader.rules.notes.append(f"parse_incomplete: {torn}")
        return reader.nothing(PageKind.NONE, f"half a page: {torn}")
    if platform.family == GENERIC and platform.read.results.card is None and expected not in _PLAYS:
        return _read_undeclared(reader, expected)
    told = _read_declared(reader, expected)
    return told if platform.read.unasked == "nothing" else _with_unasked(reader, told, expected)


def _read_declared(reader: _Reader, expected: FetchKind | None) -> Reading:
    """A page of a declared platform, by its rules alone."""
    if expected is FetchKind.RESULTS:
        return _read_results(reader)
    streams = reader.platform.kind in _STREAM_KINDS
    if expected in _PLAYS or (streams and expected in (FetchKind.LISTING, FetchKind.EVIDENCE)):
        return _read_stream(reader, on_the_way=expected is FetchKind.PLAYER)
    if expected in _LISTING_KINDS:
        return _read_listing(reader)
    return _read_unnamed(reader)


def _with_unasked(reader: _Reader, told: Reading, expected: FetchKind | None) -> Reading:
    """
    What a platform's rules read, and by the generic rules the fields and kinds of pages that none of them names.

    A rule that was asked and is silent has answered: the layout changed, or the page does not say it. So a page
    fetched as what the platform has rules for is read by these alone.
    """
    platform = reader.platform
    if told.fields is not None:
        fields = _filled(reader, told.fields, told.kind)
        return replace(told, fields=fields, conflicts=tuple(reader.rules.conflicts), notes=reader.notes())
    if told.cards:
        if told.next_url is not None or platform.read.results.next:
            return told
        rest = with_unasked(platform, own=False)
        return replace(told, next_url=next_page(reader.document, rest, reader.rules, reader.values))
    if told.kind not in (PageKind.NONE, PageKind.RESULTS) or _asked(platform, expected):
        return told
    other = _Reader(reader.page, with_unasked(platform, own=True))
    reading = _read_undeclared(other, expected)
    if reading.kind in (PageKind.NONE, PageKind.GONE):
        return told
    because = f"{platform.name} has no rules for it; as a page of any site: {reading.because}"
    return replace(reading, because=because)


def _asked(platform: Platform, expected: FetchKind | None) -> bool:
    """Whether the platform has rules for what a page was fetched as."""
    read = platform.read
    if expected is FetchKind.RESULTS:
        return read.results.card is not None
    if expected in _PLAYS or (expected in _LISTING_KINDS and platform.kind in _STREAM_KINDS):
        return bool(read.stream.title or read.stream.players)
    return expected in _LISTING_KINDS and bool(read.listing.title)


def _filled(reader: _Reader, fields: ListingFields, kind: PageKind) -> ListingFields:
    """The fields that the platform's rules read, and those it has no rule for by the generic ones."""
    rest = with_unasked(reader.platform, own=False)
    focus(reader.document)
    if kind is PageKind.LISTING:
        more = read_listing_fields(rest, reader.rules, reader.values)
    else:
        more = read_stream_fields(rest, reader.rules, reader.values, fields.streams)
    more = _without_others(more, reader.document)
    unsaid = {name: said for name in _NAMES if not getattr(fields, name) and (said := getattr(more, name))}
    return replace(fields, **unsaid)


def _barred(reader: _Reader, fields: ListingFields | None) -> Reading | None:
    """A wall, a gone page or an error that answered with status 200; None when the page is itself."""
    document = reader.document
    gone = says_gone(document, reader.platform, fields)
    if gone is not None:
        return reader.nothing(PageKind.GONE, f"the page says {gone!r}")
    if fields is not None and fields.price is not None:
        return None  # an amount was read where the rules look for one: neither walls nor errors carry it
    challenge = is_challenge(document)
    if challenge is not None:
        return reader.nothing(PageKind.WALL, challenge)
    login = is_login(document)
    if login is not None:
        return reader.nothing(PageKind.WALL, login)
    error = says_error(document)
    if error is not None:
        return reader.nothing(PageKind.NONE, f"an error page that answers as if it were none ({error!r})")
    return None


def _read_results(reader: _Reader) -> Reading:
    cards = read_cards(reader.document, reader.platform, reader.rules, reader.values)
    if not cards:
        barred = _barred(reader, None)
        if barred is not None:
            return barred
        return reader.nothing(PageKind.RESULTS, "fetched as results; no card matched")
    return reader.results(PageKind.RESULTS, cards, f"fetched as results; {len(cards)} cards")


def _read_listing(reader: _Reader) -> Reading:
    fields = read_listing_fields(reader.platform, reader.rules, reader.values)
    barred = _barred(reader, fields)
    if barred is not None:
        return barred
    if fields.title is None and (fields.price is None or fields.platform_item_id is None):
        missing = says_missing(reader.document)
        if missing is not None:
            return reader.nothing(PageKind.GONE, f"the page says {missing!r} and shows no offer")
        return reader.nothing(PageKind.NONE, "no rule for the title spoke: not an offer, or the layout changed")
    if fields.price is None:
        missing = says_missing(reader.document)
        if missing is not None:
            return reader.nothing(PageKind.GONE, f"its heading says {missing!r} and no price is shown")
        if reader.platform.read.listing.platform_item_id and fields.platform_item_id is None:
            cards = read_cards(reader.document, reader.platform, reader.rules, reader.values)
            if len(cards) >= _MIN_RESULTS:
                return reader.nothing(
                    PageKind.NONE, f"a page of {len(cards)} cards without an offer's id or price of its own"
                )
    return reader.listing(fields, "its rules read " + _named(fields))


def _read_stream(reader: _Reader, *, on_the_way: bool = False) -> Reading:
    streams, links = find_streams(
        reader.document, reader.platform, reader.rules, reader.values, on_the_way=on_the_way
    )
    fields = read_stream_fields(reader.platform, reader.rules, reader.values, streams)
    barred = None if streams and fields.title is not None else _barred(reader, fields)
    if barred is None:
        gone = says_gone(reader.document, reader.platform, fields)
        barred = reader.nothing(PageKind.GONE, f"the page says {gone!r}") if gone is not None else None
    if barred is not None:
        return barred
    if not streams:
        missing = says_missing(reader.document)
        if missing is not None:
            return reader.nothing(PageKind.GONE, f"its heading says {missing!r} and no stream is shown")
        if fields.title is None:
            return reader.nothing(PageKind.NONE, "neither a title nor a way to a stream was read")
    magnets = any(stream.role == "magnet" for stream in streams)
    kind = PageKind.TORRENT if magnets and reader.platform.kind is PlatformKind.TORRENT else PageKind.STREAM
    reading = reader.listing(fields, f"{len(streams)} way(s) to a stream; its rules read " + _named(fields), kind)
    return replace(reading, links=links)


def _read_unnamed(reader: _Reader) -> Reading:
    """A page nobody said anything of: what the rules read decides."""
    platform = reader.platform
    cards = read_cards(reader.document, platform, reader.rules, reader.values)
    if platform.kind in _STREAM_KINDS:
        streams, _ = find_streams(reader.document, platform, reader.rules, reader.values)
        if streams or len(cards) < _MIN_RESULTS:
            return _read_stream(reader)
        return _read_results(reader)
    fields = read_listing_fields(platform, reader.rules, reader.values)
    named = fields.platform_item_id is not None
    if len(cards) >= _MIN_RESULTS and not (named and fields.title is not None):
        return _read_results(reader)
    if fields.title is not None and (named or fields.price is not None):
        return _read_listing(reader)
    barred = _barred(reader, fields)
    if barred is not None:
        return barred
    return reader.nothing(PageKind.NONE, "neither an offer nor a page of results by the platform's rules")


def _read_undeclared(reader: _Reader, expected: FetchKind | None) -> Reading:
    """A page of a site nobody declared: what it is comes first, then its fields by the family's rules."""
    document = reader.document
    layout_of(document)  # walked first: the refusals read the same words
    barred = _barred(reader, None)
    if barred is not None and barred.kind is PageKind.GONE:
        return barred
    declared = reader.platform.family != GENERIC
    engine = None if declared else shipped_signs().engine_of(document, reader.page.body)
    if engine is not None:
        reader.platform = read_as(reader.platform, engine.name)
        told = _as_marked(reader, engine)
        if told is not None:
            return told if barred is None or told.kind is PageKind.LISTING else barred
    decision = decide(document, expected)
    if decision.kind in (PageKind.RESULTS, PageKind.NONE) and expected is not FetchKind.RESULTS:
        seller = _as_seller(reader, decision)
        if seller is not None:
            return seller
    if barred is not None and decision.kind not in (PageKind.LISTING, PageKind.STREAM):
        return barred
    because = decision.because
    match decision.kind:
        case PageKind.LISTING:
            focus(reader.document)
            fields = read_listing_fields(reader.platform, reader.rules, reader.values)
            if fields.price is None and (barred is not None or says_missing(document) is not None):
                return barred or reader.nothing(PageKind.GONE, "its heading says that there is nothing here")
            if fields.title is None:
                return reader.nothing(PageKind.NONE, "an offer without a title")
            return reader.listing(_without_others(fields, document), because)
        case PageKind.STREAM | PageKind.WORK | PageKind.TORRENT:
            streams, links = find_streams(document, reader.platform, reader.rules, reader.values)
            fields = read_stream_fields(reader.platform, reader.rules, reader.values, streams)
            return replace(reader.listing(fields, because, decision.kind), links=links)
        case PageKind.RESULTS if decision.offered:
            return reader.results(
                PageKind.RESULTS, cards_offered(decision.offered, reader.rules, reader.values), because
            )
        case PageKind.RESULTS if decision.block is not None:
            cards = cards_of(decision.block, document, reader.rules, reader.values)
            spelled = marked_up(document)
            if says_more(spelled, cards):
                because = f"{because}; {spelled[0].where} lists {len(spelled)}, these among them"
                cards = cards_offered(spelled, reader.rules, reader.values)
            return reader.results(PageKind.RESULTS, cards, because)
        case PageKind.TORRENT_RESULTS:
            cards = torrent_cards(document, reader.rules, reader.values)
            return reader.results(decision.kind, cards, because)
        case PageKind.NONE if expected in _LISTING_KINDS and (told := _as_expected(reader)) is not None:
            return told
        case PageKind.NONE if says_missing(document) is not None:
            return reader.nothing(PageKind.GONE, f"its heading says {says_missing(document)!r} and no offer is shown")
        case _:
            return reader.nothing(decision.kind, because)


def _as_seller(reader: _Reader, decision: Decision) -> Reading | None:
    """The page as one about a seller, with the offers it lists; None where it is none."""
    block = decision.block
    signs = seller_signs(reader.document, priced=block.priced if block is not None else 0)
    if signs is None:
        return None
    cards = cards_of(block, reader.document, reader.rules, reader.values) if block is not None else ()
    because = "it is about a seller: " + ", ".join(signs.said)
    fields = read_seller(reader.document, signs, reader.platform.name, reader.page.capture)
    return replace(reader.results(PageKind.SELLER, cards, because), seller=fields)


def _as_marked(reader: _Reader, engine: Engine) -> Reading | None:
    """The page as its engine marks it; None where it marks nothing, or the family's rules read nothing of it."""
    match engine.kind:
        case PageKind.NONE:
            return reader.nothing(PageKind.NONE, engine.because)
        case PageKind.LISTING:
            focus(reader.document)
            fields = read_listing_fields(reader.platform, reader.rules, reader.values)
            if fields.title is not None and fields.price is not None:
                return reader.listing(_without_others(fields, reader.document), engine.because)
        case PageKind.RESULTS:
            cards = read_cards(reader.document, reader.platform, reader.rules, reader.values)
            if len(cards) >= _MIN_RESULTS:
                return reader.results(PageKind.RESULTS, cards, engine.because)
        case _:
            pass
    return None


def _as_expected(reader: _Reader) -> Reading | None:
    """
    The offer a page was fetched as, where a rule that is no guess reads its price; None otherwise.

    A card led here, which speaks for an offer, but not enough to believe an amount found by sight.
    """
    fields = read_listing_fields(reader.platform, reader.rules, reader.values)
    if fields.title is None or fields.price is None or "(guessed)" in (fields.price.where or ""):
        return None
    return reader.listing(
        _without_others(fields, reader.document), "fetched as an offer; its rules read " + _named(fields)
    )


def _without_others(fields: ListingFields, document: Document) -> ListingFields:
    """
    The fields without what is another's: a seller that is the shop itself, the earlier price of another offer.

    A third party differs from the site by name. An earlier price found by sight belongs to the amount it stands
    beside, which need not be the price that a rule read.
    """
    price, before = fields.price, fields.price_original
    if price is not None and before is not None and "(guessed)" in (before.where or ""):
        beside = asked_price(document)
        if before.value.amount <= price.value.amount or (
            beside is not None and "(guessed)" not in (price.where or "") and beside.amount != price.value.amount
        ):
            fields = replace(fields, price_original=None)
    seller = fields.seller_name
    if seller is None:
        return fields
    names = {squash(name) for name in document.metas.get("og:site_name", ())}
    names.add(squash(host_of(document.url).rsplit(".", 1)[0].split(".")[-1]))
    said = squash(seller.value)
    if any(len(name) > 2 and (name in said or said in name) for name in names):
        return replace(fields, seller_name=None, seller_url=None)
    return fields


def _named(fields: ListingFields) -> str:
    return ", ".join(sorted(spoken(fields))) or "nothing"
