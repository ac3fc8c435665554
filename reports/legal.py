"""
On what law a claim rests: the first provision that fits the right, the place and the recipient, or why there is none.

The provisions are data (`config/law.toml`), and so is what a recipient takes (its profile); this only looks them up.
"""

from __future__ import annotations

from dataclasses import dataclass

from config.law import Law, Provision
from config.profile import Basis, Profile
from store.records.findings import InfringementClass
from store.records.rights import EU_COUNTRIES, Right, covers

_READ = {
    Basis.OFFICIAL: "official text read",
    Basis.THIRD_PARTY: "read as described by others",
    Basis.MEMORY: "provision named from memory",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """A provision with the country it is claimed for, or why the claim is not supported. Exactly one stands."""

    provision: Provision | None = None
    country: str | None = None
    unsupported: str | None = None

    def __str__(self) -> str:
        """In words, with citation and how it was read; empty where the claim is not supported."""
        if self.provision is None:
            return ""
        row = self.provision
        sentence = row.sentence[:1].upper() + row.sentence[1:]
        return f"{sentence} ({row.citation}; in {self.country}; {_READ[row.basis]})"


def find_basis(
    law: Law, right: Right, territories: tuple[str, ...], profile: Profile, claim: InfringementClass | None
) -> LegalBasis:
    """
    The provision under which `claim` is made to this recipient, for an offer directed to `territories`.

    The first country counts in which the right holds, the recipient's regime applies and the table has a row. A
    recipient that is asked under one country's law, wherever the offer is directed, takes that country's alone.
    """
    if claim is None:
        return LegalBasis(unsupported="no ground gives the finding a class, so that nothing is claimed")
    kind = right.kind.value.replace("_", " ")
    if profile.right_kinds and right.kind not in profile.right_kinds:
        return LegalBasis(unsupported=f"{profile.regime} takes no claim that rests on a {kind}")
    held = [country for country in territories if covers(right.held_in, country)]
    if not held:
        return LegalBasis(unsupported=f"{right.right_ref} holds in no country to which the offer is directed")
    if profile.law_of is not None:
        return _under_the_law_of(profile.law_of, law, right, profile, claim)
    reached = [country for country in held if _reaches(profile, country)]
    if not reached:
        return LegalBasis(
            unsupported=f"{profile.regime} does not reach {', '.join(held)}, where {right.right_ref} holds"
        )
    for country in reached:
        row = law.row(right, country, claim)
        if row is not None:
            return LegalBasis(provision=row, country=country)
    words = claim.value.replace("_", " ")
    return LegalBasis(
        unsupported=f"the legal table has no provision for a {words} of a {kind} in {', '.join(reached)}"
    )


def _under_the_law_of(country: str, law: Law, right: Right, profile: Profile, claim: InfringementClass) -> LegalBasis:
    if not covers(right.held_in, country):
        return LegalBasis(
            unsupported=f"{profile.regime} rests on the law of {country}, and {right.right_ref} is not held there"
        )
    row = law.row(right, country, claim)
    if row is None:
        words = claim.value.replace("_", " ")
        kind = right.kind.value.replace("_", " ")
        return LegalBasis(unsupported=f"the legal table has no provision for a {words} of a {kind} in {country}")
    return LegalBasis(provision=row, country=country)


def _reaches(profile: Profile, country: str) -> bool:
    if not profile.regions:
        return True
    return country in profile.regions or ("EU" in profile.regions and country in EU_COUNTRIES)


def basis_of(sentence: str) -> Basis | None:
    """How the provision that a sentence of a `LegalBasis` names was read; None for words of another hand."""
    return next((basis for basis, words in _READ.items() if words in sentence), None)
