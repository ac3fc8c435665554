"""Schedules in full: the place whose clock counts, seasons, events, and who answers a due time."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table anew: nothing could enter a schedule before, so it is empty."""
    op.drop_table("schedule")
    op.create_table(
        "schedule",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("platform", sa.String(300), nullable=False, comment="platform name"),
        sa.Column("cron", sa.String(300), nullable=False, comment="when, by the clock of `zone`"),
        sa.Column("zone", sa.String(300), nullable=False, comment="place whose clock counts"),
        sa.Column("terms", Json, nullable=False, comment="search terms instead of the registry's"),
        sa.Column("seasons", Json, nullable=False, comment="days of the year with another rhythm"),
        sa.Column("events", Json, nullable=False, comment="times in which it is looked at every few minutes"),
        sa.Column("priority", sa.Integer(), nullable=False, comment="higher first"),
        sa.Column("enabled", sa.Boolean(), nullable=False, comment="in force"),
        sa.Column("entered_by", sa.String(300), nullable=False, comment="who entered it"),
        sa.Column("entered_at", UtcDateTime(), nullable=False, comment="when it was entered"),
        sa.Column("due_at", UtcDateTime(), nullable=True, comment="the next time; null: never again"),
        sa.Column("urgency", sa.Integer(), nullable=False, comment="priority at that time"),
        sa.Column("lease_owner", sa.String(300), nullable=True, comment="worker that answers it; null: nobody"),
        sa.Column("lease_until", UtcDateTime(), nullable=True, comment="until when nobody else takes it"),
        sa.Column("run", sa.String(36), nullable=True, comment="id of the crawl that answers it; null: none yet"),
        sa.Column("last_due", UtcDateTime(), nullable=True, comment="latest time that was answered"),
        sa.Column("last_run", sa.String(36), nullable=True, comment="the crawl that answered it; null: none yet"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        comment="when platforms are crawled",
    )
    op.create_index(op.f("ix_schedule_due_at"), "schedule", ["due_at"])


def downgrade() -> None:
    """Give back the first form; what it cannot hold is lost with it."""
    op.drop_table("schedule")
    op.create_table(
        "schedule",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("platform", sa.String(300), nullable=False, comment="platform name"),
        sa.Column("cron", sa.String(300), nullable=False, comment="when"),
        sa.Column("priority", sa.Integer(), nullable=False, comment="higher first"),
        sa.Column("last_due", UtcDateTime(), nullable=True, comment="latest due time taken"),
        sa.Column("enabled", sa.Boolean(), nullable=False, comment="in force"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        comment="when platforms are crawled",
    )
