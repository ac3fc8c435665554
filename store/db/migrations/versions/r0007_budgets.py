"""Budgets: what a run has used up, and when a host's robots.txt was last had."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A robots.txt that stands there was had when it was asked."""
    op.create_table(
        "spent",
        sa.Column("run", sa.String(36), nullable=False, comment="Run id"),
        sa.Column("scope", sa.String(300), nullable=False, comment="run, host, path, trap"),
        sa.Column("key", sa.String(300), nullable=False, comment="the host, the pattern of paths; empty for the run"),
        sa.Column("fetches", sa.Integer(), nullable=False, comment="answers taken in"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, comment="of those answers, decompressed"),
        sa.Column("seconds", sa.Float(), nullable=False, comment="at work, or between asking and having written"),
        sa.PrimaryKeyConstraint("run", "scope", "key", name=op.f("pk_spent")),
        comment="what a run has used up of its budgets, and where it went round and round",
    )
    op.add_column(
        "host",
        sa.Column(
            "robots_had_at",
            UtcDateTime(),
            nullable=True,
            comment="when that status and text came; null: none came",
        ),
    )
    op.execute("UPDATE host SET robots_had_at = robots_at WHERE robots_status IS NOT NULL")
    # Runs that are gone on with have used up what their captures say.
    op.execute(
        "INSERT INTO spent (run, scope, key, fetches, size_bytes, seconds) "
        "SELECT capture.run, 'run', '', count(*), sum(capture.body_bytes), 0 FROM capture "
        "JOIN run ON run.id = capture.run WHERE run.ended_at IS NULL GROUP BY capture.run"
    )


def downgrade() -> None:
    """Forget what was used up."""
    op.drop_column("host", "robots_had_at")
    op.drop_table("spent")
