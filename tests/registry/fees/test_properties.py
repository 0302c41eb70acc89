"""What holds of every fee: exactness, round trips, lines that add up, and monotone rules that are monotone."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from registry.fees.assessment import assess, trace
from registry.fees.content import FeeContent, content_hash, parse_content, to_json
from registry.fees.examples import edge_examples
from registry.fees.inputs import Values, bounds
from registry.fees.pricing import rounded
from registry.fees.rule import MODES, Mode
from tests.registry.fees.sample_fees import Json, bands, choice, component, concession, fee, flat, money, number, yes_no

pytestmark = pytest.mark.slow

INPUTS = [number("n", 2, maximum="5000"), money("claim", maximum="100000"), choice("zone", "a", "b"), yes_no("pensioner")]
RUN = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def decimals(most: int, places: int, least: int = 1) -> st.SearchStrategy[str]:
    """Decimal strings from least to most in steps of 10^-places, in canonical spelling or not."""
    return st.integers(least, most * 10**places).map(lambda scaled: f"{scaled // 10**places}.{scaled % 10**places:0{places}d}")


AMOUNTS = decimals(500, 2)
RATES = decimals(20, 4)
SIZES = st.sampled_from(["1", "0.5", "3", "7.25", "365"])
PARTS = st.sampled_from(["ceil", "prorate"])

LEAVES: st.SearchStrategy[Json] = st.one_of(
    AMOUNTS.map(flat),
    st.just({"type": "free"}),
    st.fixed_dictionaries(
        {"type": st.just("per_unit"), "rate": RATES, "of": st.sampled_from(["n", "claim"]), "unit_size": SIZES, "part": PARTS},
        optional={"included": decimals(10, 1), "minimum_units": decimals(5, 1)},
    ),
    st.fixed_dictionaries({"type": st.just("percent"), "rate": RATES, "of": st.just("claim")}),
    st.fixed_dictionaries(
        {
            "type": st.just("base_plus"),
            "base": AMOUNTS,
            "at": decimals(50, 2),
            "rate": RATES,
            "of": st.just("n"),
            "unit_size": SIZES,
            "part": PARTS,
        }
    ),
)


def rules(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Rules that rise, or stay, with each number, if those inside do."""
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({"type": st.sampled_from(["sum", "max_of", "min_of"]), "rules": some}),
        st.fixed_dictionaries({"type": st.just("clamp"), "rule": inner, "minimum": decimals(10, 2), "maximum": st.just("900")}),
        st.fixed_dictionaries({"type": st.just("times"), "rule": inner, "of": st.just("n"), "unit_size": SIZES, "part": PARTS}),
        st.fixed_dictionaries({"type": st.just("round"), "rule": inner, "increment": decimals(3, 2), "mode": st.sampled_from(MODES)}),
        st.lists(inner, min_size=2, max_size=2).map(lambda two: bands("claim", ("300", two[0]), (None, two[1]), scope="marginal")),
    )


def jumping(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Rules that may fall where a band or a row changes."""
    two = st.lists(inner, min_size=2, max_size=2)
    return st.one_of(
        rules(inner),
        two.map(lambda pair: bands("n", ("10.5", pair[0]), (None, pair[1]))),
        two.map(
            lambda pair: {"type": "table", "of": ["zone"], "rows": [{"when": [w], "rule": r} for w, r in zip("ab", pair, strict=True)]}
        ),
    )


RISING = st.recursive(LEAVES, rules, max_leaves=5)
ANY = st.recursive(LEAVES | st.just({"type": "actual_cost", "of": "claim"}), jumping, max_leaves=6)
ROUNDINGS = st.fixed_dictionaries(
    {
        "increment": st.sampled_from(["0.01", "0.05", "1", "10"]),
        "mode": st.sampled_from(MODES),
        "stage": st.sampled_from(["unit", "component", "total"]),
    }
)
EFFECTS: st.SearchStrategy[Json] = st.one_of(
    st.fixed_dictionaries({"type": st.just("percent"), "rate": decimals(99, 1)}),
    st.just({"type": "free"}),
    st.fixed_dictionaries({"type": st.just("replace"), "rule": LEAVES}),
)


@st.composite
def fees(draw: st.DrawFn, rule: st.SearchStrategy[Json] = ANY) -> FeeContent:
    """A fee with one to three components, perhaps a concession, any rounding."""
    components = [component(drawn) for drawn in draw(st.lists(rule, min_size=1, max_size=3))]
    concessions = [concession("pensioner", effect) for effect in draw(st.lists(EFFECTS, max_size=1))]
    return fee(inputs=INPUTS, components=components, concessions=concessions, rounding=draw(ROUNDINGS))


CASES = st.tuples(*(st.integers(*bounds(declared)) for declared in fee(inputs=INPUTS).inputs))


def of(rule: Json) -> FeeContent:
    return fee(rule, INPUTS)


@RUN
@given(fees())
def test_a_fee_that_is_written_is_read_again_the_same(content: FeeContent) -> None:
    again = parse_content(to_json(content))
    assert content == again
    assert content_hash(content) == content_hash(again)


@RUN
@given(fees(), CASES)
def test_lines_add_up_to_the_total_and_hold_nothing_but_ints(content: FeeContent, case: tuple[int, ...]) -> None:
    found = assess(content, Values(case))
    assert found.recorded_minor == sum(line.minor for line in found.lines)
    assert {int} == {type(line.minor) for line in found.lines} | {type(found.recorded_minor)}
    assert found.minor == (None if found.standing == "actual_cost" else found.recorded_minor)
    assert (found.standing == "free") == (found.minor == 0)
    assert all(not isinstance(value, float) for line in found.lines for value in structs.asdict(line).values())


@RUN
@given(fees(), CASES)
def test_a_trace_ends_at_the_amount_of_the_assessment(content: FeeContent, case: tuple[int, ...]) -> None:
    found, steps = assess(content, Values(case)), trace(content, Values(case))
    assert ("total", found.standing) == (steps[-1].path, steps[-1].text)
    assert found.recorded_minor == int(Fraction(steps[-1].value) * 100)


@RUN
@given(RISING, CASES, st.integers(0, 10**5), st.integers(0, 10**5))
def test_more_never_costs_less_where_the_rule_rises(rule: Json, case: tuple[int, ...], more: int, claim: int) -> None:
    content = of(rule)
    n = min(case[0] + more, 500_000)
    low = assess(content, Values(case)).minor
    high = assess(content, Values((n, min(case[1] + claim, 10_000_000), *case[2:]))).minor
    assert low is not None
    assert high is not None
    assert low <= high


@RUN
@given(st.lists(ANY, min_size=1, max_size=3), CASES)
def test_a_fee_is_the_sum_of_its_components(parts: list[Json], case: tuple[int, ...]) -> None:
    together = fee(inputs=INPUTS, components=[component(part) for part in parts])
    as_one_rule = of({"type": "sum", "rules": parts})
    assert assess(as_one_rule, Values(case)).recorded_minor == assess(together, Values(case)).recorded_minor
    by_component = fee(
        inputs=INPUTS,
        components=[component(part) for part in parts],
        rounding={"increment": "0.05", "mode": "half_up", "stage": "component"},
    )
    alone = [
        assess(fee(part, INPUTS, rounding={"increment": "0.05", "mode": "half_up", "stage": "component"}), Values(case)).recorded_minor
        for part in parts
    ]
    assert sum(minor or 0 for minor in alone) == assess(by_component, Values(case)).recorded_minor


@RUN
@given(st.lists(st.integers(0, 500_000), min_size=1, max_size=8, unique=True).map(sorted), st.booleans())
def test_every_edge_belongs_to_the_band_below_it(edges: list[int], is_open: bool) -> None:
    listed: list[tuple[str | None, Json]] = [(f"{edge // 100}.{edge % 100:02d}", flat(f"{i + 1}")) for i, edge in enumerate(edges)]
    last: list[tuple[str | None, Json]] = [(None, flat("99"))] if is_open else []
    content = of(bands("n", *listed, *last))
    for i, edge in enumerate(edges):
        assert (i + 1) * 100 == assess(content, Values((edge, 0, 0, 0))).minor
        if i + 1 < len(edges):
            assert (i + 2) * 100 == assess(content, Values((edge + 1, 0, 0, 0))).minor
        elif is_open:
            assert 9900 == assess(content, Values((edge + 1, 0, 0, 0))).minor


@RUN
@given(AMOUNTS, decimals(20, 2), CASES)
def test_marginal_bands_of_one_rate_are_that_rate(edge: str, rate: str, case: tuple[int, ...]) -> None:
    """Cutting a value into slices changes nothing where every slice costs the same."""
    percent: Json = {"type": "percent", "rate": rate, "of": "claim"}
    sliced = of(bands("claim", (edge, percent), ("600", percent), (None, percent), scope="marginal"))
    assert assess(of(percent), Values(case)).minor == assess(sliced, Values(case)).minor


@given(st.fractions(0, 10**6), st.fractions(Fraction(1, 1000), 1000), st.sampled_from(MODES))
def test_rounding_goes_to_the_nearest_multiple_its_mode_names(value: Fraction, increment: Fraction, mode: Mode) -> None:
    result = Fraction(rounded(value, increment, mode))
    assert 1 == (result / increment).denominator
    match mode:
        case "up":
            assert 0 <= result - value < increment
        case "down":
            assert 0 <= value - result < increment
        case _:
            assert abs(result - value) <= increment / 2
    assert result == rounded(result, increment, mode)


@RUN
@given(fees())
def test_every_edge_example_has_a_price(content: FeeContent) -> None:
    shown = edge_examples(content)
    assert shown
    assert len(shown) == len(set(shown))
    for values in shown:
        assess(content, values)
