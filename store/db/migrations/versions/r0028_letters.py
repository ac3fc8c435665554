"""Letters that were taken in from mailboxes on mail servers."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0028"
down_revision = "r0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "letter",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("mailbox", sa.String(300), nullable=False, comment="address as declared: server, account, mailbox"),
        sa.Column("validity", sa.BigInteger(), nullable=False, comment="UIDVALIDITY, by which its UIDs count"),
        sa.Column("uid", sa.BigInteger(), nullable=False, comment="UID"),
        sa.Column("is_readable", sa.Boolean(), nullable=False, comment="no: it is flagged there for a person"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when it was taken in"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("mailbox", "validity", "uid", name=op.f("uq_letter_mailbox_validity_uid")),
        comment="letters of mailboxes on mail servers that were taken in, so that none is taken twice",
    )


def downgrade() -> None:
    """Letters are read once more; what was entered is known, and nothing is entered twice."""
    op.drop_table("letter")
