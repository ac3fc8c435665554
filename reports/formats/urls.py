"""A plain list of absolute addresses: one a line, UTF-8, line feed, each once."""

from __future__ import annotations

from collections.abc import Iterable


def write_urls(urls: Iterable[str]) -> bytes:
    """
    The list, in the order given.

    Raises `ValueError` for an address that would break the list: the location rules refuse such an item before.
    """
    lines = list(dict.fromkeys(urls))
    for url in lines:
        if not url.startswith(("http://", "https://")) or any(letter.isspace() or ord(letter) < 33 for letter in url):
            raise ValueError(f"not one absolute http(s) address: {url!r}")
    return "".join(f"{line}\n" for line in lines).encode("utf-8")
