"""A batch holds as many items as its recipient takes, and a notice is never torn."""

from __future__ import annotations

import pytest

from reports.batch import SignedNotice, split_notices
from store.records.notices import Notice, NoticeState
from tests import factories as make

FACTS = make.facts_of(make.goods_scene())
NOTICE = Notice(
    id=make.an_id("notice"),
    number=1,
    case=FACTS.case.id,
    platform="shopnest",
    profile="eu-dsa-16",
    profile_version=1,
    regime="EU DSA Art. 16",
    right=FACTS.right.id,
    holder=FACTS.holder.id,
    language="en",
    state=NoticeState.APPROVED,
    items=(FACTS.item,),
    drafted_at=make.NOW,
    legal_basis=FACTS.legal_basis,
)


def sizes(most: int | None, *notices: int) -> list[int]:
    """Items of each lot, given the items of each notice."""
    signed = [SignedNotice(notice=NOTICE, facts=(FACTS,) * items) for items in notices]
    return [sum(len(each.facts) for each in lot) for lot in split_notices(signed, most)]


LIMITED = [name for name in make.SHIPPED_PROFILES if make.profile(name).limits.items_per_batch is not None]


@pytest.mark.parametrize("name", LIMITED)
def test_a_batch_of_every_profile_is_full_at_its_limit_and_split_one_over(name: str) -> None:
    limits = make.profile(name).limits
    most = limits.items_per_batch
    assert most is not None and limits.items_per_notice is not None
    assert sizes(most, *[1] * (most - 1)) == ([most - 1] if most > 1 else [])
    assert sizes(most, *[1] * most) == [most]
    assert sizes(most, *[1] * (most + 1)) == [most, 1]
    assert sizes(most, limits.items_per_notice, 1) in ([limits.items_per_notice + 1], [limits.items_per_notice, 1])
    assert max(sizes(most, limits.items_per_notice, limits.items_per_notice)) <= most


def test_a_recipient_without_a_known_limit_gets_all_at_once() -> None:
    assert sizes(None, 3, 2) == [5]
    assert sizes(None) == []
