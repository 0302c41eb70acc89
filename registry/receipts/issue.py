"""Issuing and voiding receipts.

A counter's row lock makes its serials follow each other without a gap: lock, take the next serial, sign with the link to
the token before, store, return. What was answered is stored; what was not stored took no serial.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from secrets import token_bytes
from zoneinfo import ZoneInfo

from sqlalchemy import literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import (
    AlreadyVoided,
    AmbiguousNumber,
    FeeNotInForce,
    KeyReused,
    LegalDateRefused,
    NotAllowed,
    NotPriced,
    NotVoidable,
    UnknownFee,
    UnknownPlace,
    UnknownReceipt,
)
from registry.fees.assessment import Assessment, assess, pack, parse_inputs
from registry.grants import Power, Role, allows
from registry.keys import Signer
from registry.marks import touch
from registry.money import Money
from registry.officers import Officer
from registry.places import CounterHead
from registry.receipts.number import receipt_number
from registry.receipts.tables import Look, Receipt, Void
from registry.receipts.token import CTI_BYTES, Claims, Kind, Payment, first_prev, link, parse, sign
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
    """What a receipt would say: the version in force, the packed inputs, the assessment, the legal date."""

    version: PublishedVersion
    inputs: tuple[int, ...]
    assessment: Assessment
    on: date

    @property
    def money(self) -> Money:
        """What is charged. Raises NotPriced when the rule gives no amount and no money input declares one."""
        minor = self.assessment.minor if self.assessment.minor is not None else self.assessment.recorded_minor
        if minor is None:
            raise NotPriced(self.version.code, fee=self.version.code)
        return Money(minor, self.assessment.currency)


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
    if on is not None and (on > today or (on < today and not (on_reason or "").strip()) or on.year < 2000):
        raise LegalDateRefused("only backward, with a reason")
    version = facts.in_force(authority.id, fee, on or today, known_at)
    if version is None:
        if not facts.knows_fee(authority.id, fee):
            raise UnknownFee(fee, fee=fee)
        raise FeeNotInForce(fee, fee=fee)
    values = parse_inputs(version.content, inputs)
    return Quote(version, pack(version.content, values), assess(version.content, values, facts.resolver(authority.id)), on or today)


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
    return await _append(
        session,
        at,
        signer,
        kind=Kind.TRAINING if training else Kind.NORMAL,
        fee=quoted.version.code,
        version=quoted.version.number,
        on=quoted.on,
        on_reason=on_reason,
        payment=payment,
        inputs=quoted.inputs,
        money=money,
        ref=None,
        key=key,
        request=["issue", at.counter.id, quoted.version.code, quoted.inputs, quoted.on.isoformat(), payment, training],
        now=now,
    )


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
    if receipt.kind not in (Kind.NORMAL, Kind.OFFLINE):
        raise NotVoidable(receipt.number)
    request = ["void", receipt.number, reason, note]
    done = await session.scalar(select(Receipt).join(Void, Void.slip_cti == Receipt.cti).where(Void.cti == receipt.cti))
    if done is not None:
        if key is not None and done.idempotency_key == key and done.request_hash == _hash(request):
            return done
        raise AlreadyVoided(receipt.number)
    claims = parse(receipt.token).claims
    slip = await _append(
        session,
        at,
        signer,
        kind=Kind.VOID_SLIP,
        fee=receipt.fee_code,
        version=receipt.fee_version,
        on=claims.on,
        on_reason=None,
        payment=Payment.UNSTATED,
        inputs=(),
        money=Money(receipt.amount, receipt.currency),
        ref=receipt.cti,
        key=key,
        request=request,
        now=now,
    )
    looks = await session.scalar(select(Look.times).where(Look.cti == receipt.cti)) or 0
    session.add(
        Void(
            cti=receipt.cti,
            slip_cti=slip.cti,
            reason=reason,
            note=note[:REASON_LENGTH],
            officer_id=at.officer.id,
            voided_at=now.replace(microsecond=0),
            looks=looks,
        )
    )
    await session.flush()
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


async def _append(
    session: AsyncSession,
    at: Desk,
    signer: Signer,
    *,
    kind: Kind,
    fee: str,
    version: int,
    on: date,
    on_reason: str | None,
    payment: Payment,
    inputs: tuple[int, ...],
    money: Money,
    ref: bytes | None,
    key: str | None,
    request: Sequence[object],
    now: datetime,
) -> Receipt:
    """The counter's next token, signed and stored; or the one that this key made before."""
    counter_id = at.counter.id
    head = (
        await session.execute(select(CounterHead.serial, CounterHead.link).where(CounterHead.counter_id == counter_id).with_for_update())
    ).first()
    if head is None:
        raise UnknownPlace(counter_id, place=counter_id)
    # Only now, in a statement of its own: a request that waited for the lock must see the row it waited for.
    if key is not None and (made := await _made_before(session, counter_id, key, _hash(request))) is not None:
        return made
    cti, number = await _free_number(session)
    issued_at = now.replace(microsecond=0)
    raw = sign(
        Claims(
            kind=kind,
            counter=at.counter.number,
            serial=head.serial + 1,
            fee=fee,
            version=version,
            on=on,
            payment=payment,
            inputs=inputs,
            amount=money.minor,
            currency=money.currency,
            prev=head.link or first_prev(signer.kid, at.counter.number),
            ref=ref,
            iat=int(issued_at.timestamp()),
            cti=cti,
        ),
        signer.kid,
        signer.private,
    )
    receipt = Receipt(
        cti=cti,
        number=number,
        counter_id=counter_id,
        serial=head.serial + 1,
        kind=kind,
        token=raw,
        issued_at=issued_at,
        recorded_at=now,
        fee_code=fee,
        fee_version=version,
        on=on,
        on_reason=on_reason,
        amount=money.minor,
        currency=money.currency,
        officer_id=at.officer.id,
        idempotency_key=key,
        request_hash=None if key is None else _hash(request),
    )
    session.add(receipt)
    await session.flush()
    await session.execute(update(CounterHead).where(CounterHead.counter_id == counter_id).values(serial=head.serial + 1, link=link(raw)))
    return receipt


async def _made_before(session: AsyncSession, counter_id: str, key: str, request_hash: bytes) -> Receipt | None:
    made = await session.scalar(select(Receipt).where(Receipt.counter_id == counter_id, Receipt.idempotency_key == key))
    if made is not None and made.request_hash != request_hash:
        raise KeyReused(key)
    return made


async def _free_number(session: AsyncSession) -> tuple[bytes, str]:
    """A new cti whose number no receipt has yet."""
    while True:
        cti = token_bytes(CTI_BYTES)
        number = receipt_number(cti)
        if await session.scalar(select(literal(1)).where(Receipt.number == number).limit(1)) is None:
            return cti, number


def _hash(request: Sequence[object]) -> bytes:
    return sha256(json.dumps(request).encode()).digest()
