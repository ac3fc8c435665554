"""The audit trail's sealer finds what it has to seal, however long the trail."""

import sqlalchemy as sa
from alembic import op

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None

_UNSEALED = sa.text("sequence IS NULL")


def upgrade() -> None:
    """Entries from before this revision are sealed with the first batches."""
    op.create_index(
        "ix_audit_entry_unsealed", "audit_entry", ["id"], sqlite_where=_UNSEALED, postgresql_where=_UNSEALED
    )


def downgrade() -> None:
    """Numbers and links stay."""
    op.drop_index("ix_audit_entry_unsealed", table_name="audit_entry")
