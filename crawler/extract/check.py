"""A platform's rules tried before any page is fetched: what can be used on no page is named here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from config.platform import Platform
from config.rule import Rule
from crawler.extract.document import Document
from crawler.extract.errors import BrokenRule
from crawler.extract.guesses import guess
from crawler.extract.patterns import compile_re
from crawler.extract.rules import compile_path

_EMPTY_PAGE = b"<!doctype html><html><head></head><body></body></html>"


def broken_rules(platform: Platform) -> tuple[BrokenRule, ...]:
    """Every rule of the platform that fits no page, with the reason; empty when all can be used."""
    document = Document(
        url=platform.home, body=_EMPTY_PAGE, content_type="text/html", fetched_at=datetime(2000, 1, 1, tzinfo=UTC)
    )
    broken: list[BrokenRule] = []
    for name, rule in _rules(platform):
        try:
            _try(name, rule, document)
        except BrokenRule as error:
            broken.append(error)
    card = platform.read.results.card
    if card is not None:
        try:
            document.select(card, f"{platform.name}: results.card")
        except BrokenRule as error:
            broken.append(error)
    return tuple(broken)


def _rules(platform: Platform) -> Iterator[tuple[str, Rule]]:
    """Each rule under the name it has in `Seen.rule`."""
    for kind in ("results", "listing", "stream"):
        for field, rules in getattr(platform.read, kind):
            for number, rule in enumerate(rules if isinstance(rules, tuple) else ()):
                yield f"{platform.name}: {kind}.{field}[{number}]", rule


def _try(name: str, rule: Rule, document: Document) -> None:
    if rule.css is not None:
        document.select(rule.css, name)
    if rule.path is not None:
        compile_path(rule.path, name)
    for pattern in (rule.re, rule.url):
        if pattern is not None:
            compile_re(pattern, name)
    if rule.guess is not None:
        guess(rule.guess, document, name)
    if rule.script is not None:
        document.script_value(rule.script, name)
