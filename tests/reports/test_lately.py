"""A notice leaves only where its offers were seen shortly before, live and as captured."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reports.lately import before_handing_over, last_seen, seen_otherwise
from store.db.session import Database
from store.records.findings import InfringementClass
from store.records.listings import ListingState
from store.records.notices import Batch, BatchKind, Notice, NoticeItem, NoticeState
from store.records.rechecks import Presence, Recheck, RecheckPurpose, Sight, SightRole
from tests import factories as make

HOUR = timedelta(hours=1)


def again(presence: Presence, after: timedelta = HOUR, *, divergent: bool = False) -> Recheck:
    """A listing looked at again, so long after it was captured."""
    first = Sight(
        role=SightRole.FIRST,
        url="https://shop.example/item/1",
        way="plain",
        locale="en",
        seen_at=make.NOW + after,
        capture="c",
        state=ListingState.LIVE,
        because="its page shows the offer",
    )
    return Recheck(
        id="r",
        listing="l",
        run="run",
        purpose=RecheckPurpose.SENDING,
        judged_at=make.NOW + after + HOUR,
        presence=presence,
        reasons=("first look: status 404",),
        divergent=divergent,
        sights=(first,),
        by="Ann",
    )


@pytest.mark.parametrize(
    ("recheck", "said"),
    [
        (None, None),
        (again(Presence.PRESENT), None),
        (again(Presence.CHANGED), "not what was captured"),
        (again(Presence.ABSENT), "it was gone: first look: status 404"),
        (again(Presence.UNKNOWN), "nobody can tell"),
        (again(Presence.UNKNOWN, divergent=True), "depends on who asks"),
        (again(Presence.CHANGED, after=timedelta(0)), None),  # it is the sight that the item rests on by now
        (again(Presence.ABSENT, after=-HOUR), None),
    ],
)
def test_the_last_look_counts(recheck: Recheck | None, said: str | None) -> None:
    found = seen_otherwise(recheck, make.NOW)
    assert (found is None) == (said is None), found
    assert said is None or said in (found or "")


def test_only_a_look_that_saw_it_as_captured_makes_it_younger() -> None:
    assert last_seen(None, make.NOW) == make.NOW
    assert last_seen(again(Presence.PRESENT), make.NOW) == make.NOW + HOUR, "when it was looked at, not when judged"
    for presence in (Presence.CHANGED, Presence.ABSENT, Presence.UNKNOWN):
        assert last_seen(again(presence), make.NOW) == make.NOW


def test_whoever_hands_a_batch_over_by_hand_is_told_that_its_offers_are_old(database: Database) -> None:
    asked = make.platform(
        "asked",
        reach={"by": "api"},
        api={"base": "http://127.0.0.1:8043/v1/"},
        look={"search": "search?q={term}"},
        read={"listing": {"title": {"json": "title"}}},
    )
    declared = make.declarations(platforms=(make.platform(), asked))
    item = NoticeItem(
        id="i",
        notice="n",
        finding="f",
        listing="l",
        url="https://shop.example/item/1",
        platform_item_id="1",
        title="Lamp",
        infringement_class=InfringementClass.COUNTERFEIT,
        grounds=(),
        explanation="x",
        against="",
        observed_at=make.NOW,
        captures=("c",),
        idempotency_key="k",
    )
    notice = Notice(
        id="n",
        number=4,
        case="c",
        platform="shopnest",
        profile="eu-dsa-16",
        profile_version=1,
        regime="r",
        right="r",
        holder="h",
        language="en",
        state=NoticeState.SENT,
        items=(item,),
        drafted_at=make.NOW,
        legal_basis="x",
    )
    batch = Batch(
        id="b",
        number=1,
        platform="shopnest",
        profile="eu-dsa-16",
        notices=("n",),
        item_count=1,
        path="out/b",
        manifest_sha256="0" * 64,
        created_at=make.NOW,
    )
    with database.read() as connection:

        def told(each: Batch, hours: int) -> str | None:
            return before_handing_over(connection, each, [notice], declared, make.NOW + hours * HOUR)

        assert told(batch, 23) is None
        assert "notice 4" in str(told(batch, 30)) and "marque evidence recheck --batch" in str(told(batch, 30))
        by_interface = str(told(replace(batch, platform="asked"), 30))
        assert "shows no page" in by_interface and "recheck" not in by_interface
        assert told(replace(batch, kind=BatchKind.FOLLOW_UPS), 30) is None
