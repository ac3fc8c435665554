"""A batch holds as many items as its recipient takes, and a notice is never torn."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from reports.batch import SignedNotice, split_notices
from reports.lots import part_items
from reports.rules.table import check_item
from reports.weight import FRAME_BYTES, PACKAGE_BYTES, weight_of
from store.records.notices import Notice, NoticeState
from tests import factories as make
from tests.golden.regenerate import GOLDEN, scenes_of

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
    return [sum(len(each.facts) for each in lot) for lot in split_notices(signed, most, 10**12)]


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


def _heavy(number: int, body_bytes: int) -> make.Scene:
    scene = make.goods_scene(number)
    page, *rest = scene.captures
    return replace(scene, captures=(replace(page, body_bytes=body_bytes), *rest))


def test_a_batch_is_split_before_its_package_is_too_big_for_a_mailbox() -> None:
    facts = make.facts_of(_heavy(1, 10_000_000))
    signed = [SignedNotice(notice=NOTICE, facts=(facts,)) for _ in range(3)]
    assert [len(lot) for lot in split_notices(signed, None)] == [2, 1]
    most = PACKAGE_BYTES - FRAME_BYTES
    heaviest = most - (weight_of(make.material_of(_heavy(1, most))) - most)
    assert weight_of(make.material_of(_heavy(1, heaviest))) == most
    assert check_item(make.facts_of(_heavy(1, heaviest))) == ()
    assert [each.code for each in check_item(make.facts_of(_heavy(1, heaviest + 1)))] == ["SIZE-2"]


def test_a_notice_is_drafted_small_enough_for_one_package() -> None:
    material = [make.material_of(_heavy(number, 10_000_000)) for number in (1, 2, 3)]
    assert [len(lot) for lot in part_items(material)] == [2, 1]
    assert [len(lot) for lot in part_items(material[:1])] == [1]


@pytest.mark.parametrize("folder", sorted((GOLDEN / "batches").iterdir()), ids=lambda path: path.name)
def test_no_package_is_bigger_than_was_reckoned(folder: Path) -> None:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    reckoned = sum(weight_of(make.material_of(scene)) for scene in scenes_of(folder.name))
    assert size <= reckoned + FRAME_BYTES


def test_a_table_tells_our_id_first_and_how_each_item_was_found() -> None:
    with (GOLDEN / "batches" / "eu-dsa-16" / "items.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    whole = json.loads((GOLDEN / "batches" / "eu-dsa-16" / "batch.json").read_bytes())
    items = whole["notices"][0]["items"]
    assert next(iter(rows[0])) == "item_id" and [row["item_id"] for row in rows] == [item["id"] for item in items]
    assert {row["human_reviewed"] for row in rows} == {"yes"} and rows[0]["detected_by"] == "mark_in_title same_photo"
    assert rows[0]["register"].startswith("https://") and rows[0]["previous_notice"] == ""
    assert whole["schema"] == "marque-notice-batch-1" and whole["sandbox"] is True
    assert {"human_reviewed", "detected_by", "previous_item", "previous_notice", "platform_code"} <= set(items[0])
