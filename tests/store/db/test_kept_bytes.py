"""What the ledger says of the vault is known whole: a backup and a sweep rest on it."""

from __future__ import annotations

from store.db.kept_bytes import VAULT_COLUMNS, each_digest
from store.db.session import Database
from store.db.tables import metadata


def test_every_column_that_says_it_names_bytes_in_the_vault_is_listed() -> None:
    listed = {f"{column.table.name}.{column.name}" for column in VAULT_COLUMNS}
    said = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if "in the vault" in (column.comment or "") or (column.comment or "").endswith("where kept")
    }
    parts = {f"{table}.{name}" for table, name in (("capture_seal", "statement_sha256"),)}
    assert said | parts <= listed


def test_an_empty_ledger_speaks_of_nothing(database: Database) -> None:
    with database.read() as connection:
        assert list(each_digest(connection)) == []
