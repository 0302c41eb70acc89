"""The four catalogues are whole."""

import pytest

from registry.errors import RegistryRefusal
from service.web.catalogues import findings, needed
from service.web.codes import domain_codes, refusals
from service.web.language import LANGUAGES, catalogue_path, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_fuzzy_obsolete_empty_or_asked_for_by_nobody(language: str) -> None:
    assert [] == list(findings(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_domain_has_words(language: str) -> None:
    speaking = words(language)
    assert set() == {each for each in domain_codes() if not speaking.knows(*each.split(".", 1))}


def test_every_refusal_is_asked_for() -> None:
    found = {each.code for each in refusals()}
    assert RegistryRefusal.code in found
    assert set() == {f"problem.{code}" for code in found} - needed()


@pytest.mark.parametrize("language", ["sq", "mk", "sr"])
def test_no_language_leaves_sentences_in_english(language: str) -> None:
    """Names that are the same everywhere are few and short."""
    english, speaking = words("en"), words(language)
    sentences = [each for each in needed() if isinstance(each, str) and len(english.messages.gettext(each)) > 24]
    assert [] == [each for each in sentences if speaking.messages.gettext(each) == english.messages.gettext(each)]


def test_each_language_keeps_to_its_script() -> None:
    def letters(language: str) -> str:
        return catalogue_path(language).read_text(encoding="utf-8")

    cyrillic = {language: any("Ѐ" <= letter <= "ӿ" for letter in letters(language)) for language in LANGUAGES}
    assert {"en": False, "sq": False, "mk": True, "sr": False} == cyrillic
