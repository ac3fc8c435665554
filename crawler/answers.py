"""
A platform's own interface read: the offers in an answer by the rules of `[read.listing]`, and the way to the next.

Each offer is read as if it were a page of its own, so that every rule, step and kind of value works as on pages.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from config.platform import Platform
from crawler.errors import BrokenAnswer
from crawler.extract.document import Document
from crawler.extract.errors import UnreadableJson
from crawler.extract.fields import item_id, read_listing_fields
from crawler.extract.loose_json import JsonValue, read_json
from crawler.extract.pages import Card, Page, Reading
from crawler.extract.refusals import refused_by_server
from crawler.extract.rules import RuleReader, compile_path
from crawler.extract.values import PageValues
from crawler.interface import api_of, item_address, with_param, without_param
from crawler.urls import is_fetchable
from store.records.fetches import FetchKind
from store.records.listings import ListingFields, PageKind

ITEMS_MAX = 1_000  # of one answer; no interface known gives more
_LINK = re.compile(r"<([^<>]{1,8000})>([^<]*)")
_IS_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"(?:[^\"]*\s)?next[\s\"]|next\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Reading):
    """What an answer holds: each of its offers whole, beside what every reading says."""

    offers: tuple[ListingFields, ...] = ()  # those that can be told apart, in the answer's order


def read_answer(page: Page, platform: Platform, kind: FetchKind) -> Reading:
    """
    What one answer says: a list of offers, or the one that was asked for.

    Raises `BrokenAnswer` for what is no JSON or holds no list where one is declared, and `BrokenRule`.
    """
    api = api_of(platform)
    refused = refused_by_server(page, platform)
    if refused is not None:
        return Reading(kind=PageKind(refused[0]), because=refused[1])
    value = _json(page)
    if kind is not FetchKind.RESULTS:
        if not isinstance(value, dict):
            return Reading(kind=PageKind.NONE, because="the answer is no offer")
        fields, noted = _read_offer(value, page, platform)
        if fields.title is None:
            return Reading(kind=PageKind.NONE, because="no rule for the title spoke", notes=noted)
        assert fields.platform_item_id is not None, "every offer is told apart by something"
        said = fields.platform_item_id.value
        return Reading(
            kind=PageKind.LISTING, fields=fields, platform_item_id=said, because="an offer's answer", notes=noted
        )
    items = compile_path(api.items, f"{platform.name}: api.items").search(value)
    if not isinstance(items, list):
        raise BrokenAnswer(page.url, f"there is no list at {api.items!r}", is_torn=False)
    offers: list[ListingFields] = []
    cards: list[Card] = []
    notes: list[str] = []
    for item in items[:ITEMS_MAX]:
        if not isinstance(item, dict):
            notes.append("an entry of the list is no offer")
            continue
        fields, said_of_it = _read_offer(item, page, platform)
        notes += said_of_it
        offers.append(fields)
        cards.append(_card(fields, platform))
    return Answer(
        kind=PageKind.RESULTS,
        cards=tuple(cards),
        offers=tuple(offers),
        next_url=_next_url(value, page, platform),
        because=f"an answer with {len(offers)} offers",
        notes=tuple(dict.fromkeys(notes)),
    )


def _json(page: Page) -> JsonValue:
    text = page.body.decode("utf-8-sig", "replace")
    try:
        return read_json(text)
    except UnreadableJson as error:
        raise BrokenAnswer(page.url, str(error), is_torn=True) from error


def _read_offer(item: dict[str, JsonValue], page: Page, platform: Platform) -> tuple[ListingFields, tuple[str, ...]]:
    """One offer of an answer, and what was noted."""
    body = json.dumps(item, ensure_ascii=True).encode()
    document = Document(url=page.url, body=body, content_type="application/json", fetched_at=page.fetched_at)
    rules = RuleReader(document, platform.name, page.capture)
    fields = read_listing_fields(platform, rules, PageValues(document, platform, rules.notes))
    named = fields.platform_item_id is not None or fields.canonical_url is not None
    identity = item_id(fields, page.url if named else f"{page.url}#{hashlib.sha256(body).hexdigest()}", rules)
    fields = dataclasses.replace(fields, platform_item_id=identity)
    return fields, tuple(dict.fromkeys([*document.notes, *rules.notes]))


def _card(fields: ListingFields, platform: Platform) -> Card:
    """An offer as the lists of other platforms show one, for whatever counts and compares those."""
    assert fields.platform_item_id is not None, "every offer is told apart by something"
    item = fields.platform_item_id.value
    return Card(
        url=item_address(platform, item) or (fields.canonical_url.value if fields.canonical_url else None),
        platform_item_id=item,
        title=fields.title,
        price=fields.price,
        image=fields.images[0] if fields.images else None,
        sponsored=False,
    )


def _next_url(value: JsonValue, page: Page, platform: Platform) -> str | None:
    """Where the answer says that the next one stands, without any key; None where it says nothing."""
    api = api_of(platform)
    paging = api.paging
    match paging.by:
        case "cursor" | "next":
            assert paging.path is not None, "checked by the declaration"
            said = compile_path(paging.path, f"{platform.name}: api.paging.path").search(value)
            if not isinstance(said, str | int) or isinstance(said, bool) or said == "":
                return None
            if paging.by == "cursor":
                assert paging.param is not None, "checked by the declaration"
                return with_param(page.url, paging.param, str(said))
            url = urljoin(page.url, str(said))
        case "link":
            said = ", ".join(text for name, text in page.headers if name.lower() == "link")
            found = next((link[1] for link in _LINK.finditer(said) if _IS_NEXT.search(link[2])), None)
            if found is None:
                return None
            url = urljoin(page.url, found)
        case _:
            return None
    if not is_fetchable(url):
        return None
    return without_param(url, api.key.query) if api.key is not None and api.key.query is not None else url
