"""A fee may be a share of another only if that other is there, alike, and does not lead back."""

from registry.fees.assessment import FeeLookup
from registry.fees.content import FeeContent
from registry.fees.references import check_references
from tests.registry.fees.sample_fees import Json, fee, flat, money, number


def share_of(code: str) -> Json:
    return {"type": "percent_of_fee", "fee": code, "version": 1, "rate": "50"}


def lookup(**fees: FeeContent) -> FeeLookup:
    return lambda code, version: fees.get(code) if version == 1 else None


def codes(content: FeeContent, fees: FeeLookup) -> list[tuple[str, str]]:
    return [(finding.path, finding.code) for finding in check_references(content, fees)]


def test_a_good_reference_has_no_findings() -> None:
    assert [] == codes(fee(share_of("A"), [money("claim")]), lookup(A=fee(flat("1"), [money("claim")])))
    assert [] == codes(fee(flat("1")), lookup())


def test_each_thing_wrong_with_a_reference_is_found() -> None:
    content = fee({"type": "sum", "rules": [share_of("GONE"), share_of("A"), share_of("B")]}, [number("area", 2)])
    other = fee(flat("1"), [number("area", 1), number("rooms")])
    assert [
        ("components[0].rule.rules[0].fee", "unknown_fee"),
        ("components[0].rule.rules[1].fee", "other_currency"),
        ("components[0].rule.rules[2].fee", "different_input"),
        ("components[0].rule.rules[2].fee", "missing_input"),
    ] == codes(content, lookup(A=fee(flat("1"), currency="MKD"), B=other))


def test_references_in_a_circle_are_found() -> None:
    one, other = fee(share_of("B")), fee(share_of("A"))
    assert [("components[0].rule.fee", "reference_too_deep")] == codes(one, lookup(A=one, B=other))


def test_three_references_in_a_row_are_enough() -> None:
    chain = lookup(A=fee(share_of("B")), B=fee(share_of("C")), C=fee(share_of("D")), D=fee(flat("8")))
    assert [("components[0].rule.fee", "reference_too_deep")] == codes(fee(share_of("A")), chain)
    assert [] == codes(fee(share_of("B")), chain)
