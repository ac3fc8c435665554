"""Puts findings together into cases: one right, one account, one platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store.records.cases import Case, CaseState
from store.records.findings import Band, Finding
from store.records.listings import Listing


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class GroupKey:
    """What the findings of a case have in common."""

    platform: str
    right: str
    holder: str
    seller: str  # Seller id, or "" where the listings name none; text, so that keys have an order


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings of one key, and the case that already holds them, if one does."""

    key: GroupKey
    findings: tuple[str, ...]  # in the order they were found
    case: Case | None = None  # None: a case is to be opened

    @property
    def changed(self) -> bool:
        """Whether the case on file does not say this yet."""
        return self.case is None or self.case.findings != self.findings


def group_findings(
    findings: Iterable[Finding], listings: Mapping[str, Listing], cases: Iterable[Case], *, decided: frozenset[str]
) -> list[Group]:
    """
    The cases that `findings` make, in a stable order.

    A finding of band review or notice belongs to a case; a silent one stays only where somebody already `decided`
    it. A group with a case that is not closed keeps that case, so that running again changes nothing.
    """
    by_key: dict[GroupKey, list[Finding]] = {}
    for finding in findings:
        listing = listings.get(finding.listing)
        if listing is None or (finding.band is Band.SILENT and finding.id not in decided):
            continue
        key = GroupKey(
            platform=listing.platform, right=finding.right, holder=finding.holder, seller=listing.seller or ""
        )
        by_key.setdefault(key, []).append(finding)
    open_cases: dict[GroupKey, Case] = {}
    for case in sorted(cases, key=lambda case: case.number):
        if case.state is not CaseState.CLOSED:
            key = GroupKey(platform=case.platform, right=case.right, holder=case.holder, seller=case.seller or "")
            open_cases.setdefault(key, case)
    groups = []
    for key in sorted({*by_key, *open_cases}):
        ordered = sorted(by_key.get(key, []), key=lambda finding: (finding.found_at, finding.id))
        found = open_cases.get(key)
        if ordered and (found is not None or any(finding.band is not Band.SILENT for finding in ordered)):
            groups.append(Group(key=key, findings=tuple(finding.id for finding in ordered), case=found))
        elif found is not None:
            groups.append(Group(key=key, findings=(), case=found))
    return groups
