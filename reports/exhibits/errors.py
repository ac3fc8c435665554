"""
What can go wrong when evidence of a case is handed over.

ReportError
└── NothingToShow      a case of which no evidence can leave: absent, or nothing in it is confirmed
"""

from __future__ import annotations

from reports.errors import ReportError


class NothingToShow(ReportError):
    """A case without evidence to hand over."""

    def __init__(self, case: int, why: str) -> None:
        super().__init__(f"case {case} gives no evidence bundle: {why}")
        self.case = case
        self.why = why
