"""Webhooks: made with a secret that is shown once, listed, paused, taken out; and their dead messages sent anew."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, func, select

from console.errors import NotFound, Unanswerable
from console.webhooks.posting import check_endpoint
from console.workspace import Workspace
from store.db import tables
from store.db.audit import AuditTrail, act_of
from store.db.audit_chain import seal_entries
from store.db.parties import Parties
from store.db.personal import forget_values, keep_values, open_values
from store.db.webhooks import WebhookMessages, Webhooks
from store.records.ids import Clock, NewId
from store.records.ledger import AuditEntry
from store.records.scope import EVERYTHING
from store.records.webhooks import MessageState, Webhook, WebhookEvent, WebhookMessage

SECRET_BYTES = 32  # standard-webhooks/spec, "Signature scheme": at least 24
PLATFORM_EVENTS = frozenset({WebhookEvent.BATCH_ANSWERED, WebhookEvent.NOTICE_STATE})
"""What a platform's webhook may hear: of what was sent to it."""

_KIND, _FIELD = "webhook", "secret"


def make_webhook(
    workspace: Workspace,
    name: str,
    url: str,
    events: Sequence[WebhookEvent],
    *,
    holder: str | None,
    platform: str | None,
    compartment: str | None,
    by: str,
    clock: Clock,
    ids: NewId,
) -> tuple[Webhook, str]:
    """
    A webhook and its secret, which is shown once and kept sealed; it hears of what happens from now on.

    Raises `NotFound` for a holder or platform that is not known, `Unanswerable` for an address that may not be told.
    """
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise Unanswerable("a webhook has a name of 1 to 80 letters: it stands on the desk and in the audit trail")
    if not events:
        raise Unanswerable(f"say what it hears of with --event: {', '.join(event.value for event in WebhookEvent)}")
    if platform is not None and not set(events) <= PLATFORM_EVENTS:
        raise Unanswerable(f"a platform's webhook may hear {', '.join(sorted(e.value for e in PLATFORM_EVENTS))}")
    if platform is not None and platform not in workspace.declarations.platforms:
        raise NotFound("platform", platform, "`marque platforms list` shows all")
    policy = workspace.declarations.policy
    check_endpoint(url, loopback=policy.exercise, inner=policy.network.inner_hosts)
    party = None
    if holder is not None:
        with workspace.database.read() as connection:
            party = Parties(connection, EVERYTHING).by_names([holder]).get(holder)
        if party is None:
            raise NotFound("holder", holder, "`marque rights list` names them")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    id = ids()
    sealed = workspace.sealer.seal(_KIND, id, _FIELD, secret)
    act = act_of(by, "make_webhook", _KIND, id, clock=clock, ids=ids, detail={"name": name.strip()})
    seal_entries(workspace.database)  # what happened before stands in the trail by now, and is not told
    with workspace.database.write() as connection:
        last = connection.execute(select(func.max(tables.audit_entry.c.sequence))).scalar_one()
        made = Webhook(
            id=id,
            name=name.strip(),
            url=url,
            events=tuple(dict.fromkeys(events)),
            holder=party.id if party else None,
            platform=platform,
            compartment=compartment,
            read_to=last or 0,
            made_by=by,
            made_at=clock(),
        )
        Webhooks(connection, EVERYTHING).write([made], act)
        keep_values(connection, [sealed])
    return made, secret


def secret_of(workspace: Workspace, webhook: str) -> str | None:
    """The secret its messages are signed with; None where the key of personal values forgot it."""
    with workspace.database.read() as connection:
        found = open_values(connection, workspace.sealer, _KIND, webhook).get(_FIELD)
    return str(found) if found else None


def list_webhooks(workspace: Workspace) -> list[Webhook]:
    """Every webhook, oldest first; none shows its secret."""
    with workspace.database.read() as connection:
        return Webhooks(connection, EVERYTHING).find()


def revoke_webhook(workspace: Workspace, named: str, *, by: str, clock: Clock, ids: NewId) -> Webhook:
    """Tell an address nothing more, by its id, the end of it, or its name. Raises `NotFound`."""
    with workspace.database.write() as connection:
        gone = replace(_open_one(connection, named), revoked_at=clock(), revoked_by=by)
        Webhooks(connection, EVERYTHING).write(
            [gone], act_of(by, "revoke_webhook", _KIND, gone.id, clock=clock, ids=ids)
        )
        forget_values(connection, _KIND, [gone.id])
    return gone


def pause_webhook(workspace: Workspace, named: str, *, because: str, by: str, clock: Clock, ids: NewId) -> Webhook:
    """Tell an address nothing for now; asked twice, the first reason stands. Raises `NotFound`, `Unanswerable`."""
    if not because.strip() or len(because) > 300 or not because.isprintable():
        raise Unanswerable("say in up to 300 letters why: whoever looks at this later has to know")
    with workspace.database.write() as connection:
        webhook = _open_one(connection, named)
        if webhook.paused_at is not None:
            return webhook
        paused = replace(webhook, paused_at=clock(), paused_by=by, paused_because=because.strip())
        Webhooks(connection, EVERYTHING).write([paused], _act("pause_webhook", paused, by, clock, ids))
    return paused


def resume_webhook(workspace: Workspace, named: str, *, by: str, clock: Clock, ids: NewId) -> Webhook:
    """Tell an address again, from where it stopped: what happened meanwhile too. Raises `NotFound`."""
    with workspace.database.write() as connection:
        webhook = _open_one(connection, named)
        if webhook.paused_at is None:
            return webhook
        told = replace(webhook, paused_at=None, paused_by=None, paused_because=None)
        Webhooks(connection, EVERYTHING).write([told], _act("resume_webhook", told, by, clock, ids))
    return told


def stop_telling(connection: Connection, webhook: str, *, clock: Clock, ids: NewId) -> None:
    """Pause a webhook whose receiver answered 410, in the caller's transaction; a person may resume it."""
    found = Webhooks(connection, EVERYTHING).get(webhook)
    if found is None or not found.is_told:
        return
    paused = replace(found, paused_at=clock(), paused_because="its receiver answered 410: it wants no more")
    Webhooks(connection, EVERYTHING).write([paused], _act("pause_webhook", paused, "marque", clock, ids))


def _open_one(connection: Connection, named: str) -> Webhook:
    found = [
        each for each in Webhooks(connection, EVERYTHING).open() if each.id.endswith(named) or each.name == named
    ]
    if len(found) != 1:
        raise NotFound("webhook", named, "`marque webhooks list` shows all; name it by its id")
    return found[0]


def _act(action: str, webhook: Webhook, by: str, clock: Clock, ids: NewId) -> AuditEntry:
    detail = {"because": webhook.paused_because} if webhook.paused_because else {}
    return act_of(by, action, _KIND, webhook.id, clock=clock, ids=ids, detail=detail)


def list_messages(workspace: Workspace, *, state: MessageState | None = None) -> list[tuple[WebhookMessage, Webhook]]:
    """Messages with their webhooks, the newest first."""
    with workspace.database.read() as connection:
        webhooks = {each.id: each for each in Webhooks(connection, EVERYTHING).find()}
        messages = WebhookMessages(connection, EVERYTHING)
        found = messages.find(*([messages.table.c.state == state.value] if state else []))
    return [(message, webhooks[message.webhook]) for message in reversed(found)]


def replay(workspace: Workspace, message: str, *, by: str, clock: Clock, ids: NewId) -> WebhookMessage:
    """
    Send a dead message anew, under the id it had; asked twice, it is sent once.

    Raises `NotFound` for one that is not there, `Unanswerable` where its webhook is told nothing any more.
    """
    with workspace.database.write() as connection:
        messages = WebhookMessages(connection, EVERYTHING)
        found = messages.get(message)
        webhook = Webhooks(connection, EVERYTHING).get(found.webhook) if found else None
        if found is None or webhook is None:
            raise NotFound("message", message, "`marque webhooks messages` shows all")
        if webhook.revoked_at is not None:
            raise Unanswerable(f"{webhook.name} is told nothing any more; make another webhook")
        if webhook.paused_at is not None:
            raise Unanswerable(f"{webhook.name} is paused; resume it first")
        if found.state is not MessageState.DEAD:
            return found
        again = replace(found, state=MessageState.READY, attempts=0, next_at=clock(), settled_at=None)
        messages.put([again])
        act = act_of(by, "replay_webhook", "webhook_message", found.id, clock=clock, ids=ids)
        AuditTrail(connection, EVERYTHING).add(act)
    return again
