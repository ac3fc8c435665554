"""
The key that opens a platform's interface: added as a request leaves, and taken out of whatever is kept.

Neither the frontier nor a capture nor a log ever holds it. An answer that repeats it is kept with asterisks in its
place, as many as it has letters; the digest of what came over the line then stands in `wire_sha256`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlsplit

from config.platform import Platform
from config.settings import read_secret
from crawler.errors import NoKey
from crawler.interface import without_param

LEAST_CHARS = 8  # chosen: a shorter word stands in answers by chance, and would be taken out of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One platform's key, with where it goes."""

    value: str = field(repr=False)
    base: str  # what does not begin so is not told
    header: str | None
    query: str | None
    prefix: str

    def add(self, url: str, headers: dict[str, str]) -> str:
        """The address as it is asked; a header is added to `headers`."""
        if not url.startswith(self.base):
            return url
        if self.header is not None:
            headers[self.header] = f"{self.prefix}{self.value}"
            return url
        assert self.query is not None, "a key goes in a header or in the query"
        more = f"{quote_plus(self.query)}={quote_plus(self.value)}"
        return f"{url}{'&' if urlsplit(url).query else '?'}{more}"

    def bare(self, url: str) -> str:
        """An address without the key, as it is known everywhere but on the line."""
        return self.masked(without_param(url, self.query) if self.query is not None else url)

    def masked(self, text: str) -> str:
        """Words without the key, however an address may spell it."""
        for spelled in sorted(
            {self.value, quote(self.value, safe=""), quote_plus(self.value)}, key=len, reverse=True
        ):
            text = text.replace(spelled, "*" * len(spelled))
        return text

    def masked_pairs(self, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """Headers without the key."""
        return tuple((name, self.masked(value)) for name, value in pairs)

    def masked_body(self, body: bytes) -> bytes:
        """A body without the key; the same object where it does not stand there."""
        for spelled in sorted(
            {self.value, quote(self.value, safe=""), quote_plus(self.value)}, key=len, reverse=True
        ):
            raw = spelled.encode()
            if raw in body:
                body = body.replace(raw, b"*" * len(raw))
        return body

    def _spellings(self) -> list[str]:
        """As it is and as addresses write it, the longest first."""
        return sorted({self.value, quote(self.value, safe=""), quote_plus(self.value)}, key=len, reverse=True)


def key_of(platform: Platform) -> ApiKey | None:
    """
    The key that the platform's file names; None where it names none.

    Raises `NoKey` where the environment does not hold it, or holds less than a key.
    """
    if platform.api is None or platform.api.key is None:
        return None
    declared = platform.api.key
    value = (read_secret(declared.env) or "").strip()
    if len(value) < LEAST_CHARS or not value.isascii() or not value.isprintable():
        raise NoKey(platform.name, declared.env)
    return ApiKey(
        value=value,
        base=platform.api.base,
        header=declared.header,
        query=declared.query,
        prefix=declared.prefix,
    )
