from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.evidence.bundle import complete_package
from store.evidence.errors import Unverified
from store.evidence.seal import SigningKey, create_key
from store.evidence.timestamp import TimeAuthority
from store.evidence.verify import WEB_ARCHIVE, PublishedKey, Report, Status, Verdict, verify
from store.evidence.wacz import write_wacz
from tests.store.evidence.conftest import time_seal
from tests.store.evidence.samples import BODIES, Sealing, bundle_content, now_whole, some_captures, write_bundle


@pytest.fixture
def sealing(tmp_path: Path, authority: TimeAuthority) -> Sealing:
    now = now_whole()
    key = create_key(
        tmp_path / "fresh", name="Unit", valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=1)
    )
    return Sealing(key=key, time=time_seal(authority), captured_at=now - timedelta(minutes=1), sealed_at=now)


def judged(path: Path, sealing: Sealing, key: PublishedKey | None = None) -> Report:
    return verify(path, [key or sealing.key.published], sealing.time.roots)


def not_passed(report: Report) -> dict[str, Status]:
    return {check.name: check.status for check in report.checks if check.status is not Status.PASS}


def test_a_whole_bundle_passes_every_check(tmp_path: Path, sealing: Sealing) -> None:
    path = write_bundle(tmp_path / "ev.zip", sealing)
    report = judged(path, sealing)
    assert (report.verdict, not_passed(report)) == (Verdict.PASS, {})
    assert [check.name for check in report.checks] == [
        "structure", "canonical_manifest", "file_set", "digests", "signature", "signer", "timestamp[first]",
        "key_valid_at_time", "time_order", "custody_chain", "capture_files", "capture_log", "capture_seal[01]",
        "web_archive",
    ]  # fmt: skip
    assert report.notes == ()


def test_an_archive_with_a_page_that_still_stood_passes_too(tmp_path: Path, sealing: Sealing) -> None:
    page = some_captures(sealing.captured_at)[0]
    headers = (("ETag", '"v1"'),)
    again = replace(page, id=f"{page.id[:-1]}9", status=304, unchanged_since=page.id, response_headers=headers)
    archive = write_wacz(
        [page, again], {again.id: "Lamp"}, BODIES.__getitem__, title="7", software="Marque", at=sealing.captured_at
    )
    path = write_bundle(tmp_path / "ev.zip", sealing, {**bundle_content(sealing), WEB_ARCHIVE: archive})
    assert not_passed(judged(path, sealing)) == {}


def test_without_keys_or_roots_it_is_inconclusive_and_says_which(tmp_path: Path, sealing: Sealing) -> None:
    path = write_bundle(tmp_path / "ev.zip", sealing)
    report = verify(path, None, sealing.time.roots)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert set(not_passed(report)) == {"signer", "key_valid_at_time", "capture_seal[01]"}
    report = verify(path, [sealing.key.published], None)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert set(not_passed(report)) == {"timestamp[first]", "time_order", "capture_seal[01]"}


def test_a_revoked_key_counts_for_what_a_token_shows_to_be_earlier(tmp_path: Path, sealing: Sealing) -> None:
    path = write_bundle(tmp_path / "ev.zip", sealing)
    later = replace(sealing.key.published, revoked_at=sealing.sealed_at + timedelta(hours=1))
    assert judged(path, sealing, later).verdict is Verdict.PASS
    assert verify(path, [later], None).verdict is Verdict.INCONCLUSIVE  # its own word alone
    earlier = replace(sealing.key.published, revoked_at=sealing.sealed_at)
    report = judged(path, sealing, earlier)
    assert report.verdict is Verdict.FAIL
    assert not_passed(report) == {"key_valid_at_time": Status.FAIL, "capture_seal[01]": Status.FAIL}


def test_a_bundle_waits_for_its_token_and_is_completed(tmp_path: Path, sealing: Sealing) -> None:
    silent = replace(sealing.time, stamper=lambda _signature: {})
    path = write_bundle(tmp_path / "ev.zip", replace(sealing, time=silent), bundle_content(sealing))
    report = judged(path, sealing)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert not_passed(report) == {"timestamp[first]": Status.INCONCLUSIVE, "time_order": Status.INCONCLUSIVE}
    assert "unsealed_time" in next(check.detail for check in report.checks if check.name == "timestamp[first]")
    before = report.manifest_sha256
    assert complete_package(path, sealing.key, silent) == ("first",)
    assert complete_package(path, sealing.key, sealing.time) == ()
    report = judged(path, sealing)
    assert (report.verdict, report.manifest_sha256) == (Verdict.PASS, before)
    whole = path.read_bytes()
    assert complete_package(path, sealing.key, sealing.time) == ()
    assert path.read_bytes() == whole


def test_only_a_sound_package_is_completed(tmp_path: Path, sealing: Sealing) -> None:
    path = write_bundle(tmp_path / "ev.zip", sealing)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Unverified):
        complete_package(path, sealing.key, sealing.time)


def test_captures_sealed_late_never_pass(tmp_path: Path, sealing: Sealing) -> None:
    late = replace(sealing, captured_at=sealing.captured_at - timedelta(hours=3))
    report = judged(write_bundle(tmp_path / "ev.zip", late), sealing)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert not_passed(report) == {"capture_seal[01]": Status.INCONCLUSIVE}


def test_a_capture_that_was_never_sealed_never_passes(tmp_path: Path, sealing: Sealing) -> None:
    content = {name: body for name, body in bundle_content(sealing).items() if not name.startswith("seals/")}
    report = judged(write_bundle(tmp_path / "ev.zip", sealing, content), sealing)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert not_passed(report) == {"capture_log": Status.INCONCLUSIVE}


def test_a_sealer_who_changes_a_capture_is_found_by_the_log(
    tmp_path: Path, sealing: Sealing, key: SigningKey
) -> None:
    """Not even the holder of the key can change later what was sealed when it was captured."""
    content = bundle_content(sealing)
    name = "captures/01/capture.json"
    content[name] = content[name].replace(b"shop.example/item/1", b"shop.example/item/9")
    with pytest.raises(Unverified, match="capture_log"):
        write_bundle(tmp_path / "a.zip", sealing, content)
    content = bundle_content(sealing)
    content["captures/01/body.txt"] += b" "
    with pytest.raises(Unverified, match="capture_files"):
        write_bundle(tmp_path / "b.zip", sealing, content)
    content = bundle_content(sealing)
    content["captures/01/more.txt"] = b"slipped in"
    with pytest.raises(Unverified, match="not part of the capture"):
        write_bundle(tmp_path / "c.zip", sealing, content)
