"""What `taksa serve` refuses, and that the demonstration answers over HTTP."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.service.cli.conftest import Demo, Shell

COMMAND = (sys.executable, "-c", "from service.cli.main import main; main()")


@pytest.fixture
def shell(sqlite_template: Path, tmp_path: Path) -> Shell:
    """A migrated, empty registry."""
    shutil.copy(sqlite_template, tmp_path / "taksa.db")
    return Shell({"TAKSA_DATABASE_URL": f"sqlite:///{tmp_path / 'taksa.db'}", "TAKSA_ORIGIN": "https://fees.example"}, tmp_path)


def but(shell: Shell, **changed: str) -> Shell:
    return Shell({**shell.environ, **{f"TAKSA_{name.upper()}": value for name, value in changed.items()}}, shell.directory)


def test_a_demonstration_is_not_served_as_anything_else(demo: Demo, shell: Shell) -> None:
    refused = but(shell, database_url=demo.settings.database_url).run("serve", code=1)

    assert "this database is a demonstration" in refused.stderr


def test_the_demonstrations_own_setting_is_refused(shell: Shell) -> None:
    assert "TAKSA_DEMO" in but(shell, demo="1").run("serve", code=1).stderr


def test_a_setting_we_do_not_know_refuses_the_start(shell: Shell) -> None:
    """A misspelt name would otherwise be a setting that quietly does not hold."""
    refused = but(shell, databse_url="sqlite:///other.db", public="yes").run("serve", code=2)

    assert ["taksa: settings: TAKSA_DATABSE_URL is not a setting", "taksa: settings: TAKSA_PUBLIC must be 0 or 1"] == sorted(
        refused.stderr.splitlines()
    )


def test_a_database_that_is_not_migrated_is_refused(shell: Shell, tmp_path: Path) -> None:
    for command in ("serve", "verify 0000000000000000"):
        refused = but(shell, database_url=f"sqlite:///{tmp_path / 'new.db'}").run(*command.split(), code=1)
        assert "run `taksa migrate` first" in refused.stderr


def test_migrating_makes_it_fit_and_doing_it_twice_does_nothing(shell: Shell, tmp_path: Path) -> None:
    new = but(shell, database_url=f"sqlite:///{tmp_path / 'new.db'}")

    for _ in range(2):
        assert "newest schema" in new.run("migrate").stdout
    assert "taksa: malformed_number" in new.run("verify", "0000000000000001", code=1).stderr


def test_sqlite_is_served_by_one_process(shell: Shell) -> None:
    assert "SQLite is served by one process" in shell.run("serve", "--workers", "2", code=1).stderr


def test_a_database_that_is_away_is_one_line_and_no_trace(shell: Shell) -> None:
    refused = but(shell, database_url="postgresql://nobody@127.0.0.1:9/nothing").run("serve", code=1)

    assert refused.stderr.startswith("taksa: ")
    assert 1 == len(refused.stderr.splitlines())


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def started(tmp_path: Path, port: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`taksa demo` in a process of its own, answering."""
    command = [*COMMAND, "demo", "--port", str(port), "--dir", str(tmp_path / ".taksa")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    httpx.get(f"{address}/health/live")
                    break
                except httpx.TransportError:
                    assert process.poll() is None
                    time.sleep(0.1)
            yield address, process
        finally:
            process.terminate()


@pytest.mark.slow
def test_the_demonstration_answers_and_says_who_may_sign_in(started: tuple[str, subprocess.Popen[str]]) -> None:
    address, process = started

    told = "".join(process.stdout.readline() for _ in range(18))
    sample = re.search(rf"{address}/R/\S+", told, re.IGNORECASE)[0]
    verdict = httpx.post(f"{address}/api/v1/verify", json={"receipt": sample}).json()

    assert "arta" in told
    assert "match" == verdict["state"]
    assert 200 == httpx.get(sample.replace("HTTP://", "http://")).status_code
