"""Platforms that a power of attorney names, and the sentences that make a case's priority."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json

revision = "r0026"
down_revision = "r0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """
    Add the columns: mandates so far hold at every platform, and the next building of cases writes the sentences.

    Added in place: a table that others point to cannot be made anew while it holds rows.
    """
    op.add_column(
        "mandate",
        sa.Column(
            "platforms", Json, nullable=False, server_default=sa.text("'[]'"), comment="names; empty: at every platform"
        ),
    )
    op.add_column(
        "case",
        sa.Column(
            "reasons",
            Json,
            nullable=False,
            server_default=sa.text("'[]'"),
            comment="the sentences that make its priority, the weightiest first",
        ),
    )


def downgrade() -> None:
    """Take the columns back; a mandate for some platforms holds at all of them again."""
    op.drop_column("case", "reasons")
    op.drop_column("mandate", "platforms")
