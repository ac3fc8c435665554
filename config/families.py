"""Families of sites: rules shared by sites built alike, the signs they are known by, and the generic stand-in."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import Field

from config.declaration import Declaration, check, read_toml
from config.errors import MissingDeclaration
from config.platform import Expect, Gone, Look, Platform, PlatformKind, Read
from config.rule import Fields

FOLDER = Path(__file__).parent / "families"

GENERIC = "generic"
"""The family that reads pages nobody declared."""


class Recognise(Declaration):
    """
    Signs that an undeclared page comes from an engine, and which of its pages it is.

    `generator` and `markup` are RE2 expressions over the generator meta and the page's source. A generator is enough;
    of the others `need` different ones. The rest are CSS selectors.
    """

    generator: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    need: int = Field(default=2, ge=1)
    listing: str | None = None  # an offer's own page
    results: str | None = None  # a page of results
    nothing: str | None = None  # basket, checkout, account: no offer, whatever is shown there


class Family(Declaration):
    """What the shops, classifieds or link sites of one engine have in common."""

    kind: PlatformKind | None = None
    recognise: Recognise = Recognise()
    look: Look = Look()
    read: Read = Read()
    gone: Gone = Gone()
    expect: Expect = Expect()


def load_family(name: str) -> dict[str, Any]:  # Any: TOML values of any shape
    """The shipped family's tables. Raises `MissingDeclaration`, or `BrokenToml` with the line."""
    path = FOLDER / f"{name}.toml"
    known = sorted(file.stem for file in FOLDER.glob("*.toml"))
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        raise MissingDeclaration("family", name, known, near[0] if near else None)
    return read_toml(path)


def below_platform(tables: dict[str, Any]) -> dict[str, Any]:  # Any: TOML values of any shape
    """What a platform of the family inherits: everything but the signs it is recognised by."""
    return {key: value for key, value in tables.items() if key != "recognise"}


@lru_cache(maxsize=1)
def engines() -> dict[str, Family]:
    """The shipped families that a page can be recognised as, by name. Raises the mistake of a broken one."""
    families = {
        path.stem: check(Family, read_toml(path), f"families/{path.name}") for path in sorted(FOLDER.glob("*.toml"))
    }
    return {name: each for name, each in families.items() if each.recognise.generator or each.recognise.markup}


def generic_platform(url: str, kind: PlatformKind = PlatformKind.MARKETPLACE) -> Platform:
    """
    A platform for a page nobody declared: named after its host, reached by nothing, read by the family `generic`.

    An address without a host, such as a saved file's, gives the platform `unknown`.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        host = ""
    name = re.sub(r"[^a-z0-9]+", "-", host.removeprefix("www.").lower()).strip("-")[:63].strip("-")
    return _generic(
        name or "unknown", host if name and re.fullmatch(r"[a-z0-9.-]+", host) else "unknown.invalid", kind
    )


@lru_cache(maxsize=256)
def _generic(name: str, host: str, kind: PlatformKind) -> Platform:
    return _any_platform().model_copy(update={"name": name, "kind": kind, "home": f"https://{host}/"})


@lru_cache(maxsize=1)
def _any_platform() -> Platform:
    """The generic rules, read and checked once; every undeclared site differs in name, kind and home alone."""
    data = {**load_family(GENERIC), "name": "unknown", "kind": PlatformKind.MARKETPLACE.value, "family": GENERIC}
    return check(Platform, {**data, "home": "https://unknown.invalid/"}, f"families/{GENERIC}.toml")


def read_as(platform: Platform, engine: str) -> Platform:
    """An undeclared platform, read by the engine's family first and by the generic one where that says nothing."""
    read, gone = _over_generic(engine)
    return platform.model_copy(update={"read": read, "gone": gone})


@lru_cache(maxsize=64)
def _over_generic(engine: str) -> tuple[Read, Gone]:
    own = engines()[engine]
    below = check(Family, load_family(GENERIC), f"families/{GENERIC}.toml")
    listing = _joined(engine, own.read.listing, below.read.listing)
    stream = _joined(engine, own.read.stream, below.read.stream)
    results = _joined(engine, own.read.results, below.read.results)
    gone = Gone(status=below.gone.status, text=(*own.gone.text, *below.gone.text))
    return below.read.model_copy(update={"listing": listing, "stream": stream, "results": results}), gone


def with_unasked(platform: Platform, *, own: bool) -> Platform:
    """
    A declared platform whose fields without a rule are read by the family `generic`; one that has rules keeps them.

    Without `own` its rules are left out, and what remains is what nobody asked for.
    """
    read, below = platform.read, _generic_read()
    listing = _filled(read.listing, below.listing, own=own)
    results = _filled(read.results, below.results, own=own)
    stream = _filled(read.stream, below.stream, own=own)
    return platform.model_copy(
        update={"read": read.model_copy(update={"listing": listing, "results": results, "stream": stream})}
    )


@lru_cache(maxsize=1)
def _generic_read() -> Read:
    """The generic rules, known as such."""
    read = _any_platform().read
    return read.model_copy(update={name: _marked(getattr(read, name)) for name in ("listing", "results", "stream")})


F = TypeVar("F", bound=Fields)


def _marked(fields: F) -> F:
    rules = {field: tuple(r.of_family(GENERIC) for r in said) for field, said in fields if isinstance(said, tuple)}
    return fields.model_copy(update=rules)


def _filled(mine: F, below: F, *, own: bool) -> F:
    """Field by field the platform's rules, or the generic ones where it has none."""
    fields: dict[str, Any] = {}
    for field, rules in mine:
        if isinstance(rules, tuple):
            fields[field] = (rules if own else ()) if rules else getattr(below, field)
    return mine.model_copy(update=fields)


def _joined(engine: str, own: F, below: F) -> F:
    """Field by field the engine's rules, then the generic ones; of what is one value, the engine's."""
    fields: dict[str, Any] = {}
    for field, rules in own:
        lower = getattr(below, field)
        if isinstance(rules, tuple):
            fields[field] = (
                *(rule.of_family(engine) for rule in rules),
                *(rule.of_family(GENERIC) for rule in lower),
            )
        else:
            fields[field] = rules if rules is not None else lower
    return below.model_copy(update=fields)
