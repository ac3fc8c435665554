"""What became of every listing that was looked at: the answers a graded exercise is measured by."""

from __future__ import annotations

from enum import Enum

from sqlalchemy import select

from cases.decisions import current_decision
from cases.determinations import apply_determinations
from store.db import tables
from store.db.decisions import Decisions
from store.db.determinations import Determinations
from store.db.findings import Findings
from store.db.notices import Notices
from store.db.session import Database
from store.records.cases import Verdict
from store.records.findings import Band
from store.records.notices import NoticeState
from store.records.scope import EVERYTHING, Scope


class Standing(Enum):
    """How far a listing got, from nothing to a notice."""

    SILENT = "silent"
    REVIEW = "review"
    REFUSED = "refused"
    NOTICED = "noticed"


_ORDER = tuple(Standing)
LEFT_THE_HOUSE = (NoticeState.BATCHED, NoticeState.SENT)


def outcomes(database: Database, *, scope: Scope = EVERYTHING) -> dict[tuple[str, str], tuple[str, str | None]]:
    """
    Every listing by (platform, the platform's id of it): its standing in a word, and what stopped it.

    `noticed`: an item of a sealed batch. `refused`: confirmed, and stopped by a rule; the code is the family, e.g.
    `TERR`. `review`: it waits for a person. `silent`: everything else. Of several findings the furthest counts.
    """
    with database.read() as connection:
        listings = {
            row.id: (row.platform, row.platform_item_id) for row in connection.execute(select(tables.listing))
        }
        found_now = Findings(connection, scope).find()
        latest = Determinations(connection, scope).latest(finding.id for finding in found_now)
        findings = apply_determinations(found_now, latest)
        decisions = Decisions(connection, scope).of_findings(finding.id for finding in findings)
        items = [(item, notice) for notice in Notices(connection, scope).find() for item in notice.items]
    noticed = {item.finding for item, notice in items if not item.refusals and notice.state in LEFT_THE_HOUSE}
    # Later notices come later: the newest refusal is the one that holds.
    refused = {item.finding: item.refusals[0].family for item, _ in items if item.refusals}
    waiting = {
        item.finding
        for item, notice in items
        if not item.refusals and notice.state in (NoticeState.READY, NoticeState.APPROVED)
    }
    found: dict[tuple[str, str], tuple[Standing, str | None]] = dict.fromkeys(
        listings.values(), (Standing.SILENT, None)
    )
    for finding in findings:
        key = listings.get(finding.listing)
        if key is None:
            continue
        decision = current_decision(decisions.get(finding.id, ()))
        confirmed = decision is not None and decision.verdict is Verdict.CONFIRM
        rejected = decision is not None and decision.verdict is Verdict.REJECT
        standing: tuple[Standing, str | None] = (Standing.SILENT, None)
        if finding.id in noticed:
            standing = (Standing.NOTICED, None)
        elif finding.id in waiting:
            standing = (Standing.REVIEW, None)
        elif confirmed and finding.id in refused:
            standing = (Standing.REFUSED, refused[finding.id])
        elif finding.band is not Band.SILENT and not rejected:
            standing = (Standing.REVIEW, None)
        if _ORDER.index(standing[0]) > _ORDER.index(found[key][0]):
            found[key] = standing
    return {key: (standing.value, code) for key, (standing, code) in found.items()}
