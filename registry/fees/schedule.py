"""The schedule: drafts, proposals and approvals of fee versions, and what is in force.

Two time axes. `valid_from`/`valid_to` say when the law applies, in local dates, half-open. `published_at` and the ends'
`recorded_at` say when we knew. Nothing is updated: a successor or a correction adds an end to its forerunner.
"""

import json
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.db import random_id, second_after
from registry.errors import (
    ExamplesDisagree,
    NotAllowed,
    UnknownDraft,
    UnknownFee,
    VersionsOverlap,
    WrongDraftState,
)
from registry.fees.assessment import FeeLookup, check_examples
from registry.fees.content import FeeContent, canonical_bytes, content_hash, parse_content
from registry.fees.references import check_references
from registry.fees.tables import Fee, FeeDraft, FeeProposal, FeeReturn, FeeRevision, FeeVersion, FeeVersionEnd
from registry.four_eyes import Part, take_part
from registry.grants import Role, allows, powers
from registry.marks import touch
from registry.officers import Officer
from registry.snapshot import End, PublishedVersion

KNOWN_EVERYWHERE = timedelta(seconds=2)
"""Within this time every process has taken in what was published."""


class DraftState(StrEnum):
    """Where a draft stands, read from its rows."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    RETURNED = "returned"
    APPROVED = "approved"


async def save_draft(
    session: AsyncSession, *, by: Officer, content: FeeContent, now: datetime, draft_id: str | None = None, supersedes: int | None = None
) -> FeeRevision:
    """Start a draft, or with `draft_id` write its next revision.

    Raises NotAllowed, UnknownDraft, WrongDraftState (proposed or approved), SamePerson (an approver cannot become an editor).
    """
    await _require(session, by, Role.EDITOR, content.authority, now)
    if draft_id is None:
        if await session.get(Fee, (content.authority, content.code)) is None:
            session.add(Fee(authority_id=content.authority, code=content.code, opened_at=now))
            await session.flush()
        draft_id = f"fee:{random_id()}"
        session.add(FeeDraft(id=draft_id, authority_id=content.authority, code=content.code, supersedes=supersedes, opened_at=now))
        await session.flush()
    else:
        draft = await _draft(session, draft_id)
        if await state(session, draft_id) not in (DraftState.DRAFT, DraftState.RETURNED):
            raise WrongDraftState("only a draft or a returned proposal can be edited")
        if (draft.authority_id, draft.code) != (content.authority, content.code):
            raise WrongDraftState("a draft keeps its authority and code")
    await take_part(session, draft_id, by, Part.MAKER, now)
    last = await session.scalar(select(func.max(FeeRevision.number)).where(FeeRevision.draft_id == draft_id)) or 0
    revision = FeeRevision(
        draft_id=draft_id,
        number=last + 1,
        content=canonical_bytes(content).decode(),
        content_hash=content_hash(content),
        saved_at=now,
        maker_id=by.person_id,
    )
    session.add(revision)
    await session.flush()
    return revision


async def propose(session: AsyncSession, *, by: Officer, draft_id: str, now: datetime) -> None:
    """Put the newest revision forward. Raises NotAllowed, WrongDraftState, ExamplesDisagree with findings, SamePerson."""
    draft = await _draft(session, draft_id)
    await _require(session, by, Role.EDITOR, draft.authority_id, now)
    if await state(session, draft_id) is not DraftState.DRAFT:
        raise WrongDraftState("only a draft can be proposed")
    revision = await newest_revision(session, draft_id)
    content, published = _content(revision), await published_fees(session, draft.authority_id)
    findings = check_references(content, published) + check_examples(content, published)
    if findings:
        raise ExamplesDisagree("; ".join(f"{finding.path}: {finding.message}" for finding in findings), findings=findings)
    await take_part(session, draft_id, by, Part.MAKER, now)
    session.add(FeeProposal(draft_id=draft_id, revision=revision.number, proposed_at=now, maker_id=by.person_id))
    await session.flush()


async def give_back(session: AsyncSession, *, by: Officer, draft_id: str, reason: str, now: datetime) -> None:
    """Return a proposal with a reason. Raises NotAllowed, WrongDraftState, SamePerson."""
    draft = await _draft(session, draft_id)
    await _require(session, by, Role.APPROVER, draft.authority_id, now)
    proposal = await _open_proposal(session, draft_id)
    await take_part(session, draft_id, by, Part.CHECKER, now)
    session.add(FeeReturn(draft_id=draft_id, revision=proposal.revision, reason=reason, returned_at=now, checker_id=by.person_id))
    await session.flush()


async def approve(
    session: AsyncSession, *, by: Officer, draft_id: str, now: datetime, assertion: dict[str, Any] | None = None
) -> FeeVersion:
    """Publish a proposal. The version it replaces ends on the day this one begins; a correction ends the one it names altogether.

    Raises NotAllowed, WrongDraftState, SamePerson, VersionsOverlap.
    """
    draft = await _draft(session, draft_id)
    await _require(session, by, Role.APPROVER, draft.authority_id, now)
    proposal = await _open_proposal(session, draft_id)
    await take_part(session, draft_id, by, Part.CHECKER, now)
    # One publication of a fee at a time: the fee's row is the lock (SQLite writes one at a time anyway).
    await session.execute(select(Fee).where(Fee.authority_id == draft.authority_id, Fee.code == draft.code).with_for_update())
    content = _content(await session.get_one(FeeRevision, (draft_id, proposal.revision)))
    # Counts once every process knows it: no clerk issues by the tariff before while verifiers already judge by this one.
    published_at = second_after(now + KNOWN_EVERYWHERE)
    earlier = await versions_of(session, draft.authority_id, draft.code)
    number = len(earlier) + 1
    for version in earlier:
        ends_on = _end_of(version, content, draft.supersedes, published_at)
        if ends_on is not None:
            session.add(
                FeeVersionEnd(
                    authority_id=draft.authority_id,
                    code=draft.code,
                    number=version.number,
                    by_number=number,
                    ends_on=ends_on,
                    reason=content.reason,
                    recorded_at=published_at,
                )
            )
    await session.flush()
    published = FeeVersion(
        authority_id=draft.authority_id,
        code=draft.code,
        number=number,
        draft_id=draft_id,
        revision=proposal.revision,
        content_hash=content_hash(content),
        valid_from=content.valid_from,
        valid_to=content.valid_to,
        published_at=published_at,
        assertion=assertion,
        checker_id=by.person_id,
    )
    session.add(published)
    await session.flush()
    await touch(session, draft.authority_id)
    return published


def _end_of(version: PublishedVersion, new: FeeContent, supersedes: int | None, known_at: datetime) -> date | None:
    """The day on which `new` ends `version`, None when they do not meet. Raises VersionsOverlap when neither may give way."""
    last = version.ends_by(known_at)
    starts = version.valid_from
    if last is not None and last <= starts:
        return None
    meets = (new.valid_to is None or starts < new.valid_to) and (last is None or new.valid_from < last)
    if not meets:
        return None
    outlasts = new.valid_to is not None and (last is None or last > new.valid_to)
    if outlasts or (starts >= new.valid_from and version.number != supersedes):
        raise VersionsOverlap(f"version {version.number} holds from {starts} to {last or 'further notice'}", version=version.number)
    return max(starts, new.valid_from)


async def state(session: AsyncSession, draft_id: str) -> DraftState:
    """Where the draft stands."""
    if await session.scalar(select(FeeVersion.number).where(FeeVersion.draft_id == draft_id)) is not None:
        return DraftState.APPROVED
    newest = (await newest_revision(session, draft_id)).number
    if await session.get(FeeReturn, (draft_id, newest)) is not None:
        return DraftState.RETURNED
    return DraftState.PROPOSED if await session.get(FeeProposal, (draft_id, newest)) is not None else DraftState.DRAFT


async def newest_revision(session: AsyncSession, draft_id: str) -> FeeRevision:
    """Raises UnknownDraft."""
    found = await session.scalar(select(FeeRevision).where(FeeRevision.draft_id == draft_id).order_by(FeeRevision.number.desc()).limit(1))
    if found is None:
        raise UnknownDraft(draft_id)
    return found


async def versions_of(session: AsyncSession, authority: str, code: str | None = None) -> list[PublishedVersion]:
    """Every published version of an authority's fees, or of one of them, by code and number, with their ends."""
    ends: dict[tuple[str, int], list[End]] = {}
    # An end counts with the version that causes it, which was approved; the end alone was not.
    cause = (
        (FeeVersion.authority_id == FeeVersionEnd.authority_id)
        & (FeeVersion.code == FeeVersionEnd.code)
        & (FeeVersion.number == FeeVersionEnd.by_number)
    )
    statement = (
        select(FeeVersionEnd).join(FeeVersion, cause).where(FeeVersionEnd.authority_id == authority).order_by(FeeVersionEnd.by_number)
    )
    for end in await session.scalars(statement if code is None else statement.where(FeeVersionEnd.code == code)):
        ends.setdefault((end.code, end.number), []).append(
            End(ends_on=end.ends_on, recorded_at=end.recorded_at, reason=end.reason, by=end.by_number)
        )
    rows = (
        select(FeeVersion.code, FeeVersion.number, FeeVersion.content_hash, FeeVersion.published_at, FeeRevision.content)
        .join(FeeRevision, (FeeRevision.draft_id == FeeVersion.draft_id) & (FeeRevision.number == FeeVersion.revision))
        .where(FeeVersion.authority_id == authority)
        .order_by(FeeVersion.code, FeeVersion.number)
    )
    return [
        PublishedVersion(
            code=row.code,
            number=row.number,
            content=row.content.encode(),
            content_hash=row.content_hash,
            published_at=row.published_at,
            ends=tuple(ends.get((row.code, row.number), ())),
        )
        for row in await session.execute(rows if code is None else rows.where(FeeVersion.code == code))
    ]


async def in_force(session: AsyncSession, authority: str, code: str, on: date, known_at: datetime) -> PublishedVersion | None:
    """The version that holds on a day as known at an instant, read from the database. The published facts answer the same faster.

    Raises UnknownFee when the authority never had a fee of that code.
    """
    if await session.get(Fee, (authority, code)) is None:
        raise UnknownFee(code, fee=code)
    return next((version for version in await versions_of(session, authority, code) if version.holds(on, known_at)), None)


async def published_fees(session: AsyncSession, authority: str) -> FeeLookup:
    """How a rule finds the version it pins."""
    known = {(version.code, version.number): version.content for version in await versions_of(session, authority)}
    return lambda code, number: known.get((code, number))


def _content(revision: FeeRevision) -> FeeContent:
    return parse_content(json.loads(revision.content))


async def _draft(session: AsyncSession, draft_id: str) -> FeeDraft:
    found = await session.get(FeeDraft, draft_id)
    if found is None:
        raise UnknownDraft(draft_id)
    return found


async def _open_proposal(session: AsyncSession, draft_id: str) -> FeeProposal:
    if await state(session, draft_id) is not DraftState.PROPOSED:
        raise WrongDraftState("only a proposal can be approved or returned")
    return await session.get_one(FeeProposal, (draft_id, (await newest_revision(session, draft_id)).number))


async def _require(session: AsyncSession, by: Officer, role: Role, authority: str, now: datetime) -> None:
    if not allows(await powers(session, by, now), role, authority=authority):
        raise NotAllowed(f"needs the role {role} for {authority}", role=role)
