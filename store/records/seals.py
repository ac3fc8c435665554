"""Seals over logs of captures, and the tokens of time authorities over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTokenRow:
    """One token as kept: query and answer in the vault, and what the answer says."""

    authority: str
    query_sha256: str
    response_sha256: str
    stamped_at: datetime  # by the authority's clock
    qualified: bool  # the word of whoever configured the authority


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSealRow:
    """
    A sealed log of captures; its parts are in the vault.

    `unsealed_time` until every authority that was asked has given a token.
    """

    id: str
    statement_sha256: str
    signature_sha256: str
    leaves_sha256: str  # every leaf hash, one after the other
    key_id: str
    leaves: int
    authorities: tuple[str, ...]
    captured_from: datetime
    captured_to: datetime
    sealed_at: datetime
    tries: int = 0  # at asking for tokens, since one was missing
    next_at: datetime | None = None  # when the missing ones are asked for; None: none is missing
    because: str | None = None  # why one is missing, as last told
    tokens: tuple[TimeTokenRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLeaf:
    """Where one capture stands: seal, place from 0, and the record that was hashed, in the vault."""

    capture: str
    seal: str
    position: int
    record_sha256: str
