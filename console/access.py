"""
Who may ask for what: one table of every route, deny by default.

A route that is not in `ROUTES` is refused whoever asks, and a test fails on it. To add a page, add its route here.
What a reader sees inside a page is narrowed by `scope_of`, which every repository takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from store.records.accounts import Account, Role
from store.records.scope import Scope

FORM_BYTES = 64 << 10  # a form of ours has a few fields; long notes fit many times
UPLOAD_BYTES = 25 << 20  # a sheet or a photo handed in; the photo guard stops at 20 MB

READERS = frozenset({Role.OFFICER, Role.REVIEWER, Role.APPROVER, Role.SIGNATORY, Role.AUDITOR})
"""The unit's own people: they read everything in their scope."""

DECIDERS = frozenset({Role.OFFICER, Role.REVIEWER})
"""Those who decide findings."""

EXPERTS = frozenset({Role.HOLDER_EXPERT})
"""Those who say for a holder what is genuine."""

ADMINS = frozenset({Role.ADMIN})
"""Those who make accounts."""

EVERYONE = frozenset(Role)
"""Whoever is signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """
    Who may ask for one route.

    `is_open` lets strangers in. `needs_step_up` asks for a fresh one-time code. `is_background` marks what a page
    asks for by itself, so that it doesn't keep an abandoned browser signed in.
    """

    method: str
    path: str  # the route's template, as declared
    roles: frozenset[Role] = frozenset()
    is_open: bool = False
    needs_step_up: bool = False
    is_background: bool = False
    body_bytes: int = FORM_BYTES


def _open(method: str, path: str) -> Access:
    return Access(method=method, path=path, is_open=True)


def _page(
    path: str, roles: Iterable[Role], *, method: str = "GET", needs_step_up: bool = False, is_background: bool = False
) -> Access:
    return Access(
        method=method,
        path=path,
        roles=frozenset(roles),
        needs_step_up=needs_step_up,
        is_background=is_background,
    )


ROUTES: tuple[Access, ...] = (
    # Machines and strangers.
    _open("GET", "/healthz"),
    _open("GET", "/readyz"),
    _open("GET", "/metrics"),
    _open("GET", "/openapi.json"),
    _open("GET", "/static/{name}"),
    # The door.
    _open("GET", "/login"),
    _open("POST", "/login"),
    _page("/logout", EVERYONE, method="POST"),
    _page("/step-up", EVERYONE),
    _page("/step-up", EVERYONE, method="POST"),
)

_BY_ROUTE = {(access.method, access.path): access for access in ROUTES}


def access_to(method: str, path: str) -> Access | None:
    """The rule for a route's template; None where the table has none, which means: refuse."""
    return _BY_ROUTE.get(("GET" if method == "HEAD" else method, path))


def may(account: Account | None, access: Access) -> bool:
    """Whether this account (None: a stranger) may ask for this route."""
    if access.is_open:
        return True
    return account is not None and not access.roles.isdisjoint(account.roles)


def scope_of(account: Account) -> Scope:
    """
    What the account sees: one holder's records, one compartment's, or all.

    An expert or a recipient without a holder or platform of their own sees nothing at all: a forgotten setting
    opens nothing.
    """
    holder = account.holder
    outsiders = {Role.HOLDER_EXPERT, Role.RECIPIENT}
    if holder is None and not outsiders.isdisjoint(account.roles):
        holder = "nobody"
    return Scope(holder=holder, compartment=account.compartment)
