"""The money finding and what a verdict is made of."""

import json
from pathlib import Path

import pytest

from verify.verdict import State, StepName, money_finding

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "verdict_money.json").read_text(encoding="utf-8"))
WHY = {"no such fee in force then": State.UNPUBLISHED_FEE, "actual cost or not computable": State.NOT_VERIFIABLE, None: State.MATCH}


@pytest.mark.parametrize(
    "case", VECTORS["cases"], ids=lambda case: f"{case['published']}-{case['recorded']}-{case['paid']}-{case['state']}"
)
def test_every_ordering_of_the_three_amounts_has_its_state_and_difference(case: dict[str, object]) -> None:
    published, recorded, paid = case["published"], case["recorded"], case["paid"]
    assert published is None or isinstance(published, int)
    assert isinstance(recorded, int)
    assert paid is None or isinstance(paid, int)
    why = WHY[case.get("why")]  # type: ignore[index]  # a text of the file, or nothing
    assert (case["state"], case["difference"]) == money_finding(published, recorded, paid, why)


def test_the_vectors_hold_every_ordering_of_recorded_and_paid_around_the_published_amount() -> None:
    """Each side of each of the other two amounts, and equal; so that a rule that is wrong somewhere is wrong in a vector."""

    def order(a: int, b: int) -> int:
        return (a > b) - (a < b)

    found = {
        (order(case["recorded"], case["published"]), order(case["paid"], case["published"]), order(case["paid"], case["recorded"]))
        for case in VECTORS["cases"]
        if case["published"] is not None and case["paid"] is not None
    }
    possible = {(order(recorded, 5), order(paid, 5), order(paid, recorded)) for recorded in range(2, 9) for paid in range(2, 9)}
    assert possible == found


def test_free_compares_as_nothing_published() -> None:
    assert (State.OVERCHARGED, 500) == money_finding(0, 500, None, State.MATCH)
    assert (State.OVERCHARGED, 500) == money_finding(0, 0, 500, State.MATCH)
    assert (State.MATCH, 0) == money_finding(0, 0, 0, State.MATCH)


def test_states_stand_in_their_order_of_precedence() -> None:
    order = (
        "not_a_receipt unknown_key key_revoked not_genuine training unrecorded voided overcharged underrecorded undercharged "
        "unpublished_fee provisional overdue not_verifiable match unknown_number unchecked"
    )
    assert order.split() == list(State)


def test_names_of_steps_are_public_and_stable() -> None:
    order = (
        "format ours canonical key_known key_good signature kind not_future recorded not_void "
        "fee_in_force published_amount recorded_amount paid_amount"
    )
    assert order.split() == list(StepName)
