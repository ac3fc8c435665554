"""Everything of one case that its evidence bundle tells: findings with their reasons, captures, seals, and acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from config.declarations import Declarations
from reports.exhibits.errors import NothingToShow
from reports.facts import ItemFacts, Sender
from reports.gather import confirmed, gather
from reports.notice import draft_item
from reports.views import CLAIM_TITLES, Evidence, ItemView, item_view
from store.db.audit import AuditTrail
from store.db.capture_seals import CaptureSeals, leaves_of, types_that_stood
from store.db.captures import Captures
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.purchases import Purchases
from store.db.rechecks import Rechecks
from store.db.tables import capture as capture_table
from store.db.tombstones import tombstones_of
from store.evidence.bundle_files import SealedCapture, SealedLog
from store.evidence.capture_record import record_of
from store.evidence.seal import canonical
from store.evidence.vault import Vault
from store.records.captures import Capture
from store.records.cases import Case
from store.records.keeping import Tombstone
from store.records.ledger import AuditEntry
from store.records.purchases import PurchaseEvent
from store.records.rechecks import Presence, Recheck, SightRole
from store.records.scope import EVERYTHING, Scope
from store.records.seals import CaptureSealRow

_LEAF_BYTES = 32
RECHECKS_SHOWN = 4  # of an item; chosen: before sending, and the first of those that watch whether it stays away
_PLACEHOLDER = b"erased lawfully"  # in place of bytes, for views that only show pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One capture of the bundle, as people call it."""

    number: int
    capture: Capture
    sealed: SealedCapture
    seal: CaptureSealRow | None  # None: it stands in no seal


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvidence:
    """A case with everything its bundle is made of."""

    case: Case
    facts: tuple[ItemFacts, ...]
    items: tuple[ItemView, ...]
    exhibits: tuple[Exhibit, ...]
    logs: tuple[SealedLog, ...]
    acts: tuple[AuditEntry, ...]
    purchases: tuple[PurchaseEvent, ...]
    erased: Mapping[str, Tombstone]  # by SHA-256: bytes of these captures that were erased lawfully
    rechecks: Mapping[str, tuple[Recheck, ...]]  # by finding id: the last times its listing was looked at again

    def exhibit_of(self, capture: str) -> Exhibit | None:
        """The exhibit of a capture id."""
        return next((exhibit for exhibit in self.exhibits if exhibit.capture.id == capture), None)


def gather_case(
    connection: Connection,
    vault: Vault,
    declarations: Declarations,
    number: int,
    *,
    sender: Sender,
    now: datetime,
    scope: Scope,
) -> CaseEvidence:
    """
    A case by its number, with its confirmed findings.

    Raises `NothingToShow` for no such case, or one of which nothing is confirmed, `MissingEvidence`.
    """
    case = Cases(connection, scope).numbered(number)
    if case is None:
        raise NothingToShow(number, "there is no such case in your sight")
    standing = confirmed(case.findings, Decisions(connection, scope).of_findings(case.findings))
    material = gather(
        connection, vault, declarations, dict.fromkeys(standing, case), sender=sender, now=now, scope=scope
    )
    facts = tuple(
        draft_item(each, notice=case.id, ids=lambda: case.id)
        for _, each in sorted(material.items())
        if each.finding.infringement_class is not None and each.finding.infringement_class.value in CLAIM_TITLES
    )
    if not facts:
        raise NothingToShow(number, "nothing in it is confirmed; decide its findings first")
    rechecks = {each.finding.id: _looked_again(connection, each) for each in facts}
    captures = {capture.id: capture for each in facts for capture in each.captures}
    captures |= _of_rechecks(connection, [recheck for found in rechecks.values() for recheck in found])
    captured = list(captures.values())
    erased = tombstones_of(connection, {digest for capture in captured for digest in digests_of(capture)})
    shown = Evidence(lambda digest: _PLACEHOLDER if digest in erased else vault.get(digest))
    items = tuple(item_view(each, f"{number}-{place}", shown) for place, each in enumerate(facts, 1))
    exhibits, logs = _exhibits(connection, vault, captures)
    return CaseEvidence(
        case=case,
        facts=facts,
        items=items,
        exhibits=exhibits,
        logs=logs,
        acts=_acts(connection, scope, case, facts),
        purchases=tuple(Purchases(connection, scope).of_case(case.id)),
        erased=erased,
        rechecks=rechecks,
    )


def _looked_again(connection: Connection, facts: ItemFacts) -> tuple[Recheck, ...]:
    """The last times that the listing of an item was looked at again, oldest first."""
    return tuple(Rechecks(connection, EVERYTHING).of_listing(facts.listing.id)[-RECHECKS_SHOWN:])


def _of_rechecks(connection: Connection, rechecks: Sequence[Recheck]) -> dict[str, Capture]:
    """Every capture that rechecks rest on, and the parts of the pages that were opened for evidence."""
    captures = Captures(connection, EVERYTHING)
    found: dict[str, Capture] = {}
    for each in rechecks:
        pages = {sight.capture for sight in each.sights if sight.role is SightRole.FIRST and sight.capture}
        for capture in captures.find(capture_table.c.run == each.run, capture_table.c.parent.in_(pages)):
            found[capture.id] = capture
        proves = each.presence is Presence.ABSENT  # else control pages show nothing but people who are not concerned
        for sight in each.sights:
            if sight.role is SightRole.CONTROL and not proves:
                continue
            kept = [captures.get(id) for id in (*sight.hops, sight.capture) if id is not None]
            found |= {page.id: page for page in kept if page is not None}
    return found


def digests_of(capture: Capture) -> list[str]:
    """Every SHA-256 of a capture's bytes."""
    return [capture.body_sha256, *(file.sha256 for file in capture.files)]


def _exhibits(
    connection: Connection, vault: Vault, captures: Mapping[str, Capture]
) -> tuple[tuple[Exhibit, ...], tuple[SealedLog, ...]]:
    leaves = leaves_of(connection, captures)
    stood = types_that_stood(connection, captures.values())
    seals = {id: CaptureSeals(connection, EVERYTHING).get(id) for id in {leaf.seal for leaf in leaves.values()}}
    found = sorted((seal for seal in seals.values() if seal), key=lambda seal: (seal.sealed_at, seal.id))
    labels = {seal.id: f"{place:02d}" for place, seal in enumerate(found, 1)}
    exhibits = []
    for place, capture in enumerate(sorted(captures.values(), key=lambda c: (c.fetched_at, c.id)), 1):
        leaf = leaves.get(capture.id)
        sealed = SealedCapture(
            label=f"{place:02d}",
            record=vault.get(leaf.record_sha256) if leaf else canonical(record_of(capture, stood.get(capture.id))),
            log=labels.get(leaf.seal) if leaf else None,
            position=leaf.position if leaf else None,
        )
        exhibits.append(
            Exhibit(number=place, capture=capture, sealed=sealed, seal=seals.get(leaf.seal) if leaf else None)
        )
    return tuple(exhibits), tuple(_log(vault, seal, labels[seal.id]) for seal in found)


def _log(vault: Vault, seal: CaptureSealRow, label: str) -> SealedLog:
    leaves = vault.get(seal.leaves_sha256)
    return SealedLog(
        label=label,
        statement=vault.get(seal.statement_sha256),
        signature_json=vault.get(seal.signature_sha256),
        leaves=tuple(leaves[at : at + _LEAF_BYTES] for at in range(0, len(leaves), _LEAF_BYTES)),
        tokens={
            token.authority: (vault.get(token.query_sha256), vault.get(token.response_sha256))
            for token in seal.tokens
        },
    )


def _acts(connection: Connection, scope: Scope, case: Case, facts: Sequence[ItemFacts]) -> tuple[AuditEntry, ...]:
    """What people and stages did to the case, its findings and decisions, in the order of time."""
    trail = AuditTrail(connection, scope)
    subjects = [case.id, *(each.finding.id for each in facts)]
    subjects += [each.decision.id for each in facts if each.decision]
    subjects += [each.determination.id for each in facts if each.determination]
    found = {entry.id: entry for subject in subjects for entry in trail.of_subject(subject)}
    return tuple(sorted(found.values(), key=lambda entry: (entry.at, entry.id)))
