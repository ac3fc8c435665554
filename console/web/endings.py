"""What runs out: rights, mandates, the words that protect honest sellers, permissions, keys, checks, invitations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, String, cast, select

from config.declarations import Declarations
from config.profile import VERIFIED_FOR_DAYS
from console.web.dues import Due, Tone
from store.db import tables
from store.db.instruments import Instruments
from store.evidence.seal import published_keys
from store.records.rights import RightStatus
from store.records.scope import Scope

EXPIRY_STEPS = (7, 30, 90)  # days: now or never, this month, renew in time
EXPIRED_SHOWN = timedelta(days=30)  # what ran out lately is still told
IN_FORCE = (RightStatus.ACTIVE.value, RightStatus.PENDING.value, RightStatus.OPPOSED.value)


def expiry_tone(left_days: int) -> Tone:
    """How much an end in so many days presses."""
    now, month, _ = EXPIRY_STEPS
    return Tone.BAD if left_days <= now else Tone.WARN if left_days <= month else Tone.INFO


def registry_endings(connection: Connection, scope: Scope, declarations: Declarations, today: date) -> list[Due]:
    """What holders brought and must renew; the nearest end first."""
    found = _rights(connection, scope, today) + _mandates(connection, scope, today)
    found += _authorisations(connection, scope, today) + _references(connection, scope, today)
    found += _licences(connection, scope, today)
    found += _registers(connection, scope, declarations.policy.rights.status_block_days, today)
    return in_order(found)


def preserved(connection: Connection, scope: Scope, today: date) -> list[Due]:
    """Data that a provider was asked to keep, whose time ends and which nothing has followed yet."""
    first, last = _window(today)
    return [
        Due(
            kind="preserved",
            tone=expiry_tone((each.keeps_until.date() - today).days),
            name=each.form,
            detail=each.reference or "",
            at=each.keeps_until,
            subject=each.id,
            number=each.number,
        )
        for each in Instruments(connection, scope).running()
        if each.keeps_until is not None and first <= each.keeps_until.date() <= last
    ]


def unit_endings(connection: Connection, declarations: Declarations, keys: Path, now: datetime) -> list[Due]:
    """What the unit itself must renew: permissions past robots.txt, its signing key, checks of profiles."""
    found = _permissions(connection, now) + _signing_key(keys, now) + _profiles(connection, declarations, now.date())
    return in_order(found)


def invitations(connection: Connection, now: datetime) -> list[Due]:
    """People who were asked in and have not come, whose link still works or ended lately."""
    account = tables.account
    statement = select(account.c.id, account.c.name, account.c.invited_until).where(
        account.c.invitation_sha256.is_not(None),
        account.c.disabled_at.is_(None),
        account.c.invited_until >= now - EXPIRED_SHOWN,
    )
    return in_order(
        Due(
            kind="invitation",
            tone=Tone.WARN if row.invited_until <= now else Tone.INFO,
            name=row.name,
            at=row.invited_until,
            subject=row.id,
        )
        for row in connection.execute(statement)
    )


def in_order(dues: Iterable[Due]) -> list[Due]:
    """The nearest end first; what never had a day at the end."""
    return sorted(dues, key=lambda due: (due.on or (due.at.date() if due.at else date.max), due.kind, due.name))


def _window(today: date) -> tuple[date, date]:
    return today - EXPIRED_SHOWN, today + timedelta(days=EXPIRY_STEPS[-1])


def _due(kind: str, on: date, today: date, *, name: str, detail: str = "", subject: str = "") -> Due:
    return Due(kind=kind, tone=expiry_tone((on - today).days), name=name, detail=detail, on=on, subject=subject)


def _rights(connection: Connection, scope: Scope, today: date) -> list[Due]:
    right, party = tables.right, tables.party
    statement = (
        select(right.c.id, right.c.right_ref, right.c.mark_text, right.c.expires_on, party.c.legal_name)
        .join(party, party.c.id == right.c.holder)
        .where(right.c.expires_on.between(*_window(today)), right.c.status.in_(IN_FORCE))
    )
    if scope.holder is not None:
        statement = statement.where(right.c.holder == scope.holder)
    return [
        _due(
            "right",
            row.expires_on,
            today,
            name=row.mark_text or row.right_ref,
            detail=row.legal_name,
            subject=row.id,
        )
        for row in connection.execute(statement)
    ]


def _registers(connection: Connection, scope: Scope, block_days: int, today: date) -> list[Due]:
    """Rights whose register was asked so long ago that a rule stops notices now, or within a month."""
    right = tables.right
    statement = select(right.c.id, right.c.right_ref, right.c.mark_text, right.c.office, right.c.status_checked_on)
    statement = statement.where(right.c.office.is_not(None), right.c.status.in_(IN_FORCE))
    if scope.holder is not None:
        statement = statement.where(right.c.holder == scope.holder)
    found = []
    for row in connection.execute(statement):
        asked = row.status_checked_on
        last = asked + timedelta(days=block_days) if asked else None
        if last is None or (last - today).days <= EXPIRY_STEPS[1]:
            found.append(
                Due(
                    kind="register",
                    tone=Tone.BAD if last is None or last < today else Tone.WARN,
                    name=row.mark_text or row.right_ref,
                    detail=row.office,
                    on=last,
                    subject=row.id,
                )
            )
    return found


def _mandates(connection: Connection, scope: Scope, today: date) -> list[Due]:
    mandate, party = tables.mandate, tables.party
    statement = (
        select(mandate.c.id, mandate.c.agent, mandate.c.valid_until, party.c.legal_name)
        .join(party, party.c.id == mandate.c.grantor)
        .where(mandate.c.valid_until.between(*_window(today)), mandate.c.revoked_on.is_(None))
    )
    if scope.holder is not None:
        statement = statement.where(mandate.c.grantor == scope.holder)
    return [
        _due("mandate", row.valid_until, today, name=row.legal_name, detail=row.agent, subject=row.id)
        for row in connection.execute(statement)
    ]


def _authorisations(connection: Connection, scope: Scope, today: date) -> list[Due]:
    """Accounts that are left alone until a day: after it their honest offers are looked at like any other."""
    rule = tables.seller_rule
    statement = select(rule).where(rule.c.valid_until.between(*_window(today)))
    if scope.holder is not None:
        statement = statement.where(rule.c.holder == scope.holder)
    return [
        _due(
            "authorisation",
            row.valid_until,
            today,
            name=row.name or row.platform_seller_id,
            detail=row.platform,
            subject=row.id,
        )
        for row in connection.execute(statement)
    ]


def _references(connection: Connection, scope: Scope, today: date) -> list[Due]:
    reference = tables.reference
    statement = select(reference.c.id, reference.c.reference_ref, reference.c.valid_until).where(
        reference.c.valid_until.between(*_window(today)), reference.c.withdrawn_on.is_(None)
    )
    if scope.holder is not None:
        statement = statement.where(reference.c.holder == scope.holder)
    return [
        _due("reference", row.valid_until, today, name=row.reference_ref, subject=row.id)
        for row in connection.execute(statement)
    ]


def _licences(connection: Connection, scope: Scope, today: date) -> list[Due]:
    """Licences that end: after it a lawful stream looks like any other."""
    work = tables.work
    # Most works have none that ends: their row is not read.
    ends = cast(work.c.licences, String).like('%"valid_until"%')
    statement = select(work.c.id, work.c.title, work.c.licences).where(ends)
    if scope.holder is not None:
        statement = statement.where(work.c.holder == scope.holder)
    first, last = _window(today)
    return [
        _due("licence", until, today, name=row.title, detail=window["platform"], subject=row.id)
        for row in connection.execute(statement)
        for window in row.licences
        if window.get("valid_until") and first <= (until := date.fromisoformat(window["valid_until"])) <= last
    ]


def _permissions(connection: Connection, now: datetime) -> list[Due]:
    authority = tables.authority
    first, last = now - EXPIRED_SHOWN, now + timedelta(days=EXPIRY_STEPS[-1])
    statement = select(authority).where(authority.c.revoked_at.is_(None), authority.c.expires_at.between(first, last))
    waiting = select(authority).where(
        authority.c.revoked_at.is_(None), authority.c.approved_at.is_(None), authority.c.expires_at > now
    )
    found = [
        Due(
            kind="permission",
            tone=expiry_tone((row.expires_at - now).days),
            name=row.case_number,
            detail=row.issuer,
            at=row.expires_at,
            subject=row.id,
        )
        for row in connection.execute(statement)
    ]
    return found + [
        Due(kind="permission_open", tone=Tone.WARN, name=row.case_number, detail=row.entered_by, at=row.entered_at)
        for row in connection.execute(waiting)
    ]


def _signing_key(keys: Path, now: datetime) -> list[Due]:
    """The key that ends last: without one in force no batch can be sealed."""
    good = [key for key in published_keys(keys) if key.revoked_at is None and key.valid_from <= now]
    if not good:
        return [Due(kind="key", tone=Tone.BAD, name="")]
    last = max(good, key=lambda key: key.valid_to)
    left = (last.valid_to - now).days
    if left > EXPIRY_STEPS[-1]:
        return []
    return [Due(kind="key", tone=expiry_tone(left), name=last.name, at=last.valid_to)]


def _profiles(connection: Connection, declarations: Declarations, today: date) -> list[Due]:
    """Profiles in use that nobody verified, or whose check ends within a month: their batches are drafts."""
    used = {each.notify.profile for each in declarations.platforms.values() if each.notify and each.notify.profile}
    batch = tables.batch
    used |= set(connection.execute(select(batch.c.profile).distinct()).scalars())
    found = []
    for name in sorted(used & set(declarations.profiles)):
        verified = declarations.profiles[name].verified
        ends = verified.on + timedelta(days=VERIFIED_FOR_DAYS) if verified else None
        if ends is None:
            found.append(Due(kind="profile_draft", tone=Tone.INFO, name=name))
        elif (ends - today).days <= EXPIRY_STEPS[1]:
            found.append(_due("profile", ends, today, name=name))
    return found
