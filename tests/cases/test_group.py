"""Findings become cases by right, account and platform, the same way every time."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.group import Group, group_findings
from store.records.cases import CaseState
from store.records.findings import Band, Finding
from store.records.listings import Listing
from tests import factories as make


def _world(sellers: list[str | None], bands: list[Band]) -> tuple[list[Finding], dict[str, Listing]]:
    findings, listings = [], {}
    for number, (seller, band) in enumerate(zip(sellers, bands, strict=True), 1):
        listing = make.listing(number, seller=seller)
        listings[listing.id] = listing
        findings.append(make.finding(number, band=band, found_at=make.NOW - timedelta(minutes=number)))
    return findings, listings


def _group(findings: list[Finding], listings: dict[str, Listing]) -> list[Group]:
    return group_findings(findings, listings, (), decided=frozenset())


def test_one_account_is_one_case_and_two_are_two() -> None:
    findings, listings = _world(["a", "a", "b"], [Band.NOTICE, Band.REVIEW, Band.NOTICE])
    groups = _group(findings, listings)
    assert [(g.key.seller, len(g.findings)) for g in groups] == [("a", 2), ("b", 1)]


def test_silent_findings_open_no_case() -> None:
    findings, listings = _world(["a", "b"], [Band.SILENT, Band.NOTICE])
    assert [g.key.seller for g in _group(findings, listings)] == ["b"]


def test_two_rights_are_two_cases() -> None:
    findings, listings = _world(["a", "a"], [Band.NOTICE, Band.NOTICE])
    findings[1] = replace(findings[1], right=make.an_id("right", 2))
    assert len(_group(findings, listings)) == 2


def test_listings_without_an_account_stand_together_under_none() -> None:
    findings, listings = _world([None, None], [Band.NOTICE, Band.NOTICE])
    (group,) = _group(findings, listings)
    assert group.key.seller == "" and len(group.findings) == 2


def test_a_silenced_finding_leaves_its_case_unless_somebody_decided_it() -> None:
    findings, listings = _world(["a", "a"], [Band.NOTICE, Band.SILENT])
    case = make.case(seller="a", findings=(findings[0].id, findings[1].id))
    (left,) = group_findings(findings, listings, [case], decided=frozenset())
    assert left.findings == (findings[0].id,) and left.changed
    (kept,) = group_findings(findings, listings, [case], decided=frozenset({findings[1].id}))
    assert set(kept.findings) == set(case.findings)


def test_a_case_whose_findings_all_fell_silent_is_left_empty_to_be_closed() -> None:
    findings, listings = _world(["a"], [Band.SILENT])
    (group,) = group_findings(findings, listings, [make.case(seller="a")], decided=frozenset())
    assert group.findings == () and group.case is not None


def test_a_closed_case_is_not_opened_again() -> None:
    findings, listings = _world(["a"], [Band.NOTICE])
    closed = make.case(seller="a", state=CaseState.CLOSED)
    (group,) = group_findings(findings, listings, [closed], decided=frozenset())
    assert group.case is None


@given(
    rows=st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(list(Band))), max_size=12),
    seed=st.integers(0, 99),
)
def test_grouping_is_stable_and_grouping_again_changes_nothing(
    rows: list[tuple[str | None, Band]], seed: int
) -> None:
    findings, listings = _world([row[0] for row in rows], [row[1] for row in rows])
    groups = group_findings(findings, listings, (), decided=frozenset())
    shuffled = list(findings)
    random.Random(seed).shuffle(shuffled)
    assert group_findings(shuffled, listings, (), decided=frozenset()) == groups
    assert sum(len(g.findings) for g in groups) == sum(band is not Band.SILENT for _, band in rows)
    cases = [
        make.case(
            number, right=g.key.right, platform=g.key.platform, seller=g.key.seller or None, findings=g.findings
        )
        for number, g in enumerate(groups, 1)
    ]
    assert not any(g.changed for g in group_findings(shuffled, listings, cases, decided=frozenset()))
