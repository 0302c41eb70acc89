"""The inspector's desk: the queue, a case's file, and the steps an inspector takes.

Every query carries the officer's reach (`routing`): a case outside it answers like one that never was.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from registry.grants import Power
from registry.money import Money
from registry.officers import Officer
from verify.cases import clocks, events
from verify.cases.events import Case, CaseEvent, CaseText
from verify.cases.routing import reach_of
from verify.cases.words import clean
from verify.cases.workflow import INSPECTOR_STEPS, NEEDS_WORDS, OPEN, Outcome, State, Step, choices, way
from verify.errors import IllegalStep, MalformedCursor, OutcomeMissing, OutcomeRefused, StaleCase, UnknownCase, WordsMissing
from verify.reports import Report, ReportContent
from verify.verdict import State as VerdictState
from verify.verdict import money_finding

ON_DESK = OPEN | {State.ANSWERED}
"""States of the cases a queue shows unless asked for others."""

NEVER = date.max
"""Sorts after every deadline: a case nobody waits for."""


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """One line of the queue. `difference` is the most that anybody's report makes it: the money at stake."""

    id: str
    state: State
    version: int
    authority: str | None
    office: str | None
    counter: str | None
    fee: str | None
    opened_on: date
    due: date | None
    overdue: bool
    difference: Money | None
    reports: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How many cases within reach wait for an answer, and how many of those are late."""

    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class FiledEvent:
    """One event of a file. `report` is whose it is or, for a question, the only one it is for; `officer` is a user name."""

    seq: int
    type: Step
    state: State
    at_hour: datetime
    officer: str | None
    report: str | None
    outcome: Outcome | None
    text: str | None


@dataclass(frozen=True, slots=True)
class FiledReport:
    """One report of a file, in its reporter's language; `text` is None when there was none or it was erased."""

    id: str
    received_on: date
    happened_on: date | None
    paid: Money | None
    counted: bool
    evidence: str
    language: str
    verdict_state: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, whole. `version` goes back with the next step; `token` is the receipt's, so that it can be checked again in place."""

    summary: CaseSummary
    outcome: Outcome | None
    number: str | None
    token: bytes | None
    fee_version: int | None
    published: Money | None
    recorded: Money | None
    verdict_state: str | None
    events: tuple[FiledEvent, ...]
    reports: tuple[FiledReport, ...]
    steps: tuple[Step, ...]


async def queue(
    session: AsyncSession,
    officer: Officer,
    powers: Iterable[Power],
    now: datetime,
    *,
    limit: int = 50,
    cursor: str | None = None,
    states: frozenset[State] = ON_DESK,
) -> tuple[list[CaseSummary], str | None]:
    """The cases this officer may see, nearest deadline first, and the cursor of what comes after them. Raises MalformedCursor."""
    standing = _standing((await reach_of(session, officer, powers)).condition(), states)
    due = func.coalesce(CaseEvent.due, NEVER)
    if cursor is not None:
        after_due, after_id = _read_cursor(cursor)
        standing = standing.where(or_(due > after_due, and_(due == after_due, Case.id > after_id)))
    rows = (await session.execute(standing.order_by(due, Case.id).limit(limit + 1))).all()
    claims = await _claims(session, [case.id for case, _ in rows[:limit]])
    items = [_summary(case, event, claims[case.id], clocks.day(now)) for case, event in rows[:limit]]
    more = items[-1] if len(rows) > limit and items else None
    return items, None if more is None else f"{more.due or NEVER}.{more.id}"


async def totals(session: AsyncSession, officer: Officer, powers: Iterable[Power], now: datetime) -> Totals:
    """Counts of the cases this officer may see; the others are in no number."""
    standing = _standing((await reach_of(session, officer, powers)).condition(), OPEN).subquery()
    late = func.count().filter(standing.c.due < clocks.day(now))
    waiting, overdue = (await session.execute(select(func.count(), late).select_from(standing))).one()
    return Totals(waiting, overdue)


async def case_file(session: AsyncSession, officer: Officer, powers: Iterable[Power], case_id: str, now: datetime) -> CaseFile:
    """The file of one case. Raises UnknownCase: for a case that never was, and for one that is not theirs to know of."""
    case = await _case(session, officer, powers, case_id)
    history = await events.history(session, case.id)
    newest = history[-1]
    claims = await _claims(session, [case.id])
    state = State(newest.state)
    answers = [event.outcome for event in history if event.outcome is not None]
    return CaseFile(
        summary=_summary(case, newest, claims[case.id], clocks.day(now)),
        outcome=Outcome(answers[-1]) if answers and state not in OPEN else None,
        number=case.number,
        token=case.token,
        fee_version=case.fee_version,
        published=_money(case.published_minor, case.currency),
        recorded=_money(case.recorded_minor, case.currency),
        verdict_state=case.verdict_state,
        events=await _filed_events(session, case.id),
        reports=await _filed_reports(session, case.id),
        steps=choices(state),
    )


async def take_step(
    session: AsyncSession,
    officer: Officer,
    powers: Iterable[Power],
    case_id: str,
    *,
    type: str,  # noqa: A002 -- the name the API and the table give it
    text: str | None = None,
    outcome: str | None = None,
    report: str | None = None,
    version: int,
    now: datetime,
) -> int:
    """Take one step of the workflow and give back the case's new version.

    `version` is the one the officer has read. A question is for all reporters of the case, or for the writer of `report` alone.

    Raises UnknownCase, StaleCase, IllegalStep, WordsMissing, TextTooLong, OutcomeMissing, OutcomeRefused.
    """
    case = await _case(session, officer, powers, case_id)
    await events.lock(session, case.id)
    before = await events.last(session, case.id)
    if before is None or before.seq != version:
        raise StaleCase(case.id)
    step = _step(type)
    kept, found = clean(text), _outcome(step, outcome)
    if kept is None and step in NEEDS_WORDS:
        raise WordsMissing
    if report is not None and (step is not Step.QUESTION or not await _is_of(session, report, case.id)):
        raise IllegalStep("only a question is for one report, of this case", step=str(step), state=before.state)
    *silent, spoken = way(State(before.state), step)
    for implied in silent:
        before = await events.append(session, case.id, before, implied, now, officer_id=officer.id)
    done = await events.append(session, case.id, before, spoken, now, officer_id=officer.id, report_id=report, outcome=found, text=kept)
    return done.seq


def _step(name: str) -> Step:
    if name not in INSPECTOR_STEPS:
        raise IllegalStep("not a step of an inspector", step=name, state="")
    return Step(name)


def _outcome(step: Step, name: str | None) -> Outcome | None:
    if step is Step.ANSWERED:
        if name is None:
            raise OutcomeMissing
        if name in tuple(Outcome):
            return Outcome(name)
    elif name is None:
        return None
    raise OutcomeRefused(name, outcome=name)


async def _case(session: AsyncSession, officer: Officer, powers: Iterable[Power], case_id: str) -> Case:
    within = (await reach_of(session, officer, powers)).condition()
    case = await session.scalar(select(Case).where(Case.id == case_id, within))
    if case is None:
        raise UnknownCase
    return case


async def _is_of(session: AsyncSession, report_id: str, case_id: str) -> bool:
    return await session.scalar(select(Report.id).where(Report.id == report_id, Report.case_id == case_id)) is not None


def _standing(within: ColumnElement[bool], states: frozenset[State]) -> Select[Case, CaseEvent]:
    """Cases within reach, each with its newest event, in one of these states."""
    later = aliased(CaseEvent)
    overtaken = select(later.seq).where(later.case_id == CaseEvent.case_id, later.seq > CaseEvent.seq).exists()
    return (
        select(Case, CaseEvent).join(CaseEvent, CaseEvent.case_id == Case.id).where(within, CaseEvent.state.in_(sorted(states)), ~overtaken)
    )


Claim = Row[str, int, int | None]
"""Of one case: its id, how many reports it has, the most that anybody says they paid."""


async def _claims(session: AsyncSession, cases: list[str]) -> dict[str, Claim]:
    rows = await session.execute(
        select(Report.case_id, func.count(), func.max(Report.paid_minor)).where(Report.case_id.in_(cases)).group_by(Report.case_id)
    )
    return {row[0]: row for row in rows}


def _summary(case: Case, event: CaseEvent, claim: Claim, today: date) -> CaseSummary:
    _, reports, paid = claim
    return CaseSummary(
        id=case.id,
        state=State(event.state),
        version=event.seq,
        authority=case.authority_id,
        office=case.office_id,
        counter=case.counter_id,
        fee=case.fee,
        opened_on=case.opened_on,
        due=event.due,
        overdue=clocks.overdue(event.due, today),
        difference=_difference(case, paid),
        reports=reports,
    )


def _difference(case: Case, paid: int | None) -> Money | None:
    """The money finding of the case's amounts; without a receipt, what was paid is held against what is published."""
    recorded = paid if case.recorded_minor is None else case.recorded_minor
    if recorded is None:
        return None
    _, difference = money_finding(case.published_minor, recorded, paid, VerdictState.NOT_VERIFIABLE)
    return _money(difference, case.currency)


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


async def _filed_events(session: AsyncSession, case_id: str) -> tuple[FiledEvent, ...]:
    rows = await session.execute(
        select(CaseEvent, Officer.username, CaseText.text)
        .outerjoin(Officer, Officer.id == CaseEvent.officer_id)
        .outerjoin(CaseText, and_(CaseText.case_id == CaseEvent.case_id, CaseText.seq == CaseEvent.seq))
        .where(CaseEvent.case_id == case_id)
        .order_by(CaseEvent.seq)
    )
    return tuple(
        FiledEvent(
            event.seq,
            Step(event.type),
            State(event.state),
            event.at_hour,
            username,
            event.report_id,
            None if event.outcome is None else Outcome(event.outcome),
            text,
        )
        for event, username, text in rows
    )


async def _filed_reports(session: AsyncSession, case_id: str) -> tuple[FiledReport, ...]:
    rows = await session.execute(
        select(Report, ReportContent.text)
        .outerjoin(ReportContent, ReportContent.report_id == Report.id)
        .join(CaseEvent, and_(CaseEvent.report_id == Report.id, CaseEvent.type.in_((Step.RECEIVED, Step.REPORT_LINKED))))
        .where(Report.case_id == case_id)
        .order_by(CaseEvent.seq)
    )
    return tuple(
        FiledReport(
            report.id,
            report.received_on,
            report.happened_on,
            _money(report.paid_minor, report.currency),
            report.counted,
            report.evidence,
            report.language,
            report.verdict_state,
            text,
        )
        for report, text in rows
    )


def _read_cursor(cursor: str) -> tuple[date, str]:
    match = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([a-z0-9]{20})", cursor, re.ASCII)
    try:
        if match is None:
            raise ValueError(cursor)
        return date.fromisoformat(match[1]), match[2]
    except ValueError:
        raise MalformedCursor(cursor) from None
