"""Who approved an instrument, how long what it asks for is kept, what followed; and whose a hold is."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0021"
down_revision = "r0020"
branch_labels = None
depends_on = None

NEW = ("approved_by", "approved_at", "keeps_until", "renewals", "followed_by")


def upgrade() -> None:
    """Instruments issued before have no clock: nobody entered how long what they asked for is kept."""
    word, when = sa.String(300), UtcDateTime()
    add = op.add_column
    add("instrument", sa.Column("approved_by", word, comment="who read it whole and stands behind it"))
    add("instrument", sa.Column("approved_at", when, comment="when"))
    add("instrument", sa.Column("keeps_until", when, comment="data are kept until then; null: nobody says how long"))
    renewals = sa.Column("renewals", sa.Integer(), nullable=False, server_default="0", comment="how often it was renewed")
    add("instrument", renewals)
    add("instrument", sa.Column("followed_by", word, comment="file number of what followed; null: nothing yet"))
    placed = "whoever placed it was narrowed to; null: none"
    add("takedown_hold", sa.Column("holder", sa.String(36), comment=f"the holder {placed}"))
    add("takedown_hold", sa.Column("compartment", word, comment=f"the compartment {placed}"))


def downgrade() -> None:
    """What was approved and not issued is a draft again; the audit trail still says who approved it."""
    op.execute("UPDATE instrument SET state = 'draft' WHERE state = 'approved'")
    for name in ("compartment", "holder"):
        op.drop_column("takedown_hold", name)
    for name in reversed(NEW):
        op.drop_column("instrument", name)
