"""Webhooks that wait: paused by a person, or because their receiver wants no more."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0029"
down_revision = "r0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three columns; whoever is told goes on being told."""
    add = op.add_column
    add("webhook", sa.Column("paused_at", UtcDateTime(), comment="since when it waits; null: it is told"))
    who = "who paused it; null: its receiver, which wants no more"
    add("webhook", sa.Column("paused_by", sa.String(300), comment=who))
    add("webhook", sa.Column("paused_because", sa.Text(), comment="why"))


def downgrade() -> None:
    """Without them whoever waited is told again."""
    for column in ("paused_because", "paused_by", "paused_at"):
        op.drop_column("webhook", column)
