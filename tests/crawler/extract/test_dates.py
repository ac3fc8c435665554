"""Dates are read in the page's language, counted from when it was fetched."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.dates import read_date

BASE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASES = [
    ("2026-02-01T10:00:00+01:00", None, "2026-02-01 09:00"), ("Posted 2026-02-01", None, "2026-02-01 00:00"),
    ("3 days ago", "en", "2026-02-27 09:00"), ("il y a 3 jours", "fr", "2026-02-27 09:00"), ("i går 14:30", "sv", "2026-03-01 14:30"),
    ("gestern, 18:02", "de", "2026-03-01 18:02"), ("vor 2 Stunden", "de", "2026-03-02 07:00"), ("hier 10:15", "fr", "2026-03-01 10:15"),
    ("för 3 dagar sedan", "sv", "2026-02-27 09:00"), ("12 februari 2026", "sv", "2026-02-12 00:00"), ("12. Februar", "de", "2026-02-12 00:00"),
    ("Feb 3, 2026 5:04 pm", "en", "2026-02-03 17:04"), ("3 de marzo de 2025", "es", "2025-03-03 00:00"), ("5 мая 2025", "ru", "2025-05-05 00:00"),
    ("02/03/2026", "en", "2026-02-03 00:00"), ("02/03/2026", "fr", "2026-03-02 00:00"), ("15.02.2026 12:30", "de", "2026-02-15 12:30"),
    ("2026年2月3日", None, "2026-02-03 00:00"), ("1700000000", None, "2023-11-14 22:13"), ("Mon, 02 Feb 2026 09:00:00 GMT", None, "2026-02-02 09:00"),
    ("today", "en", "2026-03-02 00:00"), ("24 Dec", "en", "2025-12-24 00:00"),
    ("29 Feb 2025", "en", None), ("No date", "en", None), ("March 2025", "en", None), ("9999 years ago", "en", None), ("14:30", "en", None),
    ("2099-01-01", None, None), ("0001-01-01", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language", "want"), CASES)
def test_a_date_is_the_moment_it_names(text: str, language: str | None, want: str | None) -> None:
    found = read_date(text, BASE, language=language)
    assert (found.strftime("%Y-%m-%d %H:%M") if found else None) == want
    assert found is None or found.tzinfo is UTC


def test_in_america_the_month_stands_first() -> None:
    found = read_date("02/03/2026", BASE, language="es", country="US")
    assert found is not None and (found.month, found.day) == (2, 3)


@settings(deadline=None)  # the first call loads the names of months
@given(st.text(max_size=100))
def test_no_text_raises(text: str) -> None:
    read_date(text, BASE)
