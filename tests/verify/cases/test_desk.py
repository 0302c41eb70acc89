"""The inspector's desk on real databases: who sees what, and who may do what to it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.grants import Grant, Role, end
from registry.officers import Officer
from registry.receipts.token import parse
from tests.verify.reporting import ORIGIN, checked, colleague, euros, facts, held, issued, reported
from tests.world import INSPECTORATE, MINISTRY, NOW, TOWN, WINDOW, World, found, grant, person
from verify.cases import clocks
from verify.cases.desk import CaseFile, Totals, case_file, queue, take_step, totals
from verify.cases.events import CaseEvent, append, history
from verify.cases.workflow import INSPECTOR_STEPS, LAW, Outcome, State, Step, fold, way
from verify.errors import (
    IllegalStep,
    MalformedCursor,
    OutcomeMissing,
    OutcomeRefused,
    StaleCase,
    TextTooLong,
    UnknownCase,
    WordsMissing,
)
from verify.reports import add_message, file_report, follow

pytestmark = [pytest.mark.database, pytest.mark.slow]

NO_SUCH = "a" * 20


async def read(session: AsyncSession, officer: Officer, case_id: str) -> CaseFile:
    """The file as this officer sees it."""
    return await case_file(session, officer, await held(session, officer), case_id, NOW)


async def step(session: AsyncSession, officer: Officer, case_id: str, **what: object) -> int:
    """A step by this officer, of the version they see now unless said otherwise."""
    rights = await held(session, officer)
    version = what.pop("version", None) or (await read(session, officer, case_id)).summary.version
    return await take_step(session, officer, rights, case_id, version=version, now=NOW, **what)


async def listed(session: AsyncSession, officer: Officer, **how: object) -> list[str]:
    """The ids in an officer's queue."""
    items, _ = await queue(session, officer, await held(session, officer), NOW, **how)
    return [item.id for item in items]


# What an inspector sees


async def test_the_queue_says_what_is_at_stake_and_by_when(session: AsyncSession) -> None:
    """The most that any report makes of it, not what the first one said."""
    world = await found(session)
    receipt = await issued(session, world)
    filed = await reported(session, world, receipt, "2.00")
    await reported(session, world, receipt, "7.00")
    items, cursor = await queue(session, world.inspector, await held(session, world.inspector), NOW)
    assert cursor is None
    assert [(filed.case_id, State.RECEIVED, TOWN, "xk-town-hall", WINDOW, "CERT", filed.answer_due, euros("5.00"), 2, False)] == [
        (i.id, i.state, i.authority, i.office, i.counter, i.fee, i.due, i.difference, i.reports, i.overdue) for i in items
    ]


async def test_the_queue_is_ordered_by_deadline_and_pages_without_losing_a_case(session: AsyncSession) -> None:
    """Answered cases come last, closed ones only when asked for."""
    world = await found(session)
    made = []
    for days in (3, 1, 2, 1, 0, 4):
        filed = await reported(session, world, await issued(session, world), now=NOW + timedelta(days=days))
        made.append((days, filed.case_id))
    answered, closed = made[4][1], made[5][1]
    for case_id in (answered, closed):
        await step(session, world.inspector, case_id, type="answered", text="Lawful", outcome="lawful_charge")
    await step(session, world.inspector, closed, type="closed")
    expected = [case_id for _, case_id in sorted(made[:4])] + [answered]
    rights = await held(session, world.inspector)
    paged, cursor = [], None
    for _ in range(3):
        items, cursor = await queue(session, world.inspector, rights, NOW, limit=2, cursor=cursor)
        paged += [item.id for item in items]
    assert cursor is None
    assert expected == paged == await listed(session, world.inspector)
    assert [closed] == await listed(session, world.inspector, states=frozenset({State.CLOSED}))


@pytest.mark.parametrize("cursor", ["", "x", "2026-13-01." + NO_SUCH, "2026-11-24.SHORT", "2026-11-24." + NO_SUCH + "\n"])
async def test_a_made_up_cursor_is_refused(session: AsyncSession, cursor: str) -> None:
    """With a code, not an accident."""
    world = await found(session)
    with pytest.raises(MalformedCursor):
        await queue(session, world.inspector, await held(session, world.inspector), NOW, cursor=cursor)


async def test_totals_count_what_waits_and_what_is_late(session: AsyncSession) -> None:
    """Answered cases wait no more."""
    world = await found(session)
    for _ in range(3):
        filed = await reported(session, world, await issued(session, world))
    await step(session, world.inspector, filed.case_id, type="answered", text="Lawful", outcome="lawful_charge")
    rights = await held(session, world.inspector)
    assert Totals(2, 0) == await totals(session, world.inspector, rights, NOW + timedelta(days=21))
    assert Totals(2, 2) == await totals(session, world.inspector, rights, NOW + timedelta(days=22))


async def test_the_file_holds_the_amounts_the_words_and_the_token_to_check_again(session: AsyncSession) -> None:
    """The evidence is already there."""
    world = await found(session)
    receipt = await issued(session, world)
    filed = await reported(session, world, receipt, "7.00", text="He asked for 7", language="sq")
    await add_message(session, filed.code, "In cash", NOW)
    file = await read(session, world.inspector, filed.case_id)
    assert (euros("2.00"), euros("2.00"), receipt.number, 1) == (file.published, file.recorded, file.number, file.fee_version)
    assert file.token is not None
    assert "match" == checked(world, file.token).state
    assert receipt.cti == parse(file.token).claims.cti
    (told,) = file.reports
    assert (euros("7.00"), "He asked for 7", "sq", True, "token") == (told.paid, told.text, told.language, told.counted, told.evidence)
    assert [(Step.RECEIVED, None), (Step.REPORTER_MESSAGE, "In cash")] == [(event.type, event.text) for event in file.events]
    assert 2 == file.summary.version
    assert (Step.OPENED, Step.ACCEPTED, Step.QUESTION, Step.ANSWERED) == file.steps


async def test_an_underpaid_report_without_a_receipt_is_compared_with_what_is_published(session: AsyncSession) -> None:
    """Less than prescribed is a finding too."""
    world = await found(session)
    await file_report(session, facts(world), authority=TOWN, fee="CERT", happened_on=NOW.date(), paid=euros("1.50"), now=NOW)
    await file_report(session, facts(world), authority=TOWN, paid=euros("9.00"), now=NOW)
    await file_report(session, facts(world), authority=TOWN, now=NOW)
    items, _ = await queue(session, world.inspector, await held(session, world.inspector), NOW)
    assert {euros("0.50"), None} == {item.difference for item in items}


# The steps


async def test_one_click_answers_a_clear_case_and_the_record_shows_every_state(session: AsyncSession) -> None:
    """Opened, accepted and answered by the same officer, in the same hour."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world))
    version = await step(session, world.inspector, filed.case_id, type="answered", text="5.00 back", outcome="overcharge_confirmed_refund")
    file = await read(session, world.inspector, filed.case_id)
    assert 4 == version == file.summary.version
    assert [State.RECEIVED, State.IN_TRIAGE, State.UNDER_INVESTIGATION, State.ANSWERED] == [event.state for event in file.events]
    assert [None, "ina", "ina", "ina"] == [event.officer for event in file.events]
    assert (Outcome.OVERCHARGE_CONFIRMED_REFUND, "5.00 back") == (file.outcome, file.events[-1].text)
    assert file.summary.due is None


async def test_a_later_report_opens_an_answered_case_again_with_a_clock_of_its_own(session: AsyncSession) -> None:
    """And the first reporter, who has their answer, is told nothing of it."""
    world = await found(session)
    receipt = await issued(session, world)
    first = await reported(session, world, receipt, "2.00")
    await step(session, world.inspector, first.case_id, type="answered", text="All fine", outcome="lawful_charge")
    told = await follow(session, first.code, NOW)
    later = NOW + timedelta(days=50)
    second = await reported(session, world, receipt, "7.00", now=later)
    file = await read(session, world.inspector, first.case_id)
    assert (State.IN_TRIAGE, None, clocks.answer_due(later.date())) == (file.summary.state, file.outcome, file.summary.due)
    assert told == await follow(session, first.code, NOW)
    assert State.RECEIVED is (await follow(session, second.code, later)).state


async def test_a_question_for_one_reporter_is_not_read_by_another(session: AsyncSession) -> None:
    """The other may be the clerk."""
    world = await found(session)
    receipt = await issued(session, world)
    citizen, clerk = [await reported(session, world, receipt, paid) for paid in ("7.00", "2.00")]
    await step(session, world.inspector, citizen.case_id, type="question", text="Did he say why?", report=citizen.report_id)
    assert ["Did he say why?"] == [message.text for message in (await follow(session, citizen.code, NOW)).messages]
    assert () == (await follow(session, clerk.code, NOW)).messages
    await add_message(session, citizen.code, "For coffee", NOW)
    assert () == (await follow(session, clerk.code, NOW)).messages


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        ({"type": "question"}, WordsMissing),
        ({"type": "question", "text": " "}, WordsMissing),
        ({"type": "question", "text": "x" * 4001}, TextTooLong),
        ({"type": "question", "text": "Why?", "outcome": "lawful_charge"}, OutcomeRefused),
        ({"type": "question", "text": "Why?", "report": NO_SUCH}, IllegalStep),
        ({"type": "answered", "text": "Yes"}, OutcomeMissing),
        ({"type": "answered", "text": "Yes", "outcome": "fixed"}, OutcomeRefused),
        ({"type": "answered", "outcome": "lawful_charge"}, WordsMissing),
        ({"type": "answered", "outcome": "lawful_charge", "text": "Yes", "report": NO_SUCH}, IllegalStep),
        ({"type": "closed"}, IllegalStep),
        ({"type": "received"}, IllegalStep),
        ({"type": "reporter_message", "text": "I withdraw"}, IllegalStep),
        ({"type": "report_linked"}, IllegalStep),
        ({"type": "deleted"}, IllegalStep),
        ({"type": "opened", "outcome": "duplicate"}, OutcomeRefused),
        ({"type": "opened", "version": 2}, StaleCase),
        ({"type": "opened", "version": -1}, StaleCase),
    ],
)
async def test_a_step_that_is_wrong_is_refused_and_leaves_the_case_as_it_was(
    session: AsyncSession, what: dict[str, object], refusal: type[Exception]
) -> None:
    """No closing without an answer, no answer without words and an outcome, no speaking for the reporter."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world))
    before = await read(session, world.inspector, filed.case_id)
    with pytest.raises(refusal):
        await step(session, world.inspector, filed.case_id, **what)
    assert before == await read(session, world.inspector, filed.case_id)


async def test_who_read_an_older_version_must_read_again(session: AsyncSession) -> None:
    """Two inspectors at once, or an inspector and a reporter: nobody answers what they have not seen."""
    world = await found(session)
    other = await colleague(session, world, "iris", INSPECTORATE)
    filed = await reported(session, world, await issued(session, world))
    await step(session, other, filed.case_id, type="opened", version=1)
    with pytest.raises(StaleCase):
        await step(session, world.inspector, filed.case_id, type="answered", text="No", outcome="unsubstantiated", version=1)
    await add_message(session, filed.code, "I found the old receipt", NOW)
    with pytest.raises(StaleCase):
        await step(session, other, filed.case_id, type="answered", text="No", outcome="unsubstantiated", version=2)
    assert 5 == await step(session, other, filed.case_id, type="answered", text="Yes", outcome="registry_error", version=3)


async def test_the_primary_key_refuses_the_second_of_two_events_with_one_number(session: AsyncSession) -> None:
    """Even if two processes should get past the lock."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world))
    seen = (await history(session, filed.case_id))[-1]
    await append(session, filed.case_id, seen, Step.OPENED, NOW, officer_id=world.inspector.id)
    with pytest.raises(StaleCase):
        await append(session, filed.case_id, seen, Step.OPENED, NOW, officer_id=world.inspector.id)


@pytest.mark.parametrize("state", list(State))
async def test_the_law_holds_in_the_database_for_every_step_from_every_state(session: AsyncSession, state: State) -> None:
    """Taken through the desk; what is refused changes nothing."""
    world = await found(session)
    for name in sorted(INSPECTOR_STEPS):
        filed = await reported(session, world, await issued(session, world))
        await _bring(session, world, filed.case_id, filed.code, state)
        words = {"text": "words", "outcome": "duplicate"} if name is Step.ANSWERED else {"text": "words"}
        try:
            leads_to = fold([*_path(state), *way(state, name)])
        except IllegalStep:
            with pytest.raises(IllegalStep):
                await step(session, world.inspector, filed.case_id, type=name, **words)
            leads_to = state
        else:
            await step(session, world.inspector, filed.case_id, type=name, **words)
        events = await history(session, filed.case_id)
        assert leads_to == events[-1].state
        assert [fold(Step(event.type) for event in events[: n + 1]) for n in range(len(events))] == [event.state for event in events]
        assert clocks.deadline((State(event.state), clocks.day(event.at_hour)) for event in events) == events[-1].due


def _path(state: State) -> list[Step]:
    return {
        State.RECEIVED: [Step.RECEIVED],
        State.IN_TRIAGE: [Step.RECEIVED, Step.OPENED],
        State.UNDER_INVESTIGATION: [Step.RECEIVED, Step.OPENED, Step.ACCEPTED],
        State.AWAITING_REPORTER: [Step.RECEIVED, Step.OPENED, Step.ACCEPTED, Step.QUESTION],
        State.ANSWERED: [Step.RECEIVED, Step.OPENED, Step.ACCEPTED, Step.ANSWERED],
        State.CLOSED: [Step.RECEIVED, Step.OPENED, Step.ACCEPTED, Step.ANSWERED, Step.CLOSED],
    }[state]


async def _bring(session: AsyncSession, world: World, case_id: str, code: str, state: State) -> None:
    for name in _path(state)[1:]:
        outcome = "unsubstantiated" if name is Step.ANSWERED else None
        await step(session, world.inspector, case_id, type=name, text="words", outcome=outcome)
    if State.ANSWERED in LAW[Step.REPORTER_MESSAGE] and state in (State.ANSWERED, State.CLOSED):
        await add_message(session, code, "still here", NOW)


# Whom a case does not exist for


async def _reads(session: AsyncSession, officer: Officer, case_id: str) -> object:
    return await read(session, officer, case_id)


async def _steps(session: AsyncSession, officer: Officer, case_id: str) -> object:
    return await step(session, officer, case_id, type="opened", version=1)


async def _steps_stale(session: AsyncSession, officer: Officer, case_id: str) -> object:
    return await step(session, officer, case_id, type="closed", version=99)


async def _clerk_there(session: AsyncSession, world: World) -> Officer:
    return world.clerk


async def _inspecting_clerk(session: AsyncSession, world: World) -> Officer:
    officer = await colleague(session, world, "zana", None)
    await grant(session, world.admins, officer, Role.CLERK, authority=TOWN, office="xk-town-hall")
    return officer


async def _second_account(session: AsyncSession, world: World) -> Officer:
    """The clerk, as somebody else: the same staff number."""
    return await colleague(session, world, "kiro-inspects", None, staff_number="S-kiro")


async def _left_the_town(session: AsyncSession, world: World) -> Officer:
    """Whoever worked there keeps a stake."""
    officer = await colleague(session, world, "lule", None)
    await grant(session, world.admins, officer, Role.EDITOR, authority=TOWN, valid_to=NOW - timedelta(days=100))
    return officer


async def _clerk_everywhere(session: AsyncSession, world: World) -> Officer:
    """A right without an authority is one at every authority."""
    await grant(session, world.admins, await person(session, "ylli"), Role.CLERK)
    return await colleague(session, world, "ylli-inspects", None, staff_number="S-ylli")


async def _inspects_elsewhere(session: AsyncSession, world: World) -> Officer:
    return await colleague(session, world, "mila", MINISTRY)


async def _administrator(session: AsyncSession, world: World) -> Officer:
    return world.admins[0]


EXCLUDED = [_clerk_there, _inspecting_clerk, _second_account, _left_the_town, _clerk_everywhere, _inspects_elsewhere, _administrator]


@pytest.mark.parametrize("who", EXCLUDED)
async def test_for_an_excluded_officer_the_case_does_not_exist(
    session: AsyncSession, who: Callable[[AsyncSession, World], Awaitable[Officer]]
) -> None:
    """Reading, listing, counting and acting answer the same before the case exists, after, and for an id that never was."""
    world = await found(session)
    officer = await who(session, world)
    rights = await held(session, officer)
    before = (await queue(session, officer, rights, NOW), await totals(session, officer, rights, NOW))
    receipt = await issued(session, world)
    filed = await reported(session, world, receipt)
    await reported(session, world, receipt)
    for look in (_reads, _steps, _steps_stale):
        answers = []
        for case_id in (filed.case_id, NO_SUCH, "", "x" * 500):
            with pytest.raises(UnknownCase) as refused:
                await look(session, officer, case_id)
            answers.append((str(refused.value), refused.value.params, refused.value.code))
        assert [answers[0]] * 4 == answers
    assert before == (await queue(session, officer, rights, NOW), await totals(session, officer, rights, NOW))
    assert [filed.case_id] == await listed(session, world.inspector)


async def test_a_clerk_who_reports_a_receipt_learns_nothing_about_whether_somebody_did_before(session: AsyncSession) -> None:
    """The same answer, the same page, on a receipt that nobody reported and on one that is being investigated."""
    world = await found(session)
    quiet, reported_before = await issued(session, world), await issued(session, world)
    citizen = await reported(session, world, reported_before)
    await step(session, world.inspector, citizen.case_id, type="question", text="Cash?")
    pages = []
    for receipt in (quiet, reported_before):
        filed = await reported(session, world, receipt, "2.00")
        await add_message(session, filed.code, "All fine here", NOW)
        pages.append((filed.acknowledged_on, filed.answer_due, await follow(session, filed.code, NOW)))
    assert pages[0] == pages[1]


async def test_the_stake_is_in_the_authority_and_cases_elsewhere_are_theirs_to_see(session: AsyncSession) -> None:
    """A former clerk of the ministry inspects the town."""
    world = await found(session)
    officer = await colleague(session, world, "nora", INSPECTORATE)
    await grant(session, world.admins, officer, Role.CLERK, authority=MINISTRY)
    filed = await reported(session, world, await issued(session, world))
    await file_report(session, facts(world), authority=MINISTRY, now=NOW)
    assert [filed.case_id] == await listed(session, officer)


async def test_an_inspector_of_one_office_sees_that_offices_cases(session: AsyncSession) -> None:
    """And not those whose office nobody named."""
    world = await found(session)
    officer = await person(session, "ola")
    await grant(session, world.admins, officer, Role.INSPECTOR, authority=TOWN, office="xk-town-hall")
    filed = await reported(session, world, await issued(session, world))
    await file_report(session, facts(world), authority=TOWN, now=NOW)
    assert [filed.case_id] == await listed(session, officer)


async def test_a_case_that_may_be_about_anyone_is_for_those_with_no_stake_anywhere(session: AsyncSession) -> None:
    """A false code without a place: it may be from the office of whoever reads it."""
    world = await found(session)
    free, staked = [await colleague(session, world, name, None) for name in ("pia", "qani")]
    await grant(session, world.admins, staked, Role.CLERK, authority=MINISTRY)
    verdict = checked(world, ORIGIN.replace("taksa", "false") + "/R/AAAA")
    filed = await file_report(session, facts(world), verdict=verdict, now=NOW)
    assert [filed.case_id] == await listed(session, free)
    assert [] == await listed(session, staked)
    assert [] == await listed(session, world.inspector), "whose power is over some authorities"


async def test_an_inspector_whose_grant_ended_sees_nothing_from_that_moment(session: AsyncSession) -> None:
    """Powers are read at each request."""
    world = await found(session)
    filed = await reported(session, world, await issued(session, world))
    assert [filed.case_id] == await listed(session, world.inspector)
    given = await session.scalar(select(Grant).where(Grant.officer_id == world.inspector.id))
    assert given is not None
    await end(session, by=world.admins[0], grant=given, reason="moved", now=NOW)
    assert [] == await listed(session, world.inspector)
    assert await session.scalar(select(CaseEvent.seq).where(CaseEvent.case_id == filed.case_id)) == 1
