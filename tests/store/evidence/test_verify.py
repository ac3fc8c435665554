import base64
import io
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.evidence import verify as verifier
from store.evidence.bundle import write_folder, write_package
from store.evidence.seal import SigningKey, publish, seal, sign, write_time
from store.evidence.verify import (
    PublishedKey,
    Report,
    Status,
    Verdict,
    central_header,
    end_record,
    local_header,
    main,
    public_pem,
    verify,
)
from tests.store.evidence.conftest import SIGNED_AT, VALID_TO, make_key

Files = dict[str, bytes]
CHECKS = [
    "structure",
    "canonical_manifest",
    "file_set",
    "digests",
    "signature",
    "signer",
    "key_valid_at_time",
    "custody_chain",
]


@pytest.fixture
def package(tmp_path: Path, evidence: Files, fields: dict[str, object], key: SigningKey) -> Path:
    return write_package(tmp_path / "ev.zip", evidence, fields, key, "capture", SIGNED_AT).path


@pytest.fixture
def trusted(key: SigningKey) -> list[PublishedKey]:
    return [key.published]


def failed(report: Report) -> list[str]:
    return [check.name for check in report.checks if check.status is Status.FAIL]


def unpack(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, members: Files, order: Callable[[list[str]], list[str]] = sorted) -> None:
    """A canonical ZIP of any members, as a forger who knows the format would write it."""
    body, directory = b"", b""
    for name in order(list(members)):
        crc, size = zlib.crc32(members[name]), len(members[name])
        directory += central_header(name, crc, size, len(body))
        body += local_header(name, crc, size) + members[name]
    path.write_bytes(body + directory + end_record(len(members), len(directory), len(body)))


def forge(members: Files, change: Callable[[dict[str, object]], None], key: SigningKey) -> Files:
    """The members with a changed manifest, signed by a key, consistent in every part."""
    manifest = json.loads(members["manifest.json"])
    manifest["seal"]["key_id"] = key.key_id
    change(manifest)
    sealed = seal(manifest)
    place = f"signatures/{key.key_id}"
    return {
        **{name: content for name, content in members.items() if not name.startswith("signatures/")},
        "manifest.json": sealed,
        f"{place}.json": sign(sealed, key, role="capture", at=SIGNED_AT),
        f"{place}.pem": public_pem(key.published.public_key),
        f"{place}.sig": key.private.sign(sealed),
    }


def test_an_untouched_package_passes_every_check(package: Path, trusted: list[PublishedKey]) -> None:
    report = verify(package, trusted)
    assert report.verdict is Verdict.PASS
    assert [check.name for check in report.checks] == CHECKS
    assert {check.status for check in report.checks} == {Status.PASS}
    assert report.manifest_sha256 == sha256(unpack(package)["manifest.json"]).hexdigest()
    assert "no external time token" in report.notes[0]


def test_an_untouched_folder_passes_too(
    tmp_path: Path, evidence: Files, key: SigningKey, trusted: list[PublishedKey]
) -> None:
    folder = write_folder(tmp_path / "ev", evidence, {}, key, "capture", SIGNED_AT).path
    assert verify(folder, trusted).verdict is Verdict.PASS


def test_without_a_trusted_key_the_best_is_inconclusive(package: Path) -> None:
    report = verify(package)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert [c.name for c in report.checks if c.status is Status.INCONCLUSIVE] == ["signer", "key_valid_at_time"]


def test_a_package_without_custody_log_says_so(tmp_path: Path, key: SigningKey, trusted: list[PublishedKey]) -> None:
    path = write_package(tmp_path / "a.zip", {"notice.csv": b"x"}, {}, key, "reporter", SIGNED_AT).path
    report = verify(path, trusted)
    assert report.verdict is Verdict.PASS
    assert "No custody log is part of this package." in report.notes


def test_a_flipped_byte_anywhere_never_passes(package: Path, trusted: list[PublishedKey], tmp_path: Path) -> None:
    whole = package.read_bytes()
    rng = random.Random(20)
    changed = tmp_path / "changed.zip"
    for at in sorted({*rng.sample(range(len(whole)), 200), *range(len(whole) - 22, len(whole)), *range(30)}):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1 :])
        for keys in (trusted, None):
            assert verify(changed, keys).verdict in {Verdict.FAIL, Verdict.UNREADABLE}, at


def test_a_flipped_byte_in_any_file_of_a_folder_never_passes(
    tmp_path: Path, evidence: Files, key: SigningKey, trusted: list[PublishedKey]
) -> None:
    folder = write_folder(tmp_path / "ev", evidence, {}, key, "capture", SIGNED_AT).path
    rng = random.Random(21)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        for at in rng.sample(range(len(whole)), min(12, len(whole))):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1 :])
            assert verify(folder, trusted).verdict in {Verdict.FAIL, Verdict.UNREADABLE}, (path.name, at)
        path.write_bytes(whole)
    assert verify(folder, trusted).verdict is Verdict.PASS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_cut_grown_and_patched_packages_never_pass_and_never_crash(
    package: Path, trusted: list[PublishedKey], data: st.DataObject
) -> None:
    whole = package.read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    to = data.draw(st.integers(at, len(whole)))
    new = data.draw(st.binary(max_size=60))
    patched = whole[:at] + new + whole[to:]
    if patched != whole:
        changed = package.with_name("changed.zip")
        changed.write_bytes(patched)
        assert verify(changed, trusted).verdict in {Verdict.FAIL, Verdict.UNREADABLE}


def test_added_removed_and_renamed_files_are_named(
    package: Path, trusted: list[PublishedKey], tmp_path: Path
) -> None:
    members = unpack(package)
    changed = tmp_path / "changed.zip"
    for forged, word in [
        ({**members, "extra.txt": b"x"}, "extra.txt"),
        ({**members, "signatures/0000000000000000.json": b"{}"}, "signatures/0000000000000000.json"),
        ({name: content for name, content in members.items() if name != "match/report.json"}, "match/report.json"),
        ({name.replace("full.png", "half.png"): content for name, content in members.items()}, "half.png"),
    ]:
        pack(changed, forged)
        report = verify(changed, trusted)
        assert report.verdict is Verdict.FAIL
        (check,) = (check for check in report.checks if check.name == "file_set")
        assert check.status is Status.FAIL
        assert word in check.detail


def test_a_changed_file_is_named(package: Path, trusted: list[PublishedKey]) -> None:
    pack(package, {**unpack(package), "capture/dom.html": b"<title>Another</title>"})
    report = verify(package, trusted)
    assert failed(report) == ["digests"]
    assert "capture/dom.html" in {check.name: check for check in report.checks}["digests"].detail


def test_a_package_signed_again_by_a_foreign_key_never_passes(
    package: Path, trusted: list[PublishedKey], tmp_path: Path
) -> None:
    foreign = make_key(tmp_path / "foreign", seed=66)
    forged = forge(unpack(package), lambda manifest: manifest.update(case="C-8"), foreign)
    pack(package, forged)
    report = verify(package, trusted)
    assert report.verdict is Verdict.FAIL
    assert failed(report) == ["signer", "key_valid_at_time"]
    assert verify(package).verdict is Verdict.INCONCLUSIVE
    # The same with the trusted key's id claimed by the forger.
    claimed = SigningKey(private=foreign.private, published=replace(foreign.published, key_id=trusted[0].key_id))
    pack(package, forge(unpack(package), lambda manifest: None, claimed))
    assert "signature" in failed(verify(package, trusted))
    # And with a statement that is true of the foreign key, filed under the trusted id.
    forged = forge(unpack(package), lambda manifest: None, claimed)
    place = f"signatures/{trusted[0].key_id}"
    forged[f"{place}.json"] = sign(forged["manifest.json"], foreign, role="capture", at=SIGNED_AT)
    pack(package, forged)
    assert failed(verify(package)) == ["signature"]


def test_a_changed_manifest_needs_a_new_signature(
    package: Path, key: SigningKey, trusted: list[PublishedKey]
) -> None:
    """The forger keeps everything consistent, names the trusted key, and lacks only its private half."""
    members = unpack(package)
    place = f"signatures/{key.key_id}"
    manifest = {**json.loads(members["manifest.json"]), "case": "C-8"}
    pack(package, {**members, "manifest.json": seal(manifest)})
    assert failed(verify(package, trusted)) == ["signature", "signer"]
    foreign = make_key(package.parent / "foreign", seed=66).private.sign(members["manifest.json"])
    for forged in (bytes(64), foreign, b""):
        statement = json.loads(members[f"{place}.json"])
        statement["signature"] = base64.b64encode(forged).decode()
        pack(package, {**members, f"{place}.json": seal(statement), f"{place}.sig": forged})
        for keys in (trusted, None):
            report = verify(package, keys)
            assert report.verdict is Verdict.FAIL
            assert "signature" in failed(report)


def test_the_signature_file_may_not_contradict_the_manifest(
    package: Path, key: SigningKey, trusted: list[PublishedKey]
) -> None:
    members = unpack(package)
    place = f"signatures/{key.key_id}"
    statement = json.loads(members[f"{place}.json"])
    for change in (
        {"signed_at": write_time(SIGNED_AT + timedelta(hours=1))},
        {"signer_role": "approver"},
        {"algorithm": "RSA"},
        {"more": 1},
        {"public_key": "!"},
        {"public_key": "\u00e9"},
        {"public_key": None},
        {"public_key": base64.b64encode(b"short").decode()},
        {"signature": base64.b64encode(bytes(64)).decode()},
    ):
        pack(package, {**members, f"{place}.json": seal({**statement, **change})})
        assert "signature" in failed(verify(package, trusted)), change
    for broken in (b"[]", b"null", b"{}", b""):
        pack(package, {**members, f"{place}.json": broken})
        assert "signature" in failed(verify(package, trusted)), broken
    for kind in ("sig", "pem"):
        pack(package, {**members, f"{place}.{kind}": b"other"})
        assert "signature" in failed(verify(package, trusted)), kind


def test_a_key_counts_only_within_its_validity(package: Path, key: SigningKey) -> None:
    published = key.published
    for changed, verdict in [
        (replace(published, valid_from=SIGNED_AT + timedelta(seconds=1)), Verdict.FAIL),
        (replace(published, valid_from=SIGNED_AT), Verdict.PASS),
        (replace(published, valid_to=SIGNED_AT), Verdict.FAIL),
        (replace(published, revoked_at=SIGNED_AT), Verdict.FAIL),
        (replace(published, revoked_at=SIGNED_AT + timedelta(days=1)), Verdict.INCONCLUSIVE),
    ]:
        report = verify(package, [changed])
        assert report.verdict is verdict
        if verdict is not Verdict.PASS:
            assert [c.name for c in report.checks if c.status is not Status.PASS] == ["key_valid_at_time"]


def test_a_custody_log_rebuilt_by_the_key_holder_must_still_be_a_chain(
    package: Path, key: SigningKey, trusted: list[PublishedKey]
) -> None:
    """Even the holder of the key cannot seal a broken chain: the verifier follows it itself."""
    members = unpack(package)
    log = members["custody.jsonl"]
    lines = log.splitlines(keepends=True)
    for broken in (
        lines[1:],
        [lines[0], lines[2]],
        lines[:2],
        [*lines, b"{}\n"],
        [*lines[:2], lines[2].rstrip()],
        [],
    ):
        content = b"".join(broken)

        def change(manifest: dict[str, object], content: bytes = content) -> None:
            for entry in manifest["files"]:  # type: ignore[attr-defined]  # a test's own shape of the call
                if entry["path"] == "custody.jsonl":
                    entry.update(bytes=len(content), sha256=sha256(content).hexdigest())

        old, new = sha256(log).hexdigest().encode(), sha256(content).hexdigest().encode()
        forged = {**members, "custody.jsonl": content, "SHA256SUMS": members["SHA256SUMS"].replace(old, new)}
        pack(package, forge(forged, change, key))
        assert "custody_chain" in failed(verify(package, trusted))


def test_checksums_that_list_other_files_fail_even_when_signed(
    package: Path, key: SigningKey, trusted: list[PublishedKey]
) -> None:
    members = unpack(package)
    members["SHA256SUMS"] = b"".join(members["SHA256SUMS"].splitlines(keepends=True)[1:])

    def change(manifest: dict[str, object]) -> None:
        for entry in manifest["files"]:  # type: ignore[attr-defined]  # a test's own shape of the call
            content = members[entry["path"]]
            entry.update(bytes=len(content), sha256=sha256(content).hexdigest())

    pack(package, forge(members, change, key))
    assert failed(verify(package, trusted)) == ["digests"]


def test_a_checksum_other_programs_would_refuse_fails_here_too(package: Path, trusted: list[PublishedKey]) -> None:
    members = unpack(package)
    right = zlib.crc32(members["capture/dom.html"])
    old, new = struct.pack("<I", right), struct.pack("<I", right ^ 1)
    whole = package.read_bytes()
    assert whole.count(old) == 2
    package.write_bytes(whole.replace(old, new))
    assert "checksum" in verify(package, trusted).checks[0].detail


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda m: m.update(schema="marque-package/2"), "schema"),
        (lambda m: m.pop("seal"), "sealed"),
        (lambda m: m["seal"].update(at="2026-11-21 10:30"), "time"),
        (lambda m: m["seal"].update(at="2026-13-41T10:30:00Z"), "time"),
        (lambda m: m["seal"].update(key_id="../../x"), "key"),
        (lambda m: m.update(files={}), "files"),
        (lambda m: m["files"].append("x"), "lacks"),
        (lambda m: m["files"][0].update(path="../x"), "not allowed"),
        (lambda m: m["files"][0].update(path="/x"), "not allowed"),
        (lambda m: m["files"][0].update(path="a\\x"), "not allowed"),
        (lambda m: m["files"][0].update(bytes=True), "type"),
        (lambda m: m["files"][0].update(sha256="0" * 63), "SHA-256"),
        (lambda m: m["files"].reverse(), "order"),
        (lambda m: m["files"].append(m["files"][0]), "twice"),
        (lambda m: m.pop("custody"), "custody"),
    ],
)
def test_a_manifest_that_breaks_its_schema_fails_even_when_signed(
    package: Path, key: SigningKey, trusted: list[PublishedKey], change: Callable[[object], None], word: str
) -> None:
    pack(package, forge(unpack(package), change, key))
    report = verify(package, trusted)
    assert report.verdict is Verdict.FAIL
    check = report.checks[1]
    assert check.status is Status.FAIL
    assert word in check.detail


def test_a_manifest_in_another_spelling_fails(package: Path, key: SigningKey, trusted: list[PublishedKey]) -> None:
    members = unpack(package)
    spelled = json.dumps(json.loads(members["manifest.json"]), indent=1).encode()
    members["manifest.json"] = spelled
    members[f"signatures/{key.key_id}.sig"] = key.private.sign(spelled)
    pack(package, members)
    assert "canonical_manifest" in failed(verify(package, trusted))


def with_zipfile(members: Files, change: Callable[[zipfile.ZipFile], None] = lambda _: None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, members[name])
        change(archive)
    return out.getvalue()


def symlink(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("zz")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    archive.writestr(info, "/etc/passwd")


def deflated(archive: zipfile.ZipFile) -> None:
    archive.writestr("zz", bytes(5_000_000), zipfile.ZIP_DEFLATED)


def commented(archive: zipfile.ZipFile) -> None:
    archive.comment = b"hello"


def twice(archive: zipfile.ZipFile) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("README.txt", "another")


def named(name: str) -> Callable[[zipfile.ZipFile], None]:
    return lambda archive: archive.writestr(zipfile.ZipInfo(name), "x")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (symlink, "symbolic link"),
        (deflated, "compressed"),
        (commented, "end record"),
        (twice, "twice"),
        (named("../../etc/cron"), "not allowed"),
        (named("/etc/cron"), "absolute"),
        (named("a\\..\\b"), "not allowed"),
        (named("readme.TXT"), "twice"),
        (named("folder/"), "not allowed"),
        (named("zürich"), "flags"),
    ],
)
def test_archives_that_attack_their_reader_are_unreadable(
    package: Path, trusted: list[PublishedKey], change: Callable[[zipfile.ZipFile], None], word: str
) -> None:
    members = unpack(package)
    package.write_bytes(with_zipfile(members, change))
    report = verify(package, trusted)
    assert report.verdict is Verdict.UNREADABLE
    assert report.checks[0].status is Status.FAIL
    assert word in report.checks[0].detail
    assert {check.status for check in report.checks[1:]} == {Status.INCONCLUSIVE}


def test_an_encrypted_or_overlapping_member_is_unreadable(package: Path, trusted: list[PublishedKey]) -> None:
    whole = package.read_bytes()
    line = struct.unpack_from("<I", whole, len(whole) - 6)[0]
    second = line + 46 + struct.unpack_from("<H", whole, line + 28)[0]
    for at, value, word in [
        (line + 8, struct.pack("<H", 1), "encrypted"),
        (second + 42, struct.pack("<I", 0), "overlap"),  # the second member is said to begin where the first does
    ]:
        package.write_bytes(whole[:at] + value + whole[at + len(value) :])
        report = verify(package, trusted)
        assert report.verdict is Verdict.UNREADABLE
        assert word in report.checks[0].detail


def test_a_manifest_that_is_absent_huge_or_no_json_makes_the_package_unreadable(
    package: Path, trusted: list[PublishedKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    members = unpack(package)
    for manifest in (None, b"{", b"\xff", b"[" * 100_000, b"{}" * 2, b""):
        others = {name: content for name, content in members.items() if name != "manifest.json"}
        pack(package, others if manifest is None else {**others, "manifest.json": manifest})
        report = verify(package, trusted)
        assert report.verdict is Verdict.UNREADABLE
        assert failed(report) == ["canonical_manifest"]
    pack(package, members)
    monkeypatch.setattr(verifier, "MAX_MANIFEST_BYTES", 100)
    assert verify(package, trusted).verdict is Verdict.UNREADABLE


def test_a_zip_written_by_the_standard_library_is_the_canonical_one(package: Path) -> None:
    """The canonical form is no private dialect: the standard library writes it byte for byte."""
    assert with_zipfile(unpack(package)) == package.read_bytes()


def test_reordered_members_and_hidden_bytes_are_refused(
    package: Path, trusted: list[PublishedKey], tmp_path: Path
) -> None:
    whole, members, changed = package.read_bytes(), unpack(package), tmp_path / "changed.zip"
    pack(changed, members, order=lambda names: sorted(names, reverse=True))
    assert "order" in verify(changed, trusted).checks[0].detail
    assert failed(verify(changed, trusted)) == ["structure"]  # and every other check is made all the same
    directory_at = struct.unpack_from("<I", whole, len(whole) - 6)[0]
    hidden = whole[:directory_at] + b"hidden" + whole[directory_at:-6] + struct.pack("<I", directory_at + 6) + b"\0\0"
    for content, word in [
        (b"x" + whole, "does not begin"),
        (whole + b"x", "end record"),
        (whole + whole, "directory"),
        (whole[:-1], "end record"),
        (whole[: len(whole) // 2], "end record"),
        (hidden, "without a member"),
        (end_record(0, 0, 0), ""),
        (whole[:-12] + struct.pack("<H", 3) + whole[-10:], "holds more"),
        (whole[:-12] + struct.pack("<H", 30_000) + whole[-10:], "cut"),
    ]:
        changed.write_bytes(content)
        report = verify(changed, trusted)
        assert report.verdict in {Verdict.FAIL, Verdict.UNREADABLE}
        assert word in (report.checks[0].detail if report.checks else report.notes[0])


def test_a_size_that_lies_reaches_nowhere(package: Path, trusted: list[PublishedKey]) -> None:
    body = local_header("a", 0, 0xFFFFFFF0)
    directory = central_header("a", 0, 0xFFFFFFF0, 0)
    package.write_bytes(body + directory + end_record(1, len(directory), len(body)))
    assert "reaches into" in verify(package, trusted).checks[0].detail


def test_a_file_too_large_to_hold_in_memory_is_refused(
    package: Path, trusted: list[PublishedKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifier, "_SMALL_BYTES", 100)
    assert "larger" in verify(package, trusted).checks[0].detail


def make_link(folder: Path) -> None:
    (folder / "zz").symlink_to("/etc/passwd")


def make_pipe(folder: Path) -> None:
    os.mkfifo(folder / "zz")


def make_linked_folder(folder: Path) -> None:
    shutil.move(folder / "capture", folder.parent / "elsewhere")
    (folder / "capture").symlink_to(folder.parent / "elsewhere")


def make_empty(folder: Path) -> None:
    (folder / "empty").mkdir()


def make_hidden(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"")


def make_not_utf8(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_bytes(b"")


@pytest.mark.parametrize("change", [make_link, make_pipe, make_linked_folder, make_empty, make_hidden, make_not_utf8])
def test_folders_with_anything_but_their_files_are_refused(
    tmp_path: Path,
    evidence: Files,
    key: SigningKey,
    trusted: list[PublishedKey],
    change: Callable[[Path], None],
) -> None:
    folder = write_folder(tmp_path / "ev", evidence, {}, key, "capture", SIGNED_AT).path
    change(folder)
    report = verify(folder, trusted)
    assert report.verdict is Verdict.UNREADABLE
    assert report.checks[0].status is Status.FAIL


def test_what_is_no_package_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    (tmp_path / "nothing").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    for name in ("absent", "text", "nothing", "pipe"):
        report = verify(tmp_path / name)
        assert report.verdict is Verdict.UNREADABLE
        assert Status.PASS not in {check.status for check in report.checks}


def test_the_command_line_gives_the_exit_status(
    package: Path, trusted: list[PublishedKey], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "trusted.json"
    keys.write_bytes(publish(trusted))
    assert main([str(package), "--keys", str(keys)]) == 0
    assert capsys.readouterr().out.endswith(f"PASS: {package}\n")
    assert main([str(package), "--keys", str(keys), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["exit_status"]) == ("PASS", 0)
    assert [check["name"] for check in report["checks"]] == CHECKS
    assert main([str(package)]) == 2
    assert main([str(tmp_path / "absent")]) == 3
    pack(package, {**unpack(package), "capture/dom.html": b"x"})
    assert main([str(package), "--keys", str(keys)]) == 1
    package.write_bytes(package.read_bytes() + b"x")
    assert main([str(package), "--keys", str(keys)]) == 3
    for wrong in ([], ["--what"], [str(package), "--keys", str(package)], [str(package), "--keys", "absent"]):
        with pytest.raises(SystemExit) as end:
            main(wrong)
        assert end.value.code == 64


def test_the_file_runs_alone_without_the_rest(package: Path, trusted: list[PublishedKey], tmp_path: Path) -> None:
    """Copied to an empty folder, with every other library of the product made to fail on import."""
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(verifier.__file__, alone / "verify.py")
    for name in ("store", "rfc8785", "pydantic", "zstandard", "sqlalchemy", "structlog"):
        (alone / f"{name}.py").write_text("raise ImportError('not on this machine')\n")
    (tmp_path / "trusted.json").write_bytes(publish(trusted))
    done = subprocess.run(
        [sys.executable, "verify.py", str(package), "--keys", str(tmp_path / "trusted.json")],
        cwd=alone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("PASS ") == len(CHECKS)


def test_validity_is_told_in_the_detail(package: Path, trusted: list[PublishedKey]) -> None:
    report = verify(package, [replace(trusted[0], valid_to=SIGNED_AT)])
    detail = {check.name: check.detail for check in report.checks}["key_valid_at_time"]
    assert str(SIGNED_AT) in detail
    assert str(VALID_TO) not in detail
