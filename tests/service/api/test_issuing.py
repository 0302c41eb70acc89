"""Issuing and voiding over HTTP: the next serial, once for each request, by who may, at a price nobody types."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from httpx import Response
from sqlalchemy import select, update

from registry import credentials, grants
from registry.credentials import APIToken, APITokenEnd, issue_token
from registry.fees.content import parse_content
from registry.grants import Role
from registry.officers import OfficerClosure
from registry.places import CounterHead
from registry.receipts.base32 import from_base32
from registry.receipts.tables import Look, Receipt, Void
from registry.receipts.token import first_prev, link, parse
from service.worker import write_looks
from tests.service.api.presenting import columns, euros, issued, problem, rows, signed, state, verify
from tests.service.conftest import House
from tests.world import FOUNDED, NOW, TOWN, WINDOW, WINDOW_2, fee_json, grant, person, publish

pytestmark = pytest.mark.database

FOREVER = datetime(2030, 1, 1, tzinfo=UTC)


async def another_clerk(house: House, username: str, **scope: object) -> dict[str, str]:
    """Headers of a further clerk; the whole town unless `scope` says less."""
    async with house.database.write() as session:
        officer = await person(session, username)
        await grant(session, house.world.admins, officer, Role.CLERK, **{"authority": TOWN, **scope})
        token = await issue_token(session, officer, Role.CLERK, counters=None, now=FOUNDED, expires_at=FOREVER)
    return {"Authorization": f"Bearer {token}"}


# The chain


async def test_serials_follow_each_other_and_each_receipt_holds_the_hash_of_the_one_before(house: House) -> None:
    receipts = [await issued(house) for _ in range(3)]
    tokens = [from_base32(each["token"])[0] for each in receipts]
    read = [parse(raw).claims for raw in tokens]
    assert [1, 2, 3] == [each["serial"] for each in receipts] == [each.serial for each in read]
    assert [first_prev(house.world.signers[TOWN].kid, 1), link(tokens[0]), link(tokens[1])] == [each.prev for each in read]
    assert 3 == len({each["number"] for each in receipts})


async def test_each_counter_has_a_chain_of_its_own(house: House) -> None:
    await issued(house)
    assert 1 == (await issued(house, counter=WINDOW_2))["serial"]


async def test_receipts_asked_for_at_the_same_moment_get_serials_without_a_gap(house: House) -> None:
    receipts = await asyncio.gather(*(issued(house) for _ in range(12)))
    assert list(range(1, 13)) == sorted(each["serial"] for each in receipts)


async def test_the_answer_is_the_receipt(common_house: House) -> None:
    receipt = await issued(common_house, "PREMISES", {"area": "51"}, payment="card")
    verdict = await verify(common_house, receipt["qr_text"])
    assert (euros("50.00"), "card", "normal") == (receipt["amount"], verdict["receipt"]["payment"], verdict["receipt"]["kind"])
    assert [("administrative_fee", "1000-1", euros("50.00"))] == [
        (line["kind"], line["account"], line["amount"]) for line in receipt["lines"]
    ]
    assert "2026-11-24T10:00:00Z" == receipt["issued_at"]
    assert receipt["qr_text"] == f"HTTPS://FEES.EXAMPLE/R/{receipt['token']}" == receipt["links"]["verdict"]
    for form, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
        code = await common_house.client.get(receipt["links"][form], headers=common_house.as_("clerk"))
        assert (200, True) == (code.status_code, start in code.content[:200])


# Once


async def test_the_same_key_and_body_is_the_same_receipt(house: House) -> None:
    """A line that breaks after the request and before the answer: asking again costs nobody a second receipt."""
    headers = {"Idempotency-Key": "till-7/0042"}
    first = await issued(house, "PREMISES", {"area": "10"}, headers=headers)
    before = await rows(house.database)
    again = await issued(house, "PREMISES", {"area": "10.00"}, headers=headers)
    assert first == again
    assert before == await rows(house.database)
    assert 2 == (await issued(house, headers={"Idempotency-Key": "till-7/0043"}))["serial"]


async def test_the_same_key_and_body_sent_at_once_is_one_receipt(house: House) -> None:
    receipts = await asyncio.gather(*(issued(house, headers={"Idempotency-Key": "k"}) for _ in range(6)))
    assert 1 == len({each["token"] for each in receipts})
    assert 2 == (await issued(house))["serial"]


@pytest.mark.parametrize(
    "other", [{"fee": "INSPECT"}, {"fee": "PREMISES", "inputs": {"area": "1"}}, {"payment": "card"}, {"kind": "training"}],
    ids=["fee", "inputs", "payment", "kind"],
)  # fmt: skip
async def test_the_same_key_with_another_body_is_refused(common_house: House, other: dict[str, object]) -> None:
    key = {"Idempotency-Key": f"once-{other}".replace("'", "")}
    await issued(common_house, headers=key)
    body = {"counter": WINDOW, "fee": "CERT"} | other
    answer = await common_house.client.post("/api/v1/receipts", json=body, headers=common_house.as_("clerk") | key)
    assert (422, "idempotency_key_reused") == problem(answer)


async def test_the_same_key_at_another_counter_is_another_request(house: House) -> None:
    key = {"Idempotency-Key": "k"}
    assert (await issued(house, headers=key))["number"] != (await issued(house, headers=key, counter=WINDOW_2))["number"]


async def test_a_repetition_after_midnight_and_a_new_tariff_is_still_the_first_receipt(house: House) -> None:
    """Asked at 23:59, answered never, asked again at 00:01: the price and the day are those of the first time."""
    async with house.database.write() as session:
        dearer = parse_content(fee_json("CERT", {"type": "flat", "amount": "3.00"}, valid_from="2026-11-25", reason="Council decision"))
        await publish(session, house.world, dearer, now=NOW)
    await house.refreshed()
    key = {"Idempotency-Key": "late"}
    house.clock.at = datetime(2026, 11, 24, 22, 59, tzinfo=UTC)
    first = await issued(house, headers=key)
    house.clock.pass_time(minutes=2)
    assert first == await issued(house, headers=key)
    assert euros("3.00") == (await issued(house))["amount"]


# The legal date


async def test_the_legal_date_goes_only_backward_and_says_why(house: House) -> None:
    """The application of Monday at Monday's tariff; the reason is kept, the token shows both moments."""
    async with house.database.write() as session:
        dearer = parse_content(fee_json("CERT", {"type": "flat", "amount": "3.00"}, valid_from="2026-11-24", reason="Council decision"))
        await publish(session, house.world, dearer, now=NOW - timedelta(days=2))
    await house.refreshed()
    receipt = await issued(house, on="2026-11-23", on_reason="Application of Monday\n")
    verdict = await verify(house, receipt["qr_text"])
    assert (euros("2.00"), "2026-11-23", "match") == (receipt["amount"], verdict["receipt"]["on"], verdict["state"])
    async with house.database.read() as session:
        assert "Application of Monday" == await session.scalar(select(Receipt.on_reason).where(Receipt.number == receipt["number"]))
    assert euros("3.00") == (await issued(house, on="2026-11-24"))["amount"], "today needs no reason"


async def test_today_is_the_day_on_the_wall_of_the_authority(house: House) -> None:
    """23:30 UTC is the next day in the town already."""
    house.clock.at = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert "2026-11-25" == (await verify(house, (await issued(house))["qr_text"]))["receipt"]["on"]


# The price


async def test_only_an_actual_cost_takes_an_amount_and_then_by_its_declared_input(common_house: House) -> None:
    assert euros("12.40") == (await issued(common_house, "COURIER", {"cost": "12.40"}))["amount"]
    for body in ({"fee": "COURIER", "inputs": {}}, {"fee": "COURIER", "inputs": {"amount": "1"}}, {"fee": "CERT", "inputs": {"cost": "1"}}):
        answer = await common_house.client.post("/api/v1/receipts", json={"counter": WINDOW} | body, headers=common_house.as_("clerk"))
        assert (422, "input_refused") == problem(answer)


async def test_what_cannot_be_computed_cannot_be_issued(house: House) -> None:
    async with house.database.write() as session:
        rule = {"type": "not_computable", "text": "By agreement"}
        await publish(session, house.world, parse_content(fee_json("AGREED", rule)))
    await house.refreshed()
    before = await rows(house.database)
    answer = await house.client.post("/api/v1/receipts", json={"counter": WINDOW, "fee": "AGREED"}, headers=house.as_("clerk"))
    assert (409, "fee_not_computable") == problem(answer)
    assert before == await rows(house.database)
    assert "not_verifiable" == await state(house, await signed(house, fee="AGREED"))


async def test_a_training_slip_takes_a_serial_and_is_never_a_receipt(common_house: House) -> None:
    receipt = await issued(common_house, kind="training")
    assert "training" == await state(common_house, receipt["qr_text"])
    assert "training" == await state(common_house, receipt["number"])


# Who


async def test_a_clerk_of_another_office_is_refused(common_house: House) -> None:
    """At a counter of the town hall, by a clerk who works elsewhere, or at no counter of that authority."""
    headers = await another_clerk(common_house, "mira", authority="mk-ministry", office="mk-desk")
    before = await rows(common_house.database)
    for counter in (WINDOW, WINDOW_2):
        answer = await common_house.client.post("/api/v1/receipts", json={"counter": counter, "fee": "CERT"}, headers=headers)
        assert (403, "not_allowed") == problem(answer)
    ours = await common_house.client.post("/api/v1/receipts", json={"counter": "mk-desk-1", "fee": "X"}, headers=common_house.as_("clerk"))
    assert (403, "not_allowed") == problem(ours)
    number = (await issued(common_house))["number"]
    for path in (f"/api/v1/receipts/{number}.svg", f"/api/v1/receipts/{number}.png"):
        assert (403, "not_allowed") == problem(await common_house.client.get(path, headers=headers))
    void = await common_house.client.post(f"/api/v1/receipts/{number}/void", json={"reason": "other"}, headers=headers)
    assert (403, "not_allowed") == problem(void)
    assert before["void"] == (await rows(common_house.database))["void"]


async def test_a_clerk_granted_one_counter_works_at_no_other(common_house: House) -> None:
    headers = await another_clerk(common_house, "neda", counters=[WINDOW_2])
    await issued(common_house, headers=headers, counter=WINDOW_2)
    answer = await common_house.client.post("/api/v1/receipts", json={"counter": WINDOW, "fee": "CERT"}, headers=headers)
    assert (403, "not_allowed") == problem(answer)


async def test_a_token_limited_to_a_counter_reaches_no_other_whatever_its_holder_may(common_house: House) -> None:
    async with common_house.database.write() as session:
        token = await issue_token(session, common_house.world.clerk, Role.CLERK, counters=[WINDOW_2], now=FOUNDED, expires_at=FOREVER)
    headers = {"Authorization": f"Bearer {token}"}
    await issued(common_house, headers=headers, counter=WINDOW_2)
    answer = await common_house.client.post("/api/v1/receipts", json={"counter": WINDOW, "fee": "CERT"}, headers=headers)
    assert (403, "not_allowed") == problem(answer)


async def test_a_token_gives_nothing_that_its_holder_was_not_granted(common_house: House) -> None:
    """A clerk's token for a role they do not hold, and for a counter of another office, opens nothing."""
    async with common_house.database.write() as session:
        clerk = common_house.world.clerk
        inspecting = await issue_token(session, clerk, Role.INSPECTOR, counters=None, now=FOUNDED, expires_at=FOREVER)
        elsewhere = await issue_token(session, clerk, Role.CLERK, counters=["mk-desk-1"], now=FOUNDED, expires_at=FOREVER)
    answer = await common_house.client.get("/api/v1/cases", headers={"Authorization": f"Bearer {inspecting}"})
    assert (403, "not_allowed") == problem(answer)
    for counter in (WINDOW, "mk-desk-1"):
        answer = await common_house.client.post(
            "/api/v1/receipts", json={"counter": counter, "fee": "CERT"}, headers={"Authorization": f"Bearer {elsewhere}"}
        )
        assert (403, "not_allowed") == problem(answer)


@pytest.mark.parametrize("why", ["expired", "ended", "never was", "account closed", "grant ended"])
async def test_a_token_that_is_over_opens_nothing(house: House, why: str) -> None:
    headers = house.as_("clerk")
    async with house.database.write() as session:
        clerk, (admin, _) = house.world.clerk, house.world.admins
        held = await session.scalar(select(APIToken).where(APIToken.officer_id == clerk.id))
        assert held is not None
        if why == "expired":
            token = await issue_token(session, clerk, Role.CLERK, counters=None, now=FOUNDED, expires_at=NOW)
            headers = {"Authorization": f"Bearer {token}"}
        elif why == "ended":
            session.add(APITokenEnd(token_hash=held.token_hash, ended_at=NOW))
        elif why == "never was":
            headers = {"Authorization": f"Bearer {credentials.TOKEN_PREFIX}{'x' * 43}"}
        elif why == "account closed":
            session.add(OfficerClosure(officer_id=clerk.id, closed_at=NOW, reason="Left"))
        else:
            grant_held = await session.scalar(select(grants.Grant).where(grants.Grant.officer_id == clerk.id))
            assert grant_held is not None
            await grants.end(session, by=admin, grant=grant_held, reason="Moved", now=NOW)
    answer = await house.client.post("/api/v1/receipts", json={"counter": WINDOW, "fee": "CERT"}, headers=headers)
    assert ((403, "not_allowed") if why == "grant ended" else (401, "not_signed_in")) == problem(answer)


# Voids


async def void(house: House, number: str, *, headers: dict[str, str] | None = None, **body: str) -> Response:
    """The answer to cancelling a receipt."""
    sent = {"reason": "wrong_fee", "note": "Typed the wrong code"} | body
    return await house.client.post(f"/api/v1/receipts/{number}/void", json=sent, headers=headers or house.as_("clerk"))


async def test_a_void_slip_takes_the_next_serial_and_repeats_what_it_cancels(house: House) -> None:
    receipt = await issued(house, "PREMISES", {"area": "51"}, payment="cash")
    answer = await void(house, receipt["number"])
    assert 201 == answer.status_code
    slip = answer.json()
    assert (2, receipt["number"]) == (slip["serial"], slip["voids"])
    said, was = parse(from_base32(slip["token"])[0]).claims, parse(from_base32(receipt["token"])[0]).claims
    assert (3, was.cti, was.fee, was.version, was.on, was.amount, was.currency, (), 0) == (
        said.kind, said.ref, said.fee, said.version, said.on, said.amount, said.currency, said.inputs, said.payment
    )  # fmt: skip
    assert link(from_base32(receipt["token"])[0]) == said.prev
    assert 3 == (await issued(house))["serial"]


async def test_a_receipt_is_voided_by_the_clerk_who_issued_it_and_by_nobody_else(common_house: House) -> None:
    """Not by a colleague at the next window, not by an inspector, not by somebody without a name."""
    number = (await issued(common_house))["number"]
    colleague = await another_clerk(common_house, "olga", office="xk-town-hall")
    before = await rows(common_house.database)
    assert (403, "not_allowed") == problem(await void(common_house, number, headers=colleague))
    assert (403, "not_allowed") == problem(await void(common_house, number, headers=common_house.as_("inspector")))
    assert (401, "not_signed_in") == problem(await void(common_house, number, headers={"X-Nobody": "1"}))
    assert before == await rows(common_house.database)


async def test_a_receipt_is_voided_once(common_house: House) -> None:
    number = (await issued(common_house))["number"]
    assert 201 == (await void(common_house, number)).status_code
    before = await rows(common_house.database)
    assert (409, "already_voided") == problem(await void(common_house, number))
    assert before == await rows(common_house.database)


async def test_voids_asked_for_at_the_same_moment_are_one(house: House) -> None:
    """One slip, one serial; the others learn that it was done. With one key all of them get that slip."""
    number, other = (await issued(house))["number"], (await issued(house))["number"]
    answers = await asyncio.gather(*(void(house, number) for _ in range(5)))
    assert [201, 409, 409, 409, 409] == sorted(answer.status_code for answer in answers)
    keyed = house.as_("clerk") | {"Idempotency-Key": "void-1"}
    answers = await asyncio.gather(*(void(house, other, headers=keyed) for _ in range(5)))
    assert {201} == {answer.status_code for answer in answers}
    assert 1 == len({answer.json()["token"] for answer in answers})
    assert 5 == (await issued(house))["serial"]


async def test_a_slip_and_a_training_slip_cannot_be_voided(common_house: House) -> None:
    slip = (await void(common_house, (await issued(common_house))["number"])).json()["number"]
    training = (await issued(common_house, kind="training"))["number"]
    for number in (slip, training):
        assert (409, "not_voidable") == problem(await void(common_house, number))


async def test_a_void_without_the_register_is_seen_in_the_snapshot(house: House) -> None:
    """Within the refresh; offline verifiers know the day, not the reason."""
    receipt = await issued(house)
    cti = parse(from_base32(receipt["token"])[0]).claims.cti
    assert house.process.facts.voided(cti) is None
    await void(house, receipt["number"])
    await house.refreshed()
    assert NOW.date() == house.process.facts.voided(cti)


async def test_looks_before_a_void_are_counted_with_it(house: House) -> None:
    """A receipt cancelled after it was looked at five times is another matter than one that nobody saw."""
    receipt = await issued(house)
    for _ in range(5):
        await verify(house, receipt["qr_text"])
    await write_looks(house.process.database, house.process.looks)
    await void(house, receipt["number"])
    async with house.database.read() as session:
        assert 5 == await session.scalar(select(Void.looks))


# Looks


async def test_only_a_persons_look_counts(house: House) -> None:
    """Neither the head of a page, nor what a browser fetches ahead, nor comparing again on the page that was opened."""
    receipt = await issued(house)
    page, api = f"/R/{receipt['token']}", f"/api/v1/verify/{receipt['token']}"
    for headers in ({"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}):
        for path in (page, page.lower(), api):
            assert 200 == (await house.client.get(path, headers=headers)).status_code
    assert 200 == (await house.client.head(page)).status_code
    await house.client.head(api)
    await house.client.post(page, data={"paid": "2.00"})
    assert None is (await verify(house, receipt["qr_text"]))["seen"]
    assert {"times": 1, "first": "2026-11-24"} == (await house.client.get(api)).json()["seen"]
    assert 200 == (await house.client.get(page)).status_code
    assert 3 == (await verify(house, receipt["qr_text"]))["seen"]["times"]


async def test_what_is_kept_of_looks_is_a_count_a_day_and_an_age_class(house: House) -> None:
    """No address, no device, no time: asked of the database itself, and of the one row."""
    receipt = await issued(house)
    house.clock.pass_time(seconds=30)
    for _ in range(2):
        await verify(house, receipt["qr_text"])
    await write_looks(house.process.database, house.process.looks)
    house.clock.pass_time(days=2)
    assert {"times": 2, "first": "2026-11-24"} == (await verify(house, receipt["number"]))["seen"]
    await write_looks(house.process.database, house.process.looks)
    cti = parse(from_base32(receipt["token"])[0]).claims.cti
    async with house.database.read() as session:
        assert {"cti", "times", "first_day", "first_age"} == await (await session.connection()).run_sync(columns, "look")
        assert [(cti, 3, NOW.date(), "1min")] == [tuple(row) for row in await session.execute(select(*Look.__table__.columns))]


async def test_looks_that_nothing_could_be_told_from_are_not_kept_for_what_is_no_receipt(common_house: House) -> None:
    await write_looks(common_house.process.database, common_house.process.looks)
    async with common_house.database.read() as session:
        before = len((await session.scalars(select(Look.cti))).all())
    for receipt in ("hello", await signed(common_house, stored=False)):
        await verify(common_house, receipt)
    await write_looks(common_house.process.database, common_house.process.looks)
    async with common_house.database.read() as session:
        assert before == len((await session.scalars(select(Look.cti))).all())


async def test_a_lost_head_of_a_chain_refuses_rather_than_repeats_a_serial(house: House) -> None:
    """The head may be rebuilt from receipts; while it is wrong, the database refuses a serial that exists."""
    await issued(house)
    async with house.database.write() as session:
        await session.execute(update(CounterHead).where(CounterHead.counter_id == WINDOW).values(serial=0))
    before = await rows(house.database)
    answer = await house.client.post("/api/v1/receipts", json={"counter": WINDOW, "fee": "CERT"}, headers=house.as_("clerk"))
    assert (500, "internal") == problem(answer)
    assert before == await rows(house.database)
