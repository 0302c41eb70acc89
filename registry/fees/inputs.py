"""What a fee asks about a case: declared inputs, and the values given for them.

Inside, every value is one int, the same that a receipt's token holds (docs/receipt-format.md): numbers and money scaled by the
declared decimals, a choice by its index, yes and no as 1 and 0, a date as days since 1970-01-01.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from msgspec import Struct

from registry.errors import Finding, InputRefused
from registry.money import minor_text

Kind = Literal["number", "money", "choice", "yes_no", "date"]
KINDS: tuple[Kind, ...] = ("number", "money", "choice", "yes_no", "date")

LARGEST = 10**15
"""No value is larger than this once scaled, whatever its input declares."""

_EPOCH = date(1970, 1, 1).toordinal()
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to a choice: its code in data, its label for people."""

    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Input:
    """One declared input. `minimum` and `maximum` are inclusive, scaled as values are (dates: days since 1970-01-01)."""

    name: str
    label: Mapping[str, str]
    kind: Kind
    unit: str | None = None
    decimals: int = 0
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[Choice, ...] = ()


class Values(Struct, frozen=True):
    """The values of one case, in the order the fee declares its inputs. Made by `parse` and `unpack`, which check them."""

    ints: tuple[int, ...]


class _Refused(Exception):
    """Why one value is not good: a code and a sentence."""


def parse(inputs: Sequence[Input], data: Mapping[str, object], path: str = "inputs") -> Values:
    """Values from what an API caller sent: decimal strings, choice codes, true and false, YYYY-MM-DD.

    Every input must be given, save that a yes_no left out is no: a concession has to be claimed. Raises InputRefused with all findings.
    """
    findings = []
    ints = []
    for declared in inputs:
        given = data.get(declared.name)
        try:
            ints.append(_read(declared, given))
        except _Refused as refused:
            findings.append(Finding(f"{path}.{declared.name}", *refused.args))
    known = {declared.name for declared in inputs}
    for name in data:
        if name not in known:
            findings.append(Finding(f"{path}.{ascii(name)[1:-1][:40]}", "unknown_input", "is not an input of this fee"))
            if len(findings) >= 100:
                break
    if findings:
        raise InputRefused(findings)
    return Values(tuple(ints))


def unpack(inputs: Sequence[Input], ints: Sequence[int], path: str = "inputs") -> Values:
    """Values from the ints of a token. Raises InputRefused where they do not fit the declared inputs."""
    if len(ints) != len(inputs):
        raise InputRefused([Finding(path, "wrong_count", f"must be {len(inputs)} values")])
    findings = []
    for declared, value in zip(inputs, ints, strict=True):
        try:
            _check(declared, value)
        except _Refused as refused:
            findings.append(Finding(f"{path}.{declared.name}", *refused.args))
    if findings:
        raise InputRefused(findings)
    return Values(tuple(ints))


def show(inputs: Sequence[Input], values: Values) -> dict[str, str | bool]:
    """Values in the form that `parse` reads: {"area": "120.50", "zone": "a1", "pensioner": False, "built": "1999-05-01"}."""
    return {declared.name: show_one(declared, value) for declared, value in zip(inputs, values.ints, strict=True)}


def show_one(declared: Input, value: int) -> str | bool:
    """One value in the form that `parse` reads."""
    match declared.kind:
        case "number" | "money":
            return minor_text(value, declared.decimals)
        case "choice":
            return declared.choices[value].code
        case "yes_no":
            return bool(value)
        case "date":
            return date.fromordinal(_EPOCH + value).isoformat()


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def _read(declared: Input, given: object) -> int:
    if given is None:
        if declared.kind == "yes_no":
            return 0
        raise _Refused("missing_input", "must be given")
    match declared.kind:
        case "number" | "money":
            value = _scaled(declared, given)
        case "choice":
            if not isinstance(given, str):
                raise _Refused("wrong_type", "must be the code of a choice")
            for index, choice in enumerate(declared.choices):
                if choice.code == given:
                    return index
            raise _Refused("unknown_choice", f"must be one of {', '.join(choice.code for choice in declared.choices)}")
        case "yes_no":
            if not isinstance(given, bool):
                raise _Refused("wrong_type", "must be true or false")
            return int(given)
        case "date":
            value = _day(given)
    _check(declared, value)
    return value


def _scaled(declared: Input, given: object) -> int:
    if not isinstance(given, str):
        raise _Refused("wrong_type", "must be a decimal string")
    match = _NUMBER.fullmatch(given[:64])
    if match is None:
        raise _Refused("not_a_decimal", "must be a decimal string")
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if sign or len(given) > 40:
        raise _Refused("out_of_range", _range_text(declared))
    if len(fraction) > declared.decimals:
        raise _Refused(
            "too_many_decimals", f"must have at most {declared.decimals} decimals" if declared.decimals else "must be a whole number"
        )
    return int(whole + fraction.ljust(declared.decimals, "0"))


def _day(given: object) -> int:
    if not isinstance(given, str):
        raise _Refused("wrong_type", "must be a date as YYYY-MM-DD")
    if _DATE.fullmatch(given):
        try:
            return day_number(date.fromisoformat(given))
        except ValueError:
            pass
    raise _Refused("not_a_date", "must be a date as YYYY-MM-DD")


_FIRST_DAY, _LAST_DAY = day_number(date.min), day_number(date.max)


def bounds(declared: Input) -> tuple[int, int]:
    """The lowest and the highest int a value of the input can have."""
    match declared.kind:
        case "choice":
            return 0, len(declared.choices) - 1
        case "yes_no":
            return 0, 1
        case "date":
            least, most = _FIRST_DAY, _LAST_DAY
        case "number" | "money":
            least, most = 0, LARGEST
    return least if declared.minimum is None else declared.minimum, most if declared.maximum is None else declared.maximum


def _check(declared: Input, value: int) -> None:
    least, most = bounds(declared)
    if not least <= value <= most:
        raise _Refused("unknown_choice" if declared.kind == "choice" else "out_of_range", _range_text(declared))


def _range_text(declared: Input) -> str:
    least, most = bounds(declared)
    return f"must be from {show_one(declared, least)} to {show_one(declared, most)}"
