"""The demonstration: what it promises, that every sample is what it says, and that a second start finds it as it was."""

import asyncio
import shutil
import stat
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import click
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from registry import credentials, grants
from registry.fees.content import to_json
from registry.grants import Role
from registry.installation import is_demonstration
from registry.snapshot import Facts
from service.cli.demo import prepare
from service.cli.opened import connected, published_facts
from service.settings import Settings
from tests.service.cli.conftest import FOUNDED_AT, Demo
from verify.looks import Looks
from verify.register import check_number, check_token, is_number, recorded
from verify.reports import follow
from verify.verdict import Verdict

Result = TypeVar("Result")

OFFERED = {
    "match", "overcharged", "undercharged", "unpublished_fee", "not_verifiable", "training", "voided", "unrecorded", "provisional",
    "overdue", "key_revoked", "unknown_key", "not_genuine", "not_a_receipt", "unknown_number",
}  # fmt: skip
RULES = {"flat", "free", "per_unit", "bands", "base_plus", "table", "actual_cost", "not_computable"}


def within(settings: Settings, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Do something in a transaction on the demonstration's database."""

    async def run() -> Result:
        async with connected(settings) as database, database.write() as session:
            return await work(session)

    return asyncio.run(run())


def facts_of(demo: Demo) -> Facts:
    return within(demo.settings, published_facts)


def verdict_on(settings: Settings, text: str, *, later: timedelta = timedelta()) -> Verdict:
    """What checking a sample says, some time after the founding."""
    now = FOUNDED_AT + later

    async def check(session: AsyncSession) -> Verdict:
        facts = await published_facts(session)
        if is_number(text):
            return await check_number(session, facts, Looks(), origin=settings.origin, number=text, now=now)

        async def ask(cti: bytes) -> object:
            return (await recorded(session, [cti])).get(cti)

        return await check_token(ask, facts, Looks(), origin=settings.origin, receipt=text, now=now)

    return within(settings, check)


def rule_types(value: object) -> set[str]:
    """Every rule kind in a fee's plain JSON."""
    if isinstance(value, dict):
        own = {value["type"]} if "type" in value else set()
        return own.union(*(rule_types(inner) for inner in value.values()))
    return set().union(*(rule_types(inner) for inner in value)) if isinstance(value, list | tuple) else set()


def test_two_authorities_publish_at_least_25_fees_of_at_least_7_rule_kinds(demo: Demo) -> None:
    """Counted as published, not as the files say."""
    versions = [version for part in facts_of(demo).parts.values() for version in part.versions]
    kinds = set().union(*(rule_types(to_json(version.content)["components"]) for version in versions))

    assert {"xk-prishtina": 13, "mk-mvr": 14} == Counter(version.content.authority for version in versions)
    assert len({(version.content.authority, version.code) for version in versions}) >= 25
    assert RULES == kinds & RULES


def test_there_are_three_offices_and_five_counters_to_issue_at(demo: Demo) -> None:
    """The hand-held device issues offline and is no counter to sit at, so it is not offered."""
    facts = facts_of(demo)

    assert 3 == sum(len(part.offices) for part in facts.parts.values())
    assert ["xk-prishtina-1", "xk-prishtina-2", "xk-prishtina-3", "mk-mvr-1", "mk-mvr-2"] == [each.id for each in demo.facts.counters]
    assert all(facts.counter_by_id(each.id)[0].id == each.authority for each in demo.facts.counters)


def test_there_is_an_officer_of_each_role_and_every_log_in_works(demo: Demo) -> None:
    assert set(Role) == {account.role for account in demo.facts.accounts}
    for account in demo.facts.accounts[:2]:
        officer = within(demo.settings, lambda session, a=account: credentials.check_password(session, a.username, a.password))
        assert account.username == officer.username
    for account in demo.facts.accounts:
        found = within(demo.settings, lambda session, a=account: credentials.token_officer(session, a.api_token, FOUNDED_AT))
        assert (account.username, account.role) == (found[0].username, found[1])


def test_the_first_clerk_works_at_the_first_counter(demo: Demo) -> None:
    clerk = next(account for account in demo.facts.accounts if account.role == "clerk")
    first = demo.facts.counters[0]

    async def powers(session: AsyncSession) -> tuple[grants.Power, ...]:
        return await grants.powers(session, await credentials.check_password(session, clerk.username, clerk.password), FOUNDED_AT)

    assert (first.authority, first.office) == (clerk.authority, clerk.office)
    assert grants.allows(
        within(demo.settings, powers), Role.CLERK, authority=first.authority, office=first.office, counter=first.id
    )  # fmt: skip


def test_every_account_is_of_another_person(demo: Demo) -> None:
    async def persons(session: AsyncSession) -> set[int]:
        found = [await credentials.token_officer(session, account.api_token, FOUNDED_AT) for account in demo.facts.accounts]
        return {officer.person_id for officer, _, _ in found}

    assert len(demo.facts.accounts) == len(within(demo.settings, persons))


@pytest.mark.parametrize("state", sorted(OFFERED))
def test_a_sample_receipt_is_found_in_the_state_it_stands_for(demo: Demo, state: str) -> None:
    assert state == verdict_on(demo.settings, demo.sample(state)).state


def test_there_is_one_sample_of_each_state_and_an_ordinary_receipt_comes_first(demo: Demo) -> None:
    assert Counter(OFFERED) == Counter(sample.state for sample in demo.facts.sample_receipts)
    assert "match" == demo.facts.sample_receipts[0].state


def test_demo_json_is_for_its_owner_alone(demo: Demo) -> None:
    for name in ("demo.json", "passphrase"):
        assert 0o600 == stat.S_IMODE((demo.directory / name).stat().st_mode)
    assert 0o700 == stat.S_IMODE(demo.directory.stat().st_mode)


def test_the_database_carries_the_mark_for_ever(demo: Demo) -> None:
    assert within(demo.settings, is_demonstration)


def test_follow_codes_lead_to_an_open_and_an_answered_case(demo: Demo) -> None:
    found = {each.state: within(demo.settings, lambda s, c=each.code: follow(s, c, FOUNDED_AT)) for each in demo.facts.follow_codes}

    assert {"answered", "received"} == set(found)
    for state, followed in found.items():
        assert state == followed.state
    assert "overcharge_confirmed_refund" == found["answered"].outcome


@pytest.fixture
def copy(demo: Demo, tmp_path: Path) -> Path:
    """The demonstration's directory, to start again in."""
    return Path(shutil.copytree(demo.directory, tmp_path / ".taksa"))


def test_a_second_start_finds_everything_as_it_was(demo: Demo, copy: Path) -> None:
    before = (copy / "demo.json").read_bytes()

    settings, again = prepare(copy, None, FOUNDED_AT + timedelta(minutes=5))

    assert demo.facts == again
    assert before == (copy / "demo.json").read_bytes()
    assert "http://127.0.0.1:8011" == settings.origin


def test_another_port_changes_the_codes_text_and_nothing_they_say(demo: Demo, copy: Path) -> None:
    settings, again = prepare(copy, 8012, FOUNDED_AT)

    assert demo.facts.accounts == again.accounts
    assert "http://127.0.0.1:8012" == again.base_url
    assert again.sample_receipts[0].qr_text.startswith("HTTP://127.0.0.1:8012/R/")
    for sample in again.sample_receipts:
        assert sample.state == verdict_on(settings, sample.qr_text).state


def test_a_start_days_later_has_a_provisional_receipt_that_still_is_one(demo: Demo, copy: Path) -> None:
    """An offline receipt is provisional for 48 hours only."""
    later = timedelta(days=4)
    assert "overdue" == verdict_on(demo.settings, demo.sample("provisional"), later=later).state

    settings, again = prepare(copy, None, FOUNDED_AT + later)

    changed = [
        sample for sample, before in zip(again.sample_receipts, demo.facts.sample_receipts, strict=True) if sample != before
    ]  # fmt: skip
    assert ["provisional"] == [sample.state for sample in changed]
    assert "provisional" == verdict_on(settings, changed[0].qr_text, later=later).state


def test_without_its_file_a_demonstration_says_so_and_changes_nothing(copy: Path) -> None:
    (copy / "demo.json").unlink()

    with pytest.raises(click.ClickException, match=r"demo\.json is gone"):
        prepare(copy, None, FOUNDED_AT)
    assert not (copy / "demo.json").exists()


def test_a_registry_that_is_no_demonstration_is_not_turned_into_one(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "taksa.db")

    async def open_authority(session: AsyncSession) -> None:
        from registry import places

        await places.open_authority(
            session, id="town", names={"en": "Town"}, time_zone="UTC", language="en", currency="EUR", supervised_by=None, now=FOUNDED_AT
        )

    within(Settings(database_url=f"sqlite:///{tmp_path / 'taksa.db'}"), open_authority)

    with pytest.raises(click.ClickException, match="no demonstration"):
        prepare(tmp_path, None, FOUNDED_AT)
    assert not (tmp_path / "demo.json").exists()


def test_demo_json_has_the_promised_members(demo: Demo) -> None:
    """Tools read it: names and shapes are an interface."""
    written = msgspec.json.decode((demo.directory / "demo.json").read_bytes())

    assert {"base_url", "accounts", "counters", "sample_receipts", "follow_codes"} == written.keys()
    assert {"role", "username", "password", "api_token", "authority", "office"} == written["accounts"][0].keys()
    assert {"id", "authority", "office"} == written["counters"][0].keys()
    assert {"state", "qr_text", "number"} == written["sample_receipts"][0].keys()
    assert {"code", "state"} == written["follow_codes"][0].keys()
