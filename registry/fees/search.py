"""Finding a fee by what people type: any script, with or without marks, whole words or their beginnings. Pure.

Cyrillic is written in Latin first, then marks are dropped, and đ, dj and ђ become one letter, so that all spellings meet.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

import cyrtranslit

from registry.snapshot import AuthorityPart, PublishedVersion

LONGEST_QUESTION = 100


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """The letters that stay the same however the text is spelt: lower-case Latin without marks."""
    latin = cyrtranslit.to_latin(cyrtranslit.to_latin(text, "mk"), "sr").lower()
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(letter))
    return bare.replace("đ", "d").replace("dj", "d").replace("gj", "d").replace("ß", "ss")


@lru_cache(maxsize=65536)
def _words(version_hash: str, *texts: str) -> tuple[str, ...]:
    del version_hash  # the key alone: one entry for each published content
    return tuple(fold(" ".join(texts)).replace("-", " ").replace(",", " ").replace("(", " ").split())


def search(part: AuthorityPart, question: str, on: date, known_at: datetime) -> Sequence[PublishedVersion]:
    """The fees of an authority in force on a day that have every word of `question`, or a word beginning with it; exact codes first."""
    asked = fold(question[:LONGEST_QUESTION]).replace("-", " ").split()
    code = question.strip().upper()
    found = []
    for each in part.by_code:
        version = part.in_force(each, on, known_at)
        if version is not None and matches(version, asked):
            found.append(version)
    return sorted(found, key=lambda version: (version.code != code, not version.code.startswith(code), version.code))


def matches(version: PublishedVersion, asked: Sequence[str]) -> bool:
    """Whether every folded word asked for begins a word of the fee's code, names, service or description."""
    content = version.content
    known = _words(version.content_hash, version.code, *content.name.values(), *content.service.values(), *content.description.values())
    return all(any(word.startswith(each) for word in known) for each in asked)
