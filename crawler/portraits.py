"""What captured pages show of the sites they came from, so that one can be compared with the others."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from sqlalchemy import Connection, select

from crawler.errors import BadDomain
from crawler.extract.document import Document
from crawler.kinship import Portrait, add_page
from crawler.sites import learn, site_of
from store.db.captures import Captures
from store.db.sites import Sites
from store.db.tables import capture as capture_table
from store.db.tables import capture_file as file_table
from store.db.tables import run as run_table
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.captures import Capture, CaptureRole
from store.records.runs import RunKind
from store.records.scope import EVERYTHING
from store.records.sites import Gap

CAPTURES_MAX = 50_000  # latest ones looked over for which site they are of
PAGES_OF_SITE = 40  # pages read of the site itself
PAGES_OF_OTHER = 5  # of each other site
OTHERS_MAX = 200  # sites compared with; each costs about 50 ms of reading
CERTIFICATES_MAX = 10
_PAGE_BYTES = 2_000_000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """One site's portrait, the others', and what was left out."""

    portrait: Portrait
    others: tuple[Portrait, ...]
    hosts: tuple[str, ...]  # the site's hosts that were captured
    certificates: tuple[tuple[Capture, bytes], ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A capture as far as it is needed to choose it."""

    id: str
    url: str
    status: int | None
    size_bytes: int


def read_gallery(connection: Connection, vault: Vault, domain: str) -> Gallery:
    """Portraits of a site and of the others that were captured, the latest pages of each."""
    by_site, looked_over = _by_site(connection)
    gaps = []
    own_rows = by_site.pop(domain, [])
    others = sorted(by_site)
    if len(others) > OTHERS_MAX:
        gaps.append(Gap(what="mirrors", why=f"{len(others) - OTHERS_MAX} of {len(others)} sites were not compared"))
    if looked_over >= CAPTURES_MAX:
        gaps.append(Gap(what="mirrors", why=f"only the latest {CAPTURES_MAX} captures were looked over"))
    captures, known = Captures(connection, EVERYTHING), Sites(connection, EVERYTHING)

    def draw(name: str, rows: list[_Row], pages: int) -> Portrait:
        portrait = Portrait(domain=name)
        own = {host for row in rows if (host := urlsplit(row.url).hostname)}
        for row in rows:
            if row.status in _REDIRECTS:
                _note_redirect(portrait, captures.get(row.id))
            elif portrait.pages < pages and row.size_bytes <= _PAGE_BYTES:
                _add(portrait, captures.get(row.id), vault, own)
        looks = known.looks(name)
        if looks:
            learn(portrait, looks[-1].facts)
        return portrait

    portrait = draw(domain, own_rows, PAGES_OF_SITE)
    if not own_rows:
        gaps.append(
            Gap(what="accounts, mirrors", why="no page of the site was captured yet; `marque capture` takes one")
        )
    hosts = sorted({host for row in own_rows if (host := urlsplit(row.url).hostname)} - {domain})
    return Gallery(
        portrait=portrait,
        others=tuple(draw(name, by_site[name], PAGES_OF_OTHER) for name in others[:OTHERS_MAX]),
        hosts=tuple(hosts[:20]),
        certificates=tuple(_certificates(connection, vault, [row.id for row in own_rows])),
        gaps=tuple(gaps),
    )


def _by_site(connection: Connection) -> tuple[dict[str, list[_Row]], int]:
    """Captures of pages by site, the latest first."""
    table = capture_table
    lookups = select(run_table.c.id).where(run_table.c.kind == RunKind.SITE.value)  # registries' answers, no pages
    statement = (
        select(table.c.id, table.c.url_final, table.c.status, table.c.body_bytes)
        .where(table.c.body_bytes > 0, table.c.url_final.like("http%"), table.c.run.not_in(lookups))
        .order_by(table.c.fetched_at.desc(), table.c.id.desc())
        .limit(CAPTURES_MAX)
    )
    found: dict[str, list[_Row]] = {}
    names: dict[str, str | None] = {}
    rows = connection.execute(statement).all()
    for row in rows:
        place = urlsplit(row.url_final).netloc
        if place not in names:
            try:
                names[place] = site_of(row.url_final)
            except BadDomain:
                names[place] = None
        name = names[place]
        if name is not None:
            found.setdefault(name, []).append(_Row(row.id, row.url_final, row.status, row.body_bytes))
    return found, len(rows)


def _add(portrait: Portrait, capture: Capture | None, vault: Vault, own: set[str]) -> None:
    if capture is None or (capture.status or 200) != 200:
        return
    kind = next((value for name, value in capture.response_headers if name.lower() == "content-type"), None)
    if kind is not None and "html" not in kind.lower():
        return
    try:
        body = vault.get(capture.body_sha256)
    except VaultError:
        return  # `marque vault` names what is damaged; another page of the site speaks instead
    if b"<" not in body[:2000]:
        return
    document = Document(url=capture.url_final, body=body, content_type=kind, fetched_at=capture.fetched_at)
    add_page(portrait, document, capture.id, own)


def _note_redirect(portrait: Portrait, capture: Capture | None) -> None:
    if capture is None:
        return
    there = next((value for name, value in capture.response_headers if name.lower() == "location"), None)
    if there is None:
        return
    try:
        other = site_of(urljoin(capture.url_final, there))
    except (BadDomain, ValueError):
        return
    if other != portrait.domain:
        portrait.redirects.setdefault(other, capture.id)


def _certificates(connection: Connection, vault: Vault, captures: list[str]) -> list[tuple[Capture, bytes]]:
    """The different certificates that a site presented, the latest first."""
    found: dict[str, tuple[Capture, bytes]] = {}
    repository = Captures(connection, EVERYTHING)
    for start in range(0, len(captures), 500):
        part = captures[start : start + 500]
        statement = select(file_table.c.capture, file_table.c.sha256).where(
            file_table.c.capture.in_(part), file_table.c.role == CaptureRole.CERTIFICATE.value
        )
        for row in connection.execute(statement):
            if row.sha256 in found or len(found) >= CERTIFICATES_MAX:
                continue
            capture = repository.get(row.capture)
            if capture is not None:
                found[row.sha256] = (capture, vault.get(row.sha256))
    return list(found.values())
