"""Amounts and numbers as people type them: `1.250,00`, `1,250.00`, `1 250`, `150`, `150 ден.`"""

import re

from registry.errors import MalformedAmount
from registry.money import Money, exponent

_SPACES = {ord(space): None for space in " \t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'’"}
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*", re.ASCII)
_CURRENCY_BEFORE = re.compile(r"^[^\W\d_]{1,4}(?=[0-9])")
_CURRENCY_AFTER = re.compile(r"(?<=[0-9])[^\W\d_]{1,5}\.?$")
_LONGEST = 40


def typed_amount(text: str, currency: str) -> Money:
    """The amount a person means, in the currency they were asked for. Raises MalformedAmount.

    Whatever letters stand beside the number are taken for the name of that currency: the form says which it is.
    """
    bare = text.translate(_SPACES).strip("€£$")
    bare = _CURRENCY_AFTER.sub("", _CURRENCY_BEFORE.sub("", bare))
    return Money.parse(typed_decimal(bare, exponent(currency)), currency)


def typed_decimal(text: str, decimals: int) -> str:
    """The number a person means, as a plain decimal string. Raises MalformedAmount.

    Point and comma both serve, before decimals or between thousands, as in the person's own country. A lone sign before
    exactly three digits separates thousands unless three decimals are in use: at a counter `1.250` is not one and a quarter.
    """
    digits = text.translate(_SPACES)
    if len(digits) > _LONGEST or not _NUMBER.fullmatch(digits):
        raise MalformedAmount(text[:_LONGEST])
    signs = [sign for sign in digits if sign in ".,"]
    whole, part = digits, ""
    if signs and _before_decimals(digits, signs, decimals):
        whole, _, part = digits.rpartition(signs[-1])
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        raise MalformedAmount(text[:_LONGEST])
    return "".join(groups) + (f".{part}" if part else "")


def _before_decimals(digits: str, signs: list[str], decimals: int) -> bool:
    """Whether the last sign of a number stands before decimals and not between thousands."""
    if signs.count(signs[-1]) > 1:
        return False
    if len(set(signs)) == 2:
        return True
    return len(digits) - digits.rindex(signs[-1]) - 1 != 3 or decimals >= 3
