"""Listings, each look at them, and their photos."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Row, Table, bindparam, case, exists, func, select, update
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.elements import ColumnElement

from store.db.hops import hops_of, merge_hops
from store.db.personal import Sealer, keep_values, open_values
from store.db.rows import ROWS_A_WRITE, Repository, insert_into, record_of, row_of
from store.db.tables import listing as listing_table
from store.db.tables import listing_image as image_table
from store.db.tables import observation as observation_table
from store.db.words import Look, keep_words
from store.records import codec
from store.records.listings import (
    PERSONAL_FIELDS,
    Listing,
    ListingFields,
    ListingImage,
    ListingState,
    Observation,
)
from store.records.scope import Scope


class Listings(Repository[Listing]):
    """Offers and streams, told apart by the platform's own id of them."""

    table = listing_table
    kind = Listing

    def by_item(self, platform: str, platform_item_id: str) -> Listing | None:
        """The listing that the platform names so."""
        return self.first(listing_table.c.platform == platform, listing_table.c.platform_item_id == platform_item_id)


class Observations(Repository[Observation]):
    """Each look at a listing, with the hops behind it; personal fields only for a reader who holds the key."""

    table = observation_table
    kind = Observation

    def __init__(self, connection: Connection, scope: Scope, sealer: Sealer | None = None) -> None:
        super().__init__(connection, scope)
        self.sealer = sealer

    def _read(self, row: Row[Any]) -> Observation:
        fields = {**row.fields, **open_values(self.connection, self.sealer, "observation", row.id)}
        look = record_of(Observation, row, fields=fields)
        if not look.fields.streams:  # hops begin with what the page itself names
            return look
        streams = merge_hops(look.fields.streams, hops_of(self.connection, look.id))
        return dataclasses.replace(look, fields=dataclasses.replace(look.fields, streams=streams))

    def add(self, record: Observation) -> None:
        """Insert one look; its personal fields are sealed apart, or dropped where there is no key."""
        add_observations(self.connection, [record], self.sealer)

    def latest(self, listing: str, run: str | None = None) -> Observation | None:
        """The latest look at a listing, in one run if given."""
        statement = self._select(observation_table.c.listing == listing)
        if run is not None:
            statement = statement.where(observation_table.c.run == run)
        row = self.connection.execute(
            statement.order_by(observation_table.c.observed_at.desc(), observation_table.c.id.desc()).limit(1)
        ).first()
        return None if row is None else self._read(row)


class ListingImages(Repository[ListingImage]):
    """Photos of listings."""

    table = image_table
    kind = ListingImage

    def of_listing(self, listing: str) -> list[ListingImage]:
        """A listing's photos, the main one first."""
        return self.find(image_table.c.listing == listing)


def content_digest(fields: ListingFields) -> str:
    """SHA-256 over the values alone: the same for two looks that read the same, wherever they read it."""
    return _digest(codec.to_json(fields))


def fields_read(fields: ListingFields) -> int:
    """How many fields a look has read."""
    return sum(1 for each in dataclasses.fields(fields) if getattr(fields, each.name) not in (None, ()))


def see_listings(connection: Connection, listings: Sequence[Listing]) -> dict[tuple[str, str], str]:
    """Insert listings, or move what changes; gives the id of each by (platform, platform's id of it)."""
    rows = {(each.platform, each.platform_item_id): row_of(each, listing_table) for each in listings}
    return upsert_returning(
        connection,
        listing_table,
        list(rows.values()),
        ("platform", "platform_item_id"),
        change=("kind", "url", "last_seen", "state"),
        fill=("seller",),
    )


def name_listings(connection: Connection, names: Mapping[tuple[str, str], tuple[str, str | None]]) -> None:
    """
    Give listings the platform's own id, by (platform, the id of their address that they had until now).

    With an address beside the new id only the listing that stands there takes it. One whose new id another bears
    already stays as it is.
    """
    by_platform: dict[str, list[str]] = {}
    for platform, item in names:
        by_platform.setdefault(platform, []).append(item)
    at = listing_table
    for platform, items in by_platform.items():
        here = at.c.platform == platform
        for start in range(0, len(items), ROWS_A_WRITE):
            known = select(at.c.platform_item_id, at.c.url).where(
                here, at.c.platform_item_id.in_(items[start : start + ROWS_A_WRITE])
            )
            for item, url in connection.execute(known).all():
                named, where = names[platform, item]
                taken = exists().where(here, at.c.platform_item_id == named)
                if where in (None, url) and not connection.execute(select(taken)).scalar_one():
                    of_it = here & (at.c.platform_item_id == item)
                    connection.execute(update(at).where(of_it).values(platform_item_id=named))


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """How a listing stands, and what the latest look at it said; personal fields are left sealed."""

    listing: str
    state: ListingState
    run: str
    on_card: bool
    fields: ListingFields


def latest_looks(connection: Connection, items: Iterable[tuple[str, str]]) -> dict[tuple[str, str], LastLook]:
    """The latest look at each listing that is known, by (platform, platform's id of it)."""
    by_platform: dict[str, list[str]] = {}
    for platform, item in sorted(items):
        by_platform.setdefault(platform, []).append(item)
    look = observation_table
    newest = func.row_number().over(
        partition_by=look.c.listing, order_by=(look.c.observed_at.desc(), look.c.id.desc())
    )
    found: dict[tuple[str, str], LastLook] = {}
    for platform, ids in by_platform.items():
        for start in range(0, len(ids), ROWS_A_WRITE):
            part = ids[start : start + ROWS_A_WRITE]
            of_these = (listing_table.c.platform == platform) & listing_table.c.platform_item_id.in_(part)
            ranked = (
                select(
                    listing_table.c.platform_item_id,
                    listing_table.c.state,
                    look.c.listing,
                    look.c.run,
                    look.c.on_card,
                    look.c.fields,
                    newest.label("place"),
                )
                .join(look, look.c.listing == listing_table.c.id)
                .where(of_these)
                .subquery()
            )
            for row in connection.execute(select(ranked).where(ranked.c.place == 1)):
                found[platform, row.platform_item_id] = LastLook(
                    listing=row.listing,
                    state=ListingState(row.state),
                    run=row.run,
                    on_card=row.on_card,
                    fields=codec.from_json(ListingFields, row.fields),
                )
    return found


def see_again(connection: Connection, listings: Sequence[str], now: datetime) -> None:
    """Note that listings were seen, where nothing else changed."""
    for start in range(0, len(listings), ROWS_A_WRITE):
        part = listings[start : start + ROWS_A_WRITE]
        connection.execute(update(listing_table).where(listing_table.c.id.in_(part)).values(last_seen=now))


def mark_unreachable(connection: Connection, platform: str, items: Sequence[str]) -> None:
    """
    Note that the pages of offers that are known gave no answer; when they were last seen stays.

    What was said to be gone does not come back by saying nothing. No look is written, because nothing was seen: why
    stands in the fetch that failed.
    """
    for start in range(0, len(items), ROWS_A_WRITE):
        part = items[start : start + ROWS_A_WRITE]
        connection.execute(
            update(listing_table)
            .where(listing_table.c.platform == platform, listing_table.c.platform_item_id.in_(part))
            .where(listing_table.c.state != ListingState.GONE.value)
            .values(state=ListingState.UNREACHABLE.value)
        )


def set_state(connection: Connection, listing: str, state: ListingState) -> None:
    """Note in which state a listing was proven to be; when it was last seen stays."""
    connection.execute(update(listing_table).where(listing_table.c.id == listing).values(state=state.value))


def add_observations(connection: Connection, observations: Sequence[Observation], sealer: Sealer | None) -> None:
    """Insert looks and the words they are found by; personal fields go sealed apart, or nowhere without a key."""
    rows, sealed, looks = [], [], []
    for each in observations:
        title, gtin = each.fields.title, each.fields.gtin
        looks.append(Look(listing=each.listing, title=title.value if title else "", gtin=gtin.value if gtin else ""))
        fields = codec.to_json(each.fields)
        for name in PERSONAL_FIELDS:
            value = fields.pop(name)
            if value and sealer is not None:
                sealed.append(sealer.seal("observation", each.id, name, value))
        rows.append(
            {
                "id": each.id,
                "listing": each.listing,
                "run": each.run,
                "capture": each.capture,
                "observed_at": each.observed_at,
                "state": each.state.value,
                "content_sha256": each.content_sha256,
                "fields": {name: value for name, value in fields.items() if value is not None and value != []},
                "fields_read": each.fields_read,
                "on_card": each.on_card,
                "because": each.because,
            }
        )
    if rows:
        connection.execute(observation_table.insert(), rows)
    keep_values(connection, sealed)
    keep_words(connection, looks)


def put_images(connection: Connection, images: Sequence[ListingImage]) -> None:
    """
    Write the photos of listings as they stand now, all of a listing together.

    A photo whose URL did not change keeps its capture until the new one is there; positions a listing no longer
    has are removed.
    """
    if not images:
        return
    statement = _put_images(connection.dialect.name)
    rows = [row_of(image, image_table) for image in images]
    for start in range(0, len(rows), ROWS_A_WRITE):
        connection.execute(statement, rows[start : start + ROWS_A_WRITE])
    counts: dict[str, int] = {}
    for image in images:
        counts[image.listing] = max(counts.get(image.listing, 0), image.position + 1)
    connection.execute(_CUT_IMAGES, [{"b_listing": key, "b_count": count} for key, count in counts.items()])


@cache
def _put_images(dialect_name: str) -> Insert:
    statement = insert_into(dialect_name, image_table)
    new = statement.excluded
    same = (new.url == image_table.c.url) & new.capture.is_(None)
    return statement.on_conflict_do_update(
        index_elements=["listing", "position"],
        set_={
            "url": new.url,
            "capture": case((same, image_table.c.capture), else_=new.capture),
            "sha256": case((same, image_table.c.sha256), else_=new.sha256),
            "refused": case((same, image_table.c.refused), else_=new.refused),
        },
    )


_CUT_IMAGES = image_table.delete().where(
    image_table.c.listing == bindparam("b_listing"), image_table.c.position >= bindparam("b_count")
)
_FILL_IMAGE = (
    image_table.update()
    .where(image_table.c.listing == bindparam("b_listing"), image_table.c.position == bindparam("b_position"))
    .where(image_table.c.url == bindparam("b_url"))
    .values(capture=bindparam("b_capture"), sha256=bindparam("b_sha256"), refused=bindparam("b_refused"))
)


def fill_images(connection: Connection, images: Sequence[ListingImage]) -> None:
    """Write what became of photos that were waited for, where the listing still shows that URL there."""
    if images:
        connection.execute(
            _FILL_IMAGE,
            [
                {
                    "b_listing": image.listing,
                    "b_position": image.position,
                    "b_url": image.url,
                    "b_capture": image.capture,
                    "b_sha256": image.sha256,
                    "b_refused": image.refused,
                }
                for image in images
            ],
        )


def upsert_returning(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    keys: tuple[str, str],
    *,
    change: Sequence[str],
    fill: Sequence[str] = (),
) -> dict[tuple[str, str], str]:
    """
    Insert rows, or, where `keys` are there, replace the columns in `change` and those in `fill` that are known.

    Gives the id that each pair of keys has in the end. One pair may stand in `rows` once.
    """
    if not rows:
        return {}
    returning = _upsert_returning(connection.dialect.name, table, keys, tuple(change), tuple(fill))
    found: dict[tuple[str, str], str] = {}
    for start in range(0, len(rows), ROWS_A_WRITE):
        for first, second, id in connection.execute(returning, list(rows[start : start + ROWS_A_WRITE])):
            found[(first, second)] = id
    return found


@cache
def _upsert_returning(
    dialect_name: str, table: Table, keys: tuple[str, str], change: tuple[str, ...], fill: tuple[str, ...]
) -> ReturningInsert[Any]:
    statement = insert_into(dialect_name, table)
    new = statement.excluded
    values: dict[str, ColumnElement[Any]] = {name: new[name] for name in change}
    values |= {name: case((new[name].is_not(None), new[name]), else_=table.c[name]) for name in fill}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=values).returning(
        table.c[keys[0]], table.c[keys[1]], table.c.id
    )


def images_of(connection: Connection, listings: Sequence[str]) -> list[ListingImage]:
    """The photos of several listings."""
    statement = select(image_table).where(image_table.c.listing.in_(listings))
    return [record_of(ListingImage, row) for row in connection.execute(statement)]


def _digest(fields: Any) -> str:  # Any: JSON values
    values = {name: _value(part) for name, part in fields.items() if part not in (None, [])}
    plain = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _value(part: Any) -> Any:  # Any: JSON values
    """What a `Seen` says, without where it stood; streams by role and URL, without their captures."""
    if isinstance(part, list):
        return [_value(each) for each in part]
    if isinstance(part, dict):
        return part["value"] if "value" in part else [part.get("role"), part.get("url")]
    return part


# That a page could not be had is so whatever the run is worth, and says nothing of the offer.
_NEVER_TAKEN_BACK = (ListingState.LIVE.value, ListingState.UNREACHABLE.value)


def take_back_removals(connection: Connection, run: str) -> int:
    """
    Give listings that a run saw as anything but live or unreachable the state of the look before it, or `unknown`.

    For a run that cannot be trusted: what it did not see is not known to be gone. Its observations stay as they are.
    Gives how many.
    """
    told = (
        select(observation_table.c.listing)
        .where(observation_table.c.run == run, observation_table.c.state.not_in(_NEVER_TAKEN_BACK))
        .distinct()
    )
    before = (
        select(observation_table.c.state)
        .where(observation_table.c.listing == listing_table.c.id, observation_table.c.run != run)
        .order_by(observation_table.c.observed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    done = connection.execute(
        update(listing_table)
        .where(listing_table.c.id.in_(told))
        .values(state=func.coalesce(before, ListingState.UNKNOWN.value))
    )
    return done.rowcount
