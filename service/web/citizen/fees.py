"""Fees: the list, and one fee with its calculator."""

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from registry.errors import FeeNotInForce, InputRefused, UnknownFee, UnknownPlace
from registry.fees.assessment import assess, parse_inputs
from registry.fees.search import search
from registry.snapshot import AuthorityPart, Facts, PublishedVersion
from service.clock import Clock
from service.web import fee_form
from service.web.language import Words, words
from service.web.prices import Group, in_force_text, price, rows
from service.web.render import PUBLIC, page

MOST_ROWS = 60


@get("/fees", include_in_schema=False, sync_to_thread=False)
def fees(
    facts: NamedDependency[Facts],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    q: FromQuery[str] = "",
    authority: FromQuery[str] = "",
) -> Response[str]:
    """Fees in force today, of all authorities or of one, that have every word of `q` in them. Raises UnknownPlace."""
    speaking = words(language)
    now = clock.now()
    chosen = _part(facts, authority) if authority else None
    parts = [chosen] if chosen is not None else [part for part in facts.parts.values() if part.versions]
    asked = bool(q.strip())
    groups: list[Group] = []
    if asked or chosen is not None:
        for part in parts:
            today = now.astimezone(ZoneInfo(part.time_zone)).date()
            found = search(part, q, today, now)
            if found:
                groups.append(Group(part, rows(part, found, speaking)))
    number = sum(len(group.fees) for group in groups)
    kept = {name: value for name, value in (("q", q), ("authority", authority)) if value}
    return page(
        "fees.html", language, cache=PUBLIC, path="/fees", query=kept,
        authority=chosen, authorities=[part for part in facts.parts.values() if part.versions],
        q=q, groups=_first(groups), found=number, more=number > MOST_ROWS, listed=asked or chosen is not None,
    )  # fmt: skip


@get("/fees/{authority:str}/{code:str}", include_in_schema=False, sync_to_thread=False)
def fee(
    request: Request[Any, Any, Any],
    facts: NamedDependency[Facts],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    authority: FromPath[str],
    code: FromPath[str],
    on: FromQuery[date | None] = None,
    calculate: FromQuery[str] = "",
) -> Response[str]:
    """One fee on a day: its price, or the form to work it out. Raises UnknownPlace, UnknownFee, FeeNotInForce."""
    speaking = words(language)
    now = clock.now()
    part = _part(facts, authority)
    if code not in part.by_code:
        raise UnknownFee(code, fee=code)
    version = part.in_force(code, on or now.astimezone(ZoneInfo(part.time_zone)).date(), now)
    if version is None:
        raise FeeNotInForce(code, fee=code)
    content = version.content
    typed = {name: value for name, value in request.query_params.items() if name.startswith(fee_form.PREFIX)}
    errors: list[fee_form.Fault] = []
    found = case = None
    if calculate or not content.inputs:
        try:
            values = parse_inputs(content, fee_form.given_inputs(content, typed))
            found = price(assess(content, values, part.content), speaking)
            case = fee_form.shown(content, values, speaking)
        except InputRefused as refused:
            errors = fee_form.faults(refused, content, speaking)
    kept = typed | ({"on": on.isoformat()} if on else {}) | ({"calculate": calculate} if calculate else {})
    return page(
        "fee.html", language, status=422 if errors else 200, cache=PUBLIC, path=f"/fees/{authority}/{code}", query=kept,
        authority=part, content=content, number=version.number, on=on and on.isoformat(),
        fields=fee_form.fields(content, typed, speaking), errors=errors, price=found, case=case,
        in_force=in_force_text(content, speaking), concessions=[each.label for each in content.concessions],
        others=_others(part, version, speaking),
    )  # fmt: skip


def _first(groups: list[Group]) -> list[Group]:
    left = MOST_ROWS
    shown = []
    for group in groups:
        if left <= 0:
            break
        shown.append(replace(group, fees=group.fees[:left]))
        left -= len(group.fees)
    return shown


def _others(part: AuthorityPart, version: PublishedVersion, speaking: Words) -> list[dict[str, str]]:
    return [
        {"on": each.valid_from.isoformat(), "text": in_force_text(each.content, speaking)}
        for each in part.by_code[version.code]
        if each.number != version.number
    ]


def _part(facts: Facts, authority: str) -> AuthorityPart:
    part = facts.parts.get(authority)
    if part is None:
        raise UnknownPlace(authority, place=authority)
    return part


routes = [fees, fee]
