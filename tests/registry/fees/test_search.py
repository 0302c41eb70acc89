"""Finding fees by what people type."""

from datetime import UTC, date, datetime

import pytest

from registry.fees.content import content_hash, parse_content
from registry.fees.search import fold, search
from registry.snapshot import AuthorityPart, PublishedVersion
from tests.world import fee_json

NAMES = {
    "CIT-CERT": {"en": "Citizenship certificate", "mk": "Уверение за државјанство", "sq": "Certifikatë e shtetësisë"},
    "BUILD": {"en": "Building permit", "sr": "Građevinska dozvola", "mk": "Градежна дозвола за граѓани"},
    "ROAD-CAR": {"en": "Road tax: car", "sq": "Taksë rrugore", "sr": "Kuća i čaršija"},
}
ALL = ["BUILD", "CIT-CERT", "ROAD-CAR"]
ON, NOW = date(2026, 11, 24), datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def part() -> AuthorityPart:
    contents = [parse_content(fee_json(code, {"type": "flat", "amount": "2.00"}, name=name)) for code, name in NAMES.items()]
    published = datetime(2026, 1, 1, tzinfo=UTC)
    versions = tuple(PublishedVersion(each.code, 1, each, content_hash(each), published) for each in contents)
    return AuthorityPart(id="xk-town", names={"en": "Town"}, time_zone="Europe/Belgrade", language="sq", versions=versions)


@pytest.mark.parametrize(
    ("folded", "spellings"),
    [
        ("gradevinska", ["Građevinska", "GRADEVINSKA", "грађевинска", "gradjevinska"]),
        ("takse", ["Таксë", "TAKSË", "takse"]),
        ("gradani", ["граѓани", "građani", "gragjani", "gradjani"]),
        ("kuca", ["kuća", "кућа", "куќа", "kukja"]),
    ],
)
def test_scripts_and_marks_do_not_matter(folded: str, spellings: list[str]) -> None:
    assert {folded} == {fold(each) for each in spellings}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("уверение", ["CIT-CERT"]), ("uver", ["CIT-CERT"]), ("shtet", ["CIT-CERT"]), ("certificate cit", ["CIT-CERT"]),
        ("gradev", ["BUILD"]), ("road-car", ["ROAD-CAR"]), ("cit-cert", ["CIT-CERT"]), ("zzz", []), ("", ALL), ("-.,", ALL),
    ],
)  # fmt: skip
def test_words_or_their_beginnings_in_any_order_find_the_fee(part: AuthorityPart, typed: str, expected: list[str]) -> None:
    assert expected == [version.code for version in search(part, typed, ON, NOW)]


def test_a_fee_that_is_not_in_force_is_not_found(part: AuthorityPart) -> None:
    assert [] == search(part, "uver", date(2025, 1, 1), NOW)
