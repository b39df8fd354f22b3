"""Alembic's entry: runs the revisions on the connection, and in the transaction, that it is given."""

from alembic import context

from schemas.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
    transactional_ddl=True,  # SQLite can; Alembic is careful because its driver's default can't
)
context.run_migrations()
