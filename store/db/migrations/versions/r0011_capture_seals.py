"""Logs of captures, sealed and stamped by time authorities while the captures are fresh."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No capture was sealed before this revision: a bundle of an older one says that its time is the export's."""
    op.create_table(
        "capture_seal",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("statement_sha256", sa.String(64), nullable=False, comment="what was signed"),
        sa.Column("signature_sha256", sa.String(64), nullable=False, comment="the signature file"),
        sa.Column("leaves_sha256", sa.String(64), nullable=False, comment="every leaf hash, one after the other"),
        sa.Column("key_id", sa.String(300), nullable=False, comment="the signing key"),
        sa.Column("leaves", sa.Integer(), nullable=False, comment="how many captures"),
        sa.Column("authorities", Json, nullable=False, comment="names of the time authorities asked"),
        sa.Column("captured_from", UtcDateTime(), nullable=False, comment="the first capture"),
        sa.Column("captured_to", UtcDateTime(), nullable=False, comment="the last capture"),
        sa.Column("sealed_at", UtcDateTime(), nullable=False, comment="by this machine's clock"),
        sa.Column("tries", sa.Integer(), nullable=False, comment="at asking for tokens that are missing"),
        sa.Column("next_at", UtcDateTime(), comment="when they are asked for; null: none is missing"),
        sa.Column("because", sa.Text(), comment="why one is missing, as last told"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture_seal")),
        comment="sealed logs of captures; their parts are in the vault",
    )
    op.create_index("ix_capture_seal_next_at", "capture_seal", ["next_at"])
    op.create_table(
        "time_token",
        sa.Column("seal", sa.String(36), nullable=False, comment="capture_seal id"),
        sa.Column("authority", sa.String(300), nullable=False, comment="its name in this workspace"),
        sa.Column("query_sha256", sa.String(64), nullable=False, comment="what was asked, in the vault"),
        sa.Column("response_sha256", sa.String(64), nullable=False, comment="the answer, in the vault"),
        sa.Column("stamped_at", UtcDateTime(), nullable=False, comment="by the authority's clock"),
        sa.Column("qualified", sa.Boolean(), nullable=False, comment="the word of whoever configured it"),
        sa.PrimaryKeyConstraint("seal", "authority", name=op.f("pk_time_token")),
        comment="tokens of time authorities over seals",
    )
    op.create_table(
        "sealed_leaf",
        sa.Column("capture", sa.String(36), nullable=False, comment="Capture id"),
        sa.Column("seal", sa.String(36), nullable=False, comment="in which log"),
        sa.Column("position", sa.Integer(), nullable=False, comment="place in it, from 0"),
        sa.Column("record_sha256", sa.String(64), nullable=False, comment="the record that was hashed, in the vault"),
        sa.ForeignKeyConstraint(["seal"], ["capture_seal.id"], name=op.f("fk_sealed_leaf_seal")),
        sa.PrimaryKeyConstraint("capture", name=op.f("pk_sealed_leaf")),
        comment="where each capture stands in a sealed log",
    )
    op.create_index("ix_sealed_leaf_seal", "sealed_leaf", ["seal"])


def downgrade() -> None:
    """The seals stay in the vault; which captures they hold is no longer told."""
    op.drop_table("sealed_leaf")
    op.drop_table("time_token")
    op.drop_table("capture_seal")
