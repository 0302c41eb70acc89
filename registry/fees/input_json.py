"""Declared inputs from and to plain JSON: one entry of a fee's `inputs`, strictly read, canonically written."""

import re

from registry.fees import inputs as case
from registry.fees.inputs import KINDS, LARGEST, Choice, Input
from registry.fees.reading import MOST_DECIMALS, Members
from registry.fees.rule_json import Json
from registry.money import minor_text

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
NAME_SHAPE = "must be a lower-case name of letters, digits and underscores"
_CHOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", re.ASCII)

MOST_INPUTS, MOST_CHOICES = 8, 200


def read_inputs(members: Members, decimals: int) -> tuple[Input, ...]:
    """The `inputs` member of a fee in a currency of so many decimals, which money inputs have unless they say fewer."""
    inputs: list[Input] = []
    for path, item in members.items("inputs", MOST_INPUTS, required=False):
        declared = _input(Members(item, path, members.notes), decimals)
        if declared.name and declared.name in {other.name for other in inputs}:
            members.notes.add(f"{path}.name", "duplicate", "is the name of another input")
        inputs.append(declared)
    return tuple(inputs)


def input_to_json(declared: Input) -> Json:
    """A declared input as plain JSON, without what it does not have."""
    out: Json = {"name": declared.name, "label": dict(declared.label), "kind": declared.kind}
    if declared.unit is not None:
        out["unit"] = declared.unit
    if declared.kind in ("number", "money"):
        out["decimals"] = declared.decimals
    for name, bound in (("minimum", declared.minimum), ("maximum", declared.maximum)):
        if bound is not None:
            out[name] = case.show_one(declared, bound)
    if declared.choices:
        out["choices"] = [{"code": choice.code, "label": dict(choice.label)} for choice in declared.choices]
    return out


def _input(members: Members, currency_decimals: int) -> Input:
    name = members.pattern("name", NAME, NAME_SHAPE)
    label = members.languages("label", 200)
    kind = members.word("kind", KINDS)
    unit, decimals = None, 0
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[Choice, ...] = ()
    if kind in ("number", "money"):
        unit = members.optional_text("unit", 32)
        most = currency_decimals if kind == "money" else MOST_DECIMALS
        decimals = members.integer("decimals", 0, most, default=currency_decimals if kind == "money" else 0)
        minimum, maximum = _bound(members, "minimum", decimals), _bound(members, "maximum", decimals)
    elif kind == "date":
        minimum, maximum = _date_bound(members, "minimum"), _date_bound(members, "maximum")
    elif kind == "choice":
        choices = _choices(members)
    if minimum is not None and maximum is not None and maximum < minimum:
        members.note("maximum", "below_minimum", "must not be below the minimum")
    members.close()
    return Input(name, label, kind, unit, decimals, minimum, maximum, choices)


def _bound(members: Members, name: str, decimals: int) -> int | None:
    bound = members.optional_decimal(name, decimals=decimals)
    if bound is None:
        return None
    scaled = int(bound * 10**decimals)
    if scaled > LARGEST:
        members.note(name, "too_large", f"must be at most {minor_text(LARGEST, decimals)}")
    return scaled


def _date_bound(members: Members, name: str) -> int | None:
    bound = members.optional_day(name)
    return None if bound is None else case.day_number(bound)


def _choices(members: Members) -> tuple[Choice, ...]:
    choices: list[Choice] = []
    for path, item in members.items("choices", MOST_CHOICES):
        inner = Members(item, path, members.notes)
        code = inner.pattern("code", _CHOICE, "must be 1 to 32 letters, digits, full stops, hyphens and underscores")
        if code and code in {choice.code for choice in choices}:
            inner.note("code", "duplicate", "is the code of another choice")
        choices.append(Choice(code, inner.languages("label", 200)))
        inner.close()
    return tuple(choices)
