"""A clerk's few keys to one fee: its number in the list, its code or the beginning of it, or letters of its name. Pure."""

from collections.abc import Sequence

from registry.fees import search
from registry.fees.search import folded_words
from registry.snapshot import PublishedVersion


def numbered(versions: Sequence[PublishedVersion]) -> list[tuple[int, PublishedVersion]]:
    """Fees in the order of their codes, each with its number; the same for every clerk and in every language."""
    return list(enumerate(sorted(versions, key=lambda version: version.code), start=1))


def matches(typed: str, fees: Sequence[tuple[int, PublishedVersion]]) -> list[tuple[int, PublishedVersion]]:
    """The fees that what was typed may mean: the one of that number or code, else those whose code begins so, else by name."""
    wanted = typed.strip()
    exact = [each for each in fees if wanted == str(each[0]) or wanted.upper() == each[1].code]
    if exact or not wanted:
        return exact
    beginning = [each for each in fees if each[1].code.startswith(wanted.upper())]
    if beginning:
        return beginning
    letters = folded_words(wanted)
    return [each for each in fees if search.matches(each[1], letters)]
