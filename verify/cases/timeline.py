"""What one reporter may know of a case that others may have reported too. Pure.

Later reports on a receipt join the case that is there, and none of their writers may learn of the others: the next to
report may be the clerk, who wants to know whether anybody did before. So each reporter is shown the case as if it had
begun with their own report: received on their day, then what inspectors did since, up to the answer they were given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from verify.cases.workflow import INSPECTOR_STEPS, State, Step, after, way


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, as far as a timeline needs it. `report` is whose it is, or the only one it is for."""

    seq: int
    step: Step
    on: date
    report: str | None


@dataclass(frozen=True, slots=True)
class View:
    """The states one reporter saw, each with its day, and the events (by seq) whose words are theirs to read."""

    states: tuple[tuple[date, State], ...]
    heard: tuple[int, ...]

    @property
    def state(self) -> State:
        """Where the case stands for this reporter."""
        return self.states[-1][1]


def seen_by(report: str, events: Iterable[Happened]) -> View:
    """The case of these events, first to last, as the writer of `report` sees it."""
    states: list[tuple[date, State]] = []
    heard: list[int] = []
    over = False
    for event in events:
        if event.step in (Step.RECEIVED, Step.REPORT_LINKED):
            if event.report == report:
                states = [(event.on, State.RECEIVED)]
            elif states:
                # Somebody else's report; if it opens an answered case again, what follows is theirs alone.
                over = over or states[-1][1] in (State.ANSWERED, State.CLOSED)
            continue
        if not states:
            continue
        for_all = event.report is None and event.step in INSPECTOR_STEPS and not over
        if not for_all and event.report != report:
            continue
        heard.append(event.seq)
        shown = states[-1][1]
        # The case may be further on than this reporter knows; they are shown every state, as the first one was.
        for step in () if over else way(shown, event.step):
            before, shown = shown, after(shown, step)
            if shown is not before:
                states.append((event.on, shown))
    return View(tuple(states), tuple(heard))
