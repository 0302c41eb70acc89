"""How a rule came to its price, in one short line of figures and names: what a trace shows beside each amount.

Technical English, for the page "how we got this amount"; what people read first is translated elsewhere.
"""

from fractions import Fraction

from registry.fees import inputs as case
from registry.fees.content import FeeContent
from registry.fees.inputs import Input
from registry.fees.pricing import Exact, Ints, Terms, units
from registry.fees.reading import decimal_text
from registry.fees.rule import (
    ActualCost,
    Bands,
    BasePlus,
    Clamp,
    Flat,
    Free,
    MaxOf,
    MinOf,
    NotComputable,
    Percent,
    PercentOfFee,
    PerUnit,
    Round,
    Rule,
    Sum,
    Table,
    Times,
)
from registry.money import exponent


def explain(rule: Rule, content: FeeContent, ints: Ints) -> str:
    """What `rule` did with the values it saw: "per_unit: 121 × 2.80 (area 120.50 m2)"."""
    terms = Terms(content.inputs, exponent(content.currency), content.rounding)

    def seen(name: str) -> str:
        place = terms.position[name]
        return f"{name} {_shown(terms.inputs[place], ints[place])}"

    def money(amount: Fraction) -> str:
        return decimal_text(amount, terms.decimals)

    match rule:
        case Flat(amount):
            return f"flat: {money(amount)}"
        case Free():
            return "free"
        case PerUnit(rate, of, size, part, included, least):
            number = units(of, terms, size, part, included)(ints[terms.position[of]])
            return f"per_unit: {_number(max(number, least))} × {money(rate)} ({seen(of)})"
        case Percent(rate, of):
            return f"percent: {decimal_text(rate)} % of {seen(of)}"
        case Bands(of, bands, scope):
            value = Fraction(ints[terms.position[of]], 10 ** terms.inputs[terms.position[of]].decimals)
            edge = next((band.up_to for band in bands if band.up_to is None or value <= band.up_to), None)
            return f"bands, {scope}: {seen(of)}, {'the last band' if edge is None else f'up to {decimal_text(edge)}'}"
        case BasePlus(base, at, rate, of, size, part):
            number = units(of, terms, size, part, at)(ints[terms.position[of]])
            return f"base_plus: {money(base)} + {_number(number)} × {money(rate)} ({seen(of)})"
        case Table(of=names):
            return f"table: {', '.join(seen(name) for name in names)}"
        case Sum(rules):
            return f"sum of {len(rules)}"
        case MaxOf(rules):
            return f"max_of: the highest of {len(rules)}"
        case MinOf(rules):
            return f"min_of: the lowest of {len(rules)}"
        case Clamp(minimum=minimum, maximum=maximum):
            limits = [f"at least {money(minimum)}"] if minimum is not None else []
            return f"clamp: {', '.join(limits + ([f'at most {money(maximum)}'] if maximum is not None else []))}"
        case Times(of=of, unit_size=size, part=part):
            return f"times: × {_number(units(of, terms, size, part)(ints[terms.position[of]]))} ({seen(of)})"
        case Round(increment=increment, mode=mode):
            return f"round: to {money(increment)}, {mode}"
        case PercentOfFee(fee, version, rate):
            return f"percent_of_fee: {decimal_text(rate)} % of {fee} version {version}"
        case ActualCost(of):
            return f"actual_cost: {seen(of)}"
        case NotComputable(text):
            return f"not_computable: {text}"


def _shown(declared: Input, value: int) -> str:
    shown = case.show_one(declared, value)
    text = ("yes" if shown else "no") if isinstance(shown, bool) else shown
    return f"{text} {declared.unit}" if declared.unit else text


def _number(count: Exact) -> str:
    if isinstance(count, int) or count.denominator == 1:
        return str(count)
    return f"{count.numerator}/{count.denominator}"
