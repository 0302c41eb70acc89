"""Triggers that say in the database what the code says too, on SQLite and PostgreSQL alike. Migrations call these."""

from alembic import op

FOREVER = "9999-12-31"

OVERLAPPING = f"""
SELECT 1 FROM fee_version AS other
WHERE other.authority_id = NEW.authority_id AND other.code = NEW.code
  AND other.valid_from < coalesce(NEW.valid_to, '{FOREVER}')
  AND NOT EXISTS (
    SELECT 1 FROM fee_version_end AS ended
    WHERE ended.authority_id = other.authority_id AND ended.code = other.code AND ended.number = other.number
      AND (ended.ends_on <= NEW.valid_from OR ended.ends_on <= other.valid_from)
  )
  AND NEW.valid_from < coalesce(other.valid_to, '{FOREVER}')
"""  # noqa: S608 (nothing in it comes from outside)


def append_only(*tables: str) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE, where there is one) on official tables."""
    for table in tables:
        if _on_sqlite():
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, 'official rows are never changed: {table}'); END"
                )
        else:
            op.execute(
                "CREATE OR REPLACE FUNCTION taksa_append_only() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'official rows are never changed: %', TG_TABLE_NAME USING ERRCODE = '23514'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION taksa_append_only()"
            )


def no_overlapping_versions() -> None:
    """Refuse a published fee version that would hold on a day on which another one does."""
    if _on_sqlite():
        op.execute(
            f"CREATE TRIGGER fee_version_no_overlap BEFORE INSERT ON fee_version WHEN EXISTS ({OVERLAPPING})"
            " BEGIN SELECT RAISE(ABORT, 'versions of a fee overlap'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION taksa_no_overlap() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF EXISTS ({OVERLAPPING}) THEN RAISE EXCEPTION 'versions of a fee overlap' USING ERRCODE = '23P01'; END IF;"
            " RETURN NEW; END $$"
        )
        op.execute("CREATE TRIGGER fee_version_no_overlap BEFORE INSERT ON fee_version FOR EACH ROW EXECUTE FUNCTION taksa_no_overlap()")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
