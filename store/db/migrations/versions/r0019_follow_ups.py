"""Words that follow a notice (withdrawals, restorations, answers to objections), and releases of a used-up budget."""

import sqlalchemy as sa
from alembic import op

from store.db.columns import UtcDateTime

revision = "r0019"
down_revision = "r0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was taken back in words before this revision."""
    op.create_table(
        "budget_release",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("platform", sa.String(300), nullable=False, comment="platform name"),
        sa.Column(
            "account", sa.String(300), nullable=False, comment="who sends there: the agent's name, or Party id of the holder"
        ),
        sa.Column("because", sa.Text(), nullable=False, comment="why"),
        sa.Column("by", sa.String(300), nullable=False, comment="who asked for it"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("second_by", sa.String(300), comment="who agreed; null: nobody yet"),
        sa.Column("seconded_at", UtcDateTime(), comment="when; it holds on that day"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_release")),
        comment="items let leave for a day although the record of accuracy is used up",
    )
    op.create_index("ix_budget_release_platform", "budget_release", ["platform", "account"])
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(36), nullable=False, comment="UUIDv7"),
        sa.Column("notice", sa.String(36), nullable=False, comment="of which notice"),
        sa.Column("item", sa.String(36), nullable=False, comment="of which item"),
        sa.Column("platform", sa.String(300), nullable=False, comment="platform name"),
        sa.Column("kind", sa.String(300), nullable=False, comment="withdraw, restore, uphold, court"),
        sa.Column("fault", sa.String(300), comment="what was wrong, closed list; null: nothing was"),
        sa.Column("because", sa.Text(), nullable=False, comment="why, in words that the platform reads"),
        sa.Column("by", sa.String(300), nullable=False, comment="who decided it"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("counter", sa.String(36), comment="CounterNotice id; null: no objection led to it"),
        sa.Column("batch", sa.String(36), comment="Batch id it left in; null: not sealed yet"),
        sa.Column("told_at", UtcDateTime(), comment="when the platform had it, by its receipt"),
        sa.Column("receipt", sa.String(300), comment="the platform's own reference"),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name=op.f("fk_follow_up_notice")),
        sa.ForeignKeyConstraint(["item"], ["notice_item.id"], name=op.f("fk_follow_up_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        comment="what was said of an item after its notice left",
    )
    op.create_index(op.f("ix_follow_up_notice"), "follow_up", ["notice"])
    op.create_index(op.f("ix_follow_up_item"), "follow_up", ["item"])
    op.create_index("ix_follow_up_batch", "follow_up", ["batch"])
    kind = sa.Column("kind", sa.String(300), nullable=False, server_default="notices", comment="notices, follow_ups")
    op.add_column("batch", kind)
    previous = sa.Column("previous", sa.String(36), comment="NoticeItem id of what came back here; null: nothing known")
    op.add_column("notice_item", previous)


def downgrade() -> None:
    """What was said stands in its sealed folders and in the audit trail."""
    op.drop_column("notice_item", "previous")
    op.drop_column("batch", "kind")
    op.drop_table("follow_up")
    op.drop_table("budget_release")
