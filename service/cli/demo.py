"""`taksa demo`: a registry to try everything on, from nothing to serving. Its database is marked as a demonstration for ever."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from migrations.schema import migrate
from registry.installation import is_demonstration, mark_as_demonstration
from registry.publication import Publication
from service.cli import serving
from service.cli.founding import Account, Founded, found
from service.cli.opened import connected
from service.cli.samples import FollowCode, Sample, renewed, sample_receipts, sample_reports
from service.clock import SystemClock
from service.settings import Settings

HOST = "127.0.0.1"
PORT = 8000
PRIVATE_FILE, PRIVATE_DIRECTORY = 0o600, 0o700


class CounterPlace(msgspec.Struct):
    """A counter one can issue at, and where it is."""

    id: str
    authority: str
    office: str


class Demonstration(msgspec.Struct):
    """What `demo.json` holds: everything one needs to try the service, passwords included."""

    base_url: str
    accounts: list[Account]
    counters: list[CounterPlace]
    sample_receipts: list[Sample]
    follow_codes: list[FollowCode]


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help=f"Where to serve; else where it was served last, else {PORT}.")
@click.option(
    "--dir", "directory", type=click.Path(file_okay=False, path_type=Path), default=Path(".taksa"), show_default=True,
    help="Where the demonstration's database and files are.",
)  # fmt: skip
def demo(port: int | None, directory: Path) -> None:
    """Serve a demonstration registry on this machine alone. The first start founds it, later ones find it as it was left."""
    settings, demonstration = prepare(directory, port, SystemClock().now())
    app = serving.application(settings)
    for line in announcement(demonstration, directory):
        click.echo(line)
    serving.run(app, HOST, port_of(demonstration.base_url))


def prepare(directory: Path, port: int | None, now: datetime) -> tuple[Settings, Demonstration]:
    """The demonstration in a directory, founded if it is not there yet, addressed to the port it will be served at."""
    directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    passphrase = directory / "passphrase"
    if not passphrase.exists():
        write_private(passphrase, secrets.token_urlsafe(24).encode() + b"\n")
    file = directory / "demo.json"
    before = msgspec.json.decode(file.read_bytes(), type=Demonstration) if file.exists() else None
    origin = f"http://{HOST}:{port or (PORT if before is None else port_of(before.base_url))}"
    settings = Settings(
        database_url=f"sqlite:///{(directory / 'taksa.db').resolve()}", origin=origin, passphrase_file=str(passphrase), demo=True
    )
    return settings, asyncio.run(_prepare(settings, file, before, now))


async def _prepare(settings: Settings, file: Path, before: Demonstration | None, now: datetime) -> Demonstration:
    async with connected(settings) as database:
        await migrate(database.engine)
        async with database.write() as session:
            if not await is_demonstration(session):
                demonstration = await _found(session, settings, now)
            elif before is None:
                raise click.ClickException(f"{file} is gone, and with it every password; remove {file.parent} to begin anew")
            else:
                demonstration = await _again(session, before, settings, now)
            # Before the commit: a database with the mark always has its file.
            write_private(file, msgspec.json.format(msgspec.json.encode(demonstration), indent=2) + b"\n")
    return demonstration


async def _found(session: AsyncSession, settings: Settings, now: datetime) -> Demonstration:
    """Everything, in one transaction. Raises ClickException for a database that is somebody's already."""
    publication = Publication()
    if await publication.refresh(session):
        raise click.ClickException(f"{settings.database_url} is a registry, but no demonstration")
    await mark_as_demonstration(session)
    founded = await found(session, settings.passphrase() or b"", now)
    follow_codes = await sample_reports(session, founded, settings.origin, now)
    return Demonstration(
        base_url=settings.origin,
        accounts=founded.accounts,
        counters=_counters(founded),
        sample_receipts=await sample_receipts(session, founded, settings.origin, now),
        follow_codes=follow_codes,
    )


def _counters(founded: Founded) -> list[CounterPlace]:
    authority_of = {office.id: office.authority for office in founded.places.offices}
    return [CounterPlace(counter.id, authority_of[counter.office], counter.office) for counter in founded.places.counters]


async def _again(session: AsyncSession, before: Demonstration, settings: Settings, now: datetime) -> Demonstration:
    """As it was left. Tokens do not hold the address they are served at, so another port only changes the text of the codes."""
    old, new = f"{before.base_url.upper()}/", f"{settings.origin.upper()}/"
    moved = [
        msgspec.structs.replace(sample, qr_text=new + sample.qr_text.removeprefix(old)) if sample.qr_text.startswith(old) else sample
        for sample in before.sample_receipts
    ]
    samples = await renewed(session, moved, settings.origin, settings.passphrase() or b"", now)
    return msgspec.structs.replace(before, base_url=settings.origin, sample_receipts=samples)


def port_of(base_url: str) -> int:
    """The port in an address of ours, `http://127.0.0.1:PORT`."""
    return int(base_url.rpartition(":")[2])


def announcement(demonstration: Demonstration, directory: Path) -> Iterator[str]:
    """What to print: where, who, and a receipt to look at."""
    yield "Taksa, demonstration. Real fees, invented people; nothing here is official."
    yield ""
    yield f"  {demonstration.base_url}/         fees, and receipts to check"
    yield f"  {demonstration.base_url}/signin   for the staff:"
    yield ""
    for account in demonstration.accounts:
        yield f"  {account.username:10} {account.password:18} {account.role:14} {account.office or account.authority or ''}".rstrip()
    yield ""
    yield f"A receipt to look at:\n  {demonstration.sample_receipts[0].qr_text}"
    yield f"One in every other state, API tokens and follow codes: {directory / 'demo.json'}"
    yield "Ctrl-C stops."


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
