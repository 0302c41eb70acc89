"""What people write in reports and cases: how much, and what is left out of it. Pure."""

from unicodedata import category

from verify.errors import TextTooLong

LIMIT = 4000
"""Characters; the limit of Open311 GeoReport v2."""


def clean(text: str | None) -> str | None:
    """The words to keep, or None if there are none.

    Control characters go (PostgreSQL cannot hold U+0000, nobody can read the others), line ends become "\\n". Raises TextTooLong.
    """
    if text is None:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or category(c) not in ("Cc", "Cs")).strip()
    if len(kept) > LIMIT:
        raise TextTooLong(f"{len(kept)} characters, at most {LIMIT}", length=len(kept), limit=LIMIT)
    return kept or None
