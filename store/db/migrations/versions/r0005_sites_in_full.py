"""Sites in full: the run that looked, and what could not be looked at."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table anew: nothing could look at a site before, so it is empty."""
    op.drop_table("site")
    op.create_table(
        "site",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("domain", sa.String(300), nullable=False, comment="registrable domain"),
        sa.Column("looked_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("run", sa.String(36), nullable=False, comment="whose captures the facts stand in"),
        sa.Column(
            "facts",
            Json,
            nullable=False,
            comment="DNS, RDAP, ASN, certificate names, mirrors, abuse contacts; each with its source",
        ),
        sa.Column("gaps", Json, nullable=False, comment="what could not be looked at, and why"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("domain", "looked_at", name=op.f("uq_site_domain_looked_at")),
        comment="owners and hosts of a domain, dated",
    )


def downgrade() -> None:
    """Give back the first form; what it cannot hold is lost with it."""
    op.drop_table("site")
    op.create_table(
        "site",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("domain", sa.String(300), nullable=False, comment="registrable domain"),
        sa.Column("looked_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column(
            "facts", Json, nullable=False, comment="DNS, RDAP, ASN, certificate names, mirrors, abuse contacts"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("domain", "looked_at", name=op.f("uq_site_domain_looked_at")),
        comment="owners and hosts of a domain, dated",
    )
