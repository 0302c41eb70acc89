"""How far an inspector sees, from powers, supervision and stake alone."""

import pytest

from registry.grants import Power, Role
from verify.cases.routing import Reach, chain, reach

ABOVE = {"state": None, "ministry": "state", "town": "state", "market": "town", "abroad": None}


def inspects(authority: str | None, office: str | None = None, role: Role = Role.INSPECTOR) -> Power:
    """A power to inspect."""
    return Power(role, authority, office, None)


@pytest.mark.parametrize(
    ("authority", "seen"),
    [("state", {"state", "ministry", "town", "market"}), ("town", {"town", "market"}), ("market", {"market"}), ("abroad", {"abroad"})],
)
def test_a_power_reaches_an_authority_and_all_it_supervises(authority: str, seen: set[str]) -> None:
    """Never the one above."""
    assert Reach(frozenset(seen), frozenset(), frozenset()) == reach([inspects(authority)], ABOVE, frozenset())


def test_a_power_without_an_authority_reaches_everything() -> None:
    """The national inspectorate."""
    assert reach([inspects(None)], ABOVE, frozenset()).authorities is None


def test_a_power_for_one_office_reaches_that_office_only() -> None:
    """Not its authority."""
    assert Reach(frozenset(), frozenset({"town-hall"}), frozenset()) == reach([inspects("town", "town-hall")], ABOVE, frozenset())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INSPECTOR])
def test_no_other_role_reaches_any_case(role: Role) -> None:
    """An administrator sees no content."""
    assert Reach(frozenset(), frozenset(), frozenset()) == reach([inspects(None, role=role)], ABOVE, frozenset())


def test_authorities_that_supervise_each_other_in_a_circle_end_the_chain() -> None:
    """A mistake in the data is no endless loop."""
    assert frozenset({"a", "b"}) == chain("a", {"a": "b", "b": "a"})
