"""Fee rules from and to plain JSON: objects tagged by "type", every number a decimal string.

Reading is strict: an unknown member, a JSON number where a decimal string belongs, a name that is not a declared input of a
fitting kind, edges that do not ascend: each is noted with its path. Writing gives the canonical spelling: amounts with the
currency's decimals (more only where a rate is finer), other numbers as short as they can be.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from registry.fees.inputs import Input, Kind
from registry.fees.reading import Members, Notes, decimal, decimal_text
from registry.fees.rule import (
    DEEPEST,
    MODES,
    MOST_NODES,
    MOST_REFERENCES,
    PARTS,
    SCOPES,
    ActualCost,
    Band,
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
    Row,
    Rule,
    Sum,
    Table,
    Times,
)

FEE_CODE = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,15}", re.ASCII)
FEE_CODE_SHAPE = "must be 1 to 16 of A-Z, 0-9, full stop and hyphen, beginning with a letter or digit"

Json = dict[str, object]


class RuleReader:
    """Reads the rules of one fee version: knows its inputs and currency, and counts nodes over all of them.

    `inputs` is None where the inputs themselves could not be read: then names are not checked, so that one mistake is noted once.
    """

    def __init__(self, inputs: Mapping[str, Input] | None, decimals: int, notes: Notes) -> None:
        self._inputs = inputs
        self._decimals = decimals
        self._notes = notes
        self._nodes = 0
        self._references = 0

    def read(self, data: object, path: str, depth: int = 1) -> Rule:
        """One rule and all within it; a stand-in after a finding."""
        self._nodes += 1
        if depth > DEEPEST:
            self._notes.add(path, "too_deep", f"rules may stand at most {DEEPEST} deep in one another")
            return Free()
        if self._nodes > MOST_NODES:
            if self._nodes == MOST_NODES + 1:
                self._notes.add(path, "too_many_rules", f"a fee may hold at most {MOST_NODES} rules")
            return Free()
        members = Members(data, path, self._notes)
        kind = members.take("type")
        if kind is None:
            return Free()
        reader = _READERS.get(kind) if isinstance(kind, str) else None
        if reader is None:
            members.note("type", "unknown_type", f"must be one of {', '.join(_READERS)}")
            return Free()
        rule = reader(self, members, depth)
        members.close()
        return rule

    def read_member(self, members: Members, name: str, depth: int = 1) -> Rule:
        """The rule that is a required member of an object."""
        data = members.take(name)
        return Free() if data is None else self.read(data, members.at(name), depth)

    # What the members of several rules have in common.

    def _inner(self, members: Members, depth: int) -> Rule:
        return self.read_member(members, "rule", depth + 1)

    def _several(self, members: Members, depth: int) -> tuple[Rule, ...]:
        return tuple(self.read(item, path, depth + 1) for path, item in members.items("rules", MOST_NODES))

    def _of(self, members: Members, *kinds: Kind) -> str:
        name = members.take("of")
        return "" if name is None else self._declared(name, members.at("of"), *kinds)

    def _declared(self, name: object, path: str, *kinds: Kind) -> str:
        if not isinstance(name, str):
            self._notes.add(path, "not_a_text", "must be the name of a declared input")
            return ""
        if self._inputs is not None:
            declared = self._inputs.get(name)
            if declared is None:
                self._notes.add(path, "unknown_input", "must be the name of a declared input")
            elif declared.kind not in kinds:
                self._notes.add(path, "wrong_input_kind", f"must be an input of kind {' or '.join(kinds)}, not {declared.kind}")
        return name

    def _amount(self, members: Members, name: str, *, positive: bool = False) -> Fraction:
        return members.decimal(name, positive=positive, decimals=self._decimals)

    # One reader for each type.

    def _flat(self, members: Members, depth: int) -> Rule:
        data = members.take("amount")
        if data is None:
            return Free()
        amount = decimal(data, members.at("amount"), self._notes, decimals=self._decimals)
        if amount == 0:
            members.note("amount", "not_positive", 'must be above 0; what costs nothing is {"type": "free"}')
        return Flat(amount or Fraction(1))

    def _free(self, members: Members, depth: int) -> Rule:
        return Free()

    def _per_unit(self, members: Members, depth: int) -> Rule:
        return PerUnit(
            rate=members.decimal("rate", positive=True),
            of=self._of(members, "number", "money"),
            unit_size=members.decimal("unit_size", default=Fraction(1), positive=True),
            part=members.word("part", PARTS, "refuse"),
            included=members.decimal("included", default=Fraction(0)),
            minimum_units=members.decimal("minimum_units", default=Fraction(0)),
        )

    def _percent(self, members: Members, depth: int) -> Rule:
        return Percent(rate=members.decimal("rate", positive=True), of=self._of(members, "money"))

    def _bands(self, members: Members, depth: int) -> Rule:
        of = self._of(members, "number", "money")
        declared = self._inputs.get(of) if self._inputs is not None else None
        scope = members.word("scope", SCOPES, "whole")
        bands: list[Band] = []
        below: Fraction | None = None
        items = members.items("bands", MOST_NODES)
        for i, (path, item) in enumerate(items):
            inner = Members(item, path, self._notes)
            data = inner.take("up_to", required=False)
            up_to = None
            if data is not None:
                up_to = decimal(data, inner.at("up_to"), self._notes, decimals=6 if declared is None else declared.decimals)
                if up_to is not None and below is not None and up_to <= below:
                    decimals = 2 if declared is None else declared.decimals
                    inner.note("up_to", "not_ascending", f"must be above {decimal_text(below, decimals)}")
                below = up_to if up_to is not None else below
            elif i < len(items) - 1:
                inner.note("up_to", "open_band_not_last", "may be null in the last band only")
            bands.append(Band(up_to, self._inner(inner, depth)))
            inner.close()
        return Bands(of, tuple(bands), scope)

    def _base_plus(self, members: Members, depth: int) -> Rule:
        return BasePlus(
            base=self._amount(members, "base"),
            at=members.decimal("at"),
            rate=members.decimal("rate", positive=True),
            of=self._of(members, "number", "money"),
            unit_size=members.decimal("unit_size", default=Fraction(1), positive=True),
            part=members.word("part", PARTS, "refuse"),
        )

    def _table(self, members: Members, depth: int) -> Rule:
        of = tuple(self._declared(item, path, "choice") for path, item in members.items("of", 8))
        if len(set(of)) < len(of):
            members.note("of", "duplicate", "must not name an input twice")
        rows: list[Row] = []
        seen: set[tuple[str, ...]] = set()
        for path, item in members.items("rows", MOST_NODES):
            inner = Members(item, path, self._notes)
            items = inner.items("when", 8)
            when = tuple(self._code(code, code_path, of[i] if i < len(of) else "") for i, (code_path, code) in enumerate(items))
            if items and of and len(items) != len(of):
                inner.note("when", "wrong_length", f"must hold {len(of)} choice codes")
            elif items and when in seen:
                inner.note("when", "duplicate", "has a row already")
            seen.add(when)
            rows.append(Row(when, self._inner(inner, depth)))
            inner.close()
        return Table(of, tuple(rows))

    def _code(self, code: object, path: str, of: str) -> str:
        declared = self._inputs.get(of) if self._inputs is not None else None
        if not isinstance(code, str):
            self._notes.add(path, "not_a_text", "must be the code of a choice")
            return ""
        if declared is not None and declared.kind == "choice" and code not in {choice.code for choice in declared.choices}:
            self._notes.add(path, "unknown_choice", f"must be one of {', '.join(choice.code for choice in declared.choices)}")
        return code

    def _sum(self, members: Members, depth: int) -> Rule:
        return Sum(self._several(members, depth))

    def _max_of(self, members: Members, depth: int) -> Rule:
        return MaxOf(self._several(members, depth))

    def _min_of(self, members: Members, depth: int) -> Rule:
        return MinOf(self._several(members, depth))

    def _clamp(self, members: Members, depth: int) -> Rule:
        before = len(self._notes.findings)
        minimum = members.optional_decimal("minimum", decimals=self._decimals)
        maximum = members.optional_decimal("maximum", decimals=self._decimals)
        if len(self._notes.findings) == before:
            if minimum is None and maximum is None:
                members.note("minimum", "missing_member", "minimum or maximum must be given")
            elif minimum is not None and maximum is not None and maximum < minimum:
                members.note("maximum", "below_minimum", f"must not be below {decimal_text(minimum, self._decimals)}")
        return Clamp(self._inner(members, depth), minimum, maximum)

    def _times(self, members: Members, depth: int) -> Rule:
        return Times(
            rule=self._inner(members, depth),
            of=self._of(members, "number", "money"),
            unit_size=members.decimal("unit_size", default=Fraction(1), positive=True),
            part=members.word("part", PARTS, "refuse"),
        )

    def _round(self, members: Members, depth: int) -> Rule:
        return Round(self._inner(members, depth), members.decimal("increment", positive=True), members.word("mode", MODES))

    def _percent_of_fee(self, members: Members, depth: int) -> Rule:
        self._references += 1
        if self._references > MOST_REFERENCES:
            self._notes.add(members.path, "too_many_references", f"a fee may refer to others at most {MOST_REFERENCES} times")
        fee = members.pattern("fee", FEE_CODE, FEE_CODE_SHAPE)
        return PercentOfFee(fee, members.integer("version", 1, 10**6), members.decimal("rate", positive=True))

    def _actual_cost(self, members: Members, depth: int) -> Rule:
        return ActualCost(self._of(members, "money"))

    def _not_computable(self, members: Members, depth: int) -> Rule:
        return NotComputable(members.text("text", 2000))


_READERS = {
    "flat": RuleReader._flat,
    "free": RuleReader._free,
    "per_unit": RuleReader._per_unit,
    "percent": RuleReader._percent,
    "bands": RuleReader._bands,
    "base_plus": RuleReader._base_plus,
    "table": RuleReader._table,
    "sum": RuleReader._sum,
    "max_of": RuleReader._max_of,
    "min_of": RuleReader._min_of,
    "clamp": RuleReader._clamp,
    "times": RuleReader._times,
    "round": RuleReader._round,
    "percent_of_fee": RuleReader._percent_of_fee,
    "actual_cost": RuleReader._actual_cost,
    "not_computable": RuleReader._not_computable,
}


def parse_rule(data: object, inputs: Sequence[Input], decimals: int, path: str = "rule") -> Rule:
    """One rule on its own, for inputs already read and a currency of so many decimals. Raises MalformedFee with all findings."""
    notes = Notes()
    rule = RuleReader({declared.name: declared for declared in inputs}, decimals, notes).read(data, path)
    notes.settle()
    return rule


def rule_to_json(rule: Rule, decimals: int) -> Json:
    """A rule as plain JSON, in canonical spelling for a currency of so many decimals."""

    def money(value: Fraction) -> str:
        return decimal_text(value, decimals)

    def inner(rule: Rule) -> Json:
        return rule_to_json(rule, decimals)

    match rule:
        case Flat(amount):
            return {"type": "flat", "amount": money(amount)}
        case Free():
            return {"type": "free"}
        case PerUnit(rate, of, size, part, included, least):
            out: Json = {"type": "per_unit", "rate": money(rate), "of": of, "unit_size": decimal_text(size), "part": part}
            return out | {"included": decimal_text(included), "minimum_units": decimal_text(least)}
        case Percent(rate, of):
            return {"type": "percent", "rate": decimal_text(rate), "of": of}
        case Bands(of, bands, scope):
            listed: list[Json] = [
                {"up_to": None if band.up_to is None else decimal_text(band.up_to), "rule": inner(band.rule)} for band in bands
            ]
            return {"type": "bands", "of": of, "scope": scope, "bands": listed}
        case BasePlus(base, at, rate, of, size, part):
            out = {"type": "base_plus", "base": money(base), "at": decimal_text(at), "rate": money(rate)}
            return out | {"of": of, "unit_size": decimal_text(size), "part": part}
        case Table(inputs, rows):
            when: list[Json] = [{"when": list(row.when), "rule": inner(row.rule)} for row in rows]
            return {"type": "table", "of": list(inputs), "rows": when}
        case Sum(rules):
            return {"type": "sum", "rules": [inner(rule) for rule in rules]}
        case MaxOf(rules):
            return {"type": "max_of", "rules": [inner(rule) for rule in rules]}
        case MinOf(rules):
            return {"type": "min_of", "rules": [inner(rule) for rule in rules]}
        case Clamp(held, minimum, maximum):
            out = {"type": "clamp", "rule": inner(held)}
            return out | {name: money(edge) for name, edge in (("minimum", minimum), ("maximum", maximum)) if edge is not None}
        case Times(held, of, size, part):
            return {"type": "times", "rule": inner(held), "of": of, "unit_size": decimal_text(size), "part": part}
        case Round(held, increment, mode):
            return {"type": "round", "rule": inner(held), "increment": money(increment), "mode": mode}
        case PercentOfFee(fee, version, rate):
            return {"type": "percent_of_fee", "fee": fee, "version": version, "rate": decimal_text(rate)}
        case ActualCost(of):
            return {"type": "actual_cost", "of": of}
        case NotComputable(text):
            return {"type": "not_computable", "text": text}
