"""What a serving process shares among its requests: one question for many, a limit on the whole, looks that survive a busy database."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.receipts.tables import Look
from service import lookups as lookups_module
from service import worker
from service.db import create_engine
from service.limits import Bucket, TooManyRequests
from service.lookups import MOST, Lookups
from service.worker import write_looks
from tests.service.api.presenting import issued, problem, verify
from tests.service.conftest import House, open_house
from tests.world import NOW
from verify.looks import Looks
from verify.register import Recorded


def test_a_bucket_holds_a_burst_and_fills_again() -> None:
    bucket = Bucket(rate=2, burst=3)
    for _ in range(3):
        bucket.take(NOW)
    with pytest.raises(TooManyRequests):
        bucket.take(NOW)
    bucket.take(NOW + timedelta(seconds=0.5))
    with pytest.raises(TooManyRequests):
        bucket.take(NOW + timedelta(seconds=0.6))
    for _ in range(3):
        bucket.take(NOW + timedelta(days=1))
    with pytest.raises(TooManyRequests):
        bucket.take(NOW)


@pytest.mark.database
async def test_looking_up_by_number_is_limited_as_a_whole_and_by_token_is_not(house: House) -> None:
    """Trying numbers out is what is limited; who holds the paper is never refused."""
    receipt = await issued(house)
    for _ in range(house.process.numbers.burst):
        assert 200 == (await house.client.post("/api/v1/verify", json={"receipt": receipt["number"]})).status_code
    limited = await house.client.post("/api/v1/verify", json={"receipt": receipt["number"]})
    assert (429, "too_many_requests") == problem(limited)
    assert "match" == (await verify(house, receipt["qr_text"]))["state"]
    house.clock.pass_time(seconds=1)
    assert "match" == (await verify(house, receipt["number"]))["state"]


@pytest.mark.database
async def test_checks_that_wait_at_the_same_moment_share_a_query(common_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    original = lookups_module.recorded

    async def counting(session: AsyncSession, ctis: set[bytes]) -> Mapping[bytes, Recorded]:
        asked.append(len(ctis))
        return await original(session, ctis)

    monkeypatch.setattr(lookups_module, "recorded", counting)
    lookups = Lookups(common_house.database)
    answers = await asyncio.gather(*(lookups.ask(number.to_bytes(10)) for number in range(MOST + 50)))
    assert {None} == set(answers)
    assert (MOST + 50, True) == (sum(asked), len(asked) <= 3)


@pytest.mark.database
async def test_a_question_that_fails_fails_for_those_who_asked_and_for_nobody_after(
    common_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups = Lookups(common_house.database)

    async def failing(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    with monkeypatch.context() as patched:
        patched.setattr(lookups_module, "recorded", failing)
        answers = await asyncio.gather(*(lookups.ask(bytes(10)) for _ in range(3)), return_exceptions=True)
    assert [OperationalError] * 3 == [type(answer) for answer in answers]
    assert await lookups.ask(bytes(10)) is None


@pytest.mark.database
async def test_who_gives_up_waiting_takes_no_answer_from_others(common_house: House) -> None:
    lookups = Lookups(common_house.database)
    impatient = asyncio.create_task(lookups.ask(bytes(10)))
    patient = asyncio.create_task(lookups.ask(bytes(10)))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient is None


@pytest.mark.database
async def test_looks_that_cannot_be_written_are_written_later(common_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks()
    looks.note(b"\x44" * 10, NOW, NOW)

    async def failing(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("locked"))

    with monkeypatch.context() as patched:
        patched.setattr(worker, "write", failing)
        await write_looks(common_house.database, looks)
    assert 1 == looks.pending[b"\x44" * 10].times
    await write_looks(common_house.database, looks)
    assert {} == looks.pending


@pytest.mark.database
async def test_looks_are_written_when_the_process_stops(database_url: str, tmp_path: Path) -> None:
    """The last second's looks are not lost to a restart."""
    async with open_house(database_url, tmp_path) as house:
        await verify(house, (await issued(house))["qr_text"])
    engine = create_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        assert 1 == await connection.scalar(select(Look.times))
    await engine.dispose()


@pytest.mark.database
async def test_a_process_says_that_it_lives_whether_it_is_ready_and_whom_to_tell(common_house: House) -> None:
    assert {"status": "alive"} == (await common_house.client.get("/health/live")).json()
    ready = await common_house.client.get("/health/ready")
    assert (200, {"database": True, "snapshot": True}) == (ready.status_code, ready.json())
    contact = (await common_house.client.get("/.well-known/security.txt")).text
    for field in ("Contact: mailto:", "Expires: 2027-05-", "Preferred-Languages: en, sq, mk, sr", "Canonical: https://fees.example/"):
        assert field in contact
    assert "python_info" in (await common_house.client.get("/metrics")).text
