"""Assessing: what a fee version comes to for one case, as lines that add up, and how it came to that.

The order is fixed. Each component is priced exactly; the concession that applies changes the sum; the fee's rounding is applied at its
stage; and the total ends as a whole number of minor units. Lines are whole minor units too: the components, then what a concession took
off as a line of kind `concession`, then what is left between their sum and the total as a line of kind `rounding`, so that they always
add up to the total exactly.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from registry.errors import AmountOutOfRange, Finding, InputRefused, UnusableFeeReference
from registry.fees import inputs as case
from registry.fees.content import Concession, FeeContent, Reduction, Replacement
from registry.fees.explanation import explain
from registry.fees.inputs import Values
from registry.fees.pricing import Exact, Ints, Price, PriceUnknown, Run, Terms, Watch, compile_rule, exact, rounded, unwatched
from registry.fees.rule import DEEPEST_REFERENCE, Mode, NotComputable, PercentOfFee, Rule, inner_rules
from registry.money import Money, exponent, minor_text

Standing = Literal["priced", "free", "actual_cost", "not_computable"]
FeeLookup = Callable[[str, int], FeeContent | None]
"""The content of (code, version) of the same authority, or None where there is no such version."""

MOST = 10**15
"""No fee comes to more minor units than this."""


class Line(Struct, frozen=True):
    """One line of an assessment. `kind` is the component's, or `concession` or `rounding`, whose amount may be negative."""

    kind: str
    label: Mapping[str, str]
    account: str | None
    minor: int


class Assessment(Struct, frozen=True):
    """What a fee comes to.

    `minor` is the published amount in minor units: 0 when free, None when it is an actual cost or not computable.
    `recorded_minor` is what a receipt records: the same, and the stated cost where there is an actual cost in it.
    `lines` add up to `recorded_minor`; there are none when it is not computable. `text` is then what the law says instead.
    """

    standing: Standing
    minor: int | None
    currency: str
    lines: tuple[Line, ...]
    recorded_minor: int | None
    text: str | None = None


class Step(Struct, frozen=True):
    """One step of a trace: where in the fee (`components[0].rule.bands[1].rule`), what was done there, and the price that came of it."""

    path: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """A fee's rules, compiled: prices of components, and of concessions in the order they are tried, each with its input's place."""

    components: tuple[Price, ...]
    concessions: tuple[tuple[int, Concession, Price | None], ...]
    increment: Exact
    mode: Mode
    by_component: bool
    by_total: bool
    refers: bool
    labels: tuple[tuple[str, Mapping[str, str], str | None], ...]


def parse_inputs(content: FeeContent, data: Mapping[str, object]) -> Values:
    """The values of a case from API form. Raises InputRefused with all findings, each at `inputs.NAME`."""
    return case.parse(content.inputs, data)


def pack(content: FeeContent, values: Values) -> Ints:
    """The values as a token holds them, in declared order."""
    return values.ints


def unpack(content: FeeContent, ints: Sequence[int]) -> Values:
    """The values a token holds. Raises InputRefused where they are not possible values of this fee's inputs."""
    return case.unpack(content.inputs, ints)


def show(content: FeeContent, values: Values) -> dict[str, str | bool]:
    """The values in API form: {"area": "120.50", "zone": "a1", "pensioner": False}."""
    return case.show(content.inputs, values)


def assess(content: FeeContent, values: Values, fees: FeeLookup | None = None) -> Assessment:
    """What the fee comes to for a case.

    `fees` finds the other fees that percent_of_fee rules name. Raises InputRefused for a case that nothing is prescribed for,
    AmountOutOfRange above 10^15 minor units, UnusableFeeReference.
    """
    return _assess(content, values, fees, 0)


def _assess(content: FeeContent, values: Values, fees: FeeLookup | None, depth: int) -> Assessment:
    plan = content.compiled
    if not isinstance(plan, _Plan):
        plan = _compile(content)
        object.__setattr__(content, "compiled", plan)
    return _work_out(content, plan, values, Run(_referrer(content, fees, depth) if plan.refers else _refers_to_nothing))


def _work_out(content: FeeContent, plan: _Plan, values: Values, run: Run) -> Assessment:
    ints = values.ints
    if len(ints) != len(content.inputs):
        raise InputRefused([Finding("inputs", "wrong_count", f"must be {len(content.inputs)} values")])
    concession = None
    for place, candidate, replacement in plan.concessions:
        if ints[place]:
            concession = candidate, replacement
            break
    try:
        lines, total = _components(plan, run, ints)
        if concession is not None:
            total = _conceded(concession[0], concession[1], run, ints, total)
    except (PriceUnknown, InputRefused) as unknown:
        # Where a concession waives or replaces the components, it does not matter that they have no price.
        if concession is None or isinstance(concession[0].effect, Reduction):
            return _without_price(content, unknown)
        try:
            run.actual = False
            lines, total = [], _conceded(concession[0], concession[1], run, ints, 0)
        except PriceUnknown as unknown_too:
            return _without_price(content, unknown_too)
    return _settle(content, plan, run, lines, total, None if concession is None else concession[0])


def _components(plan: _Plan, run: Run, ints: Ints) -> tuple[list[Line], Exact]:
    """The components' lines and their exact sum; with rounding by component, of their rounded prices."""
    lines = []
    total: Exact = 0
    for (kind, label, account), price in zip(plan.labels, plan.components, strict=True):
        amount = price(run, ints)
        if plan.by_component:
            amount = rounded(amount, plan.increment, plan.mode)
        total += amount
        # A line is what can be paid; a total rounded to more than that has its own line for the difference.
        lines.append(Line(kind, label, account, amount if isinstance(amount, int) else int(rounded(amount, 1, plan.mode))))
    return lines, total


def _conceded(concession: Concession, replacement: Price | None, run: Run, ints: Ints, total: Exact) -> Exact:
    """What the total becomes under a concession."""
    match concession.effect:
        case Reduction(rate):
            return exact(total * (100 - rate) / 100)
        case Replacement() if replacement is not None:
            run.actual = False
            return replacement(run, ints)
        case _:
            run.actual = False
            return 0


def _settle(content: FeeContent, plan: _Plan, run: Run, lines: list[Line], total: Exact, concession: Concession | None) -> Assessment:
    """Round the total and make the lines add up to it."""
    conceded = total
    if plan.by_total or (plan.by_component and concession is not None):
        total = rounded(total, plan.increment, plan.mode)
    minor = total if isinstance(total, int) else int(rounded(total, 1, plan.mode))
    if minor > MOST:
        raise AmountOutOfRange(f"comes to more than {minor_text(MOST, exponent(content.currency))} {content.currency}")
    if concession is not None:
        # By component, the reduced total is what was rounded: the whole difference is the concession's.
        reduced = minor if plan.by_component else int(rounded(conceded, 1, plan.mode))
        lines.append(Line("concession", concession.label, None, reduced - sum([line.minor for line in lines])))
    rest = minor
    for line in lines:
        rest -= line.minor
    if rest:
        lines.append(Line("rounding", {}, None, rest))
    if run.actual:
        return Assessment("actual_cost", None, content.currency, tuple(lines), minor)
    return Assessment("priced" if minor else "free", minor, content.currency, tuple(lines), minor)


def _without_price(content: FeeContent, unknown: PriceUnknown | InputRefused) -> Assessment:
    if isinstance(unknown, InputRefused):
        raise unknown
    return Assessment("not_computable", None, content.currency, (), None, str(unknown))


def _compile(content: FeeContent, watch: Watch = unwatched) -> _Plan:
    terms = Terms(content.inputs, exponent(content.currency), content.rounding)
    components = tuple(
        compile_rule(component.rule, terms, f"components[{i}].rule", watch) for i, component in enumerate(content.components)
    )
    concessions = []
    for i, concession in sorted(enumerate(content.concessions), key=lambda numbered: numbered[1].priority):
        effect = concession.effect
        price = compile_rule(effect.rule, terms, f"concessions[{i}].effect.rule", watch) if isinstance(effect, Replacement) else None
        concessions.append((terms.position[concession.when], concession, price))
    return _Plan(
        components=components,
        concessions=tuple(concessions),
        increment=terms.increment,
        mode=content.rounding.mode,
        by_component=content.rounding.stage == "component",
        by_total=content.rounding.stage == "total",
        refers=any(True for _, rule in all_rules(content) if isinstance(rule, PercentOfFee)),
        labels=tuple((component.kind, component.label, component.account) for component in content.components),
    )


def all_rules(content: FeeContent) -> list[tuple[str, Rule]]:
    """Every rule of a fee version with its path, outer before inner."""
    found: list[tuple[str, Rule]] = []

    def walk(path: str, rule: Rule) -> None:
        found.append((path, rule))
        for below, inner in inner_rules(rule):
            walk(f"{path}.{below}", inner)

    for i, component in enumerate(content.components):
        walk(f"components[{i}].rule", component.rule)
    for i, concession in enumerate(content.concessions):
        if isinstance(concession.effect, Replacement):
            walk(f"concessions[{i}].effect.rule", concession.effect.rule)
    return found


def _refers_to_nothing(run: Run, code: str, version: int, ints: Ints) -> Exact:
    raise UnusableFeeReference(f"{code} version {version} is not there")


def _referrer(content: FeeContent, fees: FeeLookup | None, depth: int) -> Callable[[Run, str, int, Ints], Exact]:
    """The price of another fee for the same case: its inputs are taken by name from ours."""

    def refer(run: Run, code: str, version: int, ints: Ints) -> Exact:
        other = None if fees is None else fees(code, version)
        if other is None:
            raise UnusableFeeReference(f"{code} version {version} is not there")
        if other.currency != content.currency:
            raise UnusableFeeReference(f"{code} version {version} is in {other.currency}, not {content.currency}")
        if depth >= DEEPEST_REFERENCE:
            raise UnusableFeeReference(f"{code} version {version}: fees refer to one another more than {DEEPEST_REFERENCE} deep")
        ours = case.show(content.inputs, Values(ints))
        missing = [declared.name for declared in other.inputs if declared.name not in ours]
        if missing:
            raise UnusableFeeReference(f"{code} version {version} needs the inputs {', '.join(missing)}")
        found = _assess(other, case.parse(other.inputs, {declared.name: ours[declared.name] for declared in other.inputs}), fees, depth + 1)
        if found.recorded_minor is None:
            raise PriceUnknown(found.text or "")
        run.actual = run.actual or found.standing == "actual_cost"
        return found.recorded_minor

    return refer


def trace(content: FeeContent, values: Values, fees: FeeLookup | None = None) -> tuple[Step, ...]:
    """How `assess` came to its amount, step by step, inner rules before the rules that hold them, then the lines and the total.

    The same compiled rules run, each watched; so a trace cannot tell another story than the assessment.
    """
    decimals = exponent(content.currency)
    steps: list[Step] = []

    def watch(path: str, rule: Rule, price: Price) -> Price:
        def watched(run: Run, ints: Ints) -> Exact:
            try:
                amount = price(run, ints)
            except PriceUnknown:
                if isinstance(rule, NotComputable):
                    steps.append(Step(path, explain(rule, content, ints), ""))
                raise
            steps.append(Step(path, explain(rule, content, ints), exact_text(amount, decimals)))
            return amount

        return watched

    plan = _compile(content, watch)
    found = _work_out(content, plan, values, Run(_referrer(content, fees, 0) if plan.refers else _refers_to_nothing))
    for line in found.lines:
        if line.kind in ("concession", "rounding"):
            steps.append(Step(line.kind, line.kind, minor_text(line.minor, decimals)))
    total = "" if found.recorded_minor is None else minor_text(found.recorded_minor, decimals)
    steps.append(Step("total", found.text or found.standing, total))
    return tuple(steps)


def exact_text(amount: Exact, decimals: int) -> str:
    """An exact number of minor units in units of the currency: "35.00"; with six more decimals and "…" where it has no end."""
    if isinstance(amount, int):
        return minor_text(amount, decimals)
    scaled = amount * 10**6
    text = minor_text(int(scaled), decimals + 6)
    return text.rstrip("0") if scaled.denominator == 1 else text + "…"


def check_examples(content: FeeContent, fees: FeeLookup | None = None) -> list[Finding]:
    """Work the worked examples out again; each that comes to something else is a finding."""
    findings = []
    for i, example in enumerate(content.worked_examples):
        at = f"worked_examples[{i}]"
        try:
            found = assess(content, example.inputs, fees)
        except InputRefused as refused:
            findings += [Finding(f"{at}.{finding.path}", finding.code, finding.message) for finding in refused.findings]
            continue
        except (AmountOutOfRange, UnusableFeeReference) as refused:
            findings.append(Finding(f"{at}.amount", refused.code, str(refused)))
            continue
        amount = None if found.minor is None else Money(found.minor, content.currency).text
        if amount != example.amount:
            comes_to = amount if amount is not None else found.standing
            findings.append(Finding(f"{at}.amount", "example_differs", f"comes to {comes_to}, not {example.amount or 'no amount'}"))
    return findings
