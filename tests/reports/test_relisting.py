"""What was noticed is known again by content and seller, and a look tells whether it is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reports.relisting import Sameness, Trace, compare, folded, link
from reports.removals import Removal, look_due, removal_of
from store.records.rechecks import Presence, Recheck, RecheckPurpose
from tests import factories as make

THEN = make.NOW
OLD = Trace(
    listing="old", platform="shopnest", seller="s1", right="r", thing="p", title="AURELIA Solaris replica watch 1:1",
    photos=frozenset({"a" * 64}), codes=(0b1111,), since=THEN, item="item-1", number=3,
    noticed_at=THEN + timedelta(days=1),
)  # fmt: skip
NEW = Trace(
    listing="new", platform="bazario", seller="s9", right="r", thing="q", title="Something else entirely",
    since=THEN + timedelta(days=9),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, ()),
        ({"photos": OLD.photos}, (Sameness.PHOTO,)),
        ({"codes": (0b1111 ^ (2**31 - 1),)}, (Sameness.PHOTO_NEAR,)),
        ({"codes": (0b1111 ^ (2**40 - 1),)}, ()),
        ({"title": "Aurelia  SOLARIS réplica watch 1:1!"}, (Sameness.TITLE,)),
        ({"title": "Aurelia watch"}, ()),
        ({"platform": "shopnest", "seller": "s1", "thing": "p"}, (Sameness.SELLER,)),
        ({"platform": "shopnest", "seller": "s1"}, ()),  # the same account with another product
        ({"seller": "s1", "thing": "p"}, ()),  # an account of that name elsewhere is anybody's
        ({"platform": "shopnest", "seller": None, "thing": "p"}, ()),
        ({"photos": OLD.photos, "right": "another"}, ()),
        ({"photos": OLD.photos, "since": THEN}, ()),  # it stood there before the notice
        ({"photos": OLD.photos, "listing": "old"}, ()),
    ],
)
def test_the_same_thing_under_another_address(change: dict[str, Any], same: tuple[Sameness, ...]) -> None:
    assert compare(replace(NEW, **change), OLD) == same


def test_the_item_with_most_in_common_is_the_one_before() -> None:
    closer = replace(OLD, item="item-2", title=NEW.title + ", in a box")
    new = replace(NEW, photos=OLD.photos, title=closer.title)
    found = link(new, [OLD, closer])
    assert found is not None and (found.item, found.same) == ("item-2", (Sameness.PHOTO, Sameness.TITLE))
    assert link(NEW, [OLD, closer]) is None
    assert folded("Réplica, 1:1") == "replica11"


def look(days: float, presence: Presence) -> Recheck:
    return Recheck(
        id=make.an_id("recheck", int(days * 100)), listing="x", run="run", purpose=RecheckPurpose.REMOVAL,
        judged_at=THEN + timedelta(days=days), presence=presence, reasons=(), divergent=False, differences=(),
        sights=(), baseline=None, by="marque",
    )  # fmt: skip


ABSENT, UNKNOWN = Presence.ABSENT, Presence.UNKNOWN


@pytest.mark.parametrize(
    ("looks", "now", "due"),
    [
        ([], 0.5, None),
        ([], 1, 1),
        ([], 8, 7),  # a worker that slept makes one look for both
        ([(1, ABSENT)], 6, None),
        ([(1, ABSENT)], 7, 7),
        ([(1, UNKNOWN)], 1.5, None),
        ([(1, UNKNOWN)], 2, 1),
        ([(1, UNKNOWN), (2, UNKNOWN), (3, UNKNOWN)], 5, None),  # given up until the next one's time
        ([(1, UNKNOWN), (2, UNKNOWN), (3, UNKNOWN)], 7, 7),
        ([(1, ABSENT), (7, ABSENT), (30, ABSENT)], 90, 90),
        ([(1, ABSENT), (90, ABSENT)], 400, None),
    ],
)
def test_looks_are_due_after_a_day_a_week_a_month_and_a_season(
    looks: list[tuple[float, Presence]], now: float, due: int | None
) -> None:
    found = look_due(THEN, [look(*each) for each in looks], THEN + timedelta(days=now))
    assert found == (timedelta(days=due) if due is not None else None)


def test_what_could_not_be_told_proves_nothing() -> None:
    assert removal_of(THEN, []) is Removal.UNCONFIRMED
    assert removal_of(THEN, [look(-1, ABSENT)]) is Removal.UNCONFIRMED, "a look before the platform acted"
    assert removal_of(THEN, [look(1, UNKNOWN)]) is Removal.UNKNOWN
    assert removal_of(THEN, [look(1, ABSENT), look(7, UNKNOWN)]) is Removal.CONFIRMED
    assert removal_of(THEN, [look(1, ABSENT), look(7, Presence.CHANGED)]) is Removal.THERE
