"""The inspector's cases. What an officer may not know of answers as if it were not there."""

from datetime import date, datetime
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from registry.grants import Role
from service.access import Member, member_with
from service.api.amounts import MoneyJSON
from service.clock import Clock
from verify.cases import desk
from verify.cases.desk import CaseFile, CaseSummary

NEVER_KEPT = {"Cache-Control": "no-store"}


class CaseItem(Struct, frozen=True):
    """One line of the queue. `difference` is the money at stake."""

    id: str
    state: str
    authority: str | None
    office: str | None
    due: date | None
    difference: MoneyJSON | None
    fee: str | None
    opened_on: date
    overdue: bool
    reports: int
    version: int


class CaseList(Struct, frozen=True):
    items: list[CaseItem]
    next_cursor: str | None


class EventJSON(Struct, frozen=True):
    seq: int
    type: str
    state: str
    hour: datetime
    officer: str | None
    report: str | None
    outcome: str | None
    text: str | None


class CaseReportJSON(Struct, frozen=True):
    id: str
    received_on: date
    happened_on: date | None
    paid: MoneyJSON | None
    counted: bool
    evidence: str
    language: str
    text: str | None


class CaseJSON(Struct, frozen=True):
    """The file. `version` goes back with the next step; `steps` are those that may be taken."""

    id: str
    state: str
    version: int
    outcome: str | None
    authority: str | None
    office: str | None
    fee: str | None
    fee_version: int | None
    number: str | None
    published: MoneyJSON | None
    recorded: MoneyJSON | None
    difference: MoneyJSON | None
    verdict_state: str | None
    opened_on: date
    due: date | None
    overdue: bool
    events: list[EventJSON]
    reports: list[CaseReportJSON]
    steps: list[str]


class StepRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of the workflow, on the version that was read."""

    type: Annotated[str, Meta(max_length=40)]
    version: int
    text: str | None = None
    outcome: Annotated[str, Meta(max_length=40)] | None = None
    report: Annotated[str, Meta(max_length=40)] | None = None


class StepTaken(Struct, frozen=True):
    version: int


@get("/api/v1/cases")
async def list_cases(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    member: NamedDependency[Member],
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    cursor: FromQuery[str | None] = None,
) -> Response[CaseList]:
    """Cases that wait for an answer, nearest deadline first."""
    items, after = await desk.queue(session, member.officer, member.powers, clock.now(), limit=limit, cursor=cursor)
    return Response(CaseList([_item(item) for item in items], after), headers=NEVER_KEPT)


@get("/api/v1/cases/{case_id:str}")
async def show_case(
    session: NamedDependency[AsyncSession], clock: NamedDependency[Clock], member: NamedDependency[Member], case_id: FromPath[str]
) -> Response[CaseJSON]:
    """The file of one case."""
    return Response(_file(await desk.case_file(session, member.officer, member.powers, case_id, clock.now())), headers=NEVER_KEPT)


@post("/api/v1/cases/{case_id:str}/events", status_code=201)
async def take_step(
    data: JSONBody[StepRequest],
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    member: NamedDependency[Member],
    case_id: FromPath[str],
) -> StepTaken:
    """Take a step. 409 when somebody else took one since the version that was read."""
    version = await desk.take_step(
        session,
        member.officer,
        member.powers,
        case_id,
        type=data.type,
        text=data.text,
        outcome=data.outcome,
        report=data.report,
        version=data.version,
        now=clock.now(),
    )
    return StepTaken(version)


def _item(summary: CaseSummary) -> CaseItem:
    return CaseItem(
        id=summary.id,
        state=summary.state,
        authority=summary.authority,
        office=summary.office,
        due=summary.due,
        difference=MoneyJSON.of(summary.difference),
        fee=summary.fee,
        opened_on=summary.opened_on,
        overdue=summary.overdue,
        reports=summary.reports,
        version=summary.version,
    )


def _file(file: CaseFile) -> CaseJSON:
    summary = file.summary
    return CaseJSON(
        id=summary.id,
        state=summary.state,
        version=summary.version,
        outcome=file.outcome,
        authority=summary.authority,
        office=summary.office,
        fee=summary.fee,
        fee_version=file.fee_version,
        number=file.number,
        published=MoneyJSON.of(file.published),
        recorded=MoneyJSON.of(file.recorded),
        difference=MoneyJSON.of(summary.difference),
        verdict_state=file.verdict_state,
        opened_on=summary.opened_on,
        due=summary.due,
        overdue=summary.overdue,
        events=[
            EventJSON(each.seq, each.type, each.state, each.at_hour, each.officer, each.report, each.outcome, each.text)
            for each in file.events
        ],
        reports=[
            CaseReportJSON(
                each.id, each.received_on, each.happened_on, MoneyJSON.of(each.paid), each.counted, each.evidence, each.language, each.text
            )
            for each in file.reports
        ],
        steps=list(file.steps),
    )


inspectors = Router("/", route_handlers=[list_cases, show_case, take_step], dependencies={"member": Provide(member_with(Role.INSPECTOR))})
routes = [inspectors]
