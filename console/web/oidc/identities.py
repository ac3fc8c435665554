"""Which subject of an issuer is which account, and tries to sign in: each good for one browser, once, for a while."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from console.errors import NotFound, Unanswerable
from console.web.credentials import digest, new_token
from console.web.desk import Desk, safe_path
from console.web.sessions import open_session
from console.workspace import Workspace
from store.db import tables
from store.db.accounts import Accounts
from store.db.audit import AuditTrail, act_of
from store.db.identities import Identities, SignInTries
from store.db.sessions import Sessions
from store.records.accounts import Account
from store.records.identities import Identity, SignInTry
from store.records.ids import Clock, NewId
from store.records.scope import EVERYTHING

LASTS = timedelta(minutes=10)  # chosen: long enough to find a second device, too short to lie about


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A try as the browser carries it: nothing of it stands in the ledger but digests."""

    state: str  # goes through the issuer and back
    browser: str  # stays in this browser's cookie

    @property
    def nonce(self) -> str:
        """What the token must repeat."""
        return hashlib.sha256(f"nonce {self.state} {self.browser}".encode()).hexdigest()

    @property
    def verifier(self) -> str:
        """The secret behind the code challenge, 43 letters (RFC 7636, 4.1); only this browser can make it again."""
        made = hmac.digest(self.browser.encode(), f"verifier {self.state}".encode(), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")


def begin(desk: Desk, next_path: str) -> Begun:
    """A new try; those that ended are forgotten."""
    begun, now = Begun(state=new_token(), browser=new_token()), desk.clock()
    tried = SignInTry(
        state_sha256=digest(begun.state), browser_sha256=digest(begun.browser), next=safe_path(next_path), at=now
    )
    with desk.workspace.database.write() as connection:
        tries = SignInTries(connection, EVERYTHING)
        tries.forget(now - LASTS)
        tries.add(tried)
    return begun


def take(desk: Desk, begun: Begun) -> SignInTry | None:
    """The try that comes back, once, and only to the browser that began it; None for anything else."""
    with desk.workspace.database.write() as connection:
        tried = SignInTries(connection, EVERYTHING).take(digest(begun.state), digest(begun.browser))
    return tried if tried is not None and desk.clock() - tried.at <= LASTS else None


def sign_in_as(desk: Desk, issuer: str, subject: str, old_cookie: str) -> str | None:
    """The cookie of a new session of the account with that subject, without a fresh code; None where none may in."""
    with desk.workspace.database.write() as connection:
        identity = Identities(connection, EVERYTHING).of(issuer, subject)
        account = Accounts(connection, EVERYTHING).get(identity.account) if identity else None
        if account is None or account.disabled_at is not None or account.totp_sealed is None:
            return None
        cookie = open_session(connection, desk, account, old_cookie, stepped_up=False)
        act = act_of(account.name, "sign_in_by_issuer", "account", account.id, clock=desk.clock, ids=desk.ids)
        AuditTrail(connection, EVERYTHING).add(act)
    return cookie


def link(
    workspace: Workspace, name: str, issuer: str, subject: str, *, by: str, clock: Clock, ids: NewId
) -> Identity:
    """
    Let a subject open an account; again, nothing changes.

    Raises `NotFound`, and `Unanswerable` where the subject opens another account already.
    """
    if not subject.strip() or len(subject) > 255 or not subject.isprintable():
        raise Unanswerable("a subject has 1 to 255 letters, as the issuer's `sub` has it")
    with workspace.database.write() as connection:
        account = _account(Accounts(connection, EVERYTHING), name)
        identities = Identities(connection, EVERYTHING)
        known = identities.of(issuer, subject)
        if known is not None:
            if known.account != account.id:
                raise Unanswerable("this subject opens another account; `marque accounts unlink` it first")
            return known
        made = Identity(id=ids(), issuer=issuer, subject=subject, account=account.id, linked_by=by, linked_at=clock())
        act = act_of(by, "link_account", "account", account.id, clock=clock, ids=ids, detail={"issuer": issuer})
        identities.write([made], act)
    return made


def unlink(workspace: Workspace, name: str, *, by: str, clock: Clock, ids: NewId) -> int:
    """No subject opens the account any more; it is signed out everywhere. Gives how many did. Raises `NotFound`."""
    with workspace.database.write() as connection:
        account = _account(Accounts(connection, EVERYTHING), name)
        table = tables.identity
        gone = int(connection.execute(table.delete().where(table.c.account == account.id)).rowcount)
        if gone:
            Sessions(connection, EVERYTHING).revoke_all(account.id, clock(), "admin")
            act = act_of(by, "unlink_account", "account", account.id, clock=clock, ids=ids)
            AuditTrail(connection, EVERYTHING).add(act)
    return gone


def _account(accounts: Accounts, name: str) -> Account:
    found = accounts.named(name)
    if found is None:
        raise NotFound("account", name, "`marque accounts list` shows all")
    return found
