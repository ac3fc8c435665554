"""The holder's named expert says what an item is: a ground of its own, or the end of the suspicion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cases.errors import BadDetermination, UnknownFinding
from store.db import tables
from store.db.audit import act_of
from store.db.determinations import Determinations
from store.db.findings import Findings
from store.db.review import ReviewItems
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.records.cases import Determination
from store.records.findings import (
    GROUNDS_OF_CLASS,
    Band,
    Finding,
    Ground,
    GroundCode,
    InfringementClass,
    Suppression,
)
from store.records.ids import Clock, NewId
from store.records.scope import EVERYTHING, Scope

RULE = "holders_determination"
"""Name of the suppression that a determination of genuineness leaves."""

CARRIED = frozenset(c for c, grounds in GROUNDS_OF_CLASS.items() if GroundCode.HOLDERS_DETERMINATION in grounds)
"""Classes that an expert's word carries. A copied photo is not one: it needs the photo."""


def check_determination(determination: Determination) -> None:
    """Raise `BadDetermination` unless the expert's word is whole: who, why, and a class that a notice may claim."""
    claimed = determination.infringement_class
    if not determination.by.strip():
        raise BadDetermination(determination.finding, "it names no expert; a determination is a person's word")
    if len(determination.statement.split()) < 3:
        raise BadDetermination(determination.finding, "it says no reason; write what the expert saw")
    if determination.is_infringing and claimed not in CARRIED:
        known = ", ".join(sorted(c.value for c in CARRIED))
        raise BadDetermination(
            determination.finding, f"it claims no class that an expert's word carries; one of {known}"
        )
    if not determination.is_infringing and (claimed is not None or determination.grounds):
        raise BadDetermination(determination.finding, "it says genuine and claims an infringement at once")


def apply_determination(finding: Finding, determination: Determination) -> Finding:
    """
    The finding as it stands after the expert's word; applying it again changes nothing.

    Infringing: the ground is added and gives the class. Genuine: the finding falls silent, with a logged rule.
    The band does not rise by it: identity is measured, and a person still decides.
    """
    grounds = tuple(g for g in finding.grounds if g.code is not GroundCode.HOLDERS_DETERMINATION)
    kept = tuple(s for s in finding.suppressions if s.rule != RULE)
    if not determination.is_infringing:
        return replace(
            finding,
            grounds=grounds,
            band=Band.SILENT,
            because=f"{determination.by} of the holder says it is genuine",
            suppressions=(
                *kept,
                Suppression(rule=RULE, record=determination.id, because=determination.statement),
            ),
        )
    claimed = determination.infringement_class
    word = Ground(
        code=GroundCode.HOLDERS_DETERMINATION,
        because=f"{determination.by}, for the holder, on {determination.at:%Y-%m-%d}: {determination.statement}",
    )
    return replace(
        finding, grounds=(*grounds, word), infringement_class=claimed or finding.infringement_class, suppressions=kept
    )


def apply_determinations(findings: Iterable[Finding], latest: dict[str, Determination]) -> list[Finding]:
    """Findings as they stand after the latest word on each."""
    return [apply_determination(f, latest[f.id]) if f.id in latest else f for f in findings]


def determine(
    database: Database,
    finding: str,
    *,
    is_infringing: bool,
    statement: str,
    by: str,
    clock: Clock,
    ids: NewId,
    infringement_class: InfringementClass | None = None,
    grounds: tuple[GroundCode, ...] = (),
    scope: Scope = EVERYTHING,
) -> Determination:
    """
    Enter the word of the holder's expert on one finding, and what follows for it, in one transaction.

    `grounds` are the codes the expert bases it on. Raises `BadDetermination` and `UnknownFinding`.
    """
    return determine_together(
        database,
        [finding],
        is_infringing=is_infringing,
        statement=statement,
        by=by,
        clock=clock,
        ids=ids,
        infringement_class=infringement_class,
        grounds=grounds,
        scope=scope,
    )[0]


def determine_together(
    database: Database,
    findings: Iterable[str],
    *,
    is_infringing: bool,
    statement: str,
    by: str,
    clock: Clock,
    ids: NewId,
    infringement_class: InfringementClass | None = None,
    grounds: tuple[GroundCode, ...] = (),
    scope: Scope = EVERYTHING,
) -> list[Determination]:
    """
    Enter one word on each of these findings, all or none; which may go together is the caller's to check.

    Raises `BadDetermination` and `UnknownFinding`.
    """
    at = clock()
    words = [
        Determination(
            id=ids(),
            finding=finding,
            is_infringing=is_infringing,
            infringement_class=infringement_class,
            grounds=grounds,
            statement=statement,
            by=by,
            at=at,
        )
        for finding in dict.fromkeys(findings)
    ]
    for word in words:
        check_determination(word)
    with database.write() as connection:
        for word in words:
            old = Findings(connection, scope).get(word.finding)
            if old is None:
                raise UnknownFinding(word.finding)
            act = act_of(
                by,
                "determine_item",
                "finding",
                word.finding,
                clock=lambda: at,
                ids=ids,
                detail={"determination": word.id, "infringing": str(is_infringing).lower()},
            )
            Determinations(connection, scope).append(word, act)
            upsert(connection, tables.finding, [row_of(apply_determination(old, word), tables.finding)], ["id"])
        ReviewItems(connection, scope).refresh([word.finding for word in words])
    return words
