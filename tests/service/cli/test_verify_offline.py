"""A receipt is verified without us: from files saved once, the note's key pinned, no registry anywhere."""

import asyncio
from pathlib import Path

import pytest

from service.cli.opened import connected
from service.clock import SystemClock
from service.published import Published
from service.settings import Settings
from tests.service.cli.conftest import Demo, Shell

OFFLINE = {
    # Without the register nobody can tell that it lacks a receipt; a void is public.
    "match": "match",
    "unrecorded": "match",
    "voided": "voided",
    "overcharged": "overcharged",
    "undercharged": "undercharged",
    "key_revoked": "key_revoked",
    "unknown_key": "unknown_key",
    "not_genuine": "not_genuine",
    "training": "training",
    "not_a_receipt": "not_a_receipt",
    "not_verifiable": "not_verifiable",
    "unpublished_fee": "unpublished_fee",
}


@pytest.fixture(scope="module")
def saved(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's snapshot, as anybody would save it from /snapshot/."""
    directory = tmp_path_factory.mktemp("snapshot")
    snapshot = asyncio.run(_snapshot(demo.settings))
    for path, data in {"index": snapshot.index, "note": snapshot.note.encode(), **snapshot.files}.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
    return directory


async def _snapshot(settings: Settings):
    async with connected(settings) as database:
        published = Published(database, settings, SystemClock(), settings.passphrase())
        await published.refresh()
        return published.signed


@pytest.fixture(scope="module")
def vkey(demo: Demo, saved: Path) -> str:
    return next(line.split()[1] for line in demo.shell.run("keys", "list").stdout.splitlines() if line.startswith("note"))


@pytest.fixture
def nowhere(tmp_path: Path) -> Shell:
    """A shell on a machine that has never heard of a registry."""
    return Shell({}, tmp_path)


@pytest.mark.parametrize("state", OFFLINE)
def test_a_saved_snapshot_is_enough(nowhere: Shell, demo: Demo, saved: Path, vkey: str, state: str) -> None:
    told = nowhere.run("verify", demo.sample(state), "--snapshot", str(saved), "--vkey", vkey).stdout.splitlines()

    assert f"state: {OFFLINE[state]}" in told
    assert "note: signed by 127.0.0.1:8011/snapshot" in told


def test_what_was_paid_is_compared_offline_too(nowhere: Shell, demo: Demo, saved: Path) -> None:
    told = nowhere.run("verify", demo.sample("match"), "--snapshot", str(saved), "--paid", "3.00", "--currency", "EUR").stdout

    assert "state: overcharged" in told
    assert "difference: 1.00 EUR" in told


def test_a_note_that_was_not_checked_is_said_to_be_so(nowhere: Shell, demo: Demo, saved: Path) -> None:
    assert "note: NOT CHECKED" in nowhere.run("verify", demo.sample("match"), "--snapshot", str(saved)).stdout


def test_a_note_by_another_key_is_refused(nowhere: Shell, demo: Demo, saved: Path) -> None:
    # The vkey of the example in C2SP's signed-note.
    other = "example.com/foo+530d903b+ATpAxiMLUxX7K9mjhjVtq6h49lePC8Yb9YTSE3EHhxYj"
    refused = nowhere.run("verify", demo.sample("match"), "--snapshot", str(saved), "--vkey", other, code=1)

    assert refused.stderr.startswith("taksa: ")
    assert "Traceback" not in refused.output


def test_a_part_that_was_changed_is_refused(nowhere: Shell, demo: Demo, saved: Path, vkey: str, tmp_path: Path) -> None:
    """Ten euros for two: the fee's bytes no longer have the hash that the signed index names."""
    changed = tmp_path / "changed"
    for file in saved.rglob("*"):
        if file.is_file():
            (changed / file.relative_to(saved)).parent.mkdir(parents=True, exist_ok=True)
            (changed / file.relative_to(saved)).write_bytes(file.read_bytes().replace(b'"2.00"', b'"9.00"'))

    refused = nowhere.run("verify", demo.sample("match"), "--snapshot", str(changed), "--vkey", vkey, code=1)

    assert refused.stderr.startswith("taksa: malformed_snapshot")


def test_a_number_needs_the_register(nowhere: Shell, demo: Demo, saved: Path) -> None:
    assert "looked up in the register" in nowhere.run("verify", "0000000000000000", "--snapshot", str(saved), code=2).stderr


def test_the_register_is_asked_where_there_is_one(demo: Demo) -> None:
    assert "state: unrecorded" in demo.shell.run("verify", demo.sample("unrecorded")).stdout
    assert "state: unknown_number" in demo.shell.run("verify", demo.sample("unknown_number")).stdout
