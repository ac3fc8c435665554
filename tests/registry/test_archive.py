"""Archives as an enemy packs them: nothing leaves the folder or outgrows its bounds; honest ones come out whole."""

from __future__ import annotations

import contextlib
import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.archive import MAX_ENTRIES, is_zip, unpack
from registry.errors import UnreadableFile


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def linked(name: str, target: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def unpacked(tmp_path: Path, data: bytes) -> dict[str, bytes]:
    file, folder = tmp_path / "a.zip", tmp_path / "out"
    file.write_bytes(data)
    folder.mkdir()
    return {str(path.relative_to(folder)): path.read_bytes() for path in unpack(file, folder)}


def test_an_honest_archive_comes_out_whole_without_what_systems_add(tmp_path: Path) -> None:
    data = packed(
        ("P-1/front.jpg", b"a"), ("P-1/", b""), ("__MACOSX/P-1/._front.jpg", b"x"), ("P-2/übersicht.jpg", b"b")
    )
    assert is_zip(data)
    assert unpacked(tmp_path, data) == {"P-1/front.jpg": b"a", "P-2/übersicht.jpg": b"b"}


def _with_a_lie(data: bytes) -> bytes:
    """Its list says that the first file has ten bytes."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 24] + (10).to_bytes(4, "little") + data[at + 28 :]


def _counting(data: bytes, entries: int) -> bytes:
    """Its end says that it holds so many files."""
    at = data.rindex(b"PK\x05\x06")
    return data[: at + 10] + entries.to_bytes(2, "little") + data[at + 12 :]


def _encrypted(data: bytes) -> bytes:
    at = data.index(b"PK\x01\x02")
    return data[: at + 8] + b"\x01\x00" + data[at + 10 :]


ZEROS = b"\0" * (12 << 20)
HOSTILE = {
    "bomb": packed(("zeros.png", ZEROS)),
    "bomb that lies": _with_a_lie(packed(("zeros.png", ZEROS))),
    "many bombs": packed(*((f"{n}.png", b"\0" * (1 << 20)) for n in range(10))),
    "up": packed(("../../evil.png", b"x")),
    "absolute": packed(("/etc/evil.png", b"x")),
    "windows": packed(("..\\evil.png", b"x")),
    "control": packed(("a\nb.png", b"x")),
    "link": packed((linked("out.png", "/etc/passwd"), b"/etc/passwd")),
    "twice": packed(("a.png", b"x"), ("A.png", b"y"), ("./a.png", b"z")),
    "encrypted": _encrypted(packed(("a.png", b"x"))),
    "lzma": packed(("a.png", b"x" * 99), method=zipfile.ZIP_LZMA),
    "too many": _counting(packed(("a.png", b"x")), MAX_ENTRIES + 1),
    "cut": packed(("a.png", b"x" * 999))[:-30],
    "nothing": b"PK\x03\x04",
    "file as folder": packed(("a", b"x"), ("a/b.png", b"y")),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_in_words_and_writes_nothing_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        unpacked(tmp_path, HOSTILE[name])
    assert refused.value.fix
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "out"}
    assert sum(path.stat().st_size for path in tmp_path.glob("out/**/*") if path.is_file()) <= 8 << 20


PLAIN = packed(("P-1/front.jpg", b"front" * 40), ("references.csv", b"reference_ref,file\r\n"))


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_archive_is_refused_or_read_and_nothing_else_happens(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    damaged = bytearray(PLAIN)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    place = tmp_path_factory.mktemp("damaged")
    with contextlib.suppress(UnreadableFile):
        unpacked(place, bytes(damaged))
    assert {path.name for path in place.iterdir()} == {"a.zip", "out"}
