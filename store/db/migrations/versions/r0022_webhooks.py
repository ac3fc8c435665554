"""Webhooks: who is told, and the messages."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0022"
down_revision = "r0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables."""
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("name", sa.String(300), nullable=False, comment="what people call it"),
        sa.Column("url", sa.Text(), nullable=False, comment="where messages go"),
        sa.Column("events", Json, nullable=False, comment="what it is told of"),
        sa.Column("holder", sa.String(36), nullable=True, comment="hears of this holder's records; null: every holder's"),
        sa.Column("platform", sa.String(300), nullable=True, comment="hears of what was sent to this platform; null: all"),
        sa.Column("compartment", sa.String(300), nullable=True, comment="hears of this compartment; null: all"),
        sa.Column("read_to", sa.BigInteger(), nullable=False, comment="number of the audit trail up to which it was told"),
        sa.Column("made_by", sa.String(300), nullable=False, comment="who made it"),
        sa.Column("made_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("revoked_at", UtcDateTime(), nullable=True, comment="since when it is told nothing; null: it is told"),
        sa.Column("revoked_by", sa.String(300), nullable=True, comment="who ended it"),
        sa.ForeignKeyConstraint(["holder"], ["party.id"], name=op.f("fk_webhook_holder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        comment="addresses that are told by signed messages",
    )
    op.create_index("ix_webhook_holder", "webhook", ["holder"])
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7; the webhook-id of every attempt"),
        sa.Column("webhook", sa.String(36), nullable=False, comment="to whom"),
        sa.Column("event", sa.String(300), nullable=False, comment="what it tells of"),
        sa.Column("source", sa.String(300), nullable=False, comment="what it was made from"),
        sa.Column("body", sa.Text(), nullable=False, comment="the JSON that is signed: ids, never a personal value"),
        sa.Column("state", sa.String(300), nullable=False, comment="ready, delivered, dead"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="times it was sent"),
        sa.Column("next_at", UtcDateTime(), nullable=True, comment="no attempt before this time; null: none by itself"),
        sa.Column("status", sa.Integer(), nullable=True, comment="HTTP status of the latest attempt; null: no answer"),
        sa.Column("because", sa.Text(), nullable=True, comment="what the latest attempt came to"),
        sa.Column("made_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("settled_at", UtcDateTime(), nullable=True, comment="when it was delivered or given up"),
        sa.Column("lease_owner", sa.String(300), nullable=True, comment="who carries it; null: nobody"),
        sa.Column("lease_until", UtcDateTime(), nullable=True, comment="until when nobody else takes it"),
        sa.ForeignKeyConstraint(["webhook"], ["webhook.id"], name=op.f("fk_webhook_message_webhook")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_message")),
        sa.UniqueConstraint("webhook", "source", name=op.f("uq_webhook_message_webhook_source")),
        comment="messages to webhooks, each with how it stands",
    )
    op.create_index("ix_webhook_message_state", "webhook_message", ["state", "next_at"])


def downgrade() -> None:
    """Nobody is told any more; the audit trail keeps what happened."""
    op.drop_table("webhook_message")
    op.drop_table("webhook")
