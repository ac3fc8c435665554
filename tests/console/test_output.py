"""Tables fit the terminal: no word is torn apart because the screen is narrow."""

from __future__ import annotations

import pytest

from console.output import table

HEADS = ("profile", "regime", "state", "official", "copy")
ROW = ("google-search-copyright", "17 U.S.C. § 512(d)", "verified 2026-11-22 by Jane Roe", "5 of 15", "shipped")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_word_is_torn_apart_on_any_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    table(HEADS, [ROW, ("x", "", "draft", "0 of 9", None)], title="2 profiles")
    said = capsys.readouterr().out
    words = set(said.split())
    assert {word for cell in ROW for word in cell.split()} <= words
    assert "2 profiles" in said


def test_markup_in_a_cell_is_printed_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for width in ("30", "120"):
        monkeypatch.setenv("COLUMNS", width)
        table(("a", "b"), [("[red]x[/red]", "[bold]unconditionally[/bold] yes")])
        assert "[red]x[/red]" in capsys.readouterr().out
