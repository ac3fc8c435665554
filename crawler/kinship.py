"""
Which other sites look like one hand's: the same accounts, certificate, redirect, stream hosts, templates, titles.

Pure. A sign that many sites show says little (a copied page carries its owner's accounts, a shared server its
neighbours), so each sign is weighed by how many of the sites known here show it, and a single weak one links nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.extract.addresses import host_of
from crawler.extract.contacts import accounts
from crawler.extract.document import Document
from crawler.extract.streams import find_manifests, find_players
from crawler.extract.text import clean_text, fold
from store.records.sites import Basis, FactKind, SiteFact, Strength

FEW = 3  # chosen: an operator's own sites; what more sites share is a service's or a neighbour's
CLASSES_MIN = 15  # chosen: pages with fewer class names are too bare to compare
SAME_TEMPLATE = 0.9  # chosen: share of class names in common; two looks at one site have 0.95 and more
LIKE_TEMPLATE = 0.7  # chosen: one theme under two operators
TITLES_MIN = 5
SAME_TITLES = 0.6  # chosen: a mirror shows the same catalogue; unrelated sites share new releases
LINKS_MAX = 200  # mirrors named of one site

_CLASS = re.compile(r"""\bclass\s?=\s?["']([^"'<>]{1,400})["']""")
_CHANGING = re.compile(r"\d{3,}|^(active|current|open|show|hidden|is-|has-|post-|page-|item-|id-)")


@dataclass(slots=True, kw_only=True)
class Portrait:
    """What is known of one site for comparing it with others: values by capture."""

    domain: str
    accounts: dict[str, str] = field(default_factory=dict)  # account to capture
    stream_hosts: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)  # other domain to capture
    certificate_names: dict[str, str | None] = field(default_factory=dict)  # other domain to capture
    addresses: dict[str, str | None] = field(default_factory=dict)
    name_servers: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    pages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that two sites have in common."""

    kind: str
    words: str
    strength: Strength
    capture: str | None


def add_page(portrait: Portrait, document: Document, capture: str, is_own: Iterable[str]) -> None:
    """Note what one page of a site shows. `is_own`: its own hosts, whose players say nothing."""
    own = set(is_own)
    for contact in accounts(document):
        portrait.accounts.setdefault(contact.address, capture)
    for url in (*find_players(document), *find_manifests(document)):
        host = host_of(url)
        if host and host not in own:
            portrait.stream_hosts.setdefault(host, capture)
    for node in document.tree.css("h1")[:3]:
        title = fold(clean_text(node.text(deep=True), 200))
        if len(title) >= 4:
            portrait.titles.setdefault(title, capture)
    names = {
        name
        for match in _CLASS.finditer(document.text[:500_000])
        for name in match[1].split()
        if not _CHANGING.search(name)
    }
    portrait.classes |= names
    portrait.pages += 1


def kin(portrait: Portrait, others: Sequence[Portrait], at: datetime) -> list[SiteFact]:
    """
    The sites that look like one hand's with this one: a row for each sign, under the strength of all signs together.

    Strong: one strong sign and another beside it. Fair: one strong sign alone, or two fair ones of different kinds.
    """
    spread = _spread([portrait, *others])
    facts: list[tuple[int, str, list[SiteFact]]] = []
    for other in others:
        signs = signs_between(portrait, other, spread)
        strength = _together(signs)
        if strength is None:
            continue
        rows = [
            SiteFact(
                kind=FactKind.MIRROR,
                value=other.domain,
                of=portrait.domain,
                source=f"{sign.kind}, {sign.strength.value}",
                at=at,
                basis=Basis.INFERRED,
                capture=sign.capture,
                strength=strength,
                note=sign.words,
            )
            for sign in signs
        ]
        facts.append((0 if strength is Strength.STRONG else 1, other.domain, rows))
    facts.sort(key=lambda each: each[:2])
    return [row for _, _, rows in facts[:LINKS_MAX] for row in rows]


def signs_between(one: Portrait, other: Portrait, spread: Mapping[str, int]) -> list[Sign]:
    """Everything two sites have in common. `spread`: how many sites show an account, a host, an address."""
    signs = _redirect_and_certificate(one, other)

    def weigh(kind: str, words: str, value: str, capture: str | None, few: Strength) -> None:
        number = spread.get(value, 0)
        strength = few if number <= FEW else Strength.WEAK
        more = "" if number <= FEW else f"; {number} sites known here show it"
        signs.append(Sign(kind=kind, words=f"{words} {value}{more}", strength=strength, capture=capture))

    for value in sorted(one.accounts.keys() & other.accounts.keys()):
        weigh("account", "both pages carry", value, one.accounts[value], Strength.STRONG)
    for value in sorted(one.stream_hosts.keys() & other.stream_hosts.keys())[:10]:
        weigh("stream_host", "both play from", value, one.stream_hosts[value], Strength.FAIR)
    for value in sorted(one.addresses.keys() & other.addresses.keys())[:10]:
        weigh("address", "both stand at", value, one.addresses[value], Strength.FAIR)
    signs += _template(one, other)
    shared = one.titles.keys() & other.titles.keys()
    fewest = min(len(one.titles), len(other.titles))
    if fewest >= TITLES_MIN and len(shared) >= SAME_TITLES * fewest:
        words = f"{len(shared)} of {fewest} titles are the same"
        signs.append(Sign(kind="titles", words=words, strength=Strength.FAIR, capture=one.titles[min(shared)]))
    if one.name_servers and one.name_servers == other.name_servers:
        words = f"the same name servers: {', '.join(sorted(one.name_servers))}"
        signs.append(Sign(kind="name_servers", words=words, strength=Strength.WEAK, capture=None))
    return signs


def _redirect_and_certificate(one: Portrait, other: Portrait) -> list[Sign]:
    signs = []
    for here, there in ((one, other), (other, one)):
        if there.domain in here.redirects:
            words = f"{here.domain} sends on to {there.domain}"
            signs.append(
                Sign(kind="redirect", words=words, strength=Strength.STRONG, capture=here.redirects[there.domain])
            )
        if there.domain in here.certificate_names:
            is_few = len(here.certificate_names) <= 20  # chosen: an operator's certificate; a network's lists dozens
            words = f"a certificate of {here.domain} names {there.domain} too"
            signs.append(
                Sign(
                    kind="certificate",
                    words=words if is_few else f"{words}, and {len(here.certificate_names) - 1} others",
                    strength=Strength.STRONG if is_few else Strength.WEAK,
                    capture=here.certificate_names[there.domain],
                )
            )
    return signs


def _template(one: Portrait, other: Portrait) -> list[Sign]:
    if min(len(one.classes), len(other.classes)) < CLASSES_MIN:
        return []
    alike = len(one.classes & other.classes) / len(one.classes | other.classes)
    if alike < LIKE_TEMPLATE:
        return []
    words = f"{alike:.0%} of the class names of their pages are the same"
    strength = Strength.FAIR if alike >= SAME_TEMPLATE else Strength.WEAK
    return [Sign(kind="template", words=words, strength=strength, capture=None)]


def _together(signs: Sequence[Sign]) -> Strength | None:
    """What signs say together; None when they link nobody."""
    strong = {sign.kind for sign in signs if sign.strength is Strength.STRONG}
    fair = {sign.kind for sign in signs if sign.strength is Strength.FAIR}
    if strong and len({sign.kind for sign in signs}) > 1:
        return Strength.STRONG
    if strong or len(fair) > 1:
        return Strength.FAIR
    return None


def _spread(portraits: Iterable[Portrait]) -> dict[str, int]:
    found: dict[str, int] = {}
    for portrait in portraits:
        for value in {*portrait.accounts, *portrait.stream_hosts, *portrait.addresses}:
            found[value] = found.get(value, 0) + 1
    return found
