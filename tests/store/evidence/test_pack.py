import os
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.evidence.pack import HEADER_BYTES, OPENING_BYTES, Gap, Record, make_header, read_header, scan
from store.evidence.pack_files import PackReaders, PackWriter

SALT = bytes(range(16))


def make_record(payload: bytes, at: int) -> Record:
    return Record(
        digest=bytes(32),
        codec=0,
        raw_bytes=len(payload),
        stored_bytes=len(payload),
        payload_crc=zlib.crc32(payload),
        at=at,
    )


def test_a_header_reads_back_and_belongs_to_its_pack_alone() -> None:
    record = make_record(b"payload", at=96)
    header = make_header(record, SALT)
    assert len(header) == HEADER_BYTES
    assert read_header(header, SALT, 96) == record
    assert read_header(header, bytes(16), 96) is None
    for at in range(HEADER_BYTES):
        flipped = header[:at] + bytes([header[at] ^ 1]) + header[at + 1 :]
        assert read_header(flipped, SALT, 96) is None


@settings(max_examples=80, deadline=None)
@given(data=st.data(), payloads=st.lists(st.binary(max_size=80), min_size=1, max_size=8))
def test_a_scan_finds_every_record_that_damage_did_not_touch(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, payloads: list[bytes]
) -> None:
    whole, records = b"", []
    for payload in payloads:
        records.append(make_record(payload, at=len(whole)))
        whole += make_header(records[-1], SALT) + payload
    first = data.draw(st.integers(0, len(whole) - 1))
    last = data.draw(st.integers(first, min(first + 40, len(whole) - 1)))
    noise = random.Random(first).randbytes(last - first + 1)
    path = tmp_path_factory.mktemp("pack") / "p"
    damaged = whole[:first] + noise + whole[last + 1 :]
    path.write_bytes(damaged)
    fd = os.open(path, os.O_RDONLY)
    pieces = list(scan(fd, SALT, 0, len(whole)))
    os.close(fd)
    found = [piece for piece in pieces if isinstance(piece, Record)]
    assert found == [r for r in records if whole[r.at : r.end] == damaged[r.at : r.end]]
    covered = [(piece.at, piece.end) for piece in pieces]
    assert [start for start, _ in covered] == [0, *(end for _, end in covered[:-1])]
    assert covered[-1][1] == len(whole)


def test_a_record_is_found_across_the_border_of_two_reads(tmp_path: Path) -> None:
    """The scan reads a mebibyte at a time; a magic that straddles the border must not be missed."""
    for offset in range(-5, 2):
        start = (1 << 20) + 1 + offset
        record = make_record(b"payload", at=start)
        path = tmp_path / "p"
        path.write_bytes(bytes(start) + make_header(record, SALT) + b"payload")
        fd = os.open(path, os.O_RDONLY)
        assert list(scan(fd, SALT, 0, record.end)) == [Gap(at=0, end=start), record]
        os.close(fd)


def test_giving_up_takes_back_only_what_was_never_synced(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path, "w", random_bytes=bytes)
    kept = writer.append(bytes(32), 0, 3, b"one")
    writer.sync()
    writer.append(bytes(32), 0, 3, b"two")
    writer.give_up()
    assert (tmp_path / "w-0.pack").stat().st_size == kept.end
    again = writer.append(bytes(32), 0, 5, b"three")
    assert (writer.pack, again.at) == ("w-1.pack", OPENING_BYTES)
    writer.close()


def test_only_so_many_packs_stay_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.evidence.pack_files._OPEN_READERS", 2)
    for name in "abcd":
        (tmp_path / name).write_bytes(b"")
    readers = PackReaders(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in "abcdabcd":
        readers.open(name)
    assert len(list(Path("/proc/self/fd").iterdir())) == before + 2
    readers.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
