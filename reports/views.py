"""What a recipient is shown of a batch: one tree of plain values, from which every form is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.registers import page_of
from reports.errors import MissingEvidence
from reports.facts import ItemFacts
from reports.formats.pictures import data_uri, suffix_of
from reports.formats.plain import plain
from reports.notice import CLAIM_WORDS, Fact, describe_right, read_facts
from store.evidence.errors import VaultError
from store.records.captures import Capture
from store.records.cases import EXERCISE_POLICY
from store.records.comparisons import SignFamily
from store.records.listings import PageKind
from store.records.notices import Notice

ReadBytes = Callable[[str], bytes]

CLAIM_TITLES = {
    "counterfeit": "Counterfeit",
    "pirated_copy": "Unauthorised copy of a work",
    "image_copied": "Copied photo",
}
GROUND_TITLES = {
    "self_declared_copy": "The listing itself says that it is a copy",
    "impossible_variant": "The variant does not exist",
    "far_below_price": "The price is far below the genuine article's",
    "failed_authenticity_mark": "The authenticity mark is wrong",
    "copied_photo": "The holder's photo is used",
    "no_licence": "No licence covers this service",
    "test_purchase": "The article was bought and examined",
    "holders_determination": "The holder's expert examined it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """One file of evidence in the batch."""

    path: str
    role: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureView:
    """One capture as told to the recipient."""

    label: str  # C1, C2: how the sentences point to it
    id: str
    url: str
    fetched_at: str
    status: int | None
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """One sentence with its pointers, captures by their label."""

    sentence: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """One picture, written anew; `uri` None where there is none that can be shown."""

    uri: str | None
    caption: str
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item."""

    label: str  # e.g. 12-3: batch number and place in the batch; what an answer names
    anchor: str
    id: str
    url: str
    platform_item_id: str
    title: str
    claim: str
    claim_title: str
    claim_words: str
    platform_code: str | None
    grounds: tuple[str, ...]
    ground_titles: tuple[str, ...]
    price: str | None
    seller: str | None
    observed_at: str
    reasons: tuple[FactView, ...]
    against: tuple[FactView, ...]
    listing_picture: PictureView
    reference_picture: PictureView
    captures: tuple[CaptureView, ...]
    idempotency_key: str
    human_reviewed: bool = False  # a named person confirmed the finding
    detected_by: tuple[str, ...] = ()  # the signals that spoke for it
    previous_item: str | None = None  # our id of the item that came back here; None: nothing known
    previous_notice: int | None = None  # the notice it stood in, where that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """What the signatory says, word for word."""

    code: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One notice with its items."""

    number: int
    id: str
    case: str
    holder: str
    holder_country: str | None
    agent: str | None
    mandate: str | None
    contact_name: str
    contact_email: str | None
    contact_address: str | None
    contact_phone: str | None
    right: str
    right_ref: str
    right_territories: tuple[str, ...]
    right_goods: str | None
    right_expires_on: str | None  # None: no end is known
    register: str | None  # where the register shows the right; None: see the note
    register_note: str | None  # why no address is given
    register_asked_on: str | None
    proof_sha256: str | None
    legal_basis: str
    regime: str
    language: str
    statements: tuple[StatementView, ...]
    signatory: str
    signed_for: str  # in whose name the signatory speaks
    signed_at: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchView:
    """One batch, whole."""

    number: int
    id: str
    platform: str
    platform_home: str
    profile: str
    profile_version: int
    profile_title: str
    recipient: str
    regime: str
    reply_to: str
    to_accused: str | None  # what whoever is accused may do; None: the profile does not say
    watermark: str | None  # EXERCISE, DRAFT, or None
    created_at: str
    notices: tuple[NoticeView, ...]
    sandbox: bool = False  # True: an exercise or a draft, which asks nobody for anything

    @property
    def items(self) -> tuple[ItemView, ...]:
        """Every item of every notice, in order."""
        return tuple(item for notice in self.notices for item in notice.items)


def write_moment(at: datetime) -> str:
    """`2026-03-02 09:00:00 UTC`."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


class Evidence:
    """The bytes that a batch carries, each once, under names that no program runs."""

    def __init__(self, read: ReadBytes) -> None:
        self._read = read
        self.files: dict[str, bytes] = {}
        self.roles: dict[str, str] = {}

    def read(self, item: str, sha256: str) -> bytes:
        """The bytes of a digest. Raises `MissingEvidence` where the vault does not give them whole."""
        try:
            return self._read(sha256)
        except VaultError as error:
            raise MissingEvidence(item, sha256, str(error)) from error

    def keep(self, item: str, sha256: str, role: str) -> FileView:
        """Put the bytes into the batch. A page gets the ending `.txt`: opening it shows it and runs nothing."""
        body = self.read(item, sha256)
        suffix = suffix_of(body)
        if suffix == "bin" and b"\x00" not in body[:4096]:
            suffix = "txt"
        path = f"evidence/{sha256}.{suffix}"
        self.files[path] = body
        self.roles[path] = role
        return FileView(path=path, role=role, sha256=sha256, size_bytes=len(body))


def _capture_view(label: str, capture: Capture, facts: ItemFacts, evidence: Evidence) -> CaptureView:
    roles = {link.capture: link.role.replace("_", " ") for link in facts.observation.fields.streams}
    roles |= {image.capture: "photo" for image in facts.images}
    role = roles.get(capture.id, "page")
    files = [evidence.keep(facts.item.id, capture.body_sha256, role)]
    files += [evidence.keep(facts.item.id, file.sha256, file.role.value) for file in capture.files]
    return CaptureView(
        label=label,
        id=capture.id,
        url=plain(capture.url_final, 2000),
        fetched_at=write_moment(capture.fetched_at),
        status=capture.status,
        files=tuple({file.path: file for file in files}.values()),
    )


def _fact_views(text: str, labels: dict[str, str]) -> tuple[FactView, ...]:
    def pointed(source: str) -> str:
        kind, _, id = source.partition(" ")
        return labels.get(id, plain(source, 300)) if kind == "capture" else plain(source, 300)

    def view(fact: Fact) -> FactView:
        return FactView(
            sentence=plain(fact.sentence, 2000), sources=tuple(dict.fromkeys(pointed(s) for s in fact.sources))
        )

    return tuple(view(fact) for fact in read_facts(text))


def _listing_picture(facts: ItemFacts, evidence: Evidence) -> PictureView:
    """The photo that the signs speak of, else the main one that was fetched."""
    spoken = {sign.capture for sign in facts.finding.signs if sign.family is SignFamily.IMAGE}
    shown = sorted(
        (image for image in facts.images if image.sha256 is not None and image.refused is None),
        key=lambda image: (image.capture not in spoken, image.position),
    )
    for image in shown:
        if image.sha256 is not None and image.capture in facts.item.captures:
            uri = data_uri(evidence.read(facts.item.id, image.sha256))
            if uri is not None:
                place = "main photo" if image.position == 0 else f"photo {image.position + 1}"
                return PictureView(uri=uri, caption=f"As offered: {place}", sha256=image.sha256)
    what = "page" if facts.listing.kind is PageKind.STREAM else "listing"
    return PictureView(uri=None, caption=f"The {what} shows no picture that was kept", sha256=None)


def _reference_picture(facts: ItemFacts, evidence: Evidence) -> PictureView:
    """The reference that matched, else another picture of the same product or work, said to be one."""
    compared = {reference.id for reference in facts.references}
    for reference in (*facts.references, *facts.likenesses):
        uri = data_uri(evidence.read(facts.item.id, reference.sha256))
        if uri is not None:
            owner = f", {plain(reference.photo_owner, 120)}" if reference.photo_owner else ""
            note = "" if reference.id in compared else "; shown for comparison, no match of pictures is claimed"
            return PictureView(
                uri=uri,
                caption=f"As protected: {reference.medium.value} {plain(reference.reference_ref, 80)}{owner}{note}",
                sha256=reference.sha256,
            )
    return PictureView(uri=None, caption="The holder handed in no picture for this comparison", sha256=None)


def _first_upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def item_view(facts: ItemFacts, label: str, evidence: Evidence) -> ItemView:
    """One item as shown, its evidence put into the batch. Raises `MissingEvidence`."""
    item, fields = facts.item, facts.observation.fields
    names_account = "public" not in facts.profile.passes_on  # an account may be named after a person
    known = {capture.id: capture for capture in facts.captures}
    labels = {id: f"C{number}" for number, id in enumerate(item.captures, 1)}
    missing = [id for id in item.captures if id not in known]
    if missing:
        raise MissingEvidence(item.id, missing[0], "the capture is not in the ledger")
    return ItemView(
        label=label,
        anchor=f"item-{label}",
        id=item.id,
        url=item.url,
        platform_item_id=plain(item.platform_item_id, 200),
        title=plain(item.title),
        claim=item.infringement_class.value,
        claim_title=CLAIM_TITLES[item.infringement_class.value],
        claim_words=CLAIM_WORDS[item.infringement_class],
        platform_code=item.platform_code,
        grounds=tuple(code.value for code in item.grounds),
        ground_titles=tuple(GROUND_TITLES[code.value] for code in item.grounds),
        price=plain(str(fields.price.value), 60) if fields.price else None,
        seller=plain(facts.seller.platform_seller_id, 200) if facts.seller and names_account else None,
        observed_at=write_moment(item.observed_at),
        reasons=_fact_views(item.explanation, labels),
        against=_fact_views(item.against, labels),
        listing_picture=_listing_picture(facts, evidence),
        reference_picture=_reference_picture(facts, evidence),
        captures=tuple(_capture_view(labels[id], known[id], facts, evidence) for id in item.captures),
        idempotency_key=item.idempotency_key,
        human_reviewed=facts.decision is not None and facts.decision.by != EXERCISE_POLICY,
        detected_by=tuple(sorted({sign.signal for sign in facts.finding.signs if not sign.against})),
        previous_item=item.previous,
        previous_notice=facts.previous_notice if item.previous == facts.previous else None,
    )


def notice_view(notice: Notice, items: tuple[ItemView, ...], facts: ItemFacts) -> NoticeView:
    """One signed notice as shown; `facts` are those of any of its items, which share right, holder and sender."""
    holder, sender, right = facts.holder, facts.sender, facts.right
    if notice.signatory is None or notice.signed_at is None:
        raise ValueError(f"notice {notice.number} is not signed; only signed notices are shown to anybody")
    by_agent = notice.agent is not None
    page = page_of(right, facts.registers)
    return NoticeView(
        number=notice.number,
        id=notice.id,
        case=notice.case,
        holder=plain(holder.legal_name),
        holder_country=holder.country,
        agent=plain(notice.agent) if notice.agent else None,
        mandate=notice.mandate,
        contact_name=plain(notice.agent or holder.legal_name),
        contact_email=sender.agent_email if by_agent else holder.email,
        contact_address=sender.agent_address if by_agent else holder.address,
        contact_phone=sender.agent_phone if by_agent else holder.phone,
        right=_first_upper(describe_right(right)),
        right_ref=plain(right.right_ref, 80),
        register=page.url,
        register_note=page.because,
        right_territories=right.held_in,
        right_goods=plain(right.goods) if right.goods else None,
        right_expires_on=right.expires_on.isoformat() if right.expires_on else None,
        register_asked_on=right.status_checked_on.isoformat() if right.status_checked_on else None,
        proof_sha256=right.proof_sha256,
        legal_basis=notice.legal_basis,
        regime=notice.regime,
        language=notice.language,
        statements=tuple(StatementView(code=s.code, text=s.text, sha256=s.text_sha256) for s in notice.statements),
        signatory=plain(notice.signatory, 120),
        signed_for=(
            f"{plain(notice.agent)}, agent of {plain(holder.legal_name)}"
            if notice.agent
            else plain(holder.legal_name)
        ),
        signed_at=write_moment(notice.signed_at),
        items=items,
    )
