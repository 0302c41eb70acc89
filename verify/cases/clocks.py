"""When an answer is due: a function of the case's history, never a counter that is kept. Pure.

The reporter is acknowledged at once (Directive (EU) 2019/1937 article 9 allows seven days) and answered within 21 days,
as in CPGRAMS (India); the directive's three months stay the hard limit. Days are UTC days; the day of the report is day 0.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from verify.cases.workflow import OPEN, State

ANSWER_WITHIN = timedelta(days=21)


def hour(now: datetime) -> datetime:
    """The hour that `now` falls in. Nothing about a case is kept more precisely: a minute could name who stood at the counter."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day(now: datetime) -> date:
    """The UTC day of `now`."""
    return now.astimezone(UTC).date()


def answer_due(received_on: date) -> date:
    """The last day on which an answer to a report of that day is in time."""
    return received_on + ANSWER_WITHIN


def due_after(due: date | None, before: State | None, state: State, on: date) -> date | None:
    """The deadline once a step on day `on` led from `before` to `state`; None when nobody waits for an answer.

    The clock starts with the case, stops with the answer, and starts anew when a later report opens the case again;
    no other step moves it.
    """
    if state not in OPEN:
        return None
    return due if before in OPEN else answer_due(on)


def deadline(history: Iterable[tuple[State, date]]) -> date | None:
    """The deadline of a whole history of (state after the step, day of the step)."""
    due: date | None = None
    before: State | None = None
    for state, on in history:
        due, before = due_after(due, before, state, on), state
    return due


def overdue(due: date | None, today: date) -> bool:
    """Whether the deadline has passed. The day itself is still in time."""
    return due is not None and today > due
