"""Letters of mailboxes on mail servers: taken in, once each, or waiting for another try, so that none is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenLetter:
    """One letter by its server's own numbers; its UID is its own while UIDVALIDITY stays (RFC 3501, 2.3.1.1)."""

    id: str
    mailbox: str  # address as declared: server, account, mailbox
    validity: int  # UIDVALIDITY
    uid: int
    is_readable: bool  # else nobody could read it, and it is flagged for a person
    at: datetime  # when it was taken in


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLetter:
    """One letter that could not be taken in, by its server's own numbers; it stays in its mailbox, unmarked."""

    id: str
    mailbox: str
    validity: int
    uid: int
    tries: int
    because: str  # what the latest try came to
    since: datetime
    next_at: datetime  # not tried before
