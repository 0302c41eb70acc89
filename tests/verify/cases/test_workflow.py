"""The workflow's law: every state against every step, and histories that keep it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.cases.workflow import INSPECTOR_STEPS, LAW, OPEN, State, Step, after, choices, fold, way
from verify.errors import IllegalStep

R, T, U, W, A, C = State  # received, in triage, under investigation, awaiting reporter, answered, closed

TABLE = {
    # step:                 no case  received  triage  investig.  awaiting  answered  closed
    Step.RECEIVED: (R, None, None, None, None, None, None),
    Step.REPORT_LINKED: (None, R, T, U, W, T, T),
    Step.OPENED: (None, T, None, None, None, None, None),
    Step.ACCEPTED: (None, None, U, None, None, None, None),
    Step.QUESTION: (None, None, None, W, W, None, None),
    Step.REPORTER_MESSAGE: (None, R, T, U, U, A, C),
    Step.ANSWERED: (None, None, None, A, A, None, None),
    Step.CLOSED: (None, None, None, None, None, C, None),
}
CELLS = [(state, step, TABLE[step][column]) for step in Step for column, state in enumerate((None, *State))]


def legal_histories() -> st.SearchStrategy[list[Step]]:
    """Random histories that the law allows, grown step by step from its table."""

    @st.composite
    def grow(draw: st.DrawFn) -> list[Step]:
        steps = [Step.RECEIVED]
        state = State.RECEIVED
        for _ in range(draw(st.integers(0, 12))):
            step = draw(st.sampled_from([step for step in Step if state in LAW[step]]))
            state = LAW[step][state]
            steps.append(step)
        return steps

    return grow()


@pytest.mark.parametrize(("state", "step", "leads_to"), CELLS, ids=lambda part: str(part))
def test_every_step_from_every_state_goes_where_the_table_says_or_is_refused(
    state: State | None, step: Step, leads_to: State | None
) -> None:
    """The whole table is written out here a second time, by hand."""
    if leads_to is None:
        with pytest.raises(IllegalStep):
            after(state, step)
    else:
        assert leads_to is after(state, step)


@given(legal_histories())
def test_a_history_folds_to_the_state_that_its_steps_reach_one_by_one(steps: list[Step]) -> None:
    """Folding a prefix and going on is folding the whole."""
    state = fold(steps[:1])
    for end in range(2, len(steps) + 1):
        state = after(state, steps[end - 1])
        assert fold(steps[:end]) is state


@given(legal_histories())
def test_a_case_is_never_closed_without_an_answer(steps: list[Step]) -> None:
    """Whatever happens on the way."""
    if fold(steps) is State.CLOSED:
        assert Step.ANSWERED in steps


@given(legal_histories(), st.lists(st.just(Step.REPORTER_MESSAGE), max_size=3))
def test_reporters_may_always_write_and_never_undo_an_answer(steps: list[Step], messages: list[Step]) -> None:
    """Closed is not deaf."""
    before = fold(steps)
    assert (fold(steps + messages) in OPEN) is (before in OPEN)


@given(legal_histories())
def test_a_later_report_always_finds_somebody_who_owes_it_an_answer(steps: list[Step]) -> None:
    """Answered and closed cases open again."""
    assert fold([*steps, Step.REPORT_LINKED]) in OPEN


def test_an_empty_history_has_no_state() -> None:
    """A case begins with a report."""
    with pytest.raises(IllegalStep):
        fold([])


@pytest.mark.parametrize(
    ("state", "step", "taken"),
    [
        (R, Step.OPENED, (Step.OPENED,)),
        (R, Step.ACCEPTED, (Step.OPENED, Step.ACCEPTED)),
        (R, Step.ANSWERED, (Step.OPENED, Step.ACCEPTED, Step.ANSWERED)),
        (T, Step.QUESTION, (Step.ACCEPTED, Step.QUESTION)),
        (W, Step.ANSWERED, (Step.ANSWERED,)),
        (A, Step.CLOSED, (Step.CLOSED,)),
    ],
)
def test_one_click_opens_and_accepts_a_case_on_the_way(state: State, step: Step, taken: tuple[Step, ...]) -> None:
    """The record still shows every state."""
    assert taken == way(state, step)


@pytest.mark.parametrize("state", [R, T, U, W])
def test_no_click_closes_a_case_that_was_not_answered(state: State) -> None:
    """Nothing is implied before closing."""
    with pytest.raises(IllegalStep):
        way(state, Step.CLOSED)


@pytest.mark.parametrize("state", list(State))
def test_what_is_offered_is_what_is_allowed(state: State) -> None:
    """No button that is refused, none missing."""
    for step in INSPECTOR_STEPS:
        if step in choices(state):
            assert step is way(state, step)[-1]
        else:
            with pytest.raises(IllegalStep):
                way(state, step)
