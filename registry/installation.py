"""What this database is: a demonstration carries a mark that a real service refuses to serve."""

from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, official

DEMONSTRATION = "demonstration"
STARTED = "started"
"""The first two administrators exist; as a row of its own, so that two first starts at once cannot both be the first."""


class Installation(Base):
    """Facts about the database itself."""

    __tablename__ = "installation"
    __table_args__ = official()

    fact: Mapped[str] = mapped_column(String(40), primary_key=True)


async def mark_as_demonstration(session: AsyncSession) -> None:
    """For ever: the mark cannot be removed."""
    session.add(Installation(fact=DEMONSTRATION))
    await session.flush()


async def is_demonstration(session: AsyncSession) -> bool:
    """Whether the database was made by the demonstration."""
    return await session.get(Installation, DEMONSTRATION) is not None
