"""Sign in and out. One form, one cookie, and only here and in the staff's rooms."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from registry import credentials
from registry.errors import SignInRefused, SignInThrottled
from service.access import COOKIE, CrossSiteRequest, member_of, same_site, session_cookie, sign_in
from service.clock import Clock
from service.db import Database
from service.web.fee_form import Fault
from service.web.language import words
from service.web.render import page
from service.web.staff import first_room


@get("/signin", include_in_schema=False)
async def form(
    request: Request[Any, Any, Any], session: NamedDependency[AsyncSession], clock: NamedDependency[Clock], language: NamedDependency[str]
) -> Response[str] | Redirect:
    """The form; whoever is signed in goes on to their room."""
    member = await member_of(request, session, clock)
    if member is None:
        return page("signin.html", language, path="/signin", errors=[], username="", no_room=False)
    room = first_room(member)
    if room is None:
        return page("signin.html", language, path="/signin", errors=[], username=member.officer.username, no_room=True)
    return Redirect(f"{room}?lang={language}", status_code=303)


@post("/signin", include_in_schema=False, status_code=303)
async def enter(
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str] | Redirect:
    """Sign in. Raises CrossSiteRequest, so that nobody is signed in as somebody else without noticing."""
    if not same_site(request):
        raise CrossSiteRequest
    username = data.get("username", "")[:64]
    try:
        secret = await sign_in(database, username, data.get("password", "")[:1000], clock.now())
    except (SignInRefused, SignInThrottled) as refused:
        errors = [Fault("username", words(language).code("problem", refused.code, **refused.params))]
        return page("signin.html", language, status=422, path="/signin", errors=errors, username=username, no_room=False)
    cookie = session_cookie(secret, max_age=int(credentials.SESSION_LENGTH.total_seconds()))
    return Redirect(f"/signin?lang={language}", status_code=303, cookies=[cookie])


@post("/signout", include_in_schema=False, status_code=303)
async def leave(
    request: Request[Any, Any, Any], session: NamedDependency[AsyncSession], clock: NamedDependency[Clock], language: NamedDependency[str]
) -> Redirect:
    """Sign out: the session ends here and its cookie goes."""
    if await member_of(request, session, clock) is not None and (secret := request.cookies.get(COOKIE)):
        await credentials.close_session(session, secret)
    gone: Cookie = session_cookie("", max_age=0)
    return Redirect(f"/signin?lang={language}", status_code=303, cookies=[gone])


routes = [form, enter, leave]
