"""Report a charge: from a verdict in two taps, or without a receipt in two short pages. Nobody is asked who they are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import AmbiguousNumber, MalformedAmount, MalformedNumber
from registry.money import Money
from registry.snapshot import AuthorityPart, Facts
from service.process import Process
from service.web.amounts import typed_amount
from service.web.citizen.verdict_view import view
from service.web.fee_form import Fault, typed_day
from service.web.language import Words, words
from service.web.render import page
from verify import follow_code
from verify.errors import HappenedInFuture, MalformedFollowCode, PaidCurrencyMismatch, TextTooLong, UnknownFollowCode
from verify.register import is_number
from verify.reports import file_report, follow
from verify.verdict import Verdict

# Where a refusal of `file_report` is shown.
_FIELD_OF = {TextTooLong: "text", HappenedInFuture: "happened_on", PaidCurrencyMismatch: "paid"}


@get("/report", include_in_schema=False)
async def report(
    process: NamedDependency[Process],
    language: NamedDependency[str],
    receipt: FromQuery[str] = "",
    issued_on: FromQuery[str] = "",
    paid: FromQuery[str] = "",
    place: FromQuery[str] = "",
    authority: FromQuery[str] = "",
    fee: FromQuery[str] = "",
) -> Response[str]:
    """The form: about a receipt, about a place, or first the question where it happened."""
    given = {"receipt": receipt, "issued_on": issued_on, "paid": paid, "place": place or authority, "fee": fee}
    return await _form(process, language, {name: value for name, value in given.items() if value})


@post("/report", status_code=201, include_in_schema=False)
async def send(
    process: NamedDependency[Process],
    session: NamedDependency[AsyncSession],
    language: NamedDependency[str],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """File the report and show its code, once. Sent twice, it is one report: the form carries the code it will have."""
    speaking = words(language)
    errors: list[Fault] = []
    now = process.now()
    code = _code(data.get("key", ""))
    try:
        already = await follow(session, code, now)
        return _filed(language, code, now.date(), already.answer_due)
    except UnknownFollowCode:
        pass
    authority, office = _place(process.facts, data.get("place", ""))
    seen = await _seen(process, data)
    paid = _paid(data.get("paid", ""), _currency(process.facts, authority, seen), speaking, errors)
    happened_on = _day(data.get("happened_on", ""))
    if data.get("happened_on", "").strip() and happened_on is None:
        errors.append(Fault("happened_on", speaking.code("field", "not_a_date", label=speaking.gettext("Day"))))
    if seen is None and authority is None:
        return await _form(process, language, data)
    if not errors:
        try:
            filed = await file_report(
                session,
                process.facts,
                verdict=seen if paid is None else await _seen(process, data, paid),
                by_number=is_number(data.get("receipt", "")),
                paid=paid,
                authority=None if authority is None else authority.id,
                office=office,
                fee=data.get("fee") or None if authority is not None else None,
                happened_on=happened_on,
                text=data.get("text"),
                language=language,
                now=now,
                code=code,
            )
            return _filed(language, filed.code, filed.acknowledged_on, filed.answer_due)
        except (TextTooLong, HappenedInFuture, PaidCurrencyMismatch) as refused:
            errors.append(Fault(_FIELD_OF[type(refused)], speaking.code("problem", refused.code, **refused.params)))
    return await _form(process, language, data, errors)


async def _form(process: Process, language: str, data: Mapping[str, str], errors: Sequence[Fault] = ()) -> Response[str]:
    speaking = words(language)
    facts, now = process.facts, process.now()
    authority, office = _place(facts, data.get("place", ""))
    seen = await _seen(process, data)
    paid = _paid(data.get("paid", ""), _currency(facts, authority, seen), speaking, [])
    if seen is not None and paid is not None:
        seen = await _seen(process, data, paid)
    given = {"receipt": "", "issued_on": "", "fee": "", "text": "", "place": "", "paid": "", "happened_on": "", **data}
    query = {name: value for name, value in data.items() if name in ("receipt", "issued_on", "place", "fee", "paid")}
    if seen is None and authority is None:
        return page("report_where.html", language, path="/report", query=query, places=_places(facts, speaking), given=given, errors=errors)
    shown = None if seen is None else view(seen, speaking, now, show_inputs=False)
    believed = shown is not None and bool(shown.memory)
    return page(
        "report.html",
        language,
        status=422 if errors else 200,
        path="/report",
        query=query,
        robots="noindex",
        view=shown,
        # Of paper that is not genuine nothing can be believed: then the person says where it was.
        asks_where=shown is not None and not believed,
        where=authority if shown is None else None,
        places=_places(facts, speaking),
        office=office,
        fees=[] if authority is None else _fees(authority, speaking),
        currency=_currency(facts, authority, seen),
        given=given,
        key=data.get("key") or follow_code.shown(follow_code.draw()),
        errors=errors,
    )


def _filed(language: str, code: str, on: date, due: date) -> Response[str]:
    return page("reported.html", language, status=201, path="/report", code=follow_code.shown(follow_code.parse(code)), on=on, due=due)


async def _seen(process: Process, data: Mapping[str, str], paid: Money | None = None) -> Verdict | None:
    """The verdict on the receipt that is reported, if one is; a report is not another look."""
    receipt = data.get("receipt", "").strip()
    if not receipt:
        return None
    try:
        return await process.check(receipt, paid=paid, issued_on=_day(data.get("issued_on", "")), count=False)
    except (MalformedNumber, AmbiguousNumber):
        return None


def _code(typed: str) -> str:
    try:
        return follow_code.parse(typed)
    except MalformedFollowCode:
        return follow_code.draw()


def _paid(typed: str, currency: str, speaking: Words, errors: list[Fault]) -> Money | None:
    if not typed.strip():
        return None
    try:
        return typed_amount(typed, currency)
    except MalformedAmount:
        errors.append(Fault("paid", speaking.code("field", "malformed_amount", label=speaking.gettext("Amount"))))
        return None


def _currency(facts: Facts, authority: AuthorityPart | None, seen: Verdict | None) -> str:
    """What the person will have paid in: the receipt's currency, else the one the authority charges most fees in."""
    if seen is not None and seen.recorded is not None:
        return seen.recorded.currency
    parts = [authority] if authority is not None and authority.versions else list(facts.parts.values())
    used = Counter(version.content.currency for part in parts for version in part.versions[:50])
    return used.most_common(1)[0][0] if used else "EUR"


def _place(facts: Facts, place: str) -> tuple[AuthorityPart | None, str | None]:
    """The authority and office that a choice `authority/office` names."""
    name, _, office = place.partition("/")
    part = facts.parts.get(name)
    return part, office if part is not None and office in part.by_office else None


def _places(facts: Facts, speaking: Words) -> list[tuple[str, list[tuple[str, str]]]]:
    """All places, by authority: first the authority as a whole, then its offices."""
    return [
        (
            speaking.pick(part.names),
            [
                (part.id, speaking.gettext("%(authority)s, office not known", authority=speaking.pick(part.names))),
                *((f"{part.id}/{office.id}", speaking.pick(office.name)) for office in part.offices),
            ],
        )
        for part in facts.parts.values()
        if part.offices
    ]


def _fees(part: AuthorityPart, speaking: Words) -> list[tuple[str, str]]:
    named = sorted((speaking.pick(versions[0].content.name), code) for code, versions in part.by_code.items())
    return [("", speaking.gettext("Another, or I do not know")), *((code, name) for name, code in named)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(typed_day(text))
    except ValueError:
        return None


routes = [report, send]
