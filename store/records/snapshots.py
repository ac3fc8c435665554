"""The entry of one frozen registry; its content lies in the vault under the digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotEntry:
    """When a registry was frozen, and how much it held."""

    digest: str  # SHA-256 of the canonical content
    made_at: datetime
    counts: dict[str, int] = field(default_factory=dict)  # rights, products, works, ...
