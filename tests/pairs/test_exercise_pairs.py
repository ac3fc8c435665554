"""Every kind of listing of the exercise world gets the band that its answer calls for, without a crawl."""

from __future__ import annotations

from collections import Counter

import pytest

from store.records.findings import Band
from tests.pairs.exercise_pairs import Outcome, play

# The notice rules refuse what stands against a right that has ended or does not reach: here it looks like any other.
WANTED = {"noticed": Band.NOTICE, "review": Band.REVIEW, "silent": Band.SILENT}


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """A small world with one of each kind of plant and trap."""
    return play(7, innocents=4, planted=8, traps_each=1)


def test_every_kind_of_listing_gets_its_band(outcomes: list[Outcome]) -> None:
    wrong = [
        (each.answer.kind, each.title, each.band.value, [finding.because for finding in each.findings])
        for each in outcomes
        if each.band is not WANTED.get(each.answer.expected, Band.NOTICE)
    ]
    assert wrong == []
    assert Counter(each.answer.role.value for each in outcomes)["plant"] == 8


def test_every_notice_has_two_families_a_ground_with_evidence_and_nothing_against_it(outcomes: list[Outcome]) -> None:
    notices = [finding for each in outcomes for finding in each.findings if finding.band is Band.NOTICE]
    assert notices
    for finding in notices:
        assert len(finding.families) >= 2
        assert finding.infringement_class is not None
        assert any(ground.captures for ground in finding.grounds)
        assert not finding.counter_signs and not finding.suppressions


def test_every_finding_says_why_in_one_sentence(outcomes: list[Outcome]) -> None:
    for each in outcomes:
        for finding in each.findings:
            assert finding.because.endswith(".") and len(finding.because) > 20
            assert 0 < finding.identity_probability < 1
