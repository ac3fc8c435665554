"""What surrounds the pipeline: audit, deadlines, outcomes, operations, sites, authorities, schedules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One act of one person or process, inserted in the transaction of the act itself."""

    id: str
    at: datetime
    actor: str
    action: str  # verb_object, e.g. "decide_finding"
    subject_kind: str
    subject: str
    detail: dict[str, str] = field(default_factory=dict)  # never a personal value


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """A host or URL prefix that is never fetched."""

    id: str
    prefix: str  # host, or scheme://host/path prefix
    reason: str
    by: str
    at: datetime
