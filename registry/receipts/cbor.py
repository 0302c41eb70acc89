"""The CBOR of receipt tokens: integers, byte strings, texts, arrays and maps with integer keys, in one encoding only.

Core deterministic encoding, RFC 8949 section 4.2.1: what is read is encoded again and compared, because decoders forgive long integers,
indefinite lengths, double keys and bytes left over, and each of them would be another token with the same seal.
"""

import cbor2

from registry.errors import MalformedToken, NotCanonical

_DEEPEST = 3  # payload map, claims, inputs


def _no_tag(_value: object, _immutable: bool) -> object:
    raise MalformedToken("tag_inside")


# The tags for which the decoder would build dates, decimals or patterns out of a stranger's bytes. One that is missing
# here is still refused, for its type.
_NO_TAGS = dict.fromkeys((0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799), _no_tag)


def encode(value: object) -> bytes:
    """Maps are written in the order they have; keys in order are the caller's to give."""
    return cbor2.dumps(value)


def decode(data: bytes, what: str) -> tuple[object, bool]:
    """The first data item, and whether `data` is its core deterministic encoding and nothing else. The order of map keys is not looked at.

    The decoder is told the depth of this format; lengths are bounded by the input. Raises MalformedToken for what is no CBOR.
    """
    try:
        value: object = cbor2.loads(data, max_depth=_DEEPEST, semantic_decoders=_NO_TAGS)
        return value, encode(value) == data
    except (cbor2.CBORError, ValueError, TypeError) as wrong:
        raise MalformedToken(what) from wrong


def refuse_unless_plain(value: object) -> None:
    """What a later format may hold: integers, byte strings, texts, arrays, and maps whose integer keys are in order."""
    if isinstance(value, list):
        for item in value:
            refuse_unless_plain(item)
    elif isinstance(value, dict):
        if not all(type(label) is int for label in value):
            raise MalformedToken("label_type")
        if list(value) != sorted(value, key=_label_order):
            raise NotCanonical("label_order")
        for item in value.values():
            refuse_unless_plain(item)
    elif type(value) not in (int, bytes, str):
        raise MalformedToken("type")


def _label_order(label: int) -> tuple[bool, int]:
    """Shortest encodings in bytewise order: 0, 1, 2 … then -1, -2, -3 … (RFC 8949 section 4.2.1)."""
    return label < 0, abs(label)
