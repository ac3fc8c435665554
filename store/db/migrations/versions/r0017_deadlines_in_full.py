"""Clocks know what began them and how they were counted; objections, what was said to them and by whom."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0017"
down_revision = "r0016"
branch_labels = None
depends_on = None

_WORDS = sa.String(300)
_INDEXES = (
    ("ix_deadline_event", ["event_id", "kind"], True),
    ("ix_deadline_state_due_at", ["state", "due_at"], False),
    ("ix_deadline_notice", ["notice"], False),
)

def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("notice", sa.String(36), comment="Notice id; null: it is about no notice"),
        sa.Column("item", sa.String(36), comment="NoticeItem id; null: the whole notice"),
        sa.Column("holder", _WORDS, comment="who must act: recipient, sender, seller, dispute_body"),
        sa.Column("event", _WORDS, comment="what began it"),
        sa.Column("event_id", sa.String(36), comment="the record that shows it"),
        sa.Column("starts_at", UtcDateTime(), comment="when it began"),
        sa.Column("opens_at", UtcDateTime(), comment="not before this; null: at once"),
        sa.Column("counted", sa.Text(), comment="how it was counted, in words"),
        sa.Column("source", sa.Text(), comment="law and paragraph, or title of the page"),
        sa.Column("basis", _WORDS, comment="official, third_party, memory"),
        sa.Column("ended_at", UtcDateTime(), comment="when what it waited for happened"),
        sa.Column("ended_by", sa.String(36), comment="the record that shows that"),
        sa.Column("steps", sa.Integer(), nullable=False, server_default="0", comment="of the ladder, taken"),
        sa.Column("stepped_at", UtcDateTime(), comment="the latest of them"),
        sa.Column("set_by", _WORDS, comment="who entered the recipient's own date"),
        sa.Column("set_because", sa.Text(), comment="where that date stands"),
    ]


def _answers() -> list[sa.Column[Any]]:
    return [
        sa.Column("item", sa.String(36), comment="NoticeItem id; null: against the whole notice"),
        sa.Column("objected_at", UtcDateTime(), comment="when the platform had it; null: it did not say"),
        sa.Column("responded_by", _WORDS, comment="who decided that"),
        sa.Column("responded_at", UtcDateTime(), comment="when"),
        sa.Column("because", sa.Text(), comment="our reason"),
        sa.Column("court", _WORDS, comment="where an action is filed"),
        sa.Column("court_number", _WORDS, comment="its number there"),
        sa.Column("filed_on", sa.Date(), comment="when it was filed"),
    ]


def upgrade() -> None:
    """No clock was written before this revision."""
    for column in _columns():
        op.add_column("deadline", column)
    for name, columns, unique in _INDEXES:
        op.create_index(name, "deadline", columns, unique=unique)
    for column in _answers():
        op.add_column("counter_notice", column)
    op.create_index("ix_counter_notice_item", "counter_notice", ["item"])


def downgrade() -> None:
    """Clocks are counted anew from the answers that began them; steps that people took stay in the audit trail."""
    op.drop_index("ix_counter_notice_item", "counter_notice")
    for column in reversed(_answers()):
        op.drop_column("counter_notice", column.name)
    op.execute("DELETE FROM deadline WHERE event_id IS NOT NULL")
    for name, _, _ in _INDEXES:
        op.drop_index(name, "deadline")
    for column in reversed(_columns()):
        op.drop_column("deadline", column.name)
