"""By what servers tell whether a page has changed: one row a page, over all runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from store.db.rows import ROWS_A_WRITE, record_of, row_of, upsert
from store.db.tables import validator as validator_table
from store.records.fetches import Validator


def keep_validators(connection: Connection, validators: Iterable[Validator]) -> None:
    """Insert validators, or replace those of the same pages; the last of a page counts."""
    rows = {each.fingerprint: row_of(each, validator_table) for each in validators}
    upsert(connection, validator_table, list(rows.values()), ["fingerprint"])


def validators_of(connection: Connection, fingerprints: Sequence[str], since: datetime) -> dict[str, Validator]:
    """Those of the pages named whose bytes were fetched after `since`, by fingerprint."""
    if not fingerprints:
        return {}
    statement = select(validator_table).where(
        validator_table.c.fingerprint.in_(fingerprints), validator_table.c.kept_at > since
    )
    return {row.fingerprint: record_of(Validator, row) for row in connection.execute(statement)}


def forget_validators(connection: Connection, before: datetime) -> int:
    """Delete some whose bytes are older, as many as one transaction bears; gives how many."""
    old = select(validator_table.c.fingerprint).where(validator_table.c.kept_at < before).limit(ROWS_A_WRITE)
    prints = list(connection.execute(old).scalars())
    connection.execute(delete(validator_table).where(validator_table.c.fingerprint.in_(prints)))
    return len(prints)
