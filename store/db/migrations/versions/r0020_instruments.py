"""Orders, requests to preserve and referrals; holds on notices."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0020"
down_revision = "r0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables."""
    op.create_table(
        "instrument",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("number", sa.Integer(), nullable=False, comment="counts up"),
        sa.Column("form", sa.String(300), nullable=False, comment="name of the form"),
        sa.Column("form_version", sa.Integer(), nullable=False, comment="version of the form"),
        sa.Column("case", sa.String(36), nullable=False, comment="of which case"),
        sa.Column("domain", sa.String(300), nullable=True, comment="the site it is about; null: items of a platform"),
        sa.Column(
            "sections",
            Json,
            nullable=False,
            comment="elements, each with its words, what carries them and who demands them",
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="as drafted, whole"),
        sa.Column("text_sha256", sa.String(64), nullable=False, comment="of the text"),
        sa.Column("state", sa.String(300), nullable=False, comment="draft, issued, withdrawn"),
        sa.Column("preserves", sa.Boolean(), nullable=False, comment="asks that data be kept"),
        sa.Column("drafted_by", sa.String(300), nullable=False, comment="who drafted it"),
        sa.Column("drafted_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("issued_by", sa.String(300), nullable=True, comment="who signed and sent it; null: nobody yet"),
        sa.Column("issued_at", UtcDateTime(), nullable=True, comment="when"),
        sa.Column("reference", sa.String(300), nullable=True, comment="the file number it went out under"),
        sa.Column("compartment", sa.String(300), nullable=True, comment="compartment of its case"),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_instrument_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument")),
        sa.UniqueConstraint("number", name=op.f("uq_instrument_number")),
        comment="orders, requests to preserve and referrals, as drafted",
    )
    op.create_index(op.f("ix_instrument_case"), "instrument", ["case"], unique=False)
    op.create_table(
        "takedown_hold",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("kind", sa.String(300), nullable=False, comment="silence, preserve_first"),
        sa.Column("unit", sa.String(300), nullable=False, comment="whose hold"),
        sa.Column("because", sa.Text(), nullable=False, comment="why; read by nobody whom it stops"),
        sa.Column("placed_by", sa.String(300), nullable=False, comment="who placed it"),
        sa.Column("placed_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("until", UtcDateTime(), nullable=True, comment="when it ends by itself; null: when it is lifted"),
        sa.Column("platform", sa.String(300), nullable=True, comment="platform name; null: any"),
        sa.Column(
            "platform_item_id", sa.String(300), nullable=True, comment="the platform's id of the item; null: any"
        ),
        sa.Column(
            "platform_seller_id", sa.String(300), nullable=True, comment="the platform's id of the account; null: any"
        ),
        sa.Column("domain", sa.String(300), nullable=True, comment="host or a domain above it; null: any"),
        sa.Column("right", sa.String(36), nullable=True, comment="Right id; null: any"),
        sa.Column("lifted_at", UtcDateTime(), nullable=True, comment="when; null: it stands"),
        sa.Column("lifted_by", sa.String(300), nullable=True, comment="who lifted it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takedown_hold")),
        comment="units' words that nothing be sent about something for now",
    )


def downgrade() -> None:
    """Drafts are lost; the audit trail still says who issued what."""
    op.drop_table("takedown_hold")
    op.drop_index(op.f("ix_instrument_case"), table_name="instrument")
    op.drop_table("instrument")
