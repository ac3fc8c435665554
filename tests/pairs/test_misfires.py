"""Documented wrongful notices are never drafted again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from store.records.findings import Band
from tests.pairs.misfires import Misfire, read_misfires


@pytest.fixture(scope="module")
def misfires() -> list[Misfire]:
    """Every case under every name it is registered by."""
    from tests.conftest import real_data_folder

    folder = real_data_folder()
    if folder is None:
        pytest.skip("no real input: set MARQUE_REAL_DATA, or lay it at ../shared/data")
    return list(read_misfires(folder))


@pytest.mark.real_data
def test_no_misfire_becomes_a_notice(misfires: list[Misfire]) -> None:
    assert len({case.id for case in misfires}) == 126
    assert [case.id for case in misfires if case.band is Band.NOTICE] == []


@pytest.mark.real_data
def test_what_must_stay_silent_stays_silent(misfires: list[Misfire]) -> None:
    bands = Counter((case.expected.split(":")[0], case.band) for case in misfires)
    loud = [(case.id, case.name) for case in misfires if case.expected == "silent" and case.band is not Band.SILENT]
    assert loud == [], bands


def test_a_misfire_is_no_trap_by_being_unreadable(tmp_path: Path) -> None:
    folder = tmp_path / "misfires"
    folder.mkdir()
    (folder / "misfires.jsonl").write_text(
        '{"id": "X1", "kind": "descriptive_word", "expected": "silent", "item": {"title": "Bleach-painted hoodie",'
        ' "text": "", "platform_kind": "marketplace"}, "accused_right": {"mark_or_work": "Bleach", "right_kind":'
        ' "trademark", "goods_or_class": "25 clothing", "trap_word": "bleach"}}\n'
        '{"id": "X2", "kind": "none", "expected": "review", "item": {"title": "Velmora handbag replica", "text": "",'
        ' "platform_kind": "marketplace"}, "accused_right": {"mark_or_work": "Velmora", "right_kind": "trademark",'
        ' "goods_or_class": "18 bags"}}\n',
        "utf-8",
    )
    assert [case.band for case in read_misfires(tmp_path)] == [Band.SILENT, Band.SILENT, Band.REVIEW]
