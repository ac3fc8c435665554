"""
One recipient under one legal regime: what a notice to it must contain, in whose words, within which limits.

Every demand names its source and how that source was read. A profile as shipped is a draft: what is made under
it is watermarked, and nothing is sent, until a named person has compared it with the sources here and now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from config.course import Clock, Objections, Standard, Step
from config.declaration import Declaration
from store.records.findings import GROUNDS_OF_CLASS, InfringementClass
from store.records.rights import RightKind

# Chosen: laws and portals change within months; a verification older than this counts as none.
VERIFIED_FOR_DAYS = 180


class Basis(Enum):
    """How a source was read."""

    OFFICIAL = "official"  # the legislator's or platform's own text, or a faithful copy of it
    THIRD_PARTY = "third_party"  # somebody else's description or transcript
    MEMORY = "memory"  # not seen, or chosen here


class Element(Enum):
    """Everything that a recipient can ask of a notice, by our name for it."""

    CLAIMANT_NAME = "claimant.legal_name"
    CLAIMANT_EMAIL = "claimant.email"
    CLAIMANT_CONTACT = "claimant.contact"  # any usable one of address, phone, e-mail
    CLAIMANT_ADDRESS = "claimant.address"
    CLAIMANT_PHONE = "claimant.phone"
    HOLDER_SITE = "holder.site"  # asked of counterfeits only
    SIGNATORY = "notice.signatory"
    MANDATE = "notice.mandate"  # asked only where an agent sends
    LEGAL_BASIS = "notice.legal_basis"
    REGISTRATION = "right.registration_number"  # asked of rights that are registered
    GOODS = "right.goods"  # in words; asked of trade marks
    VALIDITY = "right.validity"  # its last day; asked of rights that are registered
    PROOF = "right.proof"
    WORK = "work.identified"  # a title, or the reference photo that was copied; asked of claims of copyright
    WORK_AUTHORISED = "work.authorised_url"  # where the work may be had; asked of claims of copyright
    URL = "item.url"
    ITEM_ID = "item.platform_item_id"
    EXPLANATION = "item.explanation"
    CLASS = "item.infringement_class"
    CLAIM_CODE = "item.platform_code"
    OBSERVED_AT = "item.observed_at"
    CAPTURES = "item.captures"
    EXCEPTIONS = "item.exceptions_note"  # fair use, quotation, licence: considered and answered
    GOOD_FAITH = "statements.good_faith"
    ACCURACY = "statements.accuracy"
    AUTHORITY = "statements.authority"
    BONA_FIDE = "statements.bona_fide"
    UNDERTAKING = "statements.undertaking"  # to sue; an agent may give it only under a mandate to sue


class Saying(Declaration):
    """What a document says of one demand."""

    element: (
        str  # an Element's word, limits.x, clocks.x, ladder.x, accuracy, to_accused, law_of, regions, status_map ...
    )
    rule: str  # in a sentence
    citation: str | None = None  # its paragraph, where the document's title does not lead there


class Document(Declaration):
    """What was read for demands of a profile; `memory` stands for what was not read, or was chosen here."""

    title: str | None = None  # law, or title of the page
    url: str | None = None
    edition: str | None = None  # which state of the text
    basis: Basis
    read_on: date | None = None  # None: the day of reading was not noted
    says: tuple[Saying, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_found(self) -> Document:
        if self.basis is not Basis.MEMORY and not (self.title or self.url):
            raise ValueError(
                f"document that speaks of {self.says[0].element}: a basis other than memory names a title or a url"
            )
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one demand of a profile comes from: a saying with the document it stands in."""

    element: str
    rule: str
    citation: str | None
    url: str | None
    edition: str | None
    basis: Basis
    read_on: date | None


class StatementText(Declaration):
    """What the signatory says, word for word, in one language."""

    code: Literal["good_faith", "accuracy", "authority", "bona_fide", "undertaking"]
    lang: str = Field(pattern=r"^[a-z]{2}$")
    text: str = Field(min_length=20)


class Limits(Declaration):
    """What the recipient takes at once; absent means that no limit is known."""

    items_per_notice: int | None = Field(default=None, ge=1)
    items_per_batch: int | None = Field(default=None, ge=1)
    hosts_per_notice: int | None = Field(default=None, ge=1)  # host names among the addresses of one notice
    explanation_chars: int | None = Field(default=None, ge=200)
    file_bytes: int | None = Field(default=None, ge=10_000)  # of one structured file

    @model_validator(mode="after")
    def _a_notice_fits_a_batch(self) -> Limits:
        # A notice is signed as one and never torn, so that a batch cannot be smaller.
        if (
            self.items_per_batch is not None
            and (self.items_per_notice or self.items_per_batch + 1) > self.items_per_batch
        ):
            raise ValueError("items_per_notice is missing or larger than items_per_batch: a notice is never torn")
        return self


class EvidenceDemand(Declaration):
    """What evidence the recipient asks for, beside the policy's own demands."""

    max_age_h: float | None = Field(default=None, gt=0)
    min_captures: int = Field(default=1, ge=1)
    screenshot: bool = False


class Mapped(Declaration):
    """What one word of the recipient's answers means in ours."""

    status: Literal[
        "received",
        "under_review",
        "clarification_requested",
        "actioned",
        "partly_actioned",
        "rejected",
        "counter_noticed",
        "reinstated",
        "failed",
    ]
    action: str | None = None  # content_removed, access_disabled, paused, demoted, account_suspended, none


class Verified(Declaration):
    """Who compared the profile with its sources, and when."""

    by: str = Field(min_length=3)
    on: date
    shipped_sha256: str | None = None  # of the shipped file then; None: written by hand, or nothing is shipped


Form = Literal["csv", "html", "urls", "tcrp", "xarf", "vero", "dsa16", "pdf"]
"""What a batch can be written as; `reports/formats` says what each holds."""


Forbidden = Literal["settlement", "payment", "personal_data", "links"]
"""What people's own words in a notice may not hold; `reports/rules/words.py` says how it is known."""


class Profile(Declaration):
    """One profile, whole."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    version: int = Field(ge=1)
    regime: str  # the law, in short: "EU DSA Art. 16"
    title: str
    recipient: str
    channel: Literal["file", "mail", "portal", "api"]
    reply_to: str  # how to answer, told to the recipient
    to_accused: str | None = Field(default=None, min_length=40)  # what whoever is accused may do there; one text
    law_of: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None  # on whose law alone a claim may rest there
    verified: Verified | None = None  # None: a draft
    required: tuple[Element, ...]
    classes: tuple[InfringementClass, ...]
    right_kinds: tuple[RightKind, ...] = ()  # on which a claim may rest; empty: on any that carries it
    regions: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()  # where it applies; empty: everywhere
    languages: tuple[str, ...] = ("en",)
    registered_only: bool = False  # True: a pending mark is refused
    principal_register: bool = False  # True: a mark of a supplemental register is refused
    forms: tuple[Form, ...] = ("csv", "html", "urls")  # beside batch.json
    claim_codes: dict[InfringementClass, str] = {}  # empty: the recipient has no code list
    holder_sites: dict[str, str] = {}  # legal name of a holder: its own site, for recipients that ask
    limits: Limits = Limits()
    evidence: EvidenceDemand = EvidenceDemand()
    clocks: tuple[Clock, ...] = ()
    ladder: tuple[Step, ...] = ()  # in the order in which they are taken
    objections: Objections = Objections()
    accuracy: Standard | None = None  # None: the recipient publishes none, and the policy's own holds
    statements: tuple[StatementText, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()  # what makes a notice void there
    passes_on: tuple[Literal["seller", "public"], ...] = ()  # whom it shows who complained, with address and all
    status_map: dict[str, Mapped] = {}  # the recipient's words, in small letters with _ for blanks
    documents: tuple[Document, ...]

    @field_validator("required")
    @classmethod
    def _says_where(cls, value: tuple[Element, ...]) -> tuple[Element, ...]:
        if Element.URL not in value:
            raise ValueError("every profile requires item.url: a notice without a location cannot be acted on")
        if len(set(value)) != len(value):
            raise ValueError("an element is required twice")
        return value

    @field_validator("holder_sites")
    @classmethod
    def _is_a_site(cls, value: dict[str, str]) -> dict[str, str]:
        for holder, site in value.items():
            if re.fullmatch(r"https?://[!-~]+", site) is None:
                raise ValueError(f"the site of {holder} is not one address that starts with https://: {site!r}")
        return value

    @field_validator("classes")
    @classmethod
    def _notifiable(cls, value: tuple[InfringementClass, ...]) -> tuple[InfringementClass, ...]:
        wrong = [c.value for c in value if c not in GROUNDS_OF_CLASS]
        if wrong or not value:
            raise ValueError(f"classes a notice may claim: {', '.join(c.value for c in GROUNDS_OF_CLASS)}")
        return value

    @model_validator(mode="after")
    def _everything_sourced(self) -> Profile:
        sourced = {source.element for source in self.sources}
        missing = sorted(set(self.demands) - sourced)
        if missing:
            raise ValueError(f"no source named for {', '.join(missing)}")
        said = {(statement.code, statement.lang) for statement in self.statements}
        for element in self.required:
            group, _, code = element.value.partition(".")
            if group == "statements":
                for lang in self.languages:
                    if (code, lang) not in said:
                        raise ValueError(f"statement {code} is required but has no text in {lang}")
        return self

    @model_validator(mode="after")
    def _ladder_stands(self) -> Profile:
        codes = [clock.code for clock in self.clocks]
        if len(set(codes)) != len(codes):
            raise ValueError("two clocks have one code")
        for step in self.ladder:
            if step.after != "refused" and step.after not in codes:
                raise ValueError(f"ladder: {step.after} is no clock of this profile, and not 'refused'")
        return self

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every saying with its document, in the order of the file."""
        return tuple(
            Source(
                element=saying.element,
                rule=saying.rule,
                citation=saying.citation or document.title,
                url=document.url,
                edition=document.edition,
                basis=document.basis,
                read_on=document.read_on,
            )
            for document in self.documents
            for saying in document.says
        )

    @property
    def demands(self) -> tuple[str, ...]:
        """Everything a source is owed for: elements, limits, clocks, steps, objections, accuracy, answers' words."""
        found = [element.value for element in self.required]
        found += [f"limits.{name}" for name in Limits.model_fields if getattr(self.limits, name) is not None]
        found += [f"clocks.{clock.code}" for clock in self.clocks]
        found += [f"ladder.{step.act}" for step in self.ladder]
        found += ["objections.elements"] if self.objections.elements else []
        found += ["accuracy"] if self.accuracy is not None else []
        found += ["to_accused"] if self.to_accused else []
        found += ["law_of"] if self.law_of else []
        found += ["right_kinds"] if self.right_kinds else []
        found += ["regions"] if self.regions else []
        found += ["registered_only"] if self.registered_only else []
        found += ["principal_register"] if self.principal_register else []
        found += ["status_map"] if self.status_map else []
        found += ["forbidden"] if self.forbidden else []
        found += ["passes_on"] if self.passes_on else []
        return tuple(dict.fromkeys(found))

    @property
    def official(self) -> tuple[str, ...]:
        """The demands whose every source is the legislator's or platform's own text."""
        return tuple(d for d in self.demands if all(s.basis is Basis.OFFICIAL for s in self.sources_of(d)))

    def is_draft(self, today: date) -> bool:
        """Whether nobody has verified the profile, or too long ago."""
        if self.verified is None:
            return True
        return today - self.verified.on > timedelta(days=VERIFIED_FOR_DAYS) or self.verified.on > today

    def statement(self, code: str, lang: str) -> str | None:
        """The words of one statement in one language; None where the profile has none."""
        return next((s.text for s in self.statements if s.code == code and s.lang == lang), None)

    def sources_of(self, element: str) -> tuple[Source, ...]:
        """Where a demand comes from."""
        return tuple(source for source in self.sources if source.element == element)
