"""Issuing receipts from a cash register: the price is ours to compute, none can be sent."""

from datetime import date, datetime
from typing import Annotated, Literal

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import NotAllowed
from registry.fees.assessment import Assessment
from registry.grants import Role, allows
from registry.money import Money
from registry.receipts import issue
from registry.receipts.issue import VoidReason
from registry.receipts.number import parse_number
from registry.receipts.tables import Receipt
from registry.receipts.token import Payment, qr_text
from registry.snapshot import Facts
from service.access import Member, member_with
from service.api.amounts import LineJSON, MoneyJSON, lines_json
from service.clock import Clock
from service.printing import qr
from service.published import Published
from service.settings import Settings
from service.web.language import words

PRIVATE = {"Cache-Control": "private, max-age=31536000, immutable"}
PAYMENTS = {payment.name.lower(): payment for payment in Payment}

IdempotencyKey = Annotated[str | None, HeaderParameter(name="Idempotency-Key", max_length=200, pattern="^[ -~]*$", required=False)]


class IssueRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is the legal date, only backward, and then `on_reason` says why. `kind` is normal or training."""

    counter: str
    fee: str
    inputs: dict[str, str | bool] = {}
    on: date | None = None
    on_reason: Annotated[str, Meta(max_length=500)] | None = None
    payment: Literal["unstated", "cash", "card", "transfer", "stamp"] = "unstated"
    kind: Literal["normal", "training"] = "normal"


class VoidRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a receipt is cancelled."""

    reason: Literal["wrong_fee", "wrong_inputs", "not_paid", "duplicate", "citizen_withdrew", "other"]
    note: Annotated[str, Meta(max_length=500)] = ""


class Links(Struct, frozen=True):
    """Where to go on."""

    verdict: str
    svg: str
    png: str


class IssuedReceipt(Struct, frozen=True):
    """A receipt as it was issued."""

    token: str
    qr_text: str
    number: str
    serial: int
    amount: MoneyJSON
    lines: list[LineJSON]
    issued_at: datetime
    links: Links


class VoidSlip(Struct, frozen=True):
    """The slip that cancels a receipt; `voids` is that receipt's number."""

    token: str
    qr_text: str
    number: str
    serial: int
    voids: str


@post("/api/v1/receipts", status_code=201)
async def issue_receipt(
    data: JSONBody[IssueRequest],
    session: NamedDependency[AsyncSession],
    facts: NamedDependency[Facts],
    published: NamedDependency[Published],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    language: NamedDependency[str],
    member: NamedDependency[Member],
    idempotency_key: IdempotencyKey = None,
) -> IssuedReceipt:
    """Issue a receipt for one fee at one counter. Sent twice with one Idempotency-Key, it is issued once."""
    now = clock.now()
    at = issue.desk(facts, member.officer, member.powers, data.counter)
    quoted = issue.quote(facts, at.authority, data.fee, data.inputs, now=now, on=data.on, on_reason=data.on_reason)
    receipt = await issue.issue(
        session,
        at,
        quoted,
        await published.signer(session, at.authority.id),
        payment=PAYMENTS[data.payment],
        training=data.kind == "training",
        on_reason=data.on_reason,
        key=idempotency_key,
        now=now,
    )
    repeated = receipt.fee_version != quoted.version.number or receipt.on != quoted.on
    assessment = issue.assessment_of(at, receipt) if repeated else quoted.assessment
    return issued_json(receipt, assessment, settings, language)


def issued_json(receipt: Receipt, assessment: Assessment, settings: Settings, language: str) -> IssuedReceipt:
    """A receipt as the desk gets it."""
    text = qr_text(settings.origin, receipt.token)
    return IssuedReceipt(
        token=text.rpartition("/")[2],
        qr_text=text,
        number=receipt.number,
        serial=receipt.serial,
        amount=MoneyJSON(Money(receipt.amount, receipt.currency).text, receipt.currency),
        lines=lines_json(assessment.lines, receipt.currency, words(language)),
        issued_at=receipt.issued_at,
        links=Links(text, f"/api/v1/receipts/{receipt.number}.svg", f"/api/v1/receipts/{receipt.number}.png"),
    )


@post("/api/v1/receipts/{number:str}/void", status_code=201)
async def void_receipt(
    data: JSONBody[VoidRequest],
    session: NamedDependency[AsyncSession],
    facts: NamedDependency[Facts],
    published: NamedDependency[Published],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    member: NamedDependency[Member],
    number: FromPath[str],
    idempotency_key: IdempotencyKey = None,
) -> VoidSlip:
    """Cancel a receipt; the citizen sees it, and why. By the clerk who issued it."""
    receipt = await issue.by_number(session, parse_number(number))
    at = issue.desk(facts, member.officer, member.powers, receipt.counter_id)
    slip = await issue.void(
        session,
        at,
        receipt,
        await published.signer(session, at.authority.id),
        reason=VoidReason(data.reason),
        note=data.note,
        key=idempotency_key,
        now=clock.now(),
    )
    text = qr_text(settings.origin, slip.token)
    return VoidSlip(text.rpartition("/")[2], text, slip.number, slip.serial, receipt.number)


@get("/api/v1/receipts/{file:str}", media_type="image/svg+xml")
async def receipt_code(
    session: NamedDependency[AsyncSession],
    facts: NamedDependency[Facts],
    settings: NamedDependency[Settings],
    member: NamedDependency[Member],
    file: FromPath[str],
) -> Response[bytes]:
    """The bare code of a receipt, `{number}.svg` or `{number}.png`."""
    number, _, form = file.rpartition(".")
    if form not in ("svg", "png"):
        raise NotFoundException
    receipt = await issue.by_number(session, parse_number(number))
    place = facts.counter_by_id(receipt.counter_id)
    if place is None or not allows(member.powers, Role.CLERK, authority=place[0].id, office=place[1].office, counter=receipt.counter_id):
        raise NotAllowed("no clerk at that counter", role=Role.CLERK)
    text = qr_text(settings.origin, receipt.token)
    if form == "png":
        return Response(qr.png(text), media_type="image/png", headers=PRIVATE)
    return Response(qr.svg(text).encode(), media_type="image/svg+xml", headers=PRIVATE)


clerks = Router("/", route_handlers=[issue_receipt, void_receipt, receipt_code], dependencies={"member": Provide(member_with(Role.CLERK))})
routes = [clerks]
