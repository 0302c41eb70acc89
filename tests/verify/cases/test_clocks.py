"""Deadlines, from days and states alone."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.cases.clocks import answer_due, day, deadline, due_after, hour, overdue
from verify.cases.workflow import OPEN, State, Step, fold
from verify.errors import IllegalStep

DAY = date(2026, 3, 2)


def test_an_answer_is_due_in_twenty_one_days() -> None:
    """The day of the report is day 0."""
    assert date(2026, 3, 23) == answer_due(DAY)


@pytest.mark.parametrize(("today", "late"), [(date(2026, 3, 22), False), (date(2026, 3, 23), False), (date(2026, 3, 24), True)])
def test_an_answer_is_late_on_the_next_day(today: date, late: bool) -> None:
    """The last day itself is in time."""
    assert late is overdue(answer_due(DAY), today)


def test_nothing_is_late_when_nobody_waits() -> None:
    """An answered case has no deadline."""
    assert overdue(None, date.max) is False


@pytest.mark.parametrize("state", sorted(OPEN))
def test_no_step_before_the_answer_moves_the_deadline(state: State) -> None:
    """Asking the reporter buys no time in this release."""
    assert answer_due(DAY) == due_after(answer_due(DAY), State.UNDER_INVESTIGATION, state, DAY + timedelta(days=9))


@pytest.mark.parametrize("state", [State.ANSWERED, State.CLOSED])
def test_an_answer_stops_the_clock(state: State) -> None:
    """And closing does not start it."""
    assert due_after(answer_due(DAY), State.UNDER_INVESTIGATION, state, DAY) is None


@pytest.mark.parametrize("before", [State.ANSWERED, State.CLOSED])
def test_a_report_that_opens_a_case_again_starts_a_clock_of_its_own(before: State) -> None:
    """The first one was kept or broken; that stays in the events."""
    later = DAY + timedelta(days=40)
    assert answer_due(later) == due_after(None, before, State.IN_TRIAGE, later)


@given(st.lists(st.sampled_from([step for step in Step if step is not Step.RECEIVED]), max_size=10), st.integers(0, 5))
def test_the_deadline_of_a_history_is_that_of_its_steps_one_by_one(candidates: list[Step], gap: int) -> None:
    """What is written beside each event can be computed again from all of them."""
    steps, history, due = [Step.RECEIVED], [(State.RECEIVED, DAY)], due_after(None, None, State.RECEIVED, DAY)
    for step in candidates:
        try:
            state = fold([*steps, step])
        except IllegalStep:
            continue
        on = history[-1][1] + timedelta(days=gap)
        due = due_after(due, history[-1][0], state, on)
        steps.append(step)
        history.append((state, on))
    assert due == deadline(history)


def test_what_is_kept_of_a_moment_is_its_hour_and_its_day_in_utc() -> None:
    """Half past midnight in Skopje is the evening before."""
    skopje = datetime(2026, 3, 2, 0, 30, 59, 7, tzinfo=timezone(timedelta(hours=1)))
    assert datetime(2026, 3, 1, 23, tzinfo=UTC) == hour(skopje)
    assert date(2026, 3, 1) == day(skopje)
