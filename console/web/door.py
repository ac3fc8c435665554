"""
The door every request passes, before any page sees it.

In this order: request id, Host, rate, body size, who is it, does the table of routes let them in, was the form ours.
Whatever the answer, it leaves with the security headers and one line in the log, which holds no address, no query and
no name.
"""

from __future__ import annotations

import logging
import secrets
import time
from contextlib import nullcontext
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from traceback import extract_tb
from urllib.parse import quote, urlsplit

import anyio
from anyio.to_thread import run_sync
from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.access import FORM_BYTES, Access, may
from console.web import words
from console.web.answers import refuse
from console.web.bodies import Body, receive_body
from console.web.credentials import new_token
from console.web.desk import ABSOLUTE, Desk, Visit, csrf_token_of
from console.web.logs import REQUEST
from console.web.who import Known, by_key, by_links, by_session
from store.records.doors import Entrance

log = logging.getLogger("marque.desk")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NULS = (b"\x00", b"%00", rb"\u0000")  # as sent, in an address or a form, in JSON: PostgreSQL keeps no such text
UPLOADS_AT_ONCE = 3  # each is read into pictures or rows; the others wait on disk

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
EVIDENCE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
"""For captured bytes: no script, no network, an origin of their own. A page sets it on its answer; it stays."""

SEALED_PAGE_POLICY = f"{EVIDENCE_POLICY}; img-src data:"
"""For the page of a sealed batch: as strict, and its own pictures, which were written anew, are shown."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not no-referrer: a browser then sends `Origin: null` with our own forms, like those of strangers.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000; includeSubDomains"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Where a request leads: the route's template, its rule, and whether the method fits."""

    template: str | None  # None: no such page
    method_fits: bool
    access: Access | None


class Door:
    """ASGI middleware: lets in, or answers itself."""

    def __init__(self, app: ASGIApp, *, desk: Desk, routes: list[BaseRoute]) -> None:
        self.app = app
        self.desk = desk
        self.routes = routes
        self._uploads = anyio.Semaphore(UPLOADS_AT_ONCE)
        parts = urlsplit(desk.origin)
        self.hosts = {parts.netloc.lower()}
        if parts.hostname in ("127.0.0.1", "localhost", "::1"):
            port = f":{parts.port}" if parts.port else ""
            self.hosts |= {f"{name}{port}" for name in ("127.0.0.1", "localhost", "[::1]")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # the desk has no websockets
            await send({"type": "websocket.close", "code": 1008})
            return
        started = time.perf_counter()
        request_id = secrets.token_hex(8)
        REQUEST.set(request_id)
        way = self._way(scope)
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(message, request_id)
            await send(message)

        try:
            await self._serve(scope, receive, answer, way, request_id)
        except Exception as error:  # the one boundary per request
            # The kind of error and where it was; never its message, which may hold what was crawled.
            where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
            log.error(
                "request failed",
                extra={"request": request_id, "error": type(error).__name__, "where": where[-6:]},
            )
            if status:
                raise
            response = await run_sync(refuse, scope, 500)
            await response(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - started
            route = way.template or "none"
            self.desk.metrics.answered(_known_method(scope["method"]), route, status, seconds)
            log.info(
                "request",
                extra={
                    "request": request_id,
                    "method": _known_method(scope["method"]),
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                },
            )

    async def _serve(self, scope: Scope, receive: Receive, send: Send, way: _Way, request_id: str) -> None:
        headers = Headers(scope=scope)
        words.speak(words.choose(headers.get("accept-language", ""), None))
        scope["marque.visit"] = self._visit(request_id, cookie="", known=None)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            await self._refuse(scope, receive, send, 400, "host")
            return
        cookie = _read_cookie(headers.getlist("cookie"), self.desk.cookie)
        known = await run_sync(self._who, cookie, headers, way)
        account = known.account if known else None
        address = scope["client"][0] if scope.get("client") else "unknown"
        wait = self.desk.limit.wait_s(account.id if account else address, is_account=account is not None)
        if account is not None and account.language:
            words.speak(account.language)
        is_new_stranger = account is None and (cookie is None or len(cookie) < 20)
        value = new_token() if is_new_stranger or cookie is None else cookie
        visit = self._visit(request_id, cookie=value, known=known)
        scope["marque.visit"] = visit
        if wait:
            await self._refuse(scope, receive, send, 429, "rate", {"retry-after": str(wait)})
            return
        takes_cookies = self.desk.entrance is not Entrance.API
        if is_new_stranger and takes_cookies and scope["path"] not in ("/healthz", "/readyz", "/metrics"):
            send = self._giving_cookie(send, value)
        verdict = self._judge(visit, way, scope)
        if verdict is not None:
            status, why = verdict
            more = {"location": f"/step-up?next={quote(self._asked(scope, headers))}"} if why == "step-up" else None
            await self._refuse(scope, receive, send, status, why, more)
            return
        if "\x00" in scope["path"] or _holds_nul(scope["query_string"]):
            await self._refuse(scope, receive, send, 400, "nul")
            return
        if scope["method"] not in SAFE:
            most = way.access.body_bytes if way.access else FORM_BYTES
            body = await receive_body(receive, headers, most)
            if body is None:
                # The rest is not read: without the end of the line, the server would swallow it all.
                await self._refuse(scope, receive, send, 413, "size", {"connection": "close"})
                return
            try:
                is_file = headers.get("content-type", "").startswith("multipart/")
                if not is_file and body.holds(NULS):
                    await self._refuse(scope, body.replay(), send, 400, "nul")
                    return
                async with self._uploads if body.is_upload else nullcontext():
                    fault = await self._fault(scope, headers, body, value) if takes_cookies else None
                    if fault is not None:
                        await self._refuse(scope, body.replay(), send, 400 if fault == "nul" else 403, fault)
                    else:
                        await self.app(scope, body.replay(), send)
            finally:
                body.close()
            return
        await self.app(scope, receive, send)

    def _way(self, scope: Scope) -> _Way:
        """The first route that fits; the table is asked for its template, never for the address itself."""
        partial: str | None = None
        for route in self.routes:
            match, _ = route.matches(scope)
            template = getattr(route, "path", None)
            if match is Match.FULL:
                access = self.desk.table.access_to(scope["method"], template) if isinstance(template, str) else None
                return _Way(template=template, method_fits=True, access=access)
            if match is Match.PARTIAL:
                partial = template
        return _Way(template=partial, method_fits=False, access=None)

    def _judge(self, visit: Visit, way: _Way, scope: Scope) -> tuple[int, str] | None:
        """None to let in, or the answer and why. A stranger learns nothing of what exists."""
        access = way.access
        if access is None or not way.method_fits:
            if way.method_fits:
                log.error("route is not in the table", extra={"request": visit.request_id, "route": way.template})
                return (403 if visit.account else 401), "unlisted"
            if visit.account is None:
                return 401, "stranger"
            return (404, "missing") if way.template is None else (405, "method")
        if not _may(visit, access):
            return (401, "stranger") if visit.account is None else (403, "role")
        if access.needs_step_up and not visit.has_stepped_up:
            return (303 if scope["method"] in SAFE else 403), "step-up"
        return None

    def _who(self, cookie: str | None, headers: Headers, way: _Way) -> Known | None:
        """Who asks, by what this door takes for a proof of it."""
        if self.desk.entrance is Entrance.API:
            return by_key(self.desk, headers)
        if cookie is None:
            return None
        if self.desk.entrance is Entrance.PLATFORM:
            return by_links(self.desk, cookie)
        is_background = way.access is not None and way.access.is_background
        return by_session(self.desk, cookie, is_background=is_background)

    def _visit(self, request_id: str, *, cookie: str, known: Known | None) -> Visit:
        return Visit(
            desk=self.desk,
            request_id=request_id,
            cookie=cookie,
            account=known.account if known else None,
            session=known.session if known else None,
            language=words.spoken(),
            links=known.links if known else (),
            key=known.key if known else None,
        )

    async def _fault(self, scope: Scope, headers: Headers, body: Body, cookie: str) -> str | None:
        """
        None where a page of ours sent this: no foreign origin, and the token that belongs to the cookie.

        `nul` where a form with files says something that no record can keep: a file's own bytes may hold anything.
        """
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() not in self.hosts:
            return "form"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "form"
        token = headers.get("x-csrf-token")
        holds_nul = False
        if token is None or headers.get("content-type", "").startswith("multipart/"):
            try:
                form = await Request(scope, body.replay()).form()
            except HTTPException:  # no form at all, or one of more parts than any page of ours sends
                return "form"
            if token is None:
                given = form.get("csrf_token")
                token = given if isinstance(given, str) else ""
            said = [part if isinstance(part, str) else part.filename or "" for _, part in form.multi_items()]
            holds_nul = any("\x00" in each for each in (*said, *form.keys()))
            await form.close()
        if not secrets.compare_digest(token.encode(), csrf_token_of(cookie).encode()):
            return "form"
        return "nul" if holds_nul else None

    async def _refuse(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        status: int,
        why: str,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.desk.metrics.refused.labels(why).inc()
        response: Response = await run_sync(refuse, scope, status, why, headers)
        await response(scope, receive, send)

    def _asked(self, scope: Scope, headers: Headers) -> str:
        """Where to come back to: the page asked for with its query, or the page of ours on which a form stood."""
        if scope["method"] in SAFE:
            query = scope.get("query_string", b"").decode("ascii", "ignore")
            return f"{scope['path']}?{query}" if query else str(scope["path"])
        stood_on = urlsplit(headers.get("referer", ""))
        if stood_on.netloc.lower() not in self.hosts:
            return "/"
        return f"{stood_on.path}?{stood_on.query}" if stood_on.query else stood_on.path

    def _giving_cookie(self, send: Send, value: str) -> Send:
        """A stranger gets a cookie too: the token of the sign-in form hangs on it."""

        async def giving(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if not any(each.startswith(f"{self.desk.cookie}=") for each in headers.getlist("set-cookie")):
                    headers.append("set-cookie", cookie_line(self.desk, value))
            await send(message)

        return giving

    def _dress(self, message: Message, request_id: str) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers[name] = value
        if headers.get("content-security-policy") not in (EVIDENCE_POLICY, SEALED_PAGE_POLICY):
            headers["content-security-policy"] = CONTENT_POLICY
        if self.desk.is_https:
            headers["strict-transport-security"] = HSTS
        headers["x-request-id"] = request_id
        if "cache-control" not in headers:
            headers["cache-control"] = "no-store"


def cookie_line(desk: Desk, value: str, *, expires: bool = False, seconds: int | None = None) -> str:
    """The `Set-Cookie` of a session, or of its end; `seconds` where it holds for another time than a session."""
    secure = "; Secure" if desk.is_https else ""
    lasts = int(ABSOLUTE.total_seconds()) if seconds is None else seconds
    age = "; Max-Age=0" if expires else f"; Max-Age={lasts}"
    return f"{desk.cookie}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}"


def _may(visit: Visit, access: Access) -> bool:
    if access.key_scope is not None:
        return visit.key is not None and access.key_scope in visit.key.scopes
    return may(visit.account, access)


def _known_method(method: str) -> str:
    # A made-up method would become a label of its own.
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"


def _read_cookie(lines: list[str], name: str) -> str | None:
    values = []
    for line in lines:
        try:
            jar = SimpleCookie(line)
        except CookieError:
            continue
        if name in jar:
            values.append(jar[name].value)
    # Two of one name: somebody planted one; neither is believed.
    return values[0] if len(values) == 1 else None


def _holds_nul(sent: bytes) -> bool:
    return any(nul in sent for nul in NULS)
