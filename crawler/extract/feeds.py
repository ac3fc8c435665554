"""Feeds: RSS, Atom, Torznab and Newznab, merchants' product feeds and trackers' JSON, read as the lists they are."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from typing import TypeVar

from crawler.extract.addresses import absolute_url
from crawler.extract.charset import decode_body
from crawler.extract.dates import read_date
from crawler.extract.errors import UnreadableJson
from crawler.extract.loose_json import JsonValue, read_json
from crawler.extract.money import MoneyHints, read_money
from crawler.extract.pages import Card, Page, Reading
from crawler.extract.text import clean_text
from crawler.extract.torrents import info_hash, read_size
from store.records.listings import PageKind
from store.records.seen import Seen

__all__ = ["read_feed"]

T = TypeVar("T")

MAX_ENTRIES = 1_000  # of one feed; the longest real one seen has 150
MAX_CHARS = 8_000_000  # a capture is no larger
_MIN_LENGTH = 5_000_000  # bytes; torrent files themselves are smaller, what they name is larger. Chosen
_DEEPEST = 8  # levels of JSON around an entry

_START = re.compile(
    r"^\s*(?:<\?[^>]*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE\s+(?:rss|rdf|feed)[^>\[]*(?P<subset>\[[^\]]*\]\s*)?>|\s)*<(?P<root>(?:\w+:)?(?:rss|feed|rdf|caps|error))[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
_SCHEMES = ("http", "https", "magnet")
_SIZE_KEYS = ("size", "filesize", "contentlength", "sizebytes", "totalsize", "bytes")
_HASH_KEYS = ("infohash", "hash", "btih")
_WAY_KEYS = ("magneturi", "magneturl", "magnet", "magnetlink", "download", "downloadurl", "downloadlink", "link")
_SEED_KEYS = ("seeders", "seeder", "seeds", "seed")
_LEECH_KEYS = ("leechers", "leecher", "leeches", "leech", "peers")
_TITLE_KEYS = ("releasename", "releasetitle", "title", "fullname", "filename", "name", "groupname", "torrentname")
_PAGE_KEYS = ("url", "detailsurl", "details", "guid", "comments", "permalink", "webpage")
_DATE_KEYS = ("pubdate", "published", "updated", "uploadtime", "createdat", "added", "time", "date", "uploaded")
_UPLOADER_KEYS = ("uploader", "poster", "author", "uploadername", "username")
_TRACKER = re.compile(r"torrent|tracker", re.IGNORECASE)
_DOWNLOADS = re.compile(r"(?<![a-z])(?:rss|torrent)?(download|dl|get)(?![a-z])", re.IGNORECASE)
_TORRENT = re.compile(r"bittorrent|\.torrent(?:$|[?&])|^magnet:", re.IGNORECASE)


def read_feed(page: Page) -> Reading | None:
    """
    A feed as a list: of torrents, or of offers with prices; None for bodies that are no feed.

    A feed that offers neither is an INDEX. An indexer's own error, its list of abilities and XML that cannot be read
    give NONE with the reason; entries that are broken are left out and counted in a note.
    """
    head = page.body[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in (b"{", b"["):
        return _read_json_feed(page)
    if not re.match(rb"<(?:\?xml|!--|rss|feed|rdf|caps|error|\w+:rdf)", head, re.IGNORECASE):
        return None
    text = decode_body(page.body, page.header("content-type")).text.lstrip("\ufeff \t\r\n")
    match = _START.match(text[:20_000])
    if match is None:
        return None
    if len(text) > MAX_CHARS:
        return _nothing(f"a feed of {len(text)} characters, the limit is {MAX_CHARS}")
    if match["subset"] or "<!ENTITY" in text[: match.end()]:
        return _nothing("a feed whose document type declares entities, which feeds have no use for")
    text = text[match.start("root") - 1 :]  # the head names an encoding that no longer holds
    notes: tuple[str, ...] = ()
    try:
        root = ElementTree.fromstring(_harmless(text))  # noqa: S314 -- no document type is left
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        entries = _whole_entries(text)
        if not entries:
            return _nothing(f"a feed that is no XML: {str(error)[:100]}")
        notes = (f"parse_incomplete: no XML ({str(error)[:100]}); {len(entries)} whole entries were read",)
    else:
        if _name(root) == "error":
            said = f"{root.get('code') or ''} {root.get('description') or root.text or ''}"
            return _nothing(f"the indexer answers with an error: {clean_text(said, 200)}")
        if _name(root) == "caps":
            return _nothing("an indexer's list of its abilities, which offers nothing")
        entries = [element for element in root.iter() if _name(element) in ("item", "entry")]
    return _of_entries(page, entries, notes)


def _nothing(because: str) -> Reading:
    return Reading(kind=PageKind.NONE, because=because)


def _harmless(text: str) -> str:
    """The text without what XML forbids: control characters, and ampersands that begin no entity."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    text = re.sub(r"&nbsp;", "\u00a0", text)
    parts = re.split(r"(<!\[CDATA\[.*?\]\]>)", text, flags=re.DOTALL)
    loose = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
    return "".join(part if number % 2 else loose.sub("&amp;", part) for number, part in enumerate(parts))


def _whole_entries(text: str) -> list[ElementTree.Element]:
    """The entries of a broken feed that are XML by themselves, without the prefixes that its head declared."""
    found = []
    for match in re.finditer(r"<(item|entry)[\s>](?:(?!<(?:item|entry)[\s>]).){0,200000}?</\1>", text, re.DOTALL):
        plain = re.sub(r"(</?)[\w-]+:(?=[\w-]+)", r"\1", match.group())
        try:
            found.append(ElementTree.fromstring(_harmless(plain)))  # noqa: S314 -- no document type stands inside
        except (ElementTree.ParseError, ValueError):
            continue
        if len(found) >= MAX_ENTRIES:
            break
    return found


def _name(element: ElementTree.Element) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _of_entries(page: Page, entries: list[ElementTree.Element], notes: tuple[str, ...]) -> Reading:
    records = [_flat(element) for element in entries[:MAX_ENTRIES]]
    if _TRACKER.search(decode_body(page.body[:3_000], page.header("content-type")).text):
        for record in records:  # a tracker's links that download give torrent files, whatever they are called
            if "enclosure" not in record and _DOWNLOADS.search(record.get("link", "")):
                record.update(enclosure=record["link"], enclosure_type="application/x-bittorrent")
    if len(entries) > MAX_ENTRIES:
        notes = (*notes, f"cut: {len(entries)} entries, {MAX_ENTRIES} read")
    return _of_records(page, records, notes, "feed")


def _flat(element: ElementTree.Element) -> dict[str, str]:
    """An entry's values by name: texts, Torznab attributes, the enclosure; the first of a name wins."""
    record: dict[str, str] = {}
    for child in element.iter():
        name = _name(child)
        text = (child.text or "").strip()
        if name == "attr" and child.get("name"):
            record.setdefault((child.get("name") or "").lower(), child.get("value") or "")
        elif name in ("enclosure", "content") and child.get("url"):
            if name == "enclosure" or "image" in (child.get("type") or child.get("medium") or ""):
                record.setdefault("enclosure" if name == "enclosure" else "image", child.get("url") or "")
            record.setdefault(f"{name}_type", child.get("type") or "")
            record.setdefault("enclosure_length", child.get("length") or "")
        elif name == "link" and child.get("href"):
            role = "link" if child.get("rel") in (None, "alternate") else "enclosure"
            record.setdefault(role, child.get("href") or "")
        elif text:
            record.setdefault(name.replace("_", ""), text)
    return record


def _read_json_feed(page: Page) -> Reading | None:
    try:
        root = read_json(decode_body(page.body, page.header("content-type")).text.lstrip("\ufeff"))
    except UnreadableJson:
        return None
    records = list(_json_records(root))
    if not records:
        empty = isinstance(root, dict) and any(value == [] for value in root.values()) and len(root) <= 6
        return _nothing("a feed without entries") if empty else None
    return _of_records(page, records[:MAX_ENTRIES], (), "JSON feed")


def _json_records(root: JsonValue) -> Iterator[dict[str, str]]:
    """Objects that name a torrent's hash, file or swarm, with what the objects around them say of it."""
    stack: list[tuple[JsonValue, dict[str, str], int]] = [(root, {}, 0)]
    while stack:
        value, around, depth = stack.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(value, list):
            stack.extend((part, around, depth + 1) for part in reversed(value[:MAX_ENTRIES]))
        elif isinstance(value, dict):
            own = {
                re.sub(r"[^a-z0-9]", "", str(key).lower()): str(inner)
                for key, inner in value.items()
                if isinstance(inner, str | int | float) and not isinstance(inner, bool) and inner != ""
            }
            swarm = any(key in own for key in (*_SEED_KEYS, *_LEECH_KEYS))
            if swarm and any(key in own for key in (*_SIZE_KEYS, *_HASH_KEYS)):
                yield {**around, **own}
                continue
            both = {**around, **own}
            stack.extend((v, both, depth + 1) for v in reversed(list(value.values())) if isinstance(v, dict | list))


def _of_records(page: Page, records: list[dict[str, str]], notes: tuple[str, ...], kind: str) -> Reading:
    cards: list[Card] = []
    torrents = priced = 0
    for number, record in enumerate(records):
        card = _card(page, record, f"{kind}: entry {number + 1}")
        if card is None:
            continue
        cards.append(card)
        torrents += card.way is not None or card.seeders is not None
        priced += card.price is not None
    if len(cards) < len(records):
        notes = (
            *notes,
            f"results: {len(records) - len(cards)} of {len(records)} entries carry neither title nor way",
        )
    if not records:
        return Reading(kind=PageKind.NONE, because=f"a {kind} without entries", notes=notes)
    if torrents and 2 * torrents >= len(cards):
        because = f"a {kind} of {len(cards)} torrents"
        return Reading(kind=PageKind.TORRENT_RESULTS, cards=tuple(cards), because=because, notes=notes)
    if priced and 2 * priced >= len(cards):
        because = f"a {kind} of {len(cards)} entries, {priced} with a price"
        return Reading(kind=PageKind.RESULTS, cards=tuple(cards), because=because, notes=notes)
    because = f"a {kind} of {len(records)} entries that name neither a torrent nor a price"
    return Reading(kind=PageKind.INDEX, because=because, notes=notes)


def _first(record: dict[str, str], keys: Iterable[str]) -> tuple[str, str] | None:
    """The first of these keys that says something, and what it says."""
    return next(((key, text) for key in keys if (text := record.get(key, "").strip())), None)


def _card(page: Page, record: dict[str, str], rule: str) -> Card | None:
    def seen(found: tuple[str, str] | None, value: T | None) -> Seen[T] | None:
        if found is None or value is None:
            return None
        return Seen(value=value, raw=found[1][:500], rule=rule, capture=page.capture, where=found[0])

    titled = _title(record)
    ways = [(k, record[k]) for k in ("enclosure", *_WAY_KEYS, "guid") if record.get(k)]
    type_of = record.get("enclosure_type", "")
    way = next(
        (
            (key, url)
            for key, text in ways
            if (key == "enclosure" and _TORRENT.search(type_of)) or _TORRENT.search(text) or key.startswith("magnet")
            if (url := absolute_url(page.url, text, _SCHEMES)) is not None
            if not url.startswith("magnet:") or info_hash(url) is not None
        ),
        None,
    )
    shown = [
        url
        for key in (*_PAGE_KEYS, "link", "id")
        if (url := absolute_url(page.url, record.get(key, ""))) is not None
        and (way is None or url != way[1])
        and record.get(key, "").startswith(("http", "/"))
    ]
    address = shown[0] if shown else (way[1] if way else None)
    if titled is None or not (address or way or _first(record, (*_HASH_KEYS, *_SEED_KEYS))):
        return None
    priced = _first(record, ("saleprice", "price", "gprice"))
    language = record.get("language", "")[:2].lower() or None
    dated = _first(record, _DATE_KEYS)
    return Card(
        url=address,
        platform_item_id=None,
        title=seen(titled, clean_text(_plain(titled[1]), 500) or None),
        price=seen(priced, read_money(priced[1], MoneyHints(language=language)) if priced else None),
        image=seen(_first(record, ("imagelink", "image", "cover")), _image(page, record)),
        sponsored=False,
        way=seen(way, way[1] if way else None),
        size_bytes=seen(*_size(record)),
        seeders=seen(*_count(record, _SEED_KEYS)),
        leechers=seen(*_count(record, _LEECH_KEYS)),
        uploader=seen(*_text(record, _UPLOADER_KEYS)),
        posted_at=seen(dated, read_date(dated[1], page.fetched_at) if dated else None),
    )


def _title(record: dict[str, str]) -> tuple[str, str] | None:
    """What an entry is called; a release within a group by both names."""
    own = _first(record, _TITLE_KEYS)
    group = record.get("groupname", "").strip()
    if own is None or own[0] == "groupname" or not group or group.lower() in own[1].lower() or "/" in own[1]:
        return own
    return own[0], f"{group} {own[1]}" if len(own[1]) < 30 else own[1]


def _plain(text: str) -> str:
    """A title without the tags and entities that feeds leave in it."""
    text = html.unescape(text)
    return re.sub(r"<[^<>]{1,200}>", " ", text) if "<" in text else text


def _image(page: Page, record: dict[str, str]) -> str | None:
    said = _first(record, ("imagelink", "image", "cover"))
    return absolute_url(page.url, said[1]) if said is not None else None


def _size(record: dict[str, str]) -> tuple[tuple[str, str] | None, int | None]:
    """Bytes of an entry: a field of that name, else words of its description, else its enclosure's length."""
    said = _first(record, _SIZE_KEYS)
    if said is not None:
        plain = int(said[1]) if said[1].isdecimal() and len(said[1]) <= 16 else read_size(said[1])
        if plain:
            return said, plain
    described = record.get("description", "") or record.get("summary", "")
    match = re.search(
        r"(?:size|taille|größe|размер)\W{0,12}(\d[\d.,]*\s*[kmgt]i?b\b)", _plain(described), re.IGNORECASE
    )
    if match is not None and (size := read_size(match[1])):
        return ("description", match.group()), size
    length = record.get("enclosure_length", "")
    if length.isdecimal() and _MIN_LENGTH <= int(length) < 10**15:  # less is the torrent file's own length
        return ("enclosure", length), int(length)
    return None, None


def _count(record: dict[str, str], keys: tuple[str, ...]) -> tuple[tuple[str, str] | None, int | None]:
    said = _first(record, keys)
    if said is None:
        named = "|".join(keys)
        for field in ("status", "description"):
            words = _plain(record.get(field, ""))
            match = re.search(
                rf"(?:{named})\W{{1,3}}(\d{{1,7}})(?!\d)|(?<!\d)(\d{{1,7}})\s+(?:{named})\b", words, re.IGNORECASE
            )
            if match is not None:
                return (field, match.group()), int(match[1] or match[2])
        return None, None
    number = said[1].replace(",", "")
    return (said, int(number)) if number.isdecimal() and len(number) <= 8 else (None, None)


def _text(record: dict[str, str], keys: tuple[str, ...]) -> tuple[tuple[str, str] | None, str | None]:
    said = _first(record, keys)
    return said, clean_text(_plain(said[1]), 100) or None if said is not None else None
