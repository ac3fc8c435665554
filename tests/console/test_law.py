"""`marque law`: every row names its source, and what has no row is refused with the reason."""

from __future__ import annotations

from pathlib import Path

from tests.console.test_cli import PLATFORM, Desk

RIGHTS = """right_ref;holder;kind;office;registration_number;nice_classes;territories;status
FR-1;Maison Alpha;trademark;FR;4123456;14;FR;active
DE-1;Maison Alpha;trademark;DE;302019123456;14;DE;active
"""


def test_a_combination_is_supported_by_a_row_or_refused_with_the_reason(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")
    assert desk.run("init")[0] == 0
    rows = desk.data("law", "list")
    assert len(rows) > 20 and all(row["citation"] and row["basis"] for row in rows)
    assert all(row["url"] and row["edition"] for row in rows if row["basis"] == "official")
    desk.declare("bazario", "http://127.0.0.1:9/")
    (tmp_path / "rights.csv").write_text(RIGHTS, "utf-8")
    assert desk.run("rights", "import", str(tmp_path / "rights.csv"))[0] == 0
    claim = ("--platform", "bazario", "--class", "counterfeit")
    (supported,) = desk.data("law", "check", "DE-1", *claim)
    assert (supported["country"], supported["basis"]) == ("DE", "memory")
    assert "2015/2436" in supported["citation"] and "self_declared_copy" in supported["grounds"]
    code, said = desk.run("law", "check", "FR-1", *claim)
    assert code == 1 and "FR-1 holds in no country to which the offer is directed" in " ".join(said.split())
    assert PLATFORM.count("DE") == 1  # the platform the rights are held against
