"""The open desk, one visit to it, and how a page is drawn."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import jinja2
from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from console.access import AccessTable, may, scope_of
from console.web import showing
from console.web.assets import Assets
from console.web.credentials import Passwords
from console.web.limits import RateLimit
from console.web.metrics import Metrics
from console.workspace import Workspace
from store.records.accounts import Account, Session
from store.records.doors import ApiKey, BatchLink, Entrance
from store.records.ids import Clock, NewId
from store.records.scope import Scope

IDLE = timedelta(minutes=15)  # OWASP: 15 to 30 minutes for what is sensitive
ABSOLUTE = timedelta(hours=12)  # a working day, however busy
STEP_UP = timedelta(minutes=10)  # chosen: a code opens the door to one sitting, not to the day


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every page stands on, opened once."""

    workspace: Workspace
    origin: str  # as the browser sees it: scheme://host:port
    clock: Clock
    ids: NewId
    passwords: Passwords
    templates: jinja2.Environment
    assets: Assets
    metrics: Metrics
    limit: RateLimit
    setup_sha256: str | None  # of the one-time link of the first run; None: that link was not asked for
    entrance: Entrance
    table: AccessTable  # of this door's routes

    @property
    def is_https(self) -> bool:
        """Whether the browser speaks TLS."""
        return urlsplit(self.origin).scheme == "https"

    @property
    def cookie(self) -> str:
        """The session cookie's name; `__Host-` binds it to this host and to TLS. Source: RFC 6265bis, 4.1.3.2."""
        # Browsers keep cookies by host and not by port: each door has a name of its own.
        name = "marque" if self.entrance is Entrance.STAFF else f"marque-{self.entrance.value}"
        return f"__Host-{name}" if self.is_https else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request: who asks, in which scope, in which language."""

    desk: Desk
    request_id: str
    cookie: str  # the value the browser carries, a stranger's as well
    account: Account | None  # None: a stranger
    session: Session | None
    language: str
    links: tuple[BatchLink, ...] = ()  # what this browser opened with signed links
    key: ApiKey | None = None  # what a program showed

    @property
    def person(self) -> Account:
        """Who is signed in; the access table has seen to it that somebody is."""
        if self.account is None:
            raise RuntimeError("a page for strangers asked who is signed in")
        return self.account

    @property
    def by(self) -> str:
        """The name decisions are signed with."""
        return self.person.name

    @property
    def scope(self) -> Scope:
        """What every repository of this request is narrowed to."""
        if self.key is not None:
            return Scope(holder=self.key.holder, compartment=self.key.compartment)
        return scope_of(self.person)

    @property
    def csrf_token(self) -> str:
        """What every form carries: bound to the cookie, which no other site can read."""
        return csrf_token_of(self.cookie)

    @property
    def has_stepped_up(self) -> bool:
        """Whether a fresh one-time code was given lately."""
        at = self.session.stepped_up_at if self.session else None
        return at is not None and self.desk.clock() - at <= STEP_UP

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction."""
        with self.desk.workspace.database.read() as connection:
            yield connection


def csrf_token_of(cookie: str) -> str:
    """The token that belongs to a cookie."""
    return hmac.new(cookie.encode(), b"marque form", hashlib.sha256).hexdigest()


def visit_of(request: Request) -> Visit:
    """The visit that the door made of this request."""
    visit: Visit = request.scope["marque.visit"]
    return visit


async def _here(request: Request) -> Visit:
    # Nothing is waited for: a plain function would cost each request a thread of its own.
    return visit_of(request)


Here = Annotated[Visit, Depends(_here)]
"""The parameter a page takes: `def page(request: Request, here: Here) -> Response`."""

LARGEST = 2_147_483_647  # what an integer column of PostgreSQL holds; beyond it the database itself would fail

Number = Annotated[int, Path(ge=1, le=LARGEST)]
"""The number of a case, a notice or a batch in an address."""


def read_number(text: str) -> int | None:
    """A whole number from 0 on that every database holds; None for anything else."""
    # `isdigit` alone lets raised and circled digits pass, which `int` refuses.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
        return None
    return number if (number := int(text)) <= LARGEST else None


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:  # Any: for templates
    """
    The page that `template` makes of `context`; adds `here`, `account`, `csrf_token`, `path`, the menu and `leads`,
    which tells whether a route is open to this reader at this door: pages shared by doors link to no refusal.

    Everything is escaped: no template switches that off.
    """
    here = visit_of(request)

    def leads(template: str) -> bool:
        access = here.desk.table.access_to("GET", template)
        return access is not None and may(here.account, access)

    text = here.desk.templates.get_template(template).render(
        here=here,
        account=here.account,
        csrf_token=here.csrf_token,
        path=request.url.path,
        menu=showing.menu(here.account, request.url.path, here.desk.entrance.value, here.desk.table),
        entrance=here.desk.entrance.value,
        leads=leads,
        **context,
    )
    return HTMLResponse(text, status_code=status)


def go(path: str) -> RedirectResponse:
    """Send the browser on to a page of ours, after a form was done."""
    return RedirectResponse(safe_path(path), status_code=303)


def safe_path(path: str | None) -> str:
    """The path when it leads into this desk, else the first page: never another site, never a header's end."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    if "\\" in path or any(ord(sign) < 0x21 or ord(sign) > 0x7E for sign in path):
        return "/"
    return path
