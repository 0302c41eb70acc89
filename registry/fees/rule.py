"""The closed vocabulary of fee rules: what a price can be, as values. A rule is data, never code.

Every number is exact: a Fraction read from a decimal string. Amounts (`amount`, `base`, `minimum`, `maximum`, `rate` of units)
are in units of the fee's currency; quantities (`unit_size`, `included`, `at`, `up_to`) are in the unit of the input named by `of`;
`rate` of a percentage is in percent. How each is worked out is in `pricing`, how it is read and written in `rule_json`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Mode = Literal["half_up", "half_down", "half_even", "up", "down"]
Part = Literal["ceil", "prorate", "refuse"]
Scope = Literal["whole", "marginal"]
Stage = Literal["unit", "component", "total"]

MODES: tuple[Mode, ...] = ("half_up", "half_down", "half_even", "up", "down")
PARTS: tuple[Part, ...] = ("ceil", "prorate", "refuse")
SCOPES: tuple[Scope, ...] = ("whole", "marginal")
STAGES: tuple[Stage, ...] = ("unit", "component", "total")

DEEPEST = 8
"""How many rules may stand inside one another."""
MOST_NODES = 200
"""How many rules one fee version may hold, all components and concessions together."""
MOST_REFERENCES = 8
"""How many of them may be percent_of_fee."""
DEEPEST_REFERENCE = 3
"""How many fees may refer to one another in a row. With the above, one assessment never becomes very many."""


@dataclass(frozen=True, slots=True)
class Flat:
    """One amount, whatever the case."""

    amount: Fraction


@dataclass(frozen=True, slots=True)
class Free:
    """The law says that nothing is charged. Not the same as a fee nobody prescribed."""


@dataclass(frozen=True, slots=True)
class PerUnit:
    """`rate` for each `unit_size` of the input beyond `included`, at least `minimum_units` of them.

    units = max(part(max(0, of - included) / unit_size), minimum_units). A part of a unit counts whole (`ceil`), in proportion
    (`prorate`), or may not occur (`refuse`, also where the file says nothing: we do not guess what the law left out).
    """

    rate: Fraction
    of: str
    unit_size: Fraction = Fraction(1)
    part: Part = "refuse"
    included: Fraction = Fraction(0)
    minimum_units: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Percent:
    """`rate` percent of a money input: "5" is 5 %, never "0.05"."""

    rate: Fraction
    of: str


@dataclass(frozen=True, slots=True)
class Band:
    """The rule for values up to and including `up_to`; None is the open last band."""

    up_to: Fraction | None
    rule: "Rule"


@dataclass(frozen=True, slots=True)
class Bands:
    """A rule by the size of an input; edges ascend, so there is no gap and no overlap. Above a closed last edge nothing is prescribed.

    `whole`: the one band the value falls in prices the whole case, its rule seeing the inputs as they are.
    `marginal`: the prices of every band reached are added, and in each the input `of` is replaced by the slice that lies in the band,
    min(value, up_to) - the edge below; so a flat rule is charged once for each band reached, and the first band is always reached.
    """

    of: str
    bands: tuple[Band, ...]
    scope: Scope = "whole"


@dataclass(frozen=True, slots=True)
class BasePlus:
    """`base` up to and including `at`, then `rate` for each `unit_size` above it: base + rate * part(max(0, of - at) / unit_size)."""

    base: Fraction
    at: Fraction
    rate: Fraction
    of: str
    unit_size: Fraction = Fraction(1)
    part: Part = "refuse"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the choice codes in the order of the table's `of`, and their rule."""

    when: tuple[str, ...]
    rule: "Rule"


@dataclass(frozen=True, slots=True)
class Table:
    """A rule by one or more choices. A combination without a row is not prescribed, and refused."""

    of: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """All of the rules together."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class MaxOf:
    """The highest of the rules."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class MinOf:
    """The lowest of the rules."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Clamp:
    """A rule that never comes to less than `minimum` or more than `maximum`; at least one of them is there."""

    rule: "Rule"
    minimum: Fraction | None
    maximum: Fraction | None


@dataclass(frozen=True, slots=True)
class Times:
    """A rule's price for each `unit_size` of an input, so that a yearly charge can be prorated by days."""

    rule: "Rule"
    of: str
    unit_size: Fraction = Fraction(1)
    part: Part = "refuse"


@dataclass(frozen=True, slots=True)
class Round:
    """A rule's price rounded to a multiple of `increment`."""

    rule: "Rule"
    increment: Fraction
    mode: Mode


@dataclass(frozen=True, slots=True)
class PercentOfFee:
    """`rate` percent of what one version of another fee of the same authority comes to, for the inputs of the same names."""

    fee: str
    version: int
    rate: Fraction


@dataclass(frozen=True, slots=True)
class ActualCost:
    """What it really cost, as the clerk states it in a money input: nothing a citizen can check against a published amount."""

    of: str


@dataclass(frozen=True, slots=True)
class NotComputable:
    """The law has a price, in words that no rule here can follow: those words."""

    text: str


Rule = (
    Flat
    | Free
    | PerUnit
    | Percent
    | Bands
    | BasePlus
    | Table
    | Sum
    | MaxOf
    | MinOf
    | Clamp
    | Times
    | Round
    | PercentOfFee
    | ActualCost
    | NotComputable
)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a fee version rounds: to a multiple of `increment`, at one stage.

    `total`: the sum after a concession. `component`: each component, and the total after a concession.
    `unit`: the price of one unit (the rate of per_unit and base_plus, the inner rule of times) before it is multiplied.
    Whatever the stage, the total ends as a whole number of minor units, rounded in the same mode.
    """

    increment: Fraction
    mode: Mode = "half_up"
    stage: Stage = "total"


def inner_rules(rule: Rule) -> tuple[tuple[str, Rule], ...]:
    """The rules directly inside a rule, each with its path below it: ("bands[0].rule", …)."""
    match rule:
        case Bands(bands=bands):
            return tuple((f"bands[{i}].rule", band.rule) for i, band in enumerate(bands))
        case Table(rows=rows):
            return tuple((f"rows[{i}].rule", row.rule) for i, row in enumerate(rows))
        case Sum(rules=rules) | MaxOf(rules=rules) | MinOf(rules=rules):
            return tuple((f"rules[{i}]", inner) for i, inner in enumerate(rules))
        case Clamp(rule=inner) | Times(rule=inner) | Round(rule=inner):
            return (("rule", inner),)
        case _:
            return ()
