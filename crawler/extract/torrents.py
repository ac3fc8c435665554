"""Torrents on a page: magnet links and torrent files, and the rows of a list with size, seeders and uploader."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from crawler.extract.addresses import absolute_url, without_session
from crawler.extract.document import Document
from crawler.extract.headings import layout_of
from crawler.extract.layout import Layout, Place
from crawler.extract.pages import Card
from crawler.extract.presence import Trace
from crawler.extract.rules import RuleReader, Word
from crawler.extract.tally import Span, tally_of
from crawler.extract.text import clean_text, fold
from crawler.extract.values import PageValues
from store.records.seen import Seen

T = TypeVar("T")

MAX_ROWS = 1_000  # of one page; the longest real list seen has 100
MIN_ROWS = 3  # with a page of their own each
MIN_BARE_ROWS = 5  # without one; fewer magnets are one work in several qualities

_SCHEMES = ("http", "https", "magnet")
_HASH = re.compile(r"urn:(?:btih:([0-9a-f]{40}|[a-z2-7]{32})|btmh:(1220[0-9a-f]{64}))(?![0-9a-z])", re.IGNORECASE)
_IN_PATH = re.compile(r"(?<![0-9a-f])([0-9a-f]{40})(?![0-9a-f])", re.IGNORECASE)
_TORRENT_FILE = re.compile(r"\.torrent(?:$|[?#&])|[?&/](?:download|dl|action=download)[^#]*torrent", re.IGNORECASE)
_SIZE = re.compile(
    r"(?<![\w.,])(\d[\d.,\s]{0,12}?)\s*(bytes?|[kmgt]i?b|[kmgt]o|кб|мб|гб|тб|[kmgt])(?![^\W\d_])", re.IGNORECASE
)
_POWERS = {"b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "к": 1, "м": 2, "г": 3, "т": 4}
_SEEDERS = re.compile(r"(?<![a-z])(seed(?:er)?s?|se|сиды?|раздают|s)(?![a-z])")
_LEECHERS = re.compile(r"(?<![a-z])(leech(?:er)?s?|le|peers?|личи?|качают|l)(?![a-z])")
_UPLOADER = re.compile(r"(?<![a-z])(uploader|uploaded[-_ ]?by|user(?:name)?|uled|submitter|author|poster)(?![a-z])")
_USER_PATH = re.compile(r"/(?:user|profile|uploader|u|member)s?[/=?]", re.IGNORECASE)


def info_hash(url: str) -> str | None:
    """The hash that a magnet link or a torrent file's address names, in lower case; None where none can be one."""
    match = _HASH.search(url[:4_000])
    if match:
        return (match[1] or match[2]).lower()
    if url.startswith("magnet:"):
        return None
    match = _IN_PATH.search(urlsplit(url).path)
    return match[1].lower() if match else None


def read_size(text: str) -> int | None:
    """
    Bytes of a size as trackers write it; None without one.

    A unit counts 1,024 of the next lower one however it is spelled, as trackers and the programs that read them do.
    """
    match = _SIZE.search(text[:600].replace("\u00a0", " "))
    if match is None:
        return None
    digits, unit = re.sub(r"\s", "", match[1]), match[2].lower()
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    digits = digits.replace(",", ".")
    if digits.count(".") > 1:
        return None
    return int(float(digits.rstrip(".")) * 1024.0 ** _POWERS[unit[0]] + 0.5)


@dataclass(frozen=True, slots=True)
class _Way:
    """A magnet link or torrent file, and the element that carries it."""

    order: int
    url: str
    key: str  # what makes two of them one: the hash, else the address


def find_magnets(document: Document) -> list[str]:
    """Magnet links with a possible hash, in page order, each hash once; also those that only scripts or text name."""
    if Trace.MAGNET not in document.traces:
        return []
    found: dict[str, str] = {}
    spelled = [way.url for way in _ways(document) if way.url.startswith("magnet:")]
    spelled += re.findall(r"magnet:\?[^\s\"'<>\\]{20,4000}", document.text.replace("&amp;", "&"))[: 2 * MAX_ROWS]
    for text in spelled:
        url = absolute_url(document.base, text, _SCHEMES)
        key = info_hash(url) if url is not None else None
        if url is not None and key is not None:
            found.setdefault(key, url)
    return list(found.values())


def find_torrent_files(document: Document) -> list[str]:
    """Addresses of torrent files that the page links to, in page order."""
    return [way.url for way in _ways(document) if not way.url.startswith("magnet:")]


def torrent_rows(document: Document) -> list[Span]:
    """
    The rows of a list of torrents: the widest element around each that holds no other.

    Rows of a list without magnets are told by their size and the page's words. Advertisements that look like rows
    carry neither hash nor file, or leave the site, and are no rows.
    """
    return document.once("torrent rows", lambda: _rows(document))


def _ways(document: Document) -> list[_Way]:
    def make() -> list[_Way]:
        found: list[_Way] = []
        if document.traces.isdisjoint((Trace.MAGNET, Trace.TORRENT)):
            return found
        for place in layout_of(document).places:
            href = place.attributes.get("href") or place.attributes.get("data-href") or ""
            if place.tag not in ("a", "button") or not href:
                continue
            if href.startswith("magnet:"):
                url = absolute_url(document.base, href, _SCHEMES)
                key = info_hash(href)
            elif _TORRENT_FILE.search(href):
                url = absolute_url(document.base, href)
                key = (info_hash(href) or url) if url is not None else None
            else:
                continue
            if url is not None and key is not None:
                found.append(_Way(place.order, url, key))
            if len(found) >= 2 * MAX_ROWS:
                break
        return found

    return document.once("torrent ways", make)


def _rows(document: Document) -> list[Span]:
    layout = layout_of(document)
    ways = _ways(document)
    rows = _around(layout, [(way.order, way.key) for way in ways])
    if not rows and (ways or Trace.SWARM not in document.traces):
        return []
    tally = tally_of(document)
    linked = [row for row in rows if any(way.own and info_hash(way.url) is None for way in tally.ways_in(row))]
    if len(linked) >= MIN_ROWS:
        return linked
    if len(rows) >= MIN_BARE_ROWS:
        return rows
    if ways or Trace.SWARM not in document.traces:
        return []
    sizes = [
        (text.inside, str(number))
        for number, text in enumerate(layout.texts)
        if len(text.text) <= 24 and _SIZE.fullmatch(text.text.strip())
    ]
    rows = [
        row
        for row in _around(layout, sizes)
        if any(way.own for way in tally.ways_in(row)) and len(_numbers(layout, row)) >= 2
    ]
    return rows if len(rows) >= MIN_ROWS else []


def _around(layout: Layout, marks: list[tuple[int, str]]) -> list[Span]:
    """The widest element around each mark that holds no mark of another key."""
    marks = sorted(marks)[: 2 * MAX_ROWS]
    orders = [order for order, _ in marks]
    keys = [key for _, key in marks]
    if len(set(keys)) < MIN_ROWS:
        return []
    found: dict[int, Span] = {}
    for order, key in marks:
        place = layout.places[order]
        while place.above is not None:
            above = layout.places[place.above]
            low, high = bisect_left(orders, above.order), bisect_left(orders, above.end)
            if above.tag in ("body", "main") or any(keys[n] != key for n in range(low, min(high, low + 12))):
                break
            place = above
        found.setdefault(place.order, Span(place.order, place.end, place.first, max(place.last, place.first)))
    return [found[order] for order in sorted(found)]


def torrent_cards(document: Document, reader: RuleReader, values: PageValues) -> tuple[Card, ...]:
    """The rows as cards: title, detail page, magnet or file, size, seeders, leechers, uploader and date."""
    rows = torrent_rows(document)
    heads = _heads(document, rows)
    made = [_card(document, row, heads, reader, values) for row in rows[:MAX_ROWS]]
    return tuple(card for card in made if card is not None)


def _card(document: Document, row: Span, heads: list[str], reader: RuleReader, values: PageValues) -> Card | None:
    layout = layout_of(document)
    named: tuple[int, str, str] | None = None
    for way in tally_of(document).ways_in(row):
        place = layout.places[way.order]
        if not way.own or _TORRENT_FILE.search(way.url) or _USER_PATH.search(way.url):
            continue
        text = clean_text(layout.words(place, 1_000), 500) or clean_text(place.attributes.get("title") or "", 500)
        if text and (named is None or len(text) > named[0]):
            named = (len(text), text, way.url)
    ways = _ways(document)
    orders = [way.order for way in ways]
    inside = ways[bisect_left(orders, row.order) : bisect_left(orders, row.end)]
    way_url = next((w.url for w in inside if w.url.startswith("magnet:")), inside[0].url if inside else None)
    title = named[1] if named is not None else _display_name(way_url)
    url = named[2] if named is not None else way_url
    if url is None or title is None:
        return None

    def seen(name: str, value: T | None, raw: str, where: str) -> Seen[T] | None:
        if value is None:
            return None
        rule = f"{reader.platform}: results.{name} (found)"
        return Seen(value=value, raw=raw[:500], rule=rule, capture=reader.capture, where=where)

    cells = _cells(layout, row)
    size, sized = _size(cells, title)
    seeders, leechers = _swarm(layout, cells, heads)
    uploader = _told(cells, heads, _UPLOADER) or _user(document, row)
    dated = next(
        ((m, text) for _, text in cells if 4 < len(text) <= 30 and (m := values.date(Word(text=text, where="")))),
        None,
    )
    return Card(
        url=without_session(url),
        platform_item_id=None,
        title=seen("title", title, title, "a"),
        price=None,
        image=None,
        sponsored=False,
        way=seen("way", way_url, way_url or "", "a[href]"),
        size_bytes=seen("size_bytes", size, sized, "row"),
        seeders=seen("seeders", seeders, str(seeders), "row"),
        leechers=seen("leechers", leechers, str(leechers), "row"),
        uploader=seen("uploader", uploader, uploader or "", "row"),
        posted_at=seen("posted_at", dated[0], dated[1], "row") if dated is not None else None,
    )


def _display_name(url: str | None) -> str | None:
    """The name a magnet link carries for people."""
    if url is None or not url.startswith("magnet:"):
        return None
    said = parse_qs(url.partition("?")[2], max_num_fields=200).get("dn")
    return clean_text(said[0], 500) or None if said else None


def _cells(layout: Layout, row: Span) -> list[tuple[Place, str]]:
    """The cells of a row, or where it has none the elements that hold words of their own."""
    cells = [p for p in layout.places[row.order : row.end] if p.tag == "td"]
    if not cells:
        inside = dict.fromkeys(text.inside for text in layout.texts[row.first : row.last])
        cells = [layout.places[order] for order in inside]
    return [(cell, clean_text(layout.words(cell, 600), 600)) for cell in cells[:40]]


def _heads(document: Document, rows: list[Span]) -> list[str]:
    """What the columns are called, by the row of heads before the first row; empty without one."""
    if not rows:
        return []
    layout = layout_of(document)
    heads = [p for p in layout.places[max(0, rows[0].order - 80) : rows[0].order] if p.tag == "th"]
    return [fold(f"{layout.words(p, 100)} {p.attributes.get('title') or ''} {p.name}") for p in heads]


def _numbers(layout: Layout, row: Span) -> list[int]:
    texts = (text.text.strip().replace(",", "") for text in layout.texts[row.first : row.last])
    return [int(text) for text in texts if text.isdecimal() and len(text) <= 7]


def _size(cells: list[tuple[Place, str]], title: str) -> tuple[int | None, str]:
    """The size a row states and its words: a cell of its own, else what stands beside the title, never in it."""
    alone = [text for _, text in cells if _SIZE.fullmatch(text.strip())]
    beside = [text.replace(title, " ") for _, text in cells if len(text) <= 600]
    for text in (*alone, *beside):
        size = read_size(text)
        if size is not None:
            return size, text
    return None, ""


def _swarm(layout: Layout, cells: list[tuple[Place, str]], heads: list[str]) -> tuple[int | None, int | None]:
    """Seeders and leechers: by the names of cells or columns, else the two bare numbers behind the size."""
    found: list[int | None] = [None, None]
    for place_in_row, (cell, text) in enumerate(cells):
        number = text.replace(",", "").replace(" ", "")
        if not number.isdecimal() or len(number) > 7:
            continue
        head = heads[place_in_row] if len(heads) == len(cells) else ""
        for which, pattern in enumerate((_SEEDERS, _LEECHERS)):
            inner = " ".join(p.name for p in layout.places[cell.order : min(cell.end, cell.order + 4)])
            if found[which] is None and (pattern.search(inner) or (head and pattern.search(head))):
                found[which] = int(number)
                break
    if found == [None, None]:
        sized = next(
            (n for n, (_, text) in enumerate(cells) if read_size(text) is not None and len(text) < 200), None
        )
        behind = [text.replace(",", "") for _, text in cells[sized + 1 :]] if sized is not None else []
        numbers = [int(text) for text in behind if text.isdecimal() and len(text) <= 7]
        if len(numbers) >= 2:
            return numbers[0], numbers[1]
    return found[0], found[1]


def _told(cells: list[tuple[Place, str]], heads: list[str], pattern: re.Pattern[str]) -> str | None:
    for number, (cell, text) in enumerate(cells):
        head = heads[number] if len(heads) == len(cells) else ""
        if 1 < len(text) <= 40 and not text.isdecimal() and (pattern.search(cell.name) or pattern.search(head)):
            return text
    return None


def _user(document: Document, row: Span) -> str | None:
    layout = layout_of(document)
    for place in layout.places[row.order : row.end]:
        if place.tag == "a" and _USER_PATH.search(place.attributes.get("href") or ""):
            text = clean_text(layout.words(place, 100), 60)
            if text:
                return text
    return None
