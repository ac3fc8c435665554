"""Reads a TOML file into a typed declaration; a mistake names file, key, what fits, and the nearest word."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from config.errors import BrokenToml, Mistake, WrongKey


class Declaration(BaseModel):
    """The base of everything declared: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


D = TypeVar("D", bound=Declaration)


def read_toml(path: Path) -> dict[str, Any]:  # Any: TOML values of any shape
    """The file's tables. Raises `BrokenToml` with the line, or `OSError` when it cannot be opened."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenToml(str(path), str(error)) from error


def overlay(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`above` laid over `below`: tables merge, everything else replaces."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = overlay(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _known_keys(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Keys that fit beside the wrong one, followed down as far as the model goes."""
    current: Any = model
    for step in place[:-1]:
        if isinstance(step, int):
            continue  # the number of an entry in a list: its model is followed already
        if not (isinstance(current, type) and issubclass(current, BaseModel)):
            return []
        field = next((f for name, f in current.model_fields.items() if step in (name, f.alias)), None)
        if field is None:
            return []
        current = field.annotation
        for candidate in getattr(current, "__args__", ()):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                current = candidate
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [field.alias or name for name, field in current.model_fields.items()]
    return []


def check(model: type[D], data: dict[str, Any], file: str) -> D:
    """
    The declaration that `data` makes.

    Raises `WrongKey` with every mistake at once, each with its key and, for an unknown key, the nearest known one.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        mistakes = []
        for detail in error.errors(include_url=False):
            place = tuple(detail["loc"])
            key = ".".join(str(step) for step in place)
            nearest = None
            expected = detail["msg"]
            if detail["type"] == "extra_forbidden":
                expected = "no such key"
                near = difflib.get_close_matches(str(place[-1]), _known_keys(model, place), 1, 0.5)
                nearest = near[0] if near else None
            mistakes.append(Mistake(key=key, expected=expected, found=repr(detail["input"])[:80], nearest=nearest))
        raise WrongKey(file, mistakes) from error


def file_digest(path: Path) -> str:
    """SHA-256 of the file's bytes, hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
