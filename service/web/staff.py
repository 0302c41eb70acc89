"""The frame of staff pages: who is signed in, and the rooms they may enter."""

from typing import Any

from litestar import Response

from registry.grants import Role
from service.access import Member
from service.web.language import words
from service.web.render import page

ROOMS = (("/counter", Role.CLERK), ("/inspector", Role.INSPECTOR))


def first_room(member: Member) -> str | None:
    """Where somebody's work begins; None for an account that has no room yet."""
    return next((href for href, role in ROOMS if member.holds(role)), None)


def staff_page(
    template: str, member: Member, language: str, /, *, path: str, status: int = 200, extra_styles: tuple[str, ...] = (), **context: Any
) -> Response[str]:
    """A page of the staff, never kept by anything on the way."""
    speaking = words(language)
    names = {"/counter": speaking.gettext("Counter"), "/inspector": speaking.gettext("Cases")}
    rooms = [{"href": href, "name": names[href], "current": path == href} for href, role in ROOMS if member.holds(role)]
    return page(
        template,
        language,
        status=status,
        path=path,
        extra_styles=extra_styles,
        rooms=rooms,
        username=member.officer.username,
        robots="noindex",
        **context,
    )
