"""The schedule file: everything wrong is found at once, with its place; what is written reads back the same."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import MalformedSchedule, NotAllowed
from registry.fees import schedule
from registry.fees.content import parse_content
from registry.fees.schedule import DraftState
from registry.fees.schedule_file import LARGEST_FILE, export_schedule, import_schedule, read_schedule, write_schedule
from registry.fees.tables import FeeDraft, FeeRevision
from tests.world import AREA, BANDS, MINISTRY, NOW, TOWN, fee_json, found, publish


def entry(code: str = "CERT", amount: str = "2.00", **more: Any) -> dict[str, Any]:
    """One fee of a file: its authority stands at the head."""
    fee = fee_json(code, {"type": "flat", "amount": amount}, **more)
    del fee["authority"]
    return fee


def file(*fees: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"taksa_schedule": 1, "authority": TOWN, "source": "Gazette 7/2026", "fees": list(fees)} | more).encode()


def findings(data: bytes) -> dict[str, str]:
    """Code of each finding by its path."""
    with pytest.raises(MalformedSchedule) as refused:
        read_schedule(data)
    found_there = refused.value.params["findings"]
    assert isinstance(found_there, list)
    return {finding.path: finding.code for finding in found_there}


def test_what_is_written_reads_back_the_same_to_the_byte() -> None:
    """In the order of codes and first days, whatever the order given; twice is the same as once."""
    fees = [parse_content(fee_json("B", BANDS, inputs=[AREA])), parse_content(fee_json("A", {"type": "free"}))]
    written = write_schedule(TOWN, fees, "Gazette")
    read = read_schedule(written)
    assert (TOWN, "Gazette", ["A", "B"]) == (read.authority, read.source, [fee.code for fee in read.fees])
    assert sorted(fees, key=lambda fee: fee.code) == list(read.fees)
    assert written == write_schedule(read.authority, reversed(read.fees), read.source)


def test_a_byte_order_mark_is_forgiven() -> None:
    """Windows writes one; nobody sees it."""
    assert "CERT" == read_schedule(b"\xef\xbb\xbf" + file(entry())).fees[0].code


UNREADABLE: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"code;amount\nCERT;2.00\n",
    "cut": file(entry())[:-3],
    "Latin-2": '{"taksa_schedule": 1, "authority": "š"}'.encode("iso-8859-2"),
    "a member twice": b'{"taksa_schedule": 1, "taksa_schedule": 1}',
    "an amount twice": file(entry()).replace(b'"amount":', b'"amount": "1.00", "amount":'),
    "deep": b"[" * 100_000,
    "a number of 5,000 digits": b'{"taksa_schedule": ' + b"1" * 5000 + b"}",
    "too large": b" " * (LARGEST_FILE + 1),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_says_so(data: bytes) -> None:
    assert {"": "unreadable"} == findings(data)


def test_everything_wrong_is_found_at_once_with_its_place() -> None:
    wrong = entry("lower") | {"colour": "red"}
    data = file(
        entry(), entry("B", "2.001"), wrong, entry("C") | {"authority": TOWN}, "D", entry(),
        taksa_schedule=2, source=7, surprise=True,
    )  # fmt: skip
    found_there = findings(data)
    assert {
        "taksa_schedule": "unknown_format", "source": "wrong_type", "surprise": "unknown_member", "fees[3].authority": "unknown_member",
        "fees[4]": "wrong_type", "fees[5].code": "repeated",
    }.items() <= found_there.items()  # fmt: skip
    for path in ("fees[1].components[0].rule.amount", "fees[2].code", "fees[2].colour"):
        assert path in found_there


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda: b"[]", ""),
        (lambda: b"7", ""),
        (lambda: file(fees=None), "fees"),
        (lambda: file(fees={}), "fees"),
        (lambda: file(authority=""), "authority"),
        (lambda: file(authority=None), "authority"),
        (lambda: file(authority="a\0b"), "authority"),
        (lambda: file(authority="Not An Id"), "authority"),
        (lambda: file(taksa_schedule=True), "taksa_schedule"),
        (lambda: file(taksa_schedule="1"), "taksa_schedule"),
        (lambda: file(entry(name={"en": "\ud800"})), "fees[0].name.en"),
        (lambda: file(entry(valid_from="2026-02-30")), "fees[0].valid_from"),
    ],
)
def test_a_head_or_a_fee_of_the_wrong_form_is_refused(change: Callable[[], bytes], path: str) -> None:
    assert path in findings(change())


# Import and export


@pytest.mark.database
async def test_an_import_lands_as_drafts_and_nothing_is_published(session: AsyncSession) -> None:
    world = await found(session)
    made = await import_schedule(session, by=world.editor, data=file(entry("NEW-1"), entry("NEW-2")), now=NOW)
    assert ([DraftState.DRAFT] * 2, ()) == ([await schedule.state(session, draft) for draft in made.drafts], made.findings)
    await world.refresh(session)
    assert not {"NEW-1", "NEW-2"} & world.publication.facts.parts[TOWN].by_code.keys()


@pytest.mark.database
async def test_a_dry_run_finds_the_same_and_writes_nothing(session: AsyncSession) -> None:
    """A worked example that disagrees stops no draft; it stops the proposal."""
    world = await found(session)
    data = file(entry("NEW", worked_examples=[{"inputs": {}, "amount": "3.00"}]))
    drafts = await session.scalar(select(func.count()).select_from(FeeDraft))
    dry = await import_schedule(session, by=world.editor, data=data, now=NOW, dry_run=True)
    assert drafts == await session.scalar(select(func.count()).select_from(FeeDraft))
    wet = await import_schedule(session, by=world.editor, data=data, now=NOW)
    assert ["fees[0].worked_examples[0].amount"] == [finding.path for finding in dry.findings]
    assert (dry.findings, 0, 1) == (wet.findings, len(dry.drafts), len(wet.drafts))


@pytest.mark.database
async def test_a_file_with_an_error_imports_nothing_of_it(session: AsyncSession) -> None:
    world = await found(session)
    drafts = await session.scalar(select(func.count()).select_from(FeeDraft))
    with pytest.raises(MalformedSchedule):
        await import_schedule(session, by=world.editor, data=file(entry("NEW"), entry("BAD", "x")), now=NOW)
    for officer, data in ((world.approver, file(entry("NEW"))), (world.editor, file(entry("NEW"), authority=MINISTRY))):
        with pytest.raises(NotAllowed):
            await import_schedule(session, by=officer, data=data, now=NOW)
    assert drafts == await session.scalar(select(func.count()).select_from(FeeDraft))


@pytest.mark.database
async def test_an_export_imports_again_as_the_same_content(session: AsyncSession) -> None:
    """Hash by hash; and its export is the same file."""
    world = await found(session)
    exported = await export_schedule(session, TOWN, now=NOW)
    made = await import_schedule(session, by=world.editor, data=exported, now=NOW)
    hashes = set(await session.scalars(select(FeeRevision.content_hash).where(FeeRevision.draft_id.in_(made.drafts))))
    assert {version.content_hash for version in await schedule.versions_of(session, TOWN)} == hashes
    assert exported == await export_schedule(session, TOWN, now=NOW)


@pytest.mark.database
async def test_an_export_holds_every_version_that_has_days_of_its_own(session: AsyncSession) -> None:
    """A forerunner does; a version that was corrected altogether does not."""
    world = await found(session)
    await publish(session, world, parse_content(fee_json("CERT", {"type": "flat", "amount": "3.00"}, valid_from="2027-01-01")), now=NOW)
    await publish(session, world, parse_content(fee_json("INSPECT", {"type": "flat", "amount": "1.00"})), now=NOW, supersedes=1)
    exported = read_schedule(await export_schedule(session, TOWN, now=NOW + timedelta(days=1)))
    rules = [(fee.code, str(fee.valid_from)) for fee in exported.fees]
    assert [
        ("CERT", "2026-02-01"), ("CERT", "2027-01-01"), ("COURIER", "2026-02-01"), ("INSPECT", "2026-02-01"), ("PREMISES", "2026-02-01"),
    ] == rules  # fmt: skip
