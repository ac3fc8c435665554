"""A public copy proves what it shows, names its source, and is refused where something private would show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from reports.exhibits.errors import NotPublic
from reports.exhibits.exporting import time_seal
from reports.exhibits.public import PublicCopy, make_public
from store.db import tables
from store.evidence.bundle import write_package
from store.evidence.seal import canonical
from store.evidence.verify import Status, Verdict, parse_canonical, read_package, verify
from tests.reports.exhibits.conftest import Office


def copy_of(office: Office, source: Path, folder: str = "public", words: tuple[str, ...] = ()) -> PublicCopy:
    time = time_seal([office.authority], ask=office.ask, clock=office.clock)
    return make_public(source, out=office.home / folder, key=office.key, time=time, words=words, clock=office.clock)


def fresh(office: Office) -> Path:
    """A bundle whose captures were sealed in time."""
    with office.database.write() as connection:
        at = office.clock() - timedelta(minutes=1)
        connection.execute(tables.capture.update().values(fetched_at=at))
    office.seal()
    return office.export(office.authority).receipt.path


def test_it_passes_beside_its_source_and_fails_beside_another(office: Office) -> None:
    source = fresh(office)
    made = copy_of(office, source)
    path = made.receipt.path
    keys, roots = [office.key.published], office.authority.roots
    report = verify(path, keys, roots, source)
    assert report.verdict is Verdict.PASS, report.checks
    assert {"derived_from", "capture_log", "capture_seal[01]", "time_order"} <= {c.name for c in report.checks}
    assert any("public copy" in note for note in report.notes)
    assert verify(path, keys, roots).verdict is Verdict.PASS  # it says that the source was not compared
    other = office.export(office.authority).receipt.path
    found = {check.name: check.status for check in verify(path, keys, roots, other).checks}
    assert found["derived_from"] is Status.FAIL
    again = copy_of(office, source)
    assert (again.is_new, again.receipt.path) == (False, path)
    names = set(read_package(path))
    assert not {name for name in names if name.startswith(("captures/", "statements/")) or name == "custody.jsonl"}
    assert made.receipt.bytes <= 300_000


def test_a_copy_signed_anew_with_another_leaf_is_found(office: Office, tmp_path: Path) -> None:
    source = fresh(office)
    path = copy_of(office, source).receipt.path
    whole = path.read_bytes()
    members = read_package(path)
    made_by_writing = ("signatures/", "timestamps/", "manifest.json", "SHA256SUMS", "README.txt")
    files = {
        name: whole[m.at : m.at + m.size_bytes] for name, m in members.items() if not name.startswith(made_by_writing)
    }
    exhibits = parse_canonical(files["exhibits.json"])
    changes: dict[str, Callable[[], None]] = {
        "capture_log": lambda: exhibits[0].update(leaf="0" * 64),
        "derived_from": lambda: exhibits[0].update(sha256="0" * 64),
    }
    manifest = parse_canonical(members["manifest.json"].content or b"")
    fields = {name: manifest[name] for name in ("kind", "derived_from")}
    for number, (check, change) in enumerate(changes.items()):
        exhibits = parse_canonical(files["exhibits.json"])
        change()
        forged = {**files, "exhibits.json": canonical(exhibits)}
        target = tmp_path / f"{number}.zip"
        try:
            write_package(target, forged, fields, office.key, "public copy", office.clock())
        except Exception as refused:  # noqa: BLE001 -- the writer's own check may find it first
            assert check in str(refused)
            continue
        found = {each.name: each.status for each in verify(target, [office.key.published], None, source).checks}
        assert found[check] is Status.FAIL


def test_what_would_show_a_private_value_is_refused_whole(office: Office, tmp_path: Path) -> None:
    source = fresh(office)
    with pytest.raises(NotPublic, match="private"):
        copy_of(office, source, "refused", words=("shopnest",))  # the platform is named as such
    assert not (office.home / "refused").exists()
    plain = write_package(tmp_path / "a.zip", {"a.txt": b"x"}, {}, office.key, "office", office.clock()).path
    with pytest.raises(NotPublic, match="no evidence bundle"):
        copy_of(office, plain)
    (tmp_path / "b.zip").write_bytes(b"PK")
    with pytest.raises(NotPublic, match="cannot be read"):
        copy_of(office, tmp_path / "b.zip")
