"""What a rule comes to, exactly: each rule is compiled once into a function of a case's values.

Prices are exact numbers of minor units, an int wherever they are whole and a Fraction elsewhere; no float, no context, no rounding
but where a rule says so. Compiling is done when a fee is first assessed; pricing is what every check and every receipt waits for.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from registry.errors import Finding, InputRefused
from registry.fees.inputs import Input
from registry.fees.rule import (
    ActualCost,
    Bands,
    BasePlus,
    Clamp,
    Flat,
    Free,
    MaxOf,
    MinOf,
    Mode,
    NotComputable,
    Part,
    Percent,
    PercentOfFee,
    PerUnit,
    Round,
    Rounding,
    Rule,
    Sum,
    Table,
    Times,
)

Exact = int | Fraction
"""A number of minor units; whole ones are always ints, which are much faster."""

Ints = tuple[int, ...]


class PriceUnknown(Exception):
    """The case falls under words that no rule can follow: the words. Ours alone; an assessment turns it into its standing."""


class Run:
    """What one assessment needs beside the values, and what it learns: whether an actual cost is in the price."""

    __slots__ = ("actual", "refer")

    def __init__(self, refer: "Callable[[Run, str, int, Ints], Exact]") -> None:
        self.actual = False
        self.refer = refer


Price = Callable[[Run, Ints], Exact]
"""A compiled rule."""
Watch = Callable[[str, Rule, Price], Price]
"""What is done with each compiled rule, given its path: how a trace gets to see the same run that an assessment makes."""


def unwatched(path: str, rule: Rule, price: Price) -> Price:
    """Leave a compiled rule as it is."""
    return price


class Terms:
    """What compiling a fee's rules needs to know of the fee: its inputs, the decimals of its currency, its rounding."""

    def __init__(self, inputs: Sequence[Input], decimals: int, rounding: Rounding) -> None:
        self.inputs = tuple(inputs)
        self.position = {declared.name: i for i, declared in enumerate(inputs)}
        self.decimals = decimals
        self.rounding = rounding
        self.increment = self.minor(rounding.increment)

    def minor(self, amount: Fraction) -> Exact:
        """An amount of the currency in minor units."""
        return exact(amount * 10**self.decimals)

    def rate(self, amount: Fraction) -> Exact:
        """The price of one unit in minor units, rounded if the fee rounds at that stage."""
        return rounded(self.minor(amount), self.increment, self.rounding.mode) if self.rounding.stage == "unit" else self.minor(amount)


def exact(value: Exact) -> Exact:
    """The same number, as an int if it is whole."""
    return value.numerator if value.denominator == 1 else value


def ratio(numerator: int, denominator: int) -> Exact:
    """numerator / denominator, exactly."""
    whole, rest = divmod(numerator, denominator)
    return Fraction(numerator, denominator) if rest else whole


def rounded(value: Exact, increment: Exact, mode: Mode) -> Exact:
    """`value`, which is not negative, as a multiple of `increment`. A half is exactly half an increment: half_down drops it."""
    numerator = value.numerator * increment.denominator
    denominator = value.denominator * increment.numerator
    count, rest = divmod(numerator, denominator)
    match mode:
        case "half_up":
            count += 2 * rest >= denominator
        case "half_down":
            count += 2 * rest > denominator
        case "half_even":
            count += 2 * rest > denominator or (2 * rest == denominator and count % 2 == 1)
        case "up":
            count += rest > 0
        case "down":
            pass
    return exact(count * increment)


def compile_rule(rule: Rule, terms: Terms, path: str, watch: Watch = unwatched) -> Price:
    """The function that prices a rule.

    It may raise PriceUnknown, InputRefused for a value that nothing is prescribed for, and what `refer` raises.
    """

    def inner(rule: Rule, below: str) -> Price:
        return compile_rule(rule, terms, f"{path}.{below}", watch)

    match rule:
        case Flat(amount):
            price = _constant(terms.minor(amount))
        case Free():
            price = _constant(0)
        case PerUnit():
            price = _per_unit(rule, terms)
        case Percent(rate, of):
            price = _percent(rate, of, terms)
        case Bands():
            prices = [inner(band.rule, f"bands[{i}].rule") for i, band in enumerate(rule.bands)]
            price = _marginal(rule, prices, terms) if rule.scope == "marginal" else _whole(rule, prices, terms)
        case BasePlus():
            price = _base_plus(rule, terms)
        case Table(rows=rows):
            price = _table(rule, [inner(row.rule, f"rows[{i}].rule") for i, row in enumerate(rows)], terms)
        case Sum(rules) | MaxOf(rules) | MinOf(rules):
            price = _several(rule, [inner(each, f"rules[{i}]") for i, each in enumerate(rules)])
        case Clamp(held, minimum, maximum):
            least = None if minimum is None else terms.minor(minimum)
            price = _clamp(inner(held, "rule"), least, None if maximum is None else terms.minor(maximum))
        case Times(held):
            price = _times(rule, inner(held, "rule"), terms)
        case Round(held, increment, mode):
            price = _round(inner(held, "rule"), terms.minor(increment), mode)
        case PercentOfFee():
            price = _percent_of_fee(rule)
        case ActualCost(of):
            price = _actual_cost(of, terms)
        case NotComputable(text):
            price = _not_computable(text)
    return watch(path, rule, price)


def units(of: str, terms: Terms, size: Fraction, part: Part, included: Fraction = Fraction(0)) -> Callable[[int], Exact]:
    """How many units of `size` the scaled value of an input makes beyond what is included; raises InputRefused for a part that may not be.

    Worked out in ints: with value = x / 10^d, (value - included) / size = (x * a - b) / c.
    """
    scale: int = 10 ** terms.inputs[terms.position[of]].decimals
    unit, off = size * scale, included * scale
    a: int = off.denominator * unit.denominator
    b: int = off.numerator * unit.denominator
    c: int = off.denominator * unit.numerator

    def ceil(x: int) -> Exact:
        over = x * a - b
        return -(-over // c) if over > 0 else 0

    def prorate(x: int) -> Exact:
        over = x * a - b
        return ratio(over, c) if over > 0 else 0

    def refuse(x: int) -> Exact:
        over = x * a - b
        if over <= 0:
            return 0
        whole, rest = divmod(over, c)
        if rest:
            raise InputRefused([Finding(f"inputs.{of}", "not_whole_units", f"must make whole units of {size}")])
        return whole

    return {"ceil": ceil, "prorate": prorate, "refuse": refuse}[part]


def _constant(amount: Exact) -> Price:
    return lambda run, ints: amount


def _per_unit(rule: PerUnit, terms: Terms) -> Price:
    at = terms.position[rule.of]
    count = units(rule.of, terms, rule.unit_size, rule.part, rule.included)
    least = exact(rule.minimum_units)
    rate = terms.rate(rule.rate)

    def price(run: Run, ints: Ints) -> Exact:
        number = count(ints[at])
        return exact((number if number > least else least) * rate)

    return price


def _percent(rate: Fraction, of: str, terms: Terms) -> Price:
    at = terms.position[of]
    share = rate / 100 * Fraction(10**terms.decimals, 10 ** terms.inputs[at].decimals)
    top, bottom = share.numerator, share.denominator
    return lambda run, ints: ratio(ints[at] * top, bottom)


def _edges(rule: Bands, terms: Terms) -> list[int]:
    """The closed edges as scaled values; the reader saw to it that they have no more decimals than the input."""
    scale = 10 ** terms.inputs[terms.position[rule.of]].decimals
    return [int(band.up_to * scale) for band in rule.bands if band.up_to is not None]


def _above(of: str) -> InputRefused:
    return InputRefused([Finding(f"inputs.{of}", "above_last_band", "is above the last band; nothing is prescribed for it")])


def _whole(rule: Bands, prices: Sequence[Price], terms: Terms) -> Price:
    at, of, edges, count = terms.position[rule.of], rule.of, _edges(rule, terms), len(prices)

    def price(run: Run, ints: Ints) -> Exact:
        # The first edge at or above the value: the upper edge belongs to its band.
        band = bisect_left(edges, ints[at])
        if band == count:
            raise _above(of)
        return prices[band](run, ints)

    return price


def _marginal(rule: Bands, prices: Sequence[Price], terms: Terms) -> Price:
    at, of, edges, count = terms.position[rule.of], rule.of, _edges(rule, terms), len(prices)

    def price(run: Run, ints: Ints) -> Exact:
        value = ints[at]
        last = bisect_left(edges, value)
        if last == count:
            raise _above(of)
        before, after = ints[:at], ints[at + 1 :]
        total: Exact = 0
        below = 0
        for band in range(last + 1):
            upper = value if band == last else edges[band]
            total += prices[band](run, (*before, upper - below, *after))
            below = upper
        return exact(total)

    return price


def _base_plus(rule: BasePlus, terms: Terms) -> Price:
    at = terms.position[rule.of]
    count = units(rule.of, terms, rule.unit_size, rule.part, rule.at)
    base, rate = terms.minor(rule.base), terms.rate(rule.rate)
    return lambda run, ints: exact(base + count(ints[at]) * rate)


def _table(rule: Table, prices: Sequence[Price], terms: Terms) -> Price:
    places = [terms.position[name] for name in rule.of]
    codes = [{choice.code: i for i, choice in enumerate(terms.inputs[place].choices)} for place in places]
    rows: Mapping[Ints, Price] = {
        tuple(known[code] for known, code in zip(codes, row.when, strict=True)): price for row, price in zip(rule.rows, prices, strict=True)
    }

    def price(run: Run, ints: Ints) -> Exact:
        row = rows.get(tuple([ints[place] for place in places]))
        if row is None:
            raise InputRefused(
                [Finding(f"inputs.{rule.of[-1]}", "not_prescribed", f"nothing is prescribed for this choice of {', '.join(rule.of)}")]
            )
        return row(run, ints)

    return price


def _several(rule: Sum | MaxOf | MinOf, prices: Sequence[Price]) -> Price:
    match rule:
        case Sum():
            return lambda run, ints: exact(sum([price(run, ints) for price in prices]))
        case MaxOf():
            return lambda run, ints: max([price(run, ints) for price in prices])
        case MinOf():
            return lambda run, ints: min([price(run, ints) for price in prices])


def _clamp(held: Price, minimum: Exact | None, maximum: Exact | None) -> Price:
    def price(run: Run, ints: Ints) -> Exact:
        amount = held(run, ints)
        if minimum is not None and amount < minimum:
            return minimum
        if maximum is not None and amount > maximum:
            return maximum
        return amount

    return price


def _times(rule: Times, held: Price, terms: Terms) -> Price:
    at = terms.position[rule.of]
    count = units(rule.of, terms, rule.unit_size, rule.part)
    if terms.rounding.stage == "unit":
        held = _round(held, terms.increment, terms.rounding.mode)
    return lambda run, ints: exact(held(run, ints) * count(ints[at]))


def _round(held: Price, increment: Exact, mode: Mode) -> Price:
    return lambda run, ints: rounded(held(run, ints), increment, mode)


def _percent_of_fee(rule: PercentOfFee) -> Price:
    fee, version, rate = rule.fee, rule.version, rule.rate / 100

    def price(run: Run, ints: Ints) -> Exact:
        return exact(run.refer(run, fee, version, ints) * rate)

    return price


def _actual_cost(of: str, terms: Terms) -> Price:
    at = terms.position[of]
    scale: int = 10 ** (terms.decimals - terms.inputs[at].decimals)

    def price(run: Run, ints: Ints) -> Exact:
        run.actual = True
        return ints[at] * scale

    return price


def _not_computable(text: str) -> Price:
    def price(run: Run, ints: Ints) -> Exact:
        raise PriceUnknown(text)

    return price
