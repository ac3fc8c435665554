"""One finding as a reviewer sees it: both sides, the reasons for and against, and where each value came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import BindParameter, CompoundSelect, Connection, bindparam, func, literal, select, union_all

from cases.decisions import current_decision
from cases.determinations import apply_determination
from console.web.review.drawing import Region, read_region
from console.web.review.marking import Piece, mark_title
from console.web.review.prices import PriceView, price_view
from console.web.review.provenance import ValueView, values_of
from console.web.review.queue import twins_of
from matching.signals import logo as logo_signal
from matching.signals import mark_in_photo as words_signal
from matching.signals import photo as photo_signal
from reports.formats.plain import plain
from store.db import tables
from store.db.around import Around, LookCapture, captures_named
from store.db.decisions import Decisions
from store.db.listings import ListingImages
from store.db.references import References
from store.db.review import ReviewItems
from store.db.rows import made_once
from store.records.cases import Decision, Determination
from store.records.comparisons import Sign
from store.records.findings import Finding, Suppression
from store.records.listings import Listing, ListingImage, Observation
from store.records.products import Product
from store.records.references import Medium, Reference
from store.records.review import ReviewItem, Standing
from store.records.rights import Right
from store.records.scope import Scope
from store.records.sellers import Seller
from store.records.works import Work

SIGN_CHARS = 600
CLEAR = 0.66  # from which strength a sign is drawn as strong; below a third as weak (chosen)
FAINT = 0.33


@dataclass(frozen=True, slots=True, kw_only=True)
class SignView:
    """One sign as a sentence, with both sides as they stood."""

    signal: str
    family: str
    because: str
    ours: str
    theirs: str
    strength: float
    level: str  # strong, clear or weak: drawn as bars, so that colour alone says nothing
    capture: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """A capture a ground stands on, as a link says it."""

    id: str
    url: str
    fetched_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundView:
    """One ground with what it stands on."""

    code: str
    because: str
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """One picture, drawn by the desk; `sha256` None where it was never fetched."""

    sha256: str | None
    position: int
    region: Region | None  # where the reference was found in it
    capture: str | None
    refused: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerHistory:
    """What is known of an account, without its name."""

    seller: Seller
    listings: int
    standings: dict[str, int]  # findings by standing, this one among them
    notices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One entry of a finding's ledger."""

    decision: Decision
    is_standing: bool
    is_undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """Everything a reviewer needs to decide one finding."""

    item: ReviewItem
    finding: Finding
    listing: Listing
    host: str
    observation: Observation | None
    capture: LookCapture | None
    title: tuple[Piece, ...]
    values: tuple[ValueView, ...]
    pictures: tuple[PictureView, ...]
    reference: Reference | None
    references: tuple[Reference, ...]
    right: Right
    holder: str
    product: Product | None
    work: Work | None
    price: PriceView | None
    history_of_seller: SellerHistory | None
    signs: tuple[SignView, ...]
    counter_signs: tuple[SignView, ...]
    grounds: tuple[GroundView, ...]
    suppressions: tuple[Suppression, ...]
    case_number: int | None
    decisions: tuple[HistoryLine, ...]
    standing: Decision | None
    determination: Determination | None
    twins: tuple[ReviewItem, ...]
    is_blind: bool

    @property
    def is_decided(self) -> bool:
        """Whether a decision stands, and the reader may know it."""
        return self.standing is not None and not self.is_blind


def view_finding(
    connection: Connection,
    scope: Scope,
    around: Around,
    *,
    countries: Sequence[str],
    today: date,
    is_blind: bool = False,
) -> FindingView:
    """
    The finding with everything about it, from what stands around it.

    `countries` are those the platform sells to. A blind reader sees no decision and no determination.
    """
    item, listing, product, observation = around.item, around.listing, around.product, around.observation
    determination = None if is_blind else around.determination
    finding = apply_determination(around.finding, determination) if determination else around.finding
    ledger = Decisions(connection, scope).of_findings([item.finding]).get(item.finding, [])
    standing = current_decision(ledger)
    references = references_of(connection, scope, finding, around.references)
    fields = observation.fields if observation else None
    title = fields.title.value if fields and fields.title else ""
    named = {c for ground in finding.grounds for c in ground.captures}
    captures = {around.capture.id: around.capture} if around.capture else {}
    captures |= captures_named(connection, named - captures.keys())
    asked = fields.price.value if fields and fields.price else None
    return FindingView(
        item=item,
        finding=finding,
        listing=listing,
        host=urlsplit(listing.url).netloc,
        observation=observation,
        capture=around.capture,
        title=mark_title(title, (*finding.signs, *finding.counter_signs)),
        values=values_of(fields) if fields else (),
        pictures=pictures_of(ListingImages(connection, scope).of_listing(listing.id), finding.signs),
        reference=references[0] if references else None,
        references=tuple(references),
        right=around.right,
        holder=around.holder,
        product=product,
        work=around.work,
        price=price_view(connection, scope, item, asked, product, countries, today) if asked else None,
        history_of_seller=seller_history(connection, scope, around.seller) if around.seller else None,
        signs=sign_views(finding.signs),
        counter_signs=sign_views(finding.counter_signs),
        grounds=_grounds(finding, captures),
        suppressions=finding.suppressions,
        # Shown to a blind reader too: where it is missing, the page would tell what it is.
        case_number=around.case_number,
        decisions=() if is_blind else _history(ledger, standing),
        standing=standing,
        determination=determination,
        twins=() if is_blind or standing else tuple(twins_of(connection, scope, item)),
        is_blind=is_blind,
    )


_PICTURED = (
    photo_signal.NAME,
    logo_signal.NAME,
    words_signal.NAME,
)  # signs that stand somewhere in a photo, the stronger first


def references_of(connection: Connection, scope: Scope, finding: Finding, compared: Sequence[str]) -> list[Reference]:
    """
    Pictures to lay beside the listing: the one a photo sign names, then those that matched, then the product's own.
    """
    named = [s.raw.get("reference", "") for s in finding.signs if s.signal in _PICTURED]
    ids = list(dict.fromkeys([*named, *compared]))
    found = References(connection, scope).by_ids(id for id in ids if id)
    ordered = [found[id] for id in ids if id in found]
    if ordered:
        return ordered
    table = tables.reference
    owner = table.c.product == finding.product if finding.product else table.c.work == finding.work
    if finding.product is None and finding.work is None:
        owner = table.c.right == finding.right
    own = References(connection, scope).find(owner, table.c.withdrawn_on.is_(None))
    return sorted(own, key=lambda each: (each.medium is Medium.LOGO, each.reference_ref))[:6]


def pictures_of(images: Sequence[ListingImage], signs: Sequence[Sign]) -> tuple[PictureView, ...]:
    """A listing's photos, the one that shows the reference first, with where it shows it."""
    shown = {sign.signal: sign for sign in signs if sign.signal in _PICTURED}
    hit = next((shown[signal] for signal in _PICTURED if signal in shown), None)
    found = [
        PictureView(
            sha256=image.sha256,
            position=image.position,
            region=read_region(hit.raw.get("region")) if hit and _is_of(image, hit) else None,
            capture=image.capture,
            refused=image.refused,
        )
        for image in images
    ]
    first = {image.position for image in images if hit and _is_of(image, hit)}
    return tuple(sorted(found, key=lambda each: (each.position not in first, each.position)))


def sign_views(signs: Sequence[Sign]) -> tuple[SignView, ...]:
    """Signs as sentences, the strongest first."""
    return tuple(
        SignView(
            signal=sign.signal,
            family=sign.family.value,
            because=plain(sign.because, SIGN_CHARS),
            ours=plain(sign.ours),
            theirs=plain(sign.theirs),
            strength=sign.strength,
            level="strong" if sign.strength >= CLEAR else "clear" if sign.strength >= FAINT else "weak",
            capture=sign.capture,
        )
        for sign in sorted(signs, key=lambda sign: -sign.strength)
    )


def seller_history(connection: Connection, scope: Scope, seller: Seller) -> SellerHistory:
    """How much an account offers, and what became of its findings."""
    counted = connection.execute(_counts_of_seller(connection, scope), {"b_seller": seller.id})
    counts = {str(name): int(n) for name, n in counted}
    return SellerHistory(
        seller=seller,
        listings=counts["listings"],
        standings={each.value: counts[each.value] for each in Standing if each.value in counts},
        notices=counts["notices"],
    )


@made_once
def _counts_of_seller(connection: Connection, scope: Scope) -> CompoundSelect[Any]:
    item, listing, notice, case = tables.review_item, tables.listing, tables.notice, tables.case
    seller: BindParameter[str] = bindparam("b_seller")
    narrowed = ReviewItems(connection, scope).narrowed()
    notices = select(literal("notices"), func.count()).select_from(notice.join(case, case.c.id == notice.c.case))
    notices = notices.where(case.c.seller == seller)
    if scope.holder is not None:
        notices = notices.where(notice.c.holder == scope.holder)
    return union_all(
        select(item.c.standing, func.count()).where(item.c.seller == seller, *narrowed).group_by(item.c.standing),
        select(literal("listings"), func.count()).select_from(listing).where(listing.c.seller == seller),
        notices,
    )


def _is_of(image: ListingImage, hit: Sign) -> bool:
    return image.sha256 is not None and image.sha256 == hit.raw.get("photo_sha256")


def _grounds(finding: Finding, captures: dict[str, LookCapture]) -> tuple[GroundView, ...]:
    return tuple(
        GroundView(
            code=ground.code.value,
            because=plain(ground.because, SIGN_CHARS),
            evidence=tuple(
                EvidenceView(
                    id=id,
                    url=plain(captures[id].url_final),
                    fetched_at=captures[id].fetched_at,
                    sha256=captures[id].body_sha256,
                )
                for id in ground.captures
                if id in captures
            ),
        )
        for ground in finding.grounds
    )


def _history(ledger: Sequence[Decision], standing: Decision | None) -> tuple[HistoryLine, ...]:
    undone = {entry.undoes for entry in ledger if entry.undoes}
    return tuple(
        HistoryLine(
            decision=entry,
            is_standing=standing is not None and entry.id == standing.id,
            is_undone=entry.id in undone,
        )
        for entry in reversed(ledger)
    )
