"""Alembic's entry: runs migrations inside the transaction that `store.db.session.migrate` opened."""

from alembic import context

from store.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    compare_type=True,
)
context.run_migrations()
