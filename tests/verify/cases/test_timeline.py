"""What one reporter sees of a case that others reported too."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from verify.cases.timeline import Happened, View, seen_by
from verify.cases.workflow import INSPECTOR_STEPS, LAW, OPEN, State, Step, after, fold, way

DAY = date(2026, 3, 2)
MINE, THEIRS = "mine", "theirs"


def history(*steps: tuple[Step, str | None]) -> list[Happened]:
    """A history with a day between events."""
    return [Happened(i + 1, step, DAY + timedelta(days=i), report) for i, (step, report) in enumerate(steps)]


def states(view: View) -> list[State]:
    """Without the days."""
    return [state for _, state in view.states]


def test_the_only_reporter_sees_the_case_as_it_is() -> None:
    """Each state on the day it was reached."""
    view = seen_by(MINE, history((Step.RECEIVED, MINE), (Step.OPENED, None), (Step.ACCEPTED, None), (Step.QUESTION, None)))
    assert [
        (DAY, State.RECEIVED),
        (DAY + timedelta(days=1), State.IN_TRIAGE),
        (DAY + timedelta(days=2), State.UNDER_INVESTIGATION),
        (DAY + timedelta(days=3), State.AWAITING_REPORTER),
    ] == list(view.states)
    assert (2, 3, 4) == view.heard


def test_who_reports_second_sees_a_case_that_begins_with_them() -> None:
    """It may be the clerk, asking whether anybody reported before: the question and the state from before are not shown."""
    before = [(Step.RECEIVED, THEIRS), (Step.OPENED, None), (Step.ACCEPTED, None), (Step.QUESTION, None), (Step.REPORTER_MESSAGE, THEIRS)]
    view = seen_by(MINE, history(*before, (Step.REPORT_LINKED, MINE)))
    assert [(DAY + timedelta(days=5), State.RECEIVED)] == list(view.states)
    assert () == view.heard


def test_a_message_of_ones_own_does_not_betray_how_far_the_case_already_is() -> None:
    """Else one would only have to write to find out."""
    before = [(Step.RECEIVED, THEIRS), (Step.OPENED, None), (Step.ACCEPTED, None)]
    view = seen_by(MINE, history(*before, (Step.REPORT_LINKED, MINE), (Step.REPORTER_MESSAGE, MINE)))
    assert [State.RECEIVED] == states(view)
    assert (5,) == view.heard


def test_an_answer_shows_the_second_reporter_every_state_on_the_way() -> None:
    """As it would have, had theirs been the only report."""
    before = [(Step.RECEIVED, THEIRS), (Step.OPENED, None), (Step.ACCEPTED, None)]
    view = seen_by(MINE, history(*before, (Step.REPORT_LINKED, MINE), (Step.ANSWERED, None)))
    assert [State.RECEIVED, State.IN_TRIAGE, State.UNDER_INVESTIGATION, State.ANSWERED] == states(view)


def test_nobody_reads_what_another_reporter_wrote_or_was_asked() -> None:
    """Nor sees the case wait for somebody else."""
    events = history(
        (Step.RECEIVED, MINE), (Step.REPORT_LINKED, THEIRS), (Step.OPENED, None), (Step.ACCEPTED, None),
        (Step.QUESTION, THEIRS), (Step.REPORTER_MESSAGE, THEIRS), (Step.QUESTION, MINE),
    )  # fmt: skip
    view = seen_by(MINE, events)
    assert (3, 4, 7) == view.heard
    assert State.AWAITING_REPORTER is view.state


def test_who_was_answered_does_not_learn_that_somebody_reported_after_them() -> None:
    """The clerk who files "all fine" first would otherwise hear of the citizen who comes later."""
    answered = [(Step.RECEIVED, MINE), (Step.OPENED, None), (Step.ACCEPTED, None), (Step.ANSWERED, None), (Step.CLOSED, None)]
    again = [(Step.REPORT_LINKED, THEIRS), (Step.ACCEPTED, None), (Step.QUESTION, None), (Step.ANSWERED, None)]
    assert seen_by(MINE, history(*answered)) == seen_by(MINE, history(*answered, *again))
    assert [State.RECEIVED, State.IN_TRIAGE, State.UNDER_INVESTIGATION, State.AWAITING_REPORTER, State.ANSWERED] == states(
        seen_by(THEIRS, history(*answered, *again))
    )


def test_a_question_for_one_reporter_alone_is_heard_even_after_their_answer() -> None:
    """The inspector chose to ask; the state they were told stands."""
    answered = [(Step.RECEIVED, MINE), (Step.OPENED, None), (Step.ACCEPTED, None), (Step.ANSWERED, None)]
    again = [(Step.REPORT_LINKED, THEIRS), (Step.ACCEPTED, None), (Step.QUESTION, MINE), (Step.REPORTER_MESSAGE, MINE)]
    view = seen_by(MINE, history(*answered, *again))
    assert State.ANSWERED is view.state
    assert (2, 3, 4, 7, 8) == view.heard


@st.composite
def shared_histories(draw: st.DrawFn) -> list[Happened]:
    """Legal histories with up to three reporters, messages and addressed questions among them."""
    reporters = ["a"]
    steps: list[tuple[Step, str | None]] = [(Step.RECEIVED, "a")]
    state = State.RECEIVED
    for _ in range(draw(st.integers(0, 14))):
        step = draw(st.sampled_from([step for step in Step if state in LAW[step]]))
        if step is Step.REPORT_LINKED:
            if len(reporters) == 3:
                continue
            reporters.append("abc"[len(reporters)])
            report: str | None = reporters[-1]
        elif step is Step.REPORTER_MESSAGE:
            report = draw(st.sampled_from(reporters))
        else:
            report = draw(st.sampled_from([None, *reporters])) if step is Step.QUESTION else None
        state = after(state, step)
        steps.append((step, report))
    return history(*steps)


@given(shared_histories())
def test_every_view_is_a_case_that_could_have_been_theirs_alone(events: list[Happened]) -> None:
    """For all histories: each reporter is shown a legal case from received on, and hears only what is theirs or for all."""
    by_seq = {event.seq: event for event in events}
    for reporter in {event.report for event in events if event.step in (Step.RECEIVED, Step.REPORT_LINKED)}:
        assert reporter is not None
        view = seen_by(reporter, events)
        assert State.RECEIVED is states(view)[0]
        for before, shown in zip(states(view), states(view)[1:], strict=False):
            assert any(shown is row.get(before) for row in LAW.values())
        for seq in view.heard:
            assert by_seq[seq].report in (None, reporter)
            assert by_seq[seq].step in {*INSPECTOR_STEPS, Step.REPORTER_MESSAGE}


@given(shared_histories())
def test_the_others_make_no_difference_to_what_one_reporter_sees(events: list[Happened]) -> None:
    """Without the others' reports, messages and questions, the first reporter sees the same, up to their answer and its closing."""
    round_one: list[Happened] = []
    answered = False
    for event in events:
        if event.step is Step.REPORT_LINKED and answered:
            break
        answered = answered or event.step is Step.ANSWERED
        round_one.append(event)
    alone = [event for event in round_one if event.report in (None, "a")]
    assert seen_by("a", alone) == seen_by("a", round_one)


@given(shared_histories())
def test_whoever_still_waits_is_waited_for(events: list[Happened]) -> None:
    """No reporter is shown an open case when nobody works on it any more."""
    state = fold(event.step for event in events)
    for reporter in {event.report for event in events if event.step in (Step.RECEIVED, Step.REPORT_LINKED)}:
        assert reporter is not None
        shown = seen_by(reporter, events).state
        assert state in OPEN or shown not in OPEN


def test_the_way_from_any_state_shown_is_legal() -> None:
    """`way` fills in what a reporter has not seen; it must know every step an inspector can take later."""
    for step in (Step.QUESTION, Step.ANSWERED):
        for state in OPEN:
            assert step is way(state, step)[-1]
