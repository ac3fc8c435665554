"""The closed lists a sheet may draw on: countries, offices, currencies; and the nearest known word to a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from rapidfuzz import fuzz, process

# Two-letter codes that CLDR knows and ISO 3166-1 does not list: exceptional reservations, groups, test regions.
# XK stays: Kosovo has no ISO code, and offices and platforms use this one.
_NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})

# Offices that are no country. Source: WIPO ST.3, list of codes, section on intergovernmental organisations.
_JOINT_OFFICES = frozenset({"AP", "BX", "EA", "EM", "EP", "GC", "IB", "OA", "QZ", "WO", "XN"})

# What people write for an office, where only one can be meant. INPI (France, Brazil, Portugal) is not among them.
_OFFICE_NAMES = {
    "EUIPO": "EM", "OHIM": "EM", "EU": "EM", "WIPO": "WO", "OMPI": "WO", "EPO": "EP", "BOIP": "BX", "BBIE": "BX",
    "OAPI": "OA", "ARIPO": "AP", "EAPO": "EA", "USPTO": "US", "UKIPO": "GB", "UK": "GB", "DPMA": "DE", "PRV": "SE",
    "DKPTO": "DK", "PRH": "FI", "NIPO": "NO", "IPI": "CH", "IGE": "CH", "UIBM": "IT", "OEPM": "ES", "JPO": "JP",
    "KIPO": "KR", "CNIPA": "CN", "CIPO": "CA", "IPONZ": "NZ", "IPOS": "SG", "IMPI": "MX", "TURKPATENT": "TR",
}  # fmt: skip

NEAR_ENOUGH = 60.0  # of 100: below it a suggestion misleads more than it helps (chosen on typed mistakes)


def nearest(word: str, known: Iterable[str], likeness: float = NEAR_ENOUGH) -> str | None:
    """The known word most like `word`, case aside, from `likeness` (0 to 100) on; None where none is near."""
    found = process.extractOne(word, list(known), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=likeness)
    return None if found is None else str(found[0])


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes in force, and XK."""
    codes = (str(code) for code in Locale.parse("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES


@cache
def _country_names() -> dict[str, str]:
    names = Locale.parse("en").territories
    return {names[code]: code for code in countries()} | {"England": "GB", "Great Britain": "GB", "Holland": "NL"}


def country_near(word: str) -> str | None:
    """The code of the country that a wrong code or a name most likely means; None where none is near."""
    names = _country_names()
    aliases = get_global("territory_aliases").get(word.upper(), [])  # three letters, numbers, former codes
    if len(aliases) == 1 and aliases[0] in countries():
        return str(aliases[0])
    name = nearest(word, names)
    return None if name is None else names[name]


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes that are legal tender somewhere today."""
    return frozenset(code for country in countries() for code in get_territory_currencies(country))


def office_code(word: str) -> str | None:
    """The WIPO ST.3 code of an office, from the code itself or from a name only one office bears; else None."""
    code = word.upper()
    if code in _JOINT_OFFICES or (code in countries() and code != "XK"):
        return code
    return _OFFICE_NAMES.get(code)


def office_near(word: str) -> str | None:
    """The known office name most like `word`; None where none is near."""
    return nearest(word, [*_OFFICE_NAMES, *_JOINT_OFFICES])
