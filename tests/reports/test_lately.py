"""A notice leaves only where its offers were seen shortly before, live and as captured."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reports.lately import last_seen, seen_otherwise
from store.records.listings import ListingState
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
