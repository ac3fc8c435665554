"""By what servers tell that a page is unchanged, and the captures of answers that say so."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every capture so far brought bytes of its own; the column is added in place, because others point there."""
    op.add_column(
        "capture",
        sa.Column(
            "unchanged_since",
            sa.String(300),
            nullable=True,
            comment="Capture id whose bytes the server said still stand (304)",
        ),
    )
    op.create_table(
        "validator",
        sa.Column("fingerprint", sa.String(64), nullable=False, comment="of the fetch, the same in every run"),
        sa.Column("url", sa.Text(), nullable=False, comment="the address that gave it"),
        sa.Column("etag", sa.Text(), nullable=True, comment="as sent"),
        sa.Column("last_modified", sa.String(300), nullable=True, comment="as sent"),
        sa.Column("capture", sa.String(300), nullable=False, comment="Capture id: the bytes it speaks of"),
        sa.Column("kept_at", UtcDateTime(), nullable=False, comment="when those were fetched"),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_validator")),
        comment="by what servers tell whether a page has changed since it was had",
    )
    op.create_index(op.f("ix_validator_kept_at"), "validator", ["kept_at"], unique=False)


def downgrade() -> None:
    """Every page is asked in full again; a capture of a 304 keeps the digest of the bytes that stood."""
    op.drop_index(op.f("ix_validator_kept_at"), table_name="validator")
    op.drop_table("validator")
    op.drop_column("capture", "unchanged_since")
