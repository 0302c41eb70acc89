"""The schedule on real databases: two people, two time axes, no overlap."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import ExamplesDisagree, NotAllowed, SamePerson, VersionsOverlap, WrongDraftState
from registry.fees import schedule
from registry.fees.content import parse_content
from registry.fees.schedule import DraftState
from registry.grants import Role
from tests.world import FOUNDED, NOW, TOWN, fee_json, found, grant, person, publish

pytestmark = pytest.mark.database


def flat(amount: str, **more: object):
    return parse_content(fee_json("CERT", {"type": "flat", "amount": amount}, **more))


async def test_a_successor_ends_its_forerunner_on_the_day_it_begins(session: AsyncSession) -> None:
    """On 31 December the old price holds, on 1 January the new one."""
    world = await found(session)
    await publish(session, world, flat("3.00", valid_from="2027-01-01", reason="Council decision"), now=NOW)
    later = NOW + timedelta(days=1)

    async def number(on: date, known_at=later) -> int | None:
        version = await schedule.in_force(session, TOWN, "CERT", on, known_at)
        return None if version is None else version.number

    assert await number(date(2026, 12, 31)) == 1
    assert await number(date(2027, 1, 1)) == 2
    assert await number(date(2027, 1, 1), NOW - timedelta(seconds=1)) == 1, "nobody knew of it before it was published"
    assert await number(date(2026, 1, 31)) is None


async def test_a_correction_replaces_the_version_it_names_and_both_stay_readable(session: AsyncSession) -> None:
    """What was published before the correction is still the answer to what was known then."""
    world = await found(session)
    await publish(session, world, flat("2.50", reason="Misprint corrected"), now=NOW, supersedes=1)
    counts = NOW + schedule.KNOWN_EVERYWHERE
    after = await schedule.in_force(session, TOWN, "CERT", date(2026, 11, 24), counts)
    before = await schedule.in_force(session, TOWN, "CERT", date(2026, 11, 24), counts - timedelta(seconds=1))
    assert (2, 1) == (after and after.number, before and before.number)


async def test_a_version_that_would_overlap_is_refused(session: AsyncSession) -> None:
    """Neither the same dates without naming what is corrected, nor a short version inside a longer one."""
    world = await found(session)
    for content in (flat("9.00"), flat("9.00", valid_from="2026-12-01", valid_to="2026-12-31")):
        with pytest.raises(VersionsOverlap):
            await publish(session, world, content, now=NOW)


async def test_the_approver_is_another_person_than_every_editor_whatever_account(session: AsyncSession) -> None:
    """One human being with two accounts, editor on one and approver on the other, is still one human being."""
    world = await found(session)
    twin = await person(session, "edita2", staff_number="S-edita")
    await grant(session, world.admins, twin, Role.APPROVER, authority=TOWN)
    draft = await schedule.save_draft(session, by=world.editor, content=flat("3.00", valid_from="2027-01-01"), now=NOW)
    await schedule.propose(session, by=world.editor, draft_id=draft.draft_id, now=NOW)
    with pytest.raises(SamePerson):
        await schedule.approve(session, by=twin, draft_id=draft.draft_id, now=NOW)
    with pytest.raises(NotAllowed):
        await schedule.approve(session, by=world.editor, draft_id=draft.draft_id, now=NOW)


async def test_sql_by_hand_cannot_approve_with_an_editors_hand(session: AsyncSession) -> None:
    """The database refuses what the code would: no checker row for a maker, no approval without a checker row."""
    world = await found(session)
    draft = await schedule.save_draft(session, by=world.editor, content=flat("3.00", valid_from="2027-01-01"), now=NOW)
    await schedule.propose(session, by=world.editor, draft_id=draft.draft_id, now=NOW)
    values = {"d": draft.draft_id, "p": world.editor.person_id, "o": world.editor.id, "h": draft.content_hash}
    second_part = "INSERT INTO hand (matter, person_id, officer_id, part, at) VALUES (:d, :p, :o, 'checker', '2026-11-24 10:00:00')"
    approval = (
        "INSERT INTO fee_version (authority_id, code, number, draft_id, revision, content_hash, valid_from, published_at, checker_id,"
        " checker_part) VALUES ('xk-town', 'CERT', 2, :d, 1, :h, '2030-01-01', '2026-11-24 10:00:00', :p, '{part}')"
    )
    ends = "INSERT INTO fee_version_end VALUES ('xk-town', 'CERT', 1, 2, '2030-01-01', 'by hand', '2026-11-24 10:00:00')"
    for statement in (second_part, approval.format(part="checker"), approval.format(part="maker")):
        attempt = await session.begin_nested()
        await session.execute(text(ends))
        with pytest.raises(IntegrityError):
            await session.execute(text(statement), values)
        await attempt.rollback()


async def test_sql_by_hand_cannot_publish_an_overlap(session: AsyncSession) -> None:
    """Two versions on one day are refused by the database itself."""
    world = await found(session)
    draft = await schedule.save_draft(session, by=world.editor, content=flat("3.00", valid_from="2027-01-01"), now=NOW)
    await schedule.propose(session, by=world.editor, draft_id=draft.draft_id, now=NOW)
    with pytest.raises(DBAPIError, match="overlap"):
        async with session.begin_nested():
            await session.execute(
                text(
                    "INSERT INTO fee_version (authority_id, code, number, draft_id, revision, content_hash, valid_from, published_at,"
                    " checker_id, checker_part)"
                    " VALUES ('xk-town', 'CERT', 2, :d, 1, 'x', '2027-01-01', '2026-11-24 10:00:00', 1, 'checker')"
                ),
                {"d": draft.draft_id},
            )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fee_version SET valid_to = '2026-12-01'", "DELETE FROM fee_version", "UPDATE fee_revision SET content = '{}'",
        "DELETE FROM hand", "UPDATE officer_grant SET role = 'administrator'", "DELETE FROM signing_key",
    ],
)  # fmt: skip
async def test_official_rows_cannot_be_changed_by_hand(session: AsyncSession, statement: str) -> None:
    """Appended, never edited."""
    await found(session)
    with pytest.raises(DBAPIError, match="never changed"):
        async with session.begin_nested():
            await session.execute(text(statement))


async def test_a_proposal_whose_examples_disagree_is_not_made(session: AsyncSession) -> None:
    """0.05 where 5 was meant is found before anybody is asked to approve."""
    world = await found(session)
    wrong = flat("0.30", valid_from="2027-01-01", worked_examples=[{"inputs": {}, "amount": "3.00"}])
    draft = await schedule.save_draft(session, by=world.editor, content=wrong, now=NOW)
    with pytest.raises(ExamplesDisagree) as refused:
        await schedule.propose(session, by=world.editor, draft_id=draft.draft_id, now=NOW)
    assert [finding.path for finding in refused.value.params["findings"]] == ["worked_examples[0].amount"]


async def test_a_returned_proposal_is_edited_and_proposed_again(session: AsyncSession) -> None:
    """draft → proposed → returned → draft → proposed → approved, each state read from rows."""
    world = await found(session)
    draft = (await schedule.save_draft(session, by=world.editor, content=flat("3.00", valid_from="2027-01-01"), now=NOW)).draft_id
    seen = [await schedule.state(session, draft)]
    await schedule.propose(session, by=world.editor, draft_id=draft, now=NOW)
    seen.append(await schedule.state(session, draft))
    with pytest.raises(WrongDraftState):
        await schedule.save_draft(session, by=world.editor, content=flat("4.00"), now=NOW, draft_id=draft)
    await schedule.give_back(session, by=world.approver, draft_id=draft, reason="The decision says 3.50", now=NOW)
    seen.append(await schedule.state(session, draft))
    await schedule.save_draft(session, by=world.editor, content=flat("3.50", valid_from="2027-01-01"), now=NOW, draft_id=draft)
    seen.append(await schedule.state(session, draft))
    await schedule.propose(session, by=world.editor, draft_id=draft, now=NOW)
    await schedule.approve(session, by=world.approver, draft_id=draft, now=NOW)
    seen.append(await schedule.state(session, draft))
    assert seen == [DraftState.DRAFT, DraftState.PROPOSED, DraftState.RETURNED, DraftState.DRAFT, DraftState.APPROVED]


async def test_only_who_is_granted_may_edit_or_approve(session: AsyncSession) -> None:
    """A clerk edits nothing, an editor of one authority nothing of another, and a grant that ended counts no more."""
    world = await found(session)
    with pytest.raises(NotAllowed):
        await schedule.save_draft(session, by=world.clerk, content=flat("3.00"), now=NOW)
    with pytest.raises(NotAllowed):
        await schedule.save_draft(
            session, by=world.editor, content=parse_content(fee_json("X", {"type": "free"}, authority="mk-ministry")), now=NOW
        )
    with pytest.raises(NotAllowed):
        await schedule.save_draft(session, by=world.editor, content=flat("3.00"), now=FOUNDED - timedelta(days=1))
