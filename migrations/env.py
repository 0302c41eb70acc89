"""Alembic's entry: runs on the connection it is given, one transaction for each migration."""

from alembic import context

from migrations.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
