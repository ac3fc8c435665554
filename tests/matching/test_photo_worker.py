"""A hostile photo costs one photo, never the run."""

from __future__ import annotations

import pytest

from matching import photo_worker
from matching.errors import PhotoRefused, RefusalReason
from matching.images import hash_photo, open_photo
from matching.photo_worker import PhotoWorker
from tests.factories import photo


def test_the_worker_hashes_as_this_process_does() -> None:
    with PhotoWorker() as worker:
        assert worker.hash_listing(photo(7)) == hash_photo(open_photo(photo(7), colour=False))
        with pytest.raises(PhotoRefused) as refused:
            worker.hash_listing(b"no picture")
    assert refused.value.reason is RefusalReason.UNKNOWN_FORMAT


def test_a_dead_process_is_replaced() -> None:
    with PhotoWorker() as worker:
        worker.hash_listing(photo(7))
        assert worker._pool is not None and worker._pool._processes is not None
        for process in worker._pool._processes.values():
            process.kill()
        with pytest.raises(PhotoRefused, match="died"):
            worker.hash_listing(photo(3))
        assert worker.hash_reference(photo(3)).sha256


def test_a_decoder_in_a_loop_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_worker, "SECONDS", 0.0)
    with PhotoWorker() as worker, pytest.raises(PhotoRefused, match="not decoded within"):
        worker.hash_listing(photo(7))
