"""A clerk's few keys to one fee."""

from datetime import UTC, datetime

import pytest

from registry.fees.content import content_hash, parse_content
from registry.snapshot import PublishedVersion
from service.web.counter.finding import matches, numbered
from tests.world import fee_json

FLAT = {"type": "flat", "amount": "2.00"}
NAMES = {
    "CIT-CERT": {"en": "Citizenship certificate", "mk": "Уверение за државјанство"},
    "CAD-CERT": {"en": "Cadastral certificate", "sr": "Građevinska dozvola"},
    "ROAD-CAR": {"en": "Road tax: car", "sq": "Taksë rrugore"},
}
FEES = numbered(
    [
        PublishedVersion(code, 1, content, content_hash(content), datetime(2026, 1, 1, tzinfo=UTC))
        for code, name in NAMES.items()
        for content in [parse_content(fee_json(code, FLAT, name=name))]
    ]
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1", ["CAD-CERT"]), ("2", ["CIT-CERT"]), ("cit-cert", ["CIT-CERT"]), ("ci", ["CIT-CERT"]), ("C", ["CAD-CERT", "CIT-CERT"]),
        ("road", ["ROAD-CAR"]), ("citizen", ["CIT-CERT"]), ("уверение", ["CIT-CERT"]), ("uverenie", ["CIT-CERT"]),
        ("gradev", ["CAD-CERT"]), ("takse", ["ROAD-CAR"]), ("zzz", []), ("", []), ("99", []),
    ],
)  # fmt: skip
def test_number_code_or_letters_lead_to_a_fee(typed: str, expected: list[str]) -> None:
    assert expected == [version.code for _, version in matches(typed, FEES)]
