"""A verdict in words: every published vector, in every language."""

from datetime import datetime
from typing import Any

import pytest

from registry.money import Money
from registry.receipts.token import Kind
from service.web.citizen.verdict_view import LOOKS, WORTH_REPORTING, checks, headline, view
from service.web.language import LANGUAGES, words
from tests.verify.test_check import CASES, FACTS, VECTORS, entry_of, money_of
from verify.check import check
from verify.verdict import State, Verdict


def verdict_of(case: Any, **more: Any) -> Verdict:
    """What a check finds of a published vector."""
    asked = {"paid": money_of(case["paid"])} | more
    return check(
        case["receipt"],
        FACTS,
        VECTORS["origin"],
        datetime.fromisoformat(case["now"]),
        asked["paid"],
        case["inputs"],
        entry_of(case["entry"]),
    )


NOW = datetime.fromisoformat(next(iter(CASES.values()))["now"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_every_vector_can_be_told(name: str, language: str) -> None:
    case = CASES[name]
    verdict = verdict_of(case)
    shown = view(verdict, words(language), datetime.fromisoformat(case["now"]))
    told = [shown.headline, shown.explanation, shown.as_of, *shown.memory, *(flag.title for flag in shown.flags)]
    told += [text for fact in shown.facts for text in (fact.label, fact.text)]
    told += [step.text for step in checks(verdict.checks, words(language))]
    assert all(told)
    assert [] == [text for text in told if "%(" in text or text.startswith(("state.", "step.", "flag.", "advice.", "payment."))]
    assert len(verdict.checks) == shown.steps.count("<li class=")


def test_every_state_has_a_shape_and_a_colour_and_could_not_check_is_never_red() -> None:
    assert set(State) == set(LOOKS)
    assert ("cloud", "grey") == LOOKS[State.UNCHECKED]
    assert ("tick", "green") == LOOKS[State.MATCH]
    assert [State.MATCH] == [state for state, (_, tone) in LOOKS.items() if tone == "green"]
    assert WORTH_REPORTING >= {state for state, (_, tone) in LOOKS.items() if tone == "red"}


def test_shapes_tell_apart_what_colours_tell_apart() -> None:
    """In greyscale red, amber and blue are one: no shape is shared by a good and a bad answer."""
    by_shape: dict[str, set[str]] = {}
    for shape, tone in LOOKS.values():
        by_shape.setdefault(shape, set()).add(tone)
    assert {"tick": {"green"}, "seal": {"red"}, "link": {"red"}, "cloud": {"grey"}} == {
        shape: by_shape[shape] for shape in ("tick", "seal", "link", "cloud")
    }


def test_the_headline_of_an_overcharge_says_how_much_and_since_when_we_know() -> None:
    match = next(case for case in CASES.values() if case["state"] == "match" and case["paid"] is None)
    recorded = verdict_of(match).recorded
    assert recorded is not None
    paid = Money(recorded.minor + 150, recorded.currency)
    over = verdict_of(match, paid=paid)
    assert f"You were charged {words('en').money(150, recorded.currency)} more than the published fee" == headline(over, words("en"))
    assert "You paid the published fee" == headline(verdict_of(match, paid=recorded), words("en"))
    assert "This receipt shows the published fee" == headline(verdict_of(match), words("en"))


def test_the_money_question_is_asked_whenever_there_is_an_amount() -> None:
    for case in CASES.values():
        verdict = verdict_of(case)
        slip = verdict.receipt is not None and verdict.receipt.token.claims.kind == Kind.VOID_SLIP
        assert (verdict.recorded is not None and verdict.state is not State.TRAINING and not slip) == view(verdict, words("en"), NOW).asks


def test_a_receipt_known_by_its_number_does_not_show_what_it_was_computed_from() -> None:
    with_inputs = next(verdict for verdict in map(verdict_of, CASES.values()) if verdict.fee is not None and verdict.fee.inputs)
    shown, hidden = (view(with_inputs, words("en"), NOW, show_inputs=given) for given in (True, False))
    assert len(with_inputs.fee.inputs if with_inputs.fee else ()) == len(shown.facts) - len(hidden.facts)


def test_free_is_a_word_and_no_bare_nothing() -> None:
    free = [verdict for verdict in map(verdict_of, CASES.values()) if verdict.published is not None and verdict.published.minor == 0]
    assert ["Free"] * len(free) == [view(verdict, words("en"), NOW).amounts[0].text for verdict in free]
