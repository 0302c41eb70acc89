"""The cases an approver should see before agreeing to a fee: where prices change, one step to each side, and something in between.

Mistakes in a tariff hide at edges: a band that begins one too late, a cap that is never reached, a zero that costs something.
"""

from registry.errors import InputRefused, RegistryRefusal
from registry.fees import inputs as case
from registry.fees.assessment import FeeLookup, assess
from registry.fees.content import FeeContent, Replacement
from registry.fees.inputs import Input, Values
from registry.fees.pricing import Exact, Ints, PriceUnknown, Run, Terms, compile_rule
from registry.fees.rule import Bands, BasePlus, Clamp, PerUnit, Rule, Table, Times, inner_rules
from registry.money import exponent

MOST_SHOWN = 100


def edge_examples(content: FeeContent, fees: FeeLookup | None = None) -> tuple[Values, ...]:
    """Cases inside each band, on both sides of each edge and cap, at the least and the most of each input, and under each concession.

    At most a hundred, without repeats, without cases nothing is prescribed for. A fee without inputs has one: the case itself.
    """
    terms = Terms(content.inputs, exponent(content.currency), content.rounding)
    usual = tuple(_usual(declared, content) for declared in content.inputs)
    found: dict[Ints, None] = {usual: None}
    for component in content.components:
        _walk(component.rule, usual, terms, found)
    for concession in content.concessions:
        claimed = _with(usual, terms.position[concession.when], 1)
        found[claimed] = None
        if isinstance(concession.effect, Replacement):
            _walk(concession.effect.rule, claimed, terms, found)
    for place, declared in enumerate(content.inputs):
        if declared.kind in ("number", "money"):
            found[_with(usual, place, declared.minimum or 0)] = None
            if declared.maximum is not None:
                found[_with(usual, place, declared.maximum)] = None
    priced = (Values(ints) for ints in found if _possible(content, ints) and _prescribed(content, Values(ints), fees))
    return tuple(values for values, _ in zip(priced, range(MOST_SHOWN), strict=False))


def _walk(rule: Rule, usual: Ints, terms: Terms, found: dict[Ints, None]) -> None:
    """Note the cases that matter for one rule, the other inputs being as usual, and go into the rules within it."""
    match rule:
        case Bands(of=of, bands=bands):
            place = terms.position[of]
            scale = 10 ** terms.inputs[place].decimals
            below = 0
            for band in bands:
                edge = None if band.up_to is None else int(band.up_to * scale)
                inside = _with(usual, place, below + 10 * scale if edge is None else (below + edge + 1) // 2)
                found[inside] = None
                if edge is not None:
                    found |= {_with(usual, place, edge): None, _with(usual, place, edge + 1): None}
                    below = edge
                _walk(band.rule, inside, terms, found)
            return
        case Table(of=of, rows=rows):
            for row in rows:
                chosen = usual
                for name, code in zip(of, row.when, strict=True):
                    place = terms.position[name]
                    chosen = _with(chosen, place, [choice.code for choice in terms.inputs[place].choices].index(code))
                found[chosen] = None
                _walk(row.rule, chosen, terms, found)
            return
        case PerUnit(of=of, unit_size=size, included=start) | BasePlus(of=of, unit_size=size, at=start):
            place = terms.position[of]
            scale = 10 ** terms.inputs[place].decimals
            for edge in (int(start * scale), int((start + size) * scale)):
                found |= {_with(usual, place, edge): None, _with(usual, place, edge + 1): None}
        case Times(of=of, unit_size=size):
            place = terms.position[of]
            edge = int(size * 10 ** terms.inputs[place].decimals)
            found |= {_with(usual, place, edge): None, _with(usual, place, edge + 1): None}
        case Clamp(rule=held, minimum=minimum, maximum=maximum):
            for limit in (minimum, maximum):
                if limit is not None:
                    found |= dict.fromkeys(_where_reached(held, terms.minor(limit), usual, terms))
        case _:
            pass
    for _, inner in inner_rules(rule):
        _walk(inner, usual, terms, found)


def _where_reached(rule: Rule, limit: Exact, usual: Ints, terms: Terms) -> list[Ints]:
    """For each number in turn, the last case below a limit and the first that reaches it, where the price rises with the number."""
    price = compile_rule(rule, terms, "")
    cases = []
    for place, declared in enumerate(terms.inputs):
        if declared.kind in ("number", "money"):
            least, most = case.bounds(declared)
            try:
                below = price(Run(_no_fee), _with(usual, place, least)) < limit <= price(Run(_no_fee), _with(usual, place, most))
                while below and most - least > 1:
                    middle = (least + most) // 2
                    reached = price(Run(_no_fee), _with(usual, place, middle)) >= limit
                    least, most = (least, middle) if reached else (middle, most)
            except (RegistryRefusal, PriceUnknown):
                continue  # not a price at every value, so there is nothing to search
            if below:
                cases += [_with(usual, place, least), _with(usual, place, most)]
    return cases


def _no_fee(run: Run, code: str, version: int, ints: Ints) -> int:
    raise PriceUnknown(code)


def _usual(declared: Input, content: FeeContent) -> int:
    """An unremarkable value: ten units of a number, the first choice, no, the day the fee begins; within the bounds."""
    least, most = case.bounds(declared)
    match declared.kind:
        case "number" | "money":
            value = int(10 * 10**declared.decimals)
        case "date":
            value = case.day_number(content.valid_from)
        case "choice" | "yes_no":
            value = 0
    return min(max(value, least), most)


def _with(ints: Ints, place: int, value: int) -> Ints:
    return (*ints[:place], value, *ints[place + 1 :])


def _possible(content: FeeContent, ints: Ints) -> bool:
    bounds = (case.bounds(declared) for declared in content.inputs)
    return all(least <= value <= most for (least, most), value in zip(bounds, ints, strict=True))


def _prescribed(content: FeeContent, values: Values, fees: FeeLookup | None) -> bool:
    try:
        assess(content, values, fees)
    except InputRefused:
        return False
    except RegistryRefusal:
        return True  # something is wrong with the fee itself: the approver should see where
    return True
