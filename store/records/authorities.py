"""A written permission to go past robots.txt, and what it covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """
    A permission that an authority issued for one case. It counts only once a second person approved it, and only
    between its first and last moment; nothing else lets a request past robots.txt.
    """

    id: str
    case_number: str  # the issuing authority's own
    legal_basis: str  # law and article
    issuer: str  # who issued it
    scope: tuple[str, ...]  # hosts (with the hosts below them) or scheme://host/path prefixes
    not_before: datetime
    expires_at: datetime
    user_agent: str | None = None  # under which name requests go; None: Marque's own
    entered_by: str
    entered_at: datetime
    second_approver: str | None = None  # None until somebody else than `entered_by` approved it
    approved_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
