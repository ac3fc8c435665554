"""Hops of streams as rows of their own, beside the one look that leads to them."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; looks that hold their chain themselves keep it."""
    op.create_table(
        "stream_hop",
        sa.Column("observation", sa.String(36), nullable=False, comment="Observation id"),
        sa.Column("place", sa.String(64), nullable=False, comment="SHA-256 of the address"),
        sa.Column(
            "role",
            sa.String(300),
            nullable=False,
            comment="protector, redirect, player, manifest, segment_host, magnet, file_host",
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="where it stands; of a segment host its name"),
        sa.Column("capture", sa.String(300), nullable=True, comment="Capture id; null: not fetched"),
        sa.Column("found_in", sa.String(300), nullable=True, comment="Capture id of the page that named it"),
        sa.Column("named_at", UtcDateTime(), nullable=False, comment="when it was first named"),
        sa.PrimaryKeyConstraint("observation", "place", name=op.f("pk_stream_hop")),
        comment="what a look at a stream leads to, found after the look",
    )


def downgrade() -> None:
    """Drop the table; chains lose what came after the look, the captures stay."""
    op.drop_table("stream_hop")
