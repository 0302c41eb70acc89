"""Check a receipt by its number or by the text of its square code, for whom the camera does not help."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, URLEncodedBody

from registry.errors import AmbiguousNumber, MalformedNumber
from service.dependencies import language
from service.process import Process
from service.web.citizen.verdict import compared, is_a_persons_look, verdict_page
from service.web.fee_form import Fault, typed_day
from service.web.language import words
from service.web.render import PUBLIC, page


@get("/check", include_in_schema=False)
async def check(
    request: Request[Any, Any, Any], process: NamedDependency[Process], receipt: FromQuery[str] = "", issued_on: FromQuery[str] = ""
) -> Response[str]:
    """The form; with a number or a text, the verdict on it. The day is asked for only where two receipts have the number."""
    reader = language(request)
    typed = receipt.strip()
    if not typed:
        return _form(reader, receipt, issued_on)
    try:
        found = await process.check(typed, issued_on=_day(issued_on), count=is_a_persons_look(request))
    except MalformedNumber as wrong:
        code = "malformed_number.check_digit" if wrong.detail == "check_digit" else wrong.code
        return _form(reader, receipt, issued_on, Fault("receipt", words(reader).code("problem", code)))
    except AmbiguousNumber as wrong:
        return _form(reader, receipt, issued_on, Fault("issued_on", words(reader).code("problem", wrong.code)), ask_date=True)
    return verdict_page(found, process.now(), reader, path="/check", receipt=typed, data={"receipt": typed, "issued_on": issued_on})


@post("/check", status_code=200, include_in_schema=False)
async def compare(
    request: Request[Any, Any, Any], process: NamedDependency[Process], data: URLEncodedBody[dict[str, str]]
) -> Response[str]:
    """The verdict of `check` with what the reader adds. Raises MalformedNumber, AmbiguousNumber, TooManyRequests."""
    typed = data.get("receipt", "").strip()
    return await compared(process, typed, language(request), data, path="/check", issued_on=_day(data.get("issued_on", "")))


def _form(reader: str, receipt: str, issued_on: str, *errors: Fault, ask_date: bool = False) -> Response[str]:
    return page(
        "check.html", reader, status=422 if errors else 200, cache=PUBLIC, path="/check",
        receipt=receipt[:600], issued_on=issued_on[:20], ask_date=ask_date, errors=errors,
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(typed_day(text))
    except ValueError:
        return None


routes = [check, compare]
