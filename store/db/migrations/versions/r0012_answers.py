"""When a platform decided, by its own word."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No answer was read before this revision."""
    op.add_column(
        "outcome", sa.Column("decided_at", UtcDateTime(), comment="by the platform's word; null: it did not say")
    )


def downgrade() -> None:
    """The answer's bytes, in the vault, still say it."""
    op.drop_column("outcome", "decided_at")
