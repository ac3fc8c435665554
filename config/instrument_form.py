"""One instrument of authorities or holders: what it must say, where each part comes from, and who demands it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from config.declaration import Declaration, check, read_toml
from config.errors import MissingDeclaration
from config.profile import Basis

FOLDER = Path(__file__).parent / "instruments"


class Fill(Enum):
    """Where the words of an element come from."""

    GIVEN = "given"  # a person writes them
    TEXT = "text"  # the form's own words
    UNIT = "unit"  # who this workspace is, by the policy's [sender]
    HOLDER = "holder"
    RIGHT = "right"
    PROVISION = "legal.provision"
    URLS = "items.urls"
    ITEM_IDS = "items.ids"
    FACTS = "items.facts"  # sentences, each with what carries it
    OBSERVED = "items.observed"
    EVIDENCE = "items.evidence"
    ACCOUNTS = "seller.accounts"  # the platform's own ids; never a name
    DOMAIN = "site.domain"
    REGISTRAR = "site.registrar"
    HOST = "site.host"
    CHAIN = "site.chain"


class FormElement(Declaration):
    """One part of an instrument."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    fill: Fill
    required: bool = True
    words: str | None = None  # for fill = text
    rule: str  # what the source says of it, in a sentence
    citation: str | None = None
    url: str | None = None
    edition: str | None = None
    basis: Basis

    @model_validator(mode="after")
    def _whole(self) -> FormElement:
        if (self.fill is Fill.TEXT) is not (self.words is not None):
            raise ValueError(f"{self.code}: words belong to fill = text, and only to it")
        if self.basis is not Basis.MEMORY and not self.citation:
            raise ValueError(f"{self.code}: a basis other than memory names a citation")
        return self


class Keeps(Declaration):
    """How long what is asked for is kept, counted from the day it was issued, and how often that can be renewed."""

    days: int = Field(ge=1, le=3650)
    renewal_days: int | None = Field(default=None, ge=1, le=3650)  # None: it cannot be renewed
    renewals: int = Field(default=0, ge=0, le=100)
    then: str  # what has to follow before the time is over
    citation: str
    url: str | None = None
    edition: str | None = None
    basis: Basis

    @model_validator(mode="after")
    def _renewals_have_days(self) -> Keeps:
        if (self.renewal_days is None) is not (self.renewals == 0):
            raise ValueError("renewals and renewal_days belong together")
        return self


class InstrumentForm(Declaration):
    """One form, whole."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    version: int = Field(ge=1)
    title: str
    issuer: Literal["authority", "anyone"]
    addressee: str
    target: Literal["items", "site"]  # site: asks for something that hits everything under a name or address
    preserves: bool = False
    keeps: Keeps | None = None  # None: nothing says how long
    force: str | None = None  # what it is and is not, told at its head
    closing: str
    elements: tuple[FormElement, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _only_what_is_kept_has_a_time(self) -> InstrumentForm:
        if self.keeps is not None and not self.preserves:
            raise ValueError("keeps belongs to a form that asks for data to be kept")
        return self

    @model_validator(mode="after")
    def _codes_differ(self) -> InstrumentForm:
        codes = [element.code for element in self.elements]
        if len(set(codes)) != len(codes):
            raise ValueError("two elements bear one code")
        return self

    @property
    def given(self) -> tuple[str, ...]:
        """The codes that a person may write."""
        return tuple(element.code for element in self.elements if element.fill is not Fill.TEXT)


def load_forms(own: Path) -> dict[str, InstrumentForm]:
    """Every form by name; the workspace's own replace shipped ones. Raises the mistake of a broken one."""
    found = {path.stem: path for folder in (FOLDER, own) for path in sorted(folder.glob("*.toml"))}
    return {name: check(InstrumentForm, read_toml(path), str(path)) for name, path in found.items()}


def pick_form(forms: dict[str, InstrumentForm], name: str) -> InstrumentForm:
    """The form of that name. Raises `MissingDeclaration`."""
    if name not in forms:
        raise MissingDeclaration("instrument", name, sorted(forms), None)
    return forms[name]
