"""Receipt numbers: sixteen digits a person can read out over the telephone.

Format: docs/receipt-format.md. The first fifteen digits come from the receipt's cti, the last is a
Luhn check digit (ISO/IEC 7812-1 annex B), which catches every single wrong digit and nearly every swap of neighbours.
"""

from hashlib import sha256

from registry.errors import MalformedNumber

DIGITS = 16
_DOUBLED = str.maketrans("0123456789", "0246813579")
_SEPARATORS = {ord(" "): None, ord("-"): None, 0xA0: None}


def receipt_number(cti: bytes) -> str:
    """The number of the receipt whose ten-byte id is `cti`."""
    head = int.from_bytes(sha256(b"taksa/number/v1" + cti).digest()[:8]) % 10**15
    return with_check_digit(f"{head:015d}")


def parse_number(text: str) -> str:
    """Sixteen digits from what a person typed; spaces and hyphens are theirs to use.

    Raises MalformedNumber, saying whether the length or the check digit is wrong.
    """
    if len(text) > 8 * DIGITS:
        raise MalformedNumber("length")
    digits = without_separators(text)
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        raise MalformedNumber("length")
    if with_check_digit(digits[:-1]) != digits:
        raise MalformedNumber("check_digit")
    return digits


def without_separators(text: str) -> str:
    """What was typed without the spaces and hyphens that are people's to use, no-break spaces of a copied page among them."""
    return text.strip().translate(_SEPARATORS)


def show_number(number: str) -> str:
    """As it is printed and read out: 4-4-4-4."""
    return " ".join(number[at : at + 4] for at in range(0, DIGITS, 4))


def with_check_digit(digits: str) -> str:
    """`digits` and their Luhn check digit: every second digit from the right counts double, its own digits summed."""
    doubled = sum(map(int, digits[::-2].translate(_DOUBLED)))
    single = sum(map(int, digits[-2::-2]))
    return digits + str(-(doubled + single) % 10)
