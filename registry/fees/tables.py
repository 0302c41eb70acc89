"""Tables of the schedule: what was drafted, proposed, returned, published and ended, each step a row of its own."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official
from registry.four_eyes import Part, hands
from registry.places import PlainJSON


class Fee(Base):
    """The identity of a price. Never holds an amount."""

    __tablename__ = "fee"
    __table_args__ = official()

    authority_id: Mapped[str] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)


class FeeDraft(Base):
    """A version in the making. `supersedes` is the number of the published version it corrects."""

    __tablename__ = "fee_draft"
    __table_args__ = (
        ForeignKeyConstraint(["authority_id", "code"], ["fee.authority_id", "fee.code"]),
        UniqueConstraint("id", "authority_id", "code"),
        official(),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    authority_id: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(16))
    supersedes: Mapped[int | None]
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)


class FeeRevision(Base):
    """One saved state of a draft: canonical JSON, its hash, and who wrote it."""

    __tablename__ = "fee_revision"
    __table_args__ = (*hands("draft_id", maker="maker"), UniqueConstraint("draft_id", "number", "content_hash"), official())

    draft_id: Mapped[str] = mapped_column(ForeignKey("fee_draft.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    maker_id: Mapped[int]
    maker_part: Mapped[str] = mapped_column(String(8), default=Part.MAKER)


class FeeProposal(Base):
    """An editor stands for one revision; its worked examples agreed."""

    __tablename__ = "fee_proposal"
    __table_args__ = (
        ForeignKeyConstraint(["draft_id", "revision"], ["fee_revision.draft_id", "fee_revision.number"]),
        *hands("draft_id", maker="maker"),
        official(),
    )

    draft_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    maker_id: Mapped[int]
    maker_part: Mapped[str] = mapped_column(String(8), default=Part.MAKER)


class FeeReturn(Base):
    """The approver sends a proposal back, saying why."""

    __tablename__ = "fee_return"
    __table_args__ = (
        ForeignKeyConstraint(["draft_id", "revision"], ["fee_proposal.draft_id", "fee_proposal.revision"]),
        *hands("draft_id", checker="checker"),
        official(),
    )

    draft_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(2000))
    returned_at: Mapped[datetime] = mapped_column(UTCDateTime)
    checker_id: Mapped[int]
    checker_part: Mapped[str] = mapped_column(String(8), default=Part.CHECKER)


class FeeVersion(Base):
    """A published version: the approval itself. Its dates are the content's, repeated so that the database can refuse overlaps.

    `assertion` has room for the approver's signature over the content hash.
    """

    __tablename__ = "fee_version"
    __table_args__ = (
        ForeignKeyConstraint(["authority_id", "code"], ["fee.authority_id", "fee.code"]),
        ForeignKeyConstraint(["draft_id", "revision"], ["fee_proposal.draft_id", "fee_proposal.revision"]),
        # What is published is the fee that was drafted and the very content that was proposed.
        ForeignKeyConstraint(["draft_id", "authority_id", "code"], ["fee_draft.id", "fee_draft.authority_id", "fee_draft.code"]),
        ForeignKeyConstraint(
            ["draft_id", "revision", "content_hash"], ["fee_revision.draft_id", "fee_revision.number", "fee_revision.content_hash"]
        ),
        *hands("draft_id", checker="checker"),
        UniqueConstraint("draft_id"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates"),
        official(),
    )

    authority_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[str] = mapped_column(String(80))
    revision: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    assertion: Mapped[dict[str, Any] | None] = mapped_column(PlainJSON)
    checker_id: Mapped[int]
    checker_part: Mapped[str] = mapped_column(String(8), default=Part.CHECKER)


class FeeVersionEnd(Base):
    """From `recorded_at` on we know that the version holds only before `ends_on`. Caused by the version numbered `by_number`.

    A correction ends its forerunner on the day it began; a plain successor on the day it takes over.
    """

    __tablename__ = "fee_version_end"
    __table_args__ = (
        ForeignKeyConstraint(["authority_id", "code", "number"], ["fee_version.authority_id", "fee_version.code", "fee_version.number"]),
        # Written before its cause, so that the overlap trigger sees it: checked at commit.
        ForeignKeyConstraint(
            ["authority_id", "code", "by_number"],
            ["fee_version.authority_id", "fee_version.code", "fee_version.number"],
            deferrable=True,
            initially="DEFERRED",
        ),
        CheckConstraint("by_number > number", name="order"),
        official(),
    )

    authority_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    by_number: Mapped[int] = mapped_column(primary_key=True)
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(2000))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
