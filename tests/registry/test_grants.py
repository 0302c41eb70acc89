"""Rights on real databases: given by two persons, dated, ended at once, and not to be written by hand."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry import grants, officers
from registry.errors import AlreadyDecided, AlreadyStarted, NotAllowed, SamePerson, UnknownOfficer
from registry.grants import Grant, GrantApproval, Power, Role, allows, powers
from registry.officers import OfficerClosure
from service.db import Database, create_engine
from tests.world import FOUNDED, INSPECTORATE, NOW, TOWN, WINDOW, WINDOW_2, found, grant, person

pytestmark = pytest.mark.database


async def test_a_grant_needs_two_administrators(session: AsyncSession) -> None:
    """Proposed by one it is a wish; approved by another it is a right."""
    world = await found(session)
    newcomer = await person(session, "nova")
    wished = await grants.propose(session, by=world.admins[0], officer=newcomer, role=Role.CLERK, authority=TOWN, now=NOW)
    assert () == await powers(session, newcomer, NOW)
    with pytest.raises(SamePerson):
        await grants.approve(session, by=world.admins[0], grant=wished, now=NOW)
    await grants.approve(session, by=world.admins[1], grant=wished, now=NOW)
    assert (Power(Role.CLERK, TOWN, None, None),) == await powers(session, newcomer, NOW)
    with pytest.raises(AlreadyDecided):
        await grants.approve(session, by=world.admins[1], grant=wished, now=NOW)


async def test_the_same_person_under_two_accounts_is_one_administrator(session: AsyncSession) -> None:
    """A second account with the same staff number, a lawful administrator too, adds no second pair of eyes."""
    world = await found(session)
    twin = await person(session, "ada2", staff_number="S-ada")
    proposed = await grants.propose(session, by=world.admins[1], officer=twin, role=Role.ADMINISTRATOR, now=NOW)
    with pytest.raises(NotAllowed):
        await grants.approve(session, by=world.admins[0], grant=proposed, now=NOW)
    third = await person(session, "vera")
    await grant(session, world.admins, third, Role.ADMINISTRATOR)
    await grants.approve(session, by=third, grant=proposed, now=NOW)
    newcomer = await person(session, "nova")
    wished = await grants.propose(session, by=world.admins[0], officer=newcomer, role=Role.APPROVER, authority=TOWN, now=NOW)
    with pytest.raises(SamePerson):
        await grants.approve(session, by=twin, grant=wished, now=NOW)


async def test_nobody_approves_a_grant_to_themselves_under_any_account(session: AsyncSession) -> None:
    world = await found(session)
    other_account = await person(session, "bela2", staff_number="S-bela")
    for officer in (world.admins[1], other_account):
        wished = await grants.propose(session, by=world.admins[0], officer=officer, role=Role.APPROVER, authority=TOWN, now=NOW)
        with pytest.raises(NotAllowed):
            await grants.approve(session, by=world.admins[1], grant=wished, now=NOW)


@pytest.mark.parametrize("role", ["editor", "approver", "clerk", "inspector"])
async def test_only_administrators_propose_approve_and_end(session: AsyncSession, role: str) -> None:
    world = await found(session)
    officer = getattr(world, role)
    with pytest.raises(NotAllowed):
        await grants.propose(session, by=officer, officer=officer, role=Role.ADMINISTRATOR, now=NOW)
    wished = await grants.propose(session, by=world.admins[0], officer=officer, role=Role.ADMINISTRATOR, now=NOW)
    with pytest.raises(NotAllowed):
        await grants.approve(session, by=officer, grant=wished, now=NOW)
    with pytest.raises(NotAllowed):
        await grants.end(session, by=officer, grant=wished, reason="x", now=NOW)


@pytest.mark.parametrize("part", ["maker", "checker"])
async def test_sql_by_hand_cannot_approve_with_the_makers_hand(session: AsyncSession, part: str) -> None:
    """Neither calling the maker a checker, nor giving the maker a second part."""
    world = await found(session)
    newcomer = await person(session, "nova")
    wished = await grants.propose(session, by=world.admins[0], officer=newcomer, role=Role.CLERK, authority=TOWN, now=NOW)
    admin = world.admins[0]
    values = {"g": wished.id, "p": admin.person_id, "o": admin.id}
    approval = f"INSERT INTO officer_grant_approval VALUES (:g, '2026-11-24 10:00:00', :p, '{part}')"
    second_part = "INSERT INTO hand (matter, person_id, officer_id, part, at) VALUES (:g, :p, :o, 'checker', '2026-11-24 10:00:00')"
    somebody_elses = "INSERT INTO hand (matter, person_id, officer_id, part, at) VALUES (:g, :p + 1, :o, 'checker', '2026-11-24 10:00:00')"
    for statement in (approval, second_part, somebody_elses):
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await session.execute(text(statement), values)
    assert () == await powers(session, newcomer, NOW)


async def test_a_grant_in_which_its_maker_has_no_hand_cannot_be_written(session: AsyncSession) -> None:
    """Written by hand, in an administrator's name."""
    world = await found(session)
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            session.add(
                Grant(
                    id="grant:by-hand", officer_id=world.clerk.id, role=Role.ADMINISTRATOR, valid_from=NOW, proposed_at=NOW,
                    maker_id=world.admins[0].person_id,
                )
            )  # fmt: skip


async def test_a_right_holds_between_its_dates_and_until_it_is_ended(session: AsyncSession) -> None:
    world = await found(session)
    newcomer = await person(session, "nova")
    dated = await grants.propose(
        session, by=world.admins[0], officer=newcomer, role=Role.CLERK, authority=TOWN, counters=[WINDOW],
        valid_from=NOW, valid_to=NOW + timedelta(days=30), now=FOUNDED,
    )  # fmt: skip
    await grants.approve(session, by=world.admins[1], grant=dated, now=FOUNDED)
    held = (Power(Role.CLERK, TOWN, None, frozenset([WINDOW])),)
    for moment, expected in ((-1, ()), (0, held), (30 * 86400 - 1, held), (30 * 86400, ())):
        assert expected == await powers(session, newcomer, NOW + timedelta(seconds=moment)), moment
    await grants.end(session, by=world.admins[0], grant=dated, reason="Moved", now=NOW + timedelta(days=1))
    assert held == await powers(session, newcomer, NOW + timedelta(days=1, seconds=-1))
    assert () == await powers(session, newcomer, NOW + timedelta(days=1))
    with pytest.raises(AlreadyDecided):
        await grants.end(session, by=world.admins[1], grant=dated, reason="Again", now=NOW + timedelta(days=2))


async def test_the_first_start_makes_exactly_two_administrators_and_is_the_only_one(session: AsyncSession) -> None:
    """Each stands for the other; a second start is refused, with the same or with other people."""
    ada, bela, carla, dora = [await person(session, name) for name in ("ada", "bela", "carla", "dora")]
    await grants.start(session, ada, bela, NOW)
    found_grants = (await session.execute(select(Grant.officer_id, Grant.role, Grant.maker_id).order_by(Grant.officer_id))).all()
    assert [(ada.id, "administrator", bela.person_id), (bela.id, "administrator", ada.person_id)] == [tuple(row) for row in found_grants]
    for first, second in ((carla, dora), (ada, bela)):
        with pytest.raises(AlreadyStarted):
            await grants.start(session, first, second, NOW)
    assert 2 == await session.scalar(select(func.count()).select_from(GrantApproval))


async def test_the_first_two_administrators_are_two_persons(session: AsyncSession) -> None:
    ada, twin = await person(session, "ada"), await person(session, "ada2", staff_number="S-ada")
    with pytest.raises(SamePerson):
        await grants.start(session, ada, twin, NOW)


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def test_two_first_starts_at_once_are_one(database_url: str) -> None:
    """Two people found the registry in the same moment, each with a friend: one of them comes second."""
    database = Database(create_engine(database_url, pool_size=4))
    async with database.write() as session:
        people = [await person(session, name) for name in ("ada", "bela", "carla", "dora")]

    async def start(first: officers.Officer, second: officers.Officer) -> bool:
        try:
            async with database.write() as session:
                await grants.start(session, first, second, NOW)
                await asyncio.sleep(0.1)
        except AlreadyStarted:
            return False
        return True

    assert [False, True] == sorted(await asyncio.gather(start(*people[:2]), start(*people[2:])))
    async with database.read() as session:
        assert 2 == await session.scalar(select(func.count()).select_from(Grant))
    await database.close()


def test_a_power_reaches_what_it_names_and_all_where_it_names_nothing() -> None:
    town = Power(Role.CLERK, TOWN, "xk-town-hall", frozenset([WINDOW]))
    assert allows([town], Role.CLERK, authority=TOWN, office="xk-town-hall", counter=WINDOW)
    assert not allows([town], Role.CLERK, authority=TOWN, office="xk-town-hall", counter=WINDOW_2)
    assert not allows([town], Role.CLERK, authority=TOWN, office="elsewhere", counter=WINDOW)
    assert not allows([town], Role.CLERK, authority=INSPECTORATE)
    assert not allows([town], Role.APPROVER, authority=TOWN)
    assert not allows([], Role.CLERK)
    assert allows([Power(Role.ADMINISTRATOR, None, None, None)], Role.ADMINISTRATOR, authority="any", office="any", counter="any")


async def test_a_person_has_a_stake_wherever_any_account_of_theirs_ever_had_a_right(session: AsyncSession) -> None:
    """An inspector who once was a clerk of the town, under another name, has a stake there for ever; inspecting is none."""
    world = await found(session)
    other_account = await person(session, "ina2", staff_number="S-ina")
    await grant(session, world.admins, other_account, Role.CLERK, authority=TOWN, valid_to=FOUNDED + timedelta(days=1))
    assert frozenset([TOWN]) == await grants.authorities_of_person(session, world.inspector.person_id)
    assert frozenset() == await grants.authorities_of_person(session, world.admins[0].person_id)


async def test_an_account_is_found_in_any_case_until_it_is_closed(session: AsyncSession) -> None:
    officer = await person(session, "Nova ")
    assert officer.id == (await officers.by_username(session, " NOVA")).id
    session.add(OfficerClosure(officer_id=officer.id, closed_at=NOW, reason="Left"))
    await session.flush()
    with pytest.raises(UnknownOfficer):
        await officers.by_username(session, "nova")
