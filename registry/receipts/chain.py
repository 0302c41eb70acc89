"""A counter's chain: the next serial, linked to the token before it, signed and stored.

The counter's row lock makes serials follow each other without a gap: lock, take the next serial, sign, store, all in one
transaction. What was answered is stored; what was not stored took no serial.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any, cast

from sqlalchemy import Table, bindparam, exists, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import KeyReused, UnknownPlace
from registry.keys import Signer
from registry.officers import Officer
from registry.places import CounterHead
from registry.receipts.number import receipt_number
from registry.receipts.tables import Receipt
from registry.receipts.token import CTI_BYTES, Claims, first_prev, link, sign
from registry.snapshot import Counter

NOT_YET = 0
"""The serial of claims that have no place in a chain yet."""

# Built once, on the tables themselves: on this path most of a statement's cost would be building it.
_head, _receipt = cast(Table, CounterHead.__table__), cast(Table, Receipt.__table__)
_LOCK = select(_head.c.serial, _head.c.link).where(_head.c.counter_id == bindparam("counter")).with_for_update()
_TAKEN = exists().where(_receipt.c.number == bindparam("number"))
_MADE = select(_receipt.c.cti).where(_receipt.c.counter_id == bindparam("counter"), _receipt.c.idempotency_key == bindparam("key"))
_FREE = select(null(), _TAKEN)
_FREE_OR_MADE = select(_MADE.scalar_subquery(), _TAKEN)
_STORE = insert(_receipt)
_ADVANCE = update(_head).where(_head.c.counter_id == bindparam("counter")).values(serial=bindparam("next"), link=bindparam("new_link"))


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, and the caller's key that makes asking twice the same as asking once."""

    key: str | None
    what: Sequence[object]

    @property
    def hash(self) -> bytes | None:
        """What is kept of the request, to tell a repetition from another one."""
        return None if self.key is None else sha256(json.dumps(self.what).encode()).digest()

    def made(self, receipt: Receipt) -> bool:
        """Whether this very request made that receipt."""
        return self.key is not None and receipt.idempotency_key == self.key and receipt.request_hash == self.hash


async def append(
    session: AsyncSession,
    counter: Counter,
    officer: Officer,
    signer: Signer,
    claims: Claims,
    request: Request,
    now: datetime,
    *,
    on_reason: str | None = None,
) -> Receipt:
    """Give `claims` their serial, link and id, sign and store them; or find what this request made before.

    Raises UnknownPlace, KeyReused when the key made something else.
    """
    head = (await session.execute(_LOCK, {"counter": counter.id})).first()
    if head is None:
        raise UnknownPlace(counter.id, place=counter.id)
    cti, before = await _free_id(session, counter.id, request.key)
    if before is not None:
        made = await session.get_one(Receipt, before)
        if not request.made(made):
            raise KeyReused(str(request.key))
        return made
    serial = head.serial + 1
    claims = claims._replace(serial=serial, prev=head.link or first_prev(signer.kid, counter.number), cti=cti)
    raw = sign(claims, signer.kid, signer.private)
    values: dict[str, Any] = {
        "cti": cti,
        "number": receipt_number(cti),
        "counter_id": counter.id,
        "serial": serial,
        "kind": int(claims.kind),
        "token": raw,
        "issued_at": claims.issued_at,
        "recorded_at": now,
        "fee_code": claims.fee,
        "fee_version": claims.version,
        "on": claims.on,
        "on_reason": on_reason,
        "amount": claims.amount,
        "currency": claims.currency,
        "officer_id": officer.id,
        "idempotency_key": request.key,
        "request_hash": request.hash,
    }
    await session.execute(_STORE, {**values, "on_date": claims.on})
    await session.execute(_ADVANCE, {"counter": counter.id, "next": serial, "new_link": link(raw)})
    return Receipt(**values)


async def _free_id(session: AsyncSession, counter_id: str, key: str | None) -> tuple[bytes, bytes | None]:
    """A new cti whose number no receipt has yet; and the cti of what `key` made before, if it did.

    A statement of its own after the lock: who waited for the lock must see the row they waited for.
    """
    while True:
        cti = token_bytes(CTI_BYTES)
        asked = {"counter": counter_id, "key": key, "number": receipt_number(cti)}
        made, taken = (await session.execute(_FREE if key is None else _FREE_OR_MADE, asked)).one()
        if made is not None or not taken:
            return cti, made
