"""Who acts: a command that changes something is taken by an officer, who proves it. The command line is no way around four eyes.

Passwords are asked for or read from a file; never an argument, which every other user of the machine could read.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click

from registry import credentials
from registry.errors import NotAllowed
from registry.grants import Power, Role, allows
from registry.officers import Officer
from service.db import Database

SHORTEST_PASSWORD = 12

Command = TypeVar("Command", bound=Callable[..., object])

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def acting(command: Command) -> Command:
    """The options of a command that an officer takes: `username` and `password_file`."""
    for option in (
        click.option("--password-file", type=FILE, help="Read the password from this file instead of asking."),
        click.option("--as", "username", required=True, metavar="USERNAME", help="The officer who does this."),
    ):
        command = option(command)
    return command


def password_of(username: str, file: Path | None) -> str:
    """The password of an account that exists."""
    return _first_line(file) if file is not None else str(click.prompt(f"Password of {username}", hide_input=True, err=True))


def new_password(username: str, file: Path | None) -> str:
    """A password for a new account, long enough to be one."""
    if file is not None:
        password = _first_line(file)
    else:
        password = str(click.prompt(f"New password for {username}", hide_input=True, confirmation_prompt=True, err=True))
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"a password needs at least {SHORTEST_PASSWORD} characters")
    return password


def _first_line(file: Path) -> str:
    return file.read_text("utf-8").partition("\n")[0].rstrip("\r")


async def authenticate(database: Database, username: str, password: str, now: datetime) -> Officer:
    """The officer, held to the same limits as at the sign-in page. Raises SignInRefused, SignInThrottled."""
    async with database.write() as session:
        # Counted in a transaction of its own, for the refusal must not undo it.
        await credentials.count_attempt(session, username, now)
    async with database.read() as session:
        officer = await credentials.check_password(session, username, password)
    async with database.write() as session:
        await credentials.forget_failures(session, username)
    return officer


def require_administrator(held: tuple[Power, ...], what: str) -> None:
    """Raises NotAllowed unless an administrator's right is among them."""
    if not allows(held, Role.ADMINISTRATOR):
        raise NotAllowed(f"only an administrator {what}", role=Role.ADMINISTRATOR)
