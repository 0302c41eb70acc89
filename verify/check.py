"""Checking a receipt, from public facts alone.

Pure: the token or the text of its code, the facts, the clock, and what the register said if it was asked. Whatever the bytes are, the
answer is a verdict. It is built in the order of docs/receipt-format.md, so that an auditor can tick the steps off.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from msgspec import Struct

from registry.errors import (
    BadSignature,
    ForeignHost,
    MalformedSnapshot,
    MalformedToken,
    NotAReceipt,
    NotCanonical,
    RegistryRefusal,
    UnknownTokenKind,
)
from registry.fees.assessment import Assessment, assess, parse_inputs, unpack
from registry.fees.content import FeeContent
from registry.money import Money
from registry.receipts.token import EDDSA, Claims, Kind, Token, parse, read_text, verify
from registry.snapshot import AuthorityPart, Facts, KeyEntry, PublishedVersion
from verify.errors import PaidCurrencyMismatch
from verify.verdict import FeeFacts, Flag, ReceiptFacts, Seen, State, Step, StepName, Verdict, VoidFact, money_finding

CLOCK_SKEW = timedelta(seconds=300)
OFFLINE_DEADLINE = timedelta(hours=48)


class Absent(Enum):
    """The register was asked, and has no such receipt."""

    NOT_RECORDED = "not_recorded"


NOT_RECORDED = Absent.NOT_RECORDED


class Entry(Struct, frozen=True):
    """What the register knows of a receipt. Found by the whole token, never by its cti alone: a stolen key can repeat a cti."""

    recorded_at: datetime
    voided: VoidFact | None = None
    seen: Seen | None = None


# Each step as it looks when it passed. Names of the module, for looking a member up in its enumeration takes longer than the step.
_FORMAT, _OURS, _CANONICAL, _KEY_KNOWN, _KEY_GOOD, _SIGNATURE, _KIND, _NOT_FUTURE, *_LATER = (Step(name, True) for name in StepName)
_RECORDED, _NOT_VOID, _FEE_IN_FORCE, _PUBLISHED_AMOUNT, _RECORDED_AMOUNT, _PAID_AMOUNT = _LATER
_NORMAL, _TRAINING, _OFFLINE, _VOID_SLIP = Kind
_RANK = {state: rank for rank, state in enumerate(State)}
_MATCH, _UNPUBLISHED_FEE = State.MATCH, State.UNPUBLISHED_FEE
_NEEDS_REGISTER = "needs_register"
_NOT_ASKED = Step(_RECORDED.name, None, "not_asked")
_NOT_GIVEN = Step(_PAID_AMOUNT.name, None, "not_given")
_OTHER_VERSION = Step(_FEE_IN_FORCE.name, True, "other_version")
_FREE = Step(_PUBLISHED_AMOUNT.name, True, "free")


def check(
    receipt: str | bytes,
    facts: Facts,
    origin: str,
    now: datetime,
    paid: Money | None = None,
    claimed: Mapping[str, object] | None = None,
    entry: Entry | Absent | None = None,
) -> Verdict:
    """What anyone may conclude about a receipt: the text of its code, or the token's bytes.

    Seal:     1 format   2 ours   3 canonical   4 key known   5 key good at iat   6 signature   7 kind   8 not from the future
    Register: 9 recorded   10 not void
    Money:    11 fee in force   12 published amount   13 recorded   14 paid

    A seal step that fails ends the check; once the seal holds all others run, and the first state that holds is the verdict's.
    `paid` is what the citizen says they paid, `claimed` the inputs they say are right, `entry` the register's answer (None: not asked).
    Raises PaidCurrencyMismatch, and InputRefused for `claimed`; nothing for any `receipt`.
    """
    case = _Case(facts, now, paid)
    sealed = case.seal(receipt, origin, entry)
    if sealed is not None:
        claims = sealed.token.claims
        case.register(claims, entry)
        if claims.kind != _VOID_SLIP:
            case.money(claims, sealed.authority, claimed)
    return case.verdict()


class _Case:
    """One check under way: the steps taken and the facts found so far."""

    def __init__(self, facts: Facts, now: datetime, paid: Money | None) -> None:
        self.facts = facts
        self.now = now
        self.issued_at = now
        self.paid = paid
        self.steps: list[Step] = []
        self.states: list[State] = []
        self.decided: State | None = None
        self.flags: list[Flag] = []
        self.receipt: ReceiptFacts | None = None
        self.fee: FeeFacts | None = None
        self.recorded: Money | None = None
        self.published: Money | None = None
        self.claimed: Money | None = None
        self.difference: Money | None = None
        self.void: VoidFact | None = None
        self.seen: Seen | None = None
        self.foreign_host: str | None = None

    def failed(self, step: Step, detail: str, state: State | None = None) -> None:
        self.steps.append(Step(step.name, False, detail))
        if state is not None:
            self.states.append(state)

    def open(self, step: Step, detail: str) -> None:
        """The step could not be taken, or had nothing to look at."""
        self.steps.append(Step(step.name, None, detail))

    def verdict(self) -> Verdict:
        return Verdict(
            state=self.decided or (self.states[0] if len(self.states) == 1 else min(self.states, key=_RANK.__getitem__)),
            checks=tuple(self.steps),
            facts_as_of=self.facts.as_of,
            published=self.published,
            recorded=self.recorded,
            paid=self.paid,
            claimed=self.claimed,
            difference=self.difference,
            flags=tuple(self.flags),
            void=self.void,
            receipt=self.receipt,
            fee=self.fee,
            seen=self.seen,
            foreign_host=self.foreign_host,
        )

    # Seal

    def seal(self, receipt: str | bytes, origin: str, entry: Entry | Absent | None) -> ReceiptFacts | None:
        """The receipt, if all of its seal holds."""
        token = self._read(receipt, origin)
        if token is None:
            return None

        # 4. We know the key. A key we do not know is newer than our facts as often as it is a forger's.
        key = self.facts.key(token.kid)
        if key is None:
            self.failed(_KEY_KNOWN, "unknown_kid", State.UNKNOWN_KEY)
            return None
        self.steps.append(_KEY_KNOWN)

        # 5. The key was good when the receipt says it was issued, not when it is scanned; and good for that counter.
        trouble = None
        if isinstance(token, UnknownTokenKind):
            self.open(_KEY_GOOD, "newer")
        else:
            self.issued_at = token.claims.issued_at
            trouble = _key_trouble(key, token.claims, self.issued_at, self.facts) or _compromise(key, entry)
            if trouble is None:
                self.steps.append(_KEY_GOOD)
            elif trouble == _NEEDS_REGISTER:
                self.open(_KEY_GOOD, trouble)
            else:
                self.failed(_KEY_GOOD, trouble, State.KEY_REVOKED)
                return None

        # 6. The key sealed these very bytes.
        if token.alg not in (EDDSA, key.alg):
            self.failed(_SIGNATURE, "algorithm", State.NOT_GENUINE)
            return None
        try:
            verify(token, key.public_key)
        except BadSignature as wrong:
            self.failed(_SIGNATURE, wrong.code, State.NOT_GENUINE)
            return None
        self.steps.append(_SIGNATURE)
        if trouble is not None:
            self.decided = State.UNCHECKED

        # 7. It is of a kind we know, and not a practice slip.
        if isinstance(token, UnknownTokenKind):
            self.failed(_KIND, token.detail, State.UNKNOWN_KEY)
            return None
        claims = token.claims
        self.receipt = ReceiptFacts(token, self.facts.parts[key.authority])
        self.recorded = Money(claims.amount, claims.currency)
        if claims.kind == _TRAINING:
            self.failed(_KIND, "training", State.TRAINING)
            return None
        self.steps.append(_KIND)

        # 8. It is not from the future, but for clocks that differ a little.
        if self.issued_at > self.now + CLOCK_SKEW:
            self.failed(_NOT_FUTURE, "issued_in_future", State.NOT_VERIFIABLE)
            return None
        self.steps.append(_NOT_FUTURE)
        return self.receipt

    def _read(self, receipt: str | bytes, origin: str) -> Token | UnknownTokenKind | None:
        # 1. It has the shape of a token.  2. It is addressed to us.  3. It is in the one encoding there is.
        try:
            raw = receipt if isinstance(receipt, bytes) else read_text(receipt, origin)
            token: Token | UnknownTokenKind = parse(raw)
        except UnknownTokenKind as newer:
            token = newer
        except ForeignHost as foreign:
            self.steps.append(_FORMAT)
            self.failed(_OURS, foreign.code, State.NOT_A_RECEIPT)
            self.foreign_host = foreign.detail
            return None
        except NotCanonical as changed:
            self.steps.append(_FORMAT)
            self.steps.append(_OURS)
            self.failed(_CANONICAL, changed.detail, State.NOT_GENUINE)
            return None
        except (NotAReceipt, MalformedToken) as other:
            self.failed(_FORMAT, other.detail, State.NOT_A_RECEIPT)
            return None
        self.steps.append(_FORMAT)
        self.steps.append(_OURS)
        self.steps.append(_CANONICAL)
        return token

    # Register

    def register(self, claims: Claims, entry: Entry | Absent | None) -> None:
        # 9. The register has it. Only a receipt issued offline may still be on its way.
        if entry is None:
            self.steps.append(_NOT_ASKED)
        elif isinstance(entry, Entry):
            self.steps.append(_RECORDED)
            self.seen = entry.seen
            if entry.seen is not None and entry.seen.times > 0:
                self.flags.append(Flag.SEEN)
        elif claims.kind != _OFFLINE:
            self.failed(_RECORDED, "not_recorded", State.UNRECORDED)
        elif self.now <= self.issued_at + OFFLINE_DEADLINE:
            self.open(_RECORDED, "provisional")
            self.states.append(State.PROVISIONAL)
        else:
            self.failed(_RECORDED, "overdue", State.OVERDUE)

        # 10. Nobody cancelled it: says the register, and failing that the public voids. A void slip is itself a cancellation.
        self.void = entry.voided if isinstance(entry, Entry) else None
        if self.void is None:
            day = self.issued_at.date() if claims.kind == _VOID_SLIP else self.facts.voided(claims.cti)
            self.void = None if day is None else VoidFact(day)
        if self.void is None:
            self.steps.append(_NOT_VOID)
        else:
            self.failed(_NOT_VOID, "void_slip" if claims.kind == _VOID_SLIP else "voided", State.VOIDED)

    # Money

    def money(self, claims: Claims, authority: AuthorityPart, claimed: Mapping[str, object] | None) -> None:
        if self.paid is not None and self.paid.currency != claims.currency:
            raise PaidCurrencyMismatch(self.paid.currency, paid=self.paid.currency, recorded=claims.currency)

        # 11. The fee was in force on the receipt's legal date, as published when the receipt was issued.
        version = authority.in_force(claims.fee, claims.on, self.issued_at)
        published, why = None, _UNPUBLISHED_FEE
        if version is None:
            self.fee = FeeFacts(authority, claims.fee, claims.version)
            known = claims.fee in authority.by_code
            self.failed(_FEE_IN_FORCE, "not_in_force" if known else "unknown_fee")
            self.open(_PUBLISHED_AMOUNT, "no_fee")
        else:
            self.steps.append(_FEE_IN_FORCE if version.number == claims.version else _OTHER_VERSION)
            if version.ends and any(end.recorded_at > self.issued_at and end.ends_on <= claims.on for end in version.ends):
                self.flags.append(Flag.CORRECTED)
            # 12. What it came to, from the receipt's own inputs.
            published, why = self._publish(claims, authority, version, claimed)

        # 13. What the receipt records, and 14. what was paid, against what was published; else against each other.
        paid = None if self.paid is None else self.paid.minor
        state, difference = money_finding(published, claims.amount, paid, why)
        self.states.append(state)
        self.difference = None if difference is None else Money(difference, claims.currency)
        self._compare(_RECORDED_AMOUNT, claims.amount, published)
        self._compare(_PAID_AMOUNT, paid, claims.amount if published is None else published)

    def _publish(
        self, claims: Claims, authority: AuthorityPart, version: PublishedVersion, claimed: Mapping[str, object] | None
    ) -> tuple[int | None, State]:
        """The published amount in minor units, or why there is none that the recorded amount can be held against."""
        try:
            content = version.content
            values = unpack(content, claims.inputs)
            assessment = assess(content, values, authority.content)
        except MalformedSnapshot as unreadable:
            self.open(_PUBLISHED_AMOUNT, unreadable.code)
            self.fee = FeeFacts(authority, claims.fee, claims.version, version)
            return None, State.UNCHECKED
        except RegistryRefusal as refused:
            self.open(_PUBLISHED_AMOUNT, refused.code)
            self.fee = FeeFacts(authority, claims.fee, claims.version, version)
            return None, State.NOT_VERIFIABLE
        self.fee = FeeFacts(authority, claims.fee, claims.version, version, values, assessment)
        if claimed is not None:
            self._dispute(content, authority, claimed, assessment)
        if assessment.minor is None:
            self.open(_PUBLISHED_AMOUNT, assessment.standing)
            return None, State.NOT_VERIFIABLE
        self.published = Money(assessment.minor, assessment.currency)
        if assessment.currency != claims.currency:
            # Nothing was published in the currency that was charged.
            self.failed(_PUBLISHED_AMOUNT, "other_currency")
            return None, State.UNPUBLISHED_FEE
        self.steps.append(_FREE if assessment.standing == "free" else _PUBLISHED_AMOUNT)
        return assessment.minor, _MATCH

    def _dispute(self, content: FeeContent, authority: AuthorityPart, claimed: Mapping[str, object], published: Assessment) -> None:
        """What the fee would have been had the facts been as the citizen says."""
        found = assess(content, parse_inputs(content, claimed), authority.content)
        if found.minor is not None:
            self.claimed = Money(found.minor, found.currency)
            if found.minor != published.minor:
                self.flags.append(Flag.DISPUTED)

    def _compare(self, step: Step, amount: int | None, against: int | None) -> None:
        if amount is None:
            self.steps.append(_NOT_GIVEN)
        elif against is None:
            self.open(step, "nothing_to_compare")
        elif amount == against:
            self.steps.append(step)
        else:
            self.failed(step, "higher" if amount > against else "lower")


def _key_trouble(key: KeyEntry, claims: Claims, at: datetime, facts: Facts) -> str | None:
    """Why the key could not sign this receipt at the moment it was issued."""
    if at < key.not_before:
        return "before_not_before"
    if at > key.not_after:
        return "after_not_after"
    if key.revoked_at is not None and at >= key.revoked_at:
        return "revoked"
    if key.counters is not None and claims.counter not in key.counters:
        return "other_counter"
    if key.use == "device":
        # A device signs for counters of its own, named in its entry, and nothing but practice slips, offline receipts and void slips.
        if key.counters is None or claims.kind not in (_TRAINING, _OFFLINE, _VOID_SLIP):
            return "device"
        return None
    counter = facts.counter(key.authority, claims.counter)
    if key.use != "server" or claims.kind == _OFFLINE or (counter is not None and counter.kind == "device"):
        return "server"
    return None


def _compromise(key: KeyEntry, entry: Entry | Absent | None) -> str | None:
    """Once a key has leaked, only the register can tell its honest receipts: those it held before. An iat proves nothing."""
    if key.compromised_at is None:
        return None
    if entry is None:
        return _NEEDS_REGISTER
    if isinstance(entry, Entry) and entry.recorded_at < key.compromised_at:
        return None
    return "compromised"
