"""Letters that could not be taken in from mailboxes on mail servers, each with the time of its next try."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0030"
down_revision = "r0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "waiting_letter",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("mailbox", sa.String(300), nullable=False, comment="address as declared: server, account, mailbox"),
        sa.Column("validity", sa.BigInteger(), nullable=False, comment="UIDVALIDITY, by which its UIDs count"),
        sa.Column("uid", sa.BigInteger(), nullable=False, comment="UID"),
        sa.Column("tries", sa.Integer(), nullable=False, comment="times it was tried"),
        sa.Column("because", sa.Text(), nullable=False, comment="what the latest try came to"),
        sa.Column("since", UtcDateTime(), nullable=False, comment="when it was first tried"),
        sa.Column("next_at", UtcDateTime(), nullable=False, comment="not tried before"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_letter")),
        sa.UniqueConstraint("mailbox", "validity", "uid", name=op.f("uq_waiting_letter_mailbox_validity_uid")),
        comment="letters of mailboxes on mail servers that could not be taken in, and when each is tried again",
    )


def downgrade() -> None:
    """Without it every letter that fails is tried at every look."""
    op.drop_table("waiting_letter")
