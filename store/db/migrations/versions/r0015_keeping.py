"""Tombstones of erased bytes, and legal holds."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0015"
down_revision = "r0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was erased or held before this revision."""
    op.create_table(
        "tombstone",
        sa.Column("sha256", sa.String(64), nullable=False, comment="of what was erased"),
        sa.Column(
            "reason",
            sa.String(300),
            nullable=False,
            comment="unlawful_content, court_order, person_asked, taken_by_mistake",
        ),
        sa.Column("legal_basis", sa.Text(), nullable=False, comment="in words, with its source"),
        sa.Column("by", sa.String(300), nullable=False, comment="who decided"),
        sa.Column("second", sa.String(300), nullable=False, comment="who decided with them"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, comment="how many they were"),
        sa.Column("is_sealed_away", sa.Boolean(), nullable=False, comment="the quarantine holds them"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_tombstone")),
        comment="bytes erased by decision; they are never stored again",
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("kind", sa.String(300), nullable=False, comment="case, listing, seller"),
        sa.Column("subject", sa.String(36), nullable=False, comment="id of the subject"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, in words"),
        sa.Column("by", sa.String(300), nullable=False, comment="who ordered it"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="since when"),
        sa.Column("released_by", sa.String(300), comment="who released it; null: it stands"),
        sa.Column("released_at", UtcDateTime(), comment="when it was released; null: it stands"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        comment="what must not be purged or forgotten",
    )
    op.create_index("ix_legal_hold_subject", "legal_hold", ["subject"])


def downgrade() -> None:
    """What was erased stays so in the vault; why is no longer told here."""
    op.drop_table("legal_hold")
    op.drop_table("tombstone")
