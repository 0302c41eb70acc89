"""Strict reading of plain JSON that notes everything wrong at once, each thing with its path.

After a finding a reader returns a stand-in of the right type, so that the rest is read too. A stand-in never gets out:
whoever starts a reading calls `Notes.settle` before using what was read, and that raises if anything was noted.
"""

import re
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import TypeVar

from registry.errors import Finding, MalformedFee
from registry.money import minor_text

Word = TypeVar("Word", bound=str)

LANGUAGES = ("en", "sq", "mk", "sr")
MOST_FINDINGS = 100
MOST_DECIMALS = 6

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# Control characters, halves of surrogate pairs, and the marks that turn a line around: text is shown to people and hashed.
_BAD_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Notes:
    """What was found wrong so far; at most a hundred, for a hostile file can hold any number."""

    __slots__ = ("findings",)

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, path: str, code: str, message: str) -> None:
        """Note one finding."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(path, code, message))

    def settle(self) -> None:
        """Raise MalformedFee with all findings, if there are any."""
        if self.findings:
            raise MalformedFee(self.findings)


def decimal(data: object, path: str, notes: Notes, *, positive: bool = False, decimals: int = MOST_DECIMALS) -> Fraction | None:
    """A number from a decimal string, not negative; None after a finding."""
    if not isinstance(data, str) or not _DECIMAL.fullmatch(data[:64]):
        notes.add(path, "not_a_decimal", "must be a decimal string")
        return None
    whole, _, fraction = data.partition(".")
    if len(whole) > 15:
        notes.add(path, "too_large", "must have at most 15 digits before the point")
        return None
    if len(fraction) > decimals:
        notes.add(path, "too_many_decimals", f"must have at most {decimals} decimals" if decimals else "must be a whole number")
        return None
    value = Fraction(int(whole + fraction), 10 ** len(fraction))
    if positive and not value:
        notes.add(path, "not_positive", "must be above 0")
        return None
    return value


def decimal_text(value: Fraction, least: int = 0) -> str:
    """The shortest decimal string of an exact decimal, with at least `least` decimals: (5/2, 2) is "2.50", (5/2, 0) is "2.5"."""
    for decimals in range(least, MOST_DECIMALS + 1):
        scaled = value * 10**decimals
        if scaled.denominator == 1:
            return minor_text(scaled.numerator, decimals)
    raise ValueError("more decimals than any number here can have")


def iso_date(data: object, path: str, notes: Notes) -> date | None:
    """A day from YYYY-MM-DD; None after a finding."""
    if isinstance(data, str) and _DATE.fullmatch(data):
        try:
            return date.fromisoformat(data)
        except ValueError:
            pass
    notes.add(path, "not_a_date", "must be a date as YYYY-MM-DD")
    return None


class Members:
    """The members of one JSON object, taken one by one by name. What is left at `close` is unknown and noted."""

    __slots__ = ("_broken", "_left", "notes", "path")

    def __init__(self, data: object, path: str, notes: Notes) -> None:
        self.path = path
        self.notes = notes
        self._broken = not isinstance(data, dict)
        self._left: dict[object, object] = dict(data) if isinstance(data, dict) else {}
        if self._broken:
            notes.add(path, "not_an_object", "must be an object")

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def note(self, name: str, code: str, message: str) -> None:
        """Note a finding about a member."""
        self.notes.add(self.at(name), code, message)

    def take(self, name: str, *, required: bool = True) -> object:
        """A member's raw value; null and absent are the same None, which is noted if the member is required."""
        value = self._left.pop(name, None)
        if value is None and required and not self._broken:
            self.note(name, "missing_member", "must be given")
        return value

    def close(self) -> None:
        """Note every member nobody took."""
        for name in self._left:
            shown = ascii(name)[1:-1][:40] if isinstance(name, str) else "?"
            self.note(shown, "unknown_member", "is not a member known here")

    def text(self, name: str, longest: int) -> str:
        """A required text, not blank."""
        value = self.take(name)
        return "" if value is None else _text(value, self.at(name), self.notes, longest)

    def optional_text(self, name: str, longest: int) -> str | None:
        """A text or None."""
        value = self.take(name, required=False)
        return None if value is None else _text(value, self.at(name), self.notes, longest)

    def pattern(self, name: str, pattern: re.Pattern[str], message: str) -> str:
        """A required text of one shape."""
        value = self.take(name)
        if value is not None and (not isinstance(value, str) or not pattern.fullmatch(value)):
            self.note(name, "wrong_shape", message)
        return value if isinstance(value, str) else ""

    def word(self, name: str, allowed: Sequence[Word], default: Word | None = None) -> Word:
        """One of the allowed words."""
        value = self.take(name, required=default is None)
        if value is None:
            return default if default is not None else allowed[0]
        for word in allowed:
            if value == word:
                return word
        self.note(name, "unknown_word", f"must be one of {', '.join(allowed)}")
        return allowed[0]

    def decimal(self, name: str, *, default: Fraction | None = None, positive: bool = False, decimals: int = MOST_DECIMALS) -> Fraction:
        """A number from a decimal string; zero after a finding."""
        value = self.take(name, required=default is None)
        if value is None:
            return Fraction(0) if default is None else default
        return decimal(value, self.at(name), self.notes, positive=positive, decimals=decimals) or Fraction(0)

    def optional_decimal(self, name: str, *, decimals: int = MOST_DECIMALS) -> Fraction | None:
        """A number from a decimal string, or None."""
        value = self.take(name, required=False)
        return None if value is None else decimal(value, self.at(name), self.notes, decimals=decimals)

    def integer(self, name: str, lowest: int, highest: int, default: int | None = None) -> int:
        """A JSON integer between two bounds: a count, never an amount."""
        value = self.take(name, required=default is None)
        if value is None:
            return lowest if default is None else default
        if isinstance(value, bool) or not isinstance(value, int):
            self.note(name, "not_an_integer", "must be a whole JSON number")
            return lowest
        if not lowest <= value <= highest:
            self.note(name, "out_of_range", f"must be from {lowest} to {highest}")
            return lowest
        return value

    def languages(self, name: str, longest: int, *, required: bool = True) -> dict[str, str]:
        """A text in at least one of our languages: {"en": "…", "sq": "…"}; empty where it may be left out and is."""
        value = self.take(name, required=required)
        if value is None:
            return {}
        inner = Members(value, self.at(name), self.notes)
        texts = {language: text for language in LANGUAGES if (text := inner.optional_text(language, longest)) is not None}
        if not texts and not inner._broken and not inner._left:
            self.note(name, "missing_language", f"must be given in at least one of {', '.join(LANGUAGES)}")
        inner.close()
        return texts

    def items(self, name: str, most: int, *, required: bool = True) -> list[tuple[str, object]]:
        """The items of a list, each with its path; not empty if required, and never more than `most`."""
        value = self.take(name, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(name, "not_a_list", "must be a list")
            return []
        if required and not value:
            self.note(name, "empty_list", "must not be empty")
        if len(value) > most:
            self.note(name, "too_many", f"must have at most {most} items")
        return [(f"{self.at(name)}[{i}]", item) for i, item in enumerate(value[:most])]

    def day(self, name: str) -> date:
        """A required day."""
        value = self.take(name)
        return (None if value is None else iso_date(value, self.at(name), self.notes)) or date.min

    def optional_day(self, name: str) -> date | None:
        """A day or None."""
        value = self.take(name, required=False)
        return None if value is None else iso_date(value, self.at(name), self.notes)


def _text(value: object, path: str, notes: Notes, longest: int) -> str:
    if not isinstance(value, str):
        notes.add(path, "not_a_text", "must be a text")
        return ""
    if not value.strip():
        notes.add(path, "empty_text", "must not be empty")
    elif len(value) > longest:
        notes.add(path, "too_long", f"must have at most {longest} characters")
    elif _BAD_TEXT.search(value):
        notes.add(path, "bad_characters", "must not hold control characters")
    return value
