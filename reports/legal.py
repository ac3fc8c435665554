"""Under which provision a claim is made: a small table, each row with its source and how that was read."""

from __future__ import annotations

from dataclasses import dataclass

from config.profile import Basis
from reports.facts import Material
from store.records.findings import InfringementClass
from store.records.rights import EU_COUNTRIES, Right, RightKind, covers

UNION_OFFICES = frozenset({"EM", "EU", "EUIPO"})
"""Offices of the Union mark: its ST.3 code, and the words people write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """One provision, for one kind of right and claim in one region."""

    kinds: frozenset[RightKind]
    claims: frozenset[InfringementClass]
    region: str  # EU-UNION: a mark of the Union's own office; EU: in a member state; else ISO 3166
    sentence: str
    citation: str
    basis: Basis


_MARK = frozenset({RightKind.TRADEMARK})
_COPYRIGHT = frozenset({RightKind.COPYRIGHT, RightKind.RELATED_RIGHT})
_COUNTERFEIT = frozenset({InfringementClass.COUNTERFEIT})
_COPIES = frozenset({InfringementClass.PIRATED_COPY, InfringementClass.IMAGE_COPIED})

# The texts were not read again for this table, so every row is from memory and a person signs it off before use.
PROVISIONS = (
    Provision(
        kinds=_MARK,
        claims=_COUNTERFEIT,
        region="EU-UNION",
        sentence="offering goods under a sign identical with an EU trade mark, for goods for which it is registered,"
        " without the proprietor's consent",
        citation="Regulation (EU) 2017/1001, Article 9(2)(a) and 9(3)(b)",
        basis=Basis.MEMORY,
    ),
    Provision(
        kinds=_MARK,
        claims=_COUNTERFEIT,
        region="EU",
        sentence="offering goods under a sign identical with a registered trade mark, for goods for which it is"
        " registered, without the proprietor's consent",
        citation="national law under Directive (EU) 2015/2436, Article 10(2)(a) and 10(3)(b)",
        basis=Basis.MEMORY,
    ),
    Provision(
        kinds=_MARK,
        claims=_COUNTERFEIT,
        region="US",
        sentence="offering goods under a counterfeit of a registered mark without the registrant's consent",
        citation="15 U.S.C. § 1114(1)(a)",
        basis=Basis.MEMORY,
    ),
    Provision(
        kinds=_COPYRIGHT,
        claims=_COPIES,
        region="EU",
        sentence="reproducing a protected work and making it available to the public without authorisation",
        citation="national law under Directive 2001/29/EC, Articles 2 and 3",
        basis=Basis.MEMORY,
    ),
    Provision(
        kinds=_COPYRIGHT,
        claims=_COPIES,
        region="US",
        sentence="reproducing or displaying a copyrighted work without authorization",
        citation="17 U.S.C. §§ 106 and 501",
        basis=Basis.MEMORY,
    ),
)
_GENERAL = {
    InfringementClass.COUNTERFEIT: "offering goods under a registered mark without its holder's consent",
    InfringementClass.PIRATED_COPY: "making a protected work available to the public without authorisation",
    InfringementClass.IMAGE_COPIED: "reproducing a protected photograph without authorisation",
}
_READ = {
    Basis.OFFICIAL: "official text read",
    Basis.THIRD_PARTY: "read as described by others",
    Basis.MEMORY: "provision named from memory",
}
_FITTING = {
    InfringementClass.COUNTERFEIT: _MARK,
    InfringementClass.PIRATED_COPY: _COPYRIGHT,
    InfringementClass.IMAGE_COPIED: _COPYRIGHT,
}


def _regions(right: Right, country: str) -> tuple[str, ...]:
    if country in EU_COUNTRIES:
        union = right.office in UNION_OFFICES and "EU" in right.territories
        return ("EU-UNION", "EU") if union else ("EU",)
    return (country,)


def legal_basis(material: Material, claim: InfringementClass | None) -> str:
    """
    The provision under which `claim` is made, in words, with its citation and how that was read.

    The first country counts to which the offer is directed and in which the right holds. Empty where the kind of
    right does not carry the claim, or no such country is known.
    """
    right = material.right
    country = next((c for c in material.territories if covers(right.territories, c)), None)
    if claim is None or country is None or right.kind not in _FITTING.get(claim, frozenset()):
        return ""
    for region in _regions(right, country):
        for row in PROVISIONS:
            if row.region == region and right.kind in row.kinds and claim in row.claims:
                return f"{_first_upper(row.sentence)} ({row.citation}; in {country}; {_READ[row.basis]})"
    law = "trade mark" if right.kind is RightKind.TRADEMARK else "copyright"
    return f"{_first_upper(_GENERAL[claim])} ({law} law of {country}; {_READ[Basis.MEMORY]})"


def _first_upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def basis_of(sentence: str) -> Basis | None:
    """How the provision that a sentence of `legal_basis` names was read; None for words of another hand."""
    return next((basis for basis, words in _READ.items() if words in sentence), None)
