"""The inputs of a fee as form fields: shown in the reader's language, read as people type, refused beside the field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from registry.errors import InputRefused, MalformedAmount
from registry.fees.content import FeeContent
from registry.fees.inputs import Input, Values, bounds, show_one
from service.web.amounts import typed_decimal
from service.web.language import Words

PREFIX = "in-"
"""Before the name of an input in a form, so that none can take the name of a field of ours."""

_EPOCH = date(1970, 1, 1).toordinal()
UNITS = {"m2": "m²", "m3": "m³", "cm3": "cm³", "ccm": "cm³", "percent": "%"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent: the id of the field, None for the whole form, and the sentence for the person."""

    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One input as a field. `options` are (code, label) of a choice; `value` is what was typed, kept as it was."""

    id: str
    label: str
    kind: str
    value: str
    hint: str
    unit: str
    options: tuple[tuple[str, str], ...]


def fields(content: FeeContent, given: Mapping[str, str], speaking: Words) -> list[Field]:
    """The fee's inputs with what was typed so far."""
    return [_field(declared, given.get(PREFIX + declared.name, ""), content.currency, speaking) for declared in content.inputs]


def _field(declared: Input, typed: str, currency: str, speaking: Words) -> Field:
    options: tuple[tuple[str, str], ...] = ()
    if declared.kind == "choice":
        choices = tuple((choice.code, speaking.pick(choice.label)) for choice in declared.choices)
        options = (("", speaking.gettext("Choose one")), *choices)
    unit = currency if declared.kind == "money" else UNITS.get(declared.unit or "", declared.unit or "")
    label = speaking.pick(declared.label)
    return Field(PREFIX + declared.name, label, declared.kind, typed, "", "" if unit in label else unit, options)


def given_inputs(content: FeeContent, form: Mapping[str, str]) -> dict[str, object]:
    """What a form sent, as `parse_inputs` reads it. A number nobody can read goes on as it is, to be refused with the rest."""
    found: dict[str, object] = {}
    for declared in content.inputs:
        typed = form.get(PREFIX + declared.name, "").strip()
        if declared.kind == "yes_no":
            found[declared.name] = typed == "yes"
        elif typed:
            found[declared.name] = _plain(declared, typed)
    return found


def _plain(declared: Input, typed: str) -> str:
    if declared.kind == "date":
        return typed_day(typed)
    if declared.kind == "choice":
        return typed
    try:
        return typed_decimal(typed, declared.decimals)
    except MalformedAmount:
        return typed


def typed_day(text: str) -> str:
    """A date as people write it here (`24.11.2026`, `24/11/2026`) as YYYY-MM-DD; anything else as it was."""
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%Y.", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text.strip(), pattern).date().isoformat()  # noqa: DTZ007 (a calendar day has no zone)
        except ValueError:
            continue
    return text


def faults(refused: InputRefused, content: FeeContent, speaking: Words) -> list[Fault]:
    """The findings about a case, each at its field and in words."""
    declared = {each.name: each for each in content.inputs}
    found = []
    for finding in refused.findings:
        field = declared.get(finding.path.removeprefix("inputs."))
        label = speaking.pick(field.label) if field is not None else finding.path
        limits: dict[str, object] = {"label": label, "least": "", "most": "", "decimals": 0}
        if field is not None and field.kind in ("number", "money"):
            least, most = bounds(field)
            limits |= {"least": show_one(field, least), "most": show_one(field, most), "decimals": field.decimals}
        code = finding.code if speaking.knows("field", finding.code) else "wrong_type"
        found.append(Fault(PREFIX + field.name if field is not None else None, speaking.code("field", code, **limits)))
    return found


def shown(content: FeeContent, values: Values, speaking: Words) -> list[tuple[str, str]]:
    """A case in words: label and value of every input."""
    return [
        (speaking.pick(declared.label), shown_one(declared, value, content.currency, speaking))
        for declared, value in zip(content.inputs, values.ints, strict=True)
    ]


def shown_one(declared: Input, value: int, currency: str, speaking: Words) -> str:
    """One value in words: `120.50 m²`, `Zone A`, `yes`, `1 May 1999`."""
    match declared.kind:
        case "money":
            return speaking.money(value, currency)
        case "choice":
            return speaking.pick(declared.choices[value].label)
        case "yes_no":
            return speaking.gettext("yes") if value else speaking.gettext("no")
        case "date":
            return speaking.day(date.fromordinal(_EPOCH + value))
    unit = UNITS.get(declared.unit or "", declared.unit or "")
    return f"{speaking.number(value, declared.decimals)} {unit}".strip()


def typed(content: FeeContent, values: Values) -> dict[str, str]:
    """A case as a person would type it into the form."""
    return {
        declared.name: ("yes" if value else "") if declared.kind == "yes_no" else str(show_one(declared, value))
        for declared, value in zip(content.inputs, values.ints, strict=True)
    }
