"""Accounts: the admin's page, and each person's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import func, select

from console.web.desk import Here, Visit, go, render
from console.web.door import cookie_line
from console.web.errors import Refused
from console.web.membership import Members, change_password
from console.web.words import gettext as _
from console.web.words import mark
from store.db.accounts import Accounts
from store.db.parties import Parties
from store.db.sessions import Sessions
from store.db.tables import session as session_table
from store.records.accounts import Account, Role
from store.records.scope import EVERYTHING

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=1000)]

ROLES: dict[Role, tuple[str, str]] = {
    Role.OFFICER: (mark("Officer"), mark("plans crawls, reviews, builds cases, prepares notices")),
    Role.REVIEWER: (mark("Reviewer"), mark("decides findings")),
    Role.APPROVER: (mark("Approver"), mark("approves what others prepared")),
    Role.SIGNATORY: (mark("Signatory"), mark("signs notices for the holder")),
    Role.HOLDER_EXPERT: (mark("Holder's expert"), mark("says for one holder what is genuine")),
    Role.RECIPIENT: (mark("Platform's recipient"), mark("sees what was sent to one platform")),
    Role.AUDITOR: (mark("Auditor"), mark("reads everything, changes nothing")),
    Role.ADMIN: (mark("Admin"), mark("makes accounts; sees no case")),
}
"""Each role with what it may do, as people read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One line of the list."""

    account: Account
    state: str  # open, invited, expired, disabled
    holder: str | None
    sessions: int


def role_words() -> dict[Role, tuple[str, str]]:
    """The roles in the reader's language."""
    return {role: (_(name), _(does)) for role, (name, does) in ROLES.items()}


def _rows(here: Visit) -> list[AccountRow]:
    now = here.desk.clock()
    with here.read() as connection:
        holders = {party.id: party.legal_name for party in Parties(connection, EVERYTHING).each()}
        open_sessions = select(session_table.c.account, func.count().label("n")).where(
            session_table.c.revoked_at.is_(None), session_table.c.ends_at > now
        )
        counts = {row.account: row.n for row in connection.execute(open_sessions.group_by("account"))}
        accounts = Accounts(connection, EVERYTHING).find()
    rows = []
    for account in sorted(accounts, key=lambda each: (each.disabled_at is not None, each.name.casefold())):
        if account.disabled_at is not None:
            state = "disabled"
        elif account.password_hash is not None:
            state = "open"
        else:
            state = "invited" if account.invited_until and account.invited_until > now else "expired"
        rows.append(
            AccountRow(
                account=account,
                state=state,
                holder=holders.get(account.holder or ""),
                sessions=counts.get(account.id, 0),
            )
        )
    return rows


def _list(request: Request, here: Visit, status: int = 200, *, message: str = "", link: str = "") -> Response:
    with here.read() as connection:
        holders = sorted(Parties(connection, EVERYTHING).find(), key=lambda party: party.legal_name.casefold())
    platforms = sorted(here.desk.workspace.declarations.platforms)
    return render(
        request,
        "accounts.html",
        status,
        rows=_rows(here),
        roles=role_words(),
        holders=holders,
        platforms=platforms,
        message=message,
        link=link,
    )


def _members(here: Visit) -> Members:
    return Members(here.desk.workspace, by=here.by, clock=here.desk.clock, ids=here.desk.ids)


def _roles(words: list[str]) -> list[Role]:
    try:
        return [Role(word) for word in words]
    except ValueError as error:
        raise Refused(_("No such role.")) from error


def welcome_link(origin: str, token: str) -> str:
    """The one-time link to hand to the person."""
    return f"{origin}/welcome?token={token}"


@router.get("/accounts")
def list_accounts(request: Request, here: Here) -> Response:
    """Who may sign in."""
    return _list(request, here)


@router.post("/accounts")
def add_account(
    request: Request,
    here: Here,
    name: Field = "",
    roles: Annotated[list[str] | None, Form()] = None,
    holder: Field = "",
    platform: Field = "",
    compartment: Field = "",
) -> Response:
    """Make an account; its link is shown once."""
    try:
        _account, token = _members(here).invite(
            name, _roles(roles or []), holder=holder or None, platform=platform or None, compartment=compartment
        )
    except Refused as refused:
        return _list(request, here, 400, message=str(refused))
    return _list(request, here, link=welcome_link(here.desk.origin, token))


@router.post("/accounts/{id}/roles")
def change_roles(here: Here, id: str, roles: Annotated[list[str] | None, Form()] = None) -> Response:
    """Other roles."""
    _members(here).change_roles(id, _roles(roles or []))
    return go("/accounts")


@router.post("/accounts/{id}/disable")
def disable(here: Here, id: str) -> Response:
    """Shut it."""
    _members(here).disable(id)
    return go("/accounts")


@router.post("/accounts/{id}/enable")
def enable(here: Here, id: str) -> Response:
    """Open it again."""
    _members(here).enable(id)
    return go("/accounts")


@router.post("/accounts/{id}/sessions")
def end_sessions(here: Here, id: str) -> Response:
    """Sign it out everywhere."""
    _members(here).end_sessions(id)
    return go("/accounts")


@router.post("/accounts/{id}/invite")
def invite_again(request: Request, here: Here, id: str) -> Response:
    """A fresh one-time link, for a lost password or device."""
    token = _members(here).invite_again(id)
    return _list(request, here, link=welcome_link(here.desk.origin, token))


@router.get("/account")
def own_account(request: Request, here: Here) -> Response:
    """One's own roles and sessions."""
    return _own(request, here)


def _own(request: Request, here: Visit, status: int = 200, *, message: str = "") -> Response:
    with here.read() as connection:
        sessions = Sessions(connection, EVERYTHING).open_of(here.person.id, here.desk.clock())
        holder = Parties(connection, EVERYTHING).get(here.person.holder) if here.person.holder else None
    return render(
        request,
        "account.html",
        status,
        sessions=sorted(sessions, key=lambda each: each.seen_at, reverse=True),
        roles=role_words(),
        holder=holder,
        message=message,
    )


@router.post("/account/password")
def new_password(request: Request, here: Here, old: Field = "", new: Field = "") -> Response:
    """Another password; every other browser is signed out."""
    try:
        cookie = change_password(here.desk, here.person, old, new, here.cookie)
    except Refused as refused:
        return _own(request, here, 400, message=str(refused))
    response = go("/account")
    response.headers.append("set-cookie", cookie_line(here.desk, cookie))
    return response


@router.post("/account/sessions")
def end_other_sessions(here: Here) -> Response:
    """Sign out everywhere else."""
    keep = here.session.id if here.session else None
    with here.desk.workspace.database.write() as connection:
        Sessions(connection, EVERYTHING).revoke_all(here.person.id, here.desk.clock(), "sign-out", keep=keep)
    return go("/account")
