"""What is known of an account beyond one case: what its platform acted on before, and what its pages say it sold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from store.db import tables
from store.db.by_ref import in_lots
from store.records.findings import Finding
from store.records.outcomes import OutcomeStatus, Response

_ACTED = (OutcomeStatus.ACTIONED.value, OutcomeStatus.PARTLY_ACTIONED.value)


def acted_on(connection: Connection, sellers: Iterable[str]) -> dict[str, frozenset[str]]:
    """
    Listings of these accounts that a platform acted on because of a notice, by account.

    An item that was put back, taken back by us, or lost to an objection says nothing against anybody.
    """
    item, listing, outcome = tables.notice_item, tables.listing, tables.outcome
    found: defaultdict[str, set[str]] = defaultdict(set)
    for lot in in_lots(sellers):
        rows = connection.execute(
            select(item.c.id, item.c.notice, item.c.listing, listing.c.seller)
            .join(listing, listing.c.id == item.c.listing)
            .where(listing.c.seller.in_(lot))
        ).all()
        acted, undone = set[str](), set[str]()
        for part in in_lots({row.notice for row in rows}):
            told = select(outcome.c.notice, outcome.c.item, outcome.c.status).where(outcome.c.notice.in_(part))
            for word in connection.execute(told):
                about = word.item or word.notice
                if word.status in _ACTED:
                    acted.add(about)
                elif word.status == OutcomeStatus.REINSTATED.value:
                    undone.add(about)
            undone |= _given_up(connection, part)
        for row in rows:
            if {row.id, row.notice} & acted and not {row.id, row.notice} & undone:
                found[row.seller].add(row.listing)
    return {seller: frozenset(listings) for seller, listings in found.items()}


def _given_up(connection: Connection, notices: list[str]) -> set[str]:
    """Items (or whole notices) that we took back, or whose objection we accepted."""
    back, counter = tables.follow_up, tables.counter_notice
    ours = select(back.c.item).where(back.c.notice.in_(notices), back.c.kind.in_(("withdraw", "restore")))
    theirs = select(counter.c.item, counter.c.notice).where(
        counter.c.notice.in_(notices), counter.c.our_response == Response.ACCEPT.value
    )
    return {*connection.execute(ours).scalars(), *(row.item or row.notice for row in connection.execute(theirs))}


def sold(connection: Connection, findings: Mapping[str, Finding]) -> dict[str, int]:
    """How many pieces the page of each finding says were sold, by finding, where it says so."""
    comparison, observation = tables.comparison, tables.observation
    found: dict[str, int] = {}
    by_comparison = {finding.comparison: id for id, finding in findings.items()}
    for lot in in_lots(by_comparison):
        count = observation.c.fields["sold_count"]["value"].as_integer()
        rows = connection.execute(
            select(comparison.c.id, count.label("sold"))
            .join(observation, observation.c.id == comparison.c.observation)
            .where(comparison.c.id.in_(lot), count.is_not(None))
        )
        found |= {by_comparison[row.id]: row.sold for row in rows if row.sold > 0}
    return found
