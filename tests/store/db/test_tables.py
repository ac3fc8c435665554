"""The schema says what it holds, and fits the records."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect

from store.db import session
from store.db.columns import Json
from store.db.rows import Repository, row_of, upsert
from store.db.session import Database, check_schema, migrate, newest_schema
from store.db.tables import metadata, opt_out
from store.records import (
    authorities,
    captures,
    cases,
    comparisons,
    findings,
    ledger,
    listings,
    notices,
    parties,
    products,
    references,
    rights,
    runs,
    schedules,
    sellers,
    works,
)
from store.records.scope import EVERYTHING

RECORDS: dict[str, type] = {
    "party": parties.Party,
    "mandate": parties.Mandate,
    "right": rights.Right,
    "work": works.Work,
    "product": products.Product,
    "reference": references.Reference,
    "fingerprint": references.Fingerprint,
    "seller_rule": sellers.SellerRule,
    "run": runs.Run,
    "capture": captures.Capture,
    "capture_file": captures.CaptureFile,
    "seller": sellers.Seller,
    "listing": listings.Listing,
    "observation": listings.Observation,
    "listing_image": listings.ListingImage,
    "comparison": comparisons.Comparison,
    "finding": findings.Finding,
    "case": cases.Case,
    "decision": cases.Decision,
    "determination": cases.Determination,
    "notice": notices.Notice,
    "notice_item": notices.NoticeItem,
    "batch": notices.Batch,
    "audit_entry": ledger.AuditEntry,
    "opt_out": ledger.OptOut,
    "authority": authorities.Authority,
    "schedule": schedules.Schedule,
}

# Fields that live in another table: files of a capture, what is said of a seller, the items of a notice.
ELSEWHERE = {("capture", "files"), ("notice", "items")}
ELSEWHERE |= {("seller", name) for name in ("name", "url", "trader", "rating", "since", "location")}


@pytest.mark.parametrize(("table", "record"), RECORDS.items(), ids=RECORDS.keys())
def test_a_table_holds_every_field_of_its_record(table: str, record: type) -> None:
    columns = set(metadata.tables[table].columns.keys())
    fields = {field.name for field in dataclasses.fields(record)}
    assert {name for name in fields - columns if (table, name) not in ELSEWHERE} == set()


def test_every_column_and_table_is_explained() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if not column.comment
    ]
    assert silent == []
    assert all(table.comment for table in metadata.tables.values())


def test_migrating_gives_the_schema_of_the_tables(database: Database) -> None:
    """The migrations and the table definitions say the same."""
    inspector = inspect(database.engine)
    assert set(inspector.get_table_names()) - {"alembic_version"} == set(metadata.tables)
    for name, table in metadata.tables.items():
        assert {c["name"] for c in inspector.get_columns(name)} == set(table.columns.keys()), name
        nullable = {c["name"]: c["nullable"] for c in inspector.get_columns(name)}
        assert {c.name: c.nullable for c in table.columns if not c.primary_key}.items() <= nullable.items(), name
        indexes = {i["name"] for i in inspector.get_indexes(name)}
        assert {str(i.name) for i in table.indexes} <= indexes, name


def test_migrations_and_tables_say_the_same(database: Database) -> None:
    """Alembic finds nothing to change between what the migrations made and what the tables declare."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with database.read() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    # What a revision said of a column stays in a database that keeps comments; it is no part of the schema.
    flat = [step for each in found for step in (each if isinstance(each, list) else [each])]
    assert [step for step in flat if step[0] != "modify_comment"] == []


def test_the_first_schema_can_be_taken_back(database: Database) -> None:
    """Down to nothing and up again."""
    migrate(database, "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    assert migrate(database) == newest_schema()
    check_schema(database)


def test_the_newest_revision_is_known_by_its_files_name() -> None:
    """Alembic, which takes long to load, says the same."""
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(Path(session.__file__).parent / "migrations")).get_current_head() == newest_schema()


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate(database) == newest_schema()
    check_schema(database)


class _OptOuts(Repository[ledger.OptOut]):
    table = opt_out
    kind = ledger.OptOut


def _opt_out(prefix: str = "a.example") -> ledger.OptOut:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return ledger.OptOut(id=f"id-{prefix}", prefix=prefix, reason="asked", by="desk", at=at)


def test_a_record_comes_back_as_it_went(database: Database) -> None:
    with database.write() as connection:
        _OptOuts(connection, EVERYTHING).add(_opt_out())
    with database.read() as connection:
        assert _OptOuts(connection, EVERYTHING).get("id-a.example") == _opt_out()


def test_a_naive_time_is_refused(database: Database) -> None:
    naive = dataclasses.replace(_opt_out(), at=datetime(2026, 1, 1))  # noqa: DTZ001 -- the mistake under test
    with pytest.raises(Exception, match="without zone"), database.write() as connection:
        _OptOuts(connection, EVERYTHING).add(naive)


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as connection:
        _OptOuts(connection, EVERYTHING).add(_opt_out())
        raise RuntimeError("the caller failed")
    with database.read() as connection:
        assert _OptOuts(connection, EVERYTHING).count() == 0


def test_putting_twice_keeps_one_row(database: Database) -> None:
    with database.write() as connection:
        repository = _OptOuts(connection, EVERYTHING)
        repository.put([_opt_out("a.example"), _opt_out("b.example")])
        repository.put([dataclasses.replace(_opt_out("a.example"), reason="asked again")])
        assert [record.reason for record in repository.find()] == ["asked again", "asked"]


def test_upsert_without_rows_is_nothing(database: Database) -> None:
    with database.write() as connection:
        upsert(connection, opt_out, [], ["id"])


def test_json_columns_hold_json() -> None:
    row = row_of(_opt_out(), opt_out)
    assert row["at"].tzinfo is not None
    assert any(column.type is Json for column in metadata.tables["finding"].columns)
