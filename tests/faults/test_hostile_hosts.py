"""Seeded samples of what `make prove` runs in full against hosts that lie, stall and explode."""

from __future__ import annotations

import pytest

from tests.faults import bombs, egress, responses, tarpits


@pytest.mark.slow
def test_bombs_cost_little_and_are_told() -> None:
    """One compressed, one without an end, one before its body."""
    rows = {row.name: row for row in bombs.explode(["brotli", "endless body", "60 MB of headers"])}
    assert all(row.clean for row in rows.values()), rows
    assert (rows["brotli"].outcome, rows["endless body"].outcome) == ("too_large", "too_large")
    assert rows["60 MB of headers"].outcome == "connection_lost"


@pytest.mark.slow
def test_damaged_answers_end_in_the_ledger() -> None:
    """Two hundred of them in one crawl."""
    proof = responses.prove(200, seed=7)
    assert proof.clean, proof


@pytest.mark.slow
def test_tarpits_hold_up_nobody_else() -> None:
    """As many tarpits as good hosts, more than leases at once, and two processes."""
    found = tarpits.prove(18, 2, delay_s=0.5, processes=2, timeout_s=4.0)
    assert found.clean, found


@pytest.mark.slow
@pytest.mark.parametrize(("layer", "with_names"), [("both", True), ("resolver", True), ("address check", False)])
def test_nothing_inside_is_connected_to(layer: str, with_names: bool) -> None:
    """With both layers, and with either alone; names that point inside are the resolver's to know."""
    found = egress.crawl(layer, 20, with_names=with_names)
    assert found.inside == {}, found
    assert found.public > 50
    assert not any(reason.startswith("error:") for reason in found.reasons), found.reasons
