"""LOC: the recipient can open exactly the one listing, and nothing of the crawler's own session travels along."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from reports.facts import ItemFacts
from reports.formats.urls import breaks_lines
from reports.rules.contract import Example, Rule

# Names of parameters that carry a visitor's session or right of entry, as seen in shop software.
SESSION_NAMES = frozenset(
    {"phpsessid", "jsessionid", "aspsessionid", "sessionid", "session_id", "session", "sid", "osclid", "zenid"}
    | {"token", "access_token", "auth", "auth_token", "api_key", "apikey", "password", "passwd", "pwd"}
)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=", re.IGNORECASE)


def not_an_item(facts: ItemFacts) -> str | None:
    """One absolute http(s) address that leads to one item, not to a shop or a start page."""
    url = facts.item.url
    if breaks_lines(url):
        return "the address holds blanks or invisible characters"
    try:
        parts = urlsplit(url)
        host = parts.hostname
        parts.port  # noqa: B018 -- read for its error: a port that is no number
    except ValueError:
        return "the address cannot be read as a URL"
    if not url.startswith(("http://", "https://")) or not host:
        return "it is not an absolute http or https address"
    if not host.isascii():
        return "the host name is not in its ASCII form, so that two names may look alike"
    if parts.path in ("", "/") and not parts.query:
        return "it leads to a start page, not to one item"
    home = urlsplit(facts.platform.home)
    if (parts.netloc, parts.path.rstrip("/"), parts.query) == (home.netloc, home.path.rstrip("/"), home.query):
        return "it is the platform's own home page"
    return None


def carries_secrets(facts: ItemFacts) -> str | None:
    """Whoever opens the address must not travel as somebody else."""
    try:
        parts = urlsplit(facts.item.url)
        if parts.username is not None or parts.password is not None:
            return "the address holds a user name or password"
    except ValueError:
        return None  # LOC-1 says so
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name.casefold() in SESSION_NAMES:
            return f"the address carries a session or key in {name!r}"
    if _PATH_SESSION.search(parts.path):
        return "the address carries a session in its path"
    return None


def no_item_id(facts: ItemFacts) -> str | None:
    """The platform finds the item by its own id even where the address changes."""
    return None if facts.item.platform_item_id.strip() else "the platform's id of the item is empty"


def _url(facts: ItemFacts, url: str) -> ItemFacts:
    return replace(facts, item=replace(facts.item, url=url))


RULES = (
    Rule(
        code="LOC-1",
        condition="the location is not one item's absolute http(s) address",
        fix="capture the item's own page and compare it again",
        because=not_an_item,
        examples=(
            Example(name="none", change=lambda f: _url(f, "")),
            Example(name="relative", change=lambda f: _url(f, "/item/1")),
            Example(name="a script", change=lambda f: _url(f, "javascript:alert(1)")),
            Example(name="a start page", change=lambda f: _url(f, "https://shop.example/")),
            Example(name="home", change=lambda f: _url(f, f.platform.home)),
            Example(name="not ASCII", change=lambda f: _url(f, "https://shоp.example/item/1")),
            Example(
                name="a line break", change=lambda f: _url(f, "https://shop.example/item/1\nhttps://x.example/2")
            ),
            Example(name="a wide blank", change=lambda f: _url(f, "https://shop.example/item/1\u20032")),
            Example(name="no port", change=lambda f: _url(f, "https://shop.example:x/1")),
        ),
    ),
    Rule(
        code="LOC-2",
        condition="the location carries credentials, a session or a key",
        fix="capture the item's page without a session and compare it again",
        because=carries_secrets,
        examples=(
            Example(name="user and password", change=lambda f: _url(f, "https://me:secret@shop.example/item/1")),
            Example(name="session", change=lambda f: _url(f, "https://shop.example/item?id=1&PHPSESSID=8f2b")),
            Example(name="in the path", change=lambda f: _url(f, "https://shop.example/item/1;jsessionid=8F2B")),
        ),
    ),
    Rule(
        code="LOC-3",
        condition="the platform's id of the item is unknown",
        fix="give the platform file a rule for platform_item_id and read the captures again",
        because=no_item_id,
        examples=(Example(name="empty", change=lambda f: replace(f, item=replace(f.item, platform_item_id=" "))),),
    ),
)
