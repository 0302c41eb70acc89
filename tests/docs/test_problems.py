"""docs/problems.md: every refusal with its code, its status and what it means, and no other.

Prints the table when run: python -m tests.docs.test_problems
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

import service.cli.main  # noqa: F401 (with the command and the service, every refusal there is has been defined)
from registry.errors import RegistryRefusal
from service import problems
from service.app import create_app
from service.settings import Settings
from tests.docs.pages import backquoted, blocks, first_table, page, section

OURS = ("registry.", "verify.", "service.")


def refusals(kind: type[RegistryRefusal] = RegistryRefusal) -> Iterator[type[RegistryRefusal]]:
    """Every refusal below one; not those that tests define."""
    for each in kind.__subclasses__():
        if each.__module__.startswith(OURS):
            yield each
            yield from refusals(each)


def status_of(kind: type[RegistryRefusal]) -> int:
    return problems.status_of(kind.__new__(kind))


def meaning(kind: type[RegistryRefusal]) -> str:
    """The first paragraph of a refusal's own description."""
    return " ".join((kind.__doc__ or "").partition("\n\n")[0].split())


def table() -> list[list[str]]:
    """The rows that the page should have: by status, then by code. Bases that are never raised themselves are left out."""
    raised = [kind for kind in set(refusals()) if not (kind.__doc__ or "").startswith("Base of ")]
    ordered = sorted(raised, key=lambda kind: (status_of(kind), kind.code))
    return [[f"`{kind.code}`", str(status_of(kind)), meaning(kind)] for kind in ordered]


def test_every_refusal_is_on_the_page_with_its_status_and_meaning() -> None:
    assert table() == first_table(section(page("docs/problems.md"), "## Refusals"))[1:]


def test_every_refusal_has_a_status_and_a_code_of_its_own() -> None:
    codes = [row[0] for row in table()]
    assert sorted(set(codes)) == sorted(codes)
    assert [] == [kind.__name__ for kind in refusals() if status_of(kind) == problems.HIDDEN]


def test_what_the_framework_refuses_is_on_the_page() -> None:
    rows = first_table(section(page("docs/problems.md"), "## Before and beyond"))[1:]
    expected = {code: str(status) for status, code in problems.HTTP_CODES.items()}
    expected |= {"bad_request": "400", "busy": str(problems.BUSY), "internal": str(problems.HIDDEN)}
    del expected["too_many_requests"]
    assert expected == {backquoted(row[0])[0]: row[1] for row in rows}


@pytest.mark.anyio
async def test_the_example_is_what_the_service_answers(tmp_path: Path) -> None:
    (example,) = [block.text for block in blocks(page("docs/problems.md")) if block.label == "json"]
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/none.db", origin="https://taksa.example"))
    async with AsyncClient(transport=ASGITransport(app), base_url="https://taksa.example") as client:
        answer = await client.post("/api/v1/verify", json={"receipt": "1234"})
    assert "application/problem+json" == answer.headers["content-type"]
    assert json.loads(example) == answer.json()


if __name__ == "__main__":
    for row in table():
        sys.stdout.write("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n")
