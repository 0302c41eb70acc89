"""The register's side of a check: one question, by the whole token; and what is asked when there is no register."""

from collections.abc import Iterable

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import AmbiguousNumber, MalformedNumber
from registry.receipts import issue
from registry.receipts.tables import Receipt
from registry.receipts.token import qr_text
from tests.verify.reporting import ORIGIN, facts, held, issued
from tests.world import NOW, TOWN, WINDOW, World, found
from verify.looks import Looks
from verify.register import Ask, Recorded, check_number, check_token, is_number, recorded
from verify.verdict import State, Verdict

pytestmark = pytest.mark.database


def asking(session: AsyncSession) -> Ask:
    """Asks the register for one cti, as a process does for many."""

    async def ask(cti: bytes) -> Recorded | None:
        return (await recorded(session, [cti])).get(cti)

    return ask


async def checked(session: AsyncSession, world: World, receipt: str, looks: Looks | None = None, **more: bool) -> Verdict:
    return await check_token(
        asking(session), facts(world), Looks() if looks is None else looks, origin=ORIGIN, receipt=receipt, now=NOW, **more
    )


async def numbered(session: AsyncSession, world: World, number: str, **more: object) -> Verdict:
    return await check_number(session, facts(world), Looks(), origin=ORIGIN, number=number, now=NOW, **more)  # type: ignore[arg-type]


async def test_a_recorded_receipt_is_found_by_its_whole_token(session: AsyncSession) -> None:
    world = await found(session)
    receipt = await issued(session, world)
    verdict = await checked(session, world, qr_text(ORIGIN, receipt.token))
    assert (State.MATCH, True) == (verdict.state, next(step.passed for step in verdict.checks if step.name == "recorded"))


async def test_without_a_register_the_verdict_says_that_nobody_was_asked(session: AsyncSession) -> None:
    """Passed: neither yes nor no. The seal and the money are checked all the same."""
    world = await found(session)
    receipt = await issued(session, world)
    verdict = await check_token(None, facts(world), Looks(), origin=ORIGIN, receipt=qr_text(ORIGIN, receipt.token), now=NOW)
    assert [(None, "not_asked")] == [(step.passed, step.detail) for step in verdict.checks if step.name == "recorded"]
    assert State.MATCH == verdict.state


async def test_what_is_no_token_is_asked_of_nobody(session: AsyncSession) -> None:
    world = await found(session)

    async def never(_: bytes) -> Recorded | None:
        raise AssertionError("asked")

    for text in ("hello", "", "https://bank.example/", "A" * 100_000):
        verdict = await check_token(never, facts(world), Looks(), origin=ORIGIN, receipt=text, now=NOW)
        assert State.NOT_A_RECEIPT == verdict.state


async def test_a_look_counts_when_the_register_has_the_receipt_and_a_person_looked(session: AsyncSession) -> None:
    world = await found(session)
    receipt = await issued(session, world)
    looks = Looks()
    text = qr_text(ORIGIN, receipt.token)
    assert (await checked(session, world, text, looks, count=False)).seen is None
    assert {} == looks.pending
    assert (await checked(session, world, text, looks)).seen is None
    seen = (await checked(session, world, text, looks)).seen
    assert seen is not None
    assert (1, NOW.date()) == (seen.times, seen.first)


async def test_many_receipts_are_one_question(session: AsyncSession) -> None:
    """Recorded, voided, looked at: one statement for all of it and for all of them."""
    world = await found(session)
    receipts = [await issued(session, world) for _ in range(5)]
    desk = issue.desk(facts(world), world.clerk, await held(session, world.clerk), WINDOW)
    await issue.void(session, desk, receipts[0], world.signers[TOWN], reason=issue.VoidReason.NOT_PAID, note="", now=NOW)
    statements: list[str] = []
    connection = (await session.connection()).sync_connection
    assert connection is not None
    event.listen(connection, "before_cursor_execute", lambda *given: statements.append(str(given[2])))
    ctis: Iterable[bytes] = [receipt.cti for receipt in receipts] + [b"\0" * 10]
    answers = await recorded(session, ctis)
    assert 1 == len(statements)
    assert {receipt.cti: receipt.token for receipt in receipts} == {cti: answer.token for cti, answer in answers.items()}
    assert [("not_paid", NOW), *[(None, None)] * 4] == [
        (answers[receipt.cti].void_reason, answers[receipt.cti].voided_at) for receipt in receipts
    ]


async def test_a_number_gives_the_verdict_of_its_receipt_and_says_when_nobody_has_it(session: AsyncSession) -> None:
    world = await found(session)
    receipt = await issued(session, world)
    for spelt in (receipt.number, f" {receipt.number[:4]}-{receipt.number[4:8]} {receipt.number[8:]}\n", "\u00a0".join(receipt.number)):
        assert is_number(spelt)
        assert State.MATCH == (await numbered(session, world, spelt)).state
    assert State.UNKNOWN_NUMBER == (await numbered(session, world, "0" * 16)).state
    for wrong in (receipt.number[:-1], receipt.number[:-1] + str((int(receipt.number[-1]) + 1) % 10)):
        with pytest.raises(MalformedNumber):
            await numbered(session, world, wrong)


async def test_two_receipts_of_one_number_are_told_apart_by_their_local_day(session: AsyncSession) -> None:
    world = await found(session)
    receipt = await issued(session, world)
    values = {name: getattr(receipt, name) for name in Receipt.__mapper__.attrs.keys()}  # noqa: SIM118
    session.add(Receipt(**values | {"cti": b"\x05" * 10, "serial": 99, "issued_at": NOW.replace(day=20, hour=23, minute=30)}))
    await session.flush()
    with pytest.raises(AmbiguousNumber):
        await numbered(session, world, receipt.number)
    assert State.MATCH == (await numbered(session, world, receipt.number, issued_on=NOW.date())).state
    assert State.UNKNOWN_NUMBER == (await numbered(session, world, receipt.number, issued_on=NOW.date().replace(day=20))).state
    other = await numbered(session, world, receipt.number, issued_on=NOW.date().replace(day=21))
    assert State.MATCH == other.state, "23:30 UTC is the next day there"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234", True), ("1234 5678-9012 3456", True), ("1" * 32, True), ("1" * 33, False), ("", False), ("- ", False), ("12a4", False),
        ("١٢٣٤", False), ("1234\u00a05678", True), ("1.5", False),
    ],
)  # fmt: skip
def test_digits_and_what_people_put_between_them_are_meant_as_a_number(text: str, expected: bool) -> None:
    assert expected == is_number(text)
