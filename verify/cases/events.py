"""Cases as they are kept: what never changes, the events, and apart from both the words, which the law may have erased.

A case is a row of facts and a list of events; each event says the state and the deadline it led to, so that the last one
tells how the case stands and a fold over all of them proves it. Nothing here is updated. Hours, not moments.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official
from verify.cases import clocks
from verify.cases.workflow import Outcome, State, Step, after
from verify.errors import StaleCase


class Case(Base):
    """The inspectorate's file about one receipt, or about one report without a genuine receipt. A receipt has one case.

    The receipt is its token, not its cti: who steals a key can sign a cti twice, and must not reach another receipt's case.
    """

    __tablename__ = "case_file"
    __table_args__ = official()

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    token: Mapped[bytes | None] = mapped_column(LargeBinary(512), unique=True)
    cti: Mapped[bytes | None] = mapped_column(LargeBinary(10), index=True)
    number: Mapped[str | None] = mapped_column(String(16))
    authority_id: Mapped[str | None] = mapped_column(ForeignKey("authority.id"), index=True)
    office_id: Mapped[str | None] = mapped_column(ForeignKey("office.id"))
    counter_id: Mapped[str | None] = mapped_column(ForeignKey("counter.id"))
    fee: Mapped[str | None] = mapped_column(String(16))
    fee_version: Mapped[int | None]
    published_minor: Mapped[int | None] = mapped_column(BigInteger)
    recorded_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    verdict_state: Mapped[str | None] = mapped_column(String(24))
    opened_on: Mapped[date]


class CaseEvent(Base):
    """One step of a case, with the state and the deadline it led to. Codes only; its words, if any, are a CaseText."""

    __tablename__ = "case_event"
    __table_args__ = (
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint("(type = 'answered') = (outcome IS NOT NULL)", name="outcome"),
        Index("ix_case_event_state_due", "state", "due"),
        official(),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(24))
    due: Mapped[date | None]
    at_hour: Mapped[datetime] = mapped_column(UTCDateTime)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    report_id: Mapped[str | None] = mapped_column(ForeignKey("report.id"))
    outcome: Mapped[str | None] = mapped_column(String(32))


class CaseText(Base):
    """The words of an event. Not official: retention deletes them, and the event stays."""

    __tablename__ = "case_text"
    __table_args__ = (ForeignKeyConstraint(["case_id", "seq"], ["case_event.case_id", "case_event.seq"]),)

    case_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)


History = Sequence[CaseEvent]
"""The events of one case, first to last."""


async def history(session: AsyncSession, case_id: str) -> History:
    """The events of a case, first to last."""
    return (await session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.seq))).all()


async def last(session: AsyncSession, case_id: str) -> CaseEvent | None:
    """The newest event of a case: where it stands. None while the case has no event yet."""
    return await session.scalar(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.seq.desc()).limit(1))


async def lock(session: AsyncSession, case_id: str) -> None:
    """Make other writers to this case wait for us. (On SQLite every writer waits for every other already.)

    It locks less than a deletion would, so that rows that point to the case can be added meanwhile.
    """
    await session.execute(select(Case.id).where(Case.id == case_id).with_for_update(key_share=True))


async def append(
    session: AsyncSession,
    case_id: str,
    before: CaseEvent | None,
    step: Step,
    now: datetime,
    *,
    officer_id: int | None = None,
    report_id: str | None = None,
    outcome: Outcome | None = None,
    text: str | None = None,
) -> CaseEvent:
    """Add the event that follows `before`, the last one the caller has seen.

    Raises IllegalStep; StaleCase when something else followed it first (the primary key decides).
    """
    standing = None if before is None else State(before.state)
    state = after(standing, step)
    event = CaseEvent(
        case_id=case_id,
        seq=1 if before is None else before.seq + 1,
        type=step,
        state=state,
        due=clocks.due_after(None if before is None else before.due, standing, state, clocks.day(now)),
        at_hour=clocks.hour(now),
        officer_id=officer_id,
        report_id=report_id,
        outcome=outcome,
    )
    try:
        async with session.begin_nested():
            session.add(event)
    except IntegrityError as taken:
        raise StaleCase(case_id) from taken
    if text is not None:
        session.add(CaseText(case_id=case_id, seq=event.seq, text=text))
        await session.flush()
    return event
