"""README.md: its settings, commands and addresses are those there are; its verifier verifies; its files exist."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import cbor2
import click
import pytest
from litestar import Litestar

from registry.grants import Role
from registry.receipts.token import qr_text
from service.app import create_app
from service.cli.main import main
from service.settings import PREFIX, Settings
from tests.docs.pages import ROOT, backquoted, blocks, first_table, page, prose, section
from tests.oracle.environment import PYTHON, verify_with_cwt
from tests.oracle.test_cwt import JWKS
from tests.vectors import make_receipts as made

README = page("README.md")
PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "SECURITY.md",
    "CHANGELOG.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]
READ = {name: page(name) for name in PAGES if (ROOT / name).exists()}


# settings


def test_every_setting_is_in_the_table_with_its_default_and_no_other() -> None:
    rows = {backquoted(row[0])[0]: row[1] for row in first_table(section(README, "## Settings"))[1:]}
    assert {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)} == set(rows)
    for field in fields(Settings):
        assert field.default is not MISSING
        said = rows[f"{PREFIX}{field.name.upper()}"]
        shown = {"": "none", False: "`0`"}.get(field.default, f"`{field.default}`")
        assert said.startswith(shown), field.name


def test_no_page_names_a_setting_that_is_not_there() -> None:
    known = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}
    # Patterns such as `TAKSA_*` end in an underscore.
    assert {} == {name: strange for name, text in READ.items() if (strange := set(re.findall(rf"{PREFIX}[A-Z][A-Z_]*", text)) - known)}


# commands


def leaves(command: click.Command, path: tuple[str, ...] = ("taksa",)) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with its words."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path, command


def usage(path: tuple[str, ...], command: click.Command) -> str:
    """The command as the table writes it: its words and its arguments."""
    context = click.Context(command)
    arguments = [
        "ROLE" if isinstance(each.type, click.Choice) else each.make_metavar(context)
        for each in command.params
        if isinstance(each, click.Argument)
    ]
    return " ".join([*path, *arguments])


def options(command: click.Command) -> set[str]:
    return {name for each in command.params if isinstance(each, click.Option) for name in each.opts if name.startswith("--")}


def test_every_command_and_option_is_in_the_table_and_no_other() -> None:
    rows = {backquoted(row[0])[0]: set(backquoted(row[1])) for row in first_table(section(README, "## Commands"))[1:]}
    assert {usage(path, command): options(command) for path, command in leaves(main)} == rows
    assert set(Role) <= set(backquoted(section(README, "## Commands")))


NOT_YET = {"taksa backup", "taksa restore"}
"""Commands that a page says there are none of."""


def shown_commands() -> Iterator[tuple[str, str]]:
    """Every `taksa` line in a block for a shell and every one in backquotes, with its page."""
    for name, text in READ.items():
        for block in blocks(text):
            for line in block.text.splitlines():
                command = line.removeprefix("$ ")
                if block.label in ("sh", "") and command.startswith("taksa "):
                    yield name, command
        yield from ((name, found) for found in backquoted(prose(text)) if found.startswith("taksa ") and found not in NOT_YET)


@pytest.mark.parametrize(("name", "line"), list(shown_commands()))
def test_every_command_shown_exists_with_its_options(name: str, line: str) -> None:
    known = {path[1:]: command for path, command in leaves(main)}
    words = shlex.split(line, comments=True)[1:]
    if words[0].startswith("--"):
        return
    command = known.get(tuple(words[:1])) or known[tuple(words[:2])]
    assert {word for word in words if word.startswith("--")} <= options(command)


@pytest.mark.parametrize("line", sorted(NOT_YET))
def test_what_is_said_not_to_be_there_is_not(line: str) -> None:
    assert tuple(line.split()[1:]) not in {path[1 : len(line.split())] for path, _ in leaves(main)}


# addresses


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    directory = tmp_path_factory.mktemp("app")
    return create_app(Settings(database_url=f"sqlite:///{directory}/none.db", origin="https://taksa.example"))


def plain(path: str) -> str:
    """An address with its variable parts alike: `/fees/{}/{}`."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def routes(app: Litestar) -> dict[str, set[str]]:
    """Every address of the service and its methods."""
    return {plain(route.path): set(getattr(route, "methods", ())) for route in app.routes}


def addresses(text: str) -> Iterator[tuple[str, str]]:
    """The addresses in backquotes, with their methods; a bare one is there to be opened."""
    for found in backquoted(prose(text)):
        method, _, path = found.rpartition(" ")
        if path.startswith("/") and method in ("", "GET", "POST") and not path.startswith(("/etc/", "/var/")):
            yield method or "GET", path


@pytest.mark.parametrize("name", READ)
def test_every_address_on_a_page_is_one_of_the_service(name: str, app: Litestar) -> None:
    known = routes(app)
    for method, path in addresses(READ[name]):
        if path in ("/R/", "/r/", "/snapshot/", "/snapshot") or (path.startswith("/snapshot/") and method == "GET"):
            continue
        exact, shape = path.partition("?")[0], plain(path.partition("?")[0])
        matching = [each for each in known if each == shape or re.fullmatch(re.escape(each).replace(r"\{\}", "[^/{}]+"), exact)]
        assert matching, (name, path)
        assert any(method in known[each] for each in matching), (name, method, path)


def test_the_readme_lists_every_address_but_those_of_forms(app: Litestar) -> None:
    listed = {plain(path) for _, path in addresses(section(README, "## Addresses"))}
    inner = {"/signout", "/follow/messages", "/counter/receipts/{}/void", "/schema", "/schema/{}"}
    assert set(routes(app)) - inner == listed


# verifying without us


def test_the_verifier_in_the_readme_reads_a_receipt_with_nothing_of_ours(tmp_path: Path) -> None:
    verify_with_cwt(JWKS, [])  # makes the environment in which nothing of ours is
    (script,) = [block.text for block in blocks(README) if block.label == "python"]
    (tmp_path / "verify.py").write_text(script)
    # The service's own key set says more of each key than it must.
    more = {"authority": "xk-prishtina", "nbf": 1767340800, "exp": 2082700800}
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [key | more for key in JWKS["keys"]]}))
    good, bad = (
        subprocess.run(
            [PYTHON, "-I", "verify.py", "jwks.json", qr_text("https://taksa.example", token)], cwd=tmp_path, capture_output=True, text=True
        )
        for token in (made.GOOD, made.flipped(made.GOOD, -1))
    )
    assert 0 == good.returncode, good.stderr
    assert b"0123456789" == cbor2.loads(bytes.fromhex(good.stdout))[7]
    assert 0 != bad.returncode
    assert "VerifyError" in bad.stderr


# links, and how the pages are written


@pytest.mark.parametrize("name", READ)
def test_every_link_between_pages_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(READ[name])):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        there = (ROOT / name).parent / path if path else ROOT / name
        assert there.exists(), (name, target)
        if anchor:
            headings = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), flags=re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, (name, target)
