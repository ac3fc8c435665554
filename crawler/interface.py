"""Addresses of a platform's own interface: where a query begins, what comes after an answer, and going in circles."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from config.api import Api
from config.platform import Platform
from store.records.fetches import Fetch

TRAIL = "trail"  # a fetch's context: answers on the way here, by short digests, so that a round trip is seen
TRAIL_MAX = 100  # chosen: a longer circle is ended by `look.pages`


def api_of(platform: Platform) -> Api:
    """The interface of a platform that is reached by one."""
    assert platform.api is not None, "reach.by = 'api' and [api] go together"
    return platform.api


def first_address(platform: Platform, template: str, term: str | None) -> str:
    """Where a query begins."""
    api = api_of(platform)
    url = api.address(template if term is None else template.replace("{term}", quote(term, safe="")))
    return counted_address(platform, url, platform.look.first_page)


def counted_address(platform: Platform, url: str, number: int) -> str:
    """The address of the answer of that number, where answers are counted; else as it is."""
    paging = api_of(platform).paging
    if paging.param is None or paging.by == "cursor":
        return url
    counted = number if paging.by == "page" else (number - platform.look.first_page) * paging.size
    return with_param(url, paging.param, str(counted))


def item_address(platform: Platform, item: str) -> str | None:
    """The address of one offer's own answer; None where the list says everything."""
    api = api_of(platform)
    return None if api.item is None else api.address(api.item.replace("{item}", quote(item, safe="")))


def trail_of(fetch: Fetch, url: str) -> str | None:
    """The trail with one more address; None where that was on it: the answers go round and round."""
    been = fetch.context.get(TRAIL, _mark(fetch.url)).split()
    return None if _mark(url) in been else " ".join([*been, _mark(url)][-TRAIL_MAX:])


def _mark(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:12]


def is_answer(url: str, api: Api) -> bool:
    """Whether an address stands below the interface's own; nothing else is told its key."""
    return url.startswith(api.base)


def without_param(url: str, name: str) -> str:
    """An address without one part of its query, whatever that says; the others stay as they are spelled."""
    parts = urlsplit(url)
    if name not in (key for key, _ in parse_qsl(parts.query, keep_blank_values=True)):
        return url
    kept = [part for part in parts.query.split("&") if part and parse_qsl(part, keep_blank_values=True)[0][0] != name]
    return parts._replace(query="&".join(kept)).geturl()


def with_param(url: str, name: str, value: str) -> str:
    """An address with one part of its query set."""
    parts = urlsplit(without_param(url, name))
    more = urlencode({name: value})
    return parts._replace(query=f"{parts.query}&{more}" if parts.query else more).geturl()
