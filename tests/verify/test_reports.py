"""Reports on real databases: filed, linked, followed, erased."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from registry.db import Base
from registry.errors import UnknownFee, UnknownPlace
from registry.money import Money
from service.db import Database, create_engine
from tests.verify.reporting import checked, euros, facts, held, issued, reported
from tests.world import MINISTRY, NOW, TOWN, WINDOW, found
from verify import follow_code
from verify.cases.desk import case_file, take_step
from verify.cases.events import Case, CaseEvent, CaseText
from verify.cases.workflow import Outcome, State
from verify.errors import (
    HappenedInFuture,
    MalformedFollowCode,
    PaidCurrencyMismatch,
    ReportIncomplete,
    TextTooLong,
    UnknownFollowCode,
    UnknownLanguage,
    WordsMissing,
)
from verify.reports import Filed, Message, Report, ReportContent, Voice, add_message, erase_words, file_report, follow

pytestmark = [pytest.mark.database, pytest.mark.slow]

TODAY = NOW.date()
DUE = TODAY + timedelta(days=21)


async def report_of(session: AsyncSession, filed: Filed) -> Report:
    """The stored row."""
    return await session.get_one(Report, filed.report_id)


async def test_a_report_on_a_receipt_takes_everything_from_the_receipt(session: AsyncSession) -> None:
    """Two taps: that it was more, and how much."""
    world = await found(session)
    receipt = await issued(session, world)
    filed = await reported(session, world, receipt, "7.00", text="Kërkuan 5 euro më shumë", language="sq")
    stored, case = await report_of(session, filed), await session.get_one(Case, filed.case_id)
    assert (200, 200, 700, "EUR") == (stored.published_minor, stored.recorded_minor, stored.paid_minor, stored.currency)
    assert (TOWN, "xk-town-hall", "CERT", "overcharged") == (stored.authority_id, stored.office_id, stored.fee, stored.verdict_state)
    assert (receipt.token, receipt.cti, receipt.number, WINDOW) == (case.token, case.cti, case.number, case.counter_id)
    assert ("token", True, DUE) == (stored.evidence, stored.counted, filed.answer_due)
    assert re.fullmatch(r"\d{5}(-\d{5}){4}", filed.code)


async def test_what_is_stored_holds_no_moment_and_no_code(session: AsyncSession) -> None:
    """An hour for the case, a day for the report, a hash for the code; and no column for an address or a device."""
    world = await found(session)
    moment = datetime(2026, 11, 24, 10, 41, 7, 123456, tzinfo=UTC)
    filed = await reported(session, world, await issued(session, world), now=moment)
    event = await session.get_one(CaseEvent, (filed.case_id, 1))
    assert datetime(2026, 11, 24, 10, tzinfo=UTC) == event.at_hour
    for table in (Report, ReportContent, Case, CaseEvent, CaseText):
        row = (await session.execute(select(table.__table__))).mappings().first()
        values = "" if row is None else repr(dict(row))
        assert "41, 7" not in values
        assert filed.code not in values
        assert filed.code.replace("-", "") not in values
        assert not {"ip", "address", "user_agent", "device"} & set(table.__table__.columns.keys())


async def test_later_reports_on_a_receipt_are_linked_and_one_counts(session: AsyncSession) -> None:
    """None is locked out, and nobody is told that they are not the first."""
    world = await found(session)
    receipt = await issued(session, world)
    filed = [await reported(session, world, receipt, paid) for paid in ("2.00", "7.00", "9.00")]
    assert 1 == len({each.case_id for each in filed})
    assert 3 == len({each.code for each in filed})
    assert [True, False, False] == [(await report_of(session, each)).counted for each in filed]
    followed = [await follow(session, each.code, NOW) for each in filed]
    assert followed[0] == followed[1] == followed[2]


async def test_a_receipt_happened_on_the_day_that_the_office_had(session: AsyncSession) -> None:
    """Half past midnight in the town is still yesterday in UTC."""
    world = await found(session)
    receipt = await issued(session, world, now=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    report = await report_of(session, await reported(session, world, receipt))
    assert date(2026, 11, 24) == report.happened_on


async def test_the_database_refuses_a_second_counted_voice(session: AsyncSession) -> None:
    """By hand, past our code."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world))
    row = dict((await session.execute(select(Report.__table__).where(Report.id == filed.report_id))).mappings().one())
    with pytest.raises(Exception, match=r"(?i)unique|never changed"):
        await session.execute(Report.__table__.insert().values({**row, "id": "x" * 20, "code_hash": b"x" * 32}))


async def test_a_report_without_a_receipt_is_a_case_of_its_own_each_time(session: AsyncSession) -> None:
    """Nobody got a receipt, twice; a flat fee in force that day gives the published amount."""
    world = await found(session)
    told = {"authority": TOWN, "office": "xk-town-hall", "fee": "CERT", "happened_on": TODAY, "paid": euros("10.00"), "now": NOW}
    first, second = [await file_report(session, facts(world), **told) for _ in range(2)]
    stored = await report_of(session, first)
    assert first.case_id != second.case_id
    assert ("none", 200, None, 1000, None) == (
        stored.evidence,
        stored.published_minor,
        stored.recorded_minor,
        stored.paid_minor,
        stored.cti,
    )


async def test_a_fee_that_depends_on_inputs_gives_no_published_amount_without_a_receipt(session: AsyncSession) -> None:
    """We do not guess."""
    world = await found(session)
    filed = await file_report(session, facts(world), authority=TOWN, fee="PREMISES", happened_on=TODAY, paid=euros("60.00"), now=NOW)
    assert (await report_of(session, filed)).published_minor is None


async def test_paper_that_is_not_genuine_can_be_reported_and_reaches_no_receipts_case(session: AsyncSession) -> None:
    """A forger copies the claims of a real receipt; its case must not be touched by what they sealed themselves."""
    world = await found(session)
    receipt = await issued(session, world)
    genuine = await reported(session, world, receipt)
    forged = checked(world, receipt.token[:-1] + bytes([receipt.token[-1] ^ 1]))
    filed = await file_report(session, facts(world), verdict=forged, authority=TOWN, now=NOW)
    stored = await report_of(session, filed)
    assert genuine.case_id != filed.case_id
    assert ("not_genuine", None, None, "none") == (stored.verdict_state, stored.cti, stored.number, stored.evidence)


async def test_a_foreign_code_can_be_reported_although_nobody_knows_whose_it_is(session: AsyncSession) -> None:
    """A sticker over our code."""
    world = await found(session)
    verdict = checked(world, "https://taksa.evil/R/AAAA")
    filed = await file_report(session, facts(world), verdict=verdict, now=NOW)
    assert (await report_of(session, filed)).authority_id is None


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({}, ReportIncomplete),
        ({"fee": "CERT"}, ReportIncomplete),
        ({"authority": "nowhere"}, UnknownPlace),
        ({"authority": TOWN, "office": "mk-desk"}, UnknownPlace),
        ({"authority": TOWN, "fee": "NO-SUCH"}, UnknownFee),
        ({"authority": MINISTRY, "fee": "CERT"}, UnknownFee),
        ({"authority": TOWN, "happened_on": TODAY + timedelta(days=2)}, HappenedInFuture),
        ({"authority": TOWN, "happened_on": date.max}, HappenedInFuture),
        ({"authority": TOWN, "fee": "CERT", "happened_on": TODAY, "paid": Money(100, "MKD")}, PaidCurrencyMismatch),
        ({"authority": TOWN, "text": "x" * 4001}, TextTooLong),
        ({"authority": TOWN, "language": "de"}, UnknownLanguage),
        ({"authority": TOWN, "code": "123"}, MalformedFollowCode),
    ],
)
async def test_a_report_that_makes_no_sense_is_refused_and_leaves_nothing(
    session: AsyncSession, told: dict[str, object], refusal: type[Exception]
) -> None:
    """Each with its code."""
    world = await found(session)
    with pytest.raises(refusal):
        await file_report(session, facts(world), now=NOW, **told)
    assert await session.scalar(select(Report.id)) is None
    assert await session.scalar(select(Case.id)) is None


async def test_a_paid_amount_in_another_currency_than_the_receipts_is_refused(session: AsyncSession) -> None:
    """Never converted."""
    world = await found(session)
    verdict = checked(world, (await issued(session, world)).token)
    with pytest.raises(PaidCurrencyMismatch):
        await file_report(session, facts(world), verdict=verdict, paid=Money(500, "MKD"), now=NOW)


async def test_a_day_that_has_begun_somewhere_is_not_the_future(session: AsyncSession) -> None:
    """Late in the evening UTC it is tomorrow in Skopje."""
    world = await found(session)
    evening = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    await file_report(session, facts(world), authority=TOWN, happened_on=date(2026, 11, 25), now=evening)


async def test_the_reporter_reads_the_dialogue_by_code_and_no_officers_name(session: AsyncSession) -> None:
    """Report, question, reply, answer, with their days."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world), text="They asked 7")
    ina, rights = world.inspector, await held(session, world.inspector)
    days = [NOW + timedelta(days=n) for n in range(5)]
    version = await take_step(session, ina, rights, filed.case_id, type="question", text="Cash?", version=1, now=days[1])
    assert State.AWAITING_REPORTER is (await follow(session, filed.code, days[1])).state
    await add_message(session, filed.code.replace("-", " "), "Yes, cash", days[2])
    version = await take_step(
        session, ina, rights, filed.case_id, type="answered", text="You get 5.00 back", outcome="overcharge_confirmed_refund",
        version=version + 1, now=days[3],
    )  # fmt: skip
    await take_step(session, ina, rights, filed.case_id, type="closed", version=version, now=days[4])
    followed = await follow(session, filed.code, days[4])
    assert [
        (days[0].date(), State.RECEIVED),
        (days[1].date(), State.IN_TRIAGE),
        (days[1].date(), State.UNDER_INVESTIGATION),
        (days[1].date(), State.AWAITING_REPORTER),
        (days[2].date(), State.UNDER_INVESTIGATION),
        (days[3].date(), State.ANSWERED),
        (days[4].date(), State.CLOSED),
    ] == list(followed.timeline)
    assert [
        (Voice.REPORTER, days[0].date(), "They asked 7"),
        (Voice.INSPECTOR, days[1].date(), "Cash?"),
        (Voice.REPORTER, days[2].date(), "Yes, cash"),
        (Voice.INSPECTOR, days[3].date(), "You get 5.00 back"),
    ] == [(message.voice, message.day, message.text) for message in followed.messages]
    assert (State.CLOSED, Outcome.OVERCHARGE_CONFIRMED_REFUND, DUE) == (followed.state, followed.outcome, followed.answer_due)
    assert {"voice", "day", "text"} == {field.name for field in fields(Message)}, "no room for a name"


async def test_a_closed_case_still_takes_a_message(session: AsyncSession) -> None:
    """It reaches the file and undoes nothing."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world))
    ina, rights = world.inspector, await held(session, world.inspector)
    version = await take_step(
        session, ina, rights, filed.case_id, type="answered", text="Lawful", outcome="lawful_charge", version=1, now=NOW
    )
    await take_step(session, ina, rights, filed.case_id, type="closed", version=version, now=NOW)
    await add_message(session, filed.code, "I disagree", NOW)
    assert State.CLOSED is (await follow(session, filed.code, NOW)).state
    assert "I disagree" == (await case_file(session, ina, rights, filed.case_id, NOW)).events[-1].text


async def test_a_late_answer_is_said_to_be_late(session: AsyncSession) -> None:
    """To the reporter too, from the day after."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world))
    assert not (await follow(session, filed.code, NOW + timedelta(days=21))).overdue
    assert (await follow(session, filed.code, NOW + timedelta(days=22))).overdue


async def test_a_code_nobody_has_opens_nothing(session: AsyncSession) -> None:
    """Reading and writing alike."""
    await found(session)
    with pytest.raises(UnknownFollowCode):
        await follow(session, "0" * 25, NOW)
    with pytest.raises(UnknownFollowCode):
        await add_message(session, "0" * 25, "hello", NOW)
    with pytest.raises(MalformedFollowCode):
        await follow(session, "0" * 16, NOW)


async def test_a_message_needs_words(session: AsyncSession) -> None:
    """Blank ones are no message."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world))
    with pytest.raises(WordsMissing):
        await add_message(session, filed.code, " \n ", NOW)


async def test_a_code_can_be_given_and_is_typed_back_with_or_without_hyphens(session: AsyncSession) -> None:
    """As the demonstration does."""
    world = await found(session)
    code = follow_code.draw()
    filed = await reported(session, world, await issued(session, world), code=code)
    assert filed.code == follow_code.shown(code)
    assert await follow(session, code, NOW) == await follow(session, filed.code, NOW)


async def test_erasing_the_words_leaves_the_official_rows_whole(session: AsyncSession) -> None:
    """What the law lets be deleted is deleted; that there was a case, and how it ended, is not."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world), text="secret words")
    await add_message(session, filed.code, "more secret words", NOW)
    official = {table: (await session.execute(select(table))).all() for table in _official()}
    await erase_words(session, filed.case_id)
    assert official == {table: (await session.execute(select(table))).all() for table in _official()}
    assert await session.scalar(select(ReportContent.text)) is None
    assert await session.scalar(select(CaseText.text)) is None
    assert [None] == [message.text for message in (await follow(session, filed.code, NOW)).messages]


@pytest.mark.parametrize("table", ["report", "case_file", "case_event"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
async def test_no_official_row_can_be_changed_or_removed(session: AsyncSession, table: str, change: str) -> None:
    """By hand in SQL, on both databases."""
    world = await found(session)
    await reported(session, world, await issued(session, world))
    column = {"report": "language", "case_file": "fee", "case_event": "state"}[table]
    with pytest.raises(Exception, match="official rows are never changed"):
        await session.execute(text(change.format(table, column, column)))


def _official() -> list[object]:
    return [Base.metadata.tables[name] for name in ("report", "case_file", "case_event")]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database of its own, for work that really commits."""
    database = Database(create_engine(database_url))
    yield database
    await database.close()


async def test_reports_that_arrive_in_the_same_moment_are_all_heard_in_one_case(database: Database) -> None:
    """Eight at once on one receipt: one case, one counted, eight codes that work."""
    async with database.write() as session:
        world = await found(session)
        receipt = await issued(session, world)

    async def file(paid: int) -> Filed:
        async with database.write() as session:
            return await reported(session, world, receipt, f"{paid}.00")

    filed = await asyncio.gather(*(file(paid) for paid in range(3, 11)))
    async with database.read() as session:
        assert 1 == len((await session.scalars(select(Case.id))).all())
        assert 1 == sum((await session.scalars(select(Report.counted))).all())
        assert list(range(1, 9)) == sorted((await session.scalars(select(CaseEvent.seq))).all())
        for each in filed:
            assert State.RECEIVED is (await follow(session, each.code, NOW)).state
