"""Keep the four catalogues whole: `python -m service.web.catalogues` fails on anything missing, `--update` takes in what is new.

What must be there is read from the code itself: sentences marked in templates and modules, and every code the domain can
name (`service/web/codes.py`). English is a catalogue like the others; its sentences repeat themselves, its codes do not.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from service.web.codes import domain_codes
from service.web.language import CLDR, DEFAULT, DOMAIN, LANGUAGES, catalogue_path, read_catalogue

WEB = Path(__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2)}
JINJA = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "newstyle_gettext": "true", "silent": "false"}

_PLACE = re.compile(r"%\((\w+)\)s")
_STRAY_PERCENT = re.compile(r"%(?!\(\w+\)s|%)")

HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: Taksa\n"
"Language: {language}\n"
"Plural-Forms: {plurals}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

# Babel knows only "not one" for Macedonian, where CLDR has 21, 31, 101 go with one.
PLURALS = {"mk": "nplurals=2; plural=(n%10==1 && n%100!=11 ? 0 : 1);"}

MessageId = str | tuple[str, str]


@cache
def needed() -> frozenset[MessageId]:
    """Every message some page may ask for: a sentence, a pair of singular and plural, or a dotted code."""
    marked = extract_from_dir(WEB, METHODS, options_map={"templates/**.html": JINJA}, keywords=KEYWORDS)
    sentences: set[MessageId] = {message if isinstance(message, str) else (message[0], message[1]) for _, _, message, _, _ in marked}
    return frozenset(sentences | domain_codes())


def findings(language: str) -> Iterator[str]:
    """What is wrong with a catalogue, a line each; nothing when it is whole."""
    catalogue = read_catalogue(language)
    kept = {_id(message): message for message in catalogue if message.id}
    for identity in sorted(needed() - kept.keys(), key=str):
        yield f"{language}: missing {identity!r}"
    for identity in sorted(kept.keys() - needed(), key=str):
        yield f"{language}: nobody asks for {identity!r}"
    for obsolete in catalogue.obsolete.values():
        yield f"{language}: obsolete {obsolete.id!r}"
    for identity, message in kept.items():
        if message.fuzzy:
            yield f"{language}: fuzzy {identity!r}"
        yield from (f"{language}: {identity!r}: {fault}" for fault in _faults(message, catalogue.num_plurals, _english(identity)))


def _faults(message: Message, plurals: int, english: str) -> Iterator[str]:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(texts) or (isinstance(message.id, tuple | list) and len(texts) != plurals):
        yield "empty"
        return
    for text in texts:
        if set(_PLACE.findall(text)) != set(_PLACE.findall(english)):
            yield f"other places than in English: {text!r}"
        if _STRAY_PERCENT.search(text):
            yield f"a per cent sign on its own: {text!r}"


def _english(identity: MessageId) -> str:
    """The text that says which places a message has: the plural of a pair, the English words of a code."""
    if isinstance(identity, tuple):
        return identity[1]
    found = _english_catalogue().get(identity)
    return str(found.string) if found is not None else identity


@cache
def _english_catalogue() -> Catalog:
    return read_catalogue(DEFAULT)


def _id(message: Message) -> MessageId:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def update(language: str) -> None:
    """Rewrite a catalogue's file: what is new comes in empty (English repeats its sentences), what nobody asks for goes."""
    path = catalogue_path(language)
    old = read_catalogue(language) if path.exists() else Catalog(locale=CLDR[language])
    known = {_id(message): message.string for message in old if message.id}
    fresh = Catalog(locale=CLDR[language], domain=DOMAIN)
    codes = domain_codes()
    for identity in sorted(needed(), key=lambda each: (each in codes, str(each))):
        string = known.get(identity) or (identity if language == DEFAULT and identity not in codes else "")
        fresh.add(identity, string)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.format(language=CLDR[language], plurals=PLURALS.get(language, fresh.plural_forms)).encode())
        write_po(file, fresh, width=0, omit_header=True, no_location=True)


def main() -> int:
    """Check, or update with `--update`."""
    if sys.argv[1:] == ["--update"]:
        for language in LANGUAGES:
            update(language)
    found = [finding for language in LANGUAGES for finding in findings(language)]
    for finding in found:
        sys.stderr.write(finding + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
