import fcntl
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.evidence.errors import (
    BadDigest,
    BlobTooLarge,
    DamagedBlob,
    DamagedIndex,
    MissingBlob,
    VaultClosed,
    VaultError,
    VaultFull,
)
from store.evidence.pack import HEADER_BYTES, OPENING_BYTES
from store.evidence.vault import MAX_BLOB_BYTES, Vault

PAGE = b"<html><title>Shop</title>" + b"<div class=card>Nordlys lamp</div>" * 200 + b"</html>"
ROOT = Path(__file__).parents[3]


def noise(seed: int, size: int = 2000) -> bytes:
    return random.Random(seed).randbytes(size)


def only_pack(root: Path) -> Path:
    (path,) = (root / "packs").glob("*.pack")
    return path


def drop_index(root: Path) -> None:
    for path in root.glob("index.db*"):
        path.unlink()


def test_bytes_come_back_under_their_sha256(tmp_path: Path) -> None:
    with Vault(tmp_path / "v") as vault:
        digest = vault.put(PAGE)
        assert digest == hashlib.sha256(PAGE).hexdigest()
        assert vault.get(digest) == PAGE  # also before the flush, for the process that put it
        vault.flush()
        assert vault.get(digest) == PAGE
        assert vault.has(digest)
        assert vault.size(digest) == len(PAGE)


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        vault.put(PAGE)
        vault.put(PAGE)
        vault.flush()
        vault.put(PAGE)
        vault.flush()
        totals = vault.totals()
    assert (totals.blobs, totals.raw_bytes) == (1, len(PAGE))
    assert only_pack(tmp_path).stat().st_size == OPENING_BYTES + HEADER_BYTES + totals.stored_bytes


def test_bytes_that_do_not_shrink_are_stored_as_they_are(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        photo = noise(1)
        digest = vault.put(photo)
        vault.flush()
        assert vault.totals().stored_bytes == len(photo)
        assert vault.get(digest) == photo


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blobs=st.lists(st.binary(max_size=300), max_size=12), flush_at=st.sets(st.integers(0, 11)))
def test_any_bytes_survive_reopening_and_rebuilding(
    tmp_path_factory: pytest.TempPathFactory, blobs: list[bytes], flush_at: set[int]
) -> None:
    root = tmp_path_factory.mktemp("vault")
    with Vault(root, pack_bytes=400) as vault:
        for number, blob in enumerate(blobs):
            vault.put(blob)
            if number in flush_at:
                vault.flush()
    for rebuild in (False, True):
        if rebuild:
            drop_index(root)
        with Vault(root) as vault:
            assert set(vault.digests()) == {hashlib.sha256(blob).hexdigest() for blob in blobs}
            assert [vault.get(hashlib.sha256(blob).hexdigest()) for blob in blobs] == blobs
            assert list(vault.check()) == []


def test_other_vaults_see_only_what_was_flushed(tmp_path: Path) -> None:
    with Vault(tmp_path) as writer, Vault(tmp_path) as reader:
        digest = writer.put(PAGE)
        assert not reader.has(digest)
        with pytest.raises(MissingBlob):
            reader.get(digest)
        writer.flush()
        assert reader.get(digest) == PAGE


def test_two_writers_may_put_the_same_bytes(tmp_path: Path) -> None:
    with Vault(tmp_path) as one, Vault(tmp_path) as two:
        digest = one.put(PAGE)
        assert two.put(PAGE) == digest
        one.flush()
        two.flush()
        assert one.get(digest) == two.get(digest) == PAGE


def test_many_threads_share_one_vault(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:

        def work(seed: int) -> None:
            for number in range(30):
                blob = noise(seed * 100 + number % 20, 500)
                digest = vault.put(blob)
                if number % 10 == 0:
                    vault.flush()
                assert vault.get(digest) == blob

        threads = [threading.Thread(target=work, args=(seed % 3,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        vault.flush()
        assert vault.totals().blobs == 60


def test_what_is_not_a_digest_is_refused(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        for wrong in ("", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"):
            with pytest.raises(BadDigest):
                vault.get(wrong)
        with pytest.raises(MissingBlob):
            vault.get("0" * 64)
        with pytest.raises(MissingBlob):
            vault.size("0" * 64)


def test_a_blob_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return MAX_BLOB_BYTES + 1

    with Vault(tmp_path) as vault, pytest.raises(BlobTooLarge):
        vault.put(Huge())


def test_a_writer_name_stays_inside_the_folder(tmp_path: Path) -> None:
    for wrong in ("", "../x", "a/b", ".hidden", "x" * 65):
        with pytest.raises(VaultError):
            Vault(tmp_path, writer=wrong)


def test_a_named_writer_never_reopens_an_older_pack(tmp_path: Path) -> None:
    for number in range(3):
        with Vault(tmp_path, writer="crawl") as vault:
            vault.put(noise(number))
    names = sorted(path.name for path in (tmp_path / "packs").iterdir())
    assert names == ["crawl-0.pack", "crawl-1.pack", "crawl-2.pack"]


def test_a_full_pack_is_followed_by_the_next(tmp_path: Path) -> None:
    with Vault(tmp_path, pack_bytes=3000) as vault:
        digests = []
        for number in range(6):
            digests.append(vault.put(noise(number)))
            vault.flush()
        assert len(list((tmp_path / "packs").iterdir())) == 3
        assert [vault.get(digest) for digest in digests] == [noise(number) for number in range(6)]


def test_a_closed_vault_says_so(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.close()
    vault.close()
    with pytest.raises(VaultClosed):
        vault.put(PAGE)


def test_a_vault_is_refused_after_a_fork(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        vault.put(PAGE)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                vault.put(b"from the child")
            except VaultClosed:
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0


# --- damage


def test_every_flipped_byte_is_noticed_and_never_served(tmp_path: Path) -> None:
    blobs = [PAGE, noise(7, 300), b""]
    with Vault(tmp_path) as vault:
        digests = [vault.put(blob) for blob in blobs]
    path = only_pack(tmp_path)
    whole = path.read_bytes()
    for at in range(0, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        with Vault(tmp_path) as vault:
            damaged = 0
            for digest, blob in zip(digests, blobs, strict=True):
                try:
                    assert vault.get(digest) == blob
                except DamagedBlob:
                    damaged += 1
            assert damaged >= 1


def test_check_names_the_damaged_blob_and_quarantine_lets_it_be_put_again(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        good, bad = vault.put(PAGE), vault.put(noise(3))
    path = only_pack(tmp_path)
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)
    with Vault(tmp_path) as vault:
        assert [damage.digest for damage in vault.check()] == [bad]
        assert vault.quarantine(bad)
        assert not vault.quarantine(bad)
        assert not vault.has(bad)
        assert vault.put(noise(3)) == bad
        vault.flush()
        assert vault.get(bad) == noise(3)
        assert vault.get(good) == PAGE


def test_rebuilding_passes_over_a_damaged_record_and_keeps_the_rest(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        digests = [vault.put(noise(number)) for number in range(5)]
    path = only_pack(tmp_path)
    whole = bytearray(path.read_bytes())
    whole[OPENING_BYTES + 2 * (HEADER_BYTES + 2000) + 4] ^= 1  # in the third header
    path.write_bytes(whole)
    drop_index(tmp_path)
    with Vault(tmp_path) as vault:
        assert [vault.has(digest) for digest in digests] == [True, True, False, True, True]


def test_records_hidden_inside_a_page_are_not_taken_for_records(tmp_path: Path) -> None:
    with Vault(tmp_path / "other") as other:
        planted = other.put(noise(1))
    hostile = only_pack(tmp_path / "other").read_bytes()
    with Vault(tmp_path / "v") as vault:
        vault.put(hostile)
    path = only_pack(tmp_path / "v")
    whole = path.read_bytes()
    assert hostile in whole  # stored raw, so the fake record lies open in the pack
    path.write_bytes(whole[:-1])  # torn, so the scan looks inside
    drop_index(tmp_path / "v")
    with Vault(tmp_path / "v") as vault:
        assert not vault.has(planted)


def test_a_pack_restored_from_an_older_backup_is_told_apart(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        kept = vault.put(noise(1))
        lost = vault.put(noise(2))
    path = only_pack(tmp_path)
    path.write_bytes(path.read_bytes()[: OPENING_BYTES + HEADER_BYTES + 2000])
    with Vault(tmp_path) as vault:
        assert vault.has(kept)
        assert not vault.has(lost)  # so that capturing again stores it again
        assert vault.put(noise(2)) == lost
        vault.flush()
        assert vault.get(lost) == noise(2)


@pytest.mark.parametrize("tail", [1, 30, 63, 64, 65, 1000, 2063])
def test_a_torn_last_record_is_dropped_and_whole_ones_kept(tmp_path: Path, tail: int) -> None:
    with Vault(tmp_path) as vault:
        first, second = vault.put(noise(1)), vault.put(noise(2))
    path = only_pack(tmp_path)
    path.write_bytes(path.read_bytes()[: OPENING_BYTES + HEADER_BYTES + 2000 + tail])
    drop_index(tmp_path)
    with Vault(tmp_path) as vault:
        assert vault.get(first) == noise(1)
        assert not vault.has(second)


def test_a_pack_whose_opening_is_torn_holds_nothing(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        vault.put(PAGE)
    (tmp_path / "packs" / "dead-0.pack").write_bytes(b"MARQUE-PACK")
    with Vault(tmp_path) as vault:
        assert vault.totals().blobs == 1


def test_an_unreadable_index_is_rebuilt_from_the_packs(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        digest = vault.put(PAGE)
    (tmp_path / "index.db").write_bytes(b"not a database at all" * 500)
    with Vault(tmp_path) as vault:
        assert vault.get(digest) == PAGE


def test_an_unreadable_index_is_not_pulled_from_under_others(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        vault.put(PAGE)
    (tmp_path / "index.db").write_bytes(b"not a database at all" * 500)
    other = os.open(tmp_path / "in-use.lock", os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_SH)
    with pytest.raises(DamagedIndex):
        Vault(tmp_path)
    os.close(other)


def test_a_living_writer_is_left_alone_by_recovery(tmp_path: Path) -> None:
    with Vault(tmp_path) as writer:
        digest = writer.put(PAGE)
        with Vault(tmp_path) as other:
            assert other.recover() == 0
            assert not other.has(digest)


# --- a full disk


def test_a_full_disk_refuses_the_put_and_keeps_the_rest(tmp_path: Path) -> None:
    free = 10_000
    with Vault(tmp_path, min_free_bytes=5_000, free_bytes=lambda _: free) as vault:
        kept = vault.put(noise(1))
        free = 6_000
        with pytest.raises(VaultFull) as refused:
            vault.put(noise(2))
        assert (refused.value.free, refused.value.need) == (6_000, 5_000 + HEADER_BYTES + 2_000)
        vault.flush()
        free = 10_000
        again = vault.put(noise(2))
        vault.flush()
        assert (vault.get(kept), vault.get(again)) == (noise(1), noise(2))
        assert vault.totals().blobs == 2


def test_a_failing_disk_leaves_no_half_record(tmp_path: Path) -> None:
    """RLIMIT_FSIZE is the kernel refusing to write, in the middle of a record."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Vault(tmp_path) as vault:
        first = vault.put(noise(1))
        vault.flush()
        second = vault.put(noise(2))
        path = only_pack(tmp_path)
        before = path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (before + 500, hard))
        try:
            with pytest.raises(VaultFull):
                vault.put(noise(3))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert path.stat().st_size == before
        assert not vault.has(hashlib.sha256(noise(3)).hexdigest())
        third = vault.put(noise(3))
        vault.flush()
    with Vault(tmp_path) as vault:
        assert [vault.get(digest) for digest in (first, second, third)] == [noise(1), noise(2), noise(3)]


def test_an_index_that_cannot_grow_keeps_the_flush_open(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Vault(tmp_path) as vault:
        for number in range(200):
            vault.put(noise(number, 40))
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
        try:
            with pytest.raises(VaultFull):
                vault.flush()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        with Vault(tmp_path) as other:
            assert other.totals().blobs == 0
        vault.flush()
        with Vault(tmp_path) as other:
            assert other.totals().blobs == 200


def test_a_failed_sync_gives_up_what_it_did_not_confirm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Vault(tmp_path) as vault:
        kept = vault.put(noise(1))
        vault.flush()
        lost = vault.put(noise(2))

        def fail(_: int) -> None:
            raise OSError(5, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr("store.evidence.pack_files.os.fdatasync", fail)
            with pytest.raises(OSError, match="Input/output"):
                vault.flush()
        assert not vault.has(lost)
        assert vault.put(noise(2)) == lost
        vault.flush()
    with Vault(tmp_path) as vault:
        assert (vault.get(kept), vault.get(lost)) == (noise(1), noise(2))


# --- kill -9

WRITE_UNTIL_KILLED = """
import random, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from store.evidence.vault import Vault
rng = random.Random(int(sys.argv[3]))
vault = Vault(Path(sys.argv[2]))
while True:
    digests = []
    for _ in range(rng.randrange(1, 20)):
        noise = rng.randbytes(rng.randrange(0, 30_000))
        blob = noise if rng.random() < 0.5 else b"page %d " % rng.randrange(99) * 900
        digests.append(vault.put(blob))
    vault.flush()
    sys.stdout.write("".join(digest + "\\n" for digest in digests) + "flushed\\n")
    sys.stdout.flush()
"""


def run_kills(root: Path, kills: int, seed: int) -> int:
    """Kill two concurrent writers again and again; gives how many flushed blobs were checked."""
    rng = random.Random(seed)
    promised: set[str] = set()
    for kill in range(kills):
        children = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    WRITE_UNTIL_KILLED,
                    str(ROOT),
                    str(root),
                    str(seed * 1000 + kill * 2 + n),
                ],
                stdout=subprocess.PIPE,
            )
            for n in range(2)
        ]
        lines: list[list[bytes]] = [[], []]
        for child, seen in zip(children, lines, strict=True):
            assert child.stdout is not None
            seen.append(child.stdout.readline())  # it is writing by now
        pause = threading.Event()
        pause.wait(rng.random() * 0.05)
        for child, seen in zip(children, lines, strict=True):
            child.send_signal(signal.SIGKILL)
            assert child.stdout is not None
            seen += child.stdout.read().splitlines(keepends=True)
            child.stdout.close()
            child.wait()
            text = b"".join(seen).decode()
            promised.update(text.rpartition("flushed\n")[0].replace("flushed\n", "").split())
    with Vault(root) as vault:
        for digest in promised:
            assert hashlib.sha256(vault.get(digest)).hexdigest() == digest
        assert list(vault.check()) == []
    return len(promised)


def test_kill_nine_loses_nothing_that_was_flushed(tmp_path: Path) -> None:
    assert run_kills(tmp_path, kills=10, seed=11) > 100  # two writers each: 20 killed processes
