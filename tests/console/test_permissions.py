"""Permissions and opt-outs by the command line: two people, a report, nothing by accident."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.cli import app
from console.errors import BadMonth
from console.past_robots import past_robots
from crawler.errors import BadAuthority
from store.db.captures import Captures
from store.db.session import Database
from store.records.scope import EVERYTHING

RUN = CliRunner()


def marque(home: Path, *words: str) -> Any:
    """What a command prints as JSON."""
    result = RUN.invoke(app, ["--home", str(home), *words, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty workspace."""
    marque(tmp_path / "home", "init")
    return tmp_path / "home"


def entered(home: Path) -> dict[str, Any]:
    """A permission as one person enters it."""
    words = ["authorities", "add", "--case", "K-17", "--legal-basis", "s. 12", "--issuer", "District Court"]
    words += ["--scope", "https://shop.example/item", "--expires", "2027-01-31", "--not-before", "2026-11-01"]
    found: dict[str, Any] = marque(home, *words, "--by", "Jane Roe")
    return found


def test_a_permission_is_in_force_only_after_a_second_person(home: Path) -> None:
    authority = entered(home)
    assert marque(home, "authorities", "list")[0]["approved_at"] is None
    assert marque(home, "authorities", "list")[0]["in_force"] is False
    with pytest.raises(BadAuthority, match="somebody else"):
        marque(home, "authorities", "approve", authority["id"], "--by", "Jane Roe")
    approved = marque(home, "authorities", "approve", authority["id"], "--by", "Max Muster")
    assert approved["second_approver"] == "Max Muster"
    marque(home, "authorities", "revoke", authority["id"], "--by", "Jane Roe")
    assert marque(home, "authorities", "list")[0]["in_force"] is False


def test_the_monthly_report_names_every_request_that_went_past_robots(home: Path) -> None:
    from datetime import UTC, datetime

    from store.db.runs import Runs
    from store.records.fetches import RobotsVerdict
    from tests import factories

    authority = entered(home)
    with Database(f"sqlite:///{home / 'marque.db'}") as database, database.write() as connection:
        Runs(connection, EVERYTHING).add(factories.run())
        for number, at in enumerate((datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))):
            Captures(connection, EVERYTHING).add(
                factories.capture(
                    id=f"c{number}",
                    url_requested="https://shop.example/item/3",
                    fetched_at=at,
                    authority=authority["id"],
                    robots_verdict=RobotsVerdict.DISALLOWED,
                )
            )
        november = past_robots(connection, "2026-11")
        december = past_robots(connection, "2026-12")
        with pytest.raises(BadMonth, match="2026-11"):
            past_robots(connection, "2026-13")
    assert [each["capture"] for each in november["requests"]] == ["c0"]
    assert november["authorities"][0]["case_number"] == "K-17"
    assert november["authorities"][0]["hosts"] == "shop.example"
    assert [each["capture"] for each in december["requests"]] == ["c1"]


def test_an_opt_out_is_entered_listed_and_taken_back(home: Path) -> None:
    marque(home, "opt-outs", "add", "shop.example", "--reason", "the owner asked", "--by", "Jane Roe")
    assert [each["prefix"] for each in marque(home, "opt-outs", "list")] == ["shop.example"]
    marque(home, "opt-outs", "remove", "shop.example", "--by", "Jane Roe")
    assert marque(home, "opt-outs", "list") == []
