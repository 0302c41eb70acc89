"""ARCHITECTURE.md and SECURITY.md: every module they name exists."""

import re

import pytest

from tests.docs.pages import ROOT, backquoted, page, prose

HOUSE = r"(?:registry|verify|service|migrations|tests|bench|data|docs)(?:/[\w.-]+)*/?"
PATH = re.compile(rf"{HOUSE}|[\w.-]+\.(?:py|md|toml|lock|json)|Makefile|LICENSE")


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "SECURITY.md", "README.md", "CHANGELOG.md"])
def test_every_file_a_page_names_exists(name: str) -> None:
    named = [each for each in backquoted(prose(page(name))) if PATH.fullmatch(each)]
    assert [] == [each for each in named if not (ROOT / each).exists()]


def test_the_map_of_the_house_names_modules() -> None:
    named = {each for each in backquoted(page("ARCHITECTURE.md")) if PATH.fullmatch(each) and each.endswith(".py")}
    assert len(named) > 20
