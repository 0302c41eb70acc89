"""The demonstration schedules are lawful schedules: they parse, agree with their own worked examples, and speak four languages."""

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from registry.fees.assessment import assess, check_examples, parse_inputs
from registry.fees.content import FeeContent, content_hash, parse_content, to_json

DATA = Path(__file__).parents[2] / "data"
SCHEDULES = ("xk-prishtina", "mk-mvr")
LANGUAGES = {"en", "sq", "mk", "sr"}
WORDS = {"name", "service", "description", "label", "names", "address"}


def read(name: str) -> dict[str, object]:
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def fees(name: str) -> list[dict[str, object]]:
    schedule = read(name)
    return [{"authority": schedule["authority"], **fee} for fee in schedule["fees"]]


ALL = [fee for name in SCHEDULES for fee in fees(name)]


def members(value: object, path: str = "") -> Iterator[tuple[str, str, object]]:
    """Every (path, member name, value) below a piece of JSON."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}", name, inner
            yield from members(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from members(inner, f"{path}[{i}]")


def each_fee() -> list[object]:
    return [pytest.param(fee, id=f"{fee['authority']}/{fee['code']}/{fee['valid_from']}") for fee in ALL]


@pytest.mark.parametrize("fee", each_fee())
def test_a_fee_parses_and_prints_back_unchanged(fee: dict[str, object]) -> None:
    content = parse_content(fee)

    assert parse_content(to_json(content)) == content
    assert content_hash(parse_content(to_json(content))) == content_hash(content)


@pytest.mark.parametrize("fee", each_fee())
def test_worked_examples_agree_with_the_rule(fee: dict[str, object]) -> None:
    assert check_examples(parse_content(fee)) == []


@pytest.mark.parametrize("fee", each_fee())
def test_a_fee_says_where_it_comes_from_and_that_it_is_a_demonstration(fee: dict[str, object]) -> None:
    basis = fee["legal_basis"]

    assert basis["uri"].startswith("https://")
    assert basis["uri"] in fee["reason"]
    assert fee["reason"].startswith("Demonstration: restates an undated public page")
    assert basis["citation"] != ""


@pytest.mark.parametrize("fee", each_fee())
def test_worked_examples_take_every_choice_and_both_sides_of_every_edge(fee: dict[str, object]) -> None:
    examples = [example["inputs"] for example in fee["worked_examples"]]
    for asked in fee["inputs"]:
        for choice in asked.get("choices", []):
            assert choice["code"] in {example[asked["name"]] for example in examples}
    for path, name, rule in members(fee["components"]):
        if name != "rule" or rule["type"] != "bands":
            continue
        step = Decimal(1).scaleb(-next(asked["decimals"] for asked in fee["inputs"] if asked["name"] == rule["of"]))
        tried = {Decimal(example[rule["of"]]) for example in examples}
        for edge in (Decimal(band["up_to"]) for band in rule["bands"] if band["up_to"] is not None):
            assert {edge, edge + step} <= tried, path


@pytest.mark.parametrize("name", [*SCHEDULES, "places"])
def test_every_text_is_there_in_four_languages(name: str) -> None:
    texts = [(path, value) for path, member, value in members(read(name)) if member in WORDS and isinstance(value, dict)]

    assert {path for path, member, _ in members(read(name)) if member in {"name", "names", "label"}} - {path for path, _ in texts} == {
        f".fees[{i}].inputs[{j}].name" for i, fee in enumerate(read(name).get("fees", [])) for j in range(len(fee["inputs"]))
    }
    for path, value in texts:
        assert set(value) == LANGUAGES, path
        assert all(text.strip() == text != "" for text in value.values()), path
        assert any("\u0400" <= letter <= "\u04ff" for letter in value["mk"]), path
        assert not any("\u0400" <= letter <= "\u04ff" for letter in value["en"] + value["sq"] + value["sr"]), path


def test_the_demonstration_is_rich_enough() -> None:
    kinds = {value for _, member, value in members([fee["components"] for fee in ALL]) if member == "type"}

    assert len({(fee["authority"], fee["code"]) for fee in ALL}) == 26
    assert kinds == {"flat", "free", "per_unit", "bands", "base_plus", "table", "actual_cost", "not_computable"}
    assert {fee["currency"] for fee in ALL} == {"EUR", "MKD"}


def test_versions_of_one_fee_follow_each_other_without_overlap() -> None:
    versions: dict[tuple[str, str], list[FeeContent]] = {}
    for fee in ALL:
        content = parse_content(fee)
        versions.setdefault((content.authority, content.code), []).append(content)

    assert {code for (_, code), contents in versions.items() if len(contents) > 1} == {"ID-CARD"}
    for contents in versions.values():
        for earlier, later in pairwise(contents):
            assert earlier.valid_to == later.valid_from


def test_the_identity_card_costs_what_either_page_says_in_its_time() -> None:
    cards = [parse_content(fee) for fee in fees("mk-mvr") if fee["code"] == "ID-CARD"]

    assert [(card.valid_from.isoformat(), assess(card, parse_inputs(card, {})).minor) for card in cards] == [
        ("2026-01-01", 190_00),
        ("2026-07-01", 310_00),
    ]


def test_codes_are_short_enough_for_the_smallest_code_on_paper() -> None:
    assert [fee["code"] for fee in ALL if len(fee["code"]) > 12 or len(fee["inputs"]) > 2] == []


def test_places_hold_three_offices_and_five_counters_that_belong_together() -> None:
    places = read("places")
    authorities = {place["id"]: place for place in places["authorities"]}
    offices = {place["id"]: place["authority"] for place in places["offices"]}
    numbers = [(offices[counter["office"]], counter["number"]) for counter in places["counters"]]

    assert (len(offices), len(places["counters"])) == (3, 5)
    assert len({counter["id"] for counter in places["counters"]}) == 5
    assert len(set(numbers)) == 5
    assert set(offices.values()) == set(SCHEDULES)
    assert {authorities[name]["supervised_by"] for name in SCHEDULES} == {"taksa-inspectorate"}
    assert authorities["taksa-inspectorate"]["supervised_by"] is None
    assert {(name, authorities[name]["currency"]) for name in SCHEDULES} == {(fee["authority"], fee["currency"]) for fee in ALL}
    assert [str(ZoneInfo(place["time_zone"])) for place in places["authorities"]] == ["Europe/Belgrade", "Europe/Belgrade", "Europe/Skopje"]
