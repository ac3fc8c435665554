"""Amounts are read as the page's country writes them."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.money import MoneyHints, currency_code, join_cents, read_machine_number, read_money

CASES = [
    ("$1,299.00", {}, "1299.00 USD"), ("$1,299.00", {"countries": ("CA",)}, "1299.00 CAD"), ("C$ 12", {}, "12 CAD"),
    ("kr 1.299,-", {"countries": ("DK",)}, "1299 DKK"), ("199:-", {"countries": ("SE",)}, "199 SEK"),
    ("1 299 kr", {"language": "sv"}, "1299 SEK"), ("1 299 kr", {"language": "nb"}, "1299 NOK"), ("1 299 kr", {}, None),
    ("CHF 12'500.00", {}, "12500.00 CHF"), ("CHF 12.–", {}, "12 CHF"), ("₹ 1,29,999", {}, "129999 INR"),
    ("2 000 Ft", {}, "2000 HUF"), ("$145.900", {"countries": ("CL",)}, "145900 CLP"), ("0,60 €", {}, "0.60 EUR"),
    ("9 900,00 zł", {}, "9900.00 PLN"), ("1.234.567,89 €", {}, "1234567.89 EUR"), ("R$39,90", {}, "39.90 BRL"),
    ("R 1 299.00", {"countries": ("ZA",)}, "1299.00 ZAR"), ("47 405 р.", {}, "47405 RUB"), ("¥149.00", {"language": "zh"}, "149.00 CNY"),
    ("1,250円", {}, "1250 JPY"), ("¥149", {}, None), ("From $12.99 to $20", {}, "12.99 USD"), ("19 - 25 €", {}, "19 EUR"),
    ("€ 12,50 - € 18,00", {}, "12.50 EUR"), ("Price: £40.00 Save 20%", {}, "40.00 GBP"), ("20% off $50", {}, "50 USD"),
    ("12.5", {"currency": "EUR"}, "12.5 EUR"), ("12.5", {}, None), ("Free", {"currency": "USD"}, None), ("gratis", {"currency": "EUR"}, None),
    ("Save -$5", {}, None), ("iPhone 6s", {}, None), ("USD12.50", {}, "12.50 USD"), ("3 for £5", {}, "5 GBP"),
    ("١٢٣ ر.س", {}, "123 SAR"), ("", {}, None), ("$.99", {}, "0.99 USD"), ("1 200 000 ₫", {}, "1200000 VND"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "hints", "want"), CASES)
def test_an_amount_means_what_it_means_there(text: str, hints: dict[str, object], want: str | None) -> None:
    found = read_money(text, MoneyHints(**hints))  # type: ignore[arg-type]  # the table's hints are of the right types
    assert (str(found) if found else None) == want


def test_raised_cents_belong_to_their_units() -> None:
    assert str(read_money(join_cents("$12\u200999"), MoneyHints())) == "12.99 USD"


@pytest.mark.parametrize(
    ("text", "want"), [("1299.000", "1299.000"), ("1299,5", None), ("-1", None), ("9" * 30, None), ("NaN", None)]
)
def test_a_programs_number_is_read_by_the_programs_rules(text: str, want: str | None) -> None:
    found = read_machine_number(text)
    assert (str(found) if found is not None else None) == want


@given(st.text(alphabet="0123456789 .,'-–€$£kr¥円zł\u00a0\u200f٣%:", max_size=60))
def test_no_text_makes_an_amount_that_is_none(text: str) -> None:
    found = read_money(text, MoneyHints(currency="EUR"))
    assert found is None or (found.amount.is_finite() and 0 <= found.amount < 10**12 and len(found.currency) == 3)


@given(st.text(max_size=8))
def test_a_currency_is_a_code_or_nothing(text: str) -> None:
    code = currency_code(text, MoneyHints())
    assert code is None or len(code) == 3
