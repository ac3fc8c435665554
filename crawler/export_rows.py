"""The rows of a platform's own export of listings: what they must carry, and what they say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from crawler.errors import BadExport
from crawler.urls import is_fetchable
from crawler.visit import Look
from store.records.captures import Capture
from store.records.listings import Condition, ListingFields, ListingState, PageKind
from store.records.money import Money
from store.records.seen import Seen

EXPORT_BYTES = 512 * 1024 * 1024  # chosen: a million rows
CELL_CHARS = 20_000
COLUMNS = (
    "platform",
    "platform_item_id",
    "url",
    "title",
    "price",
    "currency",
    "seller_id",
    "seller_name",
    "image_url",
    "condition",
    "description",
    "brand",
    "gtin",
    "mpn",
    "category",
    "ships_from",
    "state",
)
NEEDED = ("platform", "platform_item_id", "url", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRefusal:
    """A row of an export that was not taken."""

    line: int
    column: str
    value: str
    fix: str


def read_export(path: Path) -> tuple[bytes, Iterator[tuple[int, dict[str, str]]]]:
    """
    The file's bytes, and its rows with their lines: CSV in UTF-8 with a head.

    Raises `BadExport` for a file that is none, or whose head lacks a needed column.
    """
    text, body = _read_text(path)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise BadExport(path, f"its head lacks {', '.join(missing)}")
    return body, _rows(reader)


def _read_text(path: Path) -> tuple[str, bytes]:
    try:
        if path.stat().st_size > EXPORT_BYTES:
            raise BadExport(path, f"it is larger than {EXPORT_BYTES} bytes; split it")
        body = path.read_bytes()
        return body.decode("utf-8-sig"), body
    except OSError as error:
        raise BadExport(path, f"it cannot be opened ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadExport(path, f"it is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from error


def _rows(reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for row in reader:
        cells = {name: (value or "").replace("\0", "").strip()[:CELL_CHARS] for name, value in row.items() if name}
        if any(cells.values()):
            yield reader.line_num, cells


def refuse_row(line: int, row: Mapping[str, str], platforms: Sequence[str]) -> list[RowRefusal]:
    """Everything wrong with a row, given the platforms that are declared."""
    found = [
        RowRefusal(line=line, column=name, value="", fix="give it: a listing is told apart by it")
        for name in NEEDED
        if not row.get(name)
    ]

    def refuse(column: str, fix: str) -> None:
        found.append(RowRefusal(line=line, column=column, value=row.get(column, "")[:100], fix=fix))

    if row.get("url") and not is_fetchable(row["url"]):
        refuse("url", "give the offer's http or https address")
    if row.get("image_url") and not is_fetchable(row["image_url"]):
        refuse("image_url", "give the photo's http or https address, or leave it empty")
    if row.get("platform") and row["platform"] not in platforms:
        known = ", ".join(platforms) or "none"
        refuse("platform", f"name a platform that is declared here: {known}")
    if row.get("price"):
        if _amount(row["price"]) is None:
            refuse("price", "write the amount with a point and no currency: 1234.50")
        if not _is_currency(row.get("currency", "")):
            refuse("currency", "give the currency of the price as three letters: EUR")
    words = {condition.value for condition in Condition}
    if row.get("condition") and row["condition"].lower() not in words:
        refuse("condition", f"write one of {', '.join(sorted(words))}, or leave it empty")
    states = {state.value for state in ListingState}
    if row.get("state") and row["state"].lower() not in states:
        refuse("state", f"write one of {', '.join(sorted(states))}, or leave it empty")
    return found


def row_bytes(row: Mapping[str, str]) -> bytes:
    """A row as it is captured: its cells by column, as JSON."""
    return json.dumps(dict(row), ensure_ascii=False, sort_keys=True).encode()


def look_of_row(row: Mapping[str, str], line: int, capture: Capture) -> Look:
    """The look that a row makes; its values name the capture of the row."""

    def seen(column: str) -> Seen[str] | None:
        value = row.get(column)
        if not value:
            return None
        return Seen(value=value, raw=value, rule=f"import: {column}", capture=capture.id, where=f"line {line}")

    fields = ListingFields(
        platform_item_id=seen("platform_item_id"),
        title=seen("title"),
        description=seen("description"),
        price=_price(row, line, capture.id),
        condition=_condition(row, line, capture.id),
        brand_claimed=seen("brand"),
        gtin=seen("gtin"),
        mpn=seen("mpn"),
        category=seen("category"),
        seller_id=seen("seller_id"),
        seller_name=seen("seller_name"),
        ships_from=seen("ships_from"),
        images=tuple(image for image in [seen("image_url")] if image is not None),
    )
    return Look(
        platform=row["platform"],
        platform_item_id=row["platform_item_id"][:300],
        kind=PageKind.LISTING,
        url=row["url"],
        state=ListingState(row["state"].lower()) if row.get("state") else ListingState.UNKNOWN,
        fields=fields,
    )


def _price(row: Mapping[str, str], line: int, capture: str) -> Seen[Money] | None:
    amount = _amount(row.get("price", ""))
    if amount is None:
        return None
    money = Money(amount=amount, currency=row["currency"].upper())
    return Seen(value=money, raw=row["price"], rule="import: price", capture=capture, where=f"line {line}")


def _condition(row: Mapping[str, str], line: int, capture: str) -> Seen[Condition] | None:
    word = row.get("condition")
    if not word:
        return None
    value = Condition(word.lower())
    return Seen(value=value, raw=word, rule="import: condition", capture=capture, where=f"line {line}")


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**15 else None


def _is_currency(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha()
