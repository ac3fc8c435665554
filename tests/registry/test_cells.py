"""Cells become typed values, or are refused with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import cells
from registry.errors import BadCell
from store.records.rights import RightStatus

BAD = [
    (cells.read_date, "31.02.2026", "2026-02-28"),
    (cells.read_date, "2026-02-31", "2026-02-28"),
    (cells.read_date, "2026-13-01", "month 01 to 12"),
    (cells.read_date, "12/03/24", "2024-03-12 or 2024-12-03"),
    (cells.read_date, "2026/3/1", "2026-03-01"),
    (cells.read_date, "20260301", "2026-03-31"),
    (cells.read_date, "2026-W10-1", "2026-03-31"),
    (cells.read_date, "9999-12-31", "leave the cell empty"),
    (cells.read_date, "tomorrow", "2026-03-31"),
    (cells.read_country, "Sweden", "write SE"),
    (cells.read_country, "SWE", "write SE"),
    (cells.read_country, "UK", "write GB"),
    (cells.read_country, "ZZ", "two letters"),
    (cells.read_office, "EUIP", "EUIPO"),
    (cells.read_office, "INPI", "code"),
    (cells.read_gtin, "7350123400005", "the last is 7"),
    (cells.read_gtin, "735012340000", "check"),
    (cells.read_gtin, "12345678905", "format the column as text"),
    (cells.read_gtin, "7.35012E+12", "format the column as text"),
    (cells.read_gtin, "735012340000x", "digits only"),
    (cells.read_gtin, "٧٣٥٠١٢٣٤", "digits only"),
    (cells.read_word(RightStatus), "actve", "did you mean 'active'?"),
    (cells.read_integer(1, 45), "46", "1 to 45"),
    (cells.read_integer(1, 45), "14.0", "1 to 45"),
    (cells.read_integer(1, 45), "²", "1 to 45"),
    (cells.read_price, "SE:12900", "SE:12900 SEK"),
    (cells.read_price, "SE:129,00 SEK", "point before the decimals"),
    (cells.read_price, "SE:12900 SEX", "did you mean"),
    (cells.read_price, "DE:12 DEM", "ISO code"),
    (cells.read_price, "SW:12900 SEK", "write"),
    (cells.read_price, "JP:12.5 JPY", "round"),
    (cells.read_price, "SE:0 SEK", "no price is known"),
    (cells.read_price, "SE@2026-02-30:1 SEK", "2026-02-28"),
    (cells.read_url, "www.example.com", "https://example.com/page"),
    (cells.read_url, "javascript:alert(1)", "https://example.com/page"),
    (cells.read_url, "https://user:pw@example.com/", "https://example.com/page"),
    (cells.read_url, "https://[::1", "https://example.com/page"),
    (cells.read_url, "https://example.com:99999/", "https://example.com/page"),
    (cells.read_email, "nobody", "rights@example.com"),
    (cells.read_phone, "08 555 01", "+46 8"),
    (cells.read_identifier, "9780306406157", "isbn:"),
    (cells.read_identifier, "isbn:9780306406158", "check digit"),
    (cells.read_identifier, "eidr:10.5240/7791-8534-2C23-9030-8610-6", "check digit"),
    (cells.read_identifier, "eidr:10.5240/7791-8534", "check digit"),
    (cells.read_identifier, "isan:0000-0000-3A8D-0000-Z-0000-0000-7", "check digit"),
    (cells.read_identifier, "gtin:7350123400008", "check digit"),
    (cells.read_identifier, "gtin:735", "check digit"),
    (cells.read_licence, "filmhamn@2027-01-01..2026-01-01", "exchange"),
    (cells.read_licence, "filmhamn:Sweden", "SE"),
    (cells.read_platform, "Shop Nest", "marque platforms list"),
    (cells.read_ref, "A|B", "another character"),
    (cells.read_short, "x" * 301, "300"),
]


@pytest.mark.parametrize(("reader", "text", "fix"), BAD, ids=[text[:20] for _, text, _ in BAD])
def test_wrong_value_is_refused_with_what_to_write(reader: Callable[[str], object], text: str, fix: str) -> None:
    with pytest.raises(BadCell) as refusal:
        reader(text)
    assert fix in refusal.value.fix


def test_values_are_read_as_their_columns_say() -> None:
    assert cells.read_date("2024-02-29") == date(2024, 2, 29)
    assert cells.read_country("se") == "SE"
    assert cells.read_territory("EU") == "EU"
    assert [cells.read_office(word) for word in ("EUIPO", "em", "USPTO", "SE")] == ["EM", "EM", "US", "SE"]
    assert cells.read_gtin("7 350123-400007") == "7350123400007"
    assert cells.read_word(RightStatus)("Active") is RightStatus.ACTIVE
    for stands in (
        "eidr:10.5240/7791-8534-2C23-9030-8610-5", "isan:0000-0000-3A8D-0000-Z-0000-0000-6", "gtin:7350123400007",
        "isrc:USRC17607839",
    ):  # fmt: skip
        assert cells.read_identifier(stands) == stands
    assert cells.read_identifier("ISBN: 978-0-306-40615-7") == "isbn:978-0-306-40615-7"
    licence = cells.read_licence("filmhamn:SE,no@2026-01-01..")
    assert (licence.platform, licence.territories, licence.valid_from) == ("filmhamn", ("SE", "NO"), date(2026, 1, 1))
    assert licence.valid_until is None


def test_equal_prices_are_one_record_however_written() -> None:
    written = {cells.read_price(text) for text in ("SE:12900 SEK", "se:12900.00 sek", "SE: 12900.0  SEK")}
    (price,) = written
    assert price.price.amount == Decimal(12900)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "=HYPERLINK(\"http://x\")", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
     "@SUM(1+1)*cmd|' /C calc'!A0", "＝1+1", "+A1!B2"],
)  # fmt: skip
def test_formulas_are_refused_in_files_that_spreadsheets_open(text: str) -> None:
    with pytest.raises(BadCell, match="formula"):
        cells.clean(text, formulas=True)
    assert cells.clean(text, formulas=False)


@pytest.mark.parametrize("text", ["+46 (0)920 555 01 00", "@home", "-20° box", "Crème & Co", "ΑΩ 361˚", "مارك"])
def test_plain_text_that_begins_like_a_formula_stands(text: str) -> None:
    assert cells.clean(text, formulas=True) == text


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800", "a\u202eb", "a\u200bb", "a\x85b", "caf\ufffd", "x" * 20_001])
def test_characters_no_name_can_hold_are_refused(text: str) -> None:
    with pytest.raises(BadCell):
        cells.clean(text, formulas=False)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_never_breaks_a_reader(text: str) -> None:
    readers: tuple[Callable[[str], object], ...] = (
        cells.read_date, cells.read_country, cells.read_office, cells.read_gtin, cells.read_price, cells.read_licence,
        cells.read_url, cells.read_email, cells.read_phone, cells.read_identifier, cells.read_platform,
        cells.read_word(RightStatus), cells.read_integer(1, 45),
    )  # fmt: skip
    try:
        cleaned = cells.clean(text, formulas=True)
    except BadCell:
        return
    assert cells.clean(cleaned, formulas=True) == cleaned
    for reader in readers:
        try:
            reader(cleaned)
        except BadCell as refusal:
            assert refusal.problem
            assert refusal.fix


@given(st.dates(min_value=date(1800, 1, 1), max_value=date(2199, 12, 31)))
def test_every_iso_date_is_read_as_itself(day: date) -> None:
    assert cells.read_date(day.isoformat()) == day
