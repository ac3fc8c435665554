"""Tips: addresses that somebody says to look at."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0023"
down_revision = "r0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "tip",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("url", sa.Text(), nullable=False, comment="the address"),
        sa.Column("holder", sa.String(36), nullable=True, comment="whose program brought it; null: the unit's own"),
        sa.Column("compartment", sa.String(300), nullable=True, comment="who may see it; null: all"),
        sa.Column("by", sa.String(300), nullable=False, comment="who brought it"),
        sa.Column("via", sa.String(300), nullable=False, comment="api, desk, cli"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("state", sa.String(300), nullable=False, comment="open, accepted, looked, failed, dismissed"),
        sa.Column("decided_by", sa.String(300), nullable=True, comment="who accepted or dismissed it; null: nobody yet"),
        sa.Column("decided_at", UtcDateTime(), nullable=True, comment="when"),
        sa.Column("because", sa.Text(), nullable=True, comment="why it was dismissed, or what the look came to"),
        sa.Column("run", sa.String(36), nullable=True, comment="of the look; null: none yet"),
        sa.Column("listing", sa.String(36), nullable=True, comment="what it offers; null: nothing, or not looked at"),
        sa.Column("lease_until", UtcDateTime(), nullable=True, comment="until when no other worker takes it"),
        sa.ForeignKeyConstraint(["holder"], ["party.id"], name=op.f("fk_tip_holder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip")),
        comment="addresses that somebody says to look at",
    )
    op.create_index("ix_tip_holder", "tip", ["holder"])
    op.create_index("ix_tip_state", "tip", ["state"])


def downgrade() -> None:
    """Tips are lost; what was captured for them stays."""
    op.drop_table("tip")
