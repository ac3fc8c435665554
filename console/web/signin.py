"""The pages of the door: sign in, sign out, give a fresh code."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from console.web.answers import is_first_run
from console.web.desk import Here, go, render, safe_path
from console.web.door import cookie_line
from console.web.sessions import Tried, sign_in, sign_out, step_up
from console.web.words import gettext as _
from console.web.words import ngettext

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=1000)]


def address_of(request: Request) -> str:
    """Where the request comes from, as far as the server knows."""
    return request.client.host if request.client else "unknown"


def _sorry(tried: Tried) -> str:
    if tried.wait_s:
        text = ngettext(
            "Too many tries. Wait %(n)s second, then try again.",
            "Too many tries. Wait %(n)s seconds, then try again.",
            tried.wait_s,
        )
        return text % {"n": tried.wait_s}
    return _("Name, password or code is wrong. A code works once and for half a minute.")


@router.get("/login")
def show_login(request: Request, here: Here, next: str = "/") -> Response:
    """The form."""
    if here.account is not None:
        return go(next)
    return render(request, "login.html", message="", next=safe_path(next), first_run=is_first_run(here))


@router.post("/login")
def login(
    request: Request, here: Here, name: Field = "", password: Field = "", code: Field = "", next: Field = "/"
) -> Response:
    """Sign in, and go where the person wanted to."""
    tried = sign_in(here.desk, name, password, code, address_of(request), here.cookie)
    if tried.cookie is None:
        status = 429 if tried.wait_s else 401
        page = render(
            request, "login.html", status, message=_sorry(tried), next=safe_path(next), first_run=is_first_run(here)
        )
        if tried.wait_s:
            page.headers["retry-after"] = str(tried.wait_s)
        return page
    response = go(next)
    response.headers.append("set-cookie", cookie_line(here.desk, tried.cookie))
    return response


@router.post("/logout")
def logout(here: Here) -> Response:
    """End this session."""
    if here.session is not None:
        sign_out(here.desk, here.person, here.session)
    response = go("/login")
    response.headers.append("set-cookie", cookie_line(here.desk, "", expires=True))
    return response


@router.get("/step-up")
def show_step_up(request: Request, next: str = "/") -> Response:
    """Ask for a fresh code."""
    return render(request, "step_up.html", message="", next=safe_path(next))


@router.post("/step-up")
def give_code(request: Request, here: Here, code: Field = "", next: Field = "/") -> Response:
    """Take the code, and go on."""
    assert here.session is not None, "the table lets only accounts in"
    tried = step_up(here.desk, here.person, here.session, code, address_of(request))
    if tried.account is None:
        return render(request, "step_up.html", 403, message=_sorry(tried), next=safe_path(next))
    return go(next)
