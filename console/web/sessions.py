"""Signing in and out, lock-out, and fresh codes: what the door's pages do, without any page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from console.web.credentials import digest, new_token, totp_step
from console.web.desk import ABSOLUTE, Desk
from store.db.accounts import Accounts, Attempts, fold_name
from store.db.audit import AuditTrail, act_of
from store.db.sessions import Sessions
from store.records.accounts import Account, LoginAttempts, Session
from store.records.scope import EVERYTHING

FREE_FAILURES = 3  # chosen: everybody mistypes twice
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)  # doubled up to this: 100 guesses a day at most, yet no lasting lock-out
FORGOTTEN_AFTER = timedelta(hours=24)
ADDRESS_FREE_FAILURES = 10  # several people may sit behind one address


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a try at the door came to: a cookie value, or how long to wait (0: may try again at once)."""

    cookie: str | None = None
    account: Account | None = None
    wait_s: int = 0


def totp_secret_of(desk: Desk, account: Account) -> str | None:
    """The secret of the account's one-time codes; None before it is enrolled."""
    if account.totp_sealed is None:
        return None
    secret: str = desk.workspace.sealer.open("account", account.id, "totp", bytes.fromhex(account.totp_sealed))
    return secret


def seal_totp(desk: Desk, account: str, secret: str) -> str:
    """The secret as it is stored."""
    sealed: bytes = desk.workspace.sealer.seal("account", account, "totp", secret)["sealed"]
    return sealed.hex()


def delay_after(failures: int, free: int) -> timedelta:
    """How long to wait after so many failures in a row: nothing, then doubling up to the longest."""
    if failures <= free:
        return timedelta(0)
    return min(LONGEST_DELAY, FIRST_DELAY * (1 << min(failures - free - 1, 20)))


def _subjects(desk: Desk, name: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    sealer = desk.workspace.sealer
    return (
        (sealer.digest(["name", fold_name(name)[:300]]), FREE_FAILURES),
        (sealer.digest(["address", address]), ADDRESS_FREE_FAILURES),
    )


def wait_left(desk: Desk, name: str, address: str) -> int:
    """Seconds until this name may be tried from this address again; 0: now."""
    now = desk.clock()
    with desk.workspace.database.read() as connection:
        known = [Attempts(connection, EVERYTHING).of(subject) for subject, _ in _subjects(desk, name, address)]
    until = [each.blocked_until for each in known if each is not None and each.blocked_until is not None]
    return max([0, *(int((moment - now).total_seconds() + 0.999) for moment in until)])


def sign_in(desk: Desk, name: str, password: str, code: str, address: str, old_cookie: str) -> Tried:
    """
    Try a name, a password and a code. Everything wrong counts alike and takes alike long.

    A success rotates the cookie and ends the session the browser had before.
    """
    wait = wait_left(desk, name, address)
    if wait:
        return Tried(wait_s=wait)
    with desk.workspace.database.read() as connection:
        account = Accounts(connection, EVERYTHING).named(name)
    usable = account is not None and account.disabled_at is None
    fits = desk.passwords.fits(account.password_hash if account and usable else None, password)
    secret = totp_secret_of(desk, account) if account and usable else None
    now = desk.clock()
    step = totp_step(secret, code, now) if secret else None
    with desk.workspace.database.write() as connection:
        if (
            account is None
            or not fits
            or step is None
            or not Accounts(connection, EVERYTHING).use_code(account.id, step)
        ):
            return Tried(wait_s=_count_failure(connection, desk, name, address))
        for subject, _ in _subjects(desk, name, address)[:1]:
            Attempts(connection, EVERYTHING).forget(subject)
        cookie = open_session(connection, desk, account, old_cookie)
        _enter(connection, desk, account, "sign_in")
    return Tried(cookie=cookie, account=account)


def _count_failure(connection: Connection, desk: Desk, name: str, address: str) -> int:
    now = desk.clock()
    attempts = Attempts(connection, EVERYTHING)
    attempts.forget_before(now - FORGOTTEN_AFTER)
    longest = timedelta(0)
    for subject, free in _subjects(desk, name, address):
        before = attempts.of(subject)
        failures = (before.failures if before else 0) + 1
        delay = delay_after(failures, free)
        longest = max(longest, delay)
        entry = LoginAttempts(
            subject=subject, failures=failures, last_at=now, blocked_until=now + delay if delay else None
        )
        attempts.put([entry], keys=["subject"])
    return int(longest.total_seconds())


def open_session(
    connection: Connection, desk: Desk, account: Account, old_cookie: str, *, stepped_up: bool = True
) -> str:
    """
    A new session; whatever the old cookie opened is ended. Gives the new cookie's value.

    `stepped_up` says that a one-time code of ours was given just now.
    """
    now = desk.clock()
    sessions = Sessions(connection, EVERYTHING)
    old = sessions.of_token(digest(old_cookie)) if old_cookie else None
    if old is not None:
        sessions.revoke(old.id, now, "sign-in")
    cookie = new_token()
    sessions.add(
        Session(
            id=desk.ids(),
            account=account.id,
            token_sha256=digest(cookie),
            started_at=now,
            seen_at=now,
            ends_at=now + ABSOLUTE,
            stepped_up_at=now if stepped_up else None,
        )
    )
    return cookie


def sign_out(desk: Desk, account: Account, session: Session) -> None:
    """End a session; the cookie opens nothing from here on."""
    with desk.workspace.database.write() as connection:
        Sessions(connection, EVERYTHING).revoke(session.id, desk.clock(), "sign-out")
        _enter(connection, desk, account, "sign_out")


def step_up(desk: Desk, account: Account, session: Session, code: str, address: str) -> Tried:
    """Take a fresh code for this session; failures count as at the door."""
    wait = wait_left(desk, account.name, address)
    if wait:
        return Tried(wait_s=wait)
    secret = totp_secret_of(desk, account)
    now = desk.clock()
    step = totp_step(secret, code, now) if secret else None
    with desk.workspace.database.write() as connection:
        if step is None or not Accounts(connection, EVERYTHING).use_code(account.id, step):
            return Tried(wait_s=_count_failure(connection, desk, account.name, address))
        Sessions(connection, EVERYTHING).step_up(session.id, now)
        _enter(connection, desk, account, "step_up")
    return Tried(account=account, cookie="")


def _enter(connection: Connection, desk: Desk, account: Account, action: str) -> None:
    act = act_of(account.name, action, "account", account.id, clock=desk.clock, ids=desk.ids)
    AuditTrail(connection, EVERYTHING).add(act)
