"""A hostile photo costs one photo, never the run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from matching import photo_worker
from matching.errors import PhotoRefused, RefusalReason
from matching.images import hash_photo, open_photo
from matching.photo_worker import AHEAD, PhotoCrew, PhotoWorker
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


def _die_on_three(n: int) -> int:
    if n == 3:
        os._exit(1)
    return n * n


def _squared(worker: PhotoWorker, n: int) -> int | str:
    try:
        return worker.ask(_die_on_three, n, seconds=photo_worker.SECONDS)
    except PhotoRefused as refused:
        return refused.detail


def test_a_crew_answers_in_order_takes_few_at_once_and_loses_one_thing_a_death() -> None:
    taken: list[int] = []

    def things() -> Iterator[int]:
        for n in range(9):
            taken.append(n)
            yield n

    with PhotoCrew(2) as crew:
        answers = crew.in_order(_squared, things())
        first = next(answers)
        assert len(taken) == 2 * AHEAD, "no more is held than the crew comes to"
        assert [first, *answers] == [0, 1, 4, "the process that decoded it died", 16, 25, 36, 49, 64]
        assert crew.each(lambda worker, name: len(name), ["bb", "a"]) == {"bb": 2, "a": 1}
