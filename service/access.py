"""Who is asking, and may they: sessions by cookie, API tokens by header, roles by grant.

A request stands on grants read anew each time. Nothing here trusts a page: every staff route takes its `member` from
`member_with(role)`, which refuses everybody else.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from registry import credentials
from registry.errors import NotAllowed, RegistryRefusal
from registry.grants import Power, Role, powers
from registry.officers import Officer
from service.clock import Clock
from service.db import Database

COOKIE = "__Host-taksa"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotSignedIn(RegistryRefusal):
    """The page or call is for staff; nobody is signed in."""

    code = "not_signed_in"


class CrossSiteRequest(RegistryRefusal):
    """An unsafe request by cookie that another site caused."""

    code = "cross_site_request"


@dataclass(frozen=True, slots=True)
class Member:
    """An officer who is asking, with the rights that this request may use."""

    officer: Officer
    powers: tuple[Power, ...]

    def holds(self, role: Role) -> bool:
        """Whether any right of that role is among them."""
        return any(power.role is role for power in self.powers)


def session_cookie(secret: str, *, max_age: int) -> Cookie:
    """The session's cookie: this host only, HTTPS only, never sent from another site, out of reach of scripts."""
    return Cookie(key=COOKIE, value=secret, path="/", secure=True, httponly=True, samesite="strict", max_age=max_age)


async def member_of(request: Request[Any, Any, Any], session: AsyncSession, clock: Clock) -> Member | None:
    """Who is asking, by bearer token or session cookie; None when nobody we know.

    Raises CrossSiteRequest for an unsafe request by cookie that does not come from our own pages.
    """
    now = clock.now()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found = await credentials.token_officer(session, token.strip(), now)
        if found is None:
            return None
        officer, role, counters = found
        held = [power for power in await powers(session, officer, now) if power.role is role]
        return Member(officer, tuple(_narrowed(power, counters) for power in held))
    secret = request.cookies.get(COOKIE)
    if secret is None:
        return None
    if request.method not in SAFE_METHODS and not same_site(request):
        raise CrossSiteRequest
    signed_in = await credentials.session_officer(session, secret, now)
    return None if signed_in is None else Member(signed_in, await powers(session, signed_in, now))


def same_site(request: Request[Any, Any, Any]) -> bool:
    """Whether the browser says that one of our own pages sent this. A request that says nothing is not believed."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] == request.headers.get("Host")


async def sign_in(database: Database, username: str, password: str, now: datetime) -> str:
    """A new session's secret. An attempt is counted even though the request is refused, hence transactions of our own.

    Raises SignInRefused, SignInThrottled.
    """
    async with database.write() as session:
        await credentials.count_attempt(session, username, now)
    async with database.read() as session:
        officer = await credentials.check_password(session, username, password)
    async with database.write() as session:
        await credentials.forget_failures(session, username)
        return await credentials.open_session(session, officer, now)


def member_with(*roles: Role) -> Callable[..., Awaitable[Member]]:
    """A dependency that gives the member when they hold one of `roles` (any staff member for none), and refuses everybody else."""

    async def member(request: Request[Any, Any, Any], session: NamedDependency[AsyncSession], clock: NamedDependency[Clock]) -> Member:
        found = await member_of(request, session, clock)
        if found is None:
            raise NotSignedIn
        if roles and not any(found.holds(role) for role in roles):
            raise NotAllowed("this account has no such right", role=roles[0])
        return found

    return member


def _narrowed(power: Power, counters: frozenset[str] | None) -> Power:
    if counters is None:
        return power
    return replace(power, counters=counters if power.counters is None else power.counters & counters)
