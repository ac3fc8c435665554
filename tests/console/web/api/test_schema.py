"""The interface held against its own description: a bounded sample of what `make prove NAME=schema` asks."""

from __future__ import annotations

from fastapi import FastAPI

from tests.console.web.two_holders import Side
from tests.faults import schema


def test_no_request_that_the_description_allows_or_forbids_breaks_the_server(
    world: tuple[FastAPI, Side, Side],
) -> None:
    tally = schema.ask(world[0], 2, seed=5)
    assert tally.operations > 10 and tally.asked > 30
    assert (tally.server_errors, tally.odd) == ([], []), tally
