"""Reads saved pages as the pipeline would, without keeping anything: a tool for whoever writes rules."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from config.declarations import load_declarations
from config.families import generic_platform
from config.platform import Platform
from config.settings import Settings
from console.errors import ConsoleError
from crawler.extract.page import Card, Page, Reading, read_page
from store.records import codec
from store.records.ids import utc_now

INDEX = "index.csv"


def read_saved(settings: Settings, source: Path, url: str | None) -> list[dict[str, Any]]:
    """
    What each saved page says, as JSON values: kind, fields with their rule and place, cards, next page, hops.

    Raises `ConsoleError` for a folder without an index, and `OSError` for a file that cannot be read.
    """
    platforms = load_declarations(settings).platforms.values()
    if source.is_dir():
        index = source / INDEX
        if not index.exists():
            raise ConsoleError(f"{source} holds no {INDEX}; list its pages there, with columns file and url")
        with index.open(encoding="utf-8", newline="") as file:
            pages = [(row["file"], source / row["file"], row["url"]) for row in csv.DictReader(file)]
    else:
        pages = [(source.name, source, url or source.absolute().as_uri())]
    return [_as_json(name, _read(path, address, platforms)) for name, path, address in pages]


def _read(path: Path, url: str, platforms: Any) -> Reading:  # Any: an iterable of Platform, walked once a page
    declared = next((p for p in platforms if url.startswith(p.home)), None)
    platform: Platform = declared or generic_platform(url)
    page = Page(url=url, status=None, headers=(), body=path.read_bytes(), fetched_at=utc_now())
    return read_page(page, platform)


def _as_json(name: str, reading: Reading) -> dict[str, Any]:
    fields = codec.to_json(reading.fields) if reading.fields else {}
    return {
        "file": name,
        "kind": reading.kind.value,
        "listing": {key: _seen(value) for key, value in fields.items() if value and key != "streams"},
        "cards": [_card(card) for card in reading.cards],
        "next_page": reading.next_url,
        "hops": [{"kind": link.kind.value, "url": link.url} for link in reading.links],
        "conflicts": list(reading.notes),
        "refusal": reading.because or None,
    }


def _seen(value: Any) -> Any:  # Any: one Seen, or a list of them, as JSON
    if isinstance(value, list):
        return {"value": [part["value"] for part in value], "rule": value[0]["rule"], "where": value[0]["where"]}
    return {key: value[key] for key in ("value", "raw", "rule", "where")}


def _card(card: Card) -> dict[str, Any]:
    data = codec.to_json(card)
    return {key: _seen(value) if isinstance(value, dict) else value for key, value in data.items() if value}
