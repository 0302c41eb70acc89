"""An empty installation is founded, and works, by command line alone; nothing there is a way around four eyes."""

import json
import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry.fees.schedule import KNOWN_EVERYWHERE
from service.cli.founding import data_file
from tests.service.cli.conftest import Shell

pytestmark = pytest.mark.slow  # every command checks a password, which takes its time on purpose

TOWN = "xk-prishtina"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Prishtina as an administrator founds it, with one command after the other."""
    directory = tmp_path_factory.mktemp("installation")
    passphrase = directory / "passphrase"
    passphrase.write_text("a passphrase for tests\n")
    environ: Mapping[str, str] = {
        "TAKSA_DATABASE_URL": f"sqlite:///{directory / 'taksa.db'}",
        "TAKSA_ORIGIN": "https://fees.example",
        "TAKSA_PASSPHRASE_FILE": str(passphrase),
    }
    shell = Shell(environ, directory)
    shell.run("migrate")
    shell.run(
        "officer", "start", "--first", "ada", "S-1", "Ada A.", "--second", "bela", "S-2", "Bela B.",
        "--first-password-file", str(shell.password_file("ada")), "--second-password-file", str(shell.password_file("bela")),
    )  # fmt: skip
    (directory / "places.json").write_bytes(data_file("places.json"))
    shell.run("place", "import", str(directory / "places.json"), *shell.as_("ada"))
    for username, role in (("kiro", "clerk"), ("edita", "editor"), ("arta", "approver")):
        shell.run(
            "officer", "add", username, "--staff-number", f"S-{username}", "--name", username.title(),
            "--new-password-file", str(shell.password_file(username)), *shell.as_("ada"),
        )  # fmt: skip
        grant = shell.run("officer", "grant", username, role, "--authority", TOWN, *shell.as_("ada")).stdout.strip()
        shell.run("officer", "approve", grant, "--yes", *shell.as_("bela"))
    for words in ((TOWN,), ("--note",)):
        kid = shell.run("keys", "new", *words, *shell.as_("ada")).stdout.strip()
        if words == (TOWN,):
            shell.run("keys", "certify", kid, *shell.as_("ada"))
            assert "in force" in shell.run("keys", "certify", kid, *shell.as_("bela")).output
    (directory / "schedule.json").write_bytes(data_file("xk-prishtina.json"))
    drafts = shell.run("schedule", "import", str(directory / "schedule.json"), *shell.as_("edita")).stdout.split()
    shell.run("schedule", "propose", *drafts, *shell.as_("edita"))
    shell.run("schedule", "approve", "--yes", *drafts, *shell.as_("arta"))
    # A fee counts once every process knows of it; receipts before that are none of its.
    time.sleep(KNOWN_EVERYWHERE.total_seconds() + 1)
    return shell


@pytest.fixture
def shell(founded: Shell, tmp_path: Path) -> Shell:
    """The founded installation, in a copy of the test's own."""
    database = founded.environ["TAKSA_DATABASE_URL"].removeprefix("sqlite:///")
    for ending in ("", "-wal"):
        if Path(database + ending).exists():
            shutil.copy(database + ending, tmp_path / f"taksa.db{ending}")
    return Shell({**founded.environ, "TAKSA_DATABASE_URL": f"sqlite:///{tmp_path / 'taksa.db'}"}, founded.directory, founded.passwords)


def issued(shell: Shell, fee: str, *more: str) -> dict[str, str]:
    """What issuing a receipt at the first counter prints."""
    told = shell.run("receipt", "issue", "--counter", "xk-prishtina-1", "--fee", fee, *more, *shell.as_("kiro")).stdout
    return dict(line.split(maxsplit=1) for line in told.splitlines())


def test_a_receipt_is_issued_verified_voided_and_verified_again(shell: Shell) -> None:
    receipt = issued(shell, "CIT-CERT", "--payment", "cash")
    assert ("1", "2.00 EUR") == (receipt["serial"], receipt["amount"])
    assert "state: match" in shell.run("verify", receipt["code"]).stdout

    slip = shell.run(
        "receipt", "void", receipt["number"], "--reason", "not_paid", "--note", "Forgot the purse.", *shell.as_("kiro")
    ).stdout  # fmt: skip

    assert "serial   2" in slip
    for asked in (receipt["code"], receipt["number"]):
        told = shell.run("verify", asked).stdout
        assert "state: voided" in told
        assert "not_paid" in told


def test_inputs_are_given_by_name_and_the_price_follows(shell: Shell) -> None:
    assert "20.00 EUR" == issued(shell, "ROAD-CAR", "--input", "engine_ccm=4000")["amount"]


def test_what_was_paid_is_compared(shell: Shell) -> None:
    told = shell.run("verify", issued(shell, "CIT-CERT")["code"], "--paid", "5.00", "--currency", "EUR").stdout

    assert "state: overcharged" in told
    assert "difference: 3.00 EUR" in told


def test_an_exported_schedule_imports_as_the_same_drafts_and_exports_the_same_again(shell: Shell, tmp_path: Path) -> None:
    exported = shell.run("schedule", "export", TOWN).stdout_bytes
    (tmp_path / "exported.json").write_bytes(exported)

    codes = [fee["code"] for fee in json.loads(exported)["fees"]]
    drafts = shell.run("schedule", "import", str(tmp_path / "exported.json"), *shell.as_("edita")).stdout.split()

    assert 13 == len(codes) == len(drafts)
    assert "13 fee versions" in shell.run("schedule", "check", str(tmp_path / "exported.json")).stdout
    assert exported == shell.run("schedule", "export", TOWN).stdout_bytes


def test_a_dry_run_writes_nothing(shell: Shell) -> None:
    done = shell.run("schedule", "import", "--dry-run", str(shell.directory / "schedule.json"), *shell.as_("edita"))

    assert "" == done.stdout
    assert "Nothing was written." in done.stderr


def test_a_bad_schedule_is_refused_with_the_path_of_every_finding(shell: Shell, tmp_path: Path) -> None:
    document = json.loads(data_file("xk-prishtina.json"))
    document["fees"][0]["components"][0]["rule"]["amount"] = "-2"
    document["fees"][1]["colour"] = "red"
    (tmp_path / "bad.json").write_text(json.dumps(document))

    for command in (("check",), ("import", *shell.as_("edita"))):
        told = shell.run("schedule", command[0], str(tmp_path / "bad.json"), *command[1:], code=1).stderr
        assert told.startswith("taksa: malformed_schedule")
        assert "fees[0].components[0].rule.amount" in told
        assert "fees[1].colour" in told


def test_worked_examples_that_disagree_are_found_without_a_registry(tmp_path: Path) -> None:
    document = json.loads(data_file("xk-prishtina.json"))
    document["fees"][0]["worked_examples"][0]["amount"] = "3.00"
    (tmp_path / "wrong.json").write_text(json.dumps(document))

    told = Shell({}, tmp_path).run("schedule", "check", str(tmp_path / "wrong.json"), code=1)

    assert "fees[0].worked_examples[0].amount" in told.stderr


def test_an_editor_cannot_publish_what_they_drafted(shell: Shell, tmp_path: Path) -> None:
    """Not even as an approver: two administrators may give one person both roles, the database still knows the person."""
    grant = shell.run("officer", "grant", "edita", "approver", "--authority", TOWN, *shell.as_("ada")).stdout.strip()
    shell.run("officer", "approve", grant, "--yes", *shell.as_("bela"))
    document = json.loads(data_file("xk-prishtina.json"))
    document["fees"] = [{**document["fees"][0], "code": "NEW-FEE"}]
    (tmp_path / "one.json").write_text(json.dumps(document))
    draft = shell.run("schedule", "import", str(tmp_path / "one.json"), *shell.as_("edita")).stdout.strip()
    shell.run("schedule", "propose", draft, *shell.as_("edita"))

    assert "taksa: same_person" in shell.run("schedule", "approve", "--yes", draft, *shell.as_("edita"), code=1).stderr


def test_one_administrator_can_neither_grant_nor_certify_alone(shell: Shell) -> None:
    grant = shell.run("officer", "grant", "kiro", "editor", *shell.as_("ada")).stdout.strip()
    kid = shell.run("keys", "rotate", TOWN, *shell.as_("ada")).stdout.strip()
    shell.run("keys", "certify", kid, *shell.as_("ada"))

    assert "taksa: same_person" in shell.run("officer", "approve", grant, "--yes", *shell.as_("ada"), code=1).stderr
    assert "taksa: same_person" in shell.run("keys", "certify", kid, *shell.as_("ada"), code=1).stderr


def test_a_rotated_key_signs_and_what_the_old_one_signed_stays_good(shell: Shell) -> None:
    old = issued(shell, "CIT-CERT")["code"]
    kid = shell.run("keys", "rotate", TOWN, *shell.as_("bela")).stdout.strip()
    for administrator in ("ada", "bela"):
        shell.run("keys", "certify", kid, *shell.as_(administrator))

    listed = shell.run("keys", "list", TOWN).stdout

    assert kid in listed
    assert 3 == len(listed.splitlines())
    assert "state: match" in shell.run("verify", old).stdout


def test_a_revoked_key_signs_nothing_more(shell: Shell) -> None:
    kid = shell.run("keys", "list", TOWN).stdout.split()[0]

    shell.run("keys", "revoke", kid, "--reason", "lost", *shell.as_("ada"))

    assert "revoked" in shell.run("keys", "list").stdout
    refused = shell.run("receipt", "issue", "--counter", "xk-prishtina-1", "--fee", "CIT-CERT", *shell.as_("kiro"), code=1)
    assert "taksa: no_signing_key" in refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("officer", "add", "eve", "--staff-number", "S-9", "--name", "Eve", "--new-password-file", "PASSWORD"),
        ("officer", "grant", "kiro", "administrator"),
        ("keys", "new", TOWN),
        ("keys", "revoke", "0011223344556677", "--reason", "spite"),
        ("place", "import", "PLACES"),
    ],
)
def test_a_clerk_may_do_nothing_of_an_administrators(shell: Shell, words: tuple[str, ...]) -> None:
    files = {"PASSWORD": str(shell.password_file("eve")), "PLACES": str(shell.directory / "places.json")}

    refused = shell.run(*(files.get(word, word) for word in words), *shell.as_("kiro"), code=1)

    assert refused.stderr.startswith("taksa: not_allowed")


def test_a_wrong_password_opens_nothing_and_soon_has_to_wait(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("not the password\n")
    attempt = ("officer", "token", "clerk", "--as", "kiro", "--password-file", str(tmp_path / "wrong"))

    codes = [re.match(r"taksa: (\w+)", shell.run(*attempt, code=1).stderr)[1] for _ in range(7)]

    assert ["sign_in_refused"] * 6 + ["sign_in_throttled"] == codes


def test_passwords_are_asked_for_and_short_ones_refused(shell: Shell) -> None:
    token = shell.run("officer", "token", "clerk", "--as", "kiro", answer="correct horse battery staple\n")
    refused = shell.run(
        "officer", "add", "eve", "--staff-number", "S-9", "--name", "Eve", *shell.as_("ada"), answer="short\nshort\n", code=1
    )  # fmt: skip

    assert token.stdout.strip().startswith("taksa_")
    assert "at least 12 characters" in refused.stderr


def test_a_second_start_of_officers_is_refused(shell: Shell) -> None:
    again = shell.run(
        "officer", "start", "--first", "eve", "S-8", "Eve", "--second", "mal", "S-9", "Mal",
        "--first-password-file", str(shell.password_file("eve")), "--second-password-file", str(shell.password_file("mal")), code=1,
    )  # fmt: skip

    assert again.stderr.startswith("taksa: already_started")


def test_places_that_are_open_stay_as_they_are(shell: Shell) -> None:
    assert "0 opened." in shell.run("place", "import", str(shell.directory / "places.json"), *shell.as_("ada")).stdout
