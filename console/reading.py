"""Reads pages as the pipeline would, for whoever writes rules: each value with its rule and place."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config.declarations import Declarations, load_declarations
from config.families import generic_platform
from config.platform import Platform
from config.settings import Settings
from console.errors import ConsoleError
from crawler.extract.page import Card, Page, Reading, read_page
from crawler.extract.stated import stated_address
from crawler.saved import INDEX, UNKNOWN, name_host
from store.records import codec
from store.records.captures import Capture
from store.records.ids import utc_now
from store.records.listings import ListingFields, PageKind
from store.records.sellers import SellerFields

_SOFT_404 = "soft_404"
_MEDIA = (PageKind.STREAM, PageKind.WORK, PageKind.TORRENT)
_OFFERS = (PageKind.LISTING, PageKind.SELLER, PageKind.RESULTS, PageKind.TORRENT_RESULTS, *_MEDIA)
_CARD_NAMES = {"image": "images"}  # a card names its one picture as a listing names its several


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One page to read."""

    name: str
    path: Path
    url: str | None  # None: nobody kept it; the page may say


def saved_pages(source: Path, url: str | None) -> list[Saved]:
    """
    The pages of a file, or of a folder by its `index.csv` (file, url; more columns and no addresses are fine).

    Raises `ConsoleError` for a folder without an index, and for an index without files.
    """
    if not source.is_dir():
        return [Saved(name=source.name, path=source, url=url)]
    index = source / INDEX
    if not index.exists():
        raise ConsoleError(f"{source} holds no {INDEX}; list its pages there, with columns file and url")
    with index.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if "file" not in (rows.fieldnames or ()):
            raise ConsoleError(f"{index} has no column file; its first line must name the columns file and url")
        return [Saved(name=r["file"], path=source / r["file"], url=r.get("url") or None) for r in rows if r["file"]]


def read_saved(settings: Settings, source: Path, url: str | None) -> list[dict[str, Any]]:
    """
    What each saved page says, as JSON values, in the order of the index.

    Raises `ConsoleError` for a folder without an index. A page that cannot be read says so in its own answer.
    """
    return list(read_each(settings, saved_pages(source, url)))


def read_each(settings: Settings, pages: list[Saved]) -> Iterator[dict[str, Any]]:
    """The answers, one by one as they are read: kind, fields, cards, next page, stream, hops, conflicts, refusal."""
    declarations = load_declarations(settings)
    for saved in pages:
        try:
            yield answer(saved.name, _read(saved, declarations))
        except Exception as error:  # noqa: BLE001 -- the boundary per page: it says what failed, the others go on
            yield unread(saved.name, f"not read: {type(error).__name__}: {error}")


def read_captured(settings: Settings, capture: Capture, body: bytes, url: str | None) -> dict[str, Any]:
    """What a page that was fetched says."""
    page = Page(
        url=url or capture.url_final,
        status=capture.status,
        headers=capture.response_headers,
        body=body,
        capture=capture.id,
        fetched_at=capture.fetched_at,
    )
    return answer(page.url, read_page(page, platform_of(load_declarations(settings), page.url)))


def platform_of(declarations: Declarations, url: str) -> Platform:
    """The declared platform whose site an address is on, else the family for sites nobody declared."""
    host = name_host(url)
    declared = (p for p in declarations.platforms.values() if name_host(p.home) == host)
    return next(declared, None) or generic_platform(url)


def _read(saved: Saved, declarations: Declarations) -> Reading:
    body = saved.path.read_bytes()
    url = saved.url or stated_address(body) or f"{UNKNOWN}{quote(saved.name)}"
    page = Page(url=url, status=None, headers=(), body=body, fetched_at=utc_now())
    return read_page(page, platform_of(declarations, url))


def unread(name: str, why: str) -> dict[str, Any]:
    """The answer of a page that could not be read."""
    return {**_empty(name), "refusal": why, "failed": True}


def _empty(name: str) -> dict[str, Any]:
    return {
        "file": name,
        "kind": PageKind.NONE.value,
        "listing": {},
        "cards": [],
        "next_page": None,
        "total": None,
        "stream": {},
        "seller": {},
        "hops": [],
        "conflicts": [],
        "refusal": None,
        "notes": [],
    }


def answer(name: str, reading: Reading) -> dict[str, Any]:
    """A reading as JSON values. `refusal` says why nothing was taken; `notes` what else the reader remarked."""
    remarks = [note for note in reading.notes if not note.startswith("conflict: ")]
    fields = _fields(reading.fields) if reading.fields is not None else {}
    media = reading.kind in _MEDIA
    return {
        **_empty(name),
        "kind": _SOFT_404 if reading.kind is PageKind.GONE else reading.kind.value,
        "listing": {} if media else fields,
        "cards": [_card(card) for card in reading.cards],
        "next_page": reading.next_url,
        "total": _seen(codec.to_json(reading.total)) if reading.total is not None else None,
        "stream": fields if media else {},
        "seller": _said(reading.seller) if reading.seller is not None else {},
        "hops": _hops(reading),
        "conflicts": codec.to_json(reading.conflicts),
        "refusal": None if reading.kind in _OFFERS else reading.because,
        "notes": [reading.because, *remarks],
    }


def _fields(fields: ListingFields) -> dict[str, Any]:
    said = codec.to_json(fields)
    found = {name: _seen(value) for name, value in said.items() if value and name != "streams"}
    for role in ("player", "manifest", "magnet", "file_host"):
        ways = [link.url for link in fields.streams if link.role == role]
        if ways:
            found[f"{role}s"] = {"value": ways, "raw": ways[0], "rule": f"streams: {role}", "where": None}
    return found


def _said(seller: SellerFields) -> dict[str, Any]:
    return {name: _seen(value) for name, value in codec.to_json(seller).items() if value}


def _hops(reading: Reading) -> list[dict[str, Any]]:
    """Every way on from the page: what was seen there, and what would be fetched of it."""
    fetched = {link.url: link for link in reading.links}
    seen = {way.url: way.role for way in (reading.fields.streams if reading.fields is not None else ())}
    hops = []
    for url in dict.fromkeys([*seen, *fetched]):
        link = fetched.get(url)
        role = seen.get(url) or (link.kind.value if link is not None else None)
        hops.append({"role": role, "url": url, "fetched_as": link.kind.value if link is not None else None})
    return hops


def _seen(value: Any) -> Any:  # Any: one Seen, or a list of them, as JSON
    if isinstance(value, list):
        first = value[0]
        return {
            "value": [part["value"] for part in value],
            "raw": first["raw"],
            "rule": first["rule"],
            "where": first["where"],
        }
    return {key: value[key] for key in ("value", "raw", "rule", "where")}


def _card(card: Card) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in codec.to_json(card).items():
        if isinstance(value, dict):
            seen = _seen(value)
            if name in _CARD_NAMES:
                seen = {**seen, "value": [seen["value"]]}
            found[_CARD_NAMES.get(name, name)] = seen
        elif value not in (None, False):
            found[name] = {"value": value, "raw": str(value), "rule": f"results: {name}", "where": None}
    return found
