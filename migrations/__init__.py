"""Schema migrations, forward only, one schema for SQLite and PostgreSQL."""
