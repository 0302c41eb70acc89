"""The inspector's queue: nearest deadline first. Cases beyond the inspector's reach are in no line and no number."""

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from registry.grants import Role
from registry.snapshot import Facts
from service.access import Member, member_with
from service.clock import Clock
from service.web.inspector.case_view import place_name
from service.web.language import words
from service.web.staff import staff_page
from verify.cases import desk

MEMBER = {"member": Provide(member_with(Role.INSPECTOR))}


@get("/inspector", include_in_schema=False, dependencies=MEMBER)
async def queue(
    member: NamedDependency[Member],
    session: NamedDependency[AsyncSession],
    facts: NamedDependency[Facts],
    clock: NamedDependency[Clock],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """The cases on the desk, a page at a time. Raises MalformedCursor."""
    speaking = words(language)
    now = clock.now()
    totals = await desk.totals(session, member.officer, member.powers, now)
    items, following = await desk.queue(session, member.officer, member.powers, now, cursor=cursor)
    return staff_page(
        "queue.html",
        member,
        language,
        path="/inspector",
        totals=totals,
        following=following,
        cases=[
            {
                "id": each.id,
                "state": each.state,
                "place": place_name(facts, each.authority, each.office, speaking),
                "fee": each.fee or "",
                "difference": "" if each.difference is None else speaking.money(each.difference.minor, each.difference.currency),
                "due": "" if each.due is None else f"{speaking.day(each.due)} ({speaking.days_left(each.due, now.date())})",
                "overdue": each.overdue,
                "reports": each.reports,
            }
            for each in items
        ],
    )


routes = [queue]
