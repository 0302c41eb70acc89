"""`taksa officer`: the first two administrators, accounts, rights that two administrators give, API tokens."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry import credentials, grants, officers, places
from registry.errors import NotAllowed
from registry.grants import Grant, Role, allows, powers
from registry.officers import Officer
from service.cli.acting import FILE, acting, authenticate, new_password, password_of, require_administrator
from service.cli.opened import opened, settings_of_environment
from service.cli.refusing import Refusing
from service.clock import SystemClock
from service.web.language import LANGUAGES

Result = TypeVar("Result")

ROLE = click.Choice([role.value for role in Role])


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account to be opened."""

    username: str
    staff_number: str
    full_name: str
    language: str
    password: str


@click.group(cls=Refusing)
def officer() -> None:
    """People on the staff: start, add, grant, approve, token."""


@officer.command()
@click.option("--first", nargs=3, required=True, metavar="USERNAME STAFF-NUMBER NAME", help="The first administrator.")
@click.option("--second", nargs=3, required=True, metavar="USERNAME STAFF-NUMBER NAME", help="The second, another person.")
@click.option("--first-password-file", type=FILE)
@click.option("--second-password-file", type=FILE)
def start(
    first: tuple[str, str, str], second: tuple[str, str, str], first_password_file: Path | None, second_password_file: Path | None
) -> None:
    """Make the first two administrators of an empty registry; each stands for the other."""
    pair = [
        Newcomer(username, staff_number, name, LANGUAGES[0], new_password(username, file))
        for (username, staff_number, name), file in ((first, first_password_file), (second, second_password_file))
    ]
    asyncio.run(_start(pair, SystemClock().now()))
    click.echo(f"{first[0]} and {second[0]} are administrators.")


async def _start(pair: list[Newcomer], now: datetime) -> None:
    async with opened(settings_of_environment()) as database, database.write() as session:
        one, other = [await open_account(session, each, now) for each in pair]
        await grants.start(session, one, other, now)


@officer.command()
@click.argument("new_username", metavar="NEW-USERNAME")
@click.option("--staff-number", required=True, help="Who the person is; a known number gives them another account.")
@click.option("--name", required=True, help="The person's full name.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--new-password-file", type=FILE, help="Read the new account's password from this file instead of asking.")
@acting
def add(
    new_username: str, staff_number: str, name: str, language: str, new_password_file: Path | None,
    username: str, password_file: Path | None,
) -> None:  # fmt: skip
    """Open an account. It may do nothing until it is granted something."""
    password = password_of(username, password_file)
    newcomer = Newcomer(new_username, staff_number, name, language, new_password(new_username, new_password_file))
    now = SystemClock().now()

    async def work(session: AsyncSession, by: Officer) -> None:
        require_administrator(await powers(session, by, now), "opens accounts")
        await open_account(session, newcomer, now)

    asyncio.run(_acting_as(work, username, password, now))
    click.echo(f"{new_username} has an account.")


@officer.command()
@click.argument("holder", metavar="USERNAME")
@click.argument("role", type=ROLE)
@click.option("--authority", help="Only at this authority; without it, everywhere.")
@click.option("--office", help="Only at this office of the authority.")
@click.option("--counter", "counters", multiple=True, help="Only at these counters, by id.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long the right holds; without it, until ended.")
@acting
def grant(
    holder: str, role: str, authority: str | None, office: str | None, counters: Sequence[str], days: int | None,
    username: str, password_file: Path | None,
) -> None:  # fmt: skip
    """Propose a right for USERNAME. Prints its id, for another administrator to approve."""
    now = SystemClock().now()

    async def work(session: AsyncSession, by: Officer) -> str:
        await _refuse_unless_placed(session, authority, office, counters)
        proposed = await grants.propose(
            session,
            by=by,
            officer=await officers.by_username(session, holder),
            role=Role(role),
            now=now,
            authority=authority,
            office=office,
            counters=list(counters) or None,
            valid_to=None if days is None else now + timedelta(days=days),
        )
        return proposed.id

    click.echo(asyncio.run(_acting_as(work, username, password_of(username, password_file), now)))


@officer.command()
@click.argument("grant_id", metavar="GRANT")
@click.option("--yes", is_flag=True, help="Approve without asking.")
@acting
def approve(grant_id: str, yes: bool, username: str, password_file: Path | None) -> None:
    """Stand for the proposed right GRANT, as a second administrator."""
    now = SystemClock().now()

    password = password_of(username, password_file)
    click.echo(asyncio.run(_described(grant_id)), err=True)
    if not yes:
        click.confirm("Approve?", abort=True, err=True)

    async def work(session: AsyncSession, by: Officer) -> None:
        await grants.approve(session, by=by, grant=await _grant(session, grant_id), now=now)

    asyncio.run(_acting_as(work, username, password, now))
    click.echo("The right is given.")


async def _described(grant_id: str) -> str:
    async with opened(settings_of_environment()) as database, database.read() as session:
        proposed = await _grant(session, grant_id)
        holder = await session.get_one(Officer, proposed.officer_id)
        where = [proposed.authority_id or "everywhere", *filter(None, [proposed.office_id]), *(proposed.counters or ())]
        return f"{holder.username}: {proposed.role} at {', '.join(where)}"


async def _grant(session: AsyncSession, grant_id: str) -> Grant:
    found = await session.get(Grant, grant_id)
    if found is None:
        raise click.ClickException(f"there is no grant {grant_id}")
    return found


@officer.command()
@click.argument("role", type=ROLE)
@click.option("--counter", "counters", multiple=True, help="Only at these counters, by id.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 730), help="How long the token opens.")
@acting
def token(role: str, counters: Sequence[str], days: int, username: str, password_file: Path | None) -> None:
    """Print a new API token for a role the officer holds. It is shown once and kept nowhere."""
    now = SystemClock().now()

    async def work(session: AsyncSession, by: Officer) -> str:
        if not allows(await powers(session, by, now), Role(role)):
            raise NotAllowed(f"needs the role {role}", role=role)
        return await credentials.issue_token(
            session, by, Role(role), counters=list(counters) or None, now=now, expires_at=now + timedelta(days=days)
        )

    click.echo(asyncio.run(_acting_as(work, username, password_of(username, password_file), now)))


async def open_account(session: AsyncSession, newcomer: Newcomer, now: datetime) -> Officer:
    """A person's account with its first password. Raises ClickException for a name that is taken."""
    if await session.scalar(select(Officer.id).where(Officer.username == newcomer.username.strip().lower())) is not None:
        raise click.ClickException(f"there is an account {newcomer.username} already")
    account = await officers.add(
        session,
        staff_number=newcomer.staff_number,
        full_name=newcomer.full_name,
        username=newcomer.username,
        now=now,
        language=newcomer.language,
    )
    await credentials.set_first_password(session, account, newcomer.password, now)
    return account


async def _acting_as(
    work: Callable[[AsyncSession, Officer], Awaitable[Result]], username: str, password: str, now: datetime
) -> Result:  # fmt: skip
    async with opened(settings_of_environment()) as database:
        by = await authenticate(database, username, password, now)
        async with database.write() as session:
            return await work(session, by)


async def _refuse_unless_placed(session: AsyncSession, authority: str | None, office: str | None, counters: Sequence[str]) -> None:
    """Raises UnknownPlace for a place that is not there; a narrower place needs the wider one it is in."""
    if authority is not None:
        await places.authority(session, authority)
    if office is not None and (await places.office(session, office)).authority_id != authority:
        raise click.ClickException(f"{office} is not an office of {authority}")
    for each in counters:
        found = await places.counter(session, each)
        if found.authority_id != authority or office not in (None, found.office_id):
            raise click.ClickException(f"{each} is not a counter there")
