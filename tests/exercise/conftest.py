"""A small world, built once and served once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from exercise.records import World
from exercise.serve import ServedWorld, serve
from exercise.world import build_world


@pytest.fixture(scope="session")
def small_world() -> World:
    return build_world(11, innocents=120, planted=32, traps_each=4)


@pytest.fixture(scope="session")
def served(small_world: World) -> Iterator[ServedWorld]:
    with serve(small_world) as running:
        yield running
