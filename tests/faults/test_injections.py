"""Hostile words take no effect in any format that leaves, and the harness that says so would notice if they did."""

from __future__ import annotations

import json

import pytest

from tests.faults.injections import BENIGN, KINDS, effects, run, written


def test_no_payload_takes_effect_in_any_format() -> None:
    tally = run(4, seed=8)
    assert tally.payloads == dict.fromkeys(KINDS, 4)
    assert tally.effective == []


@pytest.fixture(scope="module")
def honest() -> dict[str, bytes]:
    return written([BENIGN])


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("items.csv", BENIGN.encode(), b"=1+1"),
        ("items.csv", BENIGN.encode(), b'x","y'),
        ("answers.csv", BENIGN.encode(), "\u202ex".encode()),
        ("urls.txt", b"\n", b"\nhttps://e.example/\n"),
        ("works-1.txt", BENIGN.encode(), b"x\nhttps://e.example/"),
        ("works-1.txt", b"# Work: ", b"# https://e.example/ "),
        ("xarf/1-1.json", b'"category"', b'"_internal":{},"category"'),
        ("xarf/1-1.json", b"https://aurelia.example/", b"https://e.example/\\u202e"),
        ("xarf/1-2.json", b'"claim:pirated_copy"', b'"claim:x","Bad Tag"'),
        ("index.html", BENIGN.encode(), b"<script>x</script>"),
        ("batch.json", BENIGN.encode(), b"a\\u0000b"),
    ],
)
def test_the_harness_notices_what_would_take_effect(
    honest: dict[str, bytes], file: str, old: bytes, new: bytes
) -> None:
    assert old in honest[file]
    assert list(effects(honest, honest)) == []
    assert list(effects({**honest, file: honest[file].replace(old, new)}, honest))


def test_the_reports_of_both_kinds_of_item_are_of_their_kinds(honest: dict[str, bytes]) -> None:
    goods, stream = (json.loads(honest[f"xarf/1-{n}.json"]) for n in (1, 2))
    assert (goods["category"], goods["type"], goods["infringement_type"]) == (
        "content",
        "brand_infringement",
        "counterfeit",
    )
    assert (stream["category"], stream["type"], stream["infringement_type"]) == (
        "copyright",
        "copyright",
        "streaming",
    )
