"""`taksa keys`: signing keys, made by one administrator, in force once two of them stand for them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from registry import keys as registry
from registry import places
from registry.db import second_after
from registry.errors import NoSigningKey
from registry.grants import powers
from registry.log.note import verifier_key
from registry.officers import Officer
from registry.publication import verifier_key as newest_verifier_key
from registry.snapshot import Facts, KeyEntry, show_time
from service.cli.acting import acting, authenticate, password_of, require_administrator
from service.cli.opened import opened, passphrase, published_facts, settings_of_environment
from service.cli.refusing import Refusing
from service.clock import SystemClock
from service.published import note_name

Result = TypeVar("Result")

DAYS = click.option("--days", default=730, show_default=True, type=click.IntRange(1, 3650), help="How long the key may sign.")


@click.group(cls=Refusing)
def keys() -> None:
    """Signing keys: new, list, certify, rotate, revoke."""


@keys.command()
@click.argument("authority", required=False)
@click.option("--note", is_flag=True, help="The key that signs the snapshot's note; it belongs to no authority.")
@click.option("--use", type=click.Choice(["server", "device"]), default="server", show_default=True)
@click.option("--counter", "counters", multiple=True, type=int, metavar="NUMBER", help="Only for these counters; a device needs them.")
@DAYS
@acting
def new(authority: str | None, note: bool, use: str, counters: Sequence[int], days: int, username: str, password_file: Path | None) -> None:
    """Make a key for AUTHORITY. It signs nothing before two administrators certified it."""
    if note == (authority is not None):
        raise click.UsageError("say either AUTHORITY or --note")
    if use == "device" and not counters:
        raise click.UsageError("a device key needs the numbers of its counters")
    sealed_with, now = passphrase(settings_of_environment()), SystemClock().now()

    async def make(session: AsyncSession, _: Officer) -> str:
        if authority is not None:
            await places.authority(session, authority)
        return await _create(session, authority, "note" if note else use, list(counters) or None, days, sealed_with, now)

    kid = asyncio.run(_as_administrator(make, "makes keys", username, password_of(username, password_file), now))
    click.echo(kid)
    _tell_next(kid, note)


@keys.command()
@click.argument("authority")
@DAYS
@acting
def rotate(authority: str, days: int, username: str, password_file: Path | None) -> None:
    """Make the key that takes over from AUTHORITY's present one once certified. What the old one signed stays good."""
    sealed_with, now = passphrase(settings_of_environment()), SystemClock().now()

    async def make(session: AsyncSession, _: Officer) -> str:
        if not any(_may_sign(key, now) for key in await registry.published_keys(session, authority)):
            raise NoSigningKey("there is nothing to rotate; make a new key", authority=authority)
        return await _create(session, authority, "server", None, days, sealed_with, now)

    kid = asyncio.run(_as_administrator(make, "makes keys", username, password_of(username, password_file), now))
    click.echo(kid)
    _tell_next(kid, note=False)


@keys.command()
@click.argument("kid")
@acting
def certify(kid: str, username: str, password_file: Path | None) -> None:
    """Stand for the key KID. With the second administrator's word it is in force and published."""
    now = SystemClock().now()

    async def stand(session: AsyncSession, by: Officer) -> bool:
        return await registry.certify(session, by=by, kid=kid, now=now)

    second = asyncio.run(_as_administrator(stand, "certifies a key", username, password_of(username, password_file), now))
    click.echo("The key is in force." if second else "One more administrator must certify it.")


@keys.command()
@click.argument("kid")
@click.option("--reason", required=True, help="Published with the revocation.")
@click.option("--compromised-at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="UTC; from then on only recorded receipts count.")
@acting
def revoke(kid: str, reason: str, compromised_at: datetime | None, username: str, password_file: Path | None) -> None:
    """Revoke the key KID, at once and for ever. One administrator is enough to stop a key."""
    now = SystemClock().now()
    leaked = None if compromised_at is None else compromised_at.replace(tzinfo=now.tzinfo)

    async def stop(session: AsyncSession, _: Officer) -> None:
        await registry.revoke(session, kid=kid, revoked_at=now, reason=reason, now=now, compromised_at=leaked)

    asyncio.run(_as_administrator(stop, "revokes keys", username, password_of(username, password_file), now))
    click.echo("The key is revoked.")


@keys.command("list")
@click.argument("authority", required=False)
def list_keys(authority: str | None) -> None:
    """Every published key, of AUTHORITY or of all, and the verifier key of the snapshot's note, for pinning."""
    facts, vkey = asyncio.run(_published(authority))
    for part in facts.parts.values():
        for key in part.keys if authority in (None, part.id) else ():
            counters = "" if key.counters is None else f"  counters {', '.join(map(str, key.counters))}"
            revoked = "" if key.revoked_at is None else f"  revoked {show_time(key.revoked_at)}: {key.reason}"
            click.echo(
                f"{key.kid.hex()}  {part.id}  {key.use}  {show_time(key.not_before)} – {show_time(key.not_after)}{counters}{revoked}"
            )
    if vkey is not None:
        click.echo(f"note  {vkey}")


async def _published(authority: str | None) -> tuple[Facts, str | None]:
    settings = settings_of_environment()
    async with opened(settings) as database, database.read() as session:
        if authority is not None:
            await places.authority(session, authority)
        public = await newest_verifier_key(session)
        return await published_facts(session), None if public is None else str(verifier_key(note_name(settings), public))


async def _as_administrator(
    work: Callable[[AsyncSession, Officer], Awaitable[Result]], what: str, username: str, password: str, now: datetime
) -> Result:
    async with opened(settings_of_environment()) as database:
        by = await authenticate(database, username, password, now)
        async with database.write() as session:
            require_administrator(await powers(session, by, now), what)
            return await work(session, by)


async def _create(
    session: AsyncSession, authority: str | None, use: str, counters: list[int] | None, days: int, sealed_with: bytes, now: datetime
) -> str:
    begins = second_after(now)
    made = await registry.create(
        session,
        authority=authority,
        use=use,
        private=Ed25519PrivateKey.generate(),
        passphrase=sealed_with,
        not_before=begins,
        not_after=begins + timedelta(days=days),
        now=now,
        counters=counters,
    )
    return made.kid


def _may_sign(key: KeyEntry, now: datetime) -> bool:
    return key.use == "server" and key.revoked_at is None and key.not_before <= now < key.not_after


def _tell_next(kid: str, note: bool) -> None:
    if not note:
        click.echo(f"Two administrators now run: taksa keys certify {kid} --as USERNAME", err=True)
