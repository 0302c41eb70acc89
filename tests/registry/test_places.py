"""Places on real databases: an office belongs to one authority, a counter's number to one counter."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry import places
from registry.errors import UnknownPlace
from registry.places import AuthoritySuccession, CounterHead
from tests.world import INSPECTORATE, MINISTRY, NOW, TOWN, found, words

pytestmark = pytest.mark.database


async def test_places_are_found_by_id_and_listed_in_order(session: AsyncSession) -> None:
    await found(session)
    assert INSPECTORATE == (await places.authority(session, TOWN)).supervised_by
    assert TOWN == (await places.office(session, "xk-town-hall")).authority_id
    assert 2 == (await places.counter(session, "xk-town-hall-2")).number
    assert ["xk-town-hall"] == [office.id for office in await places.offices_of(session, TOWN)]
    assert [1, 2] == [counter.number for counter in await places.counters_of(session, TOWN)]


@pytest.mark.parametrize("find", [places.authority, places.office, places.counter])
async def test_a_place_that_never_was_is_unknown(session: AsyncSession, find: Callable[..., Awaitable[object]]) -> None:
    with pytest.raises(UnknownPlace) as refused:
        await find(session, "moon")
    assert {"place": "moon"} == refused.value.params


async def test_a_counter_starts_with_an_empty_chain(session: AsyncSession) -> None:
    await found(session)
    head = await session.get_one(CounterHead, "xk-town-hall-1")
    assert (0, None) == (head.serial, head.link)


@pytest.mark.parametrize(
    "facts",
    [
        {"id": "xk-town-hall-1", "office_id": "xk-town-hall", "authority_id": TOWN, "number": 9},
        {"id": "new", "office_id": "xk-town-hall", "authority_id": TOWN, "number": 1},
        {"id": "new", "office_id": "xk-town-hall", "authority_id": MINISTRY, "number": 9},
        {"id": "new", "office_id": "moon", "authority_id": TOWN, "number": 9},
        {"id": "new", "office_id": "xk-town-hall", "authority_id": TOWN, "number": 0},
        {"id": "new", "office_id": "xk-town-hall", "authority_id": TOWN, "number": 9, "kind": "toaster"},
    ],
    ids=["same id", "same number", "office of another authority", "no such office", "number zero", "no such kind"],
)
async def test_a_counter_that_cannot_be_is_refused_by_the_database(session: AsyncSession, facts: dict[str, object]) -> None:
    """A receipt names authority and number; two counters of one number would be one voice with two mouths."""
    await found(session)
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await places.open_counter(session, now=NOW, **facts)


async def test_an_authority_names_its_supervisor_and_its_successor(session: AsyncSession) -> None:
    await found(session)
    session.add(AuthoritySuccession(authority_id=TOWN, succeeded_by=MINISTRY, on=NOW.date(), recorded_at=NOW))
    await session.flush()
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await places.open_authority(
                session, id="new", names=words("New"), time_zone="Europe/Skopje", language="mk", currency="MKD", supervised_by="moon",
                now=NOW,
            )  # fmt: skip
