"""Sites as the desk shows them: the latest look at a domain, what it says by subject, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from config.platform import Platform
from console.web.review.seeing import sees_everything
from crawler.errors import BadDomain
from crawler.sites import Change, changes, first_said, site_of
from reports.formats.plain import plain
from store.db import tables
from store.db.rows import record_of
from store.db.sites import Sites
from store.records.scope import EVERYTHING, Scope
from store.records.sites import FactKind, Gap, Site, SiteFact

SUBJECTS: tuple[tuple[str, tuple[FactKind, ...]], ...] = (
    (
        "names",
        (
            FactKind.ADDRESS,
            FactKind.ALIAS,
            FactKind.NAME_SERVER,
            FactKind.MAIL_SERVER,
            FactKind.ZONE,
            FactKind.TEXT,
        ),
    ),
    (
        "registry",
        (FactKind.REGISTRAR, FactKind.REGISTERED, FactKind.CHANGED, FactKind.EXPIRES, FactKind.STATUS),
    ),
    ("network", (FactKind.NETWORK,)),
    ("certificates", (FactKind.CERTIFICATE_NAME, FactKind.ISSUER)),
    ("shared", (FactKind.ACCOUNT,)),
    ("mirrors", (FactKind.MIRROR,)),
    ("abuse", (FactKind.ABUSE,)),
)
"""What a look tells, by subject, in the order of the page. A test sees to it that each kind stands in one."""
VALUE_CHARS = 600  # of one value on a page; its capture holds the rest
MOST_FACTS = 200  # of one subject; a certificate may bear hundreds of names


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """One fact with its source. Values are what servers and pages say: whoever shows them escapes them."""

    fact: SiteFact
    value: str
    of: str
    source: str
    note: str
    known_since: datetime
    site: str | None  # the other site it names, where that was looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a look tells of one subject; empty where it tells nothing."""

    name: str
    facts: tuple[FactView, ...]
    more: int  # facts that are not shown


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """A site by its latest look, or the one asked for."""

    site: Site
    subjects: tuple[Subject, ...]
    gaps: tuple[Gap, ...]
    looks: tuple[tuple[str, datetime], ...]  # id and time of each, the newest first
    changed: tuple[Change, ...]  # since the look before it
    platforms: tuple[str, ...]  # under watch, whose home this is


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLine:
    """One site in the list."""

    domain: str
    looked_at: datetime
    looks: int
    registrar: str
    network: str
    mirrors: int
    gaps: int


def list_sites(connection: Connection, *, words: str = "", after: str = "", limit: int = 50) -> list[SiteLine]:
    """Sites by their domain, those that hold these letters, behind `after`; each by its latest look."""
    table = tables.site
    grouped = (
        select(table.c.domain, func.max(table.c.looked_at).label("at"), func.count().label("looks"))
        .where(table.c.domain > after)
        .group_by(table.c.domain)
        .order_by(table.c.domain)
        .limit(limit)
    )
    if words:
        grouped = grouped.where(table.c.domain.contains(words.lower(), autoescape=True))
    latest = grouped.subquery()
    rows = connection.execute(
        select(table, latest.c.looks)
        .join(latest, (latest.c.domain == table.c.domain) & (latest.c.at == table.c.looked_at))
        .order_by(table.c.domain)
    )
    return [_line(record_of(Site, row), int(row.looks)) for row in rows]


def view_site(
    connection: Connection, domain: str, platforms: Mapping[str, Platform], *, look: str = ""
) -> SiteView | None:
    """The site by its latest look, or by the one of that id; None where none was kept."""
    looks = Sites(connection, EVERYTHING).looks(domain)
    at = next((n for n, each in enumerate(looks) if each.id == look), len(looks) - 1)
    if at < 0:
        return None
    site, since = looks[at], first_said(looks[: at + 1])
    known = known_sites(connection, [fact.value for fact in site.facts if fact.kind is FactKind.MIRROR])
    subjects = []
    for name, kinds in SUBJECTS:
        facts = sorted((f for f in site.facts if f.kind in kinds), key=lambda f: (kinds.index(f.kind), f.of, f.value))
        subjects.append(
            Subject(
                name=name,
                facts=tuple(_fact(each, since, known) for each in facts[:MOST_FACTS]),
                more=max(0, len(facts) - MOST_FACTS),
            )
        )
    return SiteView(
        site=site,
        subjects=tuple(subjects),
        gaps=site.gaps,
        looks=tuple((each.id, each.looked_at) for each in reversed(looks)),
        changed=tuple(changes(looks[at - 1], site)) if at else (),
        platforms=tuple(sorted(name for name, each in platforms.items() if _site_of(each.home) == domain)),
    )


def sites_in_sight(connection: Connection, scope: Scope, hosts: Iterable[str]) -> dict[str, str]:
    """Of these hosts those whose site the reader can open, each with its domain; none for who sees no sites."""
    return known_sites(connection, hosts) if sees_everything(scope) else {}


def site_of_account(connection: Connection, scope: Scope, seller: str) -> str | None:
    """The site that an account offers on, where it was looked at and the reader can open it."""
    listing = tables.listing
    latest = select(listing.c.url).where(listing.c.seller == seller).order_by(listing.c.last_seen.desc()).limit(1)
    url = connection.execute(latest).scalar()
    return sites_in_sight(connection, scope, [url]).get(url) if url else None


def known_sites(connection: Connection, hosts: Iterable[str]) -> dict[str, str]:
    """Of these hosts or addresses those whose site was looked at, each with its domain."""
    domains = {host: domain for host in set(hosts) if (domain := _site_of(host)) is not None}
    table = tables.site
    query = select(table.c.domain).where(table.c.domain.in_(set(domains.values()))).distinct()
    looked_at = set(connection.execute(query).scalars()) if domains else set()
    return {host: domain for host, domain in domains.items() if domain in looked_at}


def _site_of(host: str) -> str | None:
    try:
        return site_of(host)
    except BadDomain:
        return None


def _fact(fact: SiteFact, since: Mapping[tuple[FactKind, str, str], datetime], known: Mapping[str, str]) -> FactView:
    return FactView(
        fact=fact,
        value=plain(fact.value, VALUE_CHARS),
        of=plain(fact.of),
        source=plain(fact.source),
        note=plain(fact.note or ""),
        known_since=since.get((fact.kind, fact.value, fact.of), fact.at),
        site=known.get(fact.value),
    )


def _line(site: Site, looks: int) -> SiteLine:
    def said(kind: FactKind) -> str:
        values = dict.fromkeys(fact.value for fact in site.facts if fact.kind is kind)
        return plain(", ".join(values))

    return SiteLine(
        domain=site.domain,
        looked_at=site.looked_at,
        looks=looks,
        registrar=said(FactKind.REGISTRAR),
        network=said(FactKind.NETWORK),
        mirrors=sum(1 for fact in site.facts if fact.kind is FactKind.MIRROR),
        gaps=len(site.gaps),
    )
