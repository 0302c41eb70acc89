"""The commands that the founding page shows exist, with those options; and every setting is in its table."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest

from registry.grants import Role
from service.cli.main import main
from service.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "founding.md").read_text("utf-8")
COMMANDS = re.findall(r"^taksa .*$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_on_the_page_is_one_we_have(line: str) -> None:
    """Parsed by the command's own parser, as a shell would hand it over; nothing is run."""
    words = shlex.split(line)[1:]
    # Files on the page are the reader's; here any file that exists stands for them.
    words = [str(Path(__file__)) if word.endswith(".json") else str(Path(__file__).parent) if word == "DIR" else word for word in words]
    context, command = click.Context(main), main
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(context, words)
        assert command is not None
        context = click.Context(command, info_name=name, parent=context)

    command.parse_args(context, words)


def test_the_page_shows_every_command_but_the_demonstrations() -> None:
    shown = [line.removeprefix("taksa ") for line in COMMANDS]
    unshown = {"demo", "schedule return"}

    for name, command in main.commands.items():
        for full in [f"{name} {inner}" for inner in command.commands] if isinstance(command, click.Group) else [name]:
            assert full in unshown or any(line.startswith(full) for line in shown), full


def test_every_setting_is_on_the_page() -> None:
    assert {f"TAKSA_{field.name.upper()}" for field in fields(Settings)} == set(re.findall(r"^\| `(TAKSA_\w+)`", PAGE, re.MULTILINE))


def test_roles_are_written_as_everywhere_else() -> None:
    """Enumerations would otherwise show their members' names, in capitals."""
    role = next(parameter for parameter in main.commands["officer"].commands["grant"].params if parameter.name == "role")

    assert tuple(Role) == tuple(role.type.choices)
