import json
import shutil
import stat
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from store.evidence import bundle
from store.evidence.bundle import write_folder, write_package
from store.evidence.custody import link, write_log
from store.evidence.errors import (
    BadCustody,
    BadManifest,
    BadMember,
    PackageExists,
    PackageTooLarge,
    Unsealable,
    Unverified,
)
from store.evidence.seal import SigningKey
from store.evidence.verify import Verdict, verify
from tests.store.evidence.conftest import SIGNED_AT, VALID_TO

Files = dict[str, bytes]
Fields = dict[str, object]


def test_the_same_input_gives_the_same_bytes(
    tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey
) -> None:
    one = write_package(tmp_path / "a.zip", evidence, fields, key, "capture", SIGNED_AT)
    turned = dict(reversed(evidence.items()))
    two = write_package(tmp_path / "b.zip", turned, fields, key, "capture", SIGNED_AT)
    assert one.path.read_bytes() == two.path.read_bytes()
    assert one.manifest_sha256 == two.manifest_sha256
    assert one.bytes == one.path.stat().st_size
    again = write_package(one.path, evidence, fields, key, "capture", SIGNED_AT)
    assert again == one
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip", "keys"]


def test_folder_and_zip_hold_the_same(tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey) -> None:
    zipped = write_package(tmp_path / "a.zip", evidence, fields, key, "capture", SIGNED_AT)
    folder = write_folder(tmp_path / "a", evidence, fields, key, "capture", SIGNED_AT)
    assert folder.manifest_sha256 == zipped.manifest_sha256
    with zipfile.ZipFile(zipped.path) as archive:
        assert archive.testzip() is None
        inside = {name: archive.read(name) for name in archive.namelist()}
    lying = {p.relative_to(folder.path).as_posix(): p.read_bytes() for p in folder.path.rglob("*") if p.is_file()}
    assert lying == inside
    assert folder.bytes == sum(len(content) for content in lying.values())
    assert write_folder(tmp_path / "a", evidence, fields, key, "capture", SIGNED_AT) == folder
    assert stat.S_IMODE(zipped.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_the_manifest_says_what_is_inside(tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey) -> None:
    roles = {"capture/dom.html": "dom"}
    folder = write_folder(tmp_path / "a", evidence, fields, key, "capture", SIGNED_AT, file_roles=roles).path
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["case"] == "C-7"
    assert manifest["seal"] == {"at": "2026-11-21T10:30:15Z", "key_id": key.key_id, "role": "capture"}
    assert manifest["custody"]["events"] == 3
    by_path = {entry["path"]: entry for entry in manifest["files"]}
    assert set(by_path) == {*evidence, "README.txt", "SHA256SUMS"}
    assert by_path["capture/dom.html"]["role"] == "dom"
    assert by_path["capture/full.png"]["role"] == "content"
    assert by_path["capture/full.png"]["bytes"] == 3000


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here to run the README's commands with")
@pytest.mark.parametrize("damage", ["none", "file", "sums", "manifest", "key"])
def test_the_commands_in_the_readme_work(
    tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey, damage: str
) -> None:
    folder = write_folder(tmp_path / "a", evidence, fields, key, "capture", SIGNED_AT).path
    readme = (folder / "README.txt").read_text()
    commands = [line.strip() for line in readme.splitlines() if line.startswith("        ")]
    assert [command.split()[0] for command in commands] == ["sha256sum", "openssl", "grep", "sha256sum"]
    if damage == "file":
        (folder / "capture" / "dom.html").write_bytes(b"another page")
    if damage == "sums":
        (folder / "SHA256SUMS").write_bytes(b"")
    if damage == "manifest":
        manifest = folder / "manifest.json"
        manifest.write_bytes(manifest.read_bytes().replace(b"C-7", b"C-8"))
    if damage == "key":
        (folder / "signatures" / f"{key.key_id}.sig").write_bytes(b"0" * 64)
    codes, outputs = [], []
    for command in commands:
        done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
        codes.append(done.returncode)
        outputs.append(done.stdout)
    good = {
        "none": [True, True, True, True],
        "file": [True, True, True, False],
        "sums": [True, True, False, False],
        "manifest": [True, False, True, True],
        "key": [True, False, True, True],
    }
    assert [code == 0 for code in codes] == good[damage]
    if damage == "none":
        assert outputs[1] == "Signature Verified Successfully\n"
        assert outputs[2] == "1\n"


def test_a_taken_name_is_never_overwritten(tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey) -> None:
    other = {**evidence, "match/report.json": b"[]"}
    first = write_package(tmp_path / "a.zip", evidence, fields, key, "capture", SIGNED_AT)
    before = first.path.read_bytes()
    with pytest.raises(PackageExists):
        write_package(tmp_path / "a.zip", other, fields, key, "capture", SIGNED_AT)
    assert first.path.read_bytes() == before
    write_folder(tmp_path / "a", evidence, fields, key, "capture", SIGNED_AT)
    for taken in ("a", "link", "empty"):
        if taken == "link":
            (tmp_path / taken).symlink_to(tmp_path / "a")
        if taken == "empty":
            (tmp_path / taken).mkdir()
        with pytest.raises(PackageExists):
            write_folder(tmp_path / taken, other, fields, key, "capture", SIGNED_AT)
        with pytest.raises(PackageExists):
            write_package(tmp_path / taken, evidence, fields, key, "capture", SIGNED_AT)
    assert not list(tmp_path.glob(".*.partial"))


def test_a_disk_without_hard_links_is_served_too(
    tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("store.evidence.bundle.os.link", refuse)
    for _ in range(2):
        write_package(tmp_path / "a.zip", evidence, fields, key, "capture", SIGNED_AT)
    with pytest.raises(PackageExists):
        write_package(tmp_path / "a.zip", {}, fields, key, "capture", SIGNED_AT)
    assert verify(tmp_path / "a.zip", [key.published]).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "a\\b",
        ".hidden",
        "a/.git",
        "trailing.",
        "C:x",
        "naïve.txt",
        "a b",
        "nul\0",
        "line\n",
        "x" * 201,
        "manifest.json",
        "Manifest.JSON",
        "signatures/x.json",
        "README.txt",
        "SHA256SUMS",
    ],
)
def test_unsafe_and_reserved_names_are_refused(
    tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey, name: str
) -> None:
    with pytest.raises(BadMember):
        write_package(tmp_path / "a.zip", {**evidence, name: b""}, fields, key, "capture", SIGNED_AT)
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize("names", [("a.txt", "A.TXT"), ("a", "a/b"), ("A", "a/b/c")])
def test_names_that_collide_on_some_system_are_refused(
    tmp_path: Path, fields: Fields, key: SigningKey, names: tuple[str, ...]
) -> None:
    with pytest.raises(BadMember):
        write_package(tmp_path / "a.zip", dict.fromkeys(names, b""), fields, key, "capture", SIGNED_AT)


def test_a_manifest_it_cannot_stand_for_is_refused(
    tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey
) -> None:
    path = tmp_path / "a.zip"
    for reserved in ("files", "schema", "seal", "custody"):
        with pytest.raises(BadManifest, match=reserved):
            write_package(path, evidence, {reserved: "mine"}, key, "capture", SIGNED_AT)
    with pytest.raises(BadManifest, match="not there"):
        write_package(path, evidence, fields, key, "capture", SIGNED_AT, file_roles={"other": "dom"})
    with pytest.raises(Unsealable):
        write_package(path, evidence, {"score": 0.97}, key, "capture", SIGNED_AT)
    assert not path.exists()


def test_a_broken_custody_log_is_not_sealed(tmp_path: Path, fields: Fields, key: SigningKey) -> None:
    chained = list(link([{"action": "created"}, {"action": "viewed"}]))
    log = write_log(reversed(chained))
    with pytest.raises(BadCustody) as broken:
        write_package(tmp_path / "a.zip", {"custody.jsonl": log}, fields, key, "capture", SIGNED_AT)
    assert broken.value.position == 0


def test_what_would_not_verify_is_not_left_behind(
    tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey
) -> None:
    too_late = VALID_TO + timedelta(days=1)
    for write in (write_package, write_folder):
        with pytest.raises(Unverified, match="key_valid_at_time"):
            write(tmp_path / "a", evidence, fields, key, "capture", too_late)
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_more_than_a_zip_can_hold_is_refused(
    tmp_path: Path, evidence: Files, fields: Fields, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "MAX_PACKAGE_BYTES", 4_000)
    with pytest.raises(PackageTooLarge):
        write_package(tmp_path / "a.zip", evidence, fields, key, "capture", SIGNED_AT)
    assert not (tmp_path / "a.zip").exists()


def test_an_empty_package_is_still_sealed(tmp_path: Path, key: SigningKey) -> None:
    receipt = write_package(tmp_path / "a.zip", {}, {}, key, "capture", SIGNED_AT)
    assert verify(receipt.path, [key.published]).verdict is Verdict.PASS
