"""Letters of mailboxes on mail servers: which were taken in, so that none is lost and none taken twice."""

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
