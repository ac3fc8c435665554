"""Holders, agents and the mandates between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum


class PartyKind(Enum):
    """What a party is."""

    PERSON = "person"
    COMPANY = "company"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Someone who holds rights, or acts for someone who does."""

    id: str
    kind: PartyKind
    legal_name: str
    country: str | None = None
    address: str | None = None
    email: str | None = None
    phone: str | None = None


class Act(Enum):
    """What an agent may do for a holder."""

    NOTIFY = "notify"
    RETRACT = "retract"
    SUE = "sue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A power of attorney: who may act for whom, for which right, where and when."""

    id: str
    grantor: str  # Party id
    agent: str  # legal name of the agent
    rights: tuple[str, ...] = ()  # Right ids; empty means all of the grantor's
    acts: tuple[Act, ...]
    territories: tuple[str, ...] = ()  # empty means wherever the right holds
    platforms: tuple[str, ...] = ()  # names; empty means at every platform
    valid_from: date
    valid_until: date | None = None  # None: until revoked
    document_sha256: str | None = None  # None: no document was handed in
    revoked_on: date | None = None
