"""Marks: which published parts changed, so that every process rebuilds those and no others.

A part is an authority's id or `voids/YYYY-MM-DD`. Whoever writes an official fact touches its part in the same transaction.
"""

from sqlalchemy import String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base


class SnapshotMark(Base):
    """How often a part changed."""

    __tablename__ = "snapshot_mark"

    part: Mapped[str] = mapped_column(String(80), primary_key=True)
    revision: Mapped[int]


async def touch(session: AsyncSession, part: str) -> None:
    """Say that a part changed; counts when the transaction commits."""
    await session.execute(
        text(
            "INSERT INTO snapshot_mark (part, revision) VALUES (:part, 1)"
            " ON CONFLICT (part) DO UPDATE SET revision = snapshot_mark.revision + 1"
        ),
        {"part": part},
    )


async def marks(session: AsyncSession) -> dict[str, int]:
    """Every part and how often it changed."""
    rows = await session.execute(select(SnapshotMark.part, SnapshotMark.revision))
    return {row.part: row.revision for row in rows}
