"""How a platform's export of listings is laid out: which column holds what, how amounts and dates are written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from config.declaration import Declaration, check, read_toml

Column = Literal[
    "platform", "platform_item_id", "url", "title", "price", "currency", "seller_id", "seller_name", "image_url",
    "condition", "description", "brand", "gtin", "mpn", "category", "ships_from", "state", "posted_at",
]  # fmt: skip


class Export(Declaration):
    """One layout. What a column does not say may be said for the whole file in `constants`."""

    format: Literal["csv", "xlsx"] = "csv"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8-sig"
    sheet: str | None = None  # of a workbook; None: the first
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    date: str = "%Y-%m-%d"  # as Python's strptime writes it
    zone: str = "UTC"  # of dates that name none
    columns: dict[Column, str]  # field to the head of its column
    constants: dict[Column, str] = {}
    words: dict[Literal["state", "condition"], dict[str, str]] = {}  # the platform's word to ours

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError(f"no encoding of that name: {value}") from error
        return value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError) as error:
            raise ValueError(f"no place of that name: {value}; write it like Europe/Stockholm") from error
        return value


def load_export(path: Path) -> Export:
    """The layout that a file declares. Raises `BrokenToml`, `WrongKey`, or `OSError` when it cannot be opened."""
    return check(Export, read_toml(path), str(path))
