"""The facts as built from the database: only what changed, the same from every process."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from registry import places
from registry.fees.content import parse_content
from registry.marks import marks
from registry.publication import BEGINNING, Publication, newest_fact, newest_note, record_note, verifier_key
from registry.receipts import issue
from registry.snapshot import Facts, void_prefix
from registry.snapshot_files import Index, assemble
from tests.verify.reporting import held, issued
from tests.world import INSPECTORATE, MINISTRY, NOW, TOWN, WINDOW, World, fee_json, found, publish, words

pytestmark = pytest.mark.database


def assembled(facts: Facts) -> Facts:
    """The facts after a journey through files."""
    index = Index.of(facts, "https://fees.example")
    files = {ref.path: facts.parts[ref.id].canonical() for ref in index.authorities}
    files |= {ref.path: facts.void_days[ref.day].canonical() for ref in index.voids}
    return assemble(index, files.__getitem__)


async def voided(session: AsyncSession, world: World, now: datetime) -> bytes:
    """The id of a receipt that was cancelled at `now`."""
    receipt = await issued(session, world)
    desk = issue.desk(world.publication.facts, world.clerk, await held(session, world.clerk), WINDOW)
    await issue.void(session, desk, receipt, world.signers[TOWN], reason=issue.VoidReason.OTHER, note="", now=now)
    return receipt.cti


async def test_an_empty_registry_publishes_nothing(session: AsyncSession) -> None:
    publication = Publication()
    assert not await publication.refresh(session)
    assert (BEGINNING, {}) == (publication.facts.as_of, publication.facts.parts)
    assert BEGINNING == await newest_fact(session)
    assert await verifier_key(session) is None


async def test_what_is_built_holds_all_that_was_recorded(session: AsyncSession) -> None:
    world = await found(session)
    town = world.publication.facts.parts[TOWN]
    assert (words(TOWN), "Europe/Belgrade", "sq", INSPECTORATE) == (town.names, town.time_zone, town.language, town.supervised_by)
    assert [("xk-town-hall-1", 1, "xk-town-hall"), ("xk-town-hall-2", 2, "xk-town-hall")] == [
        (counter.id, counter.number, counter.office) for counter in town.counters
    ]
    assert [world.signers[TOWN].kid] == [key.kid for key in town.keys]
    assert {"CERT", "INSPECT", "PREMISES", "COURIER"} == town.by_code.keys()
    assert max(version.published_at for version in town.versions) == world.publication.facts.as_of, "the newest fact there is"


async def test_files_put_together_are_the_facts(session: AsyncSession) -> None:
    world = await found(session)
    await voided(session, world, NOW)
    await world.refresh(session)
    facts = world.publication.facts
    again = assembled(facts)
    assert (facts.as_of, facts.void_days) == (again.as_of, again.void_days)
    assert {name: part.sha256 for name, part in facts.parts.items()} == {name: part.sha256 for name, part in again.parts.items()}


async def test_only_the_changed_part_is_another_object(session: AsyncSession) -> None:
    world = await found(session)
    before = world.publication.facts
    await publish(session, world, parse_content(fee_json("PARKING", {"type": "flat", "amount": "1.00"})))
    assert await world.publication.refresh(session)
    after = world.publication.facts
    assert [False, True, True] == [before.parts[name] is after.parts[name] for name in (TOWN, MINISTRY, INSPECTORATE)]
    assert not await world.publication.refresh(session)
    assert after is world.publication.facts


async def test_a_new_place_is_published(session: AsyncSession) -> None:
    world = await found(session)
    await places.open_counter(session, id="xk-town-hall-3", office_id="xk-town-hall", authority_id=TOWN, number=3, now=NOW)
    await world.refresh(session)
    part_and_counter = world.publication.facts.counter_by_id("xk-town-hall-3")
    assert part_and_counter is not None
    assert 3 == part_and_counter[1].number
    assert NOW == world.publication.facts.as_of


async def test_voids_are_published_by_their_day_in_utc_as_prefixes(session: AsyncSession) -> None:
    """A minute before midnight UTC and a minute after are two days, whatever the clock on the wall says."""
    world = await found(session)
    midnight = datetime(2026, 11, 25, tzinfo=NOW.tzinfo)
    late = await voided(session, world, midnight - timedelta(minutes=1))
    early = await voided(session, world, midnight + timedelta(minutes=1))
    before = world.publication.facts
    await world.refresh(session)
    days = world.publication.facts.void_days
    assert {date(2026, 11, 24): {void_prefix(late)}, date(2026, 11, 25): {void_prefix(early)}} == {
        day: set(voids.prefixes) for day, voids in days.items()
    }
    assert before.parts[TOWN] is world.publication.facts.parts[TOWN]
    again = await voided(session, world, midnight + timedelta(minutes=2))
    yesterday = days[date(2026, 11, 24)]
    await world.refresh(session)
    assert yesterday is world.publication.facts.void_days[date(2026, 11, 24)]
    assert date(2026, 11, 25) == world.publication.facts.voided(again)


async def test_whoever_starts_later_builds_the_same(session: AsyncSession) -> None:
    """One process saw every step, another only the end."""
    world = await found(session)
    await publish(session, world, parse_content(fee_json("PARKING", {"type": "flat", "amount": "1.00"})), now=NOW)
    await voided(session, world, NOW + timedelta(hours=1))
    await world.refresh(session)
    late = Publication()
    await late.refresh(session)
    ours, theirs = (Index.of(facts, "https://fees.example").canonical() for facts in (world.publication.facts, late.facts))
    assert ours == theirs
    assert world.publication.seen == late.seen == await marks(session)


async def test_the_first_note_over_an_index_is_the_one_that_is_kept(session: AsyncSession) -> None:
    assert await newest_note(session, b"index") is None
    assert "first" == await record_note(session, b"index", "first", NOW)
    assert "first" == await record_note(session, b"index", "second", NOW)
    assert "first" == await newest_note(session, b"index")
    assert await newest_note(session, b"another") is None
