"""What is read off one side of a comparison of goods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.products.described import describe


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("Sony DSC-W150R digital camera", "dscw150r"),
        ("belkin cushtop f8n044-slv", "f8n044slv"),
        ("Nike Wmns Classic Cortez (807471-101)", "807471101"),
        ("LG 52LG50 52' LCD TV", "52lg50"),
    ],
)
def test_model_numbers_are_read_without_their_dashes(title: str, model: str) -> None:
    assert model in describe(title=title).models


@pytest.mark.parametrize(
    "title", ["4-channel receiver", "2nd edition", "Puma evoSPEED 5.5", "32 GB card", "1080 x 2"]
)
def test_versions_amounts_and_words_are_no_model_numbers(title: str) -> None:
    assert describe(title=title).models == frozenset()


def test_a_number_written_apart_is_found_written_together() -> None:
    assert "vm3150k" in describe(title="Velmora VM 3150 K headphones").joined


def test_numbers_keep_their_unit_in_every_spelling() -> None:
    assert ("gb", "32") in describe(title="card 32GB").measures
    assert ("mp", "16.1") in describe(title="16,1 Megapixels").measures
    assert ("in", "42") in describe(title="42' lcd tv").measures


def test_roman_numerals_and_versions_are_numbers() -> None:
    assert {"3", "2"} <= describe(title="Gel-Lyte III, Canon 5D mark II").numbers
    assert "3" in describe(title="adobe cs3").numbers


def test_colours_are_families_in_several_languages() -> None:
    assert describe(title="Puma King noir").colours & describe(title="Puma King schwarz").colours


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=400))
def test_any_text_is_read(title: str, brand: str, description: str) -> None:
    side = describe(title=title, brand=brand, description=description)
    assert all(word.isascii() for word in side.words)
    assert len(side.models) <= len(title) * 2
