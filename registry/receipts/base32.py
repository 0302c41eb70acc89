"""Base32 of receipt tokens: RFC 4648 section 6, without padding, written in upper case and read in any."""

import re

from registry.errors import MalformedToken

LONGEST_BYTES = 512

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_DIGITS = str.maketrans(_ALPHABET, "0123456789ABCDEFGHIJKLMNOPQRSTUV")
_BASE32 = re.compile("[A-Z2-7]+")


def to_base32(raw: bytes) -> str:
    """RFC 4648 section 6, upper case, without padding."""
    length = (8 * len(raw) + 4) // 5
    bits = int.from_bytes(raw) << (5 * length - 8 * len(raw))
    return "".join([_ALPHABET[(bits >> shift) & 31] for shift in range(5 * (length - 1), -1, -5)])


def from_base32(text: str) -> tuple[bytes, bool]:
    """The bytes that `text`, in any case, spells, and whether this is their one spelling: no loose bits in its tail.

    Raises MalformedToken for what is no base32.
    """
    letters = text.upper() if text.isascii() else ""
    if len(letters) > (8 * LONGEST_BYTES + 4) // 5:
        raise MalformedToken("too_long")
    if not _BASE32.fullmatch(letters) or len(letters) % 8 in (1, 3, 6):
        raise MalformedToken("base32")
    length = 5 * len(letters) // 8
    # A power of two as base: int() is linear here, and twenty times faster than base64.b32decode.
    bits = int(letters.translate(_TO_DIGITS), 32)
    loose = 5 * len(letters) - 8 * length
    return (bits >> loose).to_bytes(length), not bits & ((1 << loose) - 1)
