"""Addresses: which two are the same page, which host one belongs to, and which can be fetched at all."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

from store.records.fetches import FetchKind

# Session ids in links make one page look like many. Only names that mean nothing else: `sid` may be a shop's id.
_TRACKING = re.compile(r"[?&](?:utm_[a-z]+|gclid|fbclid|msclkid|yclid)=", re.IGNORECASE)
_SESSION_KEYS = ("PHPSESSID", "phpsessid", "jsessionid", "JSESSIONID", "osCsid", "oscsid", "zenid", "XTCsid")
_SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sessionid)=[^/?#;]*", re.IGNORECASE)
_SESSION_QUERY = re.compile("|".join(_SESSION_KEYS))
# Chosen: the longest address that browsers and servers commonly take.
MAX_URL_CHARS = 8_000
_OWN_PRINT = frozenset({FetchKind.EVIDENCE, FetchKind.CANARY})


def canonical(url: str) -> str:
    """
    One spelling for all addresses of one page: sorted query, no fragment, no session id, no advertiser's mark.

    Raises `ValueError` for what is no address.
    """
    url = _SESSION_PATH.sub("", url)
    if _SESSION_QUERY.search(url):
        url = url_query_cleaner(url, _SESSION_KEYS, remove=True, unique=False)
    if _TRACKING.search(url):
        url = url_query_cleaner(url, _tracking_keys(url), remove=True, unique=False)
    return canonicalize_url(url)


def _tracking_keys(url: str) -> list[str]:
    return [found.group(0)[1:-1] for found in _TRACKING.finditer(url)]


def fingerprint(url: str, kind: FetchKind, *, literal: bool = False) -> str:
    """
    The name of a fetch within its run: SHA-256 over the canonical address.

    Evidence and canary fetches are apart from the crawl's own look at the same page. `literal` takes the address as
    it is spelled, for a redirect from one spelling to another.
    """
    text = f"literal {url}" if literal else canonical(url)
    if kind in _OWN_PRINT:
        text = f"{kind.value} {text}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def item_fingerprint(platform: str, item: str) -> str:
    """The name of an offer's fetch where result pages tell its id: one a run, however its address is spelled."""
    return hashlib.sha256(f"item {platform} {item}".encode("utf-8", "replace")).hexdigest()


def host_of(url: str) -> str:
    """
    scheme://host:port of an address, the unit of politeness; a default port is left out.

    Raises `ValueError` when host or port cannot be read.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if not host:
        raise ValueError(f"no host in {url[:200]!r}")
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" if parts.port in (None, default) else f"{parts.scheme}://{host}:{parts.port}"


def is_fetchable(url: str) -> bool:
    """Whether an address is http(s) with a host, a readable port and a bearable length."""
    if len(url) > MAX_URL_CHARS:
        return False
    try:
        host = host_of(url)
        canonical(url)
    except ValueError:
        return False
    return host.startswith(("http://", "https://"))
