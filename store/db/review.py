"""
Findings as the review desk lists them, and the looks that measure reviewers.

`review_item` repeats what other tables say, so that a queue of 100,000 findings is one walk along one index. Whoever
writes a finding, a case or a decision brings the row along in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, func, select

from store.db import tables
from store.db.by_ref import in_lots
from store.db.rows import Repository, made_once, upsert
from store.records import codec
from store.records.cases import Case, Decision
from store.records.findings import Band
from store.records.listings import ListingFields
from store.records.review import BlindKind, BlindReview, KnownAnswer, ReviewItem, Standing
from store.records.scope import Scope

TITLE_CHARS = 300  # what a line of a list can show; the capture holds the rest
GTIN_CHARS = 40  # the longest GTIN has 14 digits; a page may write anything
PRICE_MOST = 2**62  # what a column of 64 bits holds; a page may ask any price


def standing_of(band: Band, decision: Decision | None) -> Standing:
    """Where a finding stands, by the decision that stands and, without one, by its band."""
    if decision is not None:
        return Standing(decision.verdict.value)
    return Standing.SILENT if band is Band.SILENT else Standing.OPEN


class ReviewItems(Repository[ReviewItem]):
    """One row a finding, narrowed by holder and by the compartment of its case."""

    table = tables.review_item
    kind = ReviewItem

    def get(self, id: str) -> ReviewItem | None:
        """The row of that finding, or None where there is none in scope."""
        return self.first(self.table.c.finding == id)

    def with_looks(self, findings: Sequence[str], reviewer: str) -> list[tuple[ReviewItem, bool]]:
        """These rows, each with whether it waits for this reviewer as a look that measures them."""
        rows = self.connection.execute(
            _with_looks(self.connection, self.scope), {"b_findings": list(findings), "b_reviewer": reviewer}
        )
        return [(self._read(row), row.look is not None) for row in rows]

    def refresh(self, findings: Iterable[str]) -> None:
        """Bring in line with findings, listings, looks and photos; case and decision stay as they are."""
        table = self.table
        for lot in in_lots(findings):
            query = select(table.c.finding, table.c.standing).where(
                table.c.finding.in_(lot), table.c.decision.is_not(None)
            )
            decided = {row.finding: row.standing for row in self.connection.execute(query)}
            rows = []
            for row in self.connection.execute(_SOURCE.where(tables.finding.c.id.in_(lot))):
                values = _values(row)
                values["standing"] = decided.get(row.id) or standing_of(Band(row.band), None).value
                rows.append(values)
            upsert(self.connection, table, rows, ["finding"])

    def without_row(self) -> list[str]:
        """Findings that no row lists: another version, or a hand, wrote them."""
        finding = tables.finding
        statement = (
            select(finding.c.id)
            .outerjoin(self.table, self.table.c.finding == finding.c.id)
            .where(self.table.c.finding.is_(None))
        )
        return list(self.connection.execute(statement).scalars())

    def place(self, case: Case, members: Sequence[str]) -> None:
        """Say of these findings that they are in a case, and of others there that they are in none."""
        table = self.table
        held = set(self.connection.execute(select(table.c.finding).where(table.c.case == case.id)).scalars())
        for lot in in_lots(held - set(members)):
            self.connection.execute(
                table.update().where(table.c.finding.in_(lot)).values(case="", compartment=None, priority=0.0)
            )
        placed = {"case": case.id, "compartment": case.compartment, "priority": case.priority}
        for lot in in_lots(members):
            self.connection.execute(table.update().where(table.c.finding.in_(lot)).values(**placed))

    def settle(self, finding: str, decision: Decision | None) -> None:
        """Say what stands of a finding; None where no decision does."""
        if decision is None:
            query = select(tables.finding.c.band).where(tables.finding.c.id == finding)
            standing = standing_of(Band(self.connection.execute(query).scalar_one()), None)
        else:
            standing = Standing(decision.verdict.value)
        self.connection.execute(
            _SETTLE,
            {
                "b_finding": finding,
                "standing": standing.value,
                "decision": decision.id if decision else None,
                "decided_by": decision.by if decision else None,
                "decided_at": decision.at if decision else None,
            },
        )


class KnownAnswers(Repository[KnownAnswer]):
    """Findings whose answer is known."""

    table = tables.known_answer
    kind = KnownAnswer

    def unseen_by(self, reviewer: str, after: str) -> KnownAnswer | None:
        """A known answer the reviewer was never given: the next after `after` in the order of ids, going round."""
        blind = tables.blind_review
        given = select(blind.c.finding).where(blind.c.reviewer == reviewer)
        for where in (self.table.c.finding >= after, self.table.c.finding < after):
            found = self.first(where, self.table.c.finding.not_in(given))
            if found is not None:
                return found
        return None


class BlindReviews(Repository[BlindReview]):
    """Looks that measure reviewers, answered or not."""

    table = tables.blind_review
    kind = BlindReview

    def of(self, finding: str, reviewer: str) -> BlindReview | None:
        """The look that this reviewer was given at this finding."""
        return self.first(self.table.c.finding == finding, self.table.c.reviewer == reviewer)

    def progress_of(self, reviewer: str, but: str = "") -> tuple[str | None, int]:
        """
        The finding of a look in sight that the reviewer was given and has not answered, and how many verdicts they
        entered, those that measure them among it. `but` names a look that is being answered.
        """
        row = self.connection.execute(
            _progress(self.connection, self.scope), {"b_reviewer": reviewer, "b_but": but}
        ).one()
        return row.waiting, int(row.steps)

    def keep(self, review: BlindReview) -> None:
        """Insert a look, or its answer."""
        self.put([review], keys=("finding", "reviewer"))

    def answered(self, kind: BlindKind) -> list[BlindReview]:
        """Every answered look of one kind."""
        return self.find(self.table.c.kind == kind.value, self.table.c.verdict.is_not(None))


@made_once
def _with_looks(connection: Connection, scope: Scope) -> Select[Any]:
    table, blind = tables.review_item, tables.blind_review
    waits = and_(
        blind.c.finding == table.c.finding,
        blind.c.reviewer == bindparam("b_reviewer"),
        blind.c.verdict.is_(None),
    )
    return (
        select(table, blind.c.finding.label("look"))
        .outerjoin(blind, waits)
        .where(*ReviewItems(connection, scope).narrowed())
        .where(table.c.finding.in_(bindparam("b_findings", expanding=True)))
    )


@made_once
def _progress(connection: Connection, scope: Scope) -> Select[Any]:
    table, item, decision = tables.blind_review, tables.review_item, tables.decision
    reviewer: BindParameter[str] = bindparam("b_reviewer")
    waiting = (
        select(table.c.finding)
        .join(item, item.c.finding == table.c.finding)
        .where(table.c.reviewer == reviewer, table.c.verdict.is_(None), table.c.finding != bindparam("b_but"))
        .where(*ReviewItems(connection, scope).narrowed())
        .order_by(table.c.finding)
        .limit(1)
    )
    decided = select(func.count()).select_from(decision)
    decided = decided.where(decision.c.by == reviewer, decision.c.undoes.is_(None))
    looked = select(func.count()).select_from(table)
    looked = looked.where(table.c.reviewer == reviewer, table.c.verdict.is_not(None))
    return select(
        waiting.scalar_subquery().label("waiting"),
        (decided.scalar_subquery() + looked.scalar_subquery()).label("steps"),
    )


_SETTLE = tables.review_item.update().where(tables.review_item.c.finding == bindparam("b_finding"))

_SOURCE = (
    select(
        tables.finding.c.id,
        tables.finding.c.listing,
        tables.finding.c.right,
        tables.finding.c.holder,
        tables.finding.c.product,
        tables.finding.c.band,
        tables.finding.c.infringement_class,
        tables.finding.c.identity_probability,
        tables.finding.c.found_at,
        tables.finding.c.comparison,
        tables.listing.c.platform,
        tables.listing.c.seller,
        tables.observation.c.fields,
        tables.listing_image.c.sha256.label("photo"),
    )
    .join(tables.listing, tables.listing.c.id == tables.finding.c.listing)
    .join(tables.comparison, tables.comparison.c.id == tables.finding.c.comparison)
    .join(tables.observation, tables.observation.c.id == tables.comparison.c.observation)
    .outerjoin(
        tables.listing_image,
        and_(tables.listing_image.c.listing == tables.listing.c.id, tables.listing_image.c.position == 0),
    )
)


def _values(row: Any) -> dict[str, Any]:  # Any: a row of _SOURCE, column values
    fields = codec.from_json(ListingFields, row.fields)
    title = fields.title.value if fields.title else ""
    price = fields.price.value if fields.price else None
    minor = price.minor if price else None
    if minor is not None and abs(minor) > PRICE_MOST:
        price = minor = None
    names = ("listing", "right", "holder", "product", "platform", "seller", "photo", "band", "comparison")
    return {
        "finding": row.id,
        **{name: getattr(row, name) for name in names},
        "title": title[:TITLE_CHARS],
        "gtin": fields.gtin.value[:GTIN_CHARS] if fields.gtin else None,
        "price_minor": minor,
        "currency": price.currency if price else None,
        "twin": row.photo or row.id,
        "infringement_class": row.infringement_class,
        "identity_probability": row.identity_probability,
        "found_at": row.found_at,
    }
