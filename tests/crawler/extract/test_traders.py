"""Who trades is read as law makes sellers print it; numbers count where their check digits hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.families import generic_platform
from crawler.extract.page import Reading, read_page
from crawler.extract.register_numbers import register_numbers, vat_number
from store.records.listings import PERSONAL_FIELDS, TRADER_FIELDS, ListingFields
from tests.crawler.extract.pages_made import page

URL = "https://kontor.example/item/linen-shirt-4711.html"

GERMAN = """<h2>Impressum</h2><p>Hedda Holz GmbH<br>Lindenweg 7<br>80331 München<br>Deutschland</p>
<p>Telefon: 089 123456-0<br>E-Mail: post@hedda-holz.example</p><p>Registergericht: Amtsgericht München, HRB 12345</p>
<p>USt-IdNr.: DE 136 695 976</p>"""
FRENCH = """<h3>Informations sur le vendeur</h3><ul><li>Raison sociale : Atelier du Lin SARL</li>
<li>Adresse : 12 rue des Tisserands, 59000 Lille</li><li>SIRET : 732 829 320 00074</li>
<li>TVA intracommunautaire : FR 44 732829320</li></ul>"""
ITALIAN = """<footer><p>Filo S.r.l. - Sede legale: Via Roma 1, 20121 Milano
- P.IVA 00743110157 - REA MI-1234567</p></footer>"""
SPANISH = (
    """<h3>Información del vendedor</h3><p>Lino Claro SL<br>Calle Mayor 5<br>28013 Madrid<br>CIF: B58378431</p>"""
)
BRITISH = """<h3>Business seller information</h3><p>Flax and Son Ltd<br>4 Mill Lane<br>Leeds LS1 4AP</p>
<p>Phone: +44 113 496 0000</p><p>Company registration number: 01234567</p><p>VAT number: GB 980 7806 84</p>"""
MORE = "<p>Woven in Flanders.</p>" * 60  # a foot is a small part of its page
CHINESE = """<h3>营业执照信息</h3><p>企业名称：清亚麻有限公司</p><p>统一社会信用代码：91110000600037341L</p>
<p>粤ICP备12345678号</p>"""


def offer(inner: str, head: str = "") -> Reading:
    markup = (
        f'<html lang="de-DE"><head><title>Linen shirt</title>{head}</head><body><h1>Linen shirt</h1>'
        f'<img src="/p/shirt.jpg" alt="Linen shirt"><p class="price">€40.00</p><button>Add to cart</button>{inner}'
        "</body></html>"
    )
    return read_page(page(markup, url=URL), generic_platform(URL))


def told(fields: ListingFields | None) -> dict[str, str | list[str]]:
    assert fields is not None
    found: dict[str, str | list[str]] = {}
    for name in TRADER_FIELDS:
        seen = getattr(fields, name)
        if seen:
            found[name.removeprefix("trader_")] = [s.value for s in seen] if isinstance(seen, tuple) else seen.value
    return found


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (
            GERMAN,
            {"name": "Hedda Holz GmbH", "address": "Lindenweg 7, 80331 München, Deutschland",
             "mail": "post@hedda-holz.example", "phone": "+49891234560", "vat": "DE136695976",
             "numbers": ["HRB 12345 Amtsgericht München"]},
        ),
        (
            FRENCH,
            {"name": "Atelier du Lin SARL", "address": "12 rue des Tisserands, 59000 Lille", "vat": "FR44732829320",
             "numbers": ["SIRET 73282932000074"]},
        ),
        (ITALIAN, {"vat": "IT00743110157", "numbers": ["REA MI-1234567"]}),
        (SPANISH, {"name": "Lino Claro SL", "address": "Calle Mayor 5, 28013 Madrid", "vat": "ESB58378431"}),
        (
            BRITISH,
            {"name": "Flax and Son Ltd", "address": "4 Mill Lane, Leeds LS1 4AP", "phone": "+441134960000",
             "vat": "GB980780684", "numbers": ["COMPANY 01234567"]},
        ),
        (CHINESE, {"name": "清亚麻有限公司", "numbers": ["USCC 91110000600037341L", "ICP 粤ICP备12345678号"]}),
    ],
    ids=["german", "french", "italian", "spanish", "british", "chinese"],
)  # fmt: skip
def test_the_trader_is_read_as_each_countrys_law_prints_it(block: str, expected: dict[str, object]) -> None:
    assert told(offer(block).fields) == expected


def test_each_detail_knows_where_it_was_read() -> None:
    fields = offer(GERMAN).fields
    assert fields is not None and fields.trader_vat is not None and fields.trader_address is not None
    assert fields.trader_vat.rule.endswith("listing.trader_vat[0]") and fields.trader_vat.where == "line"
    assert fields.trader_address.where == "block" and fields.trader_address.capture == "c1"


def test_a_markets_own_imprint_is_not_the_third_partys() -> None:
    fields = offer(f"<p>Sold by <a href='/seller/nils'>Nils Weaving</a></p>{MORE}<footer>{GERMAN}</footer>").fields
    assert fields is not None and fields.seller_name is not None and fields.seller_name.value == "Nils Weaving"
    assert told(fields) == {}


def test_a_trader_in_structured_data_is_believed_first() -> None:
    seller = {"@type": "Organization", "name": "Hedda", "legalName": "Hedda Holz GmbH", "vatID": "DE136695976",
              "email": "post@hedda.example", "address": {"@type": "PostalAddress", "streetAddress": "Lindenweg 7",
                                                       "postalCode": "80331",
                                                       "addressLocality": "München"}}  # fmt: skip
    product = {"@type": "Product", "name": "Linen shirt", "offers": {"@type": "Offer", "price": 40,
               "priceCurrency": "EUR", "seller": seller}}  # fmt: skip
    found = told(offer("", head=f'<script type="application/ld+json">{json.dumps(product)}</script>').fields)
    assert found == {"name": "Hedda Holz GmbH", "address": "Lindenweg 7, 80331, München",
                     "mail": "post@hedda.example", "vat": "DE136695976"}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("USt-IdNr. DE136695976", "DE136695976"),
        ("USt-IdNr. DE136695977", None),
        ("P. IVA 00743110157", "IT00743110157"),
        ("P. IVA 00743110158", None),
        ("NIP: 856-734-62-15", "PL8567346215"),
        ("CVR-nr. 13585628", "DK13585628"),
        ("BTW NL004495445B01", "NL004495445B01"),
        ("VAT no: ATU13585627", "ATU13585627"),
        ("Moms SE556012579001", "SE556012579001"),
        ("ISBN 9780306406157", None),
        ("Order no. DE136695976X", None),
    ],
)
def test_a_tax_number_counts_where_its_check_digits_hold(words: str, number: str | None) -> None:
    assert vat_number(words) == number


def test_a_wrong_register_number_is_noted_and_not_kept() -> None:
    reading = offer("<p>SIRET : 732 829 320 00075</p>")
    assert told(reading.fields) == {}
    assert any("wrong check digits" in note for note in reading.notes)


def test_everything_of_a_trader_is_personal() -> None:
    assert set(TRADER_FIELDS) <= set(PERSONAL_FIELDS)


def test_prose_about_traders_is_no_trader() -> None:
    assert told(offer("<p>Every trader on this site pays VAT. Ask for our address.</p>").fields) == {}


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_words_break_the_number_readers(words: str) -> None:
    assert vat_number(words) is None or vat_number(words)
    assert all(holds in (True, False) for _, _, holds in register_numbers(words))
