"""Reporting and following from outside the pages. The follow code travels in bodies only, never in an address."""

from datetime import date
from typing import Annotated, Literal

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from service.api.amounts import MoneyJSON
from service.clock import Clock
from service.process import Process
from service.web.language import words
from verify.register import is_number
from verify.reports import add_message, file_report, follow

NEVER_KEPT = {"Cache-Control": "no-store"}

Id = Annotated[str, Meta(max_length=64)]
Language = Literal["en", "sq", "mk", "sr"]


class ReportRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """With a receipt, or without one and then with the authority where it happened."""

    receipt: Annotated[str, Meta(max_length=4096)] | None = None
    issued_on: date | None = None
    paid: MoneyJSON | None = None
    authority: Id | None = None
    office: Id | None = None
    fee: Id | None = None
    happened_on: date | None = None
    text: str | None = None
    language: Language | None = None


class Acknowledgement(Struct, frozen=True):
    """What the reporter keeps: the code to follow by, and the day by which there is an answer."""

    code: str
    acknowledgement: str
    answer_due: date


class FollowRequest(Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(max_length=100)]


class MessageRequest(Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(max_length=100)]
    text: str


class TimelineJSON(Struct, frozen=True):
    day: date
    state: str


class MessageJSON(Struct, frozen=True, rename={"from_": "from"}):
    """`text` is null once it was erased."""

    from_: str
    day: date
    text: str | None


class FollowedJSON(Struct, frozen=True):
    """How the report stands."""

    state: str
    outcome: str | None
    answer_due: date
    timeline: list[TimelineJSON]
    messages: list[MessageJSON]


@post("/api/v1/reports", status_code=201)
async def report(
    data: JSONBody[ReportRequest],
    session: NamedDependency[AsyncSession],
    process: NamedDependency[Process],
    language: NamedDependency[str],
) -> Response[Acknowledgement]:
    """Report what was charged. Nobody is asked who they are."""
    paid = None if data.paid is None else data.paid.money()
    verdict = None
    if data.receipt is not None:
        verdict = await process.check(data.receipt, paid=paid, issued_on=data.issued_on, count=False)
    filed = await file_report(
        session,
        process.facts,
        verdict=verdict,
        by_number=data.receipt is not None and is_number(data.receipt),
        paid=paid,
        authority=data.authority,
        office=data.office,
        fee=data.fee,
        happened_on=data.happened_on,
        text=data.text,
        language=data.language or language,
        channel="api",
        now=process.now(),
    )
    speaking = words(data.language or language)
    told = speaking.gettext("We have your report. You will have an answer by %(day)s.", day=speaking.day(filed.answer_due))
    return Response(Acknowledgement(filed.code, told, filed.answer_due), headers=NEVER_KEPT)


@post("/api/v1/reports/follow", status_code=200)
async def follow_report(
    data: JSONBody[FollowRequest], reading: NamedDependency[AsyncSession], clock: NamedDependency[Clock]
) -> Response[FollowedJSON]:
    """How a report stands, for who holds its code."""
    found = await follow(reading, data.code, clock.now())
    return Response(
        FollowedJSON(
            found.state,
            found.outcome,
            found.answer_due,
            [TimelineJSON(day, state) for day, state in found.timeline],
            [MessageJSON(message.voice, message.day, message.text) for message in found.messages],
        ),
        headers=NEVER_KEPT,
    )


@post("/api/v1/reports/follow/messages", status_code=201)
async def send_message(data: JSONBody[MessageRequest], session: NamedDependency[AsyncSession], clock: NamedDependency[Clock]) -> None:
    """Write to the inspector."""
    await add_message(session, data.code, data.text, clock.now())


routes = [report, follow_report, send_message]
