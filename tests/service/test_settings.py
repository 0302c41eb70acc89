"""Settings: read once, everything wrong said at once, and no name that we do not know."""

from dataclasses import fields
from pathlib import Path

import pytest

from service.settings import Settings, SettingsRefused, read_settings

GOOD = {"TAKSA_DATABASE_URL": "sqlite:///taksa.db", "TAKSA_ORIGIN": "https://fees.example"}


def test_what_is_given_is_what_is_read() -> None:
    given = GOOD | {"TAKSA_PUBLIC": "1", "TAKSA_POOL_SIZE": "3", "PATH": "/bin", "TAKS_A": "not ours"}
    assert Settings(database_url="sqlite:///taksa.db", origin="https://fees.example", public=True, pool_size=3) == read_settings(given)


def test_what_the_command_line_gives_stands_above_the_environment() -> None:
    assert "https://other.example" == read_settings(GOOD, origin="https://other.example").origin


def test_an_unknown_name_refuses_the_start() -> None:
    """A misspelt setting would otherwise be a default that nobody chose."""
    with pytest.raises(SettingsRefused, match="TAKSA_ORIGN is not a setting"):
        read_settings(GOOD | {"TAKSA_ORIGN": "https://fees.example"})


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(
            {
                "TAKSA_COLOUR": "red", "TAKSA_DATABASE_URL": "mysql://x", "TAKSA_ORIGIN": "http://fees.example", "TAKSA_PUBLIC": "yes",
                "TAKSA_POOL_SIZE": "0", "TAKSA_PASSPHRASE_FILE": "/no/such/file",
            }
        )  # fmt: skip
    for name in ("COLOUR", "DATABASE_URL", "ORIGIN", "PUBLIC", "POOL_SIZE", "PASSPHRASE_FILE"):
        assert f"TAKSA_{name}" in str(refused.value)


@pytest.mark.parametrize(
    "origin", ["", "fees.example", "http://fees.example", "https://fees.example/", "https://fees.example/x", "https://fees.example?x", "ftp://x"]
)  # fmt: skip
def test_an_origin_is_https_and_a_host_and_nothing_more(origin: str) -> None:
    with pytest.raises(SettingsRefused, match="TAKSA_ORIGIN"):
        read_settings(GOOD | {"TAKSA_ORIGIN": origin})


def test_the_demonstration_alone_may_do_without_https() -> None:
    assert "127.0.0.1:8000" == read_settings(GOOD, origin="http://127.0.0.1:8000", demo="1").host


@pytest.mark.parametrize("size", ["0", "-1", "201", "many", "1.5", "٣", "1" * 30])
def test_a_pool_has_one_to_two_hundred_connections(size: str) -> None:
    with pytest.raises(SettingsRefused, match="TAKSA_POOL_SIZE"):
        read_settings(GOOD | {"TAKSA_POOL_SIZE": size})


def test_a_public_process_reads_no_passphrase_even_when_one_is_named(tmp_path: Path) -> None:
    """The file may not even be there."""
    held = tmp_path / "passphrase"
    held.write_text("open sesame\n")
    assert b"open sesame" == read_settings(GOOD | {"TAKSA_PASSPHRASE_FILE": str(held)}).passphrase()
    public = read_settings(GOOD | {"TAKSA_PASSPHRASE_FILE": str(tmp_path / "nothing"), "TAKSA_PUBLIC": "1"})
    assert public.passphrase() is None


def test_settings_are_few_and_each_is_explained() -> None:
    for field in fields(Settings):
        assert f"{field.name}:" in str(Settings.__doc__)
