"""Signing in with the account of one's office: to the issuer, and back."""

from __future__ import annotations

import hmac
import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from console.web.answers import is_first_run
from console.web.desk import Desk, Here, go, render, safe_path
from console.web.door import cookie_line
from console.web.errors import Missing
from console.web.oidc.identities import LASTS, Begun, begin, sign_in_as, take
from console.web.oidc.provider import Provider, ProviderFault
from console.web.words import gettext as _

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)

BACK = "/sign-in/oidc/back"
Part = Annotated[str, Query(max_length=4000)]


def provider_of(request: Request, desk: Desk) -> Provider:
    """The issuer of this installation, kept with the application. Raises `Missing` where none is set."""
    settings = desk.workspace.settings
    if settings.oidc_issuer is None or settings.oidc_client is None:
        raise Missing(_("There is nothing here, or nothing you may see."))
    state = request.app.state
    if not hasattr(state, "provider"):
        state.provider = Provider(
            issuer=settings.oidc_issuer,
            client=settings.oidc_client,
            secret=settings.secret("MARQUE_OIDC_SECRET"),
            redirect_uri=f"{desk.origin}{BACK}",
            clock=desk.clock,
            inner=desk.workspace.declarations.policy.network.inner_hosts,
        )
    found: Provider = state.provider
    return found


def _cookie(desk: Desk) -> str:
    return f"{desk.cookie}-oidc"


def _carried(desk: Desk, value: str, *, seconds: int) -> str:
    # Lax, since the browser comes back from another site; it opens nothing by itself.
    secure = "; Secure" if desk.is_https else ""
    return f"{_cookie(desk)}={value}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={seconds}"


@router.get("/sign-in/oidc")
def leave(request: Request, here: Here, next: Part = "/") -> Response:
    """To the issuer."""
    provider = provider_of(request, here.desk)
    if here.account is not None:
        return go(next)
    begun = begin(here.desk, next)
    try:
        address = provider.sign_in_address(state=begun.state, nonce=begun.nonce, verifier=begun.verifier)
    except ProviderFault as fault:
        return _sorry(request, next, fault)
    response = RedirectResponse(address, status_code=303)
    response.headers.append("set-cookie", _carried(here.desk, begun.browser, seconds=int(LASTS.total_seconds())))
    return response


@router.get(BACK)
def come_back(
    request: Request, here: Here, code: Part = "", state: Part = "", iss: Part = "", error: Part = ""
) -> Response:
    """Back from the issuer: a session, or why there is none, said in the log alone."""
    provider = provider_of(request, here.desk)
    begun = Begun(state=state, browser=request.cookies.get(_cookie(here.desk), ""))
    tried = take(here.desk, begun) if state and begun.browser else None
    if tried is None:
        return _sorry(request, "/", ProviderFault("the way back belongs to no try of this browser"))
    try:
        if error or not code:
            raise ProviderFault("the issuer let nobody in")
        if iss and not hmac.compare_digest(iss.encode(), provider.issuer.encode()):
            raise ProviderFault("another issuer answered")
        subject = provider.subject_of(code, nonce=begun.nonce, verifier=begun.verifier)
    except ProviderFault as fault:
        return _sorry(request, tried.next, fault)
    cookie = sign_in_as(here.desk, provider.issuer, subject, here.cookie)
    if cookie is None:
        return _sorry(request, tried.next, ProviderFault("no open account has this subject"))
    # A page and no redirect: a browser that was sent here from elsewhere brings our cookie only from a page of ours.
    page = render(request, "oidc_done.html", next=safe_path(tried.next))
    page.headers.append("set-cookie", cookie_line(here.desk, cookie))
    page.headers.append("set-cookie", _carried(here.desk, "", seconds=0))
    return page


def _sorry(request: Request, next_path: str, fault: ProviderFault) -> Response:
    log.warning("sign-in by issuer refused", extra={"reason": str(fault)[:300]})
    message = _("That did not sign you in here. Try again, or ask whoever makes accounts.")
    here = request.scope["marque.visit"]
    return render(
        request, "login.html", 401, message=message, next=safe_path(next_path), first_run=is_first_run(here)
    )
