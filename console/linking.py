"""Signed links to batches: made, opened once by one browser, revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from console.errors import NotFound, Unanswerable
from console.workspace import Workspace
from reports.answers.codes import read_answer_key
from reports.answers.links import read_link, write_link
from store.db.audit import AuditTrail, act_of
from store.db.batches import Batches
from store.db.doors import BatchLinks
from store.records.doors import BatchLink
from store.records.ids import Clock, NewId
from store.records.notices import Batch
from store.records.scope import EVERYTHING

DAYS = 14  # chosen: a desk answers within days; a link that lies about in a mailbox for longer only waits to leak
MOST_DAYS = 90
MOST_LINKS = 50  # a batch; chosen: a desk of fifty. Who can make links may not fill the ledger with them


class LinkState(Enum):
    """What a link is good for."""

    FRESH = "fresh"  # it opens, once
    OPENED = "opened"  # a browser has it
    ENDED = "ended"
    REVOKED = "revoked"
    NONE = "none"  # changed, or never ours


def make_link(
    workspace: Workspace, batch: Batch, *, by: str, until: datetime, clock: Clock, ids: NewId
) -> tuple[BatchLink, str]:
    """
    A link to one batch and the token that goes into its address, which is shown once and stored nowhere.

    Raises `Unanswerable` for an end in the past or too far off, or where the batch has too many links already.
    """
    now = clock()
    until = until.replace(microsecond=0)
    if not now < until <= now + timedelta(days=MOST_DAYS):
        raise Unanswerable(f"a link ends between now and {MOST_DAYS} days from now")
    link = BatchLink(id=ids(), batch=batch.id, made_by=by, made_at=now, expires_at=until)
    act = act_of(by, "make_link", "batch", batch.id, clock=clock, ids=ids, detail={"link": link.id})
    with workspace.database.write() as connection:
        links = BatchLinks(connection, EVERYTHING)
        if sum(state_of(each, now) in _ALIVE for each in links.of_batch(batch.id)) >= MOST_LINKS:
            raise Unanswerable(f"batch {batch.number} has {MOST_LINKS} links already; revoke some first")
        links.write([link], act)
    key = read_answer_key(workspace.settings.keys)
    return link, write_link(key, batch=batch.number, link=link.id, expires_at=until)


_ALIVE = (LinkState.FRESH, LinkState.OPENED)


def state_of(link: BatchLink, now: datetime) -> LinkState:
    """Where a link stands."""
    if link.revoked_at is not None:
        return LinkState.REVOKED
    if now >= link.expires_at:
        return LinkState.ENDED
    return LinkState.OPENED if link.opener_sha256 is not None else LinkState.FRESH


def judge_token(workspace: Workspace, token: str, now: datetime) -> tuple[LinkState, Batch | None, BatchLink | None]:
    """What a token is good for, and of which batch; a changed one says nothing of any."""
    claim = read_link(read_answer_key(workspace.settings.keys), token)
    if claim is None:
        return LinkState.NONE, None, None
    with workspace.database.read() as connection:
        link = BatchLinks(connection, EVERYTHING).get(claim.link)
        batch = Batches(connection, EVERYTHING).get(link.batch) if link else None
    if link is None or batch is None or batch.number != claim.batch or link.expires_at != claim.expires_at:
        return LinkState.NONE, None, None
    return state_of(link, now), batch, link


def open_link(
    workspace: Workspace, link: BatchLink, *, old_sha256: str, new_sha256: str, clock: Clock, ids: NewId
) -> bool:
    """
    Give a link to a browser, and the links it had before with it to its fresh cookie; False when it is taken.

    `old_sha256` and `new_sha256` are digests of the browser's cookie before and from now on.
    """
    with workspace.database.write() as connection:
        links = BatchLinks(connection, EVERYTHING)
        if not links.open(link.id, new_sha256, clock()):
            return False
        links.hand_on(old_sha256, new_sha256)
        act = act_of(f"link {link.id}", "open_link", "batch", link.batch, clock=clock, ids=ids)
        AuditTrail(connection, EVERYTHING).add(act)
    return True


def revoke_links(
    workspace: Workspace, number: int, *, link: str | None, by: str, clock: Clock, ids: NewId
) -> list[BatchLink]:
    """Revoke one link of a batch (its id or the end of it), or all; gives those. Raises `NotFound`."""
    with workspace.database.write() as connection:
        batch = Batches(connection, EVERYTHING).numbered(number)
        if batch is None:
            raise NotFound("batch", str(number), "`marque batches list` shows all")
        links = BatchLinks(connection, EVERYTHING)
        now = clock()
        found = [
            replace(each, revoked_at=now, revoked_by=by)
            for each in links.of_batch(batch.id)
            if state_of(each, now) in _ALIVE and (link is None or each.id.endswith(link))
        ]
        if link is not None and len(found) != 1:
            raise NotFound("link", link, f"`marque batches links {number}` shows all")
        for each in found:
            act = act_of(by, "revoke_link", "batch", batch.id, clock=clock, ids=ids, detail={"link": each.id})
            links.write([each], act)
    return found


def list_links(workspace: Workspace, number: int) -> list[BatchLink]:
    """Every link of a batch, oldest first. Raises `NotFound`."""
    with workspace.database.read() as connection:
        batch = Batches(connection, EVERYTHING).numbered(number)
        if batch is None:
            raise NotFound("batch", str(number), "`marque batches list` shows all")
        return BatchLinks(connection, EVERYTHING).of_batch(batch.id)
