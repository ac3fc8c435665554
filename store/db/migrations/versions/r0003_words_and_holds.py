"""Words of titles, to search a million listings by; what reviewers have before them; indices for the facets."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db.columns import Json, UtcDateTime, Word
from store.db.words import Look, keep_words

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

OBSERVATIONS_A_LOT = 500


def upgrade() -> None:
    """Create the tables and fill the words from every look there is."""
    op.create_table(
        "listing_word",
        sa.Column("word", Word, nullable=False, comment="folded; of a script without spaces, two letters each"),
        sa.Column("listing", sa.String(36), nullable=False, comment="Listing id"),
        sa.PrimaryKeyConstraint("word", "listing", name=op.f("pk_listing_word")),
        comment="words of every title a listing bore, and its trade numbers, for searching",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_hold",
        sa.Column("case", sa.String(36), nullable=False, comment="Case id; empty: none"),
        sa.Column("twin", sa.String(64), nullable=False, comment="main photo; without one the finding's id"),
        sa.Column("reviewer", sa.String(300), nullable=False, comment="who looks"),
        sa.Column("until", UtcDateTime(), nullable=False, comment="others are handed it from then on"),
        sa.PrimaryKeyConstraint("case", "twin", name=op.f("pk_review_hold")),
        comment="what reviewers have before them now, so that no two are handed the same offer",
    )
    op.create_index(op.f("ix_review_hold_reviewer"), "review_hold", ["reviewer"])
    op.create_index(
        "ix_review_facets", "review_item", ["standing", "platform", "right", "band", "holder", "compartment"]
    )
    op.create_index(
        "ix_review_sellers",
        "review_item",
        ["standing", "seller", "platform", "right", "band", "holder", "compartment"],
    )
    op.create_index(op.f("ix_listing_platform_item_id"), "listing", ["platform_item_id"])
    op.drop_column("review_item", "words")
    _fill()


def downgrade() -> None:
    """Take them back; the folded title of each row is written anew from the title it shows."""
    op.add_column(
        "review_item",
        sa.Column("words", sa.Text(), nullable=False, server_default="", comment="the title folded, for searching"),
    )
    op.execute("UPDATE review_item SET words = lower(title)")
    with op.batch_alter_table("review_item") as table:
        table.alter_column("words", existing_type=sa.Text(), server_default=None)
    op.drop_index(op.f("ix_listing_platform_item_id"), table_name="listing")
    op.drop_index("ix_review_sellers", table_name="review_item")
    op.drop_index("ix_review_facets", table_name="review_item")
    op.drop_table("review_hold")
    op.drop_table("listing_word")


def _fill() -> None:
    """Keep the words of every look, a lot at a time by id: a whole ledger does not fit into memory."""
    connection = op.get_bind()
    look = sa.table("observation", sa.column("id"), sa.column("listing"), sa.column("fields", Json))
    after = ""
    while True:
        rows = connection.execute(
            sa.select(look).where(look.c.id > after).order_by(look.c.id).limit(OBSERVATIONS_A_LOT)
        ).all()
        keep_words(connection, [_look(row) for row in rows])
        if len(rows) < OBSERVATIONS_A_LOT:
            return
        after = rows[-1].id


def _look(row: Any) -> Look:  # Any: a row
    values = {name: str((row.fields.get(name) or {}).get("value") or "") for name in ("title", "gtin")}
    return Look(listing=row.listing, title=values["title"], gtin=values["gtin"])
