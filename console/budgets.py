"""The record of accuracy for verbs: each account at each platform, what is held back, and a release by two people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.workspace import Workspace
from reports.budget.gate import HeldBack, Record, admit, records
from store.db.notices import Notices
from store.db.parties import Parties
from store.records.notices import NoticeState
from store.records.scope import EVERYTHING


def budget_list(workspace: Workspace, *, now: datetime) -> list[dict[str, Any]]:  # Any: JSON values
    """Every record, the most endangered first."""
    with workspace.database.read() as connection:
        found = records(connection, workspace.declarations, now=now)
        names = {party.id: party.legal_name for party in Parties(connection, EVERYTHING).find()}
    order = {"stopped": 0, "few": 1, "free": 2}
    rows = [_cells(each, names) for each in found]
    return sorted(rows, key=lambda row: (order[row["budget"]], row["headroom"], row["platform"], row["code"]))


def _cells(record: Record, names: dict[str, str]) -> dict[str, Any]:
    stand, tally = record.stand, record.stand.tally
    low, high = tally.interval
    return {
        "platform": record.platform,
        "account": record.account,
        "name": names.get(record.account, record.account),
        "claim": record.code,
        "budget": stand.budget.value,
        "code": stand.code,
        "upheld": tally.upheld,
        "refused": tally.refused,
        "reversed": tally.reversed,
        "form": tally.form,
        "open": tally.open,
        "withdrawn": tally.withdrawn,
        "share": round(tally.share, 4) if tally.share is not None else None,
        "low": round(low, 4),
        "high": round(high, 4),
        "floor": stand.floor,
        "needed": stand.needed,
        "headroom": stand.headroom,
        "because": stand.because,
        "way": stand.way,
    }


def held_back(workspace: Workspace, *, now: datetime) -> list[HeldBack]:
    """Signed notices that would stay here if everything were exported now."""
    with workspace.database.read() as connection:
        waiting = [
            notice
            for notice in Notices(connection, EVERYTHING).in_state(NoticeState.APPROVED)
            if notice.signed_at is not None
        ]
        return admit(connection, workspace.declarations, waiting, now=now)[1]
