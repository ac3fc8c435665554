"""The first run, and joining by a one-time link: choose a password, enrol the one-time codes."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from console.web.answers import is_first_run
from console.web.credentials import digest, is_totp_secret, new_totp_secret, totp_picture
from console.web.desk import Here, Visit, go, render
from console.web.door import cookie_line
from console.web.errors import Missing, Refused
from console.web.membership import FIRST_ROLES, NAME_MAX, join
from console.web.words import gettext as _
from store.db.accounts import Accounts
from store.records.accounts import Account
from store.records.scope import EVERYTHING

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=1000)]


def _check_setup(here: Visit, token: str) -> None:
    expected = here.desk.setup_sha256
    if expected is None or not secrets.compare_digest(digest(token), expected) or not is_first_run(here):
        raise Missing(_("There is nothing here, or nothing you may see."))


def _invited(here: Visit, token: str) -> Account:
    with here.read() as connection:
        account = Accounts(connection, EVERYTHING).invited(digest(token), here.desk.clock())
    if account is None:
        raise Missing(_("This link was used, or has ended. Ask for another one."))
    return account


def _page(
    request: Request, *, action: str, token: str, name: str | None, secret: str | None = None, message: str = ""
) -> Response:
    secret = secret if secret and is_totp_secret(secret) else new_totp_secret()
    return render(
        request,
        "join.html",
        400 if message else 200,
        action=action,
        token=token,
        name=name,
        secret=secret,
        picture=totp_picture(secret, name or "Marque"),
        message=message,
    )


@router.get("/setup")
def show_setup(request: Request, here: Here, token: str = "") -> Response:
    """The first account, while there is none."""
    _check_setup(here, token)
    return _page(request, action="/setup", token=token, name=None)


@router.post("/setup")
def set_up(
    request: Request,
    here: Here,
    token: Field = "",
    name: Field = "",
    password: Field = "",
    secret: Field = "",
    code: Field = "",
) -> Response:
    """Make it, and sign in."""
    _check_setup(here, token)
    name = " ".join(name.split())
    try:
        if not 2 <= len(name) <= NAME_MAX or not name.isprintable():
            raise Refused(_("A name has 2 to 80 letters, as it shall stand under decisions."))
        account = Account(id=here.desk.ids(), name=name, roles=FIRST_ROLES, created_at=here.desk.clock())
        cookie = join(here.desk, account, password, secret, code, here.cookie)
    except Missing:
        raise
    except Refused as refused:
        return _page(request, action="/setup", token=token, name=None, secret=secret, message=str(refused))
    return _enter(here, cookie)


@router.get("/welcome")
def show_welcome(request: Request, here: Here, token: str = "") -> Response:
    """An invited person's first page."""
    account = _invited(here, token)
    return _page(request, action="/welcome", token=token, name=account.name)


@router.post("/welcome")
def welcome(
    request: Request, here: Here, token: Field = "", password: Field = "", secret: Field = "", code: Field = ""
) -> Response:
    """Join, and sign in."""
    account = _invited(here, token)
    try:
        cookie = join(here.desk, account, password, secret, code, here.cookie)
    except Missing:
        raise
    except Refused as refused:
        return _page(request, action="/welcome", token=token, name=account.name, secret=secret, message=str(refused))
    return _enter(here, cookie)


def _enter(here: Visit, cookie: str) -> Response:
    response = go("/")
    response.headers.append("set-cookie", cookie_line(here.desk, cookie))
    return response
