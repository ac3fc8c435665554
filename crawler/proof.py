"""
Saved pages of a platform, and what its rules must read on them.

A case is a folder: `page.html` as it was fetched, `source.json` (where, when, as what, with which digest) and
`expected.json` (facts a person checked). A page that belongs to somebody else is left out: `source.json` then says so
(`"kept": false`), and the page is looked up by its digest in a folder of real pages with its `index.csv`.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.platform import Platform
from crawler.errors import BadCase
from crawler.extract.page import read_page
from crawler.extract.pages import Card, Page, Reading
from crawler.saved import INDEX, UNKNOWN
from store.records import codec
from store.records.fetches import FetchKind

SHIPPED_CASES = Path(__file__).resolve().parents[1] / "tests" / "platforms"
"""Cases of the shipped platforms and families."""

PAGE, SOURCE, EXPECTED = "page.html", "source.json", "expected.json"
_TOLD = ("kind", "count", "first", "last", "next_page_contains")
_CARD = ("title", "price", "url_contains", "platform_item_id", "sponsored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One saved page with what must be read on it."""

    platform: str
    name: str
    url: str
    fetched_as: FetchKind
    fetched_at: datetime
    status: int
    content_type: str
    year: int | None  # the page was published in, where it says so; None: unknown
    origin: str  # in words: who made the page, under which licence
    body: bytes | None  # None: the page is not here
    absent: str | None  # why, in words; None where the page is here
    checked_by_hand: bool  # a person compared `expected` with the page
    expected: dict[str, Any]  # JSON of expected.json


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One expectation held against what was read."""

    field: str
    expected: Any  # JSON values
    found: Any
    rule: str | None  # the rule that read it; None where nothing was read, or no one rule did
    where: str | None
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What became of one case."""

    case: Case
    held: tuple[Held, ...]  # empty when the page is not here

    @property
    def holds(self) -> bool:
        """Whether everything expected was read."""
        return bool(self.held) and all(each.right for each in self.held)


def cases_of(folder: Path, real_pages: Path | None = None) -> list[Case]:
    """
    The cases below `folder/<case>/`, of the platform that `folder` is named after, by name.

    `real_pages` is a folder with pages left out of the repository and their index (file, url, sha256). Raises
    `BadCase` for a case that misses a file, holds a page of another digest, or expects nothing.
    """
    return [_case(path, real_pages) for path in sorted(folder.glob("*/")) if (path / SOURCE).exists()]


def _case(folder: Path, real_pages: Path | None) -> Case:
    source, expected = (_json(folder / name) for name in (SOURCE, EXPECTED))
    if not expected.get("kind"):
        raise BadCase(folder, f"{EXPECTED} names no kind")
    body: bytes | None = None
    absent: str | None = None
    if (folder / PAGE).exists():
        body = (folder / PAGE).read_bytes()
    elif source.get("kept", True):
        raise BadCase(folder, f"there is no {PAGE}, and {SOURCE} does not say that it is kept elsewhere")
    else:
        file, source["url"] = _elsewhere(str(source.get("sha256")), real_pages, source.get("url"))
        body = file.read_bytes() if file is not None else None
        absent = None if file is not None else "its page belongs to somebody else and is not kept in this repository"
    if body is not None and hashlib.sha256(body).hexdigest() != source.get("sha256"):
        raise BadCase(folder, f"the page is not the one of {SOURCE}: its SHA-256 differs")
    try:
        return Case(
            platform=folder.parent.name,
            name=folder.name,
            url=source["url"],
            fetched_as=FetchKind(source["fetched_as"]),
            fetched_at=datetime.fromisoformat(source["fetched_at"]),
            status=source.get("status", 200),
            content_type=source.get("content_type", "text/html"),
            year=source.get("year"),
            origin=source["origin"],
            body=body,
            absent=absent,
            checked_by_hand=source.get("checked_by_hand", False),
            expected=expected,
        )
    except (KeyError, ValueError) as error:
        raise BadCase(folder, f"{SOURCE}: {type(error).__name__} {error}") from error


def _elsewhere(sha256: str, real_pages: Path | None, url: str | None) -> tuple[Path | None, str]:
    """The file with that digest and the address it was saved from; no file where the folder is not here."""
    if real_pages is None or not (real_pages / INDEX).exists():
        return None, url or UNKNOWN
    with (real_pages / INDEX).open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if row.get("sha256") and sha256.startswith(row["sha256"]):
                return real_pages / row["file"], url or row["url"].replace("&amp;", "&") or UNKNOWN
    return None, url or UNKNOWN


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadCase(path.parent, f"{path.name} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise BadCase(path.parent, f"{path.name} holds no table")
    return data


def read_case(case: Case, platform: Platform) -> Reading:
    """The page of a case as the platform's rules read it. The page must be here."""
    assert case.body is not None, "asked of cases whose page is here"
    headers = (("Content-Type", case.content_type),)
    page = Page(url=case.url, status=case.status, headers=headers, body=case.body, fetched_at=case.fetched_at)
    return read_page(page, platform, expected=case.fetched_as)


def prove(case: Case, platform: Platform) -> Proof:
    """Everything the case expects, held against what the platform's rules read. Raises `BadCase` for unknown keys."""
    if case.body is None:
        return Proof(case=case, held=())
    return Proof(case=case, held=tuple(_hold(case, read_case(case, platform))))


def _hold(case: Case, reading: Reading) -> Iterator[Held]:
    expected = dict(case.expected)
    listing = expected.pop("listing", {})
    unknown = set(expected) - set(_TOLD)
    if unknown:
        raise BadCase(Path(case.platform) / case.name, f"{EXPECTED} has no key {', '.join(sorted(unknown))}")
    yield _plain("kind", expected["kind"], reading.kind.value)
    fields = codec.to_json(reading.fields) if reading.fields is not None else {}
    for name, wanted in listing.items():
        yield _field(name, wanted, fields)
    if "count" in expected:
        yield _plain("count", expected["count"], len(reading.cards))
    for name, number in (("first", 0), ("last", -1)):
        if name in expected:
            yield from _card(name, expected[name], reading.cards[number] if reading.cards else None)
    if "next_page_contains" in expected:
        wanted, found = expected["next_page_contains"], reading.next_url
        right = found is None if wanted is None else wanted in (found or "")
        yield Held(field="next_page", expected=wanted, found=found, rule=None, where=None, right=right)


def _plain(field: str, wanted: Any, found: Any) -> Held:
    return Held(field=field, expected=wanted, found=found, rule=None, where=None, right=wanted == found)


def _field(name: str, wanted: Any, fields: dict[str, Any]) -> Held:
    """One field of a listing: exact, or with `_contains` any of the pieces in the (first) value."""
    field = name.removesuffix("_contains")
    partly = name.endswith("_contains")
    said: Any = fields.get(field)  # Any: JSON of one Seen, or of several
    several = said if isinstance(said, list) else [said] if said else []
    values = [each["value"] for each in several]
    found: Any = values if isinstance(said, list) and not partly else values[0] if values else None
    seen = several[0] if several else None
    if partly:
        pieces = wanted if isinstance(wanted, list) else [wanted]
        right = any(_same(piece) in (_same(found) or "") for piece in pieces)
    else:
        right = _same(wanted) == _same(found)
    return Held(
        field=field,
        expected=wanted,
        found=found,
        rule=seen["rule"] if seen else None,
        where=seen["where"] if seen else None,
        right=right,
    )


def _card(place: str, wanted: dict[str, Any], card: Card | None) -> Iterator[Held]:
    unknown = set(wanted) - set(_CARD)
    if unknown:
        raise BadCase(Path(place), f"{EXPECTED} has no key {', '.join(sorted(unknown))} of a card")
    data = codec.to_json(card) if card is not None else {}
    for name, value in wanted.items():
        if name == "url_contains":
            yield Held(
                field=f"{place}.url",
                expected=value,
                found=data.get("url"),
                rule=None,
                where=None,
                right=value in (data.get("url") or ""),
            )
            continue
        said = data.get(name)
        found = said["value"] if isinstance(said, dict) else said
        yield Held(
            field=f"{place}.{name}",
            expected=value,
            found=found,
            rule=said["rule"] if isinstance(said, dict) else None,
            where=said["where"] if isinstance(said, dict) else None,
            right=_same(value) == _same(found),
        )


def _same(value: Any) -> Any:
    """A value as it is compared: words without their spacing, amounts without trailing zeros."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, dict) and set(value) == {"amount", "currency"}:
        amount = str(value["amount"])
        return (amount.rstrip("0").rstrip(".") if "." in amount else amount, value["currency"])
    return value


def cases_by_platform(folders: Iterable[Path], real_pages: Path | None = None) -> dict[str, list[Case]]:
    """Every case below `folder/<platform>/<case>/` of the folders, by platform; later folders add to earlier ones."""
    found: dict[str, list[Case]] = {}
    for folder in folders:
        for platform in sorted(path for path in folder.glob("*/") if path.name[:1] not in "_."):
            cases = cases_of(platform, real_pages)
            if cases:
                found.setdefault(platform.name, []).extend(cases)
    return found
