"""What the door and the pages say when they don't do what was asked."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.types import Scope

from console.web.api.problems import problem
from console.web.desk import Visit, render, visit_of
from console.web.words import gettext as _
from console.web.words import mark
from store.db.accounts import Accounts
from store.records.doors import Entrance
from store.records.scope import EVERYTHING

SENTENCES = {
    400: mark("The address is not one this desk answers to."),
    401: mark("Sign in to go on."),
    403: mark("Your role doesn't open this page."),
    404: mark("There is nothing here, or nothing you may see."),
    405: mark("This page can't be asked for in that way."),
    409: mark("That can't be done now."),
    413: mark("That is larger than this page takes."),
    422: mark("A field is missing or can't be read."),
    429: mark("Too many requests. Wait a moment."),
    500: mark("Something failed on our side. It is in the log under the number below."),
}
CLOSED = mark("This desk opens with the link in the notice that was sent to you.")
REASONS = {
    "nul": mark("What was sent holds a sign that no record can keep. Leave it out and send it again."),
    "form": mark("The form is out of date, or was not sent from here. Go back, reload the page and send it again."),
    "step-up": mark("This step needs a fresh one-time code."),
    "unlisted": mark("This page is not in the table of routes, so nobody may open it."),
}


def refuse(scope: Scope, status: int, why: str = "", headers: dict[str, str] | None = None) -> Response:
    """A refusal as the asker reads: a page, JSON, or a header for a piece of a page."""
    request = Request(scope)
    message = _(REASONS.get(why) or SENTENCES.get(status) or SENTENCES[500])
    return say(request, status, message, headers=headers, why=why)


def say(
    request: Request, status: int, message: str, *, headers: dict[str, str] | None = None, why: str = ""
) -> Response:
    """One message in the asker's form: JSON for a program, a page for a person, a way out for a piece of a page."""
    here = visit_of(request)
    headers = dict(headers or {})
    if here.desk.entrance is Entrance.API:
        if status == 401:
            headers["www-authenticate"] = "Bearer"
        return problem(status, message, here.request_id, headers)
    if request.url.path.startswith("/api/") or "application/json" in request.headers.get("accept", ""):
        headers.pop("location", None)
        body = {"error": message, "request": here.request_id}
        return JSONResponse(body, 403 if status == 303 else status, headers)
    if request.headers.get("hx-request") == "true":
        if status == 401:
            headers["hx-redirect"] = "/login"
        elif why == "step-up":
            headers["hx-redirect"] = headers.pop("location", "/step-up")
            status = 403
    if status == 303:
        return Response(status_code=303, headers=headers)
    step_up = headers.pop("location", None)
    if status == 401 and here.desk.entrance is Entrance.PLATFORM:
        page = render(request, "platform/closed.html", 401, message=_(CLOSED))
    elif status == 401:
        first_run = is_first_run(here)
        page = render(request, "login.html", 401, message="", next=request.url.path, first_run=first_run)
    else:
        page = render(request, "refused.html", status, message=message, code=status, step_up=step_up)
    page.headers.update(headers)
    return page


def is_first_run(here: Visit) -> bool:
    """Whether nobody has an account yet."""
    with here.read() as connection:
        return Accounts(connection, EVERYTHING).is_first_run()
