"""
How a platform's own interface is asked: where, in which pages, with which key.

An interface gives JSON, and every rule of `[read.listing]` is held against one offer in it. Only what is asked with
GET can be declared.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal, Self
from urllib.parse import urljoin, urlsplit

from pydantic import Field, model_validator

from config.declaration import Declaration

Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\[\]-]{1,64}$")]
"""The name of a header or of a part of an address."""


class Key(Declaration):
    """The key that opens an interface: the environment holds it, and requests to `api.base` alone carry it."""

    # Names of this form alone, so that no declaration can send another secret of the machine to anybody.
    env: str = Field(pattern=r"^MARQUE_KEY_[A-Z0-9_]{1,50}$")
    header: Word | None = None
    query: Word | None = None
    prefix: str = ""  # before the key in its header, such as "Bearer "

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.header is None) == (self.query is None):
            raise ValueError("a key goes in a header or in the query: name one of them")
        if self.prefix and self.header is None:
            raise ValueError("prefix goes with header")
        return self


class Paging(Declaration):
    """How the answer after an answer is asked for."""

    # page and offset count; cursor and next stand in the answer at `path`; link is the Link header (RFC 8288).
    by: Literal["none", "page", "offset", "cursor", "next", "link"] = "none"
    param: Word | None = None  # of the query: what the page's number, the offset or the cursor goes into
    path: str | None = None  # JMESPath: where the answer names the cursor, or the next address
    size: int = Field(default=50, ge=1, le=1_000)  # offers an answer; {size} in a template, and the offset's step

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needs_param, needs_path = self.by in ("page", "offset", "cursor"), self.by in ("cursor", "next")
        if needs_param != (self.param is not None):
            raise ValueError(f"paging by {self.by!r} {'needs' if needs_param else 'takes no'} param")
        if needs_path != (self.path is not None):
            raise ValueError(f"paging by {self.by!r} {'needs' if needs_path else 'takes no'} path")
        return self


class Api(Declaration):
    """A platform's interface; `look.search` and `look.category` are read as addresses below `base`."""

    base: str
    items: str = "@"  # JMESPath: the list of offers in an answer
    item: str | None = None  # address of one offer's own answer, with {item}; None: the list says all there is to say
    accept: str = "application/json"
    key: Key | None = None
    paging: Paging = Paging()

    @model_validator(mode="after")
    def _safe(self) -> Self:
        parts = urlsplit(self.base)
        host = parts.hostname or ""
        try:
            is_here = ipaddress.ip_address(host).is_loopback
        except ValueError:
            is_here = host == "localhost"
        if not host or parts.username or parts.scheme not in (("http", "https") if is_here else ("https",)):
            raise ValueError("base is an absolute https address without credentials (http only on this machine)")
        if not self.base.endswith("/"):
            raise ValueError("base ends with '/', so that what is declared stands below it")
        if self.item is not None and "{item}" not in self.item:
            raise ValueError("item needs {item}")
        if not re.fullmatch(r"[\x20-\x7e]{1,200}", self.accept):
            raise ValueError("accept is a list of media types")
        return self

    def address(self, template: str) -> str:
        """The address that a template stands for, its own blanks still to be filled."""
        return urljoin(self.base, template.replace("{size}", str(self.paging.size)))
