"""Tables of the register: receipts and what became of them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official


class Receipt(Base):
    """One receipt, or one void slip (kind 3). The token holds the signed truth; the columns are what we look things up by.

    `amount` is in minor units. A request that is sent twice with one idempotency key gives one row.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("counter_id", "serial"),
        UniqueConstraint("counter_id", "idempotency_key"),
        Index("ix_receipt_number", "number"),
        CheckConstraint("serial > 0", name="serial"),
        CheckConstraint("amount >= 0", name="amount"),
        official(),
    )

    cti: Mapped[bytes] = mapped_column(LargeBinary(10), primary_key=True)
    number: Mapped[str] = mapped_column(String(16))
    counter_id: Mapped[str] = mapped_column(ForeignKey("counter.id"))
    serial: Mapped[int]
    kind: Mapped[int]
    token: Mapped[bytes] = mapped_column(LargeBinary(512))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    fee_code: Mapped[str] = mapped_column(String(16))
    fee_version: Mapped[int]
    on: Mapped[date] = mapped_column("on_date")
    on_reason: Mapped[str | None] = mapped_column(String(500))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class Void(Base):
    """A receipt was cancelled. `looks` is how often it had been looked at by then."""

    __tablename__ = "void"
    __table_args__ = (
        CheckConstraint("reason IN ('wrong_fee', 'wrong_inputs', 'not_paid', 'duplicate', 'citizen_withdrew', 'other')", name="reason"),
        official(),
    )

    cti: Mapped[bytes] = mapped_column(ForeignKey("receipt.cti"), primary_key=True)
    slip_cti: Mapped[bytes] = mapped_column(ForeignKey("receipt.cti"), unique=True)
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    voided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    looks: Mapped[int]


class Look(Base):
    """How often a receipt was looked at: a count, the first day, how old it was then. Nothing about who looked.

    Not official: it is a running count.
    """

    __tablename__ = "look"

    cti: Mapped[bytes] = mapped_column(LargeBinary(10), primary_key=True)
    times: Mapped[int]
    first_day: Mapped[date]
    first_age: Mapped[str] = mapped_column(String(8))
