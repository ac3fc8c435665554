"""
The legal table: under which provision a claim is made, for one kind of right in one region.

Each row names its source and how that source was read. A workspace's own `law.toml` stands before the shipped rows,
so that a unit's counsel can put its own words first. What has no row is not claimed.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from config.declaration import Declaration
from config.profile import Basis
from store.records.findings import GROUNDS_OF_CLASS, InfringementClass
from store.records.rights import EU_COUNTRIES, Right, RightKind

UNION_OFFICES = frozenset({"EM", "EU", "EUIPO", "WO"})
"""
Offices whose marks have the effect of a Union mark where they hold in the Union: EUIPO by its ST.3 code and the
words people write instead, and WIPO for a designation of the Union (Regulation (EU) 2017/1001, Article 189(2), from
memory).
"""

Region = Annotated[str, Field(pattern=r"^(EU-UNION|EU|[A-Z]{2})$")]
"""EU-UNION: a mark of the Union's own office; EU: in any member state; else ISO 3166."""


class Provision(Declaration):
    """One row."""

    kinds: tuple[RightKind, ...] = Field(min_length=1)
    claims: tuple[InfringementClass, ...] = Field(min_length=1)
    region: Region
    sentence: str = Field(min_length=20)  # what is done unlawfully, in words
    citation: str = Field(min_length=5)
    url: str | None = None
    edition: str | None = None  # which state of the text was read
    basis: Basis

    @field_validator("claims")
    @classmethod
    def _notifiable(cls, value: tuple[InfringementClass, ...]) -> tuple[InfringementClass, ...]:
        wrong = [claim.value for claim in value if claim not in GROUNDS_OF_CLASS]
        if wrong:
            raise ValueError(f"no ground carries a claim of {', '.join(wrong)}, so that no notice makes it")
        return value

    @model_validator(mode="after")
    def _says_which_text(self) -> Provision:
        if self.basis is Basis.OFFICIAL and not (self.url and self.edition):
            raise ValueError(f"{self.citation}: what was read officially names its url and edition")
        return self


class Law(Declaration):
    """The whole table, in the order in which rows are tried."""

    version: int = Field(ge=1)
    provisions: tuple[Provision, ...] = ()

    def row(self, right: Right, country: str, claim: InfringementClass) -> Provision | None:
        """The first row for this right's kind and claim in a country; None where the table has none."""
        for region in regions_of(right, country):
            for row in self.provisions:
                if row.region == region and right.kind in row.kinds and claim in row.claims:
                    return row
        return None


def regions_of(right: Right, country: str) -> tuple[str, ...]:
    """The regions whose rows may apply to a right in a country, the narrowest first."""
    if country in EU_COUNTRIES:
        union = right.office in UNION_OFFICES and "EU" in right.territories
        return ("EU-UNION", country, "EU") if union else (country, "EU")
    return (country,)
