"""
Who may ask for what at the outer doors: a deny-by-default table for each, as `access` has for the review desk.

The doors are processes and origins of their own. What a visitor sees inside a page is narrowed further: a link by its
one batch, a holder's account and a key by their scope.
"""

from __future__ import annotations

from console.access import EXPERTS, FORM_BYTES, ROUTES, UPLOAD_BYTES, Access
from store.records.accounts import Role
from store.records.doors import ApiScope, Entrance

RECIPIENTS = frozenset({Role.RECIPIENT})
"""Whoever opened a signed link."""

SHEET_BYTES = 34 << 20  # an answer sheet of 32 MB, and what a form adds to it


def _open(method: str, path: str) -> Access:
    return Access(method=method, path=path, is_open=True)


def _for_recipients(
    path: str, *, method: str = "GET", body_bytes: int = FORM_BYTES, is_background: bool = False
) -> Access:
    return Access(method=method, path=path, roles=RECIPIENTS, body_bytes=body_bytes, is_background=is_background)


MACHINES: tuple[Access, ...] = (
    _open("GET", "/healthz"),
    _open("GET", "/readyz"),
    _open("GET", "/static/{name}"),
)

PLATFORM_ROUTES: tuple[Access, ...] = (
    *MACHINES,
    _open("GET", "/open/{token}"),  # says what the link is; opens nothing yet, so that mail scanners use none up
    _open("POST", "/open/{token}"),
    _open("GET", "/verify.py"),
    _open("GET", "/keys.json"),
    _for_recipients("/"),
    _for_recipients("/batches/{number}"),
    _for_recipients("/batches/{number}.json"),
    _for_recipients("/batches/{number}.csv"),
    _for_recipients("/batches/{number}/evidence"),
    _for_recipients("/batches/{number}/batch.zip"),
    _for_recipients("/batches/{number}/answers.csv"),
    _for_recipients("/batches/{number}/answers", method="POST", body_bytes=SHEET_BYTES),
    _for_recipients("/batches/{number}/colleague", method="POST"),
    _for_recipients("/batches/{number}/items/{item}"),
    _for_recipients("/batches/{number}/items/{item}", method="POST"),
    _for_recipients("/batches/{number}/picture/{sha256}", is_background=True),
    _for_recipients("/batches/{number}/files/{name}"),
    _for_recipients("/batches/{number}/receipts/{receipt}"),
    _for_recipients("/batches/{number}/receipts/{receipt}.json"),
)


def _for_keys(method: str, path: str, scope: ApiScope, *, body_bytes: int = FORM_BYTES) -> Access:
    return Access(method=method, path=f"/api/v1{path}", key_scope=scope, body_bytes=body_bytes)


BODY_BYTES = 8 << 20  # five thousand rows or answers as JSON
S = ApiScope
REGISTERED = ("rights", "products", "works", "references", "sellers")

API_ROUTES: tuple[Access, ...] = (
    *MACHINES,
    _open("GET", "/openapi.json"),
    *(_for_keys("GET", f"/{kind}", S.REGISTRY_READ) for kind in REGISTERED),
    _for_keys("GET", "/rights/{right}", S.REGISTRY_READ),
    _for_keys("POST", "/registry/{kind}", S.REGISTRY_WRITE, body_bytes=BODY_BYTES),
    _for_keys("GET", "/findings", S.FINDINGS_READ),
    _for_keys("GET", "/findings/{finding}", S.FINDINGS_READ),
    _for_keys("GET", "/cases", S.CASES_READ),
    _for_keys("GET", "/cases/{number}", S.CASES_READ),
    _for_keys("GET", "/batches", S.BATCHES_READ),
    _for_keys("GET", "/batches/{number}", S.BATCHES_READ),
    _for_keys("GET", "/batches/{number}/items", S.BATCHES_READ),
    _for_keys("POST", "/batches/{number}/answers", S.ANSWERS_WRITE, body_bytes=BODY_BYTES),
    _for_keys("GET", "/batches/{number}/receipts/{receipt}", S.ANSWERS_READ),
    _for_keys("GET", "/answers", S.ANSWERS_READ),
    _for_keys("GET", "/schedules", S.SCHEDULES_READ),
    _for_keys("POST", "/schedules", S.SCHEDULES_WRITE),
    _for_keys("POST", "/schedules/{schedule}/pause", S.SCHEDULES_WRITE),
    _for_keys("POST", "/schedules/{schedule}/resume", S.SCHEDULES_WRITE),
    _for_keys("DELETE", "/schedules/{schedule}", S.SCHEDULES_WRITE),
    _for_keys("POST", "/tips", S.TIPS_WRITE),
    _for_keys("GET", "/tips", S.TIPS_READ),
    _for_keys("GET", "/tips/{tip}", S.TIPS_READ),
)


PHOTOS_BYTES = 256 << 20  # an archive of 5,000 photos of 50 kB; it waits on disk, never whole in memory


def _for_holders(
    path: str,
    *,
    method: str = "GET",
    body_bytes: int = FORM_BYTES,
    needs_step_up: bool = False,
    is_background: bool = False,
) -> Access:
    return Access(
        method=method,
        path=path,
        roles=EXPERTS,
        body_bytes=body_bytes,
        needs_step_up=needs_step_up,
        is_background=is_background,
    )


HOLDER_ROUTES: tuple[Access, ...] = (
    *MACHINES,
    _open("GET", "/login"),
    _open("POST", "/login"),
    _open("GET", "/sign-in/oidc"),
    _open("GET", "/sign-in/oidc/back"),
    _open("GET", "/welcome"),  # only with the token of an open invitation
    _open("POST", "/welcome"),
    _for_holders("/logout", method="POST"),
    _for_holders("/step-up"),
    _for_holders("/step-up", method="POST"),
    _for_holders("/account"),
    _for_holders("/account/password", method="POST", needs_step_up=True),
    _for_holders("/account/sessions", method="POST"),
    _for_holders("/"),
    _for_holders("/register/{kind}/template.csv"),
    _for_holders("/register/photos", method="POST", body_bytes=PHOTOS_BYTES),
    _for_holders("/register/uploads/{upload}.json"),
    _for_holders("/register/uploads/{upload}.csv"),
    _for_holders("/register/uploads/{upload}"),
    _for_holders("/live/uploads/{upload}", is_background=True),
    _for_holders("/register/{kind}", method="POST", body_bytes=UPLOAD_BYTES),
    _for_holders("/registered/{kind}.json"),
    _for_holders("/registered/{kind}.csv"),
    _for_holders("/registered/{kind}"),
    _for_holders("/rights"),
    _for_holders("/rights.json"),
    _for_holders("/rights.csv"),
    _for_holders("/determinations"),
    _for_holders("/determinations.json"),
    _for_holders("/determinations.csv"),
    _for_holders("/determinations/{finding}"),
    _for_holders("/determinations/{finding}", method="POST"),
    _for_holders("/rights/{right}"),
    _for_holders("/references/{reference}"),
    _for_holders("/picture/{sha256}", is_background=True),
    _for_holders("/digest"),
    _for_holders("/digest.json"),
    _for_holders("/digest.csv"),
    _for_holders("/notices"),
    _for_holders("/notices.json"),
    _for_holders("/notices.csv"),
    _for_holders("/notices/{number}"),
    _for_holders("/notices/{number}/withdraw", method="POST", needs_step_up=True),
)

TABLES: dict[Entrance, tuple[Access, ...]] = {
    Entrance.STAFF: ROUTES,
    Entrance.HOLDER: HOLDER_ROUTES,
    Entrance.PLATFORM: PLATFORM_ROUTES,
    Entrance.API: API_ROUTES,
}
"""Every door's table."""
