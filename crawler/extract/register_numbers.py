"""
Numbers under which a trader stands in a register: for value added tax, trade, and licences, with their check digits.

Formats and check digits are python-stdnum's, which names the law or office behind each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum.au import abn
from stdnum.br import cnpj
from stdnum.ch import uid
from stdnum.cn import uscc
from stdnum.cz import dic as ico
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret
from stdnum.gb import vat as gb_vat
from stdnum.no import mva, orgnr
from stdnum.pl import regon
from stdnum.ru import inn, ogrn
from stdnum.se import orgnr as se_orgnr

_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9])(?P<country>AT ?U|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE"
    r"|SI|SK|XI|CHE)[ .:-]{0,2}(?P<number>[0-9A-Z][0-9A-Z .-]{5,16}[0-9A-Z])(?![A-Za-z0-9])"
)
_VAT_WORDS = re.compile(
    r"(?<![a-z])(ust\b|ust[.-]?\s?id|umsatzsteuer|vat\b|tva\b|p\.? ?iva|partita iva|iva\b|btw|nif|cif|c\.i\.f|n\.i\.f"
    r"|nip|dič|dic\b|cvr|moms|momsreg|alv\b|y-tunnus|mva\b|uid\b|mwst|αφμ|адд|ддс|adószám|cui\b|oib\b|pvm|kmkr|pvn)",
    re.IGNORECASE,
)
# A number without its country, by the word in front of it; the country that calls it so.
_NATIONAL = tuple(
    (country, re.compile(rf"(?<![a-z])(?:{words})\W{{0,12}}(?P<number>{form})(?![A-Za-z0-9])", re.IGNORECASE))
    for country, words, form in (
        ("IT", r"p\.? ?iva|partita iva|c\.?f\.? e p\.? ?iva", r"\d{11}"),
        ("ES", r"nif|cif|n\.i\.f\.?|c\.i\.f\.?", r"[A-Z]-?\d{7}-?[A-Z0-9]|\d{8}-?[A-Z]"),
        ("PT", r"nif|nipc|contribuinte(?: n\.?º)?", r"\d{3} ?\d{3} ?\d{3}"),
        ("PL", r"nip", r"\d{3}-?\d{3}-?\d{2}-?\d{2}|\d{3}-?\d{2}-?\d{2}-?\d{3}"),
        ("DK", r"cvr(?:[ -]?n(?:r|ummer))?\.?", r"\d{2} ?\d{2} ?\d{2} ?\d{2}"),
        ("FI", r"y-tunnus", r"\d{7}-\d"),
        ("RO", r"cui|cif|cod fiscal", r"\d{6,10}"),
        ("GB", r"vat(?: (?:reg(?:istration)?\.? ?)?(?:no|number|id|nr)?\.?)?", r"\d{3} ?\d{4} ?\d{2}"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One register: what its numbers are called, how they are spelled, and their check digits where they have any."""

    name: str
    pattern: re.Pattern[str]
    check: Callable[[str], str] | None = None  # gives the plain number, or raises `ValidationError`


def _kind(name: str, pattern: str, check: Callable[[str], str] | None = None) -> Kind:
    return Kind(name=name, pattern=re.compile(pattern, re.IGNORECASE), check=check)


REGISTERS = (
    _kind("SIRET", r"siret\W{0,12}(\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{5})(?!\d)", siret.validate),
    _kind("SIREN", r"(?:siren"
    r"|r\.?c\.?s\.?(?: [\w' -]{2,30}?)?(?: [AB])?)\W{0,12}(\d{3}[ .]?\d{3}[ .]?\d{3})(?![ .]?\d)",
          siren.validate),
    _kind("HR", r"(?<![a-z])(hr[ab] ?\d{1,6} ?[A-Z]{0,2})(?![a-z0-9])"),
    _kind("FN", r"(?<![a-z])(?:fn|firmenbuch\w*)\W{0,10}(\d{4,6} ?[a-z])(?![a-z0-9])"),
    _kind("UID", r"(CHE-?\d{3}\.?\d{3}\.?\d{3})", uid.validate),
    _kind("KVK", r"(?:kvk|kamer van koophandel|handelsregisternummer)\W{0,3}(?:n(?:r|ummer))?\W{0,10}(\d{8})(?!\d)"),
    _kind("COMPANY", r"(?:company (?:reg(?:istration|istered)?\.? )?(?:no|number)|companies house(?: no| number)?"
          r"|registered in (?:england|scotland|wales|northern ireland)[\w ,&]{0,40}?)\W{0,16}"
          r"((?:\d{2}|SC|NI|OC|SO|NC)\d{6})(?!\d)"),
    _kind("REA", r"(?<![a-z])(?:n\.? ?)?rea\W{0,8}([A-Z]{2}[ -]{0,3}\d{5,7})(?!\d)"),
    _kind("ICO", r"(?<![a-z])i[čc]o?\W{0,6}(\d{8})(?!\d)", ico.validate),
    _kind("KRS", r"(?<![a-z])krs\W{0,8}(\d{10})(?!\d)"),
    _kind("REGON", r"(?<![a-z])regon\W{0,8}(\d{9}(?:\d{5})?)(?!\d)", regon.validate),
    _kind("ORGNR", r"(?:org(?:anisations?)?\.?[ -]?(?:nr|nummer"
    r"|no)\.?)\W{0,8}(\d{6}-\d{4})(?!\d)", se_orgnr.validate),
    _kind("ORGNR", r"(?:org(?:anisasjons)?\.?[ -]?(?:nr|nummer|no)\.?)\W{0,8}(\d{3} ?\d{3} ?\d{3})(?![ -]?\d)",
          orgnr.validate),
    _kind("USCC", r"(?:统一社会信用代码|社会信用代码|营业执照(?:注册号|号|编号)?|uscc)\W{0,8}"
          r"([0-9A-HJ-NPQRTUWXY]{18})(?![0-9A-Z])", uscc.validate),
    _kind("ICP", r"([京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕甘陇青宁新]"
          r"ICP[备证]\s?\d{5,9}号?(?:-\d{1,3})?)"),
    _kind("ABN", r"(?<![a-z])abn\W{0,8}(\d{2} ?\d{3} ?\d{3} ?\d{3})(?!\d)", abn.validate),
    _kind("CNPJ", r"(?<![a-z])cnpj\W{0,8}(\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2})(?!\d)", cnpj.validate),
    _kind("INN", r"(?<![а-я])инн\W{0,8}(\d{12}|\d{10})(?!\d)", inn.validate),
    _kind("OGRN", r"(?<![а-я])огрн(?:ип)?\W{0,8}(\d{15}|\d{13})(?!\d)", ogrn.validate),
)  # fmt: skip
"""Trade registers and licences, by the words they are printed with."""


def vat_number(text: str) -> str | None:
    """
    The number for value added tax in words, with its country in front; None where none carries its check digits.

    The EU's, the United Kingdom's, Switzerland's and Norway's. A number without a country counts behind the word its
    country uses for it. What only looks like one is passed over: every letter pair is a country's.
    """
    if not _VAT_WORDS.search(text) and not _PREFIXED.fullmatch(text.strip()):
        return None
    for match in _PREFIXED.finditer(text):
        found = _checked(match["country"].replace(" ", ""), match["number"])
        if found is not None:
            return found
    for country, pattern in _NATIONAL:
        match_ = pattern.search(text)
        if match_ is not None and (found := _checked(country, match_["number"])) is not None:
            return found
    return None


def _checked(country: str, number: str) -> str | None:
    """The number with its country, where its check digits hold; words behind it are left out one by one."""
    parts = number.upper().split(" ")
    for end in range(len(parts), 0, -1):
        plain = re.sub(r"[ .-]", "", "".join(parts[:end]))
        spelled = country + plain
        try:
            if country in ("GB", "XI"):
                return country + str(gb_vat.validate(plain))
            if country == "NO":
                return "NO" + str(mva.validate(plain if plain.endswith("MVA") else plain + "MVA"))
            if country == "CHE":
                return str(uid.validate(spelled[:12]))
            return str(eu_vat.validate(spelled))
        except ValidationError:
            continue
    return None


def register_numbers(text: str) -> Iterator[tuple[str, str, bool]]:
    """Numbers of trade registers and licences in words: `SIRET 73282932000074`, as printed, and whether it holds."""
    for kind in REGISTERS:
        match = kind.pattern.search(text)
        if match is None:
            continue
        plain = re.sub(r"[\s.]+", "" if kind.check else " ", match[1]).strip()
        if kind.check is not None:
            try:
                plain = str(kind.check(match[1]))
            except ValidationError:
                yield kind.name, match.group(), False
                continue
        if kind.name == "HR":
            letters, rest = plain[:3].upper(), plain[3:].strip()
            court = re.search(
                r"amtsgericht:? ([A-ZÄÖÜ][\wäöüß.-]+(?: (?:am|an|der|\([\w ]+\))[\w ]*)?)", text, re.IGNORECASE
            )
            yield f"{letters} {rest}" + (f" Amtsgericht {court[1]}" if court is not None else ""), match.group(), True
        else:
            yield f"{kind.name} {plain}", match.group(), True
