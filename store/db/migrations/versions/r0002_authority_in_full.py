"""A permission to go past robots.txt in full: who entered, approved and revoked it, and under which name it goes."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Nothing could enter a permission before, so no row has to be filled."""
    with op.batch_alter_table("authority") as table:
        table.alter_column(
            "second_approver",
            existing_type=sa.String(300),
            nullable=True,
            comment="who else approved it; null: nobody yet",
            existing_comment="who else approved it",
        )
        table.add_column(
            sa.Column("user_agent", sa.String(300), comment="under which name requests go; null: Marque's own")
        )
        table.add_column(sa.Column("entered_by", sa.String(300), nullable=False, comment="who entered it"))
        table.add_column(sa.Column("entered_at", UtcDateTime(), nullable=False, comment="when it was entered"))
        table.add_column(
            sa.Column("approved_at", UtcDateTime(), comment="when the second person approved it; null: not yet")
        )
        table.add_column(sa.Column("revoked_at", UtcDateTime(), comment="since when it is void; null: it is not"))
        table.add_column(sa.Column("revoked_by", sa.String(300), comment="who revoked it"))


def downgrade() -> None:
    """Take the columns back; a permission nobody approved goes, since it could not be kept."""
    op.execute("DELETE FROM authority WHERE second_approver IS NULL")
    with op.batch_alter_table("authority") as table:
        for name in ("revoked_by", "revoked_at", "approved_at", "entered_at", "entered_by", "user_agent"):
            table.drop_column(name)
        table.alter_column(
            "second_approver",
            existing_type=sa.String(300),
            nullable=False,
            comment="who else approved it",
            existing_comment="who else approved it; null: nobody yet",
        )
