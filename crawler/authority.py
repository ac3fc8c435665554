"""
Written permissions to go past robots.txt: what one covers, and the three acts that give and end it.

Nothing else lets a request past robots.txt. A permission names its case, its law, its issuer, its scope and its
dates; it counts from the moment a second person approved it until it ends or is revoked. It travels with each
request and stands in each capture. An opt-out is stronger: who asked to be left alone is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from crawler.errors import BadAuthority
from store.db.audit import act_of
from store.db.authorities import Authorities
from store.db.session import Database
from store.records.authorities import Authority
from store.records.ids import Clock, NewId
from store.records.ledger import AuditEntry
from store.records.scope import EVERYTHING

LONGEST = timedelta(days=366)  # chosen: a permission is looked at again once a year
AGENT_CHARS = 300


def covers(authority: Authority, url: str) -> bool:
    """
    Whether a permission's scope holds an address.

    A host covers itself alone, a scheme://host/path what stands at or below that path. An address that climbs
    (`..`, however it is spelled) is covered by no path: nobody can say where it ends.
    """
    parts = urlsplit(url)
    name, path = (parts.hostname or "").lower(), parts.path or "/"
    climbs = ".." in unquote(unquote(path)).replace("\\", "/").split("/")
    for prefix in authority.scope:
        if "://" not in prefix:
            if name == prefix.lower():
                return True
            continue
        there = urlsplit(prefix)
        same_host = parts.scheme == there.scheme and parts.netloc.lower() == there.netloc.lower()
        below = path == there.path or path.startswith(there.path.rstrip("/") + "/")
        if same_host and below and not climbs:
            return True
    return False


def is_in_force(authority: Authority, now: datetime) -> bool:
    """Whether two people stand behind a permission, nobody revoked it, and now is within its dates."""
    agreed = authority.approved_at is not None and not _same_person(authority)
    return agreed and authority.revoked_at is None and authority.not_before <= now < authority.expires_at


def permission(url: str, authorities: Iterable[Authority], now: datetime) -> Authority | None:
    """The permission in force that covers an address, the one that ends first; None where there is none."""
    found = [each for each in authorities if is_in_force(each, now) and covers(each, url)]
    return min(found, key=lambda each: (each.expires_at, each.id), default=None)


def check_authority(authority: Authority) -> None:
    """Raise `BadAuthority` unless a permission says everything that it has to."""
    for name in ("case_number", "legal_basis", "issuer", "entered_by"):
        if not str(getattr(authority, name)).strip():
            raise BadAuthority(authority.case_number, f"{name} is empty")
    if not authority.scope:
        raise BadAuthority(authority.case_number, "its scope is empty, so it would cover nothing")
    for prefix in authority.scope:
        parts = urlsplit(prefix if "://" in prefix else f"https://{prefix}/")
        plain = parts.hostname is not None and not any(sign in prefix for sign in "*?#@ ")
        if "://" in prefix:
            plain = plain and parts.scheme in ("http", "https") and parts.path.startswith("/")
        elif "/" in prefix or ":" in prefix:
            plain = False
        if not plain:
            why = f"scope {prefix!r} is neither a host like shop.example nor an address like https://shop.example/a"
            raise BadAuthority(authority.case_number, why)
    if authority.expires_at <= authority.not_before:
        raise BadAuthority(authority.case_number, "it ends before it begins")
    if authority.expires_at - authority.not_before > LONGEST:
        raise BadAuthority(
            authority.case_number, f"it lasts longer than {LONGEST.days} days; enter it anew each year"
        )
    agent = authority.user_agent
    if agent is not None and (not agent.strip() or len(agent) > AGENT_CHARS or not agent.isprintable()):
        raise BadAuthority(authority.case_number, "user_agent is empty, too long, or holds control characters")


def enter(database: Database, authority: Authority, *, ids: NewId) -> Authority:
    """
    Write down a permission; it counts for nothing until somebody else approves it. Raises `BadAuthority`.

    The same permission (case, scope and dates) entered again is the one that stands.
    """
    check_authority(authority)
    authority = replace(authority, second_approver=None, approved_at=None, revoked_at=None, revoked_by=None)
    with database.write() as connection:
        authorities = Authorities(connection, EVERYTHING)
        for known in authorities.find(authorities.table.c.case_number == authority.case_number):
            alike = (known.scope, known.not_before, known.expires_at, known.revoked_at) == (
                authority.scope,
                authority.not_before,
                authority.expires_at,
                None,
            )
            if alike:
                return known
        act = _act(authority, authority.entered_by, "enter_authority", authority.entered_at, ids)
        authorities.write([authority], act)
    return authority


def approve(database: Database, id: str, *, by: str, clock: Clock, ids: NewId) -> Authority:
    """The second person's yes. Raises `BadAuthority` for an unknown one, and for whoever entered it."""
    with database.write() as connection:
        authorities = Authorities(connection, EVERYTHING)
        found = _known(authorities, id)
        if found.revoked_at is not None:
            raise BadAuthority(found.case_number, "it is revoked; enter it anew")
        if found.approved_at is not None:
            return found
        now = clock()
        approved = replace(found, second_approver=by.strip(), approved_at=now)
        if not by.strip() or _same_person(approved):
            raise BadAuthority(
                found.case_number, f"{found.entered_by} entered it, so somebody else has to approve it"
            )
        authorities.write([approved], _act(approved, by, "approve_authority", now, ids))
    return approved


def revoke(database: Database, id: str, *, by: str, clock: Clock, ids: NewId) -> Authority:
    """End a permission now; crawls that are under way stop using it within half a minute. Raises `BadAuthority`."""
    with database.write() as connection:
        authorities = Authorities(connection, EVERYTHING)
        found = _known(authorities, id)
        if found.revoked_at is not None:
            return found
        now = clock()
        revoked = replace(found, revoked_at=now, revoked_by=by.strip())
        authorities.write([revoked], _act(revoked, by, "revoke_authority", now, ids))
    return revoked


def _known(authorities: Authorities, id: str) -> Authority:
    found = authorities.get(id)
    if found is None:
        raise BadAuthority(id, "there is none of that id; `marque authorities list` shows all")
    return found


def _same_person(authority: Authority) -> bool:
    return (
        " ".join((authority.second_approver or "").split()).casefold()
        == " ".join(authority.entered_by.split()).casefold()
    )


def _act(authority: Authority, by: str, action: str, at: datetime, ids: NewId) -> AuditEntry:
    return act_of(
        by,
        action,
        "authority",
        authority.id,
        clock=lambda: at,
        ids=ids,
        detail={"case_number": authority.case_number, "scope": " ".join(authority.scope)[:500]},
    )
