"""What tests of reports and cases start from: a receipt, its verdict, a report about it."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from registry.grants import Power, Role, powers
from registry.money import Money
from registry.officers import Officer
from registry.receipts import issue
from registry.receipts.tables import Receipt
from registry.snapshot import Facts
from tests.world import NOW, TOWN, WINDOW, World, grant, person
from verify.check import Entry, check
from verify.reports import Filed, file_report
from verify.verdict import Verdict

ORIGIN = "https://taksa.example"


def euros(text: str) -> Money:
    """An amount paid."""
    return Money.parse(text, "EUR")


def facts(world: World) -> Facts:
    """What is published."""
    return world.publication.facts


async def held(session: AsyncSession, officer: Officer) -> tuple[Power, ...]:
    """What an officer may do."""
    return await powers(session, officer, NOW)


async def issued(session: AsyncSession, world: World, fee: str = "CERT", *, now: datetime = NOW, **inputs: object) -> Receipt:
    """A receipt of the town's first window."""
    desk = issue.desk(facts(world), world.clerk, await held(session, world.clerk), WINDOW)
    quoted = issue.quote(facts(world), desk.authority, fee, inputs, now=now, on=None, on_reason=None)
    return await issue.issue(session, desk, quoted, world.signers[TOWN], now=now)


def checked(world: World, token: bytes | str, paid: str | None = None) -> Verdict:
    """The verdict on a receipt that the register has."""
    return check(token, facts(world), ORIGIN, NOW, None if paid is None else euros(paid), None, Entry(NOW))


async def reported(session: AsyncSession, world: World, receipt: Receipt, paid: str = "7.00", *, now: datetime = NOW, **more: Any) -> Filed:
    """A report that the receipt's holder paid that much."""
    return await file_report(session, facts(world), verdict=checked(world, receipt.token, paid), now=now, **more)


async def colleague(session: AsyncSession, world: World, username: str, authority: str | None, **more: Any) -> Officer:
    """Another inspector."""
    officer = await person(session, username, **more)
    await grant(session, world.admins, officer, Role.INSPECTOR, authority=authority)
    return officer
