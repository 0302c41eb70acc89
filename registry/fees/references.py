"""Fees that are a share of other fees: what must hold of the fees a version refers to before it can be proposed."""

from registry.errors import Finding
from registry.fees.assessment import FeeLookup, all_rules
from registry.fees.content import FeeContent
from registry.fees.rule import DEEPEST_REFERENCE, PercentOfFee


def check_references(content: FeeContent, fees: FeeLookup) -> list[Finding]:
    """Every percent_of_fee must name a version that is there, in the same currency, whose inputs are declared here alike, and no cycle.

    Findings are at the path of the rule: unknown_fee, other_currency, missing_input, different_input, reference_too_deep.
    A cycle is found as one too deep: a version can refer only to versions that exist, so it takes more than one mistake to make it.
    """
    findings: list[Finding] = []
    declared = {own.name: own for own in content.inputs}
    for path, rule in all_rules(content):
        if not isinstance(rule, PercentOfFee):
            continue
        other = fees(rule.fee, rule.version)
        if other is None:
            findings.append(Finding(f"{path}.fee", "unknown_fee", f"{rule.fee} version {rule.version} is not there"))
            continue
        if other.currency != content.currency:
            findings.append(Finding(f"{path}.fee", "other_currency", f"is in {other.currency}, not {content.currency}"))
        for theirs in other.inputs:
            own = declared.get(theirs.name)
            if own is None:
                findings.append(Finding(f"{path}.fee", "missing_input", f"needs the input {theirs.name}, which is not declared here"))
            elif (own.kind, own.decimals) != (theirs.kind, theirs.decimals):
                findings.append(Finding(f"{path}.fee", "different_input", f"declares the input {theirs.name} differently"))
        if _depth(other, fees, 1) > DEEPEST_REFERENCE:
            findings.append(Finding(f"{path}.fee", "reference_too_deep", f"refers on more than {DEEPEST_REFERENCE} deep, or in a circle"))
    return findings


def _depth(content: FeeContent, fees: FeeLookup, depth: int) -> int:
    """How many references in a row there are, counting the one that led here; counting stops once there are too many."""
    if depth > DEEPEST_REFERENCE:
        return depth
    others = [fees(rule.fee, rule.version) for _, rule in all_rules(content) if isinstance(rule, PercentOfFee)]
    return max([depth, *(_depth(other, fees, depth + 1) for other in others if other is not None)])
