"""Addresses of registers: declared, never guessed; a number of another form gets none, and says why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.errors import DeclarationError
from config.profile import Basis
from config.registers import load_registers, page_of
from store.records.rights import RightKind
from tests import factories as make

SHIPPED = make.registers()
MARK = make.right()


@pytest.mark.parametrize(
    ("office", "kind", "number", "url"),
    [
        ("EM", "trademark", "18 123 456", "https://euipo.europa.eu/eSearch/#details/trademarks/018123456"),
        ("EUIPO", "trademark", "018000111", "https://euipo.europa.eu/eSearch/#details/trademarks/018000111"),
        ("wipo", "trademark", "1839073", "showData.jsp?ID=ROM.1839073"),
        ("EM", "design", "002914820-0069", "https://euipo.europa.eu/eSearch/#details/designs/002914820-0069"),
        ("US", "trademark", "5,560,647", "caseNumber=5560647&caseType=US_REGISTRATION_NO"),
        ("WO", "trademark", "0642441", "showData.jsp?ID=ROM.642441"),
        ("GB", "trademark", "uk00003168669", "/Results/1/UK00003168669"),
        ("DE", "trademark", "302019000706.5", "/marke/register/3020190007065/DE"),
        ("FR", "trademark", "FR 4 936 664", "/marques/FR4936664"),
        ("AU", "trademark", "2063116", "/search/view/2063116"),
    ],
)
def test_an_entry_is_linked_where_its_number_has_the_form_of_the_address(
    office: str, kind: str, number: str, url: str
) -> None:
    page = page_of(replace(MARK, office=office, kind=RightKind(kind), registration_number=number), SHIPPED)
    assert page.url is not None and url in page.url and page.because is None
    assert urlsplit(page.url).scheme == "https"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"office": "SG"}, "of SG is not known here"),
        ({"kind": RightKind.PATENT}, "is not known here"),
        ({"registration_number": None}, "stands in no register"),
        ({"office": None}, "stands in no register"),
        ({"registration_number": "TM 7/x"}, "not of the form"),
        ({"registration_number": "1" * 12}, "not of the form"),
        ({"registration_number": '1"><script>'}, "not of the form"),
    ],
)
def test_nothing_is_guessed(change: dict[str, object], why: str) -> None:
    page = page_of(replace(MARK, **change), SHIPPED)  # type: ignore[arg-type]  # fields of one record
    assert page.url is None and page.because is not None and why in page.because


def test_each_shipped_address_names_its_source_and_none_is_called_official() -> None:
    assert len({(each.office, each.kind) for each in SHIPPED}) == len(SHIPPED) == 8
    assert all(each.source and each.basis is not Basis.OFFICIAL for each in SHIPPED)


def test_a_workspaces_own_address_goes_before_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "registers.toml"
    row = 'number = "([0-9]+)"\nurl = "https://register.example/{number}"\nsource = "read on the office\'s page"\n'
    own.write_text(f'[[registers]]\noffice = "EM"\nkind = "trademark"\n{row}basis = "official"\n')
    numbered = replace(MARK, office="EM", registration_number="7")
    assert page_of(numbered, load_registers(own)).url == "https://register.example/7"
    own.write_text(
        f'[[registers]]\noffice = "EM"\nkind = "trademark"\n{row.replace("([0-9]+)", "[0-9]+")}basis = "memory"\n'
    )
    with pytest.raises(DeclarationError, match="exactly one group"):
        load_registers(own)
