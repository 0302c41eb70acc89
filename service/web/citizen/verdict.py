"""The verdict page: what a phone shows after scanning. One request, no script, no cookie.

What a person adds (what they paid, which facts are wrong) is sent by POST to the same address: nothing that somebody
prints into a square code can then answer in the reader's place, and no amount stands in a server's log.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from litestar import Request, Response, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath, URLEncodedBody
from msgspec.structs import replace

from registry.errors import InputRefused, MalformedAmount
from registry.fees.assessment import parse_inputs
from service.dependencies import language
from service.process import Process
from service.web import fee_form
from service.web.amounts import typed_amount
from service.web.citizen.verdict_view import case_of, view
from service.web.fee_form import Fault
from service.web.language import words
from service.web.render import PRIVATE, page
from verify.register import is_number
from verify.verdict import Flag, Verdict

EMPTY: Mapping[str, str] = MappingProxyType({})
RECEIPT_LENGTH = 600


@route(["/R/{token:str}", "/r/{token:str}"], http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, include_in_schema=False)
async def verdict(request: Request[Any, Any, Any], process: NamedDependency[Process], token: FromPath[str]) -> Response[str]:
    """The verdict on the receipt whose square code was scanned."""
    found = await process.check(token, count=is_a_persons_look(request))
    return verdict_page(found, process.now(), language(request), path=f"/R/{token}", receipt=token)


@post(["/R/{token:str}", "/r/{token:str}"], status_code=200, include_in_schema=False)
async def compare(
    request: Request[Any, Any, Any], process: NamedDependency[Process], token: FromPath[str], data: URLEncodedBody[dict[str, str]]
) -> Response[str]:
    """The same verdict with what the reader says they paid (`paid`), and the facts as they say they are (`in-…`)."""
    return await compared(process, token, language(request), data, path=f"/R/{token}")


def is_a_persons_look(request: Request[Any, Any, Any]) -> bool:
    """Whether somebody is looking: not a program that asks for the head of a page, nor a browser that fetches ahead."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "") + request.headers.get("X-Moz", "")
    return request.method == "GET" and "pre" not in purpose.lower()


async def compared(
    process: Process, receipt: str, reader: str, data: Mapping[str, str], *, path: str, issued_on: date | None = None
) -> Response[str]:
    """A verdict page with the reader's own answers. What cannot be read is said beside the field, and all else stays.

    Raises what `Process.check` does for a number.
    """
    speaking = words(reader)
    errors: list[Fault] = []
    found = await process.check(receipt, issued_on=issued_on, count=False)
    paid = claimed = None
    if found.recorded is not None and "paid" in data:
        try:
            paid = typed_amount(data["paid"], found.recorded.currency)
        except MalformedAmount:
            errors.append(Fault("paid", speaking.code("field", "malformed_amount", label=speaking.gettext("Amount"))))
    case = None if is_number(receipt) else case_of(found)
    if data.get("claim") and case is not None:
        claimed = fee_form.given_inputs(case[0], data)
        try:
            parse_inputs(case[0], claimed)
        except InputRefused as refused:
            errors += fee_form.faults(refused, case[0], speaking)
            claimed = None
    if paid is not None or claimed is not None:
        found = await process.check(receipt, paid=paid, inputs=claimed, issued_on=issued_on, count=False)
    found = _without_own_looks(found, data.get("looks", ""))
    return verdict_page(found, process.now(), reader, path=path, receipt=receipt, data=data, errors=errors)


def verdict_page(
    found: Verdict,
    now: datetime,
    reader: str,
    *,
    path: str,
    receipt: str,
    data: Mapping[str, str] = EMPTY,
    errors: Sequence[Fault] = (),
) -> Response[str]:
    """The page of a verdict. `receipt` is what a report names it by; `data` is what was typed, or what the forms are to carry along."""
    speaking = words(reader)
    by_number = is_number(receipt)
    shown = view(found, speaking, now, show_inputs=not by_number)
    case = None if by_number else case_of(found)
    fields: list[fee_form.Field] = []
    if case is not None and case[0].inputs:
        content, values = case
        as_issued = {fee_form.PREFIX + name: value for name, value in fee_form.typed(content, values).items()}
        fields = fee_form.fields(content, as_issued | dict(data) if data.get("claim") else as_issued, speaking)
    kept = {name: data[name] for name in ("looks", "receipt", "issued_on") if data.get(name)}
    kept.setdefault("looks", "0" if found.seen is None else str(found.seen.times))
    reported = {"receipt": receipt[:RECEIPT_LENGTH], "issued_on": data.get("issued_on") or None, "paid": shown.paid_plain or None}
    return page(
        "verdict.html",
        reader,
        cache=PRIVATE,
        path=path,
        robots="noindex",
        view=shown,
        report=reported,
        fields=fields,
        kept=kept,
        paid_typed=data.get("paid", "") if errors else "",
        claiming=bool(data.get("claim")),
        said={name: value for name, value in data.items() if name in ("claim", "paid") or name.startswith(fee_form.PREFIX)},
        errors=errors,
    )


def _without_own_looks(found: Verdict, before: str) -> Verdict:
    """The verdict without the look that the reader's own first page was; `before` is how often others had looked by then."""
    if found.seen is None or not before.isascii() or not before.isdigit():
        return found
    times = min(found.seen.times, int(before[:9]))
    if times:
        return replace(found, seen=replace(found.seen, times=times))
    return replace(found, seen=None, flags=tuple(flag for flag in found.flags if flag is not Flag.SEEN))


routes = [verdict, compare]
