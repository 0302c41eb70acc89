"""The command line, run in process on SQLite, and one demonstration that the tests share and do not change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli.demo import Demonstration, prepare
from service.cli.main import main
from service.settings import Settings

PASSWORD = "correct horse battery staple"
FOUNDED_AT = datetime.now(UTC)


@dataclass
class Shell:
    """A shell whose environment names one registry, with everybody's password in a file."""

    environ: Mapping[str, str]
    directory: Path
    passwords: dict[str, Path] = field(default_factory=dict)

    def run(self, *words: str, code: int = 0, answer: str | None = None) -> Result:
        """The command's result, having left with `code`."""
        result = CliRunner(env=self.environ).invoke(main, words, input=answer)
        assert code == result.exit_code, result.output
        return result

    def as_(self, username: str) -> tuple[str, ...]:
        """The options of a command that `username` runs."""
        return ("--as", username, "--password-file", str(self.password_file(username)))

    def password_file(self, username: str, password: str = PASSWORD) -> Path:
        if username not in self.passwords:
            self.passwords[username] = self.directory / f"password-of-{username}"
            self.passwords[username].write_text(f"{password}\n")
        return self.passwords[username]


@dataclass(frozen=True)
class Demo:
    """A prepared demonstration."""

    directory: Path
    settings: Settings
    facts: Demonstration
    shell: Shell

    def sample(self, state: str) -> str:
        """The code's text of the sample receipt in a state."""
        return next(sample.qr_text for sample in self.facts.sample_receipts if sample.state == state)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Founded once; only to be looked at."""
    directory = tmp_path_factory.mktemp("demo") / ".taksa"
    settings, facts = prepare(directory, 8011, FOUNDED_AT)
    environ = {
        "TAKSA_DATABASE_URL": settings.database_url,
        "TAKSA_ORIGIN": settings.origin,
        "TAKSA_PASSPHRASE_FILE": settings.passphrase_file,
        "TAKSA_DEMO": "1",
    }
    shell = Shell(environ, tmp_path_factory.mktemp("shell"))
    for account in facts.accounts:
        shell.password_file(account.username, account.password)
    return Demo(directory, settings, facts, shell)
