"""Follow a report by its code. The code is typed or carried in a form, never in an address, where logs and histories would keep it."""

from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from service.clock import Clock
from service.web.fee_form import Fault
from service.web.language import words
from service.web.render import PUBLIC, page
from verify import follow_code
from verify.errors import MalformedFollowCode, TextTooLong, UnknownFollowCode, WordsMissing
from verify.reports import Followed, add_message, follow


@get("/follow", include_in_schema=False, sync_to_thread=False)
def ask_for_code(language: NamedDependency[str]) -> Response[str]:
    """The form."""
    return page("follow.html", language, cache=PUBLIC, path="/follow", robots="noindex", errors=[], code="")


@post("/follow", status_code=200, include_in_schema=False)
async def show(
    reading: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """What became of the report."""
    typed = data.get("code", "")
    now = clock.now()
    try:
        return _followed(await follow(reading, typed, now), typed, now, language)
    except (MalformedFollowCode, UnknownFollowCode) as refused:
        return _refused(language, typed, refused.code)


@post("/follow/messages", status_code=200, include_in_schema=False)
async def write(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """Add the reporter's words and show the dialogue with them."""
    typed = data.get("code", "")
    now = clock.now()
    errors: list[Fault] = []
    try:
        try:
            await add_message(session, typed, data.get("text", ""), now)
        except (WordsMissing, TextTooLong) as refused:
            errors.append(Fault("text", words(language).code("problem", refused.code, **refused.params)))
        return _followed(await follow(session, typed, now), typed, now, language, errors, data.get("text", "") if errors else "")
    except (MalformedFollowCode, UnknownFollowCode) as refused:
        return _refused(language, typed, refused.code)


def _followed(found: Followed, code: str, now: datetime, language: str, errors: list[Fault] | None = None, text: str = "") -> Response[str]:
    speaking = words(language)
    return page(
        "followed.html", language, status=422 if errors else 200, path="/follow", robots="noindex",
        found=found, code=follow_code.parse(code), errors=errors or [], text=text,
        left=speaking.days_left(found.answer_due, now.date()),
    )  # fmt: skip


def _refused(language: str, typed: str, code: str) -> Response[str]:
    errors = [Fault("code", words(language).code("problem", code))]
    return page(
        "follow.html", language, status=422 if code == MalformedFollowCode.code else 404, path="/follow", errors=errors, code=typed[:60]
    )


routes = [ask_for_code, show, write]
