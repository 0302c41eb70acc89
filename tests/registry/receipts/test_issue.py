"""Issuing below the web: quotes that write nothing, ids that are drawn again, voids that stay in their office."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from registry import places
from registry.errors import (
    AmbiguousNumber,
    FeeNotInForce,
    InputRefused,
    KeyReused,
    LegalDateRefused,
    NotAllowed,
    NotVoidable,
    UnknownFee,
    UnknownPlace,
    UnknownReceipt,
)
from registry.grants import Power, Role
from registry.receipts import chain, issue
from registry.receipts.issue import Desk, VoidReason
from registry.receipts.number import receipt_number
from registry.receipts.tables import Receipt, Void
from registry.receipts.token import Kind, Payment, parse
from tests.verify.reporting import facts, held, issued
from tests.world import NOW, TOWN, WINDOW, WINDOW_2, World, found, words

pytestmark = pytest.mark.database


async def window(session: AsyncSession, world: World, counter: str = WINDOW) -> Desk:
    """The clerk's desk."""
    return issue.desk(facts(world), world.clerk, await held(session, world.clerk), counter)


def quoted(
    world: World, desk: Desk, fee: str = "CERT", *, on: date | None = None, on_reason: str | None = None, **inputs: object
) -> issue.Quote:
    return issue.quote(facts(world), desk.authority, fee, inputs, now=NOW, on=on, on_reason=on_reason)


async def void(session: AsyncSession, world: World, desk: Desk, receipt: Receipt, **more: object) -> Receipt:
    terms = {"reason": VoidReason.OTHER, "note": "", "now": NOW} | more
    return await issue.void(session, desk, receipt, world.signers[TOWN], **terms)  # type: ignore[arg-type]


async def test_a_quote_says_what_a_receipt_would_and_writes_nothing(session: AsyncSession) -> None:
    world = await found(session)
    desk = await window(session, world)
    quote = quoted(world, desk, "PREMISES", area="120.50")
    assert (50000, "EUR", (12050,), date(2026, 11, 24)) == (quote.money.minor, quote.money.currency, quote.inputs, quote.on)
    assert 0 == await session.scalar(select(func.count()).select_from(Receipt))


@pytest.mark.parametrize(
    ("fee", "more", "refusal"),
    [
        ("NEVER", {}, UnknownFee),
        ("CERT", {"on": date(2026, 1, 31), "on_reason": "Old request"}, FeeNotInForce),
        ("CERT", {"on": date(2026, 11, 25), "on_reason": "Early"}, LegalDateRefused),
        ("CERT", {"on": date(2026, 11, 23)}, LegalDateRefused),
        ("CERT", {"on": date(2026, 11, 23), "on_reason": "\n\0 "}, LegalDateRefused),
        ("CERT", {"on": date(1999, 12, 31), "on_reason": "Very old"}, LegalDateRefused),
        ("PREMISES", {}, InputRefused),
    ],
)
async def test_what_cannot_be_quoted(session: AsyncSession, fee: str, more: dict[str, object], refusal: type[Exception]) -> None:
    world = await found(session)
    desk = await window(session, world)
    with pytest.raises(refusal):
        quoted(world, desk, fee, **more)  # type: ignore[arg-type]


async def test_a_desk_is_a_server_counter_that_the_clerk_was_granted(session: AsyncSession) -> None:
    world = await found(session)
    await places.open_counter(
        session, id="xk-device", office_id="xk-town-hall", authority_id=TOWN, number=9, kind="device", now=NOW
    )  # fmt: skip
    await world.refresh(session)
    clerk = Power(Role.CLERK, TOWN, "xk-town-hall", frozenset([WINDOW]))
    assert 1 == issue.desk(facts(world), world.clerk, [clerk], WINDOW).counter.number
    for counter, held_powers in (
        (WINDOW_2, [clerk]), (WINDOW, []), (WINDOW, [replace(clerk, role=Role.ADMINISTRATOR)]),
        ("xk-device", [replace(clerk, counters=None)]), ("mk-desk-1", [clerk]),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            issue.desk(facts(world), world.clerk, held_powers, counter)
    with pytest.raises(UnknownPlace):
        issue.desk(facts(world), world.clerk, [clerk], "moon")


async def test_a_number_that_is_taken_means_drawing_another_id(session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen digits are few enough to meet twice in a country's lifetime."""
    world = await found(session)
    taken = (await issued(session, world)).cti
    draws: Iterator[bytes] = iter([taken, taken, b"\x77" * 10])
    monkeypatch.setattr(chain, "token_bytes", lambda _: next(draws))
    receipt = await issued(session, world)
    assert (b"\x77" * 10, receipt_number(b"\x77" * 10), 2) == (receipt.cti, receipt.number, receipt.serial)


async def test_the_row_says_what_the_token_says(session: AsyncSession) -> None:
    world = await found(session)
    desk = await window(session, world)
    quote = quoted(world, desk, on=date(2026, 11, 20), on_reason="Asked for on Friday")
    receipt = await issue.issue(
        session, desk, quote, world.signers[TOWN], payment=Payment.STAMP, on_reason="Asked for on Friday",
        now=NOW + timedelta(milliseconds=900),
    )  # fmt: skip
    said = parse(receipt.token).claims
    assert (said.cti, said.serial, said.kind, said.fee, said.version, said.on, said.amount, said.currency, said.issued_at) == (
        receipt.cti, receipt.serial, receipt.kind, receipt.fee_code, receipt.fee_version, receipt.on, receipt.amount, receipt.currency,
        receipt.issued_at,
    )  # fmt: skip
    assert (NOW, Payment.STAMP, "Asked for on Friday") == (said.issued_at, said.payment, receipt.on_reason)
    assert receipt.recorded_at >= receipt.issued_at


async def test_a_void_stays_in_the_office_of_its_receipt_and_takes_that_desks_serial(session: AsyncSession) -> None:
    """At the next window of the same office, yes; at another office of the authority, no."""
    world = await found(session)
    receipt, other = await issued(session, world), await issued(session, world)
    slip = await void(session, world, await window(session, world, WINDOW_2), receipt)
    assert (WINDOW_2, 1, Kind.VOID_SLIP, receipt.cti) == (slip.counter_id, slip.serial, slip.kind, parse(slip.token).claims.ref)
    await places.open_office(session, id="xk-annex", authority_id=TOWN, names=words("Annex"), address=words("3 Back"), now=NOW)
    await places.open_counter(session, id="xk-annex-1", office_id="xk-annex", authority_id=TOWN, number=3, now=NOW)
    await world.refresh(session)
    annex = issue.desk(facts(world), world.clerk, [Power(Role.CLERK, TOWN, None, None)], "xk-annex-1")
    with pytest.raises(NotAllowed):
        await void(session, world, annex, other)


async def test_a_void_key_used_for_something_else_is_refused(session: AsyncSession) -> None:
    world = await found(session)
    desk = await window(session, world)
    first, second = await issued(session, world), await issued(session, world)
    slip = await void(session, world, desk, first, key="k")
    assert slip.cti == (await void(session, world, desk, first, key="k")).cti
    with pytest.raises(KeyReused):
        await void(session, world, desk, second, key="k")
    with pytest.raises(KeyReused):
        await issue.issue(session, desk, quoted(world, desk), world.signers[TOWN], key="k", now=NOW)
    with pytest.raises(NotVoidable):
        await void(session, world, desk, slip)


async def test_what_is_kept_of_a_void_can_be_read(session: AsyncSession) -> None:
    """No control characters, and no more than fits."""
    world = await found(session)
    receipt = await issued(session, world)
    await void(session, world, await window(session, world), receipt, note=" Wrong\0 fee\n" + "x" * 600)
    note = await session.scalar(select(Void.note))
    assert note is not None
    assert ("Wrong  fee x", issue.REASON_LENGTH) == (note[:12], len(note))


async def test_a_receipt_is_found_by_its_number(session: AsyncSession) -> None:
    world = await found(session)
    receipt = await issued(session, world)
    assert receipt.cti == (await issue.by_number(session, receipt.number)).cti
    with pytest.raises(UnknownReceipt):
        await issue.by_number(session, "0" * 16)
    values = {name: getattr(receipt, name) for name in Receipt.__mapper__.attrs.keys()}  # noqa: SIM118
    session.add(Receipt(**values | {"cti": b"\x05" * 10, "serial": 99}))
    await session.flush()
    with pytest.raises(AmbiguousNumber):
        await issue.by_number(session, receipt.number)


async def test_a_clerk_sees_their_newest_receipts_and_which_were_voided(session: AsyncSession) -> None:
    world = await found(session)
    receipts = [await issued(session, world) for _ in range(4)]
    await void(session, world, await window(session, world), receipts[2])
    assert [(4, False), (3, True), (2, False)] == [
        (receipt.serial, voided) for receipt, voided in await issue.recent(session, world.clerk, limit=3)
    ]
    assert [] == await issue.recent(session, world.inspector)


@pytest.mark.parametrize("change", [{"serial": 0}, {"amount": -1}, {"serial": 1}])
async def test_the_database_refuses_what_no_chain_has(session: AsyncSession, change: dict[str, int]) -> None:
    """Serial zero, an amount below nothing, a serial twice."""
    world = await found(session)
    receipt = await issued(session, world)
    values = {name: getattr(receipt, name) for name in Receipt.__mapper__.attrs.keys()} | {"serial": 2, "cti": b"\x06" * 10}  # noqa: SIM118
    with pytest.raises(DBAPIError):
        async with session.begin_nested():
            session.add(Receipt(**values | change))
