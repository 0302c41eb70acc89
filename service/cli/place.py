"""`taksa place`: authorities, offices and counters from a file."""

import asyncio
from datetime import datetime
from pathlib import Path

import click
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from registry import grants, places
from registry.places import Authority, Counter, Office
from service.cli.acting import FILE, acting, authenticate, password_of, require_administrator
from service.cli.opened import opened, settings_of_environment
from service.cli.refusing import Refusing
from service.clock import SystemClock

Words = dict[str, str]


class AuthorityEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One authority of a places file."""

    id: str
    names: Words
    time_zone: str
    language: str
    currency: str
    supervised_by: str | None = None


class OfficeEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One office; `authority` is an authority's id."""

    id: str
    authority: str
    names: Words
    address: Words


class CounterEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One counter; `number` is what its receipts carry."""

    id: str
    office: str
    number: int
    kind: str = "server"


class Places(msgspec.Struct, forbid_unknown_fields=True):
    """A places file: authorities before those they supervise."""

    authorities: list[AuthorityEntry] = []
    offices: list[OfficeEntry] = []
    counters: list[CounterEntry] = []


@click.group(cls=Refusing)
def place() -> None:
    """Authorities, their offices, the counters in them."""


@place.command("import")
@click.argument("file", type=FILE)
@acting
def import_places(file: Path, username: str, password_file: Path | None) -> None:
    """Open the places in FILE that are not open yet; those that are stay as they are. An administrator does this."""
    found = read_places(file.read_bytes())
    added = asyncio.run(_import(found, username, password_of(username, password_file), SystemClock().now()))
    for each in added:
        click.echo(each)
    click.echo(f"{len(added)} opened.")


async def _import(found: Places, username: str, password: str, now: datetime) -> list[str]:
    async with opened(settings_of_environment()) as database:
        officer = await authenticate(database, username, password, now)
        async with database.write() as session:
            require_administrator(await grants.powers(session, officer, now), "opens places")
            return await open_places(session, found, now)


def read_places(data: bytes) -> Places:
    """A places file's content. Raises ClickException saying where it is not one."""
    try:
        return msgspec.json.decode(data, type=Places)
    except msgspec.MsgspecError as wrong:
        raise click.ClickException(f"not a places file: {wrong}") from None


async def open_places(session: AsyncSession, found: Places, now: datetime) -> list[str]:
    """Open what is not open yet; gives its ids. Raises UnknownPlace for an office or authority that is neither here nor there."""
    added: list[str] = []
    for authority in found.authorities:
        if await session.get(Authority, authority.id) is None:
            if authority.supervised_by is not None:
                await places.authority(session, authority.supervised_by)
            await places.open_authority(session, now=now, **msgspec.structs.asdict(authority))
            added.append(authority.id)
    for office in found.offices:
        if await session.get(Office, office.id) is None:
            of = await places.authority(session, office.authority)
            await places.open_office(session, now=now, id=office.id, authority_id=of.id, names=office.names, address=office.address)
            added.append(office.id)
    for counter in found.counters:
        if await session.get(Counter, counter.id) is None:
            at = await places.office(session, counter.office)
            await places.open_counter(
                session, now=now, id=counter.id, office_id=at.id, authority_id=at.authority_id, number=counter.number, kind=counter.kind
            )
            added.append(counter.id)
    return added
