"""Words, numbers and dates in the reader's language: English, Albanian, Macedonian, Serbian (Latin script).

A language is a value that is passed along (`words("mk")`), never a state of the process. Catalogues are gettext `.po`
files, read as they are when first needed, so that a fresh clone and a wheel work alike and no build step can be forgotten.
Messages are English sentences; what the domain names by code (`problem.fee_not_in_force`, `state.match`) is kept under the code.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern, format_decimal, get_currency_symbol, parse_pattern

from registry.money import exponent

LOCALES = Path(__file__).with_name("locales")
DOMAIN = "taksa"
DEFAULT = "en"

# What CLDR and HTML call our four languages. English is day-first, as everywhere we serve.
CLDR = {"en": "en_GB", "sq": "sq", "mk": "mk", "sr": "sr_Latn"}
HTML = {"en": "en", "sq": "sq", "mk": "mk", "sr": "sr-Latn"}
LANGUAGES = tuple(CLDR)
_TWO_STOPS = re.compile(r"\.\.(?=\s|$)")
ENDONYMS = {"en": "English", "sq": "Shqip", "mk": "Македонски", "sr": "Srpski"}

# Only what a tag's first part does not tell: whoever reads Bosnian, Croatian or Montenegrin reads our Serbian.
ALIASES = {"bs": "sr", "hr": "sr", "sh": "sr", "cnr": "sr", "als": "sq", "aln": "sq"}


def language_of_tag(tag: str) -> str | None:
    """Ours for a language tag (`sr-Cyrl-XK` → `sr`, `sq_MK` → `sq`, `hr` → `sr`), or None."""
    first = tag.strip().replace("_", "-").partition("-")[0].lower()
    found = ALIASES.get(first, first)
    return found if found in CLDR else None


def negotiate(query: str | None, accept_language: str | None) -> str:
    """The reader's language: what they chose by `?lang=`, else what their browser asks for, else English."""
    chosen = language_of_tag(query) if query else None
    if chosen is not None:
        return chosen
    for tag in _tags_by_weight(accept_language or ""):
        known = language_of_tag(tag)
        if known is not None:
            return known
    return DEFAULT


def _tags_by_weight(header: str) -> Iterator[str]:
    """Language tags of an Accept-Language header (RFC 9110 section 12.5.4), best first; broken parts are passed over."""
    weighed: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if 0 < weight <= 1:
            weighed.append((-weight, tag))
    return (tag for _, tag in sorted(weighed, key=lambda each: each[0]))


def catalogue_path(language: str) -> Path:
    """Where the messages of a language are kept."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(language: str) -> Catalog:
    """The catalogue as it stands in its file."""
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=CLDR[language], domain=DOMAIN)


def _filled(message: str, values: Mapping[str, object]) -> str:
    """The message with its places filled. Our dates end in a full stop in two languages; a sentence that ends in one needs no second."""
    return _TWO_STOPS.sub(".", message % values)


class _Places(dict[str, object]):
    def __missing__(self, _: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Words:
    """One language, ready to speak."""

    language: str
    locale: Locale
    messages: GNUTranslations

    @property
    def html_tag(self) -> str:
        """For the `lang` attribute."""
        return HTML[self.language]

    def gettext(self, message: str, /, **values: object) -> str:
        """The message in this language, with `%(name)s` places filled."""
        return _filled(self.messages.gettext(message), values)

    def ngettext(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The message in the plural form that `n` takes here; `%(n)s` is the number itself."""
        return _filled(self.messages.ngettext(one, many, n), {"n": n, **values})

    def code(self, group: str, code: str, /, **values: object) -> str:
        """What the domain calls `code`, in words. A place that nobody fills stays empty: a refusal must never fail to be told."""
        return _filled(self.messages.gettext(f"{group}.{code}"), _Places(values))

    def knows(self, group: str, code: str) -> bool:
        """Whether there are words for a code."""
        key = f"{group}.{code}"
        return self.messages.gettext(key) != key

    def money(self, minor: int, currency: str) -> str:
        """`minor` units as an amount with its currency, with all the decimals of ISO 4217: CLDR would drop those of RSD and ALL."""
        return _money(self.language, minor, currency)

    def number(self, scaled: int, decimals: int) -> str:
        """A whole number of 10^-decimals, without idle zeros after the decimal sign."""
        return format_decimal(Decimal(scaled).scaleb(-decimals), locale=self.locale, decimal_quantization=False)

    def day(self, day: date) -> str:
        """A date with its month in words."""
        return _long_date(self.language, day)

    def time(self, at: datetime, zone: str) -> str:
        """An instant as the clock on the wall of that time zone showed it."""
        there = at.astimezone(ZoneInfo(zone))
        return f"{_long_date(self.language, there.date())}, {there:%H:%M}"

    def days_ago(self, day: date, today: date) -> str:
        """How long ago a day was, the way people say it; the date itself when it lies ahead."""
        days = (today - day).days
        if days == 0:
            return self.gettext("today")
        if days == 1:
            return self.gettext("yesterday")
        return self.ngettext("%(n)s day ago", "%(n)s days ago", days) if days > 0 else self.day(day)

    def days_left(self, day: date, today: date) -> str:
        """How far ahead a day is."""
        days = (day - today).days
        if days == 0:
            return self.gettext("today")
        if days > 0:
            return self.ngettext("in %(n)s day", "in %(n)s days", days)
        return self.ngettext("%(n)s day late", "%(n)s days late", -days)

    def pick(self, texts: Mapping[str, str]) -> str:
        """The one of an official text's versions that this reader understands best."""
        return texts[self.language_of(texts)] if texts else ""

    def language_of(self, texts: Mapping[str, str]) -> str:
        """Which version `pick` takes: theirs, else English, else the first there is."""
        return next((each for each in (self.language, DEFAULT) if each in texts), next(iter(texts), self.language))


@cache
def words(language: str) -> Words:
    """One of the four languages. Raises KeyError for any other."""
    binary = BytesIO()
    catalogue = read_catalogue(language)
    write_mo(binary, catalogue)
    binary.seek(0)
    return Words(language, Locale.parse(CLDR[language]), GNUTranslations(binary))


@cache
def _pattern(language: str, digits: int) -> NumberPattern:
    """How amounts with that many decimals are written."""
    pattern = parse_pattern(words(language).locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(maxsize=16384)
def _money(language: str, minor: int, currency: str) -> str:
    digits, locale = exponent(currency), words(language).locale
    text: str = _pattern(language, digits).apply(Decimal(minor).scaleb(-digits), locale, currency=currency, currency_digits=False)
    symbol = get_currency_symbol(currency, locale)
    # CLDR's currency spacing, which Babel does not apply: letters do not touch digits.
    return text.replace(symbol, f"{symbol}\N{NO-BREAK SPACE}", 1) if text.startswith(symbol) and symbol[-1].isalpha() else text


@lru_cache(maxsize=4096)
def _long_date(language: str, day: date) -> str:
    return format_date(day, "long", words(language).locale)
