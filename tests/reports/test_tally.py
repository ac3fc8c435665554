"""What became of what was asked: silence is no refusal, a form error no verdict, and no person stands in a report."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reports.customs import customs_sheet
from reports.tally import tally, wilson, yearly_report
from store.records import codec
from store.records.notices import Notice, NoticeItem, NoticeState, Refusal
from store.records.outcomes import Outcome, OutcomeKind, OutcomeStatus
from store.records.sellers import SellerRule, SellerStanding
from tests import factories as make

FACTS = make.facts_of(make.goods_scene())


def notice(number: int, items: int = 1, **more: object) -> Notice:
    made = tuple(
        replace(FACTS.item, id=make.an_id("item", number * 100 + n), notice=str(number)) for n in range(items)
    )
    values: dict[str, object] = {
        "id": str(number), "number": number, "case": "case", "platform": "shopnest", "profile": "eu-dsa-16",
        "profile_version": 1, "regime": "EU DSA Art. 16", "right": FACTS.right.id, "holder": FACTS.holder.id,
        "language": "en", "state": NoticeState.SENT, "items": made, "drafted_at": make.NOW, "legal_basis": "law",
        "signatory": make.PERSON, "signed_at": make.NOW,
    }  # fmt: skip
    return Notice(**{**values, **more})  # type: ignore[arg-type]  # the fields of one record


def answer(item: NoticeItem, status: OutcomeStatus | None, days: float = 1, **more: object) -> Outcome:
    values: dict[str, object] = {
        "id": f"{item.id} {days}", "notice": item.notice, "item": item.id, "kind": OutcomeKind.DECISION,
        "status_raw": "word", "status": status, "received_at": make.NOW + timedelta(days=days),
        "raw_sha256": "0" * 64,
    }  # fmt: skip
    return Outcome(**{**values, **more})  # type: ignore[arg-type]  # the fields of one record


def test_each_fate_has_its_own_column_and_only_substance_makes_the_share() -> None:
    sent = notice(1, 6)
    a, b, c, d, e, _ = sent.items
    told = {
        "1": [
            answer(a, OutcomeStatus.ACTIONED, 2, action="content_removed"),
            answer(b, OutcomeStatus.ACTIONED, 4),
            answer(c, OutcomeStatus.REJECTED),
            answer(d, OutcomeStatus.FAILED),
            answer(e, None),
        ]
    }
    waits = notice(2, state=NoticeState.BATCHED)
    refused = replace(FACTS.item, refusals=(Refusal(code="X-1", family="X", because="x", fix="y"),))
    (line,) = tally([sent, waits, replace(notice(3), items=(refused,))], told, lambda each: each.platform)
    assert (line.notices, line.items, line.taken_down, line.rejected, line.failed) == (2, 6, 2, 1, 1)
    assert (line.silent, line.unmapped, line.median_days) == (2, 1, 3.0)
    assert line.share == round(2 / 3, 4) and line.low is not None and line.high is not None and line.low < 0.4
    (nothing,) = tally([notice(4)], {}, lambda each: each.holder)
    assert (nothing.share, nothing.silent) == (None, 1)


def test_the_yearly_report_counts_notices_and_names_nobody() -> None:
    first, second = notice(1, 2), notice(2, platform="filmhamn")
    old = notice(3, signed_at=make.NOW.replace(year=2025))
    told = {"1": [answer(first.items[0], OutcomeStatus.ACTIONED, action="content_removed")]}
    report = yearly_report([first, second, old], told, 2026)
    assert report.notices == 2 and dict(report.by_host) == {"shopnest": 1, "filmhamn": 1}
    assert dict(report.by_content) == {"counterfeit": 2}
    assert dict(report.by_action) == {"content_removed": 1, "no answer": 2}
    said = json.dumps(codec.to_json(report))
    for person in (make.PERSON, FACTS.holder.legal_name, "880001", FACTS.item.url, FACTS.item.id):
        assert person not in said


@given(hits=st.integers(0, 300), more=st.integers(0, 300))
def test_the_interval_holds_the_share_and_narrows(hits: int, more: int) -> None:
    n = hits + more
    low, high = wilson(hits, n)
    assert 0 <= low <= high <= 1
    if n:
        assert low - 1e-9 <= hits / n <= high + 1e-9
        wider = wilson(hits * 4, n * 4)
        assert wider[1] - wider[0] <= high - low + 1e-9


def test_the_customs_sheet_says_what_is_known_and_what_is_missing() -> None:
    rule = SellerRule(
        id="r", holder=FACTS.holder.id, platform="shopnest", platform_seller_id="410001",
        standing=SellerStanding.AUTHORISED,
    )  # fmt: skip
    other = replace(rule, platform_seller_id="9", rights=("another",))
    excluded = replace(rule, platform_seller_id="8", standing=SellerStanding.EXCLUDED)
    parts = customs_sheet(FACTS.right, FACTS.holder, [make.product()], [make.reference()], [rule, other, excluded])
    known = {part.letter: part.known for part in parts}
    assert list(known) == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l-o", "p", "q"]
    assert known["i"] == ("shopnest, account 410001",) and known["d"] == ()
    assert any(make.product().name in line for line in known["g"])
    assert all(part.basis in ("official", "memory") for part in parts)
