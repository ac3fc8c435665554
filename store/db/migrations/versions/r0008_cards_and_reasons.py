"""Looks read off a card of a result page, and why a listing is in the state that a look saw."""

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """
    Add the columns: every look so far was one at a listing's own page.

    Added in place: a table that others point to cannot be made anew while it holds rows.
    """
    op.add_column(
        "observation",
        sa.Column(
            "on_card",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="read off a card of a result page, its own page not opened",
        ),
    )
    op.add_column(
        "observation",
        sa.Column("because", sa.Text(), comment="why it is in that state; null: its page shows the offer"),
    )


def downgrade() -> None:
    """Take the columns back; a look off a card stays, as one that read few fields."""
    op.drop_column("observation", "because")
    op.drop_column("observation", "on_card")
