"""Triggers that say in the database what the code says too, on SQLite and PostgreSQL alike. Migrations call these."""

from alembic import op
from sqlalchemy import inspect

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
    """Refuse UPDATE and DELETE (and TRUNCATE, where there is one) on official tables.

    On SQLite also INSERT OR REPLACE, which removes rows without asking the triggers of a DELETE, and rows that refer to
    nothing: a connection that does not ask for foreign keys, and the `sqlite3` shell does not, has none.
    """
    for table in tables:
        if _on_sqlite():
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, 'official rows are never changed: {table}'); END"
                )
            _refuse_insert(f"{table}_no_replace", table, _held(table), "official rows are never changed")
            _refuse_insert(f"{table}_no_orphan", table, _missing(table), "what it refers to is not there")
        else:
            op.execute(
                "CREATE OR REPLACE FUNCTION taksa_append_only() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'official rows are never changed: %', TG_TABLE_NAME USING ERRCODE = '23514'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION taksa_append_only()"
            )


def _refuse_insert(name: str, table: str, conditions: list[str], message: str) -> None:
    if conditions:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {' OR '.join(conditions)}"
            f" BEGIN SELECT RAISE(ABORT, '{message}: {table}'); END"
        )


def _held(table: str) -> list[str]:
    """Conditions, one for each unique key, that hold when a row with the new row's key is there already."""
    inspector = inspect(op.get_bind())
    keys = [inspector.get_pk_constraint(table)["constrained_columns"], ["rowid"]]
    keys += [each["column_names"] for each in inspector.get_unique_constraints(table)]
    conditions = [_equal("held", columns, columns) for columns in keys]
    for index in inspector.get_indexes(table):
        if index["unique"]:
            columns = [*filter(None, index["column_names"])]
            where = index.get("dialect_options", {}).get("sqlite_where")
            # A partial index names the column that must be true on both sides; rows in which it is not are none of its business.
            partly = "" if where is None else f' AND held."{where}" AND NEW."{where}"'
            conditions.append(_equal("held", columns, columns) + partly)
    return [f"EXISTS (SELECT 1 FROM {table} AS held WHERE {condition})" for condition in conditions]  # noqa: S608


def _missing(table: str) -> list[str]:
    """Conditions, one for each foreign key that is checked at once, that hold when what the new row refers to is not there."""
    conditions = []
    for key in inspect(op.get_bind()).get_foreign_keys(table):
        if key["options"].get("initially") != "DEFERRED":
            columns, target = key["constrained_columns"], key["referred_table"]
            given = " AND ".join(f'NEW."{column}" IS NOT NULL' for column in columns)
            found = f"EXISTS (SELECT 1 FROM {target} AS there WHERE {_equal('there', key['referred_columns'], columns)})"  # noqa: S608
            conditions.append(f"({given} AND NOT {found})")
    return conditions


def _equal(table: str, columns: list[str], new: list[str]) -> str:
    return " AND ".join(f'{table}."{left}" = NEW."{right}"' for left, right in zip(columns, new, strict=True))


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


def no_late_ends() -> None:
    """Refuse an end that comes after the version that causes it, for then nobody approved it."""
    caused = (
        "SELECT 1 FROM fee_version AS cause"
        " WHERE cause.authority_id = NEW.authority_id AND cause.code = NEW.code AND cause.number = NEW.by_number"
    )
    if _on_sqlite():
        _refuse_insert("fee_version_end_not_late", "fee_version_end", [f"EXISTS ({caused})"], "an end comes with its cause")
    else:
        op.execute(
            "CREATE FUNCTION taksa_no_late_end() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF EXISTS ({caused}) THEN RAISE EXCEPTION 'an end comes with its cause' USING ERRCODE = '23514'; END IF;"
            " RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER fee_version_end_not_late BEFORE INSERT ON fee_version_end FOR EACH ROW EXECUTE FUNCTION taksa_no_late_end()"
        )


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
