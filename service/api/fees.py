"""Published fees: the list, one version whole, and what it comes to."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from registry.errors import FeeNotInForce, RegistryRefusal, UnknownFee, UnknownPlace
from registry.fees.assessment import assess, parse_inputs, show, trace
from registry.fees.content import to_json
from registry.fees.search import search
from registry.money import Money
from registry.snapshot import AuthorityPart, Facts, PublishedVersion, show_time
from service.api.amounts import LegalBasisJSON, LineJSON, MoneyJSON, lines_json
from service.clock import Clock
from service.dependencies import language as language_of
from service.process import Process
from service.web.language import Words, words

PUBLIC = {"Cache-Control": "public, max-age=60"}


class FeeItem(Struct, frozen=True):
    """One line of the list; `amount` is null where it depends on the case."""

    authority: str
    code: str
    name: str
    service: str | None
    version: int
    amount: MoneyJSON | None
    currency: str
    valid_from: date
    valid_to: date | None


class FeeList(Struct, frozen=True):
    items: list[FeeItem]
    next_cursor: str | None


class FeeVersionJSON(Struct, frozen=True):
    """One published fee version, whole. `fee` is its content as published, whose canonical bytes hash to `content_hash`."""

    authority: str
    code: str
    version: int
    content_hash: str
    published_at: str
    on: date
    fee: dict[str, Any]


class AssessRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` selects the version, today if left out."""

    inputs: dict[str, str | bool] = {}
    on: date | None = None


class StepJSON(Struct, frozen=True):
    path: str
    text: str
    value: str


class AssessmentJSON(Struct, frozen=True):
    """What a fee comes to. `amount` is null when it is an actual cost or not computable, which `standing` tells."""

    standing: str
    amount: MoneyJSON | None
    lines: list[LineJSON]
    trace: list[StepJSON]
    inputs: dict[str, str | bool]
    version: int
    content_hash: str
    legal_basis: LegalBasisJSON
    on: date


@get("/api/v1/fees", sync_to_thread=False)
def list_fees(
    facts: NamedDependency[Facts],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    q: Annotated[str, QueryParameter(max_length=200)] = "",
    authority: FromQuery[str | None] = None,
    on: FromQuery[date | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    cursor: FromQuery[str | None] = None,
) -> Response[FeeList]:
    """Fees in force on a day, found by what people type. By authority and code; `cursor` goes on where a page ended."""
    speaking, now = words(language), clock.now()
    parts = [_part(facts, authority)] if authority is not None else sorted(facts.parts.values(), key=lambda part: part.id)
    after = None if cursor is None else tuple(cursor.split("/", 1))
    items: list[FeeItem] = []
    for part in parts:
        day = on or now.astimezone(ZoneInfo(part.time_zone)).date()
        found = sorted(search(part, q, day, now), key=lambda version: version.code)
        wanted = [version for version in found if after is None or (part.id, version.code) > after]
        items += [_item(part, version, speaking, now) for version in wanted[: limit + 1]]
        if len(items) > limit:
            break
    more = len(items) > limit
    items = items[:limit]
    return Response(FeeList(items, f"{items[-1].authority}/{items[-1].code}" if more else None), headers=PUBLIC)


@get("/api/v1/fees/{authority:str}/{code:str}", sync_to_thread=False)
def show_fee(
    facts: NamedDependency[Facts],
    clock: NamedDependency[Clock],
    authority: FromPath[str],
    code: FromPath[str],
    on: FromQuery[date | None] = None,
    known_at: FromQuery[datetime | None] = None,
) -> Response[FeeVersionJSON]:
    """The version in force on a day (`on`, today if left out), as known at an instant (`known_at`, now if left out)."""
    part, version, day = _in_force(facts, clock, authority, code, on, known_at)
    return Response(
        FeeVersionJSON(
            part.id, version.code, version.number, version.content_hash, show_time(version.published_at), day, to_json(version.content)
        ),
        headers=PUBLIC,
    )


@post("/api/v1/fees/{authority:str}/{code:str}/assess", status_code=200, sync_to_thread=False)
def assess_fee(
    request: Request[Any, Any, Any],
    data: JSONBody[AssessRequest],
    process: NamedDependency[Process],
    authority: FromPath[str],
    code: FromPath[str],
) -> AssessmentJSON:
    """What the fee comes to for a case, line by line, and how it came to that."""
    part, version, day = _in_force(process.facts, process.clock, authority, code, data.on, None)
    content = version.content
    values = parse_inputs(content, data.inputs)
    found = assess(content, values, part.content)
    return AssessmentJSON(
        standing=found.standing,
        amount=None if found.minor is None else MoneyJSON.of(Money(found.minor, found.currency)),
        lines=lines_json(found.lines, found.currency, words(language_of(request))),
        trace=[StepJSON(step.path, step.text, step.value) for step in trace(content, values, part.content)],
        inputs=show(content, values),
        version=version.number,
        content_hash=version.content_hash,
        legal_basis=LegalBasisJSON.of(content.legal_basis),
        on=day,
    )


def _part(facts: Facts, authority: str) -> AuthorityPart:
    part = facts.parts.get(authority)
    if part is None:
        raise UnknownPlace(authority, place=authority)
    return part


def _in_force(
    facts: Facts, clock: Clock, authority: str, code: str, on: date | None, known_at: datetime | None
) -> tuple[AuthorityPart, PublishedVersion, date]:
    part = _part(facts, authority)
    known = clock.now() if known_at is None else known_at if known_at.tzinfo else known_at.replace(tzinfo=UTC)
    day = on or clock.now().astimezone(ZoneInfo(part.time_zone)).date()
    version = part.in_force(code, day, known)
    if version is None:
        raise (FeeNotInForce if facts.knows_fee(authority, code) else UnknownFee)(code, fee=code)
    return part, version, day


def _item(part: AuthorityPart, version: PublishedVersion, speaking: Words, now: datetime) -> FeeItem:
    content = version.content
    amount = None
    if not content.inputs:
        try:
            found = assess(content, parse_inputs(content, {}), part.content)
            amount = None if found.minor is None else MoneyJSON.of(Money(found.minor, found.currency))
        except RegistryRefusal:
            amount = None
    return FeeItem(
        part.id,
        version.code,
        speaking.pick(content.name),
        speaking.pick(content.service) if content.service else None,
        version.number,
        amount,
        content.currency,
        version.valid_from,
        version.ends_by(now),
    )


routes = [list_fees, show_fee, assess_fee]
