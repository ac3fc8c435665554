"""Any record as JSON, and back, strictly: an unknown enum word or a missing field is an error."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import rfc8785
from pydantic import TypeAdapter, ValidationError

R = TypeVar("R")


class UnreadableRecord(ValueError):
    """Stored JSON does not fit the record it should make."""

    def __init__(self, record: str, detail: str) -> None:
        super().__init__(f"stored {record} cannot be read: {detail}; run `marque doctor`")
        self.record = record
        self.detail = detail


_adapters: dict[Any, TypeAdapter[Any]] = {}  # Any: dataclasses and generic aliases alike


def _adapter(kind: Any) -> TypeAdapter[Any]:
    adapter = _adapters.get(kind)
    if adapter is None:
        adapter = _adapters[kind] = TypeAdapter(kind)
    return adapter


def to_json(record: Any, kind: Any = None) -> Any:
    """The record as plain JSON values. `kind` is needed where the type is a generic alias or a tuple."""
    return _adapter(kind or type(record)).dump_python(record, mode="json")


def from_json(kind: type[R], data: Any) -> R:
    """
    The record that plain JSON values make.

    Raises `UnreadableRecord` when a field is missing or a closed set does not know a word.
    """
    try:
        result: R = _adapter(kind).validate_python(data)
    except ValidationError as error:
        raise UnreadableRecord(getattr(kind, "__name__", str(kind)), str(error)) from error
    return result


def canonical(data: Any) -> bytes:
    """JSON values as RFC 8785 bytes: one spelling for one content."""
    return rfc8785.dumps(data)


def digest(data: Any) -> str:
    """SHA-256 of the canonical bytes, hex."""
    return hashlib.sha256(canonical(data)).hexdigest()
