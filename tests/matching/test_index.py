"""An index on disk is found whole or not at all, and says what an index in memory says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matching import codes, index
from matching.errors import CodesMisshapen, IndexUnreadable
from matching.index import (
    CodeIndex,
    Found,
    build_index_files,
    extend_index_files,
    open_index,
    sweep_index_files,
)
from tests.matching.test_codes import drawn

NOTHING = np.empty((0, 4), dtype=np.uint64), np.empty(0, dtype=np.uint64)


def labelled(count: int, first: int = 0) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.uint64)


def told(found: Found) -> list[tuple[int, int, int]]:
    return list(zip(found.queries.tolist(), found.distances.tolist(), found.labels.tolist(), strict=True))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks from a few codes on, so that small indexes have every kind of file."""
    for module in (codes, index):
        monkeypatch.setattr(module, "MIN_FOR_TABLES", 64)


@pytest.mark.usefixtures("small_chunks")
def test_the_index_on_disk_says_what_the_one_in_memory_says(tmp_path: Path) -> None:
    rows = drawn(300, 1)
    build_index_files(tmp_path, "d1", rows, labelled(300, 7))
    mapped = open_index(tmp_path, "d1")
    for radius in (0, 31, 72):
        assert told(mapped.search(rows[:20], radius)) == told(
            CodeIndex.of(rows, labelled(300, 7)).search(rows[:20], radius)
        )


@pytest.mark.usefixtures("small_chunks")
def test_added_codes_are_found_and_withdrawn_ones_are_not(tmp_path: Path) -> None:
    rows, more = drawn(300, 1), drawn(80, 2)
    build_index_files(tmp_path, "d1", rows, labelled(300))
    extend_index_files(tmp_path, "d1", "d2", more, labelled(80, 300), withdrawn=[5, 6])
    changed = open_index(tmp_path, "d2")
    keep = np.setdiff1d(np.arange(300), [5, 6])
    plain = CodeIndex.of(np.concatenate([rows[keep], more]), np.concatenate([labelled(300)[keep], labelled(80, 300)]))
    asked = np.concatenate([rows[:20], more[:20]])
    assert told(changed.search(asked, 60)) == told(plain.search(asked, 60))
    assert len(changed) == 378
    assert len(open_index(tmp_path, "d1")) == 300  # whoever still reads the old one reads it whole


def test_a_label_that_changed_is_found_by_its_new_code_only(tmp_path: Path) -> None:
    rows, new = drawn(100, 1), drawn(1, 50)
    build_index_files(tmp_path, "d1", rows, labelled(100))
    extend_index_files(tmp_path, "d1", "d2", new, labelled(1, 5), withdrawn=[5])
    changed = open_index(tmp_path, "d2")
    assert told(changed.search(new, 0)) == [(0, 0, 5)]
    assert all(label != 5 for _, _, label in told(changed.search(rows[5:6], 20)))


def test_many_small_additions_are_brought_together(tmp_path: Path) -> None:
    build_index_files(tmp_path, "0", drawn(100, 1), labelled(100))
    for turn in range(index.MAX_SEGMENTS + 2):
        start = 100 + 10 * turn
        extend_index_files(
            tmp_path, str(turn), str(turn + 1), drawn(10, start), labelled(10, start), withdrawn=[turn]
        )
    last = open_index(tmp_path, str(index.MAX_SEGMENTS + 2))
    assert len(last.segments) < index.MAX_SEGMENTS
    assert len(last) == 100 + 9 * (index.MAX_SEGMENTS + 2)
    assert told(last.search(drawn(10, 110)[:1], 0))[0][2] == 110


class Killed(BaseException):
    """Stands for kill -9 between two files."""


@pytest.mark.usefixtures("small_chunks")
def test_a_killed_build_leaves_no_index_and_goes_on_where_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = drawn(300, 1)
    build_index_files(tmp_path / "whole", "d1", rows, labelled(300))
    files = sorted(each.name for each in (tmp_path / "whole").rglob("*.npy"))
    put, written = index._put, []

    def dies_after(count: int) -> None:
        def once(path: Path, write: object) -> None:
            if len(written) == count:
                raise Killed
            put(path, write)  # type: ignore[arg-type]  # handed through
            written.append(path.name)

        monkeypatch.setattr(index, "_put", once)

    for count in range(0, len(files) + 1, 7):
        dies_after(count)
        with pytest.raises(Killed):
            build_index_files(tmp_path / "again", "d1", rows, labelled(300))
        with pytest.raises(IndexUnreadable, match="build it anew"):
            open_index(tmp_path / "again", "d1")
    monkeypatch.setattr(index, "_put", put)
    done = {path: path.stat().st_mtime_ns for path in (tmp_path / "again").rglob("*.npy")}
    build_index_files(tmp_path / "again", "d1", rows, labelled(300))
    assert all(path.stat().st_mtime_ns == at for path, at in done.items())
    assert told(open_index(tmp_path / "again", "d1").search(rows[:9], 31)) == told(
        open_index(tmp_path / "whole", "d1").search(rows[:9], 31)
    )


def test_a_cut_file_is_told_not_searched(tmp_path: Path) -> None:
    build_index_files(tmp_path, "d1", drawn(10, 1), labelled(10))
    path = next(tmp_path.rglob("codes.npy"))
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(IndexUnreadable, match="build anew"):
        open_index(tmp_path, "d1")


def test_sweeping_keeps_what_a_kept_index_needs(tmp_path: Path) -> None:
    build_index_files(tmp_path, "d1", drawn(10, 1), labelled(10))
    extend_index_files(tmp_path, "d1", "d2", drawn(5, 2), labelled(5, 10))
    build_index_files(tmp_path, "d3", drawn(30, 3), labelled(30))
    assert sweep_index_files(tmp_path, ["d2"]) > 0
    assert len(open_index(tmp_path, "d2")) == 15
    assert sorted(each.name for each in tmp_path.glob("*.json")) == ["d2.json"]


def test_an_empty_index_is_an_index(tmp_path: Path) -> None:
    build_index_files(tmp_path, "d1", *NOTHING)
    assert told(open_index(tmp_path, "d1").search(drawn(3, 1), 256)) == []


def test_codes_without_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CodesMisshapen, match="each code needs one"):
        build_index_files(tmp_path, "d1", drawn(3, 1), labelled(2))


def test_the_next_index_is_made_from_what_changed(tmp_path: Path) -> None:
    rows = drawn(100, 1)
    index.keep_index(tmp_path, "d1", rows, labelled(100))
    first = {path.name for path in (tmp_path / "segments").iterdir()}
    kept = index.keep_index(tmp_path, "d2", np.concatenate([rows[10:], drawn(3, 9)]), labelled(93, 10))
    assert first < {path.name for path in (tmp_path / "segments").iterdir()}
    assert len(kept) == 93
    assert all(label >= 10 for _, _, label in told(kept.search(rows[:10], 0)))
    assert (0, 0, 10) in told(kept.search(rows[10:11], 0))
    index.keep_index(tmp_path, "d3", drawn(50, 4), labelled(50, 900))
    assert sorted(head.stem for head in tmp_path.glob("*.json")) == ["d2", "d3"]
