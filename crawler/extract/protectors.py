"""
Pages that do nothing but lead on: link protectors, countdowns, pages that send on by a script.

Where they lead is read from the page, never by running it: a meta refresh, an assignment to `location`, a form that
asks by GET, a link that a countdown uncovers, an address packed into the page's own query. What only an answer to a
riddle or a script's sum would give stays unknown.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborNode

from crawler.extract.addresses import absolute_url
from crawler.extract.document import Document

TARGETS_MAX = 3  # chosen: a protector leads to one place; a page with more is something else
SCRIPT_CHARS = 300_000  # of a page's text searched for assignments
PACKED_CHARS = 4_000

_REFRESH = re.compile(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"'>]{1,4000})", re.IGNORECASE)
_LOCATION = re.compile(
    r"(?:\blocation(?:\.href)?\s{0,9}=(?!=)|\blocation\.(?:replace|assign)\s{0,9}\(|\bwindow\.open\s{0,9}\()"
    r"\s{0,9}(?P<packed>(?:window\.)?atob\s{0,9}\(\s{0,9})?"
    r"(?:[\"'`](?P<text>[^\"'`\s]{1,4000})[\"'`]|(?P<name>[A-Za-z_$][\w$]{0,60}))"
)
_WORD = re.compile(r"^[A-Za-z_$][\w$]{0,60}$")
_NOT_A_NAME = frozenset(
    ("window", "document", "this", "self", "top", "parent", "location", "null", "function", "atob")
)
_LEADS_ON = re.compile(
    r"(continue|proceed|skip|get-?_?link|go-?_?(?:to-?_?)?link|redirect|timer|countdown|wait|visit|unlock)",
    re.IGNORECASE,
)
_WAITS = re.compile(r"setinterval|settimeout|countdown|seconds?\b|sekunden|secondes|segundos", re.IGNORECASE)
_QUERY_NAMES = re.compile(
    r"^(u|url|to|go|link|target|dest\w*|r|redir\w*|redirect\w*|out|site|href|data|id|q|s|k)$", re.IGNORECASE
)
_BASE64 = re.compile(r"^[A-Za-z0-9+/_-]{12,4000}={0,2}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a page leads on to, and by which way that was read."""

    url: str
    way: str  # meta refresh, script, form, countdown, query


def targets(document: Document) -> list[Target]:
    """The places a page leads on to, the surest way first; none of its own address."""
    here = _plain(document.url)
    found: dict[str, Target] = {}
    for spelled, way in _ways(document):
        url = absolute_url(document.base, spelled)
        if url is None or _plain(url) == here or url in found:
            continue
        found[url] = Target(url=url, way=way)
        if len(found) >= TARGETS_MAX:
            break
    return list(found.values())


def packed_in(url: str) -> str | None:
    """The address that another one carries in its query or path: percent-encoded, or in base64; None without one."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query)[:30]:
        if _QUERY_NAMES.match(name) and (found := _unpacked(value)) is not None:
            return found
    for value in (parts.query, parts.fragment, *parts.path.rsplit("/", 2)[-2:]):
        if (found := _unpacked(unquote(value))) is not None:
            return found
    return None


def _ways(document: Document) -> Iterator[tuple[str, str]]:
    for content in document.metas.get("refresh", ())[:3]:
        match = _REFRESH.match(content)
        if match is not None and ("url" in content.lower() or "/" in content):
            yield match[1].strip(), "meta refresh"
    yield from _scripted(document)
    yield from _forms(document)
    yield from _uncovered(document)
    packed = packed_in(document.url)
    if packed is not None:
        yield packed, "query"


def _scripted(document: Document) -> Iterator[tuple[str, str]]:
    """Addresses that a script assigns to the window's location, as they are written; a name by its own assignment."""
    text = document.text[:SCRIPT_CHARS]
    if "location" not in text and "window.open" not in text:
        return
    for match in list(_LOCATION.finditer(text))[:20]:
        spelled = match["text"]
        packed = match["packed"] is not None
        if spelled is None and match["name"] not in _NOT_A_NAME:
            assigned = _assigned(text, match["name"])
            if assigned is not None:
                packed = packed or assigned[0]
                spelled = assigned[1]
        if spelled is None:
            continue
        spelled = spelled.replace("\\/", "/").replace("\\u0026", "&").replace("\\x26", "&")
        if packed:
            unpacked = _unpacked(spelled)
            if unpacked is None:
                continue
            spelled = unpacked
        if "/" in spelled:
            yield spelled, "script"


def _assigned(text: str, name: str) -> tuple[bool, str] | None:
    """The text that a name is given, and whether it is given through `atob`."""
    assert _WORD.match(name), name
    match = re.search(
        rf"(?<![\w$.]){re.escape(name)}\s{{0,9}}=\s{{0,9}}((?:window\.)?atob\s{{0,9}}\(\s{{0,9}})?[\"'`]([^\"'`\s]{{1,4000}})[\"'`]",
        text,
    )
    return None if match is None else (match[1] is not None, match[2])


def _forms(document: Document) -> Iterator[tuple[str, str]]:
    """Forms that ask by GET and hold nothing to fill in: a button, and what is hidden."""
    for form in document.tree.css("form")[:5]:
        attributes = form.attributes
        if (attributes.get("method") or "get").strip().lower() != "get":
            continue
        fields = form.css("input, select, textarea")
        kinds = {
            (node.attributes.get("type") or "text").lower() if node.tag == "input" else node.tag for node in fields
        }
        if kinds - {"hidden", "submit", "button", "image"} or not (fields or form.css("button")):
            continue
        hidden = [
            (node.attributes.get("name") or "", node.attributes.get("value") or "")
            for node in fields
            if (node.attributes.get("type") or "").lower() == "hidden" and node.attributes.get("name")
        ]
        action = absolute_url(document.base, attributes.get("action") or document.url)
        if action is None:
            continue
        parts = urlsplit(action)
        # A form's own fields take the place of its action's query, as browsers do.
        yield urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(hidden), "")), "form"


def _uncovered(document: Document) -> Iterator[tuple[str, str]]:
    """The link that a countdown uncovers."""
    if not _WAITS.search(document.text[:SCRIPT_CHARS]):
        return
    for node in document.tree.css("a, button, [data-href], [data-url], [data-link]")[:300]:
        attributes = node.attributes
        named = " ".join((attributes.get("id") or "", attributes.get("class") or "", attributes.get("rel") or ""))
        if not _LEADS_ON.search(named):
            continue
        spelled = _address(node)
        if spelled is not None:
            yield _unpacked(spelled) or spelled, "countdown"


def _address(node: LexborNode) -> str | None:
    for name in ("data-href", "data-url", "data-link", "href"):
        value = (node.attributes.get(name) or "").strip()
        if value and not value.startswith(("#", "javascript:")):
            return value
    return None


def _unpacked(value: str) -> str | None:
    """An http address written in percent escapes or base64; None for anything else."""
    value = value.strip()
    if len(value) > PACKED_CHARS:
        return None
    if value.lower().startswith(("http://", "https://")):
        return value
    once = unquote(value)
    if once.lower().startswith(("http://", "https://")):
        return once
    if not _BASE64.match(once):
        return None
    try:
        data = base64.b64decode(
            once.replace("-", "+").replace("_", "/").rstrip("=") + "=" * (-len(once.rstrip("=")) % 4)
        )
        text = data.decode("ascii").strip()
    except (binascii.Error, ValueError):
        return None
    return text if text.lower().startswith(("http://", "https://")) else None


def _plain(url: str) -> str:
    return url.partition("#")[0].rstrip("/")
