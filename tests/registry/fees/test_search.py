"""Finding a fee: three spellings, few letters, exact codes first."""

from datetime import UTC, date, datetime

import pytest

from registry.fees.content import content_hash, parse_content
from registry.fees.search import LONGEST_QUESTION, fold, folded_words, search
from registry.snapshot import AuthorityPart, PublishedVersion
from tests.world import TOWN, fee_json

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)

NAMES = {
    "BIRTH": {"en": "Birth certificate", "sq": "Çertifikatë e lindjes", "mk": "Извод за родените", "sr": "Izvod iz knjige rođenih"},
    "ID-CARD": {"en": "Identity card", "sq": "Letërnjoftim", "mk": "Лична карта", "sr": "Lična karta"},
    "ID-EXTRA": {"en": "Identity card, urgent", "sq": "Letërnjoftim, urgjent", "mk": "Лична карта, итно", "sr": "Lična karta, hitno"},
    "DRIVING": {"en": "Driving licence", "sq": "Patentë shoferi", "mk": "Возачка дозвола", "sr": "Vozačka dozvola"},
    "CITIZEN": {"en": "Citizenship", "sq": "Shtetësi", "mk": "Државјанство", "sr": "Državljanstvo"},
}  # fmt: skip


def part(**more: object) -> AuthorityPart:
    """An authority with five fees."""
    versions = []
    for code, names in NAMES.items():
        content = parse_content(fee_json(code, {"type": "flat", "amount": "1.00"}) | {"name": names} | more)
        versions.append(PublishedVersion(code, 1, content, content_hash(content), datetime(2026, 1, 1, tzinfo=UTC)))
    return AuthorityPart(TOWN, {"en": "Town"}, "Europe/Belgrade", "sq", versions=tuple(versions))


PART = part()


def codes(question: str, on: date = TODAY, known_at: datetime = NOW) -> list[str]:
    return [version.code for version in search(PART, question, on, known_at)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("letër", ["ID-CARD", "ID-EXTRA"]), ("leter", ["ID-CARD", "ID-EXTRA"]), ("LETËR", ["ID-CARD", "ID-EXTRA"]),
        ("лична", ["ID-CARD", "ID-EXTRA"]), ("lična", ["ID-CARD", "ID-EXTRA"]), ("licna", ["ID-CARD", "ID-EXTRA"]),
        ("рође", ["BIRTH"]), ("rođe", ["BIRTH"]), ("rodje", ["BIRTH"]), ("rode", ["BIRTH"]),
        ("cert", ["BIRTH"]), ("çert", ["BIRTH"]),
        ("dozv", ["DRIVING"]), ("дозв", ["DRIVING"]), ("vozač", ["DRIVING"]), ("vozac", ["DRIVING"]),
        ("drzav", ["CITIZEN"]), ("држав", ["CITIZEN"]),
    ],
)  # fmt: skip
def test_every_spelling_finds_the_same_fee_in_five_letters(question: str, expected: list[str]) -> None:
    """With marks, without, in Cyrillic, in capitals."""
    assert expected == codes(question)


def test_an_exact_code_comes_first_then_codes_that_begin_so() -> None:
    assert ["ID-EXTRA"] == codes("id-extra")
    assert ["ID-CARD", "ID-EXTRA"] == codes("id")


def test_every_word_must_begin_a_word_of_the_fee() -> None:
    """In any order; a word from the middle is no beginning."""
    assert ["ID-EXTRA"] == codes("urgent identity")
    assert ["ID-EXTRA"] == codes("  iden,  urg ")
    assert [] == codes("ificate")
    assert [] == codes("identity birth")


@pytest.mark.parametrize("question", ["", " ", "-", ",.;"])
def test_no_words_find_all_fees(question: str) -> None:
    assert sorted(NAMES) == codes(question)


def test_only_what_is_in_force_then_as_known_then_is_found() -> None:
    assert [] == codes("letër", on=date(2026, 1, 31))
    assert [] == codes("letër", known_at=datetime(2025, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize("question", ["\0", "☃", "%_'\"", "a" * 100_000, "ђ" * 500, "\u0301" * 50, "🙂"])
def test_any_text_is_a_question_and_most_find_nothing(question: str) -> None:
    assert isinstance(codes(question), list)
    assert len(fold(question[:LONGEST_QUESTION])) <= 8 * LONGEST_QUESTION


@pytest.mark.parametrize(
    "spellings", [("đak", "ђак", "djak"), ("ракија", "rakija"), ("čaj", "caj", "чај"), ("Gjakovë", "ГЈАКОВЕ"), ("šuma", "suma", "шума")]
)
def test_spellings_of_one_word_fold_alike(spellings: tuple[str, ...]) -> None:
    assert 1 == len({folded_words(spelling) for spelling in spellings})
