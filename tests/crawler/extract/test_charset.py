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


# Running text as shops and advertisers write it, with the encodings it was written in before UTF-8.
WRITTEN = {
    "gb18030": "乳白亚克力外壳这是一个新的商品价格包邮请大家购买正品保证七天无理由退货厂家直销现货供应",
    "big5": "全新正品公司貨免運費歡迎選購商品價格優惠數量有限請盡快下標購買謝謝您的支持臺灣現貨",
    "euc_jp": "送料無料の商品です。日本の店舗でお買い求めください。新品の腕時計、価格は税込です。",
    "shift_jis": "送料無料の商品です。日本の店舗でお買い求めください。新品の腕時計、価格は税込です。",
    "iso2022_jp": "送料無料の商品です。日本の店舗でお買い求めください。新品の腕時計、価格は税込です。",
    "euc_kr": "이 상품은 새 제품입니다. 무료 배송이며 가격은 협의 가능합니다. 판매자에게 문의하세요.",
    "cp1251": "Продаю новый телефон в отличном состоянии, доставка по городу, гарантия и возврат товара",
    "koi8_r": "Продаю новый телефон в отличном состоянии, доставка по городу, гарантия и возврат товара",
    "cp1252": "Je vends un vélo en très bon état, livraison possible, prix à débattre, idéal pour l'été",
    "cp1250": "Prodám nový telefon ve výborném stavu, možnost zaslání poštou, cena dohodou, příslušenství",
    "cp1253": "Πωλείται καινούργιο κινητό τηλέφωνο σε άριστη κατάσταση, δωρεάν αποστολή σε όλη την Ελλάδα",
    "cp1254": "Satılık yeni telefon, çok iyi durumda, ücretsiz kargo, fiyatı uygun, şık görünüşlü ağır kılıf",
    "cp1255": "למכירה טלפון חדש במצב מצוין, משלוח חינם לכל הארץ, מחיר נמוך",
    "cp1256": "للبيع هاتف جديد بحالة ممتازة مع توصيل مجاني الى جميع المدن والسعر قابل للتفاوض",
    "cp874": "ขายโทรศัพท์มือถือใหม่สภาพดีมาก จัดส่งฟรีทั่วประเทศ ราคาถูก",
}


@given(charset=st.sampled_from(sorted(WRITTEN)), times=st.integers(1, 5), front=st.text('abc <>/="', max_size=60))
def test_undeclared_text_comes_back_whatever_it_was_written_in(charset: str, times: int, front: str) -> None:
    text = " ".join([WRITTEN[charset]] * times)
    decoded = decode_body(f"<title>{front}</title><p>{text}</p>".encode(charset), None)
    assert text in decoded.text


@given(
    charset=st.sampled_from(["gb18030", "big5", "shift_jis", "euc_kr", "cp1251", "cp1253"]), start=st.integers(0, 12)
)
def test_a_title_alone_tells_its_encoding(charset: str, start: int) -> None:
    text = WRITTEN[charset][start : start + 30]
    assert text in decode_body(f"<title>{text}</title>".encode(charset), None).text


def test_a_long_run_of_letters_costs_no_more_than_its_length() -> None:
    body = b"A" * 2_000_000 + b"\xe9"
    assert decode_body(body, None).charset == "cp1252"


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
