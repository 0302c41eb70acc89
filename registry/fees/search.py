"""Finding a fee by what people type: any script, with or without marks, whole words or their beginnings. Pure.

Cyrillic is written in Latin first, then marks are dropped, so that all spellings of a word meet in one.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

import cyrtranslit

from registry.snapshot import AuthorityPart, PublishedVersion

LONGEST_QUESTION = 100

# One sound, several spellings: đ, dj, gj and ђ, ѓ; ć, kj and ћ, ќ.
_ALIKE = (("đ", "d"), ("ǵ", "d"), ("dj", "d"), ("gj", "d"), ("ḱ", "c"), ("kj", "c"))


def fold(text: str) -> str:
    """The letters that stay the same however the text is spelt: lower-case Latin without marks."""
    latin = cyrtranslit.to_latin(cyrtranslit.to_latin(text, "mk"), "sr").lower()
    for spelt, folded in _ALIKE:
        latin = latin.replace(spelt, folded)
    return "".join(letter for letter in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(letter))


@lru_cache(maxsize=65536)
def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text, folded. Kept, for the names of fees are folded at every question."""
    return tuple("".join(letter if letter.isalnum() else " " for letter in fold(text)).split())


def search(part: AuthorityPart, question: str, on: date, known_at: datetime) -> Sequence[PublishedVersion]:
    """The fees of an authority in force on a day that match, exact codes first, then codes that begin so; all of them for no words."""
    code = question.strip().upper()
    asked = folded_words(question[:LONGEST_QUESTION])
    in_force = [version for each in part.by_code if (version := part.in_force(each, on, known_at)) is not None]
    found = [version for version in in_force if matches(version, asked)]
    return sorted(found, key=lambda version: (version.code != code, not version.code.startswith(code), version.code))


def matches(version: PublishedVersion, asked: Sequence[str]) -> bool:
    """Whether every folded word asked for begins a word of the fee's code, names, service or description."""
    content = version.content
    known = folded_words(" ".join([version.code, *content.name.values(), *content.service.values(), *content.description.values()]))
    return all(any(word.startswith(each) for word in known) for each in asked)
