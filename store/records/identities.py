"""Who an account is at an issuer, and tries to sign in there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One subject of an issuer opens one account."""

    id: str
    issuer: str
    subject: str
    account: str
    linked_by: str
    linked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTry:
    """A browser that was sent to the issuer; good for one way back."""

    state_sha256: str
    browser_sha256: str
    next: str  # where the person wanted to
    at: datetime
