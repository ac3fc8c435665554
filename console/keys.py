"""Keys of programs: made and shown once, listed, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from console.errors import NotFound, Unanswerable
from console.web.credentials import digest, new_token
from console.web.who import KEY_START
from console.workspace import Workspace
from store.db.audit import act_of
from store.db.doors import ApiKeys
from store.db.parties import Parties
from store.records.doors import ApiKey, ApiScope
from store.records.ids import Clock, NewId
from store.records.scope import EVERYTHING

PLATFORM_SCOPES = frozenset({ApiScope.BATCHES_READ, ApiScope.ANSWERS_READ, ApiScope.ANSWERS_WRITE})
"""What a platform's key may hold: what was sent to it, and its own answers."""


def make_key(
    workspace: Workspace,
    name: str,
    scopes: Sequence[ApiScope],
    *,
    holder: str | None,
    platform: str | None,
    compartment: str | None,
    until: datetime | None,
    by: str,
    clock: Clock,
    ids: NewId,
) -> tuple[ApiKey, str]:
    """
    A key and its secret, which is shown once and stored nowhere; `holder` is a legal name.

    Raises `NotFound` for a holder or platform that is not known, `Unanswerable` for scopes that do not fit.
    """
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise Unanswerable("a key has a name of 1 to 80 letters: it stands in the audit trail")
    if not scopes:
        raise Unanswerable(f"say what it may do with --scope: {', '.join(scope.value for scope in ApiScope)}")
    if platform is not None and not set(scopes) <= PLATFORM_SCOPES:
        may = ", ".join(sorted(scope.value for scope in PLATFORM_SCOPES))
        raise Unanswerable(f"a platform's key may hold {may}, nothing else")
    if ApiScope.ANSWERS_WRITE in scopes and platform is None:
        raise Unanswerable("only a platform answers: name it with --platform")
    if ApiScope.SCHEDULES_WRITE in scopes and (holder or compartment):
        raise Unanswerable("schedules belong to the unit: a key that is narrowed changes none")
    if platform is not None and platform not in workspace.declarations.platforms:
        raise NotFound("platform", platform, "`marque platforms list` shows all")
    party = None
    if holder is not None:
        with workspace.database.read() as connection:
            party = Parties(connection, EVERYTHING).by_names([holder]).get(holder)
        if party is None:
            raise NotFound("holder", holder, "`marque rights list` names them")
    secret = KEY_START + new_token()
    key = ApiKey(
        id=ids(),
        name=name.strip(),
        secret_sha256=digest(secret),
        scopes=tuple(dict.fromkeys(scopes)),
        holder=party.id if party else None,
        platform=platform,
        compartment=compartment,
        made_by=by,
        made_at=clock(),
        expires_at=until,
    )
    detail = {"name": key.name, "scopes": " ".join(scope.value for scope in key.scopes)}
    act = act_of(by, "make_api_key", "api_key", key.id, clock=clock, ids=ids, detail=detail)
    with workspace.database.write() as connection:
        ApiKeys(connection, EVERYTHING).write([key], act)
    return key, secret


def revoke_key(workspace: Workspace, named: str, *, by: str, clock: Clock, ids: NewId) -> ApiKey:
    """Revoke a key by its id, the end of it, or its name. Raises `NotFound` where none or several fit."""
    with workspace.database.write() as connection:
        keys = ApiKeys(connection, EVERYTHING)
        found = [
            key for key in keys.find(keys.table.c.revoked_at.is_(None)) if key.id.endswith(named) or key.name == named
        ]
        if len(found) != 1:
            raise NotFound("key", named, "`marque api-keys list` shows all; name it by its id")
        gone = replace(found[0], revoked_at=clock())
        keys.write([gone], act_of(by, "revoke_api_key", "api_key", gone.id, clock=clock, ids=ids))
    return gone


def list_keys(workspace: Workspace) -> list[ApiKey]:
    """Every key, oldest first; none shows its secret."""
    with workspace.database.read() as connection:
        return ApiKeys(connection, EVERYTHING).find()
