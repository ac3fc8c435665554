"""Everything known about one item that is about to be complained of: what the rules judge and a notice tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from config.law import Law
from config.platform import Platform
from config.policy import Policy
from config.profile import Profile
from config.protected import Protected
from config.registers import Registers
from store.records.captures import Capture
from store.records.cases import Case, Decision, Determination
from store.records.comparisons import Comparison
from store.records.findings import Finding
from store.records.listings import Listing, ListingImage, Observation
from store.records.notices import NoticeItem, Statement
from store.records.parties import Mandate, Party
from store.records.products import Product
from store.records.rechecks import Recheck
from store.records.references import Reference
from store.records.rights import Right
from store.records.sellers import Seller, SellerRule
from store.records.works import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends and who signs. Where no agent is named, the holder itself sends."""

    agent: str | None = None  # legal name; None: the holder sends
    agent_email: str | None = None
    agent_address: str | None = None
    agent_phone: str | None = None
    signatory: str | None = None  # the person who will sign; None: nobody yet


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureCheck:
    """What the vault says of one capture, looked at now."""

    capture: str
    fault: str | None = None  # why its bytes cannot be relied on; None: they are there and whole
    shows_title: bool = False  # the title of the observation stands in its body
    has_screenshot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorItem:
    """An earlier item for the same listing, right and class that is still open."""

    item: str
    notice_number: int
    drafted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the store knows of one confirmed finding, as of `now`; a notice's item is drafted from it."""

    now: datetime
    platform: Platform
    profile: Profile
    policy: Policy
    law: Law
    protected: Protected
    registers: Registers
    config_digest: str  # of the declarations in force
    sender: Sender
    version: int = 1  # 1 for the first request about this finding, 2 for a renewed one
    case: Case
    finding: Finding
    decision: Decision | None = None  # what stands; None: nobody has decided
    determination: Determination | None = None
    comparison: Comparison
    listing: Listing
    observation: Observation
    captures: tuple[Capture, ...] = ()
    checks: tuple[CaptureCheck, ...] = ()
    recheck: Recheck | None = None  # the latest look at the listing with control pages; None: nobody looked again
    images: tuple[ListingImage, ...] = ()
    seller: Seller | None = None
    holder: Party
    right: Right
    product: Product | None = None
    work: Work | None = None
    references: tuple[Reference, ...] = ()  # what it was compared with, and matched
    likenesses: tuple[Reference, ...] = ()  # other pictures of the same product or work, to look at
    seller_rules: tuple[SellerRule, ...] = ()  # the holder's word on this account
    mandates: tuple[Mandate, ...] = ()  # that the holder gave to the agent
    papers_kept: frozenset[str | None] = frozenset()  # digests of mandates' signed papers that are in the vault
    proof_kept: bool = False  # the right's proof is in the vault
    priors: tuple[PriorItem, ...] = ()
    noticed_before: int = 0  # notices about this account that left
    has_qualified_time: bool = False  # every capture stands under the time of a qualified authority
    previous: str | None = None  # NoticeItem id of what came back here; None: nothing known
    previous_notice: int | None = None  # number of its notice
    held: bool = False  # a unit asked that nothing be sent about it; whose and why is not known here
    unpreserved: bool = False  # data are to be asked to be preserved first, and were not

    @property
    def today(self) -> date:
        """The day of judging, in UTC."""
        return self.now.date()

    @property
    def observed_on(self) -> date:
        """The day the listing was seen, in UTC."""
        return self.observation.observed_at.date()

    @property
    def is_exercise(self) -> bool:
        """Whether this is practice on this machine, and nothing else."""
        return self.policy.exercise and self.platform.is_loopback

    @property
    def territories(self) -> tuple[str, ...]:
        """Countries the offer is directed to: the platform's own, and where the listing says that it ships."""
        shipped = [seen.value.strip().upper() for seen in self.observation.fields.ships_to]
        return tuple(dict.fromkeys([*self.platform.countries, *shipped]))

    @property
    def claimant_email(self) -> str | None:
        """Where the recipient can answer: the agent's mailbox where an agent sends, else the holder's."""
        return self.sender.agent_email if self.sender.agent else self.holder.email

    @property
    def claimant_name(self) -> str:
        """Who complains: the agent where one sends, else the holder."""
        return self.sender.agent or self.holder.legal_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts(Material):
    """The material of one item together with what was drafted from it: what the rules judge."""

    item: NoticeItem
    statements: tuple[Statement, ...]
    legal_basis: str  # empty: the claim is not supported
    unsupported: str | None = None  # why not
    exceptions_note: str | None = None  # why no exception of copyright covers it; None: not considered
