"""
Judges the cards that a crawl left: which listings' pages are to be opened.

A look at a card is compared like any other look, with everything registered, so a name in any disguise and a photo
in any of the edits that matching knows are found on cards as on pages. Crawling and matching know nothing of each
other: what the one left in the ledger the other compares, and what came of it goes back as listing ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from console.workspace import Workspace
from crawler.triage import Judge, Suspicion
from matching.run import match_all
from registry.snapshot import Snapshot
from store.db.tables import comparison, fetch, finding, listing, observation, personal_value
from store.records import codec
from store.records.fetches import FetchKind
from store.records.findings import Band
from store.records.ids import new_id, utc_now
from store.records.listings import ListingFields
from store.records.money import Money
from store.records.runs import Run

NAME_OR_PHOTO, FINDING, SELLER, PRICE = "name_or_photo", "finding", "seller", "price"
PLACEHOLDER = Decimal(1)  # one unit of a currency is "ask me", never a price
_STANDING = (Band.REVIEW.value, Band.NOTICE.value)


def judge_of(workspace: Workspace, snapshot: Snapshot) -> Judge:
    """The judge of cards under a workspace's registry, policy and earlier findings."""

    def judge(runs: Sequence[Run]) -> dict[str, list[Suspicion]]:
        match_all(
            workspace.database,
            workspace.vault,
            snapshot,
            workspace.declarations,
            sealer=workspace.sealer,
            clock=utc_now,
            ids=new_id,
        )
        share = workspace.declarations.policy.grounds.far_below_share
        prices = _prices(snapshot)
        with workspace.database.read() as connection:
            return {run.id: suspicions(connection, run, prices, share) for run in runs}

    return judge


def suspicions(
    connection: Connection, run: Run, prices: dict[str, list[Money]], far_below_share: float
) -> list[Suspicion]:
    """
    The listings that a run saw on cards, did not open, and that ask for it, in the order of their ids.

    A comparison touched the card: it names what is registered, or shows its photo. Or something was found there
    before; or its seller has offered such a thing; or a search for a product brought it at a price far below that
    product's. `prices` are the products' own, by search term in lower case.
    """
    touched = _ids(
        connection, select(comparison.c.observation).join(listing).where(listing.c.platform == run.platform)
    )
    found = _ids(connection, select(finding.c.listing).where(finding.c.band.in_(_STANDING)))
    known_sellers = _looks_by_known_sellers(connection, run)
    terms = _terms(connection, run)
    wanted = []
    for row in connection.execute(_seen_on_cards(run), execution_options={"yield_per": 500}):
        why = None
        if row.on_card and row.look in touched:
            why = NAME_OR_PHOTO
        elif row.listing in found:
            why = FINDING
        elif row.on_card and row.look in known_sellers:
            why = SELLER
        elif row.on_card and _is_far_below(row.fields, prices.get(terms.get(row.capture, ""), ()), far_below_share):
            why = PRICE
        if why is not None:
            wanted.append(Suspicion(listing=row.listing, why=why))
    return sorted(wanted, key=lambda each: each.listing)


def _seen_on_cards(run: Run) -> Select[Any]:  # Any: a row of several columns
    """The latest look at every listing that the run saw on a card and has not opened."""
    look, other = observation, observation.alias()
    newest = func.row_number().over(
        partition_by=look.c.listing, order_by=(look.c.observed_at.desc(), look.c.id.desc())
    )
    opened = exists().where(other.c.listing == listing.c.id, other.c.run == run.id, ~other.c.on_card)
    ranked = (
        select(
            look.c.listing, look.c.id.label("look"), look.c.on_card, look.c.capture, look.c.fields, newest.label("at")
        )
        .join(listing, listing.c.id == look.c.listing)
        .where(listing.c.platform == run.platform, listing.c.last_seen >= run.started_at, ~opened)
        .subquery()
    )
    return select(ranked).where(ranked.c.at == 1)


def _looks_by_known_sellers(connection: Connection, run: Run) -> set[str]:
    """Looks whose seller bears the name of one with findings on this platform; equal names have equal digests."""
    name, of_look = personal_value, personal_value.alias()
    sellers = select(listing.c.seller).join(finding, finding.c.listing == listing.c.id)
    sellers = sellers.where(finding.c.band.in_(_STANDING), listing.c.platform == run.platform)
    digests = select(name.c.digest).where(
        name.c.subject_kind == "seller", name.c.field == "seller_name", name.c.subject.in_(sellers)
    )
    return _ids(
        connection,
        select(of_look.c.subject).where(
            of_look.c.subject_kind == "observation", of_look.c.field == "seller_name", of_look.c.digest.in_(digests)
        ),
    )


def _terms(connection: Connection, run: Run) -> dict[str, str]:
    """The search term, in lower case, that each result page of the run answered, by capture."""
    pages = select(fetch.c.context).where(fetch.c.run == run.id, fetch.c.kind == FetchKind.RESULTS.value)
    return {
        context["capture"]: context["term"].casefold()
        for (context,) in connection.execute(pages)
        if "capture" in context and "term" in context
    }


def _prices(snapshot: Snapshot) -> dict[str, list[Money]]:
    """What the products of each name cost, by the name as it is searched for, in lower case."""
    found: dict[str, list[Money]] = {}
    for product in snapshot.products:
        for name in (product.name, *product.other_names):
            found.setdefault(name.casefold(), []).extend(each.price for each in product.prices)
    return found


def _is_far_below(fields: dict[str, Any], prices: Sequence[Money], share: float) -> bool:  # Any: JSON values
    asked = codec.from_json(ListingFields, fields).price if prices else None
    return asked is not None and any(
        price.currency == asked.value.currency
        and PLACEHOLDER < asked.value.amount < Decimal(str(share)) * price.amount
        for price in prices
    )


def _ids(connection: Connection, statement: Any) -> set[str]:  # Any: a select of one text column
    return {row[0] for row in connection.execute(statement)}
