"""What is offered: a listing over time, an account, and everything that shows one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, literal, select, tuple_

from console.web.review.finding import SellerHistory, seller_history
from console.web.review.near import NearPictures
from console.web.review.provenance import ValueView, values_of
from console.web.review.seeing import sees_everything, sees_listing, sees_picture, sees_seller
from console.web.review.timeline import Timeline, timeline_of
from reports.formats.plain import plain
from store.db import tables
from store.db.cases import Cases
from store.db.listings import ListingImages, Listings
from store.db.personal import Sealer
from store.db.references import References
from store.db.review import ReviewItems
from store.db.rows import record_of
from store.db.sellers import Sellers
from store.records.listings import Listing, ListingImage, Observation
from store.records.references import Reference
from store.records.review import ReviewItem
from store.records.scope import Scope
from store.records.sellers import Seller

MOST_LOOKS = 60  # of one listing; a daily look for two months
MOST_LINES = 60
MOST_UNFOUND = 20  # offers of an account that nothing was found in: a screen
MOST_NEAR = 500  # near pictures looked up for one page; most of them have a finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One look at a listing, and what it showed that the look before did not."""

    observation: Observation
    price: str
    title: str
    changed: tuple[Changed, ...]  # empty for the first look


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One field that a look said otherwise than the look before it."""

    field: str
    before: str  # empty: it was not there
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingView:
    """A listing over time."""

    listing: Listing
    host: str
    seller: Seller | None
    images: tuple[ListingImage, ...]
    values: tuple[ValueView, ...]
    looks: tuple[Change, ...]  # the newest first
    total_looks: int
    older: str | None  # the look from which an address shows older ones; None: these are the first
    is_latest: bool  # whether the newest look is among them
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
    cases: tuple[tuple[int, str, str], ...]  # number, state, the right's own name
    rights: tuple[tuple[str, str, int], ...]  # Right id, its own name, findings of the account
    unfound: tuple[Listing, ...]  # offers without a finding in sight, the newest first; for the unit alone
    reveals: int  # how often somebody gave a reason to see the name


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePicture:
    """Listings that show one picture, or nearly."""

    sha256: str
    same: tuple[ReviewItem, ...]
    near: tuple[tuple[int, str, tuple[ReviewItem, ...]], ...]  # bits apart, picture, findings that show it
    other_listings: int  # that show the same bytes and have no finding in sight
    references: tuple[Reference, ...]


def view_listing(connection: Connection, scope: Scope, id: str, *, before: str = "") -> ListingView | None:
    """A listing with its looks, the newest first, or those older than `before`; None where it is not in sight."""
    listing = Listings(connection, scope).get(id)
    if listing is None or not sees_listing(connection, scope, id):
        return None
    look = tables.observation
    query = select(look).where(look.c.listing == id)
    if before:
        at = select(look.c.observed_at).where(look.c.id == before, look.c.listing == id).scalar_subquery()
        query = query.where(tuple_(look.c.observed_at, look.c.id) < tuple_(at, literal(before)))
    rows = connection.execute(query.order_by(look.c.observed_at.desc(), look.c.id.desc()).limit(MOST_LOOKS + 1)).all()
    looks = [record_of(Observation, row) for row in rows]
    total = select(func.count()).select_from(look).where(look.c.listing == id)
    return ListingView(
        listing=listing,
        host=urlsplit(listing.url).netloc,
        seller=Sellers(connection, scope).get(listing.seller) if listing.seller else None,
        images=tuple(ListingImages(connection, scope).of_listing(id)),
        values=values_of(looks[0].fields) if looks else (),
        looks=tuple(changes(looks)[:MOST_LOOKS]),
        total_looks=int(connection.execute(total).scalar_one()),
        older=looks[MOST_LOOKS - 1].id if len(looks) > MOST_LOOKS else None,
        is_latest=not before,
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
    found = Sellers(connection, scope, sealer).get(id)
    if found is None or not sees_seller(connection, scope, id):
        return None
    item, case, right = tables.review_item, tables.case, tables.right
    narrowed = ReviewItems(connection, scope).narrowed()
    query = select(item).where(item.c.seller == id, *narrowed).order_by(item.c.found_at.desc()).limit(MOST_LINES)
    cases = select(case.c.number, case.c.state, right.c.right_ref).join(right, right.c.id == case.c.right)
    cases = cases.where(case.c.seller == id, *Cases(connection, scope).narrowed()).order_by(case.c.number.desc())
    touched = (
        select(right.c.id, right.c.right_ref, func.count())
        .select_from(item.join(right, right.c.id == item.c.right))
        .where(item.c.seller == id, *narrowed)
        .group_by(right.c.id, right.c.right_ref)
        .order_by(func.count().desc(), right.c.right_ref)
    )
    looked = select(func.count()).select_from(tables.reveal)
    looked = looked.where(tables.reveal.c.subject == id, tables.reveal.c.subject_kind == "seller")
    return SellerView(
        history=seller_history(connection, scope, found),
        name=plain(found.name) if found.name else None,
        url=plain(found.url) if found.url else None,
        is_revealed=sealer is not None,
        items=tuple(record_of(ReviewItem, row) for row in connection.execute(query)),
        cases=tuple((int(n), str(state), str(ref)) for n, state, ref in connection.execute(cases)),
        rights=tuple((str(of), str(ref), int(n)) for of, ref, n in connection.execute(touched)),
        unfound=tuple(_without_finding(connection, scope, id)),
        reveals=int(connection.execute(looked).scalar_one()),
    )


def _without_finding(connection: Connection, scope: Scope, seller: str) -> list[Listing]:
    if not sees_everything(scope):
        return []
    listing, item = tables.listing, tables.review_item
    known = select(item.c.listing).where(item.c.listing == listing.c.id).exists()
    query = select(listing).where(listing.c.seller == seller, ~known)
    rows = connection.execute(query.order_by(listing.c.last_seen.desc()).limit(MOST_UNFOUND))
    return [record_of(Listing, row) for row in rows]


def view_same_picture(
    connection: Connection, scope: Scope, sha256: str, pictures: NearPictures
) -> SamePicture | None:
    """Listings with the same picture, by bytes, and near ones by fingerprint; None where not in sight."""
    if not sees_picture(connection, scope, sha256):
        return None
    same = showing(connection, scope, sha256)
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
        items = showing(connection, scope, other)
        if items:
            found.append((bits, other, tuple(items)))
        if len(found) == MOST_LINES:
            break
    return found


def showing(connection: Connection, scope: Scope, sha256: str) -> list[ReviewItem]:
    item, image = tables.review_item, tables.listing_image
    query = (
        select(item)
        .where(item.c.listing.in_(select(image.c.listing).where(image.c.sha256 == sha256)))
        .where(*ReviewItems(connection, scope).narrowed())
        .order_by(item.c.found_at.desc())
        .limit(MOST_LINES)
    )
    return [record_of(ReviewItem, row) for row in connection.execute(query)]


def _changed(before: Observation, after: Observation) -> tuple[Changed, ...]:
    was, now = _by_field(before), _by_field(after)
    found = [
        Changed(field=field, before=was.get(field, ""), after=now.get(field, ""))
        for field in sorted({*was, *now})
        if was.get(field) != now.get(field)
    ]
    if before.state is not after.state:
        found.append(Changed(field="state", before=before.state.value, after=after.state.value))
    return tuple(found)


def _by_field(look: Observation) -> dict[str, str]:
    """What a look said, by field; values that stand several times, in their order."""
    said: dict[str, str] = {}
    for view in values_of(look.fields):
        said[view.field] = f"{said[view.field]}, {view.value}" if view.field in said else view.value
    return said
