"""Test purchases: every step of the goods, with its files."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0018"
down_revision = "r0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No purchase was entered before this revision."""
    op.create_table(
        "purchase_event",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("purchase", sa.Integer(), nullable=False, comment="number that people say aloud"),
        sa.Column("case", sa.String(36), nullable=False, comment="of which case"),
        sa.Column("step", sa.String(300), nullable=False, comment="ordered, received, opened, ..."),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when it happened"),
        sa.Column("by", sa.String(300), nullable=False, comment="who did it"),
        sa.Column("to", sa.String(300), comment="who has the goods from then on"),
        sa.Column("note", sa.Text(), nullable=False, comment="in words"),
        sa.Column("entered_at", UtcDateTime(), nullable=False, comment="when it was entered"),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_purchase_event_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_event")),
        comment="test purchases: every step of the goods",
    )
    op.create_index("ix_purchase_event_case", "purchase_event", ["case"])
    op.create_index("ix_purchase_event_purchase", "purchase_event", ["purchase"])
    op.create_table(
        "purchase_file",
        sa.Column("event", sa.String(36), nullable=False, comment="purchase_event id"),
        sa.Column("name", sa.String(300), nullable=False, comment="as handed in, made safe"),
        sa.Column("sha256", sa.String(64), nullable=False, comment="in the vault"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, comment="size"),
        sa.PrimaryKeyConstraint("event", "name", name=op.f("pk_purchase_file")),
        comment="files of a purchase's steps",
    )


def downgrade() -> None:
    """The files stay in the vault; what they are is no longer told."""
    op.drop_table("purchase_file")
    op.drop_table("purchase_event")
