"""Which part of a register shows a right."""

import sqlalchemy as sa
from alembic import op

revision = "r0027"
down_revision = "r0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column; nobody has said it of the rights that are there."""
    op.add_column(
        "right",
        sa.Column(
            "register_kind",
            sa.String(300),
            nullable=True,
            comment="principal, supplemental; null: one part, or not said",
        ),
    )


def downgrade() -> None:
    """What was said of it is lost."""
    op.drop_column("right", "register_kind")
