"""A capture's bytes are named by what they are, whoever said so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from store.evidence.capture_record import body_name
from tests.store.evidence.samples import PICTURE, capture


@pytest.mark.parametrize(
    ("own", "had", "name"),
    [
        ("image/png", None, "body.png"),
        ("", "image/jpeg", "body.jpg"),  # a 304 says no type: the bytes that stood did
        ("text/html", "image/jpeg", "body.txt"),
        ("", None, "body.txt"),
        ("", "application/zip", "body.bin"),
    ],
)
def test_a_body_that_still_stood_keeps_the_ending_of_its_type(own: str, had: str | None, name: str) -> None:
    made = capture(1, PICTURE, own, datetime(2026, 3, 2, tzinfo=UTC))
    assert body_name(replace(made, response_headers=(("Content-Type", own),) if own else ()), had) == name
