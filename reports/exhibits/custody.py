"""Who did what with the evidence, from first capture to export: a chained log, and the same in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reports.exhibits.gathering import CaseEvidence
from store.evidence.custody import link, write_log
from store.evidence.seal import write_time

_CREATED = "created"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act: when, by whom, what, on which object (a digest or an id), and in words."""

    at: datetime
    actor: str
    action: str
    object: str
    note: str


def steps_of(evidence: CaseEvidence, *, by: str, at: datetime, bundle: str) -> list[Step]:
    """Every act in the order of time; the export that is being made stands last."""
    found = [*_captured(evidence), *_sealed(evidence), *_bought(evidence), *_erased(evidence), *_acts(evidence)]
    exported = Step(at=at, actor=by, action="exported", object=evidence.case.id, note=bundle)
    return [*sorted(found, key=lambda step: step.at), exported]


def custody_log(steps: Iterable[Step]) -> bytes:
    """The steps as lines of JSON, each chained to the one before it."""
    return write_log(
        link(
            {
                "seq": place,
                "at": write_time(step.at),
                "actor": step.actor,
                "action": step.action,
                "object": step.object,
                "note": step.note,
            }
            for place, step in enumerate(steps, 1)
        )
    )


def told_steps(steps: Iterable[Step]) -> list[Step]:
    """The same for people: the captures of one run in a row are one line."""
    told: list[Step] = []
    counts: list[int] = []
    for step in steps:
        last = told[-1] if told else None
        if last is not None and step.action == last.action == _CREATED and step.actor == last.actor:
            counts[-1] += 1
            until = f"{counts[-1]} answers, the last at {step.at:%H:%M:%S}; each stands in custody.jsonl"
            told[-1] = Step(at=last.at, actor=last.actor, action=last.action, object=last.object, note=until)
        else:
            told.append(step)
            counts.append(1)
    return told


def _captured(evidence: CaseEvidence) -> Iterable[Step]:
    for exhibit in evidence.exhibits:
        capture = exhibit.capture
        yield Step(
            at=capture.fetched_at,
            actor=f"run {capture.run}",
            action=_CREATED,
            object=capture.body_sha256,
            note=f"exhibit {exhibit.number}, capture {capture.id}",
        )


def _sealed(evidence: CaseEvidence) -> Iterable[Step]:
    for seal in {e.seal.id: e.seal for e in evidence.exhibits if e.seal is not None}.values():
        note = f"log of {seal.leaves} captures"
        yield Step(
            at=seal.sealed_at, actor=f"key {seal.key_id}", action="sealed", object=seal.statement_sha256, note=note
        )
        for token in seal.tokens:
            yield Step(
                at=token.stamped_at,
                actor=f"time authority {token.authority}",
                action="stamped",
                object=token.response_sha256,
                note=note,
            )


def _bought(evidence: CaseEvidence) -> Iterable[Step]:
    for event in evidence.purchases:
        names = ", ".join(f"{file.name} {file.sha256}" for file in event.files) or "no file"
        hand = f", to {event.to}" if event.to else ""
        yield Step(
            at=event.at,
            actor=event.by,
            action=event.step.value,
            object=f"purchase {event.purchase}",
            note=f"goods of purchase {event.purchase} {event.step.value}{hand}: {event.note} ({names})",
        )


def _erased(evidence: CaseEvidence) -> Iterable[Step]:
    for stone in evidence.erased.values():
        note = f"{stone.reason.value}, with {stone.second}: {stone.legal_basis}"
        yield Step(at=stone.at, actor=stone.by, action="erased", object=stone.sha256, note=note)


def _acts(evidence: CaseEvidence) -> Iterable[Step]:
    labels = {
        each.finding.id: f"item {item.label}" for each, item in zip(evidence.facts, evidence.items, strict=True)
    }
    labels[evidence.case.id] = f"case {evidence.case.number}"
    for act in evidence.acts:
        verdict = f": {act.detail['verdict']}" if "verdict" in act.detail else ""
        subject = labels.get(act.subject, act.subject_kind)
        yield Step(at=act.at, actor=act.actor, action=act.action, object=act.subject, note=f"{subject}{verdict}")
