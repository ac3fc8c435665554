"""
Webhooks told: acts become messages in the ledger, and messages are sent until they are taken or given up.

A message is entered with the number of the audit trail that it was read up to, in one transaction; it is taken by one
process at a time, signed as Standard Webhooks has it, and sent again under the same id after 5 s, 5 min, 30 min and
so on. What was not taken by then is dead, and waits for a person.
"""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event

from standardwebhooks import Webhook as Signer

from config.settings import Settings
from console.webhooks.events import acts_after, read_events
from console.webhooks.posting import CONNECT_S, WHOLE_S, Answer, post
from console.webhooks.subscribing import secret_of, stop_telling
from console.workspace import Workspace, open_workspace
from store.db.webhooks import WebhookMessages, Webhooks
from store.records.ids import Clock, NewId, new_id, utc_now
from store.records.scope import EVERYTHING
from store.records.webhooks import MessageState, Webhook, WebhookMessage

log = logging.getLogger(__name__)

# Immediately, then after these. Source: standard-webhooks/spec, "Deliverability and reliability", its example.
WAITS = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
ACTS_AT_ONCE = 250  # with a notice of a batch each, messages stay under the 500 rows of a transaction
MESSAGES_AT_ONCE = 400
LEASE = timedelta(minutes=2)  # far above the longest attempt: whoever dies with a message gives it back after this
KEPT = timedelta(days=30)  # chosen: what was delivered is looked up within weeks, if ever
_GONE = 410  # the receiver wants no more, and is told no more. Source: standard-webhooks/spec, "Status codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one look did."""

    entered: int
    delivered: int
    failed: int
    dead: int


def tell(
    workspace: Workspace,
    *,
    stop: Event,
    clock: Clock = utc_now,
    ids: NewId = new_id,
    connect_s: float = CONNECT_S,
    whole_s: float = WHOLE_S,
) -> Told:
    """Enter what happened since the last look, then send what is due."""
    entered = collect(workspace, clock=clock, ids=ids)
    counts = dict.fromkeys(("delivered", "failed", "dead"), 0)
    owner = f"{socket.gethostname()[:100]}/{os.getpid()}/{new_id()}"
    failed: set[str] = set()  # a receiver that is down holds up nobody else
    while not stop.is_set():
        with workspace.database.write() as connection:
            now = clock()
            message = WebhookMessages(connection, EVERYTHING).claim(owner, now, now + LEASE, failed)
            webhook = Webhooks(connection, EVERYTHING).get(message.webhook) if message else None
        if message is None or webhook is None:
            break
        settled = _attempt(workspace, webhook, message, clock=clock, connect_s=connect_s, whole_s=whole_s)
        with workspace.database.write() as connection:
            WebhookMessages(connection, EVERYTHING).settle(settled, owner)
            if settled.status == _GONE:
                stop_telling(connection, webhook.id, clock=clock, ids=ids)
        if settled.state is MessageState.DELIVERED:
            counts["delivered"] += 1
        else:
            failed.add(webhook.id)
            counts["dead" if settled.state is MessageState.DEAD else "failed"] += 1
            log.warning("webhook not told", extra={"webhook": webhook.id, "status": settled.status})
    return Told(entered=entered, **counts)


def tell_due(settings: Settings, stop: Event) -> Told:
    """The same on a workspace opened anew, as the worker does."""
    with open_workspace(settings) as workspace:
        return tell(workspace, stop=stop)


def collect(workspace: Workspace, *, clock: Clock, ids: NewId) -> int:
    """Turn what was sealed since into messages, webhook by webhook; gives how many were entered."""
    now, entered = clock(), 0
    with workspace.database.read() as connection:
        webhooks = Webhooks(connection, EVERYTHING).told()
    for webhook in webhooks:
        while True:
            with workspace.database.read() as connection:
                acts, read_to = acts_after(connection, webhook.read_to, ACTS_AT_ONCE)
                found = read_events(connection, webhook, acts, now=now) if acts else []
            if not acts:
                break
            messages = [
                WebhookMessage(
                    id=ids(),
                    webhook=webhook.id,
                    event=each.event,
                    source=each.source,
                    body=each.body,
                    next_at=now,
                    made_at=now,
                )
                for each in found
            ]
            # All but the last part go in before the number moves: read again after a kill, they are there already.
            for start in range(0, max(len(messages) - MESSAGES_AT_ONCE, 0), MESSAGES_AT_ONCE):
                with workspace.database.write() as connection:
                    WebhookMessages(connection, EVERYTHING).enter(messages[start : start + MESSAGES_AT_ONCE])
            with workspace.database.write() as connection:
                if not Webhooks(connection, EVERYTHING).advance(webhook, read_to):
                    break  # another process told it meanwhile, or it was taken out
                WebhookMessages(connection, EVERYTHING).enter(messages[-MESSAGES_AT_ONCE:])
            entered += len(messages)
            webhook = replace(webhook, read_to=read_to)
    if webhooks:
        with workspace.database.write() as connection:
            WebhookMessages(connection, EVERYTHING).forget(now - KEPT)
    return entered


def _attempt(
    workspace: Workspace, webhook: Webhook, message: WebhookMessage, *, clock: Clock, connect_s: float, whole_s: float
) -> WebhookMessage:
    """One attempt, and how the message stands after it."""
    secret = secret_of(workspace, webhook.id)
    if secret is None:
        answer = Answer(status=None, because="its secret is gone with the key of personal values; make it anew")
    else:
        answer = post(
            webhook.url,
            message.body.encode(),
            signed_headers(secret, message, clock()) | {"user-agent": workspace.settings.user_agent},
            loopback=workspace.declarations.policy.exercise,
            connect_s=connect_s,
            whole_s=whole_s,
            inner=workspace.declarations.policy.network.inner_hosts,
        )
    now, attempts = clock(), message.attempts + 1
    told = replace(message, attempts=attempts, status=answer.status, because=answer.because)
    if answer.is_taken:
        return replace(told, state=MessageState.DELIVERED, next_at=None, settled_at=now)
    if attempts > len(WAITS) or answer.status == _GONE or secret is None:
        return replace(told, state=MessageState.DEAD, next_at=None, settled_at=now)
    wait = max(WAITS[attempts - 1], timedelta(seconds=answer.wait_s or 0.0))
    return replace(told, next_at=now + wait)


def signed_headers(secret: str, message: WebhookMessage, at: datetime) -> dict[str, str]:
    """The headers of one attempt: id, time and signature. Source: Standard Webhooks, "Signature scheme"."""
    return {
        "content-type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(secret).sign(message.id, at, message.body),
    }
