"""Verdicts: what may be concluded about a receipt, as a value without a human sentence in it.

The money finding compares three amounts: published (what the fee was), recorded (what the receipt says) and paid (what left the
citizen's pocket). Every ordering of the three, with its state and difference, is in tests/vectors/verdict_money.json.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from registry.fees.assessment import Assessment, Line, show
from registry.fees.content import FeeContent
from registry.fees.inputs import Values
from registry.money import Money
from registry.receipts.number import receipt_number
from registry.receipts.token import Token
from registry.snapshot import AuthorityPart, Counter, Office, PublishedVersion


class State(StrEnum):
    """In order of precedence: the first that holds names the verdict. The last two are about questions, not receipts."""

    NOT_A_RECEIPT = "not_a_receipt"
    UNKNOWN_KEY = "unknown_key"
    KEY_REVOKED = "key_revoked"
    NOT_GENUINE = "not_genuine"
    TRAINING = "training"
    UNRECORDED = "unrecorded"
    VOIDED = "voided"
    OVERCHARGED = "overcharged"
    UNDERRECORDED = "underrecorded"
    UNDERCHARGED = "undercharged"
    UNPUBLISHED_FEE = "unpublished_fee"
    PROVISIONAL = "provisional"
    OVERDUE = "overdue"
    NOT_VERIFIABLE = "not_verifiable"
    MATCH = "match"
    UNKNOWN_NUMBER = "unknown_number"
    UNCHECKED = "unchecked"


class Flag(StrEnum):
    """What is worth knowing beside the state."""

    SEEN = "seen"
    CORRECTED = "corrected"
    DISPUTED = "disputed"


class StepName(StrEnum):
    """The steps of a check, in order. Public and stable."""

    FORMAT = "format"
    OURS = "ours"
    CANONICAL = "canonical"
    KEY_KNOWN = "key_known"
    KEY_GOOD = "key_good"
    SIGNATURE = "signature"
    KIND = "kind"
    NOT_FUTURE = "not_future"
    RECORDED = "recorded"
    NOT_VOID = "not_void"
    FEE_IN_FORCE = "fee_in_force"
    PUBLISHED_AMOUNT = "published_amount"
    RECORDED_AMOUNT = "recorded_amount"
    PAID_AMOUNT = "paid_amount"


class Step(Struct, frozen=True):
    """One step that was taken. `passed` None: it could not be, or had nothing to look at. `detail` is a code."""

    name: StepName
    passed: bool | None
    detail: str | None = None


class VoidFact(Struct, frozen=True):
    """The receipt was cancelled. Public facts know the day (UTC); reason and the number of what replaced it, only the register."""

    voided_on: date
    reason: str | None = None
    replaced_by: str | None = None


class Seen(Struct, frozen=True):
    """The receipt was looked at before."""

    times: int
    first: date


class ReceiptFacts(Struct, frozen=True):
    """Who issued what. Given once the signature held, for before that nothing in a token is a fact.

    `counter` and `office` are None when the public facts do not know them (yet).
    """

    token: Token
    authority: AuthorityPart

    @property
    def number(self) -> str:
        return receipt_number(self.token.claims.cti)

    @property
    def counter(self) -> Counter | None:
        return self.authority.by_counter.get(self.token.claims.counter)

    @property
    def office(self) -> Office | None:
        counter = self.counter
        return None if counter is None else self.authority.by_office.get(counter.office)

    @property
    def issued_at(self) -> datetime:
        return self.token.claims.issued_at


class FeeFacts(Struct, frozen=True):
    """The fee the receipt is for.

    `version` was in force; `recorded_version` is the number the receipt names, nearly always the same one.
    `values` None: the receipt's inputs do not fit the version in force.
    """

    authority: AuthorityPart
    code: str
    recorded_version: int
    version: PublishedVersion | None = None
    values: Values | None = None
    assessment: Assessment | None = None

    @property
    def content(self) -> FeeContent | None:
        """The version in force; failing that the one that the receipt names, so that there is a name to show."""
        version = self.version or self.authority.version(self.code, self.recorded_version)
        return None if version is None else version.content

    @property
    def inputs(self) -> Mapping[str, str | bool]:
        """The receipt's inputs in API form: {"area": "120.50"}."""
        return {} if self.version is None or self.values is None else show(self.version.content, self.values)

    @property
    def lines(self) -> Sequence[Line]:
        return () if self.assessment is None else self.assessment.lines


class Verdict(Struct, frozen=True, kw_only=True):
    """The state, and every fact that was found whatever the state. What is not known is None."""

    state: State
    checks: tuple[Step, ...]
    facts_as_of: datetime
    published: Money | None = None
    recorded: Money | None = None
    paid: Money | None = None
    claimed: Money | None = None
    difference: Money | None = None
    flags: tuple[Flag, ...] = ()
    void: VoidFact | None = None
    receipt: ReceiptFacts | None = None
    fee: FeeFacts | None = None
    seen: Seen | None = None
    foreign_host: str | None = None


def money_finding(published: int | None, recorded: int, paid: int | None, why: State) -> tuple[State, int | None]:
    """The state and difference of three amounts in minor units of one currency.

    `paid` None: nobody said. `published` None: there is none to compare with, and `why` says why (UNPUBLISHED_FEE, NOT_VERIFIABLE).
    A free fee is published as 0.
    """
    said = recorded if paid is None else paid
    if published is None:
        return (State.OVERCHARGED, said - recorded) if said > recorded else (why, None)
    if max(recorded, said) > published:
        return State.OVERCHARGED, max(recorded, said) - published
    if said > recorded:
        return State.UNDERRECORDED, said - recorded
    if min(recorded, said) < published:
        return State.UNDERCHARGED, published - min(recorded, said)
    return State.MATCH, 0
