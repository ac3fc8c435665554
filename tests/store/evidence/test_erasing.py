"""Erased bytes are nowhere on the disk, everything beside them stays, and what was decided is never stored again."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from store.evidence import pack as packs
from store.evidence import vault as vault_module
from store.evidence.errors import BarredContent, ErasedBlob
from store.evidence.index import Index
from store.evidence.vault import Vault

OTHERS = [Random(n).randbytes(900) for n in range(4)]
GONE = b"a secret that must go " + Random(9).randbytes(5000)


def on_disk(root: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((root / "packs").glob("*.pack")))


def filled(root: Path) -> str:
    """A vault whose blob lies in two packs, of two writers that did not know of each other."""
    with Vault(root, writer="a") as one, Vault(root, writer="b") as two:
        digest = one.put(GONE)
        two.put(GONE)
        for data in OTHERS:
            one.put(data)
            two.put(data[::-1])
        one.flush()
        two.flush()
    return digest


@pytest.mark.parametrize("lawfully", [True, False])
def test_every_copy_is_overwritten_and_everything_else_stays(tmp_path: Path, lawfully: bool) -> None:
    digest = filled(tmp_path)
    size = len(on_disk(tmp_path))
    assert on_disk(tmp_path).count(GONE[:200]) == 2
    with Vault(tmp_path) as vault:
        assert vault.erase([digest], lawfully=lawfully) == 2
        assert vault.erase([digest], lawfully=lawfully) == 0  # again changes nothing
        assert (vault.has(digest), vault.erased(digest)) == (False, lawfully)
        with pytest.raises(ErasedBlob, match="decision" if lawfully else "retention"):
            vault.get(digest)
        assert list(vault.check()) == []
        assert vault.totals().blobs == 8
    assert GONE[:200] not in on_disk(tmp_path)
    assert len(on_disk(tmp_path)) == size


def test_what_was_decided_is_never_taken_again_and_what_was_purged_is(tmp_path: Path) -> None:
    digest = filled(tmp_path)
    with Vault(tmp_path) as vault:
        vault.erase([digest], lawfully=False)
        assert vault.put(GONE) == digest
        vault.flush()
        assert vault.get(digest) == GONE
        vault.erase([digest], lawfully=True)
        with pytest.raises(BarredContent, match="erased"):
            vault.put(GONE)
        vault.erase([digest], lawfully=False)  # a purge that comes later takes the decision back for nobody
        assert vault.erased(digest) is True


def test_an_index_made_anew_knows_what_was_erased_from_the_packs_alone(tmp_path: Path) -> None:
    digest = filled(tmp_path)
    with Vault(tmp_path) as vault:
        vault.erase([digest], lawfully=True)
    (tmp_path / "index.db").unlink()
    with Vault(tmp_path) as vault:
        assert vault.erased(digest) is True
        assert vault.totals().blobs == 8
        with pytest.raises(BarredContent):
            vault.put(GONE)


@pytest.mark.parametrize("step", range(4))
def test_killed_while_erasing_the_next_call_completes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    digest = filled(tmp_path)
    calls = 0
    write = os.pwrite

    def dying(fd: int, data: bytes, at: int) -> int:
        nonlocal calls
        calls += 1
        if calls == step + 1:
            raise KeyboardInterrupt
        return write(fd, data, at)

    vault = Vault(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(packs.os, "pwrite", dying)
        with pytest.raises(KeyboardInterrupt):
            vault.erase([digest], lawfully=True)
    vault.close()
    with Vault(tmp_path) as vault:
        with pytest.raises(ErasedBlob):
            vault.get(digest)
        vault.erase([digest], lawfully=True)
        assert list(vault.check()) == []
    assert GONE[:200] not in on_disk(tmp_path)


NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("says_so", ["puts it again", "wants it"])
def test_what_was_put_again_lately_stays_whoever_put_it(tmp_path: Path, says_so: str) -> None:
    digest = filled(tmp_path)
    with Vault(tmp_path, clock=lambda: NOW) as crawl, Vault(tmp_path) as worker:
        assert crawl.put(GONE) == digest if says_so == "puts it again" else crawl.want(digest)
        assert worker.erase([digest], lawfully=False, since=NOW) == 0
        assert worker.get(digest) == GONE
        assert worker.erase([digest], lawfully=False, since=NOW + timedelta(seconds=1)) == 2
        assert not crawl.want(digest)


def test_a_decision_spares_nothing(tmp_path: Path) -> None:
    digest = filled(tmp_path)
    with Vault(tmp_path) as vault:
        vault.put(GONE)
        assert vault.erase([digest], lawfully=True) == 2


def test_what_comes_back_while_it_is_erased_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = filled(tmp_path)
    with Vault(tmp_path) as crawl, Vault(tmp_path) as worker:
        overwrite = vault_module.overwrite

        def late(folder: Path, index: Index) -> int:
            crawl.put(GONE)  # taken out of the index, and not overwritten yet
            crawl.flush()
            return overwrite(folder, index)

        monkeypatch.setattr(vault_module, "overwrite", late)
        assert worker.erase([digest], lawfully=False) == 2
        assert worker.get(digest) == GONE
        assert list(worker.check()) == []
    assert on_disk(tmp_path).count(GONE[:200]) == 1


def test_a_killed_purge_is_completed_by_a_call_that_asks_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = filled(tmp_path)
    with monkeypatch.context() as patch, Vault(tmp_path) as vault:
        patch.setattr(packs, "take_out", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            vault.erase([digest], lawfully=False)
    assert on_disk(tmp_path).count(GONE[:200]) == 2
    with Vault(tmp_path) as vault:
        assert not vault.has(digest)  # so no plan would name it again
        assert vault.erase([], lawfully=False) == 2
    assert GONE[:200] not in on_disk(tmp_path)
