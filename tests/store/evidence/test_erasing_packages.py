"""Files taken out of a sealed package: told by name, never PASS, never a way to pass off a loss as lawful."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from store.evidence.bundle import zip_parts
from store.evidence.erasing import ErasureWords, erase_from_package
from store.evidence.errors import Unverified
from store.evidence.seal import SigningKey, canonical, create_key, sign
from store.evidence.verify import Report, Status, Verdict, parse_canonical, read_package, verify
from tests.store.evidence.samples import PAGE, PICTURE, Sealing, now_whole, write_bundle

Files = dict[str, bytes]
PAGE_NAME = "captures/01/body.txt"


@pytest.fixture
def sealing(tmp_path: Path) -> Sealing:
    from store.evidence.bundle import TimeSeal

    now = now_whole()
    key = new_key(tmp_path, 1)
    time = TimeSeal(authorities=(), stamper=lambda _: {}, roots=())
    return Sealing(key=key, time=time, captured_at=now - timedelta(minutes=1), sealed_at=now)


def new_key(folder: Path, seed: int) -> SigningKey:
    now = now_whole()
    return create_key(
        folder / f"key{seed}",
        name="Office",
        valid_from=now - timedelta(days=2),
        valid_to=now + timedelta(days=2),
        random_bytes=Random(seed).randbytes,
    )


def words(**more: str) -> ErasureWords:
    said = {"reason": "court_order", "legal_basis": "Order 7 of the court", "by": "Jane Roe", "second": "Ann Poe"}
    return ErasureWords(at=datetime.now(UTC), **{**said, **more})


def statuses(report: Report) -> dict[str, Status]:
    return {check.name: check.status for check in report.checks}


def test_the_chains_hold_and_what_is_gone_is_named(sealing: Sealing, tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "a.zip", sealing)
    before = statuses(verify(path, [sealing.key.published]))
    with path.open("rb") as old:  # whoever still holds the file that lost its name
        gone = erase_from_package(path, {sha256(PAGE).hexdigest()}, words(), sealing.key)
        assert PAGE[:300] not in old.read()
    assert gone == ("captures.wacz", PAGE_NAME)
    assert PAGE[:300] not in path.read_bytes()
    report = verify(path, [sealing.key.published])
    after = statuses(report)
    assert after.pop("erasure[01]") is Status.ERASED
    assert after == {name: status for name, status in before.items() if name != "web_archive"}
    assert {after[name] for name in ("file_set", "digests", "custody_chain", "signer")} == {Status.PASS}
    assert report.verdict is Verdict.INCONCLUSIVE
    (told,) = (check.detail for check in report.checks if check.status is Status.ERASED)
    for word in ("captures/01/body.txt", "Jane Roe", "Ann Poe", "court_order", "Order 7"):
        assert word in told
    assert erase_from_package(path, {sha256(PAGE).hexdigest()}, words(), sealing.key) == ()
    erase_from_package(path, {sha256(PICTURE).hexdigest()}, words(), sealing.key)
    assert statuses(verify(path, [sealing.key.published]))["erasure[02]"] is Status.ERASED
    assert verify(path, [sealing.key.published]).verdict is Verdict.INCONCLUSIVE


def test_an_open_folder_is_treated_alike(sealing: Sealing, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    path = write_bundle(tmp_path / "a.zip", sealing)
    for name, content in _files(path).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert PAGE_NAME in erase_from_package(folder, {sha256(PAGE).hexdigest()}, words(), sealing.key)
    assert not (folder / PAGE_NAME).exists()
    assert statuses(verify(folder, [sealing.key.published]))["erasure[01]"] is Status.ERASED
    with pytest.raises(Unverified):
        erase_from_package(tmp_path / "key1", {sha256(PAGE).hexdigest()}, words(), sealing.key)


def _files(path: Path) -> Files:
    whole = path.read_bytes()
    return {name: whole[m.at : m.at + m.size_bytes] for name, m in read_package(path).items()}


def _said_anew(package: Files, key: SigningKey, **change: object) -> Files:
    said = {**parse_canonical(package["erasures/01.json"]), **change}
    said["seal"] = {**said["seal"], "key_id": key.key_id}
    written = canonical(said)
    at = datetime.strptime(said["seal"]["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    signed = sign(written, key, role="erasure", at=at)
    return {**package, "erasures/01.json": written, "erasures/01.signature.json": signed}


FORGERIES: dict[str, Callable[[Files, Files, SigningKey, SigningKey], Files]] = {
    "signed by another": lambda files, _whole, _own, other: _said_anew(files, other),
    "of another package": lambda files, _whole, own, _other: _said_anew(files, own, manifest_sha256="0" * 64),
    "by one person": lambda files, _whole, own, _other: _said_anew(files, own, second="jane roe"),
    "without a basis": lambda files, _whole, own, _other: _said_anew(files, own, legal_basis=" "),
    "of files that never were": lambda files, _whole, own, _other: _said_anew(
        files, own, files=[{"path": "captures/01/more.txt", "sha256": "0" * 64}]
    ),
    "of a file that is there": lambda files, whole, _own, _other: {**files, PAGE_NAME: whole[PAGE_NAME]},
    "one file more is gone": lambda files, _whole, _own, _other: {
        name: content for name, content in files.items() if name != "captures/02/body.png"
    },
    "without its signature": lambda files, _whole, _own, _other: {
        name: content for name, content in files.items() if not name.endswith("01.signature.json")
    },
    "the statement is gone": lambda files, _whole, _own, _other: {
        name: content for name, content in files.items() if not name.startswith("erasures/")
    },
}


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_loss_is_not_passed_off_as_an_erasure(sealing: Sealing, tmp_path: Path, kind: str) -> None:
    path = write_bundle(tmp_path / "a.zip", sealing)
    whole = _files(path)
    erase_from_package(path, {sha256(PAGE).hexdigest()}, words(), sealing.key)
    forged = FORGERIES[kind](_files(path), whole, sealing.key, new_key(tmp_path, 2))
    path.write_bytes(b"".join(zip_parts(forged)))
    assert verify(path, [sealing.key.published]).verdict is Verdict.FAIL


def test_a_revoked_key_excuses_nothing(sealing: Sealing, tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "a.zip", sealing)
    erase_from_package(path, {sha256(PAGE).hexdigest()}, words(), sealing.key)
    revoked = replace(sealing.key.published, revoked_at=now_whole() - timedelta(hours=1))
    assert verify(path, [revoked]).verdict is Verdict.FAIL
