"""Keys to the outer doors: links to batches, receipts, keys of programs."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0016"
down_revision = "r0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No outer door was open before this revision."""
    op.create_table(
        "batch_link",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("batch", sa.String(36), nullable=False, comment="what it opens"),
        sa.Column("made_by", sa.String(300), nullable=False, comment="who made it"),
        sa.Column("made_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("expires_at", UtcDateTime(), nullable=False, comment="when it ends"),
        sa.Column("opened_at", UtcDateTime(), comment="when a browser opened it; null: none has"),
        sa.Column("opener_sha256", sa.String(64), comment="of that browser's cookie"),
        sa.Column("revoked_at", UtcDateTime(), comment="since when it is void; null: not"),
        sa.Column("revoked_by", sa.String(300), comment="who made it void"),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_batch_link_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_link")),
        comment="signed links to one batch each",
    )
    op.create_index("ix_batch_link_batch", "batch_link", ["batch"])
    op.create_index("ix_batch_link_opener_sha256", "batch_link", ["opener_sha256"])
    op.create_table(
        "answer_receipt",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("batch", sa.String(36), nullable=False, comment="answers to which batch"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("by", sa.String(300), nullable=False, comment="who handed them in"),
        sa.Column("via", sa.String(300), nullable=False, comment="link, api"),
        sa.Column("lines_sha256", sa.String(64), nullable=False, comment="every line with its fate, in the vault"),
        sa.Column("counts", Json, nullable=False, comment="lines by fate"),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_answer_receipt_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_receipt")),
        comment="what was said of answers as they were handed in",
    )
    op.create_index("ix_answer_receipt_batch", "answer_receipt", ["batch"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("name", sa.String(300), nullable=False, comment="who acts under it"),
        sa.Column("secret_sha256", sa.String(64), nullable=False, comment="of the secret, which is stored nowhere"),
        sa.Column("scopes", Json, nullable=False, comment="what it may do"),
        sa.Column("holder", sa.String(36), comment="sees only this holder's records; null: every holder's"),
        sa.Column("platform", sa.String(300), comment="sees only batches to this platform; null: all"),
        sa.Column("compartment", sa.String(300), comment="sees only this compartment; null: all"),
        sa.Column("made_by", sa.String(300), nullable=False, comment="who made it"),
        sa.Column("made_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("expires_at", UtcDateTime(), comment="when it ends; null: when it is revoked"),
        sa.Column("revoked_at", UtcDateTime(), comment="since when it is void; null: not"),
        sa.ForeignKeyConstraint(["holder"], ["party.id"], name=op.f("fk_api_key_holder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_api_key_secret_sha256")),
        comment="keys of programs",
    )
    op.create_index("ix_api_key_holder", "api_key", ["holder"])
    op.create_table(
        "api_reply",
        sa.Column("key", sa.String(36), nullable=False, comment="ApiKey id"),
        sa.Column("idempotency_key", sa.String(300), nullable=False, comment="as the program named the request"),
        sa.Column("request_sha256", sa.String(64), nullable=False, comment="of method, path and body"),
        sa.Column("status", sa.Integer(), nullable=False, comment="of the answer"),
        sa.Column("body", sa.Text(), nullable=False, comment="the answer"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when"),
        sa.PrimaryKeyConstraint("key", "idempotency_key", name=op.f("pk_api_reply")),
        comment="what requests under an idempotency key were answered",
    )


def downgrade() -> None:
    """What was handed in stays in the vault; every link and key is void."""
    op.drop_table("api_reply")
    op.drop_table("api_key")
    op.drop_table("answer_receipt")
    op.drop_table("batch_link")
