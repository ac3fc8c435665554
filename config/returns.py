"""
Where a platform's answers are fetched: its interface, the mailbox that its mail comes into, a folder of sheets.

How the words it uses are brought to ours stands in its profile's `[status_map]`; here stands only where they are.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from config.declaration import Declaration
from config.delivery import check_address
from config.mailbox import check_imap
from config.secure_shell import check_sftp

DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")


class Shape(Declaration):
    """Where an answer of an interface says what; each a JMESPath, the later ones within one row."""

    rows: str = "answers"
    item: str = "item_id"  # our item's id, or the platform's own where it stands once in the batch
    word: str = "answer"
    decided_at: str = "decided_at"
    reason: str = "reason"
    case: str = "platform_case"


class Returns(Declaration):
    """One platform's way back."""

    by: Literal["api", "mail", "imap", "folder", "sftp"]
    # api: address with {receipt} or {key}; mail: a Maildir; imap: imaps://user@host/MAILBOX; folder or sftp: where
    # filled sheets lie
    at: str = Field(min_length=1)
    host_key: str | None = None  # sftp: the server's public key, as `ssh-keyscan` prints it without the host's name
    senders: tuple[str, ...] = ()  # mail, imap: domains that the platform writes from; others' letters are refused
    key_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]{2,60}$")
    shape: Shape = Shape()
    # Chosen: the shortest clock of ours is two working days; four looks an hour disturb nobody.
    every_s: float = Field(default=900.0, ge=60)

    @field_validator("senders")
    @classmethod
    def _domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for domain in value:
            if not DOMAIN.fullmatch(domain):
                raise ValueError(f"senders are domains in small letters, and {domain!r} is none")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Returns:
        if self.by == "api":
            if "{receipt}" not in self.at and "{key}" not in self.at:
                raise ValueError("at names the delivery that is asked about: {receipt} or {key} stands in it")
            check_address("at", self.at)
        if self.by == "sftp":
            check_sftp("at", self.at, self.host_key, self.key_env)
        if self.by == "imap":
            check_imap("at", self.at, self.key_env)
        if (self.by in ("mail", "imap")) != bool(self.senders):
            raise ValueError(
                "senders go with by = 'mail' or 'imap', which need them: a letter from anybody else is no answer"
            )
        return self
