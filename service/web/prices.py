"""What a fee costs, in words: for lists, for the calculator and for the clerk's preview. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registry.errors import RegistryRefusal
from registry.fees.assessment import Assessment, assess, parse_inputs
from registry.fees.content import FeeContent
from registry.snapshot import AuthorityPart, Facts, PublishedVersion
from service.web.language import Words


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of what the fee is made of."""

    label: str
    amount: str
    account: str | None


@dataclass(frozen=True, slots=True)
class Price:
    """An assessment in words: the amount or what is said instead of it, a note, and the lines."""

    text: str
    note: str
    lines: list[LineView]


def price(assessment: Assessment, speaking: Words) -> Price:
    """Free, an actual cost and not computable are three answers; none of them is shown as a bare 0."""
    lines = line_views(assessment, speaking)
    match assessment.standing:
        case "free":
            return Price(speaking.gettext("Free"), speaking.gettext("Nothing may be charged for this."), lines if len(lines) > 1 else [])
        case "actual_cost":
            stated = "" if assessment.recorded_minor is None else speaking.money(assessment.recorded_minor, assessment.currency)
            text = stated or speaking.gettext("Not fixed in advance")
            return Price(text, speaking.gettext("The actual cost is charged; the law fixes no amount. Ask for the bill."), lines)
        case "not_computable":
            return Price(speaking.gettext("Not fixed in advance"), assessment.text or "", [])
    return Price(speaking.money(assessment.minor or 0, assessment.currency), "", lines)


def line_views(assessment: Assessment, speaking: Words) -> list[LineView]:
    """What the amount is made of. The line that rounding adds has no words of its own."""
    return [
        LineView(
            speaking.pick(line.label) if line.label else speaking.gettext("Rounding"),
            speaking.money(line.minor, assessment.currency),
            line.account,
        )
        for line in assessment.lines
    ]


def short_price(version: PublishedVersion, part: AuthorityPart, speaking: Words) -> str:
    """The amount for a list, where it is the same for everybody; otherwise that it depends."""
    content = version.content
    if content.inputs:
        return speaking.gettext("depends")
    try:
        return price(assess(content, parse_inputs(content, {}), part.content), speaking).text
    except RegistryRefusal:
        return speaking.gettext("Not fixed in advance")


@dataclass(frozen=True, slots=True)
class Row:
    """One fee in a list."""

    authority: str
    code: str
    name: Mapping[str, str]
    service: Mapping[str, str]
    price: str


@dataclass(frozen=True, slots=True)
class Group:
    """The fees of one authority."""

    authority: AuthorityPart
    fees: list[Row]


def rows(part: AuthorityPart, versions: Sequence[PublishedVersion], speaking: Words) -> list[Row]:
    """Fees for a list, by public service and name."""
    found = [
        Row(part.id, each.code, each.content.name, each.content.service, short_price(each, part, speaking))
        for each in versions
    ]  # fmt: skip
    return sorted(found, key=lambda row: (speaking.pick(row.service), speaking.pick(row.name), row.code))


def in_force(facts: Facts, authority: str, on: date, now: datetime) -> list[PublishedVersion]:
    """Every fee of an authority that holds on a day."""
    part = facts.parts[authority]
    found = (part.in_force(code, on, now) for code in part.by_code)
    return [version for version in found if version is not None]


def in_force_text(content: FeeContent, speaking: Words) -> str:
    """The days on which a fee version holds; people name the last one."""
    if content.valid_to is None:
        return speaking.gettext("from %(first)s", first=speaking.day(content.valid_from))
    last = content.valid_to - timedelta(days=1)
    return speaking.gettext("from %(first)s to %(last)s", first=speaking.day(content.valid_from), last=speaking.day(last))
