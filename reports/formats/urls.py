"""A plain list of absolute addresses: one a line, UTF-8, line feed, each once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def breaks_lines(url: str) -> bool:
    """Whether an address holds a blank or an invisible letter, so that it is not one word on one line."""
    return any(letter.isspace() or unicodedata.category(letter)[0] in "CZ" for letter in url)


def is_one_address(url: str) -> bool:
    """Whether it is one absolute http(s) address that stays on its line."""
    return url.startswith(("http://", "https://")) and not breaks_lines(url)


def write_urls(urls: Iterable[str]) -> bytes:
    """
    The list, in the order given.

    Raises `ValueError` for an address that would break the list: the location rules refuse such an item before.
    """
    lines = list(dict.fromkeys(urls))
    for url in lines:
        if not is_one_address(url):
            raise ValueError(f"not one absolute http(s) address: {url!r}")
    return "".join(f"{line}\n" for line in lines).encode("utf-8")
