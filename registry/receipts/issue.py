"""Issuing and voiding receipts.

The officer must be a clerk at the desk; the price is the fee's that is in force, never anybody's to type. How a receipt becomes
the next of its counter is in `chain`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import (
    AlreadyVoided,
    AmbiguousNumber,
    FeeNotInForce,
    LegalDateRefused,
    NotAllowed,
    NotPriced,
    NotVoidable,
    UnknownFee,
    UnknownPlace,
    UnknownReceipt,
)
from registry.fees.assessment import Assessment, assess, pack, parse_inputs, show, unpack
from registry.grants import Power, Role, allows
from registry.keys import Signer
from registry.marks import touch
from registry.money import Money
from registry.officers import Officer
from registry.receipts import chain
from registry.receipts.tables import Look, Receipt, Void
from registry.receipts.token import Claims, Kind, Payment, parse
from registry.snapshot import AuthorityPart, Counter, Facts, PublishedVersion

REASON_LENGTH = 500


class VoidReason(StrEnum):
    """Why a receipt is cancelled."""

    WRONG_FEE = "wrong_fee"
    WRONG_INPUTS = "wrong_inputs"
    NOT_PAID = "not_paid"
    DUPLICATE = "duplicate"
    CITIZEN_WITHDREW = "citizen_withdrew"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where and by whom something is issued."""

    authority: AuthorityPart
    counter: Counter
    officer: Officer


@dataclass(frozen=True, slots=True)
class Quote:
    """What a receipt would say: the version in force, the packed inputs, the assessment, the legal date; and what was asked for.

    The same question asked again after midnight, or after a new tariff, is still the same question.
    """

    version: PublishedVersion
    inputs: tuple[int, ...]
    assessment: Assessment
    on: date
    asked: tuple[object, ...]

    @property
    def money(self) -> Money:
        """What is charged. Raises NotPriced when the rule gives no amount and no money input declares one."""
        minor = self.assessment.minor if self.assessment.minor is not None else self.assessment.recorded_minor
        if minor is None:
            raise NotPriced(self.version.code, fee=self.version.code)
        return Money(minor, self.assessment.currency)


def legible(words: str) -> str:
    """What is kept of a reason: at most REASON_LENGTH, no control characters. (PostgreSQL cannot hold U+0000, nobody reads the others.)"""
    return "".join(each if each.isprintable() else " " for each in words).strip()[:REASON_LENGTH]


def desk(facts: Facts, officer: Officer, held: Iterable[Power], counter_id: str) -> Desk:
    """The counter an officer works at. Raises UnknownPlace, NotAllowed unless they are a clerk there."""
    found = facts.counter_by_id(counter_id)
    if found is None:
        raise UnknownPlace(counter_id, place=counter_id)
    authority, counter = found
    if counter.kind != "server" or not allows(held, Role.CLERK, authority=authority.id, office=counter.office, counter=counter.id):
        raise NotAllowed(f"no clerk at {counter_id}", role=Role.CLERK)
    return Desk(authority, counter, officer)


def quote(
    facts: Facts, authority: AuthorityPart, fee: str, inputs: Mapping[str, object], *, now: datetime, on: date | None, on_reason: str | None
) -> Quote:
    """What the fee costs today, or on an earlier legal date for a stated reason; nothing is written.

    Raises LegalDateRefused, UnknownFee, FeeNotInForce, InputRefused, AmountOutOfRange.
    """
    known_at = now.replace(microsecond=0)
    today = known_at.astimezone(ZoneInfo(authority.time_zone)).date()
    if on is not None and (on > today or (on < today and not legible(on_reason or "")) or on.year < 2000):
        raise LegalDateRefused("only backward, with a reason")
    version = facts.in_force(authority.id, fee, on or today, known_at)
    if version is None:
        if not facts.knows_fee(authority.id, fee):
            raise UnknownFee(fee, fee=fee)
        raise FeeNotInForce(fee, fee=fee)
    values = parse_inputs(version.content, inputs)
    assessment = assess(version.content, values, facts.resolver(authority.id))
    asked = (fee, show(version.content, values), None if on is None else on.isoformat())
    return Quote(version, pack(version.content, values), assessment, on or today, asked)


def assessment_of(at: Desk, receipt: Receipt) -> Assessment:
    """How a receipt of this desk came to its amount, by the version it names."""
    version = at.authority.version(receipt.fee_code, receipt.fee_version)
    if version is None:
        raise UnknownFee(receipt.fee_code, fee=receipt.fee_code)
    return assess(version.content, unpack(version.content, parse(receipt.token).claims.inputs), at.authority.content)


async def issue(
    session: AsyncSession,
    at: Desk,
    quoted: Quote,
    signer: Signer,
    *,
    payment: Payment = Payment.UNSTATED,
    training: bool = False,
    on_reason: str | None = None,
    key: str | None = None,
    now: datetime,
) -> Receipt:
    """Issue the quoted receipt at a desk. Raises NotPriced, KeyReused, UnknownPlace."""
    money = quoted.money
    kind = Kind.TRAINING if training else Kind.NORMAL
    claims = Claims(
        kind=kind,
        counter=at.counter.number,
        serial=chain.NOT_YET,
        fee=quoted.version.code,
        version=quoted.version.number,
        on=quoted.on,
        payment=payment,
        inputs=quoted.inputs,
        amount=money.minor,
        currency=money.currency,
        prev=b"",
        ref=None,
        iat=int(now.timestamp()),
        cti=b"",
    )
    request = chain.Request(key, ("issue", at.officer.id, *quoted.asked, claims.payment, kind))
    return await chain.append(session, at.counter, at.officer, signer, claims, request, now, on_reason=on_reason and legible(on_reason))


async def void(
    session: AsyncSession,
    at: Desk,
    receipt: Receipt,
    signer: Signer,
    *,
    reason: VoidReason,
    note: str,
    key: str | None = None,
    now: datetime,
) -> Receipt:
    """Cancel a receipt by a void slip, the next serial of this desk's counter. Gives the slip's row.

    Raises NotAllowed unless the officer issued it and the desk is in the same office, NotVoidable, AlreadyVoided, KeyReused.
    """
    if receipt.officer_id != at.officer.id:
        raise NotAllowed("a receipt is voided by the clerk who issued it", role=Role.CLERK)
    if at.counter.office != at.authority.office_of(receipt.counter_id):
        raise NotAllowed("a receipt is voided in the office that issued it", role=Role.CLERK)
    if receipt.kind not in (Kind.NORMAL, Kind.OFFLINE):
        raise NotVoidable(receipt.number)
    request = chain.Request(key, ("void", receipt.number, reason, note))
    done = await session.scalar(select(Receipt).join(Void, Void.slip_cti == Receipt.cti).where(Void.cti == receipt.cti))
    if done is not None:
        if request.made(done):
            return done
        raise AlreadyVoided(receipt.number)
    claims = parse(receipt.token).claims._replace(
        kind=Kind.VOID_SLIP,
        counter=at.counter.number,
        serial=chain.NOT_YET,
        payment=Payment.UNSTATED,
        inputs=(),
        prev=b"",
        ref=receipt.cti,
        iat=int(now.timestamp()),
        cti=b"",
    )
    slip = await chain.append(session, at.counter, at.officer, signer, claims, request, now)
    # While we waited for the counter it may have been cancelled: by this very request, sent twice, or by another.
    by = await session.scalar(select(Void.slip_cti).where(Void.cti == receipt.cti))
    if by is not None:
        if by == slip.cti:
            return slip
        raise AlreadyVoided(receipt.number)
    looks = await session.scalar(select(Look.times).where(Look.cti == receipt.cti)) or 0
    session.add(
        Void(
            cti=receipt.cti,
            slip_cti=slip.cti,
            reason=reason,
            note=legible(note),
            officer_id=at.officer.id,
            voided_at=now.replace(microsecond=0),
            looks=looks,
        )
    )
    try:
        await session.flush()
    except IntegrityError as taken:
        raise AlreadyVoided(receipt.number) from taken
    await touch(session, f"voids/{now.date().isoformat()}")
    return slip


async def with_number(session: AsyncSession, number: str) -> list[Receipt]:
    """Every receipt of a number, oldest first: none, one, or rarely two when a device's came in late."""
    return list(await session.scalars(select(Receipt).where(Receipt.number == number).order_by(Receipt.recorded_at)))


async def by_number(session: AsyncSession, number: str) -> Receipt:
    """The receipt of a number. Raises UnknownReceipt, AmbiguousNumber."""
    rows = await with_number(session, number)
    if len(rows) > 1:
        raise AmbiguousNumber(number)
    if not rows:
        raise UnknownReceipt(number)
    return rows[0]


async def recent(session: AsyncSession, officer: Officer, limit: int = 10) -> list[tuple[Receipt, bool]]:
    """The newest receipts an officer issued, each with whether it was voided."""
    rows = await session.execute(
        select(Receipt, Void.cti.is_not(None))
        .outerjoin(Void, Void.cti == Receipt.cti)
        .where(Receipt.officer_id == officer.id, Receipt.kind != Kind.VOID_SLIP)
        .order_by(Receipt.recorded_at.desc(), Receipt.serial.desc())
        .limit(limit)
    )
    return [(receipt, voided) for receipt, voided in rows]
