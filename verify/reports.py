"""Reports: what a citizen tells us about what they paid, and the dialogue they follow by code.

Nothing is kept that could say who they are: no address, no device, no moment; a day and an hour at most. What they wrote lies
in a table of its own that retention empties. The code they keep is stored as a hash.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, delete, select
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, official, random_id
from registry.money import Money
from registry.snapshot import Facts
from verify import follow_code
from verify.cases import clocks, events
from verify.cases.events import Case, CaseEvent, CaseText
from verify.cases.timeline import Happened, View, seen_by
from verify.cases.words import clean
from verify.cases.workflow import Outcome, State, Step
from verify.errors import UnknownFollowCode, UnknownLanguage, WordsMissing
from verify.subject import Subject, of_receipt, without_receipt
from verify.verdict import Verdict

LANGUAGES = ("en", "sq", "mk", "sr")


class Report(Base):
    """One citizen's report. The first on its case is the one that counts; later ones are linked, and heard all the same.

    `evidence` says what was shown: the token, only its number, or no genuine receipt. Amounts are in minor units of `currency`.
    """

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint("evidence IN ('token', 'number', 'none')", name="evidence"),
        CheckConstraint(
            "(paid_minor IS NULL AND published_minor IS NULL AND recorded_minor IS NULL) OR currency IS NOT NULL", name="currency"
        ),
        Index("uq_report_counted", "case_id", unique=True, sqlite_where=sql("counted"), postgresql_where=sql("counted")),
        official(),
    )

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    evidence: Mapped[str] = mapped_column(String(8))
    cti: Mapped[bytes | None] = mapped_column(LargeBinary(10))
    number: Mapped[str | None] = mapped_column(String(16))
    authority_id: Mapped[str | None] = mapped_column(ForeignKey("authority.id"))
    office_id: Mapped[str | None] = mapped_column(ForeignKey("office.id"))
    fee: Mapped[str | None] = mapped_column(String(16))
    happened_on: Mapped[date | None]
    paid_minor: Mapped[int | None] = mapped_column(BigInteger)
    published_minor: Mapped[int | None] = mapped_column(BigInteger)
    recorded_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    verdict_state: Mapped[str | None] = mapped_column(String(24))
    counted: Mapped[bool]
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(8))
    received_on: Mapped[date]
    answer_due: Mapped[date]


class ReportContent(Base):
    """The words of a report. Not official: retention deletes them, and the report stays."""

    __tablename__ = "report_content"

    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class Voice(StrEnum):
    """Who speaks in a dialogue. An inspector's name is nobody's business here."""

    REPORTER = "reporter"
    INSPECTOR = "inspector"


@dataclass(frozen=True, slots=True)
class Filed:
    """What the reporter takes away: the code (as shown, 5-5-5-5-5) and the dates. `case_id` and `report_id` stay in the house."""

    code: str
    acknowledged_on: date
    answer_due: date
    case_id: str
    report_id: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a dialogue; `text` is None once it was erased."""

    voice: Voice
    day: date
    text: str | None


@dataclass(frozen=True, slots=True)
class Followed:
    """What the holder of a follow code reads. `outcome` is that of the answer they were given, if they were."""

    state: State
    outcome: Outcome | None
    answer_due: date
    overdue: bool
    timeline: tuple[tuple[date, State], ...]
    messages: tuple[Message, ...]


async def file_report(
    session: AsyncSession,
    facts: Facts,
    *,
    verdict: Verdict | None = None,
    by_number: bool = False,
    paid: Money | None = None,
    authority: str | None = None,
    office: str | None = None,
    fee: str | None = None,
    happened_on: date | None = None,
    text: str | None = None,
    language: str = "en",
    channel: str = "web",
    now: datetime,
    code: str | None = None,
) -> Filed:
    """Record a report and open a case, or link it to the case its receipt already has.

    `verdict` is what checking the receipt gave, `by_number` when only its number was shown. A genuine receipt says itself where
    and what it was for; of any other, or without one, the other arguments do. Code is drawn unless given.

    Raises ReportIncomplete, UnknownPlace, UnknownFee, PaidCurrencyMismatch, HappenedInFuture, TextTooLong, UnknownLanguage,
    MalformedFollowCode.
    """
    if language not in LANGUAGES:
        raise UnknownLanguage(language, language=language)
    kept = clean(text)
    digits = follow_code.draw() if code is None else follow_code.parse(code)
    subject = None if verdict is None else of_receipt(verdict, by_number=by_number, paid=paid)
    if subject is None:
        subject = without_receipt(facts, verdict, paid=paid, authority=authority, office=office, fee=fee, happened_on=happened_on, now=now)
    today = clocks.day(now)
    case_id, before = await _case_of(session, subject, today)
    report = Report(
        id=random_id(),
        case_id=case_id,
        code_hash=follow_code.digest(digits),
        evidence=subject.evidence,
        cti=subject.cti,
        number=subject.number,
        authority_id=subject.authority,
        office_id=subject.office,
        fee=subject.fee,
        happened_on=subject.happened_on,
        paid_minor=None if subject.paid is None else subject.paid.minor,
        published_minor=None if subject.published is None else subject.published.minor,
        recorded_minor=None if subject.recorded is None else subject.recorded.minor,
        currency=subject.currency,
        verdict_state=subject.verdict_state,
        counted=before is None,
        language=language,
        channel=channel,
        received_on=today,
        answer_due=clocks.answer_due(today),
    )
    session.add(report)
    await session.flush()
    if kept is not None:
        session.add(ReportContent(report_id=report.id, text=kept))
    await events.append(session, case_id, before, Step.RECEIVED if before is None else Step.REPORT_LINKED, now, report_id=report.id)
    return Filed(follow_code.shown(digits), today, report.answer_due, case_id, report.id)


async def _case_of(session: AsyncSession, subject: Subject, today: date) -> tuple[str, CaseEvent | None]:
    """The case of the subject's receipt, locked, with its last event; or a new one, which has none yet."""
    found = await _existing(session, subject.token)
    if found is None:
        case = Case(
            id=random_id(),
            token=subject.token,
            cti=subject.cti,
            number=subject.number,
            authority_id=subject.authority,
            office_id=subject.office,
            counter_id=subject.counter,
            fee=subject.fee,
            fee_version=subject.fee_version,
            published_minor=None if subject.published is None else subject.published.minor,
            recorded_minor=None if subject.recorded is None else subject.recorded.minor,
            currency=subject.currency,
            verdict_state=subject.verdict_state,
            opened_on=today,
        )
        try:
            async with session.begin_nested():
                session.add(case)
            return case.id, None
        except IntegrityError:
            # Somebody reported the same receipt in this very moment: theirs is the case, and both are heard.
            found = await _existing(session, subject.token)
            if found is None:
                raise
    await events.lock(session, found)
    return found, await events.last(session, found)


async def _existing(session: AsyncSession, token: bytes | None) -> str | None:
    return None if token is None else await session.scalar(select(Case.id).where(Case.token == token))


async def follow(session: AsyncSession, code: str, now: datetime) -> Followed:
    """What became of a report. Raises MalformedFollowCode, UnknownFollowCode."""
    report = await _report(session, code)
    history = await events.history(session, report.case_id)
    view = _view(report, history)
    rows = await session.execute(select(CaseText.seq, CaseText.text).where(CaseText.case_id == report.case_id))
    texts = dict(rows.all())
    first = await session.get(ReportContent, report.id)
    messages = [] if first is None else [Message(Voice.REPORTER, report.received_on, first.text)]
    outcome: Outcome | None = None
    for event in history:
        if event.seq not in view.heard:
            continue
        if event.outcome is not None:
            outcome = Outcome(event.outcome)
        if event.seq in texts or Step(event.type) in (Step.QUESTION, Step.REPORTER_MESSAGE, Step.ANSWERED):
            voice = Voice.REPORTER if event.officer_id is None else Voice.INSPECTOR
            messages.append(Message(voice, clocks.day(event.at_hour), texts.get(event.seq)))
    late = view.state not in (State.ANSWERED, State.CLOSED) and clocks.overdue(report.answer_due, clocks.day(now))
    return Followed(view.state, outcome, report.answer_due, late, view.states, tuple(messages))


async def add_message(session: AsyncSession, code: str, text: str, now: datetime) -> None:
    """Add the reporter's words to the dialogue, whatever state it is in.

    Raises MalformedFollowCode, UnknownFollowCode, WordsMissing, TextTooLong.
    """
    report = await _report(session, code)
    kept = clean(text)
    if kept is None:
        raise WordsMissing
    await events.lock(session, report.case_id)
    before = await events.last(session, report.case_id)
    await events.append(session, report.case_id, before, Step.REPORTER_MESSAGE, now, report_id=report.id, text=kept)


async def erase_words(session: AsyncSession, case_id: str) -> None:
    """Delete all words of a case and of its reports, as retention or the law demands. What is official stays."""
    reports = select(Report.id).where(Report.case_id == case_id)
    await session.execute(delete(CaseText).where(CaseText.case_id == case_id))
    await session.execute(delete(ReportContent).where(ReportContent.report_id.in_(reports)))


async def _report(session: AsyncSession, code: str) -> Report:
    found = await session.scalar(select(Report).where(Report.code_hash == follow_code.digest(follow_code.parse(code))))
    if found is None:
        raise UnknownFollowCode
    return found


def _view(report: Report, history: events.History) -> View:
    return seen_by(report.id, (Happened(event.seq, Step(event.type), clocks.day(event.at_hour), event.report_id) for event in history))
