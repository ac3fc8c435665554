"""Who has which offer before them: a reviewer holds one at a time, for a while."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from store.db.rows import insert_into
from store.db.tables import review_hold, review_item

Offer = tuple[str, str]
"""Case id and twin of `review_item`: copies of one offer are held together."""


class ReviewHolds:
    """Holds of all reviewers; they narrow nothing and decide nothing, so that losing them loses nothing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def free_for(self, reviewer: str, now: datetime) -> ColumnElement[bool]:
        """The condition on `review_item` that nobody else holds the offer."""
        table, item = review_hold, review_item
        held = select(literal(1)).where(
            table.c.case == item.c.case,
            table.c.twin == item.c.twin,
            table.c.until > now,
            table.c.reviewer != reviewer,
        )
        return ~held.correlate(item).exists()

    def holder(self, offer: Offer, now: datetime) -> str | None:
        """Who holds an offer; None where nobody does."""
        table = review_hold
        statement = select(table.c.reviewer).where(
            table.c.case == offer[0], table.c.twin == offer[1], table.c.until > now
        )
        return self.connection.execute(statement).scalar()

    def take(self, reviewer: str, offer: Offer, now: datetime, until: datetime) -> bool:
        """Hold an offer and let go of the one before; False where somebody else holds it, and nothing changes."""
        table = review_hold
        values = {"case": offer[0], "twin": offer[1], "reviewer": reviewer, "until": until}
        statement = insert_into(self.connection.dialect.name, table).values(**values)
        taken = self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["case", "twin"],
                set_={"reviewer": reviewer, "until": until},
                where=or_(table.c.until <= now, table.c.reviewer == reviewer),
            )
        )
        if taken.rowcount < 1:
            return False
        self.connection.execute(
            table.delete().where(
                table.c.reviewer == reviewer, or_(table.c.case != offer[0], table.c.twin != offer[1])
            )
        )
        return True

    def let_go(self, reviewer: str) -> None:
        """Hold nothing any more."""
        self.connection.execute(review_hold.delete().where(review_hold.c.reviewer == reviewer))
