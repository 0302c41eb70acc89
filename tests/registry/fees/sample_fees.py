"""Fees for tests, from life: the few facts that each test needs, in the JSON of a schedule file."""

from registry.fees.assessment import Assessment, FeeLookup, assess, parse_inputs
from registry.fees.content import FeeContent, parse_content
from registry.money import minor_text

Json = dict[str, object]


def number(name: str, decimals: int = 0, **more: object) -> Json:
    """A declared number."""
    return {"name": name, "label": {"en": name}, "kind": "number", "decimals": decimals} | more


def money(name: str, **more: object) -> Json:
    """A declared amount of money."""
    return {"name": name, "label": {"en": name}, "kind": "money"} | more


def choice(name: str, *codes: str) -> Json:
    """A declared choice."""
    return {"name": name, "label": {"en": name}, "kind": "choice", "choices": [{"code": code, "label": {"en": code}} for code in codes]}


def yes_no(name: str) -> Json:
    """A declared yes_no."""
    return {"name": name, "label": {"en": name}, "kind": "yes_no"}


def day(name: str, **more: object) -> Json:
    """A declared date."""
    return {"name": name, "label": {"en": name}, "kind": "date"} | more


def flat(amount: str) -> Json:
    """One amount."""
    return {"type": "flat", "amount": amount}


def bands(of: str, *edges: tuple[str | None, Json], scope: str = "whole") -> Json:
    """Bands from (up_to, rule) pairs."""
    return {"type": "bands", "of": of, "scope": scope, "bands": [{"up_to": up_to, "rule": rule} for up_to, rule in edges]}


def component(rule: Json, kind: str = "administrative_fee", **more: object) -> Json:
    """One component."""
    return {"kind": kind, "label": {"en": kind.replace("_", " ")}, "rule": rule} | more


def concession(when: str, effect: Json, priority: int = 1) -> Json:
    """What a yes_no input changes."""
    return {"label": {"en": when}, "when": when, "effect": effect, "priority": priority}


def fee_json(rule: Json | None = None, inputs: list[Json] | None = None, currency: str = "EUR", **more: object) -> Json:
    """A fee version with one component, or with what `more` says instead."""
    return {
        "authority": "xk-prishtina",
        "code": "TEST-1",
        "name": {"en": "Certificate", "sq": "Certifikatë", "mk": "Уверение", "sr": "Uverenje"},
        "currency": currency,
        "inputs": inputs or [],
        "components": [component(rule if rule is not None else flat("2"))],
        "legal_basis": {"citation": "Regulation on municipal fees", "pinpoint": "art. 6", "uri": "https://kk.rks-gov.net/"},
        "valid_from": "2026-01-01",
        "valid_to": None,
        "reason": "First publication",
    } | more


def fee(rule: Json | None = None, inputs: list[Json] | None = None, currency: str = "EUR", **more: object) -> FeeContent:
    """The same, read."""
    return parse_content(fee_json(rule, inputs, currency, **more))


def assessed(content: FeeContent, fees: FeeLookup | None = None, /, **given: object) -> Assessment:
    """The assessment of a case in API form."""
    return assess(content, parse_inputs(content, given), fees)


def amount(content: FeeContent, fees: FeeLookup | None = None, /, **given: object) -> str:
    """What it comes to: "35.00", or the standing where nothing is published."""
    found = assessed(content, fees, **given)
    return found.standing if found.minor is None else minor_text(found.minor, 2)


COURT_ISSUE_FEE = fee(
    bands(
        "claim",
        ("300", flat("35")),
        ("500", flat("50")),
        ("1000", flat("70")),
        ("1500", flat("80")),
        ("3000", flat("115")),
        ("5000", flat("205")),
        ("10000", flat("455")),
        ("200000", {"type": "percent", "rate": "5", "of": "claim"}),
        (None, flat("10000")),
    ),
    [money("claim", minimum="0.01")],
    "GBP",
)
"""Civil money claims, England and Wales, on paper: SI 2015/576."""
