"""
What can go wrong when evidence of a case is handed over.

ReportError
├── NotPublic          no public copy can be made of a package
└── NothingToShow      a case of which no evidence can leave: absent, or nothing in it is confirmed
"""

from __future__ import annotations

from pathlib import Path

from reports.errors import ReportError


class NothingToShow(ReportError):
    """A case without evidence to hand over."""

    def __init__(self, case: int, why: str) -> None:
        super().__init__(f"case {case} gives no evidence bundle: {why}")
        self.case = case
        self.why = why


class NotPublic(ReportError):
    """A package of which no public copy can be made."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name} gives no public copy: {why}")
        self.path = path
        self.why = why
