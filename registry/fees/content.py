"""One published fee version: what is charged, on what law, from when; as a value, as strict JSON, and as a hash.

The JSON is one entry of a schedule file (docs/schedule-file.md) with its authority. Reading notes everything wrong at once, with paths;
writing is canonical, so that the same content has the same hash however it was spelt: RFC 8785 over strings and whole numbers only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from hashlib import sha256

import rfc8785

from registry.errors import InputRefused, MalformedAmount, UnknownCurrency
from registry.fees import inputs as case
from registry.fees.input_json import NAME, NAME_SHAPE, input_to_json, read_inputs
from registry.fees.inputs import Input, Values
from registry.fees.reading import Members, Notes, decimal_text
from registry.fees.rule import MODES, STAGES, Rounding, Rule
from registry.fees.rule_json import FEE_CODE, FEE_CODE_SHAPE, Json, RuleReader, rule_to_json
from registry.money import Money, exponent

AUTHORITY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_URI = re.compile(r"https?://[!-~]{1,500}", re.ASCII)

LINE_KINDS = ("concession", "rounding")
"""Kinds of the lines that an assessment adds by itself; no component may be called so."""

MOST_COMPONENTS, MOST_CONCESSIONS, MOST_EXAMPLES = 12, 8, 200

Languages = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a fee, with the account it is paid into; the fee is the sum of its components."""

    kind: str
    label: Languages
    rule: Rule
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Reduction:
    """`rate` percent off: "50" halves the fee."""

    rate: Fraction


@dataclass(frozen=True, slots=True)
class Waiver:
    """Nothing is charged."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Another rule takes the place of all components."""

    rule: Rule


Effect = Reduction | Waiver | Replacement


@dataclass(frozen=True, slots=True)
class Concession:
    """What changes where a yes_no input is yes. Of several that apply the one with the lowest `priority` number does, alone."""

    label: Languages
    when: str
    effect: Effect
    priority: int


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """The act, where in it, and where to read it."""

    citation: str
    pinpoint: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """A case and what it comes to, "35.00", as the editor worked it out by hand; None where no amount is published."""

    inputs: Values
    amount: str | None


@dataclass(frozen=True, slots=True)
class FeeContent:
    """Everything a fee version says. `service` and `description` are empty where not given; `valid_to` is the first day after."""

    authority: str
    code: str
    name: Languages
    currency: str
    inputs: tuple[Input, ...]
    components: tuple[Component, ...]
    rounding: Rounding
    legal_basis: LegalBasis
    valid_from: date
    valid_to: date | None
    reason: str
    service: Languages = field(default_factory=dict)
    description: Languages = field(default_factory=dict)
    concessions: tuple[Concession, ...] = ()
    worked_examples: tuple[WorkedExample, ...] = ()
    # The compiled rules, filled in by the first assessment; no part of what the content is.
    compiled: object = field(default=None, init=False, repr=False, compare=False)


def parse_content(data: object, path: str = "") -> FeeContent:
    """A fee version from plain JSON. Raises MalformedFee with all findings; `path` is put before theirs."""
    notes = Notes()
    members = Members(data, path, notes)
    authority = members.pattern("authority", AUTHORITY, "must be lower-case letters, digits and hyphens")
    code = members.pattern("code", FEE_CODE, FEE_CODE_SHAPE)
    name = members.languages("name", 300)
    service = members.languages("service", 300, required=False)
    description = members.languages("description", 4000, required=False)
    currency, decimals = _currency(members)
    before = len(notes.findings)
    inputs = read_inputs(members, decimals)
    inputs_good = len(notes.findings) == before
    rules = RuleReader({declared.name: declared for declared in inputs} if inputs_good else None, decimals, notes)
    components = tuple(_component(item, at, notes, rules) for at, item in members.items("components", MOST_COMPONENTS))
    concessions = _concessions(members, rules, inputs if inputs_good else None)
    rounding = _rounding(members, decimals)
    legal_basis = _legal_basis(members)
    valid_from = members.day("valid_from")
    valid_to = members.optional_day("valid_to")
    if valid_to is not None and valid_to <= valid_from:
        members.note("valid_to", "empty_period", f"must be after {valid_from}; it is the first day the fee no longer holds")
    reason = members.text("reason", 2000)
    examples = _examples(members, inputs if inputs_good else None, currency)
    members.close()
    notes.settle()
    return FeeContent(
        authority,
        code,
        name,
        currency,
        inputs,
        components,
        rounding,
        legal_basis,
        valid_from,
        valid_to,
        reason,
        service,
        description,
        concessions,
        examples,
    )


def to_json(content: FeeContent) -> Json:
    """The canonical plain JSON of a fee version: parse_content(to_json(x)) == x. What is empty and may be left out is."""
    decimals = exponent(content.currency)
    basis = content.legal_basis
    out: Json = {"authority": content.authority, "code": content.code, "name": dict(content.name)}
    out |= {name: dict(text) for name, text in (("service", content.service), ("description", content.description)) if text}
    out |= {
        "currency": content.currency,
        "inputs": [input_to_json(declared) for declared in content.inputs],
        "components": [_component_json(component, decimals) for component in content.components],
    }
    if content.concessions:
        out["concessions"] = [_concession_json(concession, decimals) for concession in content.concessions]
    out |= {
        "rounding": {
            "increment": decimal_text(content.rounding.increment, decimals),
            "mode": content.rounding.mode,
            "stage": content.rounding.stage,
        },
        "legal_basis": {"citation": basis.citation}
        | ({"pinpoint": basis.pinpoint} if basis.pinpoint is not None else {})
        | ({"uri": basis.uri} if basis.uri is not None else {}),
        "valid_from": content.valid_from.isoformat(),
        "valid_to": None if content.valid_to is None else content.valid_to.isoformat(),
        "reason": content.reason,
        "worked_examples": [
            {"inputs": case.show(content.inputs, example.inputs), "amount": example.amount} for example in content.worked_examples
        ],
    }
    return out


def canonical_bytes(content: FeeContent) -> bytes:
    """The RFC 8785 form of `to_json`: what is hashed and published."""
    return rfc8785.dumps(to_json(content))  # type: ignore[arg-type]


def content_hash(content: FeeContent) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return sha256(canonical_bytes(content)).hexdigest()


def _currency(members: Members) -> tuple[str, int]:
    currency = members.take("currency")
    if currency is None:
        return "", 2
    try:
        if isinstance(currency, str):
            return currency, exponent(currency)
    except UnknownCurrency:
        pass
    members.note("currency", "unknown_currency", "must be an ISO 4217 currency code")
    return "", 2


def _component(data: object, path: str, notes: Notes, rules: RuleReader) -> Component:
    members = Members(data, path, notes)
    kind = members.pattern("kind", NAME, NAME_SHAPE)
    if kind in LINE_KINDS:
        members.note("kind", "reserved_kind", "is the kind of a line that is worked out, not of a component")
    label = members.languages("label", 200)
    account = members.optional_text("account", 100)
    rule = rules.read_member(members, "rule")
    members.close()
    return Component(kind, label, rule, account)


def _concessions(members: Members, rules: RuleReader, inputs: tuple[Input, ...] | None) -> tuple[Concession, ...]:
    concessions: list[Concession] = []
    for path, item in members.items("concessions", MOST_CONCESSIONS, required=False):
        inner = Members(item, path, members.notes)
        label = inner.languages("label", 200)
        when = inner.pattern("when", NAME, "must be the name of a yes_no input")
        if inputs is not None and when and when not in {declared.name for declared in inputs if declared.kind == "yes_no"}:
            inner.note("when", "unknown_input", "must be the name of a yes_no input")
        effect = inner.take("effect")
        read = Waiver() if effect is None else _effect(Members(effect, inner.at("effect"), members.notes), rules)
        priority = inner.integer("priority", 1, 1000)
        if priority in {other.priority for other in concessions}:
            inner.note("priority", "duplicate", "is the priority of another concession")
        inner.close()
        concessions.append(Concession(label, when, read, priority))
    return tuple(concessions)


def _effect(members: Members, rules: RuleReader) -> Effect:
    effect: Effect = Waiver()
    match members.word("type", ("free", "percent", "replace")):
        case "percent":
            rate = members.decimal("rate", positive=True)
            if rate > 100:
                members.note("rate", "too_large", "must be at most 100")
            effect = Reduction(rate)
        case "replace":
            effect = Replacement(rules.read_member(members, "rule"))
    members.close()
    return effect


def _rounding(members: Members, decimals: int) -> Rounding:
    data = members.take("rounding", required=False)
    minor_unit = Fraction(1, 10**decimals)
    if data is None:
        return Rounding(minor_unit)
    inner = Members(data, members.at("rounding"), members.notes)
    # Parts of a minor unit cannot be paid: the increment is a whole number of them.
    increment = inner.decimal("increment", default=minor_unit, positive=True, decimals=decimals)
    rounding = Rounding(increment, inner.word("mode", MODES, "half_up"), inner.word("stage", STAGES, "total"))
    inner.close()
    return rounding


def _legal_basis(members: Members) -> LegalBasis:
    data = members.take("legal_basis")
    if data is None:
        return LegalBasis("")
    inner = Members(data, members.at("legal_basis"), members.notes)
    basis = LegalBasis(inner.text("citation", 1000), inner.optional_text("pinpoint", 200), inner.optional_text("uri", 500))
    if basis.uri is not None and not _URI.fullmatch(basis.uri):
        inner.note("uri", "wrong_shape", "must be an address beginning with https:// or http://")
    inner.close()
    return basis


def _examples(members: Members, inputs: tuple[Input, ...] | None, currency: str) -> tuple[WorkedExample, ...]:
    examples: list[WorkedExample] = []
    for path, item in members.items("worked_examples", MOST_EXAMPLES, required=False):
        inner = Members(item, path, members.notes)
        given = inner.take("inputs")
        values = Values(())
        if given is not None and not isinstance(given, dict):
            inner.note("inputs", "not_an_object", "must be an object")
        elif given is not None and inputs is not None:
            try:
                values = case.parse(inputs, given, inner.at("inputs"))
            except InputRefused as refused:
                for finding in refused.findings:
                    members.notes.add(finding.path, finding.code, finding.message)
        amount = inner.take("amount", required=False)
        text: str | None = None
        if amount is not None:
            try:
                text = Money.parse(amount, currency).text if isinstance(amount, str) and currency else None
            except MalformedAmount as malformed:
                inner.note("amount", "malformed_amount", str(malformed))
            if not isinstance(amount, str):
                inner.note("amount", "not_a_decimal", "must be a decimal string")
        inner.close()
        examples.append(WorkedExample(values, text))
    return tuple(examples)


def _component_json(component: Component, decimals: int) -> Json:
    out: Json = {"kind": component.kind, "label": dict(component.label)}
    if component.account is not None:
        out["account"] = component.account
    return out | {"rule": rule_to_json(component.rule, decimals)}


def _concession_json(concession: Concession, decimals: int) -> Json:
    effect: Json
    match concession.effect:
        case Reduction(rate):
            effect = {"type": "percent", "rate": decimal_text(rate)}
        case Waiver():
            effect = {"type": "free"}
        case Replacement(rule):
            effect = {"type": "replace", "rule": rule_to_json(rule, decimals)}
    return {"label": dict(concession.label), "when": concession.when, "effect": effect, "priority": concession.priority}
