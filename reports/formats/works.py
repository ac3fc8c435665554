"""
The structured list of a removal programme for search results: what each work is, where it may be had, what copies it.

Lines that start with `# ` describe one work, the last of them is the address where it may be had; the addresses that
are complained of follow, one a line, until the next description. Source: slides of Google's copyright legal director,
May 2014, on the file of the Trusted Copyright Removal Program; the end of the sample there was not seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reports.formats.plain import plain
from reports.formats.urls import is_one_address


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedWork:
    """One work with the addresses of its copies."""

    name: str
    details: tuple[str, ...] = ()  # year, holder, identifiers: each one line
    authorised_url: str
    copies: tuple[str, ...]


def _head(work: ListedWork) -> str:
    # A word before each line: a title that is an address may not pass for the one where the work may be had.
    lines = [f"# Work: {plain(work.name, 300)}", *(f"# About: {plain(detail, 300)}" for detail in work.details)]
    return "".join(f"{line}\n" for line in [*lines, f"# {work.authorised_url}"])


def write_works(works: Iterable[ListedWork], most_bytes: int | None = None) -> tuple[bytes, ...]:
    """
    The list as UTF-8 with line feeds, as few files of at most `most_bytes` bytes as hold it; each copy once.

    A work that goes on in the next file is described there again. Raises `ValueError` for an address that would break
    the list, or that no file of that size holds: the rules refuse such an item before.
    """
    files: list[str] = []
    text, size = "", 0
    for work in works:
        copies = list(dict.fromkeys(work.copies))
        for url in (work.authorised_url, *copies):
            if not is_one_address(url):
                raise ValueError(f"not one absolute http(s) address: {url!r}")
        head = _head(work)
        open_here = False
        for url in copies:
            line = f"{url}\n"
            more = line if open_here else head + line
            length = len(more.encode())
            if most_bytes is not None and size + length > most_bytes:
                if text:
                    files.append(text)
                more = head + line
                length = len(more.encode())
                text, size = "", 0
                if length > most_bytes:
                    raise ValueError(f"one address and its work need {length} bytes, {most_bytes} are taken")
            text, size, open_here = text + more, size + length, True
    return tuple(part.encode() for part in [*files, *([text] if text else [])])
