"""Personal values: readable under the key, nowhere else, and comparable without being opened."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.db.errors import PersonalValueUnreadable
from store.db.personal import Sealer, read_key

KEY = bytes(range(32))


@given(value=st.recursive(st.text() | st.integers() | st.none(), lambda part: st.lists(part), max_leaves=5))
def test_what_is_sealed_opens_again(value: object) -> None:
    """Any JSON value."""
    row = Sealer(KEY).seal("seller", "s1", "seller_name", value)
    assert Sealer(KEY).open("seller", "s1", "seller_name", row["sealed"]) == value


@pytest.mark.parametrize(
    ("key", "kind", "subject", "field"),
    [
        (bytes(32), "seller", "s1", "seller_name"),
        (KEY, "observation", "s1", "seller_name"),
        (KEY, "seller", "s2", "seller_name"),
        (KEY, "seller", "s1", "contacts"),
    ],
)
def test_another_key_or_a_moved_row_does_not_open(key: bytes, kind: str, subject: str, field: str) -> None:
    """Nobody can attach a name to somebody else by moving a row."""
    row = Sealer(KEY).seal("seller", "s1", "seller_name", "Anna")
    with pytest.raises(PersonalValueUnreadable):
        Sealer(key).open(kind, subject, field, row["sealed"])


def test_nothing_of_the_value_shows() -> None:
    """Neither in the ciphertext nor in a digest that others could compute."""
    one = Sealer(KEY).seal("seller", "s1", "seller_name", "Anna Anonym")
    two = Sealer(bytes(32)).seal("seller", "s1", "seller_name", "Anna Anonym")
    assert b"Anna" not in one["sealed"]
    assert one["digest"] != two["digest"]
    assert one["sealed"] != Sealer(KEY).seal("seller", "s1", "seller_name", "Anna Anonym")["sealed"]


def test_equal_names_have_equal_digests_wherever_they_were_read() -> None:
    """Two looks at one name agree; capture and place do not count."""
    sealer = Sealer(KEY)
    look = {"value": "Anna", "raw": " Anna ", "rule": "r", "capture": "c1", "where": ".x"}
    other = {"value": "Anna", "raw": "Anna", "rule": "q", "capture": "c2", "where": None}
    assert sealer.digest(look) == sealer.digest(other) == sealer.digest("Anna")
    assert sealer.digest([look]) != sealer.digest(look)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """A second reader finds the first one's key."""
    first = read_key(tmp_path / "keys")
    assert read_key(tmp_path / "keys") == first
    mode = (tmp_path / "keys" / "personal.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["personal.key"]


def test_a_damaged_key_file_is_not_used(tmp_path: Path) -> None:
    """It says which file, instead of sealing under half a key."""
    (tmp_path / "personal.key").write_text("abcd")
    with pytest.raises(ValueError, match=r"personal\.key"):
        read_key(tmp_path)
