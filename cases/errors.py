"""
What can go wrong while findings are decided.

CaseError
├── UnknownFinding     no such finding in sight
├── UnknownDecision    no such decision in sight
├── NotUndoable        the decision was undone already, or is itself an undoing
├── WrongReason        a rejection without a reason, or a reason without a rejection
├── NotTogether        these findings may not be decided in one act
├── ChangedMeanwhile   the finding is no longer what the person saw
└── BadDetermination   an expert's word that contradicts itself
"""

from __future__ import annotations


class CaseError(Exception):
    """Nothing was decided."""


class UnknownFinding(CaseError):
    """No finding of that id in the reader's scope."""

    def __init__(self, finding: str) -> None:
        super().__init__(f"no finding {finding}; `marque findings list` names them")
        self.finding = finding


class UnknownDecision(CaseError):
    """No decision of that id in the reader's scope."""

    def __init__(self, decision: str) -> None:
        super().__init__(f"no decision {decision}; the case's history names them")
        self.decision = decision


class NotUndoable(CaseError):
    """The ledger grows by new decisions; this one can't be taken back again."""

    def __init__(self, decision: str, why: str) -> None:
        super().__init__(f"decision {decision} cannot be undone: {why}; decide anew instead")
        self.decision = decision
        self.why = why


class WrongReason(CaseError):
    """Verdict and reason do not fit."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotTogether(CaseError):
    """One act may not cover these findings."""

    def __init__(self, why: str, fix: str) -> None:
        super().__init__(f"not decided together: {why}; {fix}")
        self.why = why
        self.fix = fix


class ChangedMeanwhile(CaseError):
    """The finding was compared anew, or somebody decided it, after the person looked."""

    def __init__(self, finding: str, why: str) -> None:
        super().__init__(f"finding {finding} changed after you opened it: {why}; look again, nothing was entered")
        self.finding = finding
        self.why = why


class BadDetermination(CaseError):
    """The expert's word cannot be entered as it stands."""

    def __init__(self, finding: str, why: str) -> None:
        super().__init__(f"determination on finding {finding}: {why}")
        self.finding = finding
        self.why = why
