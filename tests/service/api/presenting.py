"""What tests of the JSON interface do over and over: issue, sign by hand, present, and count what was written."""

from collections.abc import Mapping
from itertools import count
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from httpx import Response
from sqlalchemy import Connection, func, inspect, select

from registry.db import Base
from registry.receipts.number import receipt_number
from registry.receipts.tables import Receipt
from registry.receipts.token import Claims, Kind, Payment, key_id, qr_text, sign
from service.db import Database
from tests.service.conftest import ORIGIN, House
from tests.world import NOW, TOWN, WINDOW, today

_serials = count(1_000_000)
"""Far above what the desks of a test reach."""


def claims(**more: Any) -> Claims:
    """What an ordinary receipt of the first window says, changed by `more`."""
    usual: dict[str, Any] = {
        "kind": Kind.NORMAL, "counter": 1, "serial": next(_serials), "fee": "CERT", "version": 1, "on": today(), "payment": Payment.CASH,
        "inputs": (), "amount": 200, "currency": "EUR", "prev": bytes(8), "ref": None, "iat": int(NOW.timestamp()), "cti": token_bytes(10),
    }  # fmt: skip
    return Claims(**usual | more)


async def signed(house: House, *, stored: bool = True, private: Ed25519PrivateKey | None = None, **more: Any) -> str:
    """The address in the code of a receipt that no desk of ours would issue, signed by the town's key, or by another one.

    Put into the register as it is, unless `stored` is False.
    """
    signer = house.world.signers[TOWN]
    said = claims(**more)
    if private is None:
        raw = sign(said, signer.kid, signer.private)
    else:
        raw = sign(said, key_id(private.public_key().public_bytes_raw()), private)
    if stored:
        async with house.database.write() as session:
            session.add(
                Receipt(
                    cti=said.cti, number=receipt_number(said.cti), counter_id=WINDOW, serial=said.serial, kind=int(said.kind), token=raw,
                    issued_at=said.issued_at, recorded_at=said.issued_at, fee_code=said.fee, fee_version=said.version, on=said.on,
                    amount=said.amount, currency=said.currency, officer_id=house.world.clerk.id,
                )
            )  # fmt: skip
    return qr_text(ORIGIN, raw)


async def issued(house: House, fee: str = "CERT", inputs: Mapping[str, object] | None = None, **more: Any) -> dict[str, Any]:
    """A receipt from the first window."""
    headers = house.as_("clerk") | more.pop("headers", {})
    body = {"counter": WINDOW, "fee": fee, "inputs": inputs or {}} | more
    answer = await house.client.post("/api/v1/receipts", json=body, headers=headers)
    assert 201 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def verify(house: House, receipt: str, **more: Any) -> dict[str, Any]:
    """The verdict on what is presented."""
    answer = await house.client.post("/api/v1/verify", json={"receipt": receipt} | more)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def state(house: House, receipt: str, **more: Any) -> str:
    """The state of the verdict on what is presented."""
    return str((await verify(house, receipt, **more))["state"])


def euros(text: str) -> dict[str, str]:
    """An amount of money as JSON."""
    return {"amount": text, "currency": "EUR"}


def problem(answer: Response) -> tuple[int, str]:
    """Status and code of a refusal, which has the shape of RFC 9457."""
    assert "application/problem+json" == answer.headers["content-type"].partition(";")[0], answer.text
    body = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert (answer.status_code, f"urn:taksa:problem:{body['code']}") == (body["status"], body["type"])
    return answer.status_code, body["code"]


async def rows(database: Database) -> dict[str, int]:
    """How many rows every table has, save those that count looks, which reading a receipt may write."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != "look"]
    counts = select(*(select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in tables))
    async with database.read() as session:
        return dict((await session.execute(counts)).one()._mapping)


def columns(connection: Connection, table: str) -> set[str]:
    """The names of a table's columns, from the database itself."""
    return {column["name"] for column in inspect(connection).get_columns(table)}
