"""The count of invented offers, on pages made for it; the full count reads what this machine has installed."""

from __future__ import annotations

from pathlib import Path

from tests.faults.negatives import count

MANUAL = "<html><head><title>sort(1)</title></head><body><h1>sort</h1>" + "<p>Sorts lines of text files.</p>" * 60
OFFER = (
    "<html><head><title>Oak stool</title></head><body><h1>Oak stool</h1><img src='/stool.jpg' alt='Oak stool'>"
    "<p class='price'>$40.00</p><form action='/cart/add'><button>Add to cart</button></form>"
    + "<p>Turned from one piece, oiled twice, and light enough for one hand.</p>"
    * 30
)


def test_manuals_offer_nothing_and_an_offer_among_them_is_counted(tmp_path: Path) -> None:
    for name, body in (("a", MANUAL), ("b", MANUAL), ("c", OFFER)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(f"{body}</body></html>", encoding="utf-8")
    counted = count([tmp_path], 3, 1)
    assert (counted.pages, counted.folders, dict(counted.kinds)) == (3, 3, {"none": 2, "listing": 1})
    assert [said.split("/")[-2] for said in counted.invented] == ["c"]
    assert not counted.clean
    assert count([tmp_path / "a", tmp_path / "b"], 2, 1).clean
    assert not count([tmp_path / "a"], 2, 1).clean  # too few pages prove nothing
