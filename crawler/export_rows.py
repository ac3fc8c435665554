"""The rows of a platform's own export of listings: what they must carry, and what they say."""

from __future__ import annotations

import csv
import io
import json
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl

from config.export import Export
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
    "posted_at",
)
# What openpyxl and what lies below it raise on damaged workbooks.
_BROKEN_BOOK = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, EOFError,
    AssertionError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error,
)  # fmt: skip
NEEDED = ("platform", "platform_item_id", "url", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRefusal:
    """A row of an export that was not taken."""

    line: int
    column: str
    value: str
    fix: str


def read_export(path: Path, layout: Export | None = None) -> tuple[bytes, Iterator[tuple[int, dict[str, str]]]]:
    """
    The file's bytes, and its rows with their lines, as they stand: by its layout, else CSV in UTF-8 with a head.

    Raises `BadExport` for a file that is none, or whose head lacks a needed column.
    """
    needed = NEEDED if layout is None else tuple(layout.columns.values())
    if layout is not None and layout.format == "xlsx":
        return _read_book(path, layout, needed)
    text, body = _read_text(path, layout.encoding if layout is not None else "utf-8-sig")
    delimiter = layout.delimiter if layout is not None else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    _check_head(path, reader.fieldnames or (), needed)
    return body, _rows(reader)


def told(row: Mapping[str, str], layout: Export) -> dict[str, str]:
    """What a row says under our names and in our spelling; a value that does not fit stays, to be refused later."""
    cells = dict(layout.constants) | {name: row.get(head, "") for name, head in layout.columns.items()}
    named = {str(name): value for name, value in cells.items() if value}
    if "price" in named:
        plain = named["price"].replace("\u00a0", " ").replace("\u202f", " ")
        if layout.thousands:
            plain = plain.replace(layout.thousands, "")
        named["price"] = plain.replace(layout.decimal, ".").strip()
    if "posted_at" in named:
        try:
            at = datetime.strptime(named["posted_at"], layout.date)  # noqa: DTZ007 -- the zone is added below
            named["posted_at"] = (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(layout.zone))).isoformat()
        except ValueError:
            pass  # refused with its cell by `refuse_row`
    for name, words in layout.words.items():
        if name in named:
            named[name] = words.get(named[name], named[name])
    return named


def _check_head(path: Path, head: Sequence[str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in head]
    if missing:
        raise BadExport(path, f"its head lacks {', '.join(missing)}")


def _read_book(
    path: Path, layout: Export, needed: Sequence[str]
) -> tuple[bytes, Iterator[tuple[int, dict[str, str]]]]:
    """A workbook's rows; a cell as it shows, dates in the layout's own spelling."""
    body = _read_bytes(path)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if sum(part.file_size for part in packed.infolist()) > EXPORT_BYTES:
                raise BadExport(path, f"it unpacks to more than {EXPORT_BYTES} bytes; hand it in as CSV")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on styles; only values count
            book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
            if layout.sheet is not None and layout.sheet not in book.sheetnames:
                raise BadExport(path, f"it has no sheet {layout.sheet!r}, only {', '.join(book.sheetnames)}")
            sheet = book[layout.sheet or book.sheetnames[0]]
            sheet.reset_dimensions()
            rows = [[_cell(value, layout) for value in row] for row in sheet.iter_rows(values_only=True)]
    except _BROKEN_BOOK as error:
        raise BadExport(path, f"it is no readable XLSX ({type(error).__name__}); save it again or as CSV") from error
    first = next((number for number, row in enumerate(rows) if any(row)), None)
    if first is None:
        raise BadExport(path, "it holds no row")
    head = rows[first]
    _check_head(path, head, needed)
    found = ((number, dict(zip(head, row, strict=False))) for number, row in enumerate(rows[first + 1 :], first + 2))
    return body, ((number, cells) for number, cells in found if any(cells.values()))


def _cell(value: object, layout: Export) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.strftime(layout.date)
        case float():
            # A workbook's number has no spelling of its own: it gets the layout's.
            return format(Decimal(repr(value)).normalize(), "f").replace(".", layout.decimal)
        case _:
            return str(value).replace("\0", "").strip()[:CELL_CHARS]


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > EXPORT_BYTES:
            raise BadExport(path, f"it is larger than {EXPORT_BYTES} bytes; split it")
        return path.read_bytes()
    except OSError as error:
        raise BadExport(path, f"it cannot be opened ({error.strerror})") from error


def _read_text(path: Path, encoding: str) -> tuple[str, bytes]:
    body = _read_bytes(path)
    try:
        return body.decode(encoding), body
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding == "utf-8-sig" else encoding
        raise BadExport(path, f"it is not {name} (byte {error.start}); save it as CSV {name}") from error


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
    if row.get("posted_at") and _moment(row["posted_at"]) is None:
        refuse("posted_at", "write the date as 2026-03-02T09:00:00+01:00, or as the mapping's `date` says")
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
        posted_at=_posted(row, line, capture.id),
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


def _posted(row: Mapping[str, str], line: int, capture: str) -> Seen[datetime] | None:
    value = _moment(row.get("posted_at", ""))
    if value is None:
        return None
    return Seen(value=value, raw=row["posted_at"], rule="import: posted_at", capture=capture, where=f"line {line}")


def _moment(text: str) -> datetime | None:
    """The moment a text names with its zone; None for another text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**15 else None


def _is_currency(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha()
