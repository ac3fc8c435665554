"""Who stands at a door: an account by its session, a browser by the links it opened, a program by its key."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers

from console.web.credentials import digest
from console.web.desk import IDLE, Desk
from store.db.batches import Batches
from store.db.doors import ApiKeys, BatchLinks
from store.db.sessions import Sessions
from store.records.accounts import Account, Role, Session
from store.records.doors import ApiKey, BatchLink
from store.records.ids import short_id
from store.records.scope import EVERYTHING

SEEN_EVERY_S = 60  # how often a session's latest request is written
KEY_START = "mq_"  # so that scanners for leaked secrets recognise one


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody a door knows."""

    account: Account
    session: Session | None = None
    links: tuple[BatchLink, ...] = ()
    key: ApiKey | None = None


def by_session(desk: Desk, cookie: str, *, is_background: bool) -> Known | None:
    """The account and session of a cookie, when both still hold."""
    now = desk.clock()
    with desk.workspace.database.read() as connection:
        known = Sessions(connection, EVERYTHING).with_account(digest(cookie))
    if known is None:
        return None
    session, account = known
    if session.revoked_at is not None or now >= session.ends_at or now - session.seen_at > IDLE:
        return None
    if account.disabled_at is not None:
        return None
    if not is_background and (now - session.seen_at).total_seconds() > SEEN_EVERY_S:
        with desk.workspace.database.write() as connection:
            Sessions(connection, EVERYTHING).saw(session.id, now)
    return Known(account=account, session=session)


def by_links(desk: Desk, cookie: str) -> Known | None:
    """A browser that has opened links which still hold: a recipient of the batches they name, and of nothing else."""
    now = desk.clock()
    with desk.workspace.database.read() as connection:
        links = tuple(BatchLinks(connection, EVERYTHING).held_by(digest(cookie), now))
        batch = Batches(connection, EVERYTHING).get(links[0].batch) if links else None
    if batch is None:
        return None
    opener = links[0]
    return Known(
        account=Account(
            id=f"link {opener.id}",
            name=f"{batch.platform} by link {short_id(opener.id)}",
            roles=(Role.RECIPIENT,),
            platform=batch.platform,
            created_at=opener.made_at,
        ),
        links=links,
    )


def by_key(desk: Desk, headers: Headers) -> Known | None:
    """A program by the key in its `Authorization` header; one that was revoked or has ended opens nothing."""
    kind, _, secret = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.startswith(KEY_START) or len(secret) > 200:
        return None
    now = desk.clock()
    with desk.workspace.database.read() as connection:
        key = ApiKeys(connection, EVERYTHING).of_secret(digest(secret))
    if key is None or key.revoked_at is not None or (key.expires_at is not None and now >= key.expires_at):
        return None
    account = Account(id=f"key {key.id}", name=key.name, roles=(), platform=key.platform, created_at=key.made_at)
    return Known(account=account, key=key)
