"""What somebody else put into a folder of ours is read within bounds, and never lost on its way aside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reports.answers.files import move_aside, read_file
from reports.errors import UnreadableAnswers


def test_a_plain_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"12345")
    assert read_file(path, most_bytes=5) == b"12345"
    with pytest.raises(UnreadableAnswers, match="more than 4 bytes"):
        read_file(path, most_bytes=4)


def test_links_pipes_and_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of another")
    (tmp_path / "link.csv").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("link", "pipe", "folder", "none"):
        with pytest.raises(UnreadableAnswers, match=name):
            read_file(tmp_path / f"{name}.csv", most_bytes=100)


def test_files_of_one_name_are_all_kept(tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        (tmp_path / "a.csv").write_text(text)
        move_aside(tmp_path / "a.csv", tmp_path / "taken")
    assert [(tmp_path / "taken" / n).read_text() for n in ("a.csv", "a-2.csv", "a-3.csv")] == [
        "first", "second", "third",
    ]  # fmt: skip
    with pytest.raises(OSError, match="No such file"):
        move_aside(tmp_path / "a.csv", tmp_path / "taken", name="b", end=":2,S")
    assert not (tmp_path / "taken" / "b:2,S").exists()
