"""Checking receipts: `POST /api/v1/verify`, `GET /api/v1/verify/{token}`."""

from datetime import date, datetime
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from registry.receipts.token import Kind, Payment
from service.api.amounts import LegalBasisJSON, LineJSON, MoneyJSON, lines_json
from service.dependencies import language
from service.process import Process
from service.web.citizen.verdict import is_a_persons_look
from service.web.citizen.verdict_view import headline
from service.web.language import Words, words
from verify.register import is_number
from verify.verdict import FeeFacts, ReceiptFacts, Verdict

PRIVATE = {"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}

Inputs = dict[str, str | bool]


class VerifyRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`receipt` is the text of the QR code, the bare token or the sixteen digits. `paid` and `inputs` are the citizen's own words."""

    receipt: str
    paid: MoneyJSON | None = None
    inputs: Inputs | None = None
    issued_on: date | None = None


class CounterJSON(Struct, frozen=True):
    id: str | None
    number: int


class ReceiptJSON(Struct, frozen=True):
    number: str
    kind: str
    authority: str
    office: str | None
    counter: CounterJSON
    serial: int
    on: date
    payment: str
    issued_at: datetime


class FeeJSON(Struct, frozen=True):
    code: str
    name: str | None
    version: int
    legal_basis: LegalBasisJSON | None
    inputs: Inputs
    lines: list[LineJSON]
    valid_from: date | None
    valid_to: date | None


class VoidJSON(Struct, frozen=True):
    voided_on: date
    reason: str | None
    replaced_by: str | None


class CheckJSON(Struct, frozen=True):
    step: str
    passed: bool | None
    detail: str | None


class SeenJSON(Struct, frozen=True):
    times: int
    first: date


class NextJSON(Struct, frozen=True):
    action: str
    url: str


class VerdictJSON(Struct, frozen=True):
    """What may be concluded about a receipt; parts that are unknown are null."""

    state: str
    headline: str
    published: MoneyJSON | None
    recorded: MoneyJSON | None
    paid: MoneyJSON | None
    claimed: MoneyJSON | None
    difference: MoneyJSON | None
    flags: list[str]
    void: VoidJSON | None
    receipt: ReceiptJSON | None
    fee: FeeJSON | None
    checks: list[CheckJSON]
    seen: SeenJSON | None
    facts_as_of: datetime
    next: list[NextJSON]


@post("/api/v1/verify", status_code=200, response_headers=PRIVATE)
async def verify(request: Request[Any, Any, Any], data: JSONBody[VerifyRequest], process: NamedDependency[Process]) -> VerdictJSON:
    """The verdict on a receipt, whatever it is. 409 when a number has two receipts and no day is given."""
    paid = None if data.paid is None else data.paid.money()
    verdict = await process.check(data.receipt, paid=paid, inputs=data.inputs, issued_on=data.issued_on)
    return verdict_json(verdict, words(language(request)), inputs=not is_number(data.receipt))


@get("/api/v1/verify/{token:str}", response_headers=PRIVATE)
async def verify_token(request: Request[Any, Any, Any], token: FromPath[str], process: NamedDependency[Process]) -> VerdictJSON:
    """The verdict on a token, without what was paid."""
    verdict = await process.check(token, count=is_a_persons_look(request))
    return verdict_json(verdict, words(language(request)), inputs=not is_number(token))


def verdict_json(verdict: Verdict, speaking: Words, *, inputs: bool = True) -> VerdictJSON:
    """A verdict as JSON; `inputs` False where the receipt was not shown, only its number."""
    return VerdictJSON(
        state=verdict.state,
        headline=headline(verdict, speaking),
        published=MoneyJSON.of(verdict.published),
        recorded=MoneyJSON.of(verdict.recorded),
        paid=MoneyJSON.of(verdict.paid),
        claimed=MoneyJSON.of(verdict.claimed),
        difference=MoneyJSON.of(verdict.difference),
        flags=list(verdict.flags),
        void=None if verdict.void is None else VoidJSON(verdict.void.voided_on, verdict.void.reason, verdict.void.replaced_by),
        receipt=None if verdict.receipt is None else _receipt(verdict.receipt),
        fee=None if verdict.fee is None else _fee(verdict.fee, verdict.facts_as_of, speaking, inputs),
        checks=[CheckJSON(step.name, step.passed, step.detail) for step in verdict.checks],
        seen=None if verdict.seen is None else SeenJSON(verdict.seen.times, verdict.seen.first),
        facts_as_of=verdict.facts_as_of,
        next=_next(verdict),
    )


def _receipt(facts: ReceiptFacts) -> ReceiptJSON:
    claims = facts.token.claims
    counter = facts.counter
    return ReceiptJSON(
        number=facts.number,
        kind=Kind(claims.kind).name.lower(),
        authority=facts.authority.id,
        office=None if counter is None else counter.office,
        counter=CounterJSON(None if counter is None else counter.id, claims.counter),
        serial=claims.serial,
        on=claims.on,
        payment=Payment(claims.payment).name.lower(),
        issued_at=facts.issued_at,
    )


def _fee(facts: FeeFacts, as_of: datetime, speaking: Words, inputs: bool) -> FeeJSON:
    content, version = facts.content, facts.version
    return FeeJSON(
        code=facts.code,
        name=None if content is None else speaking.pick(content.name),
        version=facts.recorded_version,
        legal_basis=None if content is None else LegalBasisJSON.of(content.legal_basis),
        inputs=dict(facts.inputs) if inputs else {},
        lines=[] if content is None else lines_json(facts.lines, content.currency, speaking),
        valid_from=None if version is None else version.valid_from,
        valid_to=None if version is None else version.ends_by(as_of),
    )


def _next(verdict: Verdict) -> list[NextJSON]:
    """What can be done about it, most useful first."""
    steps = []
    if verdict.fee is not None and verdict.fee.content is not None:
        steps.append(NextJSON("see_fee", f"/fees/{verdict.fee.authority.id}/{verdict.fee.code}"))
    return [NextJSON("report", "/report"), *steps, NextJSON("check_another", "/check")]


routes = [verify, verify_token]
