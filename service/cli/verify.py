"""`taksa verify`: check a receipt against the register, or offline against a saved snapshot."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from registry.errors import MalformedSnapshot
from registry.log.note import open_note, parse_vkey
from registry.money import Money
from registry.snapshot import Facts
from registry.snapshot_files import Index, assemble, note_text, parse_index
from service.cli.opened import opened, published_facts, settings_of_environment
from service.clock import SystemClock
from verify.check import check
from verify.looks import Looks
from verify.register import Recorded, check_number, check_token, is_number, recorded
from verify.verdict import Verdict

MARKS = {True: "pass", False: "FAIL", None: "----"}


@click.command()
@click.argument("receipt", metavar="QR-TEXT|TOKEN|NUMBER")
@click.option(
    "--snapshot",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Check offline, against files saved from /snapshot/: index, note, a/…, voids/…",
)
@click.option("--vkey", help="The verifier key that the snapshot's note must be signed with.")
@click.option("--paid", help="What was paid, such as 12.50.")
@click.option("--currency", help="Of what was paid, such as EUR.")
def verify(receipt: str, snapshot: Path | None, vkey: str | None, paid: str | None, currency: str | None) -> None:
    """Say what may be concluded about a receipt, step by step.

    Without --snapshot the registry is asked. The exit code tells whether there is a verdict, not which: forged is an answer too.
    """
    if (paid is None) != (currency is None):
        raise click.UsageError("--paid and --currency go together")
    money = None if paid is None or currency is None else Money.parse(paid, currency)
    now = SystemClock().now()
    if snapshot is not None:
        if is_number(receipt):
            raise click.UsageError("a number is looked up in the register; offline, give the code's text")
        index, facts, note = read_snapshot(snapshot, vkey)
        click.echo(f"note: {note}")
        verdict = check(receipt, facts, origin_for(receipt, index), now, money)
    else:
        if vkey is not None:
            raise click.UsageError("--vkey goes with --snapshot")
        verdict = asyncio.run(_ask_register(receipt, money, now))
    for line in report(verdict):
        click.echo(line)


async def _ask_register(receipt: str, paid: Money | None, now: datetime) -> Verdict:
    settings = settings_of_environment()
    async with opened(settings) as database, database.read() as session:
        facts = await published_facts(session)
        if is_number(receipt):
            return await check_number(
                session, facts, Looks(), origin=settings.origin, number=receipt, now=now, paid=paid, count=False
            )  # fmt: skip

        async def ask(cti: bytes) -> Recorded | None:
            return (await recorded(session, [cti])).get(cti)

        return await check_token(
            ask, facts, Looks(), origin=settings.origin, receipt=receipt, now=now, paid=paid, count=False
        )  # fmt: skip


def read_snapshot(directory: Path, vkey: str | None) -> tuple[Index, Facts, str]:
    """A saved snapshot, and what is known of its note. Raises MalformedSnapshot, NoteNotVerified, MalformedNote."""
    data = (directory / "index").read_bytes()
    index = parse_index(data)

    def fetch(path: str) -> bytes:
        found = (directory / path).resolve()
        if not found.is_relative_to(directory.resolve()):
            raise MalformedSnapshot("path")
        return found.read_bytes()

    facts = assemble(index, fetch)
    if vkey is None:
        return index, facts, "NOT CHECKED. Give --vkey with the key you pinned, else the files may be anybody's."
    note = open_note((directory / "note").read_text("utf-8"), [parse_vkey(vkey)])
    if note.text != note_text(data, index.as_of):
        raise MalformedSnapshot("note_of_another_index")
    return index, facts, f"signed by {note.signers[0].name}"


def origin_for(receipt: str, index: Index) -> str:
    """The origin a receipt is held to: the one of the snapshot's that it is addressed to, else the first."""
    origins = list(dict.fromkeys(part.origin for part in index.authorities))
    if not origins:
        raise MalformedSnapshot("no_authority")
    return next((origin for origin in origins if receipt.upper().startswith(f"{origin}/".upper())), origins[0])


def report(verdict: Verdict) -> Iterator[str]:
    """The verdict as lines of text: state, amounts, receipt, steps."""
    yield f"state: {verdict.state}"
    for name in ("published", "recorded", "paid", "difference"):
        amount: Money | None = getattr(verdict, name)
        if amount is not None:
            yield f"{name}: {amount.text} {amount.currency}"
    for flag in verdict.flags:
        yield f"flag: {flag}"
    if verdict.void is not None:
        yield f"voided: {verdict.void.voided_on} {verdict.void.reason or ''}".rstrip()
    if verdict.receipt is not None:
        claims = verdict.receipt.token.claims
        yield f"receipt: {verdict.receipt.number}, {verdict.receipt.authority.id}, counter {claims.counter}, serial {claims.serial}"
        yield f"issued: {verdict.receipt.issued_at:%Y-%m-%dT%H:%M:%SZ}, for {claims.on}"
        yield f"fee: {claims.fee}, version {claims.version}"
    if verdict.foreign_host is not None:
        yield f"host: {verdict.foreign_host}"
    yield f"facts as of: {verdict.facts_as_of:%Y-%m-%dT%H:%M:%SZ}"
    for step in verdict.checks:
        yield f"  {MARKS[step.passed]}  {step.name}{'' if step.detail is None else f' ({step.detail})'}"
