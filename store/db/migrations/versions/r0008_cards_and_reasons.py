"""Looks read off a card of a result page, and why a listing is in the state that a look saw."""

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: every look so far was one at a listing's own page."""
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
    with op.batch_alter_table("observation") as table:
        table.alter_column("on_card", existing_type=sa.Boolean(), server_default=None)
        table.add_column(
            sa.Column("because", sa.Text(), comment="why it is in that state; null: its page shows the offer")
        )


def downgrade() -> None:
    """Take the columns back; a look off a card stays, as one that read few fields."""
    with op.batch_alter_table("observation") as table:
        table.drop_column("because")
        table.drop_column("on_card")
