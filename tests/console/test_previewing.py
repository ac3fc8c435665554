"""Pictures of a sheet are opened by children alone, one a core: what comes out does not depend on how many."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import load_settings
from console import previewing
from console.previewing import Ahead, look_ahead, take_in
from console.workspace import Workspace, create_workspace, open_workspace
from matching.photo_worker import PhotoWorker
from registry.report import ImportReport
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.registry.conftest import example_row, sheet_text

COUNT = 20  # enough for three children


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace where a product is registered, and a folder of pictures of it."""
    home = tmp_path_factory.mktemp("previewing")
    create_workspace(load_settings(home / "home", {}))
    with open_workspace(load_settings(home / "home", {})) as workspace:
        for kind in ("rights", "products"):
            (home / f"{kind}.csv").write_text(sheet_text([example_row(kind)]), "utf-8")
            report, _ = _take(workspace, kind, home / f"{kind}.csv")
            assert not report.refusals
    photos = home / "photos"
    photos.mkdir()
    for n in range(COUNT):
        (photos / f"{n}.jpg").write_bytes(make.photo(n))
    (photos / "4.jpg").write_bytes(b"\xff\xd8\xff\xe0 and nothing more")
    row = example_row("references", work_ref="", right_ref="")
    rows = [row | {"reference_ref": f"F-{n}", "file": f"{n}.jpg"} for n in range(COUNT)]
    rows[6] |= {"polarity": "negative"}
    (photos / "references.csv").write_text(sheet_text(rows), "utf-8")
    others = [each | {"reference_ref": each["reference_ref"].replace("F", "G")} for each in rows]
    (photos / "others.csv").write_text(sheet_text(others), "utf-8")
    return home


@pytest.fixture(scope="module")
def workspace(bare: Path) -> Iterator[Workspace]:
    """The same, opened."""
    with open_workspace(load_settings(bare / "home", {})) as opened:
        yield opened


def _take(workspace: Workspace, kind: str, file: Path) -> tuple[ImportReport, Ahead]:
    return take_in(workspace, kind, file, scope=EVERYTHING, dry_run=False, by="tester", clock=utc_now, ids=new_id)


def test_three_processes_find_what_one_finds_and_the_most_is_the_first_rows(
    bare: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = bare / "photos" / "others.csv"
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(look_ahead(workspace, "references", sheet, scope=EVERYTHING, most=9))
    assert found[0] == found[1]
    # G-4 is no picture and counts among the nine; G-6 speaks against identity and is not judged.
    assert [each.name for each in found[0].previews] == [f"G-{n}" for n in (0, 1, 2, 3, 5, 7, 8, 9)]
    assert found[0].unjudged == COUNT - 1 - 9
    assert len(found[0].opened) == COUNT and sum(each is not None for each in found[0].opened.values()) == 1


def test_a_child_that_dies_costs_its_picture_and_the_next_import_brings_it(
    bare: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = previewing._open

    def dies_at_f_9(worker: PhotoWorker, wanted: Any) -> Any:
        if wanted.row.ref == "F-9":
            worker.start()
            assert worker._pool is not None and worker._pool._processes is not None
            for process in worker._pool._processes.values():
                process.kill()
        return whole(worker, wanted)

    with monkeypatch.context() as patch:
        patch.setattr(previewing, "_open", dies_at_f_9)
        report, _ = _take(workspace, "references", bare / "photos")
    assert report.added == COUNT - 2
    told = {each.row: each.problem for each in report.refusals}
    assert sorted(told) == [6, 11] and "died" in told[11], "F-4, which is no picture, and F-9"
    report, ahead = _take(workspace, "references", bare / "photos")
    assert (report.added, report.unchanged, report.refused) == (1, COUNT - 2, 1)
    assert [each.name for each in ahead.previews] == ["F-9"], "what stands is not opened again"
