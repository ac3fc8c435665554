"""Who has which offer before them: a reviewer holds one at a time, for a while."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import BindParameter, Connection, Insert, bindparam, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from store.db.columns import UtcDateTime
from store.db.rows import insert_into
from store.db.tables import review_hold, review_item

Offer = tuple[str, str]
"""Case id and twin of `review_item`: copies of one offer are held together."""


class ReviewHolds:
    """Holds of all reviewers; they narrow nothing and decide nothing, so that losing them loses nothing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def holder(self, offer: Offer, now: datetime) -> str | None:
        """Who holds an offer; None where nobody does."""
        table = review_hold
        statement = select(table.c.reviewer).where(
            table.c.case == offer[0], table.c.twin == offer[1], table.c.until > now
        )
        return self.connection.execute(statement).scalar()

    def take(self, reviewer: str, offer: Offer, now: datetime, until: datetime) -> bool:
        """Hold an offer and let go of the one before; False where somebody else holds it, and nothing changes."""
        values = {"b_case": offer[0], "b_twin": offer[1], "b_reviewer": reviewer}
        taken = self.connection.execute(
            _take(self.connection.dialect.name), {**values, "b_until": until, "b_now": now}
        )
        if taken.rowcount < 1:
            return False
        self.connection.execute(_LET_OTHERS_GO, values)
        return True

    def let_go(self, reviewer: str) -> None:
        """Hold nothing any more."""
        self.connection.execute(review_hold.delete().where(review_hold.c.reviewer == reviewer))


def _nobody_else_holds() -> ColumnElement[bool]:
    table, item = review_hold, review_item
    held = select(literal(1)).where(
        table.c.case == item.c.case,
        table.c.twin == item.c.twin,
        table.c.until > bindparam("b_now", type_=UtcDateTime()),
        table.c.reviewer != bindparam("b_reviewer"),
    )
    return ~held.correlate(item).exists()


FREE = _nobody_else_holds()
"""The condition on `review_item` that nobody but `b_reviewer` holds the offer at `b_now`."""


@cache
def _take(dialect_name: str) -> Insert:
    table = review_hold
    reviewer: BindParameter[str] = bindparam("b_reviewer")
    until = bindparam("b_until", type_=UtcDateTime())
    statement = insert_into(dialect_name, table).values(
        case=bindparam("b_case"), twin=bindparam("b_twin"), reviewer=reviewer, until=until
    )
    return statement.on_conflict_do_update(
        index_elements=["case", "twin"],
        set_={"reviewer": statement.excluded.reviewer, "until": statement.excluded.until},
        where=or_(
            table.c.until <= bindparam("b_now", type_=UtcDateTime()),
            table.c.reviewer == statement.excluded.reviewer,
        ),
    )


_LET_OTHERS_GO = review_hold.delete().where(
    review_hold.c.reviewer == bindparam("b_reviewer"),
    or_(review_hold.c.case != bindparam("b_case"), review_hold.c.twin != bindparam("b_twin")),
)
