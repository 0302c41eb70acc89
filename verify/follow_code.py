"""The follow code: what a reporter keeps instead of an account. Pure.

Format: 25 random decimal digits (83 bits), shown 5-5-5-5-5 so that nobody takes it for a receipt number. We keep only
its SHA-256; whoever has our database still cannot read anybody's dialogue by code.
"""

import secrets
from hashlib import sha256

from verify.errors import MalformedFollowCode

DIGITS = 25
GROUP = 5


def draw() -> str:
    """A fresh code, as digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def parse(text: str) -> str:
    """The digits of what a person typed; spaces and hyphens are theirs to use. Raises MalformedFollowCode."""
    digits = "".join(c for c in text if c != "-" and not c.isspace())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        raise MalformedFollowCode(f"a follow code has {DIGITS} digits", digits=DIGITS)
    return digits


def shown(digits: str) -> str:
    """The code as it is shown: five groups of five."""
    return "-".join(digits[i : i + GROUP] for i in range(0, DIGITS, GROUP))


def digest(digits: str) -> bytes:
    """What we store of the code."""
    return sha256(digits.encode("ascii")).digest()
