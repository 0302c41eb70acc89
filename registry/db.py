"""The database base: naming, exact column types, what append-only means.

One schema serves SQLite and PostgreSQL. Official tables are marked `official()`; the migrations give each of them
triggers that refuse UPDATE and DELETE, and a test walks the marks to see that none was forgotten.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the project."""

    metadata = MetaData(naming_convention=NAMES)


def official() -> dict[str, Any]:
    """Table arguments of an official table: rows are added, never changed and never removed."""
    return {"info": {"official": True}}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only; gives them back in UTC, on SQLite too, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def random_id() -> str:
    """An id that tells nothing about how many came before it: 20 characters, 100 random bits."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(20))


def second_after(now: datetime) -> datetime:
    """The first whole second not before `now`: when what is written at `now` begins to count.

    Receipts carry whole seconds, rounded down. Facts rounded up never touch a receipt issued before them.
    """
    return now if now.microsecond == 0 else now.replace(microsecond=0) + timedelta(seconds=1)
