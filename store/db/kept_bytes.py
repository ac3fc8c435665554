"""Which bytes of the vault the ledger speaks of: every column that holds the digest of something kept there."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Connection, select, union

from store.db import tables

VAULT_COLUMNS: tuple[Column[str], ...] = (
    tables.mandate.c.document_sha256,
    tables.right.c.proof_sha256,
    tables.reference.c.sha256,
    tables.run.c.config_digest,
    tables.run.c.snapshot_digest,
    tables.capture.c.body_sha256,
    tables.capture.c.wire_sha256,
    tables.capture_file.c.sha256,
    tables.capture_seal.c.statement_sha256,
    tables.capture_seal.c.signature_sha256,
    tables.capture_seal.c.leaves_sha256,
    tables.time_token.c.query_sha256,
    tables.time_token.c.response_sha256,
    tables.sealed_leaf.c.record_sha256,
    tables.listing_image.c.sha256,
    tables.outbox.c.answer_sha256,
    tables.outcome.c.raw_sha256,
    tables.counter_notice.c.raw_sha256,
    tables.purchase_file.c.sha256,
    tables.answer_receipt.c.lines_sha256,
)


def each_digest(connection: Connection) -> Iterator[str]:
    """Every digest once, in order; whatever stands in these columns, also what is no digest."""
    statement = union(*(select(column.label("digest")).where(column.is_not(None)) for column in VAULT_COLUMNS))
    for row in connection.execute(statement.order_by("digest"), execution_options={"yield_per": 2000}):
        yield row[0]
