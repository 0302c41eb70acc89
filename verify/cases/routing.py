"""Who may see a case: inspectors whose power reaches the authority it is about, and who have no stake in that authority.

A stake belongs to the person: whoever works for the authority under any account has one, and for them its cases do not
exist. They are not hidden, greyed or counted; there is one condition, and every query about cases carries it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from registry.grants import Power, Role, authorities_of_person
from registry.officers import Officer
from registry.places import Authority
from verify.cases.events import Case


@dataclass(frozen=True, slots=True)
class Reach:
    """The cases one person may see: those of these authorities (None: of all) and offices, never those of `stake`."""

    authorities: frozenset[str] | None
    offices: frozenset[str]
    stake: frozenset[str]

    def condition(self) -> ColumnElement[bool]:
        """The same as a condition on Case.

        A case whose authority nobody knows may be about any: it goes to inspectors of everything who have no stake anywhere.
        """
        within = true() if self.authorities is None else Case.authority_id.in_(sorted(self.authorities))
        known = and_(
            Case.authority_id.is_not(None),
            Case.authority_id.not_in(sorted(self.stake)),
            or_(within, Case.office_id.in_(sorted(self.offices))),
        )
        unplaced = true() if self.authorities is None and not self.stake else false()
        return or_(known, and_(Case.authority_id.is_(None), unplaced))


def reach(held: Iterable[Power], supervised_by: Mapping[str, str | None], stake: frozenset[str]) -> Reach:
    """How far these powers let a person with this stake see. `supervised_by` maps every authority to the one above it."""
    inspecting = [power for power in held if power.role is Role.INSPECTOR]
    wide = [power.authority for power in inspecting if power.office is None]
    offices = frozenset(power.office for power in inspecting if power.office is not None)
    if None in wide:
        return Reach(None, offices, stake)
    return Reach(frozenset(place for place in supervised_by if chain(place, supervised_by) & set(wide)), offices, stake)


def chain(authority: str, supervised_by: Mapping[str, str | None]) -> frozenset[str]:
    """The authority and all above it."""
    seen: set[str] = set()
    place: str | None = authority
    while place is not None and place not in seen:
        seen.add(place)
        place = supervised_by.get(place)
    return frozenset(seen)


async def reach_of(session: AsyncSession, officer: Officer, powers: Iterable[Power]) -> Reach:
    """How far this officer may see with these powers."""
    above: dict[str, str | None] = {}
    for place, supervisor in await session.execute(select(Authority.id, Authority.supervised_by)):
        above[place] = supervisor
    return reach(powers, above, await authorities_of_person(session, officer.person_id))
