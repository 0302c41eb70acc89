"""Which language a reader gets, and how it writes money, days and numbers."""

from datetime import UTC, date, datetime

import pytest

from service.web.language import LANGUAGES, language_of_tag, negotiate, words


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        *((tag, "sr") for tag in ("sr", "sr-RS", "sr-Latn", "sr-Cyrl", "sr-XK", "sr_Latn_XK", "SR-me", "bs", "bs-BA", "hr", "sh", "cnr")),
        *((tag, "sq") for tag in ("sq", "sq-AL", "sq-XK", "sq-MK", "sq_AL")),
        *((tag, "mk") for tag in ("mk", "mk-MK")),
        *((tag, "en") for tag in ("en", "en-GB", "en-US")),
        *((tag, None) for tag in ("", "de", "srp", "*", "x", "bg-BG", "sl")),
    ],
)
def test_a_tag_is_read_by_its_language_whatever_script_or_country(tag: str, expected: str | None) -> None:
    assert expected == language_of_tag(tag)


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        ("mk", "sq", "mk"),
        ("sr-Cyrl", "en", "sr"),
        ("xx", "sq-AL,en;q=0.5", "sq"),
        (None, "sr-RS,sr;q=0.9,en;q=0.5", "sr"),
        (None, "en;q=0.2, mk;q=0.8", "mk"),
        (None, "de-DE, hr;q=0.7, en;q=0.3", "sr"),
        (None, "mk;q=0, sq;q=0.1", "sq"),
        (None, "mk;q=much, sq;q=0.1", "sq"),
        (None, "fr, de", "en"),
        (None, None, "en"),
        (None, ",;=,;q=;", "en"),
        (None, "mk," * 10_000, "mk"),
    ],
)
def test_what_was_chosen_comes_before_what_the_browser_asks_for(query: str | None, header: str | None, expected: str) -> None:
    assert expected == negotiate(query, header)


@pytest.mark.parametrize(
    ("language", "currency", "expected"),
    [
        ("en", "EUR", "€1,234.50"),
        ("en", "RSD", "RSD 1,234.50"),
        ("sq", "ALL", "1 234,50 Lekë"),
        ("mk", "MKD", "1.234,50 ден."),
        ("sr", "RSD", "1.234,50 RSD"),
        ("sr", "EUR", "1.234,50 €"),
    ],
)
def test_money_keeps_its_decimals(language: str, currency: str, expected: str) -> None:
    """CLDR gives dinars and lekë none; a difference of fifty para would not be seen."""
    assert expected == words(language).money(123450, currency).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(("currency", "expected"), [("JPY", "123,450"), ("KWD", "123.450"), ("EUR", "1,234.50")])
def test_decimals_are_those_of_the_currency(currency: str, expected: str) -> None:
    assert words("en").money(123450, currency).endswith(expected)


def test_days_are_told_the_way_people_tell_them() -> None:
    today = date(2026, 11, 24)
    told = {
        language: [words(language).days_ago(day, today) for day in (today, date(2026, 11, 23), date(2026, 11, 22))]
        for language in LANGUAGES
    }
    assert ["today", "yesterday", "2 days ago"] == told["en"]
    assert ["sot", "dje", "para 2 ditësh"] == told["sq"]
    assert ["денес", "вчера", "пред 2 дена"] == told["mk"]
    assert ["danas", "juče", "pre 2 dana"] == told["sr"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("sr", {1: "Pronađena je 1 taksa", 3: "Pronađene su 3 takse", 5: "Pronađeno je 5 taksi", 21: "Pronađena je 21 taksa"}),
        ("mk", {1: "Најдена е 1 такса", 11: "Најдени се 11 такси", 21: "Најдена е 21 такса"}),
        ("sq", {1: "U gjet 1 taksë", 2: "U gjetën 2 taksa"}),
    ],
)
def test_plurals_follow_each_language(language: str, expected: dict[int, str]) -> None:
    assert expected == {n: words(language).ngettext("%(n)s fee found", "%(n)s fees found", n) for n in expected}


def test_a_moment_is_told_by_the_clock_on_the_wall_there() -> None:
    assert "24. novembar 2026, 01:30" == words("sr").time(datetime(2026, 11, 24, 0, 30, tzinfo=UTC), "Europe/Belgrade").replace(".,", ",")


def test_a_sentence_that_ends_in_a_date_has_one_full_stop() -> None:
    assert "Poništena je 24. novembar 2026." == words("sr").gettext("It was cancelled on %(day)s.", day=words("sr").day(date(2026, 11, 24)))


def test_a_place_nobody_fills_stays_empty() -> None:
    """A refusal raised without its parameters is still told."""
    assert "Too many attempts. Wait  seconds and try again." == words("en").code("problem", "sign_in_throttled")


def test_an_official_text_is_taken_in_the_best_version_there_is() -> None:
    assert ("такса", "fee", "taksë") == (
        words("mk").pick({"en": "fee", "mk": "такса"}),
        words("sr").pick({"en": "fee", "mk": "такса"}),
        words("sr").pick({"sq": "taksë"}),
    )
