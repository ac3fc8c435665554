"""
The items of a batch as eBay's programme takes them in one call: `reportItems`, an item and its reason code each.

Source: eBay VeRO API, createVeroReport, VeroReportItemsRequest and ReportItemDetails, v1.0.0 of 26 March 2025; the
request of v2 was not readable. The seller is told what is claimed and why, in words that name no person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reports.errors import UnwritableReport
from reports.formats.plain import plain
from store.evidence.seal import canonical

ITEMS = 150  # a call
MESSAGE_CHARS = 1000
BRAND_CHARS = 50
PATENT_CHARS = 15
ASKS_MESSAGE = frozenset({"9052", "7052"})  # "other" reasons need words
ASKS_COUNTRIES = frozenset({"9037"})  # unlawful importation
ASKS_PATENT = frozenset({"9048"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedItem:
    """One item, in plain values."""

    item_id: str  # ours
    platform_item_id: str
    reason_code: str
    brand: str | None
    countries: tuple[str, ...]
    registration_number: str | None
    message: str
    to_seller: str = ""  # what is claimed and why, for the accused; at most `MESSAGE_CHARS`
    is_copied_to_owner: bool = True


def write_vero(items: Iterable[ReportedItem]) -> bytes:
    """
    One call as canonical JSON.

    Raises `UnwritableReport` for more than `ITEMS`, for one item twice under one code, and for what a code asks and
    the item lacks.
    """
    rows, seen = [], set[tuple[str, str]]()
    for item in items:
        pair = (item.platform_item_id, item.reason_code)
        if pair in seen:
            raise UnwritableReport(item.item_id, f"{pair[0]} is reported under reason {pair[1]} already")
        seen.add(pair)
        rows.append(_row(item))
        if len(rows) > ITEMS:
            raise UnwritableReport(item.item_id, f"a call takes {ITEMS} items")
    return canonical({"reportItems": rows})


def _row(item: ReportedItem) -> dict[str, Any]:  # Any: JSON values
    code = item.reason_code
    if not (item.platform_item_id.isascii() and item.platform_item_id.isdigit()):
        raise UnwritableReport(item.item_id, f"an item of eBay has a number, and {item.platform_item_id!r} is none")
    row: dict[str, Any] = {
        "itemId": item.platform_item_id,
        "veroReasonCodeId": code,
        "copyEmailToRightsOwner": item.is_copied_to_owner,
    }
    if item.to_seller:
        row["messageToSeller"] = plain(item.to_seller, MESSAGE_CHARS)
    if item.brand:
        row["brand"] = plain(item.brand, BRAND_CHARS)
    if code in ASKS_MESSAGE:
        if not 0 < len(item.message) <= MESSAGE_CHARS:
            raise UnwritableReport(item.item_id, f"reason {code} asks for 1 to {MESSAGE_CHARS} characters of words")
        row["detailedMessage"] = item.message
    if code in ASKS_COUNTRIES:
        if not item.countries:
            raise UnwritableReport(item.item_id, f"reason {code} asks for the countries it is imported into")
        row["countries"] = list(item.countries)
    if code in ASKS_PATENT:
        number = (item.registration_number or "").strip()
        if not 0 < len(number) <= PATENT_CHARS:
            raise UnwritableReport(item.item_id, f"reason {code} asks for a patent of 1 to {PATENT_CHARS} characters")
        row["patent"] = number
    return row
