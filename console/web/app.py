"""
The review desk as one ASGI application.

`create_app` opens the workspace once, reads the page modules named in `PAGES`, and puts the door before them. A new
page is a function on a module's `router`, a row in `console/access.py` and, where it has no module yet, a name in
`PAGES`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from importlib import import_module
from urllib.parse import urlsplit

from anyio.to_thread import current_default_thread_limiter
from argon2 import PasswordHasher
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from cases.errors import CaseError, UnknownFinding
from config.settings import Settings, code_version
from console.access import AccessTable
from console.errors import ConsoleError, NotFound
from console.outer_access import TABLES
from console.web.answers import refuse, say
from console.web.assets import our_assets
from console.web.credentials import Passwords, digest
from console.web.desk import Desk
from console.web.door import Door
from console.web.errors import BadAddress, Refused
from console.web.limits import RateLimit
from console.web.metrics import Metrics
from console.web.platform.sealed import SealedBatches
from console.web.review.guard import Guard
from console.web.review.pictures import Pictures
from console.web.showing import make_templates
from console.workspace import open_workspace
from reports.errors import ReportError
from store.records.doors import Entrance
from store.records.ids import Clock, NewId, new_id, utc_now

PAGES = (
    "console.web.operations",
    "console.web.scraping",
    "console.web.signin",
    "console.web.oidc.pages",
    "console.web.joining",
    "console.web.accounts",
    "console.web.today",
    "console.web.runs",
    "console.web.crawls.pages",
    "console.web.crawls.acts",
    "console.web.keeping.pages",
    "console.web.webhooks.pages",
    "console.web.tips.pages",
    "console.web.analytics.pages",
    "console.web.review.pages_review",
    "console.web.review.pages_listings",
    "console.web.review.pages_cases",
    "console.web.review.pages_captures",
    "console.web.review.pages_registry",
    "console.web.review.pages_sites",
    "console.web.review.pages_people",
    "console.web.notices.pages_notices",
    "console.web.notices.pages_batches",
    "console.web.notices.pages_budget",
    "console.web.notices.pages_clocks",
    "console.web.notices.pages_objections",
    "console.web.notices.pages_instruments",
    "console.web.notices.pages_holds",
)
"""Modules with a `router`. Of two routes that fit one address, the first one named answers."""

PAGES_OF: dict[Entrance, tuple[str, ...]] = {
    Entrance.STAFF: PAGES,
    Entrance.API: (
        "console.web.operations",
        "console.web.api.registry",
        "console.web.api.casework",
        "console.web.api.batches",
        "console.web.api.schedules",
        "console.web.api.tips",
    ),
    Entrance.HOLDER: (
        "console.web.operations",
        "console.web.signin",
        "console.web.oidc.pages",
        "console.web.joining",
        "console.web.accounts",
        "console.web.holder.pages_digest",
        "console.web.holder.pages_uploads",
        "console.web.holder.pages_registered",
        "console.web.holder.pages_register",
        "console.web.holder.pages_notices",
        "console.web.review.pages_listings",
        "console.web.review.pages_registry",
        "console.web.review.pages_people",
    ),
    Entrance.PLATFORM: (
        "console.web.operations",
        "console.web.platform.pages_links",
        "console.web.platform.pages_batches",
    ),
}
"""The same for each door."""

LOCAL = "http://127.0.0.1:8741"
# Measured with fifty reviewers: with forty at once a step took half as much processor time again as with three; a few
# more than three, so that one slow page does not hold up the rest.
PAGES_AT_ONCE = 6


def create_app(
    settings: Settings,
    *,
    origin: str = LOCAL,
    clock: Clock = utc_now,
    ids: NewId = new_id,
    setup_token: str | None = None,
    hasher: PasswordHasher | None = None,
    limit: RateLimit | None = None,
    entrance: Entrance = Entrance.STAFF,
) -> FastAPI:
    """
    The desk on the workspace of `settings`, or another door to it, for browsers that see it at `origin`.

    `setup_token` opens the first run's page once, while there is no account. Raises `NoWorkspace`, `SchemaOutdated`,
    and `BadAddress` for plain http beyond this machine.
    """
    check_origin(origin)
    stack = ExitStack()
    workspace = stack.enter_context(open_workspace(settings))
    assets = our_assets()
    desk = Desk(
        workspace=workspace,
        origin=origin.rstrip("/"),
        clock=clock,
        ids=ids,
        passwords=Passwords(hasher),
        templates=make_templates(assets),
        assets=assets,
        metrics=Metrics(code_version()),
        limit=limit or RateLimit(clock),
        setup_sha256=digest(setup_token) if setup_token else None,
        entrance=entrance,
        table=AccessTable(TABLES[entrance]),
    )

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        del app
        # Pages wait for the interpreter, not for the disk: forty of them at once only take it from one another.
        current_default_thread_limiter().total_tokens = PAGES_AT_ONCE
        with stack:
            yield

    app = FastAPI(
        title="Marque",
        version=code_version(),
        description="Review desk: findings, cases, notices and the evidence behind them.",
        openapi_url="/openapi.json" if entrance in (Entrance.STAFF, Entrance.API) else None,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
    )
    app.state.desk = desk
    app.state.guard = Guard(settings.home)
    app.state.pictures = stack.enter_context(Pictures(workspace.vault))
    if entrance is Entrance.PLATFORM:
        app.state.sealed = SealedBatches()
    for name in PAGES_OF[entrance]:
        router: APIRouter = import_module(name).router
        # Kept flat, so that the door finds each route's own template.
        app.router.routes.extend(
            route for route in router.routes if entrance is Entrance.STAFF or _is_listed(desk, route)
        )
    app.add_middleware(Door, desk=desk, routes=app.router.routes)
    _add_handlers(app)
    return app


def _is_listed(desk: Desk, route: BaseRoute) -> bool:
    """Whether an outer door's table names a route: a module may hold pages of other doors too."""
    methods, path = getattr(route, "methods", None) or (), getattr(route, "path", "")
    return any(desk.table.access_to(method, path) is not None for method in methods)


def check_origin(origin: str) -> None:
    """Raise `BadAddress` unless browsers come by TLS or stay on this machine."""
    parts = urlsplit(origin)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
        raise BadAddress(origin)


def _add_handlers(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    def refused(request: Request, error: Refused) -> Response:
        return say(request, error.status, str(error))

    @app.exception_handler(NotFound)
    def not_found(request: Request, error: NotFound) -> Response:
        del error  # its hint names commands; a page says it in its own words
        return refuse(request.scope, 404)

    @app.exception_handler(UnknownFinding)
    def no_finding(request: Request, error: UnknownFinding) -> Response:
        del error  # what is another's answers like what is not there, by forms as by pages
        return refuse(request.scope, 404)

    async def not_done(request: Request, error: Exception) -> Response:
        return say(request, 409, str(error))

    for kind in (CaseError, ReportError, ConsoleError):
        app.exception_handler(kind)(not_done)

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, error: RequestValidationError) -> Response:
        del error  # it repeats what was sent
        return refuse(request.scope, 422)

    @app.exception_handler(HTTPException)
    def plain(request: Request, error: HTTPException) -> Response:
        return refuse(request.scope, error.status_code)
