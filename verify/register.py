"""The register's side of a check: is the receipt recorded, was it voided, was it looked at before. One query, whatever is asked.

A receipt is found by the whole token: the register's row must hold the very bytes that were presented.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from registry.errors import AmbiguousNumber, RegistryRefusal
from registry.money import Money
from registry.receipts import issue
from registry.receipts.number import DIGITS, parse_number, without_separators
from registry.receipts.tables import Look, Receipt, Void
from registry.receipts.token import Token, parse, read_text
from registry.snapshot import Facts
from verify.check import NOT_RECORDED, Absent, Entry, check
from verify.looks import Looked, Looks
from verify.verdict import Seen, State, Verdict, VoidFact


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the register holds under one cti."""

    token: bytes
    recorded_at: datetime
    voided_at: datetime | None
    void_reason: str | None
    looked: Looked | None


Ask = Callable[[bytes], Awaitable[Recorded | None]]
"""Asks the register for one cti."""

_ROWS = (
    select(
        Receipt.cti, Receipt.token, Receipt.recorded_at, Void.voided_at, Void.reason, Look.times, Look.first_day, Look.first_age
    )
    .outerjoin(Void, Void.cti == Receipt.cti)
    .outerjoin(Look, Look.cti == Receipt.cti)
)  # fmt: skip


async def recorded(connection: AsyncConnection | AsyncSession, ctis: Iterable[bytes]) -> Mapping[bytes, Recorded]:
    """What the register holds of these receipts, by cti; one query for all of them."""
    rows = await connection.execute(_ROWS.where(Receipt.cti.in_(list(ctis))))
    return {
        cti: Recorded(token, at, voided_at, reason, None if times is None else Looked(times, first_day, first_age))
        for cti, token, at, voided_at, reason, times, first_day, first_age in rows
    }


async def check_token(
    ask: Ask | None,
    facts: Facts,
    looks: Looks,
    *,
    origin: str,
    receipt: str,
    now: datetime,
    paid: Money | None = None,
    inputs: Mapping[str, object] | None = None,
    count: bool = True,
) -> Verdict:
    """The verdict on the text of a code, or on a bare token. `ask` None: there is no register here, and the verdict says so.

    `count` False: a look that is no person's. Raises PaidCurrencyMismatch, InputRefused.
    """
    entry: Entry | Absent | None = None
    token = None if ask is None else _peek(receipt, origin)
    if token is not None and ask is not None:
        entry = _entry(token, await ask(token.claims.cti), looks)
    verdict = check(receipt, facts, origin, now, paid, inputs, entry)
    if count and token is not None and isinstance(entry, Entry):
        looks.note(token.claims.cti, token.claims.issued_at, now)
    return verdict


async def check_number(
    session: AsyncSession,
    facts: Facts,
    looks: Looks,
    *,
    origin: str,
    number: str,
    now: datetime,
    paid: Money | None = None,
    issued_on: date | None = None,
    count: bool = True,
) -> Verdict:
    """The verdict on a receipt known by its sixteen digits; weaker evidence than the token.

    Raises MalformedNumber, AmbiguousNumber when two receipts have the number and no day tells them apart, PaidCurrencyMismatch.
    """
    found = await issue.with_number(session, parse_number(number))
    tokens = [row.token for row in found if issued_on is None or _local_day(row, facts) == issued_on]
    if len(tokens) > 1:
        raise AmbiguousNumber(number)
    if not tokens:
        return Verdict(state=State.UNKNOWN_NUMBER, checks=(), facts_as_of=facts.as_of)
    token = parse(tokens[0])
    entry = _entry(token, (await recorded(session, [token.claims.cti])).get(token.claims.cti), looks)
    verdict = check(token.raw, facts, origin, now, paid, None, entry)
    if count:
        looks.note(token.claims.cti, token.claims.issued_at, now)
    return verdict


def is_number(text: str) -> bool:
    """Whether what was typed is meant as a receipt number: nothing but digits and the spaces and hyphens between them."""
    digits = without_separators(text)
    return 0 < len(digits) <= 2 * DIGITS and digits.isascii() and digits.isdigit()


def _peek(receipt: str, origin: str) -> Token | None:
    """The token, if there is one to ask the register about; what is wrong with it is for the check to say."""
    try:
        return parse(read_text(receipt, origin))
    except RegistryRefusal:
        return None


def _entry(token: Token, row: Recorded | None, looks: Looks) -> Entry | Absent:
    if row is None or row.token != token.raw:
        return NOT_RECORDED
    looked = looks.together(token.claims.cti, row.looked)
    return Entry(
        recorded_at=row.recorded_at,
        voided=None if row.voided_at is None else VoidFact(row.voided_at.date(), row.void_reason),
        seen=None if looked is None else Seen(looked.times, looked.first_day),
    )


def _local_day(row: Receipt, facts: Facts) -> date | None:
    found = facts.counter_by_id(row.counter_id)
    return None if found is None else row.issued_at.astimezone(ZoneInfo(found[0].time_zone)).date()
