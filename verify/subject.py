"""What a report is about: the receipt's own facts where it is genuine, else what the reporter says. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from registry.errors import UnknownFee, UnknownPlace
from registry.fees.assessment import assess, parse_inputs
from registry.money import Money
from registry.snapshot import Facts
from verify.errors import HappenedInFuture, PaidCurrencyMismatch, ReportIncomplete
from verify.verdict import Verdict

FIRST_ZONE = timedelta(hours=14)
"""How far the earliest time zone on Earth is ahead of UTC."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Place, price and day of what happened, all amounts in `currency`. `token`, `cti` and `number` are a genuine receipt's only."""

    evidence: str
    authority: str | None
    paid: Money | None
    currency: str | None
    office: str | None = None
    counter: str | None = None
    fee: str | None = None
    fee_version: int | None = None
    happened_on: date | None = None
    published: Money | None = None
    recorded: Money | None = None
    token: bytes | None = None
    cti: bytes | None = None
    number: str | None = None
    verdict_state: str | None = None


def of_receipt(verdict: Verdict, *, by_number: bool, paid: Money | None) -> Subject | None:
    """What a genuine receipt says itself; None where its seal did not hold, for then nothing on the paper can be believed.

    Raises PaidCurrencyMismatch.
    """
    receipt = verdict.receipt
    if receipt is None or verdict.recorded is None:
        return None
    claims = receipt.token.claims
    said = verdict.paid if paid is None else paid
    currency = _currency(verdict.recorded, said)
    return Subject(
        evidence="number" if by_number else "token",
        authority=receipt.authority.id,
        office=None if receipt.office is None else receipt.office.id,
        counter=None if receipt.counter is None else receipt.counter.id,
        fee=claims.fee,
        fee_version=claims.version,
        happened_on=receipt.issued_at.astimezone(ZoneInfo(receipt.authority.time_zone)).date(),
        # A fee that is published in another currency than the receipt's is no amount to compare with.
        published=verdict.published if verdict.published is not None and verdict.published.currency == currency else None,
        recorded=verdict.recorded,
        paid=said,
        currency=currency,
        token=receipt.token.raw,
        cti=claims.cti,
        number=receipt.number,
        verdict_state=str(verdict.state),
    )


def without_receipt(
    facts: Facts,
    verdict: Verdict | None,
    *,
    paid: Money | None,
    authority: str | None,
    office: str | None,
    fee: str | None,
    happened_on: date | None,
    now: datetime,
) -> Subject:
    """The subject as the reporter tells it; `verdict` is that of paper that was not genuine, if there was any.

    Raises ReportIncomplete, UnknownPlace, UnknownFee, PaidCurrencyMismatch, HappenedInFuture.
    """
    if verdict is None and authority is None:
        raise ReportIncomplete("needs a receipt, or the authority where it happened")
    if happened_on is not None and happened_on > (now + FIRST_ZONE).astimezone(UTC).date():
        raise HappenedInFuture(happened_on.isoformat(), day=happened_on.isoformat())
    if authority is None:
        if office is not None or fee is not None:
            raise ReportIncomplete("an office or a fee needs its authority")
    else:
        _place(facts, authority, office, fee)
    published = None if authority is None or fee is None or happened_on is None else _published(facts, authority, fee, happened_on, now)
    currency = _currency(paid, published)
    state = None if verdict is None else str(verdict.state)
    return Subject(
        "none", authority, paid, currency, office=office, fee=fee, happened_on=happened_on, published=published, verdict_state=state
    )


def _place(facts: Facts, authority: str, office: str | None, fee: str | None) -> None:
    part = facts.parts.get(authority)
    if part is None:
        raise UnknownPlace(authority, place=authority)
    if office is not None and office not in part.by_office:
        raise UnknownPlace(office, place=office)
    if fee is not None and not facts.knows_fee(authority, fee):
        raise UnknownFee(fee, fee=fee)


def _published(facts: Facts, authority: str, fee: str, on: date, now: datetime) -> Money | None:
    """The fee in force that day, where it is one amount for everybody."""
    version = facts.in_force(authority, fee, on, now)
    if version is None or version.content.inputs:
        return None
    assessment = assess(version.content, parse_inputs(version.content, {}), facts.resolver(authority))
    return None if assessment.minor is None else Money(assessment.minor, assessment.currency)


def _currency(*amounts: Money | None) -> str | None:
    """The one currency of the amounts that are known. Raises PaidCurrencyMismatch."""
    currencies = {amount.currency for amount in amounts if amount is not None}
    if len(currencies) > 1:
        raise PaidCurrencyMismatch(" and ".join(sorted(currencies)))
    return currencies.pop() if currencies else None
