"""`taksa receipt`: issue and void at a counter, from a shell."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import click

from registry import keys
from registry.grants import powers
from registry.money import Money
from registry.receipts import issue as receipts
from registry.receipts.issue import VoidReason
from registry.receipts.number import parse_number, show_number
from registry.receipts.tables import Receipt
from registry.receipts.token import Payment, qr_text
from service.cli.acting import acting, authenticate, password_of
from service.cli.opened import opened, passphrase, published_facts, settings_of_environment
from service.cli.refusing import Refusing
from service.clock import SystemClock

YES_NO: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a receipt should be for. The price is not among it."""

    counter: str
    fee: str
    inputs: Mapping[str, str | bool]
    on: date | None
    on_reason: str | None
    payment: Payment
    training: bool


@click.group(cls=Refusing)
def receipt() -> None:
    """Receipts: issue, void."""


@receipt.command()
@click.option("--counter", required=True, help="The counter's id.")
@click.option("--fee", required=True, help="The fee's code.")
@click.option("--input", "given", multiple=True, metavar="NAME=VALUE", help="An input the fee asks for; yes/no inputs take true or false.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="An earlier legal date; needs --on-reason.")
@click.option("--on-reason", help="Why the legal date is not today.")
@click.option("--payment", type=click.Choice([each.name.lower() for each in Payment]), default="unstated", show_default=True)
@click.option("--training", is_flag=True, help="A practice slip, never valid.")
@acting
def issue(
    counter: str, fee: str, given: Sequence[str], on: datetime | None, on_reason: str | None, payment: str, training: bool,
    username: str, password_file: Path | None,
) -> None:  # fmt: skip
    """Issue a receipt. The amount is computed from the fee in force; none can be given."""
    wanted = Wanted(
        counter, fee, _inputs(given), None if on is None else on.date(), on_reason, Payment[payment.upper()], training
    )  # fmt: skip
    settings = settings_of_environment()
    issued = asyncio.run(_issue(wanted, username, password_of(username, password_file), SystemClock().now()))
    _tell(issued, settings.origin)


async def _issue(wanted: Wanted, username: str, password: str, now: datetime) -> Receipt:
    settings = settings_of_environment()
    sealed_with = passphrase(settings)
    async with opened(settings) as database:
        officer = await authenticate(database, username, password, now)
        async with database.write() as session:
            facts = await published_facts(session)
            desk = receipts.desk(facts, officer, await powers(session, officer, now), wanted.counter)
            quoted = receipts.quote(
                facts, desk.authority, wanted.fee, wanted.inputs, now=now, on=wanted.on, on_reason=wanted.on_reason
            )  # fmt: skip
            signer = await keys.signer(session, desk.authority.id, sealed_with, now)
            return await receipts.issue(
                session, desk, quoted, signer, payment=wanted.payment, training=wanted.training, on_reason=wanted.on_reason, now=now
            )


@receipt.command()
@click.argument("number")
@click.option("--reason", required=True, type=click.Choice([each.value for each in VoidReason]))
@click.option("--note", required=True, help="What happened, in words; the citizen sees the reason.")
@click.option("--counter", help="The counter that issues the void slip, if not the receipt's own.")
@acting
def void(number: str, reason: str, note: str, counter: str | None, username: str, password_file: Path | None) -> None:
    """Cancel the receipt with NUMBER, in public and with a reason. The clerk who issued it does this."""
    settings = settings_of_environment()
    password = password_of(username, password_file)
    slip = asyncio.run(_void(parse_number(number), VoidReason(reason), note, counter, username, password, SystemClock().now()))
    _tell(slip, settings.origin)


async def _void(
    number: str, reason: VoidReason, note: str, counter: str | None, username: str, password: str, now: datetime
) -> Receipt:  # fmt: skip
    settings = settings_of_environment()
    sealed_with = passphrase(settings)
    async with opened(settings) as database:
        officer = await authenticate(database, username, password, now)
        async with database.write() as session:
            facts = await published_facts(session)
            found = await receipts.by_number(session, number)
            desk = receipts.desk(facts, officer, await powers(session, officer, now), counter or found.counter_id)
            signer = await keys.signer(session, desk.authority.id, sealed_with, now)
            return await receipts.void(session, desk, found, signer, reason=reason, note=note, now=now)


def _inputs(given: Sequence[str]) -> dict[str, str | bool]:
    inputs: dict[str, str | bool] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or name in inputs:
            raise click.BadParameter(f"{each}: must be NAME=VALUE, each name once", param_hint="--input")
        inputs[name] = YES_NO.get(value, value)
    return inputs


def _tell(row: Receipt, origin: str) -> None:
    click.echo(f"number   {show_number(row.number)}")
    click.echo(f"serial   {row.serial}")
    click.echo(f"amount   {Money(row.amount, row.currency).text} {row.currency}")
    click.echo(f"code     {qr_text(origin, row.token)}")
