"""Column types that read the same on every database: UTC times, JSON, closed sets as words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Date, DateTime, Dialect, ForeignKey, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

Word = String(40).with_variant(String(40, collation="C"), "postgresql")
"""A folded word: ordered letter by letter, whatever language a server speaks, so that beginnings are found."""

Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC `datetime`; a naive one is refused, because nobody can say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC without zone for SQLite, which stores none; UTC with zone elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without zone: {value!r}; give an aware UTC datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC again."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def ident(comment: str = "UUIDv7") -> Column[str]:
    """The primary key column every record has."""
    return Column("id", String(36), primary_key=True, comment=comment)


def word(name: str, comment: str, *, null: bool = False, **more: Any) -> Column[str]:
    """A short text: a code, a name, a closed set's word."""
    return Column(name, String(300), nullable=null, comment=comment, **more)


def refers(name: str, target: str, comment: str, *, null: bool = False, index: bool = True) -> Column[str]:
    """A column that points to another table's id."""
    return Column(name, String(36), ForeignKey(f"{target}.id"), nullable=null, index=index, comment=comment)


def sha(name: str, comment: str, *, null: bool = False, **more: Any) -> Column[str]:
    """A SHA-256 in hex."""
    return Column(name, String(64), nullable=null, comment=comment, **more)


def when(name: str, comment: str, *, null: bool = False, **more: Any) -> Column[datetime]:
    """A moment in UTC."""
    return Column(name, UtcDateTime(), nullable=null, comment=comment, **more)


def json(name: str, comment: str, *, null: bool = False) -> Column[Any]:
    """A list or a mapping whose parts are never queried alone."""
    return Column(name, Json, nullable=null, comment=comment)


def day(name: str, comment: str, *, null: bool = True) -> Column[date]:
    """A calendar day."""
    return Column(name, Date, nullable=null, comment=comment)


def number(name: str, comment: str, *, null: bool = False, **more: Any) -> Column[int]:
    """A whole number."""
    return Column(name, Integer, nullable=null, comment=comment, **more)


def text(name: str, comment: str, *, null: bool = False) -> Column[str]:
    """Words of any length."""
    return Column(name, Text, nullable=null, comment=comment)
