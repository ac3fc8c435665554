"""Every code that a page shows has a name in the reader's language."""

from __future__ import annotations

from enum import Enum

import pytest

from console.web.review.labels import LABELS
from store.records.cases import RejectReason, Verdict
from store.records.findings import Band, GroundCode, InfringementClass
from store.records.outbox import OutboxState
from store.records.outcomes import CounterReason, OutcomeKind, OutcomeStatus
from store.records.rechecks import Presence
from store.records.review import Standing

NAMED: dict[str, type[Enum]] = {
    "standing": Standing,
    "verdict": Verdict,
    "reason": RejectReason,
    "band": Band,
    "class": InfringementClass,
    "ground": GroundCode,
    "outbox": OutboxState,
    "answer": OutcomeKind,
    "outcome": OutcomeStatus,
    "counter": CounterReason,
    "presence": Presence,
}


@pytest.mark.parametrize("kind", sorted(NAMED))
def test_a_code_without_a_name_and_a_name_without_a_code_are_found(kind: str) -> None:
    assert set(LABELS[kind]) == {each.value for each in NAMED[kind]}
