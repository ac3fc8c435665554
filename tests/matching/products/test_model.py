"""The shipped model tells products apart, whichever side comes first, and its file says what it is."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from matching.products.described import describe
from matching.products.errors import BadModel
from matching.products.likeness import FEATURES, likeness
from matching.products.model import SHIPPED, fit_calibration, product_model, read_model, write_model

SAME = [
    ("Canon PowerShot A2300 IS 16.0 MP Digital Camera (Black)", "canon powershot a2300 black"),
    ("linksys ultra rangeplus wireless-n router wrt160n", "Linksys WRT160N RangePlus wireless router"),
    ("Asics Gel-Lyte III Mid (H637Y-4242)", "ASICS Tiger GEL-Lyte III Mid Blue H637Y-4242"),
]
OTHER = [
    ("Canon PowerShot A2300 IS Digital Camera", "Canon PowerShot SX40 HS Digital Camera"),
    ("sony cyber-shot dscw150r", "sony cyber-shot dscw170r"),
    ("quickbooks premier 2007", "norton antivirus 2007"),
    ("", "Canon PowerShot A2300"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_one_product_in_two_wordings_is_one(left: str, right: str) -> None:
    assert product_model().judge(describe(title=left), describe(title=right)).probability > 0.5


@pytest.mark.parametrize(("left", "right"), OTHER)
def test_other_products_are_others(left: str, right: str) -> None:
    assert product_model().judge(describe(title=left), describe(title=right)).probability < 0.5


@pytest.mark.parametrize(("left", "right"), SAME + OTHER)
def test_it_does_not_matter_which_side_is_the_product(left: str, right: str) -> None:
    a, b = describe(title=left, price=10.0), describe(title=right, price=30.0)
    corpus = product_model().corpus
    assert likeness(a, b, corpus) == pytest.approx(likeness(b, a, corpus))
    assert tuple(likeness(a, b, corpus)) == FEATURES


def test_the_file_says_what_it_was_made_from() -> None:
    data = json.loads(SHIPPED.read_text("utf-8"))
    assert data["made_on"] and data["made_by"] == "python -m matching.products.training"
    assert all(len(each["sha256"]) == 64 and each["pairs"] > 0 for each in data["trained_on"])


def test_a_model_written_and_read_is_the_same(tmp_path: Path) -> None:
    write_model(tmp_path / "model.json", product_model())
    assert read_model(tmp_path / "model.json") == product_model()


@pytest.mark.parametrize("text", ["", "{}", '{"format": "other"}'])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text, "utf-8")
    with pytest.raises(BadModel, match="make it anew"):
        read_model(path)


def test_calibration_finds_the_slope_that_labels_were_drawn_with() -> None:
    odds = [at / 50 - 3 for at in range(301)]
    same = [((at * 7919) % 301) / 301 < 1 / (1 + math.exp(-(2 * value - 1))) for at, value in enumerate(odds)]
    slope, offset = fit_calibration(odds, same)
    assert slope == pytest.approx(2, abs=0.5)
    assert offset == pytest.approx(-1, abs=0.5)
