"""The life of a case: which step may follow which, and the state a history folds to. Pure.

States and steps follow ISO 37002 (receive, assess, address, conclude). The table is the whole law: what is not in it is
refused. A state that comes later (waiting for the office, a proposed decision, an appeal, a referral, a merger, a
withdrawal) is a row more in it, not another mechanism.
"""

from collections.abc import Iterable
from enum import StrEnum

from verify.errors import IllegalStep


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    IN_TRIAGE = "in_triage"
    UNDER_INVESTIGATION = "under_investigation"
    AWAITING_REPORTER = "awaiting_reporter"
    ANSWERED = "answered"
    CLOSED = "closed"


class Step(StrEnum):
    """What can happen to a case: the type of an event."""

    RECEIVED = "received"
    REPORT_LINKED = "report_linked"
    OPENED = "opened"
    ACCEPTED = "accepted"
    QUESTION = "question"
    REPORTER_MESSAGE = "reporter_message"
    ANSWERED = "answered"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What an answer found; apart from the state, so that "closed" never reads as "put right"."""

    OVERCHARGE_CONFIRMED_REFUND = "overcharge_confirmed_refund"
    LAWFUL_CHARGE = "lawful_charge"
    REGISTRY_ERROR = "registry_error"
    UNSUBSTANTIATED = "unsubstantiated"
    OUT_OF_SCOPE = "out_of_scope"
    DUPLICATE = "duplicate"


OPEN = frozenset({State.RECEIVED, State.IN_TRIAGE, State.UNDER_INVESTIGATION, State.AWAITING_REPORTER})
"""States in which somebody still waits for an answer."""

INSPECTOR_STEPS = frozenset({Step.OPENED, Step.ACCEPTED, Step.QUESTION, Step.ANSWERED, Step.CLOSED})
"""Steps that an inspector takes; all others come from reporters."""

NEEDS_WORDS = frozenset({Step.QUESTION, Step.ANSWERED})
"""Steps that say nothing unless somebody writes something."""

LAW: dict[Step, dict[State | None, State]] = {
    Step.RECEIVED: {None: State.RECEIVED},
    # A later report waits for an answer of its own: one that was given before it came opens again.
    Step.REPORT_LINKED: {**{state: state for state in OPEN}, State.ANSWERED: State.IN_TRIAGE, State.CLOSED: State.IN_TRIAGE},
    Step.OPENED: {State.RECEIVED: State.IN_TRIAGE},
    Step.ACCEPTED: {State.IN_TRIAGE: State.UNDER_INVESTIGATION},
    Step.QUESTION: {State.UNDER_INVESTIGATION: State.AWAITING_REPORTER, State.AWAITING_REPORTER: State.AWAITING_REPORTER},
    # Reporters may always write; their words never undo an answer.
    Step.REPORTER_MESSAGE: {**{state: state for state in State}, State.AWAITING_REPORTER: State.UNDER_INVESTIGATION},
    Step.ANSWERED: {State.UNDER_INVESTIGATION: State.ANSWERED, State.AWAITING_REPORTER: State.ANSWERED},
    Step.CLOSED: {State.ANSWERED: State.CLOSED},
}
"""For each step, the states it may be taken in and the state it leads to. None is: there is no case yet."""


def after(state: State | None, step: Step) -> State:
    """The state that `step` leads to. Raises IllegalStep."""
    try:
        return LAW[step][state]
    except KeyError:
        raise IllegalStep(f"{step} cannot follow {state or 'nothing'}", step=str(step), state=str(state or "")) from None


def fold(steps: Iterable[Step]) -> State:
    """The state of a whole history. Raises IllegalStep where it breaks the law, and for an empty one."""
    state: State | None = None
    for step in steps:
        state = after(state, step)
    if state is None:
        raise IllegalStep("a case begins with a report", step="", state="")
    return state


def way(state: State, step: Step) -> tuple[Step, ...]:
    """The steps an inspector's `step` takes from `state`: itself, after opening and accepting where nobody has yet.

    One click must be enough to answer a clear case, and the record still shows every state. Raises IllegalStep.
    """
    path: tuple[Step, ...] = ()
    if step in (Step.ACCEPTED, Step.QUESTION, Step.ANSWERED) and state is State.RECEIVED:
        path, state = (*path, Step.OPENED), State.IN_TRIAGE
    if step in (Step.QUESTION, Step.ANSWERED) and state is State.IN_TRIAGE:
        path, state = (*path, Step.ACCEPTED), State.UNDER_INVESTIGATION
    after(state, step)
    return (*path, step)


def choices(state: State) -> tuple[Step, ...]:
    """The steps an inspector may take now, in the order of the table."""
    return tuple(step for step in LAW if step in INSPECTOR_STEPS and _goes(state, step))


def _goes(state: State, step: Step) -> bool:
    try:
        way(state, step)
    except IllegalStep:
        return False
    return True
