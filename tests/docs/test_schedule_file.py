"""docs/schedule-file.md: every example is read and priced as the page says; every rule, member, limit and finding is on it."""

import ast
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import get_args

import pytest

from registry.errors import InputRefused, MalformedSchedule
from registry.fees import reading
from registry.fees.assessment import assess, check_examples, parse_inputs
from registry.fees.content import MOST_COMPONENTS, MOST_CONCESSIONS, MOST_EXAMPLES, FeeContent, parse_content
from registry.fees.input_json import MOST_INPUTS
from registry.fees.inputs import KINDS, Input
from registry.fees.pricing import rounded
from registry.fees.rule import DEEPEST, DEEPEST_REFERENCE, MODES, MOST_NODES, MOST_REFERENCES, PARTS, SCOPES, STAGES, Rule
from registry.fees.rule_json import rule_to_json
from registry.fees.schedule_file import HEAD, LARGEST_FILE, read_schedule, write_schedule
from registry.money import exponent, minor_text
from tests.docs.pages import ROOT, Block, backquoted, blocks, first_table, page, section

PAGE = page("docs/schedule-file.md")
BLOCKS = blocks(PAGE)
TYPED = {"true": True, "false": False}


def only(label: str) -> Block:
    (found,) = [block for block in BLOCKS if block.label == label]
    return found


INPUTS = json.loads(only("json inputs").text)
RULES = [block for block in BLOCKS if block.label.startswith("json rule ")]


def used(data: object) -> set[str]:
    """The inputs that a rule names."""
    if isinstance(data, dict):
        of = data.get("of", [])
        return ({of} if isinstance(of, str) else set(of)).union(*(used(value) for value in data.values()))
    return set().union(*(used(item) for item in data)) if isinstance(data, list) else set()


def fee(rule: object, currency: str, names: set[str], **more: object) -> FeeContent:
    """A fee of one component."""
    return parse_content(
        {
            "authority": "xk-prishtina",
            "code": "EXAMPLE",
            "name": {"en": "Example"},
            "currency": currency,
            "inputs": [declared for declared in INPUTS if declared["name"] in names],
            "components": [{"kind": "fee", "label": {"en": "Fee"}, "rule": rule}],
            "legal_basis": {"citation": "Example"},
            "valid_from": "2026-01-01",
            "reason": "Example",
        }
        | more
    )


def named_fees() -> dict[tuple[str, int], FeeContent]:
    """The examples that carry a code, as first versions."""
    found = {}
    for block in RULES:
        _, _, currency, *code = block.label.split()
        if code:
            rule = json.loads(block.text)
            found[code[0], 1] = fee(rule, currency, used(rule), code=code[0])
    return found


def comes_to(content: FeeContent, given: dict[str, object]) -> str:
    """What a fee comes to, as the page writes it."""
    fees = named_fees()
    try:
        found = assess(content, parse_inputs(content, given), lambda code, number: fees.get((code, number)))
    except InputRefused as refused:
        return f"`{refused.findings[0].code}`"
    if found.standing == "free":
        return "free"
    return f"`{found.standing}`" if found.minor is None else minor_text(found.minor, exponent(content.currency))


def cases(table: list[list[str]]) -> Iterator[tuple[dict[str, object], str]]:
    """The rows of an example's table: the inputs given, and what it comes to."""
    head, *rows = table
    assert "comes to" == head[-1]
    assert rows
    for row in rows:
        yield {name: TYPED.get(value, value) for name, value in zip(head[:-1], row[:-1], strict=True)}, row[-1]


@pytest.mark.parametrize("block", RULES, ids=lambda block: json.loads(block.text)["type"])
def test_each_rule_comes_to_what_the_page_says(block: Block) -> None:
    rule = json.loads(block.text)
    currency = block.label.split()[2]
    for given, expected in cases(block.table):
        # A share of another fee names no input itself, but needs those of the other.
        assert expected == comes_to(fee(rule, currency, used(rule) | set(given)), given), given


def test_every_kind_of_rule_has_a_section_with_an_example_of_it() -> None:
    kinds = {kind_of(each) for each in get_args(Rule)}
    sections = set(re.findall(r"^### `(\w+)`$", PAGE, flags=re.MULTILINE))
    assert kinds == sections
    for kind in sorted(kinds):
        examples = [block for block in blocks(section(PAGE, f"### `{kind}`")) if block.label.startswith("json rule ")]
        assert examples, kind
        assert {kind} == {json.loads(block.text)["type"] for block in examples}


def kind_of(rule: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", rule.__name__).lower()


def test_every_member_of_a_rule_is_in_its_section() -> None:
    for block in RULES:
        rule = json.loads(block.text)
        content = fee(rule, block.label.split()[2], {declared["name"] for declared in INPUTS})
        said = section(PAGE, f"### `{rule['type']}`")
        for member in rule_to_json(content.components[0].rule, 2):
            assert member in said, (rule["type"], member)


def test_the_whole_file_is_read_agrees_with_its_examples_and_survives_writing() -> None:
    read = read_schedule(only("json file").text.encode())
    assert [] == [finding for content in read.fees for finding in check_examples(content)]
    assert read == read_schedule(write_schedule(read.authority, read.fees, read.source))


def test_the_whole_file_shows_every_member_and_the_tables_name_them() -> None:
    document = json.loads(only("json file").text)
    assert list(HEAD) == list(document)
    assert list(HEAD) == [backquoted(row[0])[0] for row in first_table(section(PAGE, "## A whole file"))[1:]]
    own = {name for name in FeeContent.__dataclass_fields__ if name not in ("authority", "compiled")}
    (entry,) = document["fees"]
    assert own == set(entry)
    assert own == {backquoted(row[0])[0] for row in first_table(section(PAGE, "## One fee version"))[1:]}
    inputs = first_table(section(PAGE, "## Inputs"))[1:]
    assert set(Input.__dataclass_fields__) == {name for row in inputs for name in backquoted(row[0])}


def test_concessions_come_to_what_the_page_says() -> None:
    block = only("json concessions EUR")
    content = fee({"type": "flat", "amount": "30.00"}, "EUR", set(), **json.loads(block.text))
    for given, expected in cases(block.table):
        assert expected == comes_to(content, given), given


def test_the_modes_of_rounding_are_as_in_the_table() -> None:
    head, *rows = first_table(section(PAGE, "## Rounding"))
    assert list(MODES) == [backquoted(row[0])[0] for row in rows]
    for mode, row in zip(MODES, rows, strict=True):
        assert row[1:] == [minor_text(int(rounded(Fraction(value) * 100, 1000, mode)), 2) for value in head[1:]]


def test_the_stages_of_rounding_are_as_in_the_table() -> None:
    rows = first_table(section(PAGE, "## Rounding").partition("It matters:")[2])[1:]
    assert list(STAGES) == [backquoted(row[0])[0] for row in rows]
    rule = {"type": "per_unit", "rate": "0.133", "of": "pieces"}
    for (stage,), amount in ((backquoted(row[0]), row[1]) for row in rows):
        content = fee(rule, "EUR", {"pieces"}, rounding={"increment": "0.01", "mode": "half_up", "stage": stage})
        assert amount == comes_to(content, {"pieces": "3"})


def test_what_is_wrong_is_said_as_on_the_page() -> None:
    with pytest.raises(MalformedSchedule) as refused:
        read_schedule(only("json broken").text.encode())
    findings = refused.value.params["findings"]
    assert isinstance(findings, list)
    assert only("findings").text.splitlines() == [str(finding) for finding in findings]


def test_every_code_of_a_finding_is_on_the_page() -> None:
    rows = first_table(section(PAGE, "## What is wrong, and where").partition("The codes,")[2])[1:]
    assert finding_codes() == {code for row in rows for code in backquoted(row[0])}


def finding_codes() -> set[str]:
    """The codes that the reading and pricing of fees give, as they stand in the source."""
    place = {"note": 1, "add": 1, "Finding": 1, "_Refused": 0}
    found: set[str] = set()
    for path in (ROOT / "registry" / "fees").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (at := place.get(called(node))) is not None and len(node.args) == at + 2:
                found |= {each.value for each in ast.walk(node.args[at]) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    # The kind of the input is what the one conditional code asks about.
    return found - {"choice"}


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@pytest.mark.parametrize("word", [*MODES, *PARTS, *SCOPES, *STAGES, *KINDS, *reading.LANGUAGES, "free", "percent", "replace"])
def test_every_word_that_may_stand_somewhere_is_on_the_page(word: str) -> None:
    assert f"`{word}`" in PAGE or f'"{word}"' in PAGE


def test_the_limits_are_those_of_the_code() -> None:
    assert (
        f"at most {MOST_INPUTS} inputs, {MOST_COMPONENTS} components, {MOST_CONCESSIONS} concessions and "
        f"{MOST_EXAMPLES} worked examples; at most {MOST_NODES} rules, all components and concessions together, at most "
        f"{DEEPEST} deep in one another; at most {MOST_REFERENCES} `percent_of_fee`, and fees refer to one another at most "
        f"{DEEPEST_REFERENCE} in a row."
    ) in " ".join(section(PAGE, "## Limits").split())
    assert f"at most {LARGEST_FILE // 1024 // 1024} MiB" in PAGE
