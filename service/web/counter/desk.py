"""The counter: a fee by a few keys, its inputs, a preview, Enter. The price is picked, never typed. Works without script."""

from collections.abc import Mapping
from datetime import date
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import (
    AmountOutOfRange,
    FeeNotInForce,
    InputRefused,
    LegalDateRefused,
    NotAllowed,
    NotPriced,
    RegistryRefusal,
    UnknownFee,
)
from registry.grants import Role, allows
from registry.receipts import issue
from registry.receipts.issue import Desk, Quote
from registry.receipts.number import show_number
from registry.receipts.token import Payment
from registry.snapshot import AuthorityPart, Counter, Facts, PublishedVersion
from service.access import Member, member_with
from service.clock import Clock
from service.published import Published
from service.web import fee_form
from service.web.counter.finding import matches, numbered
from service.web.fee_form import Fault
from service.web.language import Words, words
from service.web.prices import in_force, price, short_price
from service.web.staff import staff_page

MEMBER = {"member": Provide(member_with(Role.CLERK))}


@get("/counter", include_in_schema=False, dependencies=MEMBER)
async def desk(
    request: Request[Any, Any, Any],
    member: NamedDependency[Member],
    session: NamedDependency[AsyncSession],
    facts: NamedDependency[Facts],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    counter: FromQuery[str] = "",
    fee: FromQuery[str] = "",
) -> Response[str]:
    """One field for the fee; then its inputs; then the preview. Nothing is written before Enter on the preview."""
    form = {name: str(value) for name, value in request.query_params.items()}
    at = _desk(facts, member, counter)
    typed = fee.strip()
    if not typed:
        return await _list(session, at, facts, member, clock, language, form, [])
    speaking = words(language)
    fees = _fees(at, facts, clock)
    found = matches(typed, fees)
    if len(found) != 1:
        code = "fee_several" if found else "fee_none"
        return await _list(session, at, facts, member, clock, language, form, [Fault("fee", speaking.code("counter", code))], found or None)
    form["fee"] = found[0][1].code
    return _preview(at, facts, member, clock, language, form)


@post("/counter", include_in_schema=False, status_code=303, dependencies=MEMBER)
async def issue_receipt(
    member: NamedDependency[Member],
    session: NamedDependency[AsyncSession],
    facts: NamedDependency[Facts],
    published: NamedDependency[Published],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str] | Redirect:
    """Issue what was previewed and go to its paper. The amount is ours to compute; none is read from the form."""
    at = _desk(facts, member, data.get("counter", ""))
    try:
        quoted = _quote(at, facts, clock, data)
    except (InputRefused, LegalDateRefused, UnknownFee, FeeNotInForce, AmountOutOfRange):
        return _preview(at, facts, member, clock, language, data)
    signer = await published.signer(session, at.authority.id)
    payment = data.get("payment", "")
    receipt = await issue.issue(
        session,
        at,
        quoted,
        signer,
        payment=Payment[payment.upper()] if payment.upper() in Payment.__members__ else Payment.UNSTATED,
        training=data.get("training") == "yes",
        on_reason=data.get("on_reason") or None,
        key=data.get("key") or None,
        now=clock.now(),
    )
    return Redirect(f"/counter/receipts/{receipt.number}?lang={language}", status_code=303)


def counters_of(facts: Facts, member: Member) -> list[tuple[AuthorityPart, Counter]]:
    """The counters a clerk may work at."""
    return [
        (part, counter)
        for part in facts.parts.values()
        for counter in part.counters
        if counter.kind == "server"
        and allows(member.powers, Role.CLERK, authority=part.id, office=counter.office, counter=counter.id)
    ]  # fmt: skip


def _desk(facts: Facts, member: Member, counter: str) -> Desk:
    """The counter named, else the first of theirs. Raises NotAllowed, UnknownPlace."""
    if not counter:
        mine = counters_of(facts, member)
        if not mine:
            raise NotAllowed("no counter", role=Role.CLERK)
        counter = mine[0][1].id
    return issue.desk(facts, member.officer, member.powers, counter)


def _quote(at: Desk, facts: Facts, clock: Clock, form: Mapping[str, str]) -> Quote:
    now = clock.now()
    on = _day(form.get("on", ""))
    today = now.astimezone(ZoneInfo(at.authority.time_zone)).date()
    version = at.authority.in_force(form.get("fee", ""), on or today, now)
    inputs = {} if version is None else fee_form.given_inputs(version.content, form)
    return issue.quote(facts, at.authority, form.get("fee", ""), inputs, now=now, on=on, on_reason=form.get("on_reason"))


def _preview(at: Desk, facts: Facts, member: Member, clock: Clock, language: str, form: Mapping[str, str]) -> Response[str]:
    """The inputs of the fee, or what the receipt will say. Raises UnknownFee."""
    fee = form.get("fee", "")
    if fee not in at.authority.by_code:
        raise UnknownFee(fee, fee=fee)
    speaking = words(language)
    now = clock.now()
    today = now.astimezone(ZoneInfo(at.authority.time_zone)).date()
    errors: list[Fault] = []
    quoted = None
    version = at.authority.in_force(fee, _day(form.get("on", "")) or today, now)
    content = version.content if version is not None else at.authority.by_code[fee][0].content
    if form.get("asked") or not content.inputs:
        try:
            quoted = _quote(at, facts, clock, form)
            _ = quoted.money
        except InputRefused as refused:
            errors = fee_form.faults(refused, content, speaking)
        except (LegalDateRefused, FeeNotInForce, UnknownFee, NotPriced, AmountOutOfRange) as refused:
            quoted = None
            errors = [Fault("on" if isinstance(refused, LegalDateRefused) else None, _sentence(refused, speaking))]
    return staff_page(
        "counter_preview.html",
        member,
        language,
        path="/counter",
        status=422 if errors else 200,
        at=at,
        content=content,
        errors=errors,
        form={"on": "", "on_reason": "", "payment": "unstated", "training": "", **form},
        fields=fee_form.fields(content, form, speaking),
        price=None if quoted is None else price(quoted.assessment, speaking),
        case=None if quoted is None else _case(quoted, speaking),
        payments=[(each.name.lower(), speaking.code("payment", each.name.lower())) for each in Payment],
        key=form.get("key") or token_urlsafe(18),
    )


def _case(quoted: Quote, speaking: Words) -> list[tuple[str, str]]:
    content = quoted.version.content
    return [
        (speaking.pick(declared.label), fee_form.shown_one(declared, value, content.currency, speaking))
        for declared, value in zip(content.inputs, quoted.inputs, strict=True)
    ]


async def _list(
    session: AsyncSession,
    at: Desk,
    facts: Facts,
    member: Member,
    clock: Clock,
    language: str,
    form: Mapping[str, str],
    errors: list[Fault],
    found: list[tuple[int, PublishedVersion]] | None = None,
) -> Response[str]:
    speaking = words(language)
    recent = await issue.recent(session, member.officer)
    wanted = {number for number, _ in found} if found else None
    return staff_page(
        "counter.html",
        member,
        language,
        path="/counter",
        at=at,
        counters=counters_of(facts, member),
        errors=errors,
        typed=form.get("fee", ""),
        fees=[
            {"number": number, "code": version.code, "name": version.content.name, "price": short_price(version, at.authority, speaking)}
            for number, version in _fees(at, facts, clock)
            if wanted is None or number in wanted
        ],
        recent=[
            {
                "number": receipt.number,
                "shown": show_number(receipt.number),
                "fee": receipt.fee_code,
                "amount": speaking.money(receipt.amount, receipt.currency),
                "at": speaking.time(receipt.issued_at, at.authority.time_zone),
                "voided": voided,
            }
            for receipt, voided in recent
        ],
    )


def _fees(at: Desk, facts: Facts, clock: Clock) -> list[tuple[int, PublishedVersion]]:
    now = clock.now()
    today = now.astimezone(ZoneInfo(at.authority.time_zone)).date()
    return numbered(in_force(facts, at.authority.id, today, now))


def _sentence(refused: RegistryRefusal, speaking: Words) -> str:
    return speaking.code("problem", refused.code)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(fee_form.typed_day(text))
    except ValueError:
        return None


routes = [desk, issue_receipt]
