"""Uploads that are taken in part by part."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0025"
down_revision = "r0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "upload",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("holder", sa.String(36), nullable=False, comment="whose"),
        sa.Column("by", sa.String(300), nullable=False, comment="who handed it in"),
        sa.Column("kind", sa.String(300), nullable=False, comment="rights, products, references, works, sellers"),
        sa.Column("is_trial", sa.Boolean(), nullable=False, comment="says what would happen, writes nothing"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="of the whole sheet"),
        sa.Column("done", sa.Integer(), nullable=False, comment="dealt with, in the order of the sheet"),
        sa.Column("added", sa.Integer(), nullable=False, comment="new rows"),
        sa.Column("changed", sa.Integer(), nullable=False, comment="changed rows"),
        sa.Column("unchanged", sa.Integer(), nullable=False, comment="rows as they were"),
        sa.Column("refused", sa.Integer(), nullable=False, comment="rows left out"),
        sa.Column("refusals", Json, nullable=False, comment="the first of them, with what to do"),
        sa.Column("stopped", sa.Integer(), nullable=False, comment="pictures and marks that the gate stops"),
        sa.Column("stops", Json, nullable=False, comment="the first of them, with why"),
        sa.Column("state", sa.String(300), nullable=False, comment="waiting, done, refused"),
        sa.Column("because", sa.Text(), nullable=True, comment="why it was refused as a whole; null: it was not"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when it was handed in"),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="when the last row was dealt with"),
        sa.Column("lease_owner", sa.String(300), nullable=True, comment="worker that takes it in; null: none"),
        sa.Column("lease_until", UtcDateTime(), nullable=True, comment="until when no other worker takes it"),
        sa.ForeignKeyConstraint(["holder"], ["party.id"], name=op.f("fk_upload_holder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        comment="what holders handed in that takes longer than a request, and how far each is",
    )
    op.create_index("ix_upload_holder", "upload", ["holder"])
    op.create_index("ix_upload_state", "upload", ["state"])


def downgrade() -> None:
    """Uploads under way are lost; what was taken in stays."""
    op.drop_table("upload")
