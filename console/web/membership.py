"""
Making, changing and closing accounts; joining by a one-time link. The command line and the pages both call this.

Every change is written with its act, and one that takes something away ends the account's sessions at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from console.web.credentials import digest, is_totp_secret, new_token, totp_step
from console.web.desk import Desk
from console.web.errors import Missing, Refused
from console.web.sessions import open_session, seal_totp
from console.web.words import gettext as _
from console.workspace import Workspace
from store.db.accounts import Accounts
from store.db.audit import act_of
from store.db.parties import Parties
from store.db.sessions import Sessions
from store.records.accounts import Account, Role
from store.records.ids import Clock, NewId
from store.records.scope import EVERYTHING

INVITED_FOR = timedelta(hours=72)  # chosen: over a weekend
NAME_MAX = 80
OUTSIDERS = frozenset({Role.HOLDER_EXPERT, Role.RECIPIENT})
FIRST_ROLES = (Role.ADMIN, Role.OFFICER)  # whoever sets the desk up can also work at it


class Members:
    """Accounts of one workspace, changed by one person or command."""

    def __init__(self, workspace: Workspace, *, by: str, clock: Clock, ids: NewId) -> None:
        self.workspace = workspace
        self.by = by
        self.clock = clock
        self.ids = ids

    def invite(
        self,
        name: str,
        roles: Iterable[Role],
        *,
        holder: str | None = None,
        platform: str | None = None,
        compartment: str | None = None,
    ) -> tuple[Account, str]:
        """
        A new account and the token of its one-time link.

        Raises `Refused` for a name that is taken or unfit, and for roles that don't go together.
        """
        name = " ".join(name.split())
        if not 2 <= len(name) <= NAME_MAX or not name.isprintable():
            raise Refused(_("A name has 2 to 80 letters, as it shall stand under decisions."))
        chosen = _check_roles(roles, holder, platform)
        token = new_token()
        now = self.clock()
        account = Account(
            id=self.ids(),
            name=name,
            roles=chosen,
            holder=holder,
            platform=platform,
            compartment=compartment or None,
            invitation_sha256=digest(token),
            invited_until=now + INVITED_FOR,
            created_at=now,
        )
        with self.workspace.database.write() as connection:
            if Accounts(connection, EVERYTHING).named(name) is not None:
                raise Refused(_("There is an account of that name."))
            if holder is not None and Parties(connection, EVERYTHING).get(holder) is None:
                raise Refused(_("No such holder."))
            self._save(connection, account, "create_account")
        return account, token

    def invite_again(self, id: str) -> str:
        """A fresh one-time link; the old password and codes end with the sessions. Gives the token."""
        token = new_token()
        with self.workspace.database.write() as connection:
            account = self._get(connection, id)
            self._keep_an_admin(connection, account)
            account = replace(
                account,
                password_hash=None,
                totp_sealed=None,
                invitation_sha256=digest(token),
                invited_until=self.clock() + INVITED_FOR,
            )
            self._save(connection, account, "invite_account")
            self._end_sessions(connection, account, "password")
        return token

    def change_roles(self, id: str, roles: Iterable[Role]) -> None:
        """Other roles; the account signs in anew."""
        with self.workspace.database.write() as connection:
            account = self._get(connection, id)
            chosen = _check_roles(roles, account.holder, account.platform)
            if Role.ADMIN not in chosen:
                self._keep_an_admin(connection, account)
            self._save(connection, replace(account, roles=chosen), "change_roles")
            self._end_sessions(connection, account, "role")

    def disable(self, id: str) -> None:
        """Shut an account; its decisions stay under its name."""
        with self.workspace.database.write() as connection:
            account = self._get(connection, id)
            self._keep_an_admin(connection, account)
            self._save(connection, replace(account, disabled_at=self.clock()), "disable_account")
            self._end_sessions(connection, account, "disabled")

    def enable(self, id: str) -> None:
        """Open it again."""
        with self.workspace.database.write() as connection:
            account = self._get(connection, id)
            self._save(connection, replace(account, disabled_at=None), "enable_account")

    def end_sessions(self, id: str) -> int:
        """Sign the account out everywhere; says how many browsers."""
        with self.workspace.database.write() as connection:
            account = self._get(connection, id)
            self._save(connection, account, "end_sessions")
            return self._end_sessions(connection, account, "admin")

    def _get(self, connection: Connection, id: str) -> Account:
        account = Accounts(connection, EVERYTHING).get(id)
        if account is None:
            raise Missing(_("There is no such account."))
        return account

    def _save(self, connection: Connection, account: Account, action: str) -> None:
        roles = ", ".join(role.value for role in account.roles)
        act = act_of(self.by, action, "account", account.id, clock=self.clock, ids=self.ids, detail={"roles": roles})
        Accounts(connection, EVERYTHING).save(account, act)

    def _end_sessions(self, connection: Connection, account: Account, because: str) -> int:
        return Sessions(connection, EVERYTHING).revoke_all(account.id, self.clock(), because)

    def _keep_an_admin(self, connection: Connection, account: Account) -> None:
        admins = Accounts(connection, EVERYTHING).open_admins()
        if [each.id for each in admins] == [account.id]:
            raise Refused(_("This is the last account that can make accounts. Make another one first."))


def _check_roles(roles: Iterable[Role], holder: str | None, platform: str | None) -> tuple[Role, ...]:
    chosen = tuple(role for role in Role if role in set(roles))
    if not chosen:
        raise Refused(_("An account needs a role."))
    outside = OUTSIDERS & set(chosen)
    if outside and len(chosen) > 1:
        raise Refused(_("A holder's expert or a platform's recipient has no other role."))
    if Role.HOLDER_EXPERT in chosen and holder is None:
        raise Refused(_("A holder's expert needs the holder."))
    if Role.RECIPIENT in chosen and platform is None:
        raise Refused(_("A recipient needs the platform."))
    return chosen


def join(desk: Desk, account: Account, password: str, secret: str, code: str, old_cookie: str) -> str:
    """
    Choose a password and enrol the codes; the link is used up. Gives the cookie of the first session.

    Raises `Refused` for a weak password or a code that does not fit the secret shown.
    """
    stored = desk.passwords.hash(password)
    if account.name.casefold() in password.casefold():
        raise Refused(_("The password contains the name."))
    step = totp_step(secret, code, desk.clock()) if is_totp_secret(secret) else None
    if step is None:
        raise Refused(_("The code doesn't fit. Scan the picture again, and check the clock of your device."))
    joined = replace(
        account,
        password_hash=stored,
        totp_sealed=seal_totp(desk, account.id, secret),
        totp_step=step,
        invitation_sha256=None,
        invited_until=None,
    )
    act = act_of(account.name, "join", "account", account.id, clock=desk.clock, ids=desk.ids)
    with desk.workspace.database.write() as connection:
        accounts = Accounts(connection, EVERYTHING)
        if account.invitation_sha256 is None:  # the first run: whoever is first
            if not accounts.is_first_run():
                raise Missing(_("The desk is set up already."))
        elif accounts.invited(account.invitation_sha256, desk.clock()) is None:
            raise Missing(_("This link was used, or has ended. Ask for another one."))
        accounts.save(joined, act)
        return open_session(connection, desk, joined, old_cookie)


def change_password(desk: Desk, account: Account, old: str, new: str, old_cookie: str) -> str:
    """Another password: every session ends, and this browser gets a new one. Raises `Refused`. Gives its cookie."""
    if not desk.passwords.fits(account.password_hash, old):
        raise Refused(_("The present password is wrong."))
    changed = replace(account, password_hash=desk.passwords.hash(new))
    act = act_of(account.name, "change_password", "account", account.id, clock=desk.clock, ids=desk.ids)
    with desk.workspace.database.write() as connection:
        Accounts(connection, EVERYTHING).save(changed, act)
        Sessions(connection, EVERYTHING).revoke_all(account.id, desk.clock(), "password")
        return open_session(connection, desk, changed, old_cookie)
