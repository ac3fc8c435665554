"""Who may sign in, as what, and what they did at the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Role(Enum):
    """What an account may do; in a small unit one person has several."""

    OFFICER = "officer"  # plans crawls, reviews, builds cases, prepares notices
    REVIEWER = "reviewer"  # decides findings
    APPROVER = "approver"  # approves what others prepared
    SIGNATORY = "signatory"  # signs notices for the holder or its agent
    HOLDER_EXPERT = "holder_expert"  # says for one holder what is genuine
    RECIPIENT = "recipient"  # a platform's desk: sees what was sent to it
    AUDITOR = "auditor"  # reads everything, changes nothing
    ADMIN = "admin"  # makes accounts; sees no case


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person's key to the desk."""

    id: str
    name: str  # what the person types and what decisions are signed with; unique whatever the case of letters
    roles: tuple[Role, ...]
    holder: str | None = None  # Party id: sees only this holder's records; None: every holder's
    platform: str | None = None  # set for a recipient: the platform it answers for
    compartment: str | None = None  # sees only this compartment; None: all of them
    language: str | None = None  # of the pages; None: what the browser asks for
    password_hash: str | None = None  # Argon2id; None until the person has chosen one
    totp_sealed: str | None = None  # hex, sealed under the key of personal values; None until enrolled
    totp_step: int = 0  # the last half minute whose code was used: a code works once
    invitation_sha256: str | None = None  # of a one-time link; None when there is none open
    invited_until: datetime | None = None
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser signed in; the cookie's value itself is never stored."""

    id: str
    account: str
    token_sha256: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime  # whatever happens
    stepped_up_at: datetime | None = None  # when a fresh code was last given
    revoked_at: datetime | None = None
    revoked_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempts:
    """Failures in a row at one account name or from one address, known only by a keyed digest."""

    subject: str
    failures: int
    last_at: datetime
    blocked_until: datetime | None = None  # None: may try at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """Somebody looked at a personal value, and why."""

    id: str
    account: str
    subject_kind: str
    subject: str
    reason: str
    at: datetime
