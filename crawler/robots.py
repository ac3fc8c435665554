"""
What a robots.txt allows, by RFC 9309 to the letter.

Groups of the same agent count as one, the longest matching rule decides and `allow` wins a tie, records that are no
rules part no groups, and both sides of a comparison are spelled alike first. Protego, which Scrapy brings, differs
in the cases that `tests/crawler/test_robots.py` lists: it obeys the group of any agent whose name begins as ours
does, lets an unknown record part two agents, and cuts lines where Unicode does. Matching takes time in proportion
to the length of rule and address, whatever stars a host writes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

_LINE_END = re.compile(r"\r\n|\r|\n")  # section 2.2: EOL
_TOKEN = re.compile(r"[A-Za-z_-]+")  # section 2.2.1: what a product token is made of
# Chosen, as Google's parser does: what is misspelled so is meant so, and obeying it harms nobody.
_DISALLOW = frozenset({"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"})
_AGENT = frozenset({"user-agent", "useragent", "user agent"})
_UNCOLONED = re.compile(r"(user-agent|allow|disallow)[ \t]+(\S.*)", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_QUERY = re.compile("%(?:3A|2F)")  # section 2.2.2: in a query these are the same written out


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule: its pieces between stars, whether it ends at the address's end, how specific it is."""

    pieces: tuple[str, ...]
    anchored: bool
    octets: int
    allows: bool

    def matches(self, path: str) -> bool:
        """Whether the rule speaks of a path, spelled as `_spell` does."""
        first, *rest = self.pieces
        if not path.startswith(first):
            return False
        at = len(first)
        if not rest:
            return not self.anchored or at == len(path)
        for piece in rest[:-1]:
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        if self.anchored:
            return len(path) - len(rest[-1]) >= at and path.endswith(rest[-1])
        return path.find(rest[-1], at) >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What a robots.txt says to one agent."""

    rules: tuple[_Rule, ...]
    crawl_delay_s: float | None

    def allows(self, url: str) -> bool:
        """Whether an address may be fetched; robots.txt itself always may."""
        path = path_of(url)
        if path == "/robots.txt":
            return True
        best: _Rule | None = None
        for rule in self.rules:  # longest first, so that the first to speak decides
            if best is not None and rule.octets < best.octets:
                break
            if rule.matches(path):
                if rule.allows:
                    return True
                best = rule
        return best is None


@dataclass(slots=True)
class _Group:
    agents: set[str]
    rules: list[_Rule]
    delays: list[float]
    has_rules: bool = False  # a rule came, so the next agent begins another group


@lru_cache(maxsize=256)
def read_robots(text: str, agent: str) -> Robots:
    """
    The rules for `agent` (a product token): its own groups taken together, else those for everybody, else none.

    Never raises: a line that cannot be read says nothing.
    """
    groups = _groups(text)
    chosen = [group for group in groups if agent.lower() in group.agents]
    if not chosen:
        chosen = [group for group in groups if "*" in group.agents]
    rules = [rule for group in chosen for rule in group.rules]
    return Robots(
        rules=tuple(sorted(rules, key=lambda rule: (-rule.octets, not rule.allows))),
        crawl_delay_s=max((delay for group in chosen for delay in group.delays), default=None),
    )


def falls_under(url: str, pattern: str) -> bool:
    """Whether an address falls under a pattern written as in robots.txt: a beginning, `*` anything, `$` the end."""
    rule = _pattern(pattern)
    return rule is not None and rule.matches(path_of(url))


@lru_cache(maxsize=1024)
def _pattern(value: str) -> _Rule | None:
    return _rule(value, allows=False)


def path_of(url: str) -> str:
    """Path and query of an address as rules are held against them."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query or url.partition("#")[0].endswith("?") else ""
    return _spell((parts.path or "/") + query, is_rule=False)


def _groups(text: str) -> list[_Group]:
    groups: list[_Group] = []
    current: _Group | None = None
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        field, value = _record(line)
        if field in _AGENT:
            if current is None or current.has_rules:
                current = _Group(agents=set(), rules=[], delays=[])
                groups.append(current)
            current.agents |= _agents(value)
        elif current is None:
            continue  # a rule before any agent is for nobody
        elif field in _DISALLOW or field == "allow":
            current.has_rules = True
            rule = _rule(value, allows=field == "allow")
            if rule is not None:
                current.rules.append(rule)
        elif field in ("crawl-delay", "crawl delay"):
            current.delays.append(_seconds(value))
    return groups


def _record(line: str) -> tuple[str, str]:
    """Field in lower case and value of a line; two empty strings for one that is no record."""
    line = line.partition("#")[0].strip()
    field, colon, value = line.partition(":")
    field = field.strip().lower()
    if not colon or field not in _KNOWN:
        spaced = _UNCOLONED.fullmatch(line)
        if spaced is not None:
            return spaced.group(1).lower(), spaced.group(2).strip()
    return (field, value.strip()) if colon else ("", "")


_KNOWN = _AGENT | _DISALLOW | {"allow", "crawl-delay", "crawl delay"}


def _agents(value: str) -> set[str]:
    """The product token that a user-agent record names; a version behind it does not count."""
    if value == "*" or value.startswith(("* ", "*\t")):
        return {"*"}
    found = _TOKEN.match(value)
    return {found.group(0).lower()} if found is not None else set()


def _rule(value: str, *, allows: bool) -> _Rule | None:
    if not value:
        return None
    if not value.startswith(("/", "*")):
        if allows:
            return None  # section 2.2: a path begins with a slash
        value = f"/{value}"  # chosen: what was meant to be shut is left alone
    anchored = value.endswith("$")
    spelled = _spell(value.removesuffix("$"), is_rule=True)
    pieces = tuple(re.sub(r"\*+", "*", spelled).split("*"))
    return _Rule(pieces=pieces, anchored=anchored, octets=len(spelled) + anchored, allows=allows)


def _spell(path: str, *, is_rule: bool) -> str:
    """
    One spelling for both sides (section 2.2.2): octets outside ASCII as %XX, escapes of plain characters undone.

    In an address a star or dollar is the character itself, which rules write as an escape (section 2.2.3).
    """

    def escape(found: re.Match[str]) -> str:
        character = chr(int(found.group(1), 16))
        return character if character in _UNRESERVED else found.group(0).upper()

    path = "".join(
        character if " " < character <= "~" else "".join(f"%{octet:02X}" for octet in _octets(character))
        for character in path
    )
    path = _ESCAPE.sub(escape, path).replace("$", "%24")
    if not is_rule:
        path = path.replace("*", "%2A")
    head, mark, query = path.partition("?")
    return head + mark + _IN_QUERY.sub(lambda found: ":" if found.group(0) == "%3A" else "/", query)


def _octets(character: str) -> bytes:
    return character.encode("utf-8", "surrogatepass")


def _seconds(value: str) -> float:
    """A Crawl-delay; 0 for one that cannot be read."""
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds >= 0 else 0.0
