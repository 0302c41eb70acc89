"""`taksa schedule`: fees in and out as files; proposed by an editor, approved by another person."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.ext.asyncio import AsyncSession

from registry import places
from registry.errors import Finding
from registry.fees import schedule as fees
from registry.fees import schedule_file
from registry.fees.assessment import check_examples
from registry.fees.content import FeeContent
from registry.fees.schedule_file import Import
from registry.fees.tables import FeeRevision
from registry.officers import Officer
from service.cli.acting import FILE, acting, authenticate, password_of
from service.cli.opened import opened, settings_of_environment
from service.cli.refusing import REFUSED, Refusing
from service.clock import SystemClock

Step = Callable[[AsyncSession, Officer, str], Awaitable[object]]


@click.group(cls=Refusing)
def schedule() -> None:
    """An authority's fees as a file, and on their way to being published."""


@schedule.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Read FILE strictly and recompute its worked examples. Needs no registry."""
    read = schedule_file.read_schedule(file.read_bytes())
    findings = [_at(i, finding) for i, fee in enumerate(read.fees) for finding in check_examples(fee, _among(read.fees))]
    _tell(findings)
    if findings:
        raise click.exceptions.Exit(REFUSED)
    click.echo(f"{read.authority}: {len(read.fees)} fee versions, every worked example agrees.")


@schedule.command("import")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Say what would be found; write nothing.")
@acting
def import_file(file: Path, dry_run: bool, username: str, password_file: Path | None) -> None:
    """Take in FILE as drafts, all of it or nothing. An editor of the authority does this.

    Prints the id of each draft; `taksa schedule propose` puts them forward.
    """
    password = password_of(username, password_file)
    done = asyncio.run(_import(file.read_bytes(), dry_run, username, password, SystemClock().now()))
    _tell(done.findings)
    for draft in done.drafts:
        click.echo(draft)
    if dry_run:
        click.echo("Nothing was written.", err=True)


async def _import(data: bytes, dry_run: bool, username: str, password: str, now: datetime) -> Import:
    async with opened(settings_of_environment()) as database:
        by = await authenticate(database, username, password, now)
        async with database.write() as session:
            return await schedule_file.import_schedule(session, by=by, data=data, now=now, dry_run=dry_run)


@schedule.command()
@click.argument("authority")
def export(authority: str) -> None:
    """Print every published fee version of AUTHORITY as a schedule file."""
    click.echo(asyncio.run(_export(authority, SystemClock().now())), nl=False)


async def _export(authority: str, now: datetime) -> bytes:
    async with opened(settings_of_environment()) as database, database.read() as session:
        await places.authority(session, authority)
        return await schedule_file.export_schedule(session, authority, now=now)


@schedule.command()
@click.argument("drafts", nargs=-1, required=True, metavar="DRAFT...")
@acting
def propose(drafts: Sequence[str], username: str, password_file: Path | None) -> None:
    """Put drafts forward for approval, all or none. Their worked examples must agree."""
    now = SystemClock().now()
    step: Step = lambda session, by, draft: fees.propose(session, by=by, draft_id=draft, now=now)  # noqa: E731
    asyncio.run(_step_each(drafts, step, username, password_of(username, password_file), now))
    click.echo(f"{len(drafts)} proposed.")


@schedule.command()
@click.argument("drafts", nargs=-1, required=True, metavar="DRAFT...")
@click.option("--yes", is_flag=True, help="Approve without asking about each.")
@acting
def approve(drafts: Sequence[str], yes: bool, username: str, password_file: Path | None) -> None:
    """Publish proposals, all or none. Only a person who did not edit them may."""
    now, password = SystemClock().now(), password_of(username, password_file)
    shown = asyncio.run(_newest(drafts))
    for revision in () if yes else shown.values():
        click.echo(revision.content, err=True)
        click.confirm(f"Publish this ({revision.content_hash[:12]})?", abort=True, err=True)

    async def step(session: AsyncSession, by: Officer, draft: str) -> None:
        # What is approved is what was shown, even if it was returned and edited in between.
        if (await fees.newest_revision(session, draft)).content_hash != shown[draft].content_hash:
            raise click.ClickException(f"{draft} was changed meanwhile; look at it again")
        await fees.approve(session, by=by, draft_id=draft, now=now)

    asyncio.run(_step_each(drafts, step, username, password, now))
    click.echo(f"{len(drafts)} published.")


async def _newest(drafts: Sequence[str]) -> dict[str, FeeRevision]:
    async with opened(settings_of_environment()) as database, database.read() as session:
        return {draft: await fees.newest_revision(session, draft) for draft in drafts}


@schedule.command("return")
@click.argument("draft")
@click.option("--reason", required=True, help="What the editor should change.")
@acting
def give_back(draft: str, reason: str, username: str, password_file: Path | None) -> None:
    """Return a proposal to its editor."""
    now = SystemClock().now()
    step: Step = lambda session, by, each: fees.give_back(session, by=by, draft_id=each, reason=reason, now=now)  # noqa: E731
    asyncio.run(_step_each([draft], step, username, password_of(username, password_file), now))
    click.echo("Returned.")


async def _step_each(drafts: Sequence[str], step: Step, username: str, password: str, now: datetime) -> None:
    async with opened(settings_of_environment()) as database:
        by = await authenticate(database, username, password, now)
        async with database.write() as session:
            for draft in drafts:
                await step(session, by, draft)


def _among(read: Sequence[FeeContent]) -> Callable[[str, int], FeeContent | None]:
    """Fees that a rule may refer to: those of the file itself, numbered by their first day as they will be when published."""
    versions: dict[str, list[FeeContent]] = {}
    for fee in sorted(read, key=lambda each: each.valid_from):
        versions.setdefault(fee.code, []).append(fee)
    return lambda code, number: dict(enumerate(versions.get(code, []), 1)).get(number)


def _at(i: int, finding: Finding) -> Finding:
    return Finding(f"fees[{i}].{finding.path}", finding.code, finding.message)


def _tell(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(f"  {finding}", err=True)
