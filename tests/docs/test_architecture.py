"""The pages about the house: every module they name exists; licence and version are said alike everywhere."""

import re
import tomllib

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


def test_licence_and_version_are_those_of_the_package() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    assert f"SPDX-License-Identifier: {project['license']}\n" in page("LICENSE")
    assert f"{project['version']}, the first version" in page("CHANGELOG.md")
