"""Who gave a reason to look at personal values, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from store.db import tables


def has_revealed(connection: Connection, account: str, subject: str, *, now: datetime, within: timedelta) -> bool:
    """Whether this account gave a reason to look at the subject lately."""
    reveal = tables.reveal
    lately = select(reveal.c.id).where(
        reveal.c.account == account, reveal.c.subject == subject, reveal.c.at > now - within
    )
    return connection.execute(lately.limit(1)).first() is not None
