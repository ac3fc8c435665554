"""Listings looked at again, and what that proves."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0014"
down_revision = "r0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was looked at in this way before this revision."""
    op.create_table(
        "recheck",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("listing", sa.String(36), nullable=False, comment="of which listing"),
        sa.Column("run", sa.String(36), nullable=False, comment="of the looks and the control pages"),
        sa.Column("purpose", sa.String(300), nullable=False, comment="case, sending, removal"),
        sa.Column("judged_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("presence", sa.String(300), nullable=False, comment="present, changed, absent, unknown"),
        sa.Column("reasons", Json, nullable=False, comment="sentences: what it rests on"),
        sa.Column("divergent", sa.Boolean(), nullable=False, comment="the looks were shown different things"),
        sa.Column("differences", Json, nullable=False, comment="between the looks, and from what was captured"),
        sa.Column("sights", Json, nullable=False, comment="what each look saw, and each control page"),
        sa.Column(
            "baseline", sa.String(300), nullable=True, comment="Observation id it was held against; null: none was there"
        ),
        sa.Column("by", sa.String(300), nullable=False, comment="who asked for it"),
        sa.ForeignKeyConstraint(["listing"], ["listing.id"], name=op.f("fk_recheck_listing")),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_recheck_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck")),
        comment="listings looked at again with control pages, and what that proves; never changed",
    )
    op.create_index(op.f("ix_recheck_listing"), "recheck", ["listing"])
    op.create_index(op.f("ix_recheck_run"), "recheck", ["run"])


def downgrade() -> None:
    """The captures of every look stay."""
    op.drop_index(op.f("ix_recheck_run"), table_name="recheck")
    op.drop_index(op.f("ix_recheck_listing"), table_name="recheck")
    op.drop_table("recheck")
