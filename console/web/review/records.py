"""Pages about one thing: a listing over time, an account, a capture, a right, a reference, one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select

from console.web.review.finding import SellerHistory, seller_history
from console.web.review.masking import mask, words_of_capture
from console.web.review.near import NearPictures
from console.web.review.provenance import ValueView, values_of
from console.web.review.seeing import sees_capture, sees_listing, sees_picture, sees_runs, sees_seller
from console.web.review.timeline import Timeline, timeline_of
from reports.formats.plain import plain
from store.db import tables
from store.db.captures import Captures
from store.db.listings import ListingImages, Listings
from store.db.parties import Parties
from store.db.personal import Sealer
from store.db.products import Products
from store.db.references import References
from store.db.review import ReviewItems
from store.db.rights import Rights
from store.db.rows import record_of
from store.db.runs import Runs
from store.db.sellers import Sellers
from store.evidence.errors import EvidenceError
from store.evidence.vault import Vault
from store.records.captures import Capture
from store.records.listings import Listing, ListingImage, Observation
from store.records.products import Product
from store.records.references import Reference
from store.records.review import ReviewItem
from store.records.rights import Right
from store.records.runs import Run
from store.records.scope import Scope
from store.records.sellers import Seller

MOST_LOOKS = 60  # of one listing; a daily look for two months
MOST_LINES = 60
TEXT_BYTES = 200_000  # of a captured page shown as text; the whole can be downloaded
MOST_NEAR = 500  # near pictures looked up for one page; most of them have a finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One look at a listing, and what it showed that the look before did not."""

    observation: Observation
    price: str
    title: str
    changed: tuple[str, ...]  # field names; empty for the first look


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingView:
    """A listing over time."""

    listing: Listing
    host: str
    seller: Seller | None
    images: tuple[ListingImage, ...]
    values: tuple[ValueView, ...]
    looks: tuple[Change, ...]  # the newest first
    more_looks: bool
    timeline: Timeline | None  # None: fewer than two looks
    findings: tuple[ReviewItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerView:
    """An account. The name is there only for a reader who gave a reason."""

    history: SellerHistory
    name: str | None
    url: str | None
    is_revealed: bool
    items: tuple[ReviewItem, ...]
    cases: tuple[tuple[int, str], ...]  # number and state
    first_prices: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureView:
    """What was fetched once, and where it is used."""

    capture: Capture
    run: Run | None
    is_picture: bool
    text: str | None  # of a page, as text; None for a picture or bytes that are no text
    is_masked: bool  # names, addresses and numbers of people were left out of the text
    is_cut: bool
    is_whole: bool  # the bytes are there and have their digest
    fault: str
    chain: tuple[Capture, ...]  # what led here, the first address first
    listings: tuple[tuple[str, str], ...]  # Listing id and platform
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RightView:
    """A right with what stands on it."""

    right: Right
    holder: str
    products: tuple[Product, ...]
    references: tuple[Reference, ...]
    standings: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceView:
    """A reference with where it was seen."""

    reference: Reference
    holder: str
    right: Right | None
    product: Product | None
    qualities: tuple[tuple[str, str, int | None], ...]  # algorithm, version, quality
    items: tuple[ReviewItem, ...]  # findings whose main photo has its bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePicture:
    """Listings that show one picture, or nearly."""

    sha256: str
    same: tuple[ReviewItem, ...]
    near: tuple[tuple[int, str, tuple[ReviewItem, ...]], ...]  # bits apart, picture, findings that show it
    other_listings: int  # that show the same bytes and have no finding in sight
    references: tuple[Reference, ...]


def view_listing(connection: Connection, scope: Scope, id: str) -> ListingView | None:
    """A listing with its looks, the newest first; None where it is not in sight."""
    listing = Listings(connection, scope).get(id)
    if listing is None or not sees_listing(connection, scope, id):
        return None
    look = tables.observation
    rows = connection.execute(
        select(look)
        .where(look.c.listing == id)
        .order_by(look.c.observed_at.desc(), look.c.id.desc())
        .limit(MOST_LOOKS + 1)
    ).all()
    looks = [record_of(Observation, row) for row in rows]
    return ListingView(
        listing=listing,
        host=urlsplit(listing.url).netloc,
        seller=Sellers(connection, scope).get(listing.seller) if listing.seller else None,
        images=tuple(ListingImages(connection, scope).of_listing(id)),
        values=values_of(looks[0].fields) if looks else (),
        looks=tuple(changes(looks[:MOST_LOOKS])),
        more_looks=len(looks) > MOST_LOOKS,
        timeline=timeline_of(looks[:MOST_LOOKS]),
        findings=tuple(ReviewItems(connection, scope).find(tables.review_item.c.listing == id)),
    )


def changes(looks: Sequence[Observation]) -> list[Change]:
    """Looks, the newest first, each with the fields that the look before it said otherwise."""
    found = []
    for at, look in enumerate(looks):
        before = looks[at + 1] if at + 1 < len(looks) else None
        price, title = look.fields.price, look.fields.title
        found.append(
            Change(
                observation=look,
                price=str(price.value) if price else "",
                title=plain(title.value) if title else "",
                changed=_changed(before, look) if before else (),
            )
        )
    return found


def view_seller(connection: Connection, scope: Scope, id: str, *, sealer: Sealer | None = None) -> SellerView | None:
    """An account with its findings; its name only with the `sealer`. None where it is not in sight."""
    if not sees_seller(connection, scope, id):
        return None
    found = Sellers(connection, scope, sealer).get(id)
    if found is None:
        return None
    history = seller_history(connection, scope, found)
    opened = found if sealer else None
    item, case = tables.review_item, tables.case
    query = (
        select(item)
        .where(item.c.seller == id, *ReviewItems(connection, scope).narrowed())
        .order_by(item.c.found_at.desc())
        .limit(MOST_LINES)
    )
    cases = select(case.c.number, case.c.state).where(case.c.seller == id)
    if scope.holder is not None:
        cases = cases.where(case.c.holder == scope.holder)
    if scope.compartment is not None:
        cases = cases.where(case.c.compartment == scope.compartment)
    return SellerView(
        history=history,
        name=plain(opened.name) if opened and opened.name else None,
        url=plain(opened.url) if opened and opened.url else None,
        is_revealed=opened is not None,
        items=tuple(record_of(ReviewItem, row) for row in connection.execute(query)),
        cases=tuple((int(n), str(state)) for n, state in connection.execute(cases.order_by(case.c.number.desc()))),
    )


def view_capture(
    connection: Connection, vault: Vault, scope: Scope, id: str, *, sealer: Sealer, is_revealed: bool = False
) -> CaptureView | None:
    """
    A capture with its bytes checked against its digest; None where it is not in sight.

    What names a person is left out of its text unless `is_revealed`; the `sealer` opens what is to be left out.
    """
    captures = Captures(connection, scope)
    capture = captures.get(id)
    if capture is None or not sees_capture(connection, scope, id):
        return None
    body, fault = b"", ""
    try:
        body = vault.get(capture.body_sha256)
    except EvidenceError as error:
        fault = str(error)
    from matching.images import format_of  # imaging is slow to import, and this is its one small use here

    is_picture = format_of(body) is not None
    text = None if is_picture or not body else readable(body[:TEXT_BYTES])
    masked = mask(text, words_of_capture(connection, sealer, id)) if text else text
    chain: list[Capture] = []
    at = capture.parent
    while at is not None and len(chain) < MOST_LINES:
        parent = captures.get(at)
        if parent is None:
            break
        chain.append(parent)
        at = parent.parent
    look, image, listing = tables.observation, tables.listing_image, tables.listing
    ids = set(connection.execute(select(look.c.listing).where(look.c.capture == id).limit(MOST_LINES)).scalars())
    ids |= set(connection.execute(select(image.c.listing).where(image.c.capture == id).limit(MOST_LINES)).scalars())
    about = connection.execute(select(listing.c.id, listing.c.platform).where(listing.c.id.in_(ids))).all()
    contacted = [urlsplit(each.url_final).netloc for each in (*reversed(chain), capture)]
    return CaptureView(
        capture=capture,
        run=Runs(connection, scope).get(capture.run) if sees_runs(scope) else None,
        is_picture=is_picture,
        text=text if is_revealed else masked,
        is_masked=masked != text and not is_revealed,
        is_cut=len(body) > TEXT_BYTES,
        is_whole=not fault,
        fault=fault,
        chain=tuple(reversed(chain)),
        listings=tuple((row.id, row.platform) for row in about if sees_listing(connection, scope, row.id)),
        hosts=tuple(dict.fromkeys(host for host in contacted if host)),
    )


def readable(data: bytes) -> str | None:
    """Bytes as text where they are some; None for bytes that no one reads. Invisible letters are shown."""
    if b"\x00" in data[:4096]:
        return None
    text = data.decode("utf-8", "replace")
    return "\n".join(plain(line, 2000) for line in text.splitlines())


def view_right(connection: Connection, scope: Scope, id: str) -> RightView | None:
    """A right with its products, references and findings by standing; None where it is not in scope."""
    right = Rights(connection, scope).get(id)
    if right is None:
        return None
    holder = Parties(connection, scope).get(right.holder)
    products = [
        p for p in Products(connection, scope).find(tables.product.c.holder == right.holder) if id in p.rights
    ]
    reference = tables.reference
    shown = References(connection, scope).find(
        (reference.c.right == id) | reference.c.product.in_([product.id for product in products])
    )
    item = tables.review_item
    counted = (
        select(item.c.standing, func.count())
        .where(item.c.right == id, *ReviewItems(connection, scope).narrowed())
        .group_by(item.c.standing)
    )
    return RightView(
        right=right,
        holder=holder.legal_name if holder else "",
        products=tuple(products),
        references=tuple(shown),
        standings=tuple((str(standing), int(n)) for standing, n in connection.execute(counted)),
    )


def view_reference(connection: Connection, scope: Scope, id: str) -> ReferenceView | None:
    """A reference with its fingerprints and the findings that show its bytes; None where it is not in scope."""
    references = References(connection, scope)
    reference = references.get(id)
    if reference is None:
        return None
    holder = Parties(connection, scope).get(reference.holder)
    prints = {(p.algorithm, p.version): p.quality for p in references.fingerprints([reference.sha256])}
    return ReferenceView(
        reference=reference,
        holder=holder.legal_name if holder else "",
        right=Rights(connection, scope).get(reference.right) if reference.right else None,
        product=Products(connection, scope).get(reference.product) if reference.product else None,
        qualities=tuple((name, version, quality) for (name, version), quality in sorted(prints.items())),
        items=tuple(_showing(connection, scope, reference.sha256)),
    )


def view_same_picture(
    connection: Connection, scope: Scope, sha256: str, pictures: NearPictures
) -> SamePicture | None:
    """Listings with the same picture, by bytes, and near ones by fingerprint; None where not in sight."""
    if not sees_picture(connection, scope, sha256):
        return None
    same = _showing(connection, scope, sha256)
    image = tables.listing_image
    listings = set(connection.execute(select(image.c.listing).where(image.c.sha256 == sha256).limit(5000)).scalars())
    reference = tables.reference
    return SamePicture(
        sha256=sha256,
        same=tuple(same),
        near=tuple(_near(connection, scope, pictures.of(connection, sha256))),
        other_listings=len(listings - {item.listing for item in same}),
        references=tuple(References(connection, scope).find(reference.c.sha256 == sha256)),
    )


def _near(
    connection: Connection, scope: Scope, near: Iterable[tuple[int, str]]
) -> list[tuple[int, str, tuple[ReviewItem, ...]]]:
    """Of near pictures those in sight, with the findings that show them."""
    found: list[tuple[int, str, tuple[ReviewItem, ...]]] = []
    for bits, other in islice(near, MOST_NEAR):
        items = _showing(connection, scope, other)
        if items:
            found.append((bits, other, tuple(items)))
        if len(found) == MOST_LINES:
            break
    return found


def _showing(connection: Connection, scope: Scope, sha256: str) -> list[ReviewItem]:
    item, image = tables.review_item, tables.listing_image
    query = (
        select(item)
        .where(item.c.listing.in_(select(image.c.listing).where(image.c.sha256 == sha256)))
        .where(*ReviewItems(connection, scope).narrowed())
        .order_by(item.c.found_at.desc())
        .limit(MOST_LINES)
    )
    return [record_of(ReviewItem, row) for row in connection.execute(query)]


def _changed(before: Observation, after: Observation) -> tuple[str, ...]:
    was = {(view.field, view.value) for view in values_of(before.fields, masked=False)}
    now = {(view.field, view.value) for view in values_of(after.fields, masked=False)}
    names = {field for field, _ in was ^ now}
    if before.state is not after.state:
        names.add("state")
    return tuple(sorted(names))
