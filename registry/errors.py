"""Refusals: what the registry will not do, each with a stable code.

No HTTP here: `service/problems.py` owns the only table from refusal to status, and the catalogues own the words.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class RegistryRefusal(Exception):
    """Base of all refusals. `code` is public and stable; `params` fill the message a person reads."""

    code = "refused"

    def __init__(self, detail: str = "", **params: object) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.params = params


# Places, people, keys


class UnknownPlace(RegistryRefusal):
    """No such authority, office or counter."""

    code = "unknown_place"


class UnknownOfficer(RegistryRefusal):
    """No such account."""

    code = "unknown_officer"


class SignInRefused(RegistryRefusal):
    """User name and password do not go together. Says no more, so that names cannot be guessed."""

    code = "sign_in_refused"


class SignInThrottled(RegistryRefusal):
    """Too many failed attempts on this name; wait."""

    code = "sign_in_throttled"


class NotAllowed(RegistryRefusal):
    """The officer holds no grant for this."""

    code = "not_allowed"


class SamePerson(RegistryRefusal):
    """One person cannot both make and approve, whatever accounts they hold."""

    code = "same_person"


class AlreadyDecided(RegistryRefusal):
    """This was approved, returned or ended before."""

    code = "already_decided"


class AlreadyStarted(RegistryRefusal):
    """The first two administrators exist; more people come by grants."""

    code = "already_started"


class UnknownKey(RegistryRefusal):
    """No such signing key."""

    code = "unknown_key_id"


class NoSigningKey(RegistryRefusal):
    """The authority has no certified key in force that this process can use."""

    code = "no_signing_key"


class KeyNotUnlocked(RegistryRefusal):
    """A sealed private key did not open with the passphrase given."""

    code = "key_not_unlocked"


# Schedule


class UnknownFee(RegistryRefusal):
    """The authority has no fee of that code."""

    code = "unknown_fee"


class FeeNotInForce(RegistryRefusal):
    """No approved version of the fee covers that date, as published at that time."""

    code = "fee_not_in_force"


class UnknownDraft(RegistryRefusal):
    """No such draft of a fee version."""

    code = "unknown_draft"


class WrongDraftState(RegistryRefusal):
    """The draft is not in the state this step needs."""

    code = "wrong_draft_state"


class VersionsOverlap(RegistryRefusal):
    """Two approved versions of one fee would hold on the same day."""

    code = "versions_overlap"


class ExamplesDisagree(RegistryRefusal):
    """The rule does not give the amount of a worked example."""

    code = "examples_disagree"


class MalformedSchedule(RegistryRefusal):
    """A schedule file that cannot be read; `findings` say where."""

    code = "malformed_schedule"


# Receipts


class UnknownReceipt(RegistryRefusal):
    """The register has no such receipt."""

    code = "unknown_receipt"


class AmbiguousNumber(RegistryRefusal):
    """Two receipts share this number; the date they were issued on tells them apart."""

    code = "ambiguous_number"


class KeyReused(RegistryRefusal):
    """The Idempotency-Key was used before with another request."""

    code = "idempotency_key_reused"


class NotPriced(RegistryRefusal):
    """The fee's amount cannot be computed, so no receipt can be issued for it."""

    code = "fee_not_computable"


class AlreadyVoided(RegistryRefusal):
    """The receipt was cancelled before."""

    code = "already_voided"


class NotVoidable(RegistryRefusal):
    """A void slip cannot be voided."""

    code = "not_voidable"


class LegalDateRefused(RegistryRefusal):
    """The legal date may only be set backward, with a reason."""

    code = "legal_date_refused"


# Numbers, tokens, notes, snapshots


class MalformedNumber(RegistryRefusal):
    """Not a receipt number; `detail` says whether its `length` or its `check_digit` is wrong."""

    code = "malformed_number"


class NotAReceipt(RegistryRefusal):
    """The text of some other code, or of none; `detail` says why."""

    code = "not_a_receipt"


class ForeignHost(NotAReceipt):
    """Shaped like a receipt of ours, but addressed to another host: `detail` is that host."""

    code = "foreign_host"


class MalformedToken(RegistryRefusal):
    """Bytes that are no token of a format we know; `detail` says what is wrong."""

    code = "malformed_token"


class NotCanonical(MalformedToken):
    """A token in another than its one permitted encoding: somebody changed it on the way."""

    code = "not_canonical"


class BadSignature(RegistryRefusal):
    """The signature was not made by this key over these bytes."""

    code = "bad_signature"


class UnknownTokenKind(RegistryRefusal):
    """A well-formed token with a label, kind or number of claims that came after us.

    It carries what is needed to tell a newer token of ours from a forged one.
    """

    code = "unknown_token_kind"

    def __init__(self, detail: str, *, kid: bytes, alg: int, signature: bytes, to_be_signed: bytes) -> None:
        super().__init__(detail)
        self.kid = kid
        self.alg = alg
        self.signature = signature
        self.to_be_signed = to_be_signed


class MalformedNote(RegistryRefusal):
    """Not a signed note, or not a verifier key of one; `detail` says what is wrong."""

    code = "malformed_note"


class NoteNotVerified(RegistryRefusal):
    """No trusted key signed the note, or a trusted key's signature is bad."""

    code = "note_not_verified"


class MalformedSnapshot(RegistryRefusal):
    """Public facts that are not in their one permitted form, or not the ones that were signed."""

    code = "malformed_snapshot"


# Money and fees


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with data someone gave us: where (`components[1].rule.amount`), a stable code, a technical English sentence."""

    path: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class MalformedAmount(RegistryRefusal):
    """The text is not an amount of money in that currency."""

    code = "malformed_amount"


class UnknownCurrency(RegistryRefusal):
    """No ISO 4217 currency has that code."""

    code = "unknown_currency"


class AmountOutOfRange(RegistryRefusal):
    """The fee comes to more than a receipt can hold."""

    code = "amount_out_of_range"


class MalformedFee(RegistryRefusal):
    """A fee version that cannot be read; every finding names its place."""

    code = "malformed_fee"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class InputRefused(RegistryRefusal):
    """What was said about the case does not fit the fee's declared inputs; every finding is at `inputs.NAME`."""

    code = "input_refused"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class UnusableFeeReference(RegistryRefusal):
    """A rule is a share of another fee which is not there, not in the same currency, needs other inputs, or refers back."""

    code = "unusable_fee_reference"
