"""How deliveries stand and why, and the clock of each platform that batches are sent to."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was ever sent before this revision: deliveries that wait need none of the new columns."""
    op.add_column("outbox", sa.Column("because", sa.Text(), comment="why it stands so, in words"))
    op.add_column("outbox", sa.Column("receipt", sa.String(300), comment="the recipient's own reference"))
    op.add_column("outbox", sa.Column("answer_sha256", sa.String(64), comment="the latest answer, in the vault"))
    op.add_column("outbox", sa.Column("settled_at", UtcDateTime(), comment="since when nothing more is to be done"))
    op.create_index("ix_outbox_state_not_before", "outbox", ["state", "not_before"])
    op.create_table(
        "recipient",
        sa.Column("platform", sa.String(300), nullable=False, comment="platform name"),
        sa.Column("next_at", UtcDateTime(), nullable=False, comment="no request before this time"),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_recipient")),
        comment="the clock of each platform that batches are sent to",
    )


def downgrade() -> None:
    """What was settled stays settled; why it was is in the audit trail."""
    op.drop_table("recipient")
    op.drop_index("ix_outbox_state_not_before", table_name="outbox")
    for name in ("settled_at", "answer_sha256", "receipt", "because"):
        op.drop_column("outbox", name)
