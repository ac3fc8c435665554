"""Accounts of people at an issuer, and tries to sign in there."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0024"
down_revision = "r0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables."""
    op.create_table(
        "identity",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("issuer", sa.String(300), nullable=False, comment="its address, as its tokens name it"),
        sa.Column("subject", sa.String(300), nullable=False, comment="its name of the person"),
        sa.Column("account", sa.String(36), nullable=False, comment="what it opens"),
        sa.Column("linked_by", sa.String(300), nullable=False, comment="who linked them"),
        sa.Column("linked_at", UtcDateTime(), nullable=False, comment="when"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_identity_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
        comment="subjects of an issuer and the accounts they open",
    )
    op.create_index("ix_identity_account", "identity", ["account"])
    op.create_table(
        "sign_in_try",
        sa.Column("state_sha256", sa.String(64), nullable=False, comment="of the state that went along"),
        sa.Column("browser_sha256", sa.String(64), nullable=False, comment="of what this browser's cookie holds"),
        sa.Column("next", sa.Text(), nullable=False, comment="where the person wanted to"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when"),
        sa.PrimaryKeyConstraint("state_sha256", name=op.f("pk_sign_in_try")),
        comment="browsers that were sent to an issuer, each good for one way back",
    )


def downgrade() -> None:
    """Names and passwords of our own stay; nobody comes in from an issuer."""
    op.drop_table("sign_in_try")
    op.drop_table("identity")
