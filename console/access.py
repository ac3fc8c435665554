"""
Who may ask for what: one table of every route of the desk, deny by default; `outer_access` has the outer doors'.

A route that is not in its table is refused whoever asks, and a test fails on it. To add a page, add its route here.
What a reader sees inside a page is narrowed by `scope_of`, which every repository takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from store.records.accounts import Account, Role
from store.records.doors import ApiScope
from store.records.scope import Scope

FORM_BYTES = 64 << 10  # a form of ours has a few fields; long notes fit many times
UPLOAD_BYTES = 25 << 20  # a sheet or a photo handed in; the photo guard stops at 20 MB

READERS = frozenset({Role.OFFICER, Role.REVIEWER, Role.APPROVER, Role.SIGNATORY, Role.AUDITOR})
"""The unit's own people: they read everything in their scope."""

DECIDERS = frozenset({Role.OFFICER, Role.REVIEWER})
"""Those who decide findings."""

SENDERS = frozenset({Role.OFFICER, Role.APPROVER, Role.SIGNATORY})
"""Those who take signed notices out of the house."""

EXPERTS = frozenset({Role.HOLDER_EXPERT})
"""Those who say for a holder what is genuine."""

ADMINS = frozenset({Role.ADMIN})
"""Those who make accounts."""

TELLERS = frozenset({Role.OFFICER, Role.AUDITOR, Role.ADMIN})
"""Those who see what webhooks were told."""

CURVES = ("removal", "answers", "returns")
"""Questions whose figure is a curve over time."""

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
    key_scope: ApiScope | None = None  # what a program's key has to hold; None: no key opens it


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
    _open("GET", "/sign-in/oidc"),  # only where an issuer is set
    _open("GET", "/sign-in/oidc/back"),  # only with the state of an open try, in the browser that began it
    _page("/logout", EVERYONE, method="POST"),
    _page("/step-up", EVERYONE),
    _page("/step-up", EVERYONE, method="POST"),
    _open("GET", "/setup"),  # only while nobody has an account, and only with the token `marque serve` printed
    _open("POST", "/setup"),
    _open("GET", "/welcome"),  # only with the token of an open invitation
    _open("POST", "/welcome"),
    # Accounts.
    _page("/account", EVERYONE),
    _page("/account/password", EVERYONE, method="POST", needs_step_up=True),
    _page("/account/sessions", EVERYONE, method="POST"),
    _page("/accounts", ADMINS),
    _page("/accounts", ADMINS, method="POST", needs_step_up=True),
    _page("/accounts/{id}/roles", ADMINS, method="POST", needs_step_up=True),
    _page("/accounts/{id}/disable", ADMINS, method="POST", needs_step_up=True),
    _page("/accounts/{id}/enable", ADMINS, method="POST", needs_step_up=True),
    _page("/accounts/{id}/sessions", ADMINS, method="POST", needs_step_up=True),
    _page("/accounts/{id}/invite", ADMINS, method="POST", needs_step_up=True),
    # The day's work.
    _page("/", EVERYONE),
    _page("/answers/{kind}/{id}/read", DECIDERS | {Role.APPROVER, Role.SIGNATORY}, method="POST"),
    _page("/runs", READERS),
    _page("/crawls", READERS),
    _page("/crawls.json", READERS),
    _page("/crawls.csv", READERS),
    _page("/crawls/schedules", {Role.OFFICER}, method="POST"),
    _page("/crawls/schedules/{schedule}/{act}", {Role.OFFICER}, method="POST"),
    _page("/crawls/opt-outs", {Role.OFFICER}, method="POST"),
    _page("/crawls/opt-outs/end", {Role.OFFICER}, method="POST", needs_step_up=True),
    _page("/crawls/permissions", {Role.OFFICER}, method="POST"),
    _page("/crawls/permissions/{permission}/{act}", {Role.OFFICER, Role.APPROVER}, method="POST", needs_step_up=True),
    _page("/keeping", READERS),
    _page("/keeping.json", READERS),
    _page("/keeping.csv", READERS),
    _page("/live/runs", READERS, is_background=True),
    _page("/live/runs/{id}", READERS, is_background=True),
    # Review.
    _page("/review", READERS),
    _page("/review.json", READERS),
    _page("/review.csv", READERS),
    _page("/review/next", DECIDERS),
    _page("/review/together", DECIDERS, method="POST"),
    _page("/findings", READERS),
    _page("/findings.json", READERS),
    _page("/findings.csv", READERS),
    _page("/findings/{finding}", READERS),
    _page("/findings/{finding}/decide", DECIDERS, method="POST"),
    _page("/findings/{finding}/undo", DECIDERS, method="POST"),
    # Records.
    _page("/listings", READERS),
    _page("/listings.json", READERS),
    _page("/listings.csv", READERS),
    _page("/listings/{listing}", READERS),
    _page("/sellers/{seller}", READERS),
    _page("/sellers/{seller}/reveal", DECIDERS, method="POST", needs_step_up=True),
    _page("/cases", READERS),
    _page("/cases.json", READERS),
    _page("/cases.csv", READERS),
    _page("/cases/{number}", READERS),
    _page("/sites", READERS),
    _page("/sites.json", READERS),
    _page("/sites.csv", READERS),
    _page("/sites/{domain}", READERS),
    _page("/captures/{capture}", READERS),
    _page("/captures/{capture}/body", READERS),
    _page("/captures/{capture}/reveal", DECIDERS, method="POST", needs_step_up=True),
    _page("/picture/{sha256}", READERS | EXPERTS, is_background=True),
    _page("/pictures/{sha256}", READERS),
    _page("/runs.json", READERS),
    _page("/runs.csv", READERS),
    _page("/runs/{run}", READERS),
    _page("/rights", READERS | EXPERTS),
    _page("/rights.json", READERS | EXPERTS),
    _page("/rights.csv", READERS | EXPERTS),
    _page("/rights/{right}", READERS | EXPERTS),
    _page("/references/{reference}", READERS | EXPERTS),
    # People's judgement.
    _page("/determinations", READERS | EXPERTS),
    _page("/determinations.json", READERS | EXPERTS),
    _page("/determinations.csv", READERS | EXPERTS),
    _page("/determinations/{finding}", READERS | EXPERTS),
    _page("/determinations/{finding}", EXPERTS, method="POST"),
    # Notices and batches.
    _page("/cases/{number}/notice", {Role.OFFICER}, method="POST"),
    _page("/notices", READERS),
    _page("/notices.json", READERS),
    _page("/notices.csv", READERS),
    _page("/notices/export", SENDERS, method="POST", needs_step_up=True),
    _page("/notices/{number}", READERS),
    _page("/notices/{number}/approve", {Role.APPROVER}, method="POST", needs_step_up=True),
    _page("/notices/{number}/sign", {Role.SIGNATORY}, method="POST", needs_step_up=True),
    _page("/notices/{number}/send-back", {Role.APPROVER, Role.SIGNATORY}, method="POST"),
    _page("/notices/{number}/recall", {Role.APPROVER, Role.SIGNATORY}, method="POST", needs_step_up=True),
    _page("/notices/{number}/export", SENDERS, method="POST", needs_step_up=True),
    # Tips: addresses to look at.
    _page("/tips", READERS),
    _page("/tips.json", READERS),
    _page("/tips.csv", READERS),
    _page("/tips", DECIDERS, method="POST"),
    _page("/tips/{tip}/accept", {Role.OFFICER}, method="POST"),
    _page("/tips/{tip}/dismiss", DECIDERS, method="POST"),
    # Webhooks: who is told, and what was given up.
    _page("/webhooks", TELLERS),
    _page("/webhooks.json", TELLERS),
    _page("/webhooks.csv", TELLERS),
    _page("/webhooks/{message}/replay", TELLERS - {Role.AUDITOR}, method="POST"),
    _page("/webhooks", TELLERS - {Role.AUDITOR}, method="POST", needs_step_up=True),
    _page("/webhooks/addresses/{webhook}/{act}", TELLERS - {Role.AUDITOR}, method="POST", needs_step_up=True),
    # Clocks.
    _page("/deadlines", READERS),
    _page("/deadlines.json", READERS),
    _page("/deadlines.csv", READERS),
    _page("/deadlines/{deadline}/step", SENDERS, method="POST"),
    _page("/budget/release", {Role.OFFICER, Role.APPROVER}, method="POST", needs_step_up=True),
    _page("/objections", READERS),
    _page("/objections.json", READERS),
    _page("/objections.csv", READERS),
    _page("/objections/{objection}/answer", SENDERS, method="POST", needs_step_up=True),
    _open("GET", "/calendar/{token}"),  # only with the code of an open account, which its address carries
    _page("/batches", READERS),
    _page("/batches.json", READERS),
    _page("/batches.csv", READERS),
    _page("/batches/{number}", READERS),
    _page("/batches/{number}/page", READERS),
    _page("/batches/{number}/queue", SENDERS, method="POST", needs_step_up=True),
    _page("/batches/{number}/settle", SENDERS, method="POST", needs_step_up=True),
    _page("/batches/{number}/batch.zip", SENDERS | {Role.AUDITOR}, needs_step_up=True),
    # Orders, requests to preserve, referrals; holds on notices.
    _page("/instruments", READERS),
    _page("/instruments.json", READERS),
    _page("/instruments.csv", READERS),
    _page("/cases/{number}/instruments", READERS),
    _page("/cases/{number}/instruments", {Role.OFFICER}, method="POST"),
    _page("/instruments/{number}", READERS),
    _page("/instruments/{number}/instrument.txt", SENDERS | {Role.AUDITOR}, needs_step_up=True),
    _page("/instruments/{number}/approve", {Role.APPROVER}, method="POST", needs_step_up=True),
    _page("/instruments/{number}/issue", {Role.SIGNATORY}, method="POST", needs_step_up=True),
    _page("/instruments/{number}/renew", {Role.OFFICER, Role.SIGNATORY}, method="POST", needs_step_up=True),
    _page("/instruments/{number}/follow", {Role.OFFICER, Role.SIGNATORY}, method="POST", needs_step_up=True),
    _page("/instruments/{number}/withdraw", SENDERS, method="POST"),
    _page("/holds", READERS),
    _page("/holds.json", READERS),
    _page("/holds.csv", READERS),
    _page("/holds", {Role.OFFICER}, method="POST", needs_step_up=True),
    _page("/holds/{hold}/lift", {Role.OFFICER}, method="POST", needs_step_up=True),
    # Figures: each page with its rows, each of both as a table and as JSON.
    _page("/analytics", READERS),
    *(
        _page(f"/analytics/{name}{part}{end}", READERS)
        for name in (*CURVES, "precision")
        for part in ("", "/rows")
        for end in ("", ".json", ".csv")
    ),
    *(_page(f"/analytics/{name}/curve{end}", READERS) for name in CURVES for end in (".json", ".csv")),
    *(
        _page(f"/analytics/reviewers{part}{end}", {Role.OFFICER, Role.AUDITOR, Role.ADMIN})
        for part in ("", "/rows")
        for end in ("", ".json", ".csv")
    ),
    _page("/quality", {Role.OFFICER, Role.AUDITOR, Role.ADMIN}),
    _page("/quality.json", {Role.OFFICER, Role.AUDITOR, Role.ADMIN}),
    _page("/quality.csv", {Role.OFFICER, Role.AUDITOR, Role.ADMIN}),
    _page("/quality/known", ADMINS, method="POST"),
)


class AccessTable:
    """One door's routes, looked up by method and template."""

    def __init__(self, routes: Iterable[Access]) -> None:
        self.routes = tuple(routes)
        self._by_route = {(access.method, access.path): access for access in self.routes}

    def access_to(self, method: str, path: str) -> Access | None:
        """The rule for a route's template; None where the table has none, which means: refuse."""
        return self._by_route.get(("GET" if method == "HEAD" else method, path))


STAFF = AccessTable(ROUTES)


def access_to(method: str, path: str) -> Access | None:
    """The rule for a route of the review desk."""
    return STAFF.access_to(method, path)


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
