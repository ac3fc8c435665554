"""Bytes are decoded as what they are, whatever is declared."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.charset import decode_body

RUSSIAN = "Цифровое пианино с доставкой по городу, гарантия и возврат товара"
CASES = {
    "utf-8 by bytes": ("Größe 40 €", "utf-8", None, "", "utf-8"),
    "utf-16 by mark": ("Größe", "utf-16", None, "", "utf-16-le"),
    "declared in the header": (RUSSIAN, "cp1251", "text/html; charset=windows-1251", "", "cp1251"),
    "declared in a meta": (RUSSIAN, "koi8-r", None, '<meta charset="koi8-r">', "koi8-r"),
    "undeclared cyrillic": (RUSSIAN, "cp1251", None, "", "cp1251"),
    "undeclared chinese": ("乳白亚克力外壳,这是一个新的商品,价格包邮,请大家购买" * 3, "gb18030", None, "", "gb18030"),
    "undeclared japanese": ("送料無料の商品です。日本の店舗でお買い求めください。" * 3, "euc_jp", None, "", "euc_jp"),
    "undeclared western": ("Größe für Mädchen, große Auswahl, schöne Farben", "cp1252", None, "", "cp1252"),
    "declared latin, bytes utf-8": ("Größe für Mädchen, große Auswahl", "utf-8", "text/html; charset=iso-8859-1", "", "utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_text_comes_back(case: str) -> None:
    text, charset, header, meta, want = CASES[case]
    decoded = decode_body((meta + text).encode(charset), header)
    assert text in decoded.text
    assert decoded.charset == want


def test_one_broken_byte_costs_one_character() -> None:
    decoded = decode_body("<meta charset=utf-8> Größe für Mädchen".encode() + b"\xa9 x", None)
    assert decoded.text.endswith("Größe für Mädchen\ufffd x")
    assert decoded.note is not None


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/html; charset=utf-8", "text/html; charset=gbk", "text/html; charset=nonsense"]),
)
def test_any_bytes_become_text(body: bytes, header: str | None) -> None:
    decode_body(body, header).text.encode("utf-8")
