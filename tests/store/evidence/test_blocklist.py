"""What a list names is never stored, in whatever form it comes; a list that cannot be read stops the vault."""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from store.evidence.blocklist import BlockedHash, HashKind, parse_blocklist, remove_blocklist, write_blocklist
from store.evidence.errors import BadBlocklist, BarredContent, QuarantineRefused
from store.evidence.quarantine import barred, make_quarantine, take_out
from store.evidence.vault import Vault
from store.pictures.codes import codes_of
from tests import factories as make

BAD = b"bytes that a court forbade" * 9
FIRST, SECOND = b"the first long passphrase", b"another long passphrase"


def bring(root: Path, *rows: str, name: str = "unit") -> None:
    write_blocklist(root, name, parse_blocklist(name, "\n".join(["kind,value,radius_bits", *rows])))


def edited(photo: bytes, **how: int) -> bytes:
    """The same picture in other bytes: turned, smaller, and of another quality."""
    with Image.open(BytesIO(photo)) as picture:
        out = BytesIO()
        small = picture.convert("RGB").resize((picture.width * 2 // 3, picture.height * 2 // 3))
        small.rotate(how.get("turn", 0), expand=True).save(out, "JPEG", quality=how.get("quality", 60))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_exact_bytes_are_refused_and_nothing_of_them_is_on_the_disk(tmp_path: Path, kind: str) -> None:
    with Vault(tmp_path) as vault:
        vault.put(b"an honest page")
        bring(tmp_path, f"{kind},{hashlib.new(kind, BAD).hexdigest()},")
        with pytest.raises(BarredContent, match="not kept"):  # brought while the vault was open: it counts at once
            vault.put(BAD)
        assert not vault.has(hashlib.sha256(BAD).hexdigest())
        (note,) = barred(tmp_path)
        assert (note.list_name, note.size_bytes, note.is_sealed_away) == ("unit", len(BAD), False)
        assert remove_blocklist(tmp_path, "unit")
        vault.put(BAD)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(BAD[:40] in path.read_bytes() for path in files) <= 1  # the pack, once the list was taken away


def test_a_picture_that_looks_alike_is_refused_and_a_strange_one_is_not(tmp_path: Path) -> None:
    photo = make.photo(3, side_px=512)
    code = codes_of(photo)[0].hex()
    with Vault(tmp_path) as vault:
        bring(tmp_path, f"pdq,{code},31")
        for data in (photo, edited(photo), edited(photo, turn=90), edited(photo, quality=35)):
            with pytest.raises(BarredContent, match="PDQ"):
                vault.put(data)
        for seed in range(4, 12):
            vault.put(make.photo(seed, side_px=512))
        vault.put(b"\xff\xd8\xff no picture at all")
        assert vault.totals().blobs == 0
        vault.flush()
        assert vault.totals().blobs == 9


def test_the_quarantine_opens_under_both_passphrases_and_under_neither_alone(tmp_path: Path) -> None:
    digest = hashlib.sha256(BAD).hexdigest()
    with Vault(tmp_path) as vault:
        with pytest.raises(QuarantineRefused, match="two different"):
            make_quarantine(tmp_path, FIRST, FIRST)
        make_quarantine(tmp_path, FIRST, SECOND, random_bytes=Random(4).randbytes, cost=2**10)
        with pytest.raises(QuarantineRefused, match="already"):
            make_quarantine(tmp_path, FIRST, SECOND, cost=2**10)
        bring(tmp_path, f"sha256,{digest},")
        with pytest.raises(BarredContent, match="sealed away"):
            vault.put(BAD)
    assert all(BAD[:30] not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert take_out(tmp_path, digest, FIRST, SECOND) == BAD
    for wrong in ((SECOND, FIRST), (FIRST, b"a third long passphrase"), (b"x" * 20, SECOND)):
        with pytest.raises(QuarantineRefused, match="does not open"):
            take_out(tmp_path, digest, *wrong)
    sealed = tmp_path / "quarantine" / f"{digest}.sealed"
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    with pytest.raises(QuarantineRefused, match="not what was sealed"):
        take_out(tmp_path, digest, FIRST, SECOND)
    assert json.loads((tmp_path / "quarantine" / f"{digest}.json").read_bytes())["is_sealed_away"] is True


@pytest.mark.parametrize(
    "text",
    ["", "sha256\nabc\n", "kind,value\n", "kind,value\nsha256,abcd\n", "kind,value\nmd4,00\n",
     "kind,value,radius_bits\npdq," + "0" * 64 + ",200\n", "kind,value\nsha256,zz\n"],
)  # fmt: skip
def test_a_list_that_is_not_one_is_refused_whole(text: str) -> None:
    with pytest.raises(BadBlocklist):
        parse_blocklist("unit", text)


def test_a_list_that_was_damaged_on_disk_stops_the_vault(tmp_path: Path) -> None:
    bring_at = tmp_path / "blocklist"
    Vault(tmp_path).close()
    bring(tmp_path, f"sha256,{'0' * 64},")
    (bring_at / "unit.csv").write_text("kind,value\nsha256,12")
    with pytest.raises(BadBlocklist):
        Vault(tmp_path)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(BlockedHash, kind=st.just(HashKind.SHA256), value=st.binary(min_size=32, max_size=32)),
            st.builds(BlockedHash, kind=st.just(HashKind.MD5), value=st.binary(min_size=16, max_size=16)),
            st.builds(
                BlockedHash,
                kind=st.just(HashKind.PDQ),
                value=st.binary(min_size=32, max_size=32),
                radius_bits=st.integers(1, 64),
            ),
        ),
        min_size=1,
        max_size=9,
        unique=True,
    )
)
def test_a_list_reads_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, entries: list[BlockedHash]
) -> None:
    root = tmp_path_factory.mktemp("vault")
    write_blocklist(root, "unit", entries)
    assert parse_blocklist("unit", (root / "blocklist" / "unit.csv").read_text()) == entries
