"""A clerk's few keys to one fee: its number in the list, its code or the beginning of it, or letters of its name. Pure."""

from collections.abc import Sequence

from registry.snapshot import PublishedVersion
from service.web.folding import folded


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
    letters = folded(wanted).split()
    return [each for each in fees if all(word in _searched(each[1]) for word in letters)]


def _searched(version: PublishedVersion) -> str:
    return folded(" ".join([version.code, *version.content.name.values()]))
