"""Where a saved page says that it stood, for pages whose address nobody kept."""

from __future__ import annotations

import re

from crawler.extract.addresses import absolute_url

_HEAD_BYTES = 300_000  # heads of the longest real pages seen end before
_TAG = re.compile(rb"<(?:link|meta|base)\s[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(\S+) -->")


def stated_address(body: bytes) -> str | None:
    """
    The absolute address a page's bytes name as their own: as browsers note when saving, its canonical link, og:url,
    its base; None where it names none.
    """
    head = body[:_HEAD_BYTES]
    saved = _SAVED_FROM.search(head)
    ranked: dict[int, str] = {0: saved[1].decode("utf-8", "replace")} if saved else {}
    for tag in _TAG.finditer(head):
        spelled = tag.group().decode("utf-8", "replace")
        named = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(spelled)}
        name = spelled[1:5].lower()
        if name == "link" and named.get("rel", "").lower() == "canonical":
            ranked.setdefault(1, named.get("href", ""))
        elif name == "meta" and named.get("property", named.get("name", "")).lower() == "og:url":
            ranked.setdefault(2, named.get("content", ""))
        elif name == "base":
            ranked.setdefault(3, named.get("href", ""))
    for rank in sorted(ranked):
        url = absolute_url("", ranked[rank]) if ranked[rank].startswith(("http://", "https://")) else None
        if url is not None:
            return url
    return None
