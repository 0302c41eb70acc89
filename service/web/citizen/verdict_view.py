"""A verdict in the words of one language: pure, so that every sentence can be tested without a server.

Meaning is carried five ways: a sentence, pairs of numbers, the shape of an icon, its colour, and the order of it all.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from markupsafe import Markup

from registry.fees.content import FeeContent
from registry.fees.inputs import Values
from registry.money import Money
from registry.receipts.number import show_number
from registry.receipts.token import Kind, Payment
from service.web.fee_form import shown
from service.web.language import Words, words
from service.web.prices import LineView, in_force_text, line_views
from service.web.render import fragment
from verify.verdict import Flag, State, Step, Verdict

LOOKS: dict[State, tuple[str, str]] = {
    State.NOT_A_RECEIPT: ("question", "grey"),
    State.UNKNOWN_KEY: ("question", "grey"),
    State.KEY_REVOKED: ("seal", "red"),
    State.NOT_GENUINE: ("seal", "red"),
    State.TRAINING: ("dash", "amber"),
    State.UNRECORDED: ("link", "red"),
    State.VOIDED: ("struck", "amber"),
    State.OVERCHARGED: ("unequal", "red"),
    State.UNDERRECORDED: ("unequal", "red"),
    State.UNDERCHARGED: ("unequal", "blue"),
    State.UNPUBLISHED_FEE: ("question", "amber"),
    State.PROVISIONAL: ("pending", "amber"),
    State.OVERDUE: ("pending", "amber"),
    State.NOT_VERIFIABLE: ("question", "amber"),
    State.MATCH: ("tick", "green"),
    State.UNKNOWN_NUMBER: ("question", "grey"),
    State.UNCHECKED: ("cloud", "grey"),
}
"""Shape and colour of each state. Shapes tell states apart where colours do not."""

WORTH_REPORTING = frozenset(
    {
        State.KEY_REVOKED,
        State.NOT_GENUINE,
        State.UNRECORDED,
        State.OVERCHARGED,
        State.UNDERRECORDED,
        State.UNPUBLISHED_FEE,
        State.OVERDUE,
        State.VOIDED,
    }
)
"""States in which reporting is the next thing to do; from all others it stays one link away."""

_STATED = frozenset(Payment) - {Payment.UNSTATED}

VARIANTS = ("match.paid", "overcharged.recorded", "overcharged.unpublished", "not_a_receipt.foreign", "voided.slip")
"""Headlines that say more than their state does."""


@dataclass(frozen=True, slots=True)
class Amount:
    """One of the amounts compared. `odd` when it is not the published one; `worded` when it is a word and no number."""

    label: str
    text: str
    odd: bool = False
    worded: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact with its name."""

    label: str
    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One step of the check: `mark` is yes, no or open; `result` says the same in a word."""

    mark: str
    result: str
    text: str


@dataclass(frozen=True, slots=True)
class FlagView:
    """Something worth knowing beside the state."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class VerdictView:
    """All sentences of a verdict page. `report` is the label of the report button, empty where reporting is not the next thing."""

    shape: str
    tone: str
    headline: str
    explanation: str
    amounts: list[Amount]
    difference: str
    memory: list[str]
    flags: list[FlagView]
    asks: bool
    recorded: str
    recorded_plain: str
    currency: str
    paid: str
    paid_plain: str
    facts: list[Fact]
    lines: list[LineView]
    steps: Markup
    as_of: str
    report: str


def headline(verdict: Verdict, speaking: Words) -> str:
    """The verdict in one sentence; also the page's title and the API's `headline`."""
    code = str(verdict.state)
    if verdict.state is State.MATCH and verdict.paid is not None:
        code = "match.paid"
    elif verdict.state is State.OVERCHARGED and verdict.published is None:
        code = "overcharged.unpublished"
    elif verdict.state is State.OVERCHARGED and verdict.paid is None:
        code = "overcharged.recorded"
    elif verdict.foreign_host is not None:
        code = "not_a_receipt.foreign"
    elif verdict.state is State.VOIDED and _is_slip(verdict):
        code = "voided.slip"
    difference = _money(verdict.difference, speaking) if verdict.difference is not None and verdict.difference.minor else ""
    return speaking.code("state", code, difference=difference, host=verdict.foreign_host or "")


def view(verdict: Verdict, speaking: Words, now: datetime, *, show_inputs: bool = True) -> VerdictView:
    """The page's words. A receipt found by its number alone does not show what it was computed from (`show_inputs` False)."""
    shape, tone = LOOKS[verdict.state]
    recorded = verdict.recorded
    slip = _is_slip(verdict)
    return VerdictView(
        shape=shape,
        tone=tone,
        headline=headline(verdict, speaking),
        explanation=_explanation(verdict, speaking),
        amounts=_amounts(verdict, speaking),
        difference=speaking.gettext("Difference: %(amount)s", amount=_money(verdict.difference, speaking))
        if verdict.difference is not None and verdict.difference.minor
        else "",
        memory=_memory(verdict, speaking, now),
        flags=_flags(verdict, speaking),
        asks=recorded is not None and verdict.state is not State.TRAINING and not slip,
        recorded=_money(recorded, speaking),
        recorded_plain="" if recorded is None else recorded.text,
        currency="" if recorded is None else recorded.currency,
        paid=_money(verdict.paid, speaking),
        paid_plain="" if verdict.paid is None else verdict.paid.text,
        facts=_facts(verdict, speaking, show_inputs=show_inputs),
        lines=lines(verdict, speaking),
        steps=steps(verdict.checks, speaking.language),
        as_of=speaking.gettext("Checked against the public facts as of %(time)s.", time=_utc(verdict.facts_as_of, speaking)),
        report=speaking.gettext("Report this") if verdict.state in WORTH_REPORTING and not slip else "",
    )


@lru_cache(maxsize=1024)
def steps(taken: tuple[Step, ...], language: str) -> Markup:
    """The numbered steps of a check as they stand in a page. Kept, for most receipts pass the very same ones."""
    return fragment("steps.html", language, checks=checks(taken, words(language)))


def checks(taken: tuple[Step, ...], speaking: Words) -> list[Check]:
    """The numbered steps of a check, in words."""
    results = {True: speaking.gettext("yes"), False: speaking.gettext("no"), None: speaking.gettext("not checked")}
    marks = {True: "yes", False: "no", None: "open"}
    return [Check(marks[step.passed], results[step.passed], speaking.code("step", step.name)) for step in taken]


def lines(verdict: Verdict, speaking: Words) -> list[LineView]:
    """What the published fee is made of."""
    fee = verdict.fee
    return [] if fee is None or fee.assessment is None else line_views(fee.assessment, speaking)


def published_text(verdict: Verdict, speaking: Words) -> tuple[str, bool]:
    """The published amount, and whether it is a word: free, not prescribed and not fixed are three answers, never a bare 0."""
    if verdict.published is not None:
        if verdict.published.minor == 0:
            return speaking.gettext("Free"), True
        return _money(verdict.published, speaking), False
    if verdict.fee is not None and verdict.fee.version is not None:
        return speaking.gettext("Not fixed in advance"), True
    return speaking.gettext("No such fee is published"), True


def case_of(verdict: Verdict) -> tuple[FeeContent, Values] | None:
    """The fee version in force and the receipt's inputs, where they fit each other."""
    fee = verdict.fee
    if fee is None or fee.version is None or fee.values is None:
        return None
    return fee.version.content, fee.values


def _is_slip(verdict: Verdict) -> bool:
    return verdict.receipt is not None and verdict.receipt.token.claims.kind == Kind.VOID_SLIP


def _money(amount: Money | None, speaking: Words) -> str:
    return "" if amount is None else speaking.money(amount.minor, amount.currency)


def _utc(at: datetime, speaking: Words) -> str:
    return f"{speaking.time(at, 'UTC')} UTC"


def _explanation(verdict: Verdict, speaking: Words) -> str:
    """What it means and what to do."""
    sentences = []
    if verdict.void is not None:
        sentences.append(speaking.gettext("It was cancelled on %(day)s.", day=speaking.day(verdict.void.voided_on)))
        if verdict.void.reason is not None:
            sentences.append(speaking.gettext("Reason: %(reason)s.", reason=speaking.code("void_reason", verdict.void.reason)))
        if verdict.void.replaced_by is not None:
            sentences.append(speaking.gettext("It was replaced by receipt %(number)s.", number=show_number(verdict.void.replaced_by)))
    sentences.append(speaking.code("advice", verdict.state))
    return " ".join(sentences)


def _amounts(verdict: Verdict, speaking: Words) -> list[Amount]:
    if verdict.recorded is None:
        return []
    found = []
    published = verdict.published
    if verdict.fee is not None:
        text, worded = published_text(verdict, speaking)
        found.append(Amount(speaking.gettext("Published fee"), text, worded=worded))
    base = verdict.recorded if published is None else published
    found.append(Amount(speaking.gettext("On this receipt"), _money(verdict.recorded, speaking), odd=verdict.recorded != base))
    if verdict.paid is not None:
        found.append(Amount(speaking.gettext("You paid"), _money(verdict.paid, speaking), odd=verdict.paid != base))
    if verdict.claimed is not None:
        found.append(Amount(speaking.gettext("Fee with your facts"), _money(verdict.claimed, speaking), odd=verdict.claimed != base))
    return found


def _memory(verdict: Verdict, speaking: Words, now: datetime) -> list[str]:
    """What a person remembers of it: what for, when, where."""
    receipt = verdict.receipt
    if receipt is None:
        return []
    found = []
    if verdict.fee is not None:
        content = verdict.fee.content
        found.append(speaking.pick(content.name) if content is not None else verdict.fee.code)
    zone = receipt.authority.time_zone
    issued = receipt.issued_at.astimezone(ZoneInfo(zone)).date()
    today = now.astimezone(ZoneInfo(zone)).date()
    ago = speaking.days_ago(issued, today)
    found.append(speaking.day(issued) if issued > today else f"{ago} ({speaking.day(issued)})")
    office = receipt.office
    place = speaking.pick(receipt.authority.names)
    found.append(place if office is None else f"{speaking.pick(office.name)}, {place}")
    return found


def _flags(verdict: Verdict, speaking: Words) -> list[FlagView]:
    found = []
    for flag in verdict.flags:
        text = ""
        if flag is Flag.SEEN and verdict.seen is not None:
            text = speaking.ngettext(
                "%(n)s time, first on %(day)s. If it was given to you as new just now, it may be somebody else's receipt.",
                "%(n)s times, first on %(day)s. If it was given to you as new just now, it may be somebody else's receipt.",
                verdict.seen.times,
                day=speaking.day(verdict.seen.first),
            )
        elif flag is Flag.CORRECTED:
            text = speaking.gettext("The receipt is judged by what was published when it was issued.")
        elif flag is Flag.DISPUTED and verdict.claimed is not None:
            text = speaking.gettext("With the facts you gave, the fee is %(amount)s.", amount=_money(verdict.claimed, speaking))
        found.append(FlagView(speaking.code("flag", flag), text))
    return found


def _facts(verdict: Verdict, speaking: Words, *, show_inputs: bool) -> list[Fact]:
    receipt = verdict.receipt
    if receipt is None:
        return []
    claims = receipt.token.claims
    found = []
    case = case_of(verdict)
    if case is not None and show_inputs:
        found += [Fact(label, value) for label, value in shown(*case, speaking)]
    found.append(Fact(speaking.gettext("Issued"), speaking.time(receipt.issued_at, receipt.authority.time_zone)))
    if claims.on != receipt.issued_at.astimezone(ZoneInfo(receipt.authority.time_zone)).date():
        found.append(Fact(speaking.gettext("Price as of"), speaking.day(claims.on)))
    if claims.payment in _STATED:
        found.append(Fact(speaking.gettext("Paid by"), speaking.code("payment", Payment(claims.payment).name.lower())))
    counter = speaking.gettext("counter %(number)s, receipt %(serial)s", number=claims.counter, serial=claims.serial)
    found.append(Fact(speaking.gettext("Issued at"), counter))
    found.append(Fact(speaking.gettext("Receipt number"), show_number(receipt.number)))
    content = verdict.fee.content if verdict.fee is not None else None
    if content is not None and verdict.fee is not None:
        basis = content.legal_basis
        cited = ", ".join(part for part in (basis.citation, basis.pinpoint) if part)
        found.append(Fact(speaking.gettext("Legal basis"), cited, basis.uri))
        found.append(Fact(speaking.gettext("In force"), in_force_text(content, speaking)))
        number = verdict.fee.recorded_version if verdict.fee.version is None else verdict.fee.version.number
        found.append(Fact(speaking.gettext("Code and version"), f"{content.code}, {number}"))
    return found
