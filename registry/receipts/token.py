"""Receipt tokens: claims <-> signed bytes <-> the text of the QR code.

Format: docs/receipt-format.md. A token is a tagged COSE_Sign1 (RFC 9052 section 4.2) over a CWT (RFC 8392) with one
private claim, in core deterministic CBOR (RFC 8949 section 4.2.1), signed with Ed25519 (RFC 8032), written in base32
(RFC 4648 section 6). There is exactly one encoding of a token: the parser re-encodes what it read and compares.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Protocol
from urllib.parse import unquote, urlsplit

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.errors import BadSignature, ForeignHost, MalformedToken, NotAReceipt, NotCanonical, UnknownTokenKind

NORMAL, TRAINING, OFFLINE, VOID_SLIP = range(4)
UNSTATED, CASH, CARD, TRANSFER, STAMP = range(5)

EDDSA = -8
ED25519 = -19

EXTERNAL_AAD = b"taksa/receipt/v1"
CLAIMS_LABEL = -65537
LONGEST = 512

CTI_BYTES = 10
LINK_BYTES = 8
KID_BYTES = 8

_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal() - _EPOCH
_LAST_SECOND = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_LARGEST = 2**63 - 1
_LONGEST_TEXT = 4096
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Claims:
    """What a receipt says. Money in minor units of `currency`; `inputs` packed as the fee version declares them."""

    kind: int
    counter: int
    serial: int
    fee: str
    version: int
    on: date
    payment: int
    inputs: tuple[int, ...]
    amount: int
    currency: str
    prev: bytes
    ref: bytes | None
    iat: int
    cti: bytes

    @property
    def issued_at(self) -> datetime:
        return datetime.fromtimestamp(self.iat, UTC)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it was read: well-formed and canonical. Nobody has looked at its signature yet."""

    kid: bytes
    alg: int
    claims: Claims
    signature: bytes
    raw: bytes
    to_be_signed: bytes


class Sealed(Protocol):
    """What a signature check needs: a Token, or an UnknownTokenKind that carries the same."""

    @property
    def signature(self) -> bytes: ...
    @property
    def to_be_signed(self) -> bytes: ...


# Names of things that are hashes


def key_id(public: bytes) -> bytes:
    """First eight bytes of the SHA-256 of the 32-byte public key."""
    return sha256(public).digest()[:KID_BYTES]


def first_prev(kid: bytes, counter: int) -> bytes:
    """What stands in `prev` of a counter's receipt number one."""
    return sha256(b"taksa/counter/v1" + kid + counter.to_bytes(8)).digest()[:LINK_BYTES]


def link(raw: bytes) -> bytes:
    """What the counter's next token carries in `prev` after the token `raw`."""
    return sha256(raw).digest()[:LINK_BYTES]


# Claims -> bytes


def sign(claims: Claims, kid: bytes, private: Ed25519PrivateKey) -> bytes:
    """The token for `claims`, sealed by `private`, whose id is `kid`. Deterministic.

    Raises MalformedToken if the claims could not be read back, so that nothing unreadable is ever issued.
    """
    payload = _encode_payload(claims)
    protected = _protected(EDDSA, kid)
    raw = _envelope(protected, payload, private.sign(_to_be_signed(protected, payload)))
    try:
        readable = parse(raw).claims == claims
    except UnknownTokenKind as newer:
        raise MalformedToken(newer.detail) from newer
    if not readable:
        raise MalformedToken("claims")
    return raw


def _encode_payload(claims: Claims) -> bytes:
    listed: list[object] = [
        claims.kind,
        claims.counter,
        claims.serial,
        claims.fee,
        claims.version,
        claims.on.toordinal() - _EPOCH,
        claims.payment,
        list(claims.inputs),
        claims.amount,
        claims.currency,
        claims.prev,
    ]
    if claims.ref is not None:
        listed.append(claims.ref)
    return _encode({6: claims.iat, 7: claims.cti, CLAIMS_LABEL: listed})


def _protected(alg: int, kid: bytes) -> bytes:
    return _encode({1: alg, 4: kid})


def _envelope(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return b"\xd2" + _encode([protected, {}, payload, signature])


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of RFC 9052 section 4.4."""
    return _encode(["Signature1", protected, EXTERNAL_AAD, payload])


# Bytes -> claims


def parse(raw: bytes) -> Token:
    """The one token that has these bytes.

    Raises MalformedToken (NotCanonical when only the encoding is at fault), or UnknownTokenKind for a well-formed
    token that is newer than this module.
    """
    if len(raw) > LONGEST:
        raise MalformedToken("too_long")
    if raw[:1] != b"\xd2":
        raise MalformedToken("tag")
    match _decode(raw[1:], "envelope"):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
            pass
        case _:
            raise MalformedToken("envelope")
    if unprotected:
        raise MalformedToken("unprotected")
    if len(signature) != 64:
        raise MalformedToken("signature_length")
    alg, kid = _read_protected(protected)
    to_be_signed = _to_be_signed(protected, payload)
    content = _decode(payload, "payload")
    if not isinstance(content, dict):
        raise MalformedToken("payload")
    newer = _newer(content)
    if newer is not None:
        raise UnknownTokenKind(newer, kid=kid, alg=alg, signature=signature, to_be_signed=to_be_signed)
    return Token(kid, alg, _read_claims(content), signature, raw, to_be_signed)


def verify(token: Sealed, public: Ed25519PublicKey) -> None:
    """Raises BadSignature unless `public` sealed the token."""
    try:
        public.verify(token.signature, token.to_be_signed)
    except InvalidSignature as wrong:
        raise BadSignature from wrong


def _read_protected(protected: bytes) -> tuple[int, bytes]:
    match _decode(protected, "protected"):
        case {1: (-8 | -19) as alg, 4: bytes(kid), **others} if not others and len(kid) == KID_BYTES:
            return alg, kid
        case _:
            raise MalformedToken("protected")


def _newer(content: Mapping[object, object]) -> str | None:
    """Why this payload is of a later format than ours, if it is."""
    if content.keys() != {6, 7, CLAIMS_LABEL}:
        return "label"
    listed = content[CLAIMS_LABEL]
    if not isinstance(listed, list) or not listed or not isinstance(listed[0], int):
        return None
    kind = listed[0]
    if not NORMAL <= kind <= VOID_SLIP:
        return "kind"
    if len(listed) != (12 if kind == VOID_SLIP else 11):
        return "claim_count"
    return None


def _read_claims(content: Mapping[object, object]) -> Claims:
    match content[CLAIMS_LABEL]:
        case [
            int(kind),
            int(counter),
            int(serial),
            str(fee),
            int(version),
            int(on),
            int(payment),
            list(inputs),
            int(amount),
            str(currency),
            bytes(prev),
            *rest,
        ]:
            pass
        case _:
            raise MalformedToken("claims")
    iat, cti = content[6], content[7]
    if not isinstance(iat, int) or not 0 <= iat <= _LAST_SECOND:
        raise MalformedToken("iat")
    if not isinstance(cti, bytes) or len(cti) != CTI_BYTES:
        raise MalformedToken("cti")
    if not (0 <= counter <= _LARGEST and 1 <= serial <= _LARGEST and 1 <= version <= _LARGEST and 0 <= amount <= _LARGEST):
        raise MalformedToken("number")
    if not 1 <= len(fee) <= 16:
        raise MalformedToken("fee")
    if not 0 <= on <= _LAST_DAY:
        raise MalformedToken("on")
    if not UNSTATED <= payment <= STAMP:
        raise MalformedToken("payment")
    if not all(isinstance(value, int) and -_LARGEST <= value <= _LARGEST for value in inputs):
        raise MalformedToken("inputs")
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise MalformedToken("currency")
    if len(prev) != LINK_BYTES:
        raise MalformedToken("prev")
    ref: bytes | None = None
    if kind == VOID_SLIP:
        ref = rest[0]
        if not isinstance(ref, bytes) or len(ref) != CTI_BYTES or inputs or payment:
            raise MalformedToken("void_slip")
    day = date.fromordinal(_EPOCH + on)
    return Claims(kind, counter, serial, fee, version, day, payment, tuple(inputs), amount, currency, prev, ref, iat, cti)


# Deterministic CBOR of integers, byte strings, texts, arrays and maps: all this format has


def _encode(value: object) -> bytes:
    return cbor2.dumps(value)


def _decode(data: bytes, what: str) -> object:
    """One data item, if `data` is its core deterministic encoding."""
    _scan(data, what)
    try:
        value: object = cbor2.loads(data)
        canonical = _encode(_sorted(value))
    except (cbor2.CBORError, ValueError) as wrong:
        raise MalformedToken(what) from wrong
    if canonical != data:
        raise NotCanonical(what)
    return value


def _scan(data: bytes, what: str) -> None:
    """Refuse what the decoder must never see: other major types, nesting, lengths beyond the end.

    Tags would have the decoder build dates, patterns and decimals out of a stranger's bytes.
    """
    end = len(data)
    at = 0
    open_items = [1]
    while open_items:
        if not open_items[-1]:
            open_items.pop()
            continue
        open_items[-1] -= 1
        if at >= end:
            raise MalformedToken(f"{what}_truncated")
        major, short = divmod(data[at], 32)
        at += 1
        if major > 5:
            raise MalformedToken(f"{what}_type")
        if short < 24:
            argument = short
        elif short < 28:
            width = 1 << (short - 24)
            argument = int.from_bytes(data[at : at + width])
            at += width
        else:
            # Indefinite lengths (31) are well-formed CBOR, but never deterministic; 28 to 30 are nothing.
            raise NotCanonical(what) if short == 31 and major > 1 else MalformedToken(f"{what}_type")
        if major in (2, 3):
            at += argument
        elif major > 3:
            if len(open_items) > _DEEPEST:
                raise MalformedToken(f"{what}_depth")
            open_items.append(argument * (major - 3))
        if at > end:
            raise MalformedToken(f"{what}_truncated")
    if at != end:
        raise NotCanonical(f"{what}_trailing")


def _sorted(value: object) -> object:
    """`value` with the keys of every map in the order of their encodings. Tokens we emit have few maps, so this is rarely deep."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=_encode)}
    if isinstance(value, list):
        return [_sorted(item) if isinstance(item, dict | list) else item for item in value]
    return value


# Bytes <-> QR text

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_DIGITS = str.maketrans(_ALPHABET, "0123456789ABCDEFGHIJKLMNOPQRSTUV")
_BASE32 = re.compile("[A-Z2-7]+")


def qr_text(origin: str, raw: bytes) -> str:
    """The address in the QR code: upper case only, so that a code reader's alphanumeric mode holds it."""
    return f"{origin.upper()}/R/{to_base32(raw)}"


def to_base32(raw: bytes) -> str:
    """RFC 4648 section 6, upper case, without padding."""
    length = (8 * len(raw) + 4) // 5
    bits = int.from_bytes(raw) << (5 * length - 8 * len(raw))
    return "".join([_ALPHABET[(bits >> shift) & 31] for shift in range(5 * (length - 1), -1, -5)])


def from_base32(text: str) -> bytes:
    """The bytes that `text`, in any case, spells.

    Raises MalformedToken for what is no base32, NotCanonical for a tail that carries loose bits.
    """
    letters = text.upper() if text.isascii() else ""
    if len(letters) > (8 * LONGEST + 4) // 5:
        raise MalformedToken("too_long")
    if not _BASE32.fullmatch(letters) or len(letters) % 8 in (1, 3, 6):
        raise MalformedToken("base32")
    length = 5 * len(letters) // 8
    # A power of two as base: int() is linear here, and twenty times faster than base64.b32decode.
    bits = int(letters.translate(_TO_DIGITS), 32)
    loose = 5 * len(letters) - 8 * length
    if bits & ((1 << loose) - 1):
        raise NotCanonical("base32_tail")
    return (bits >> loose).to_bytes(length)


def read_text(text: str, origin: str) -> bytes:
    """The token's bytes from what a camera read or a person pasted: the whole address, or the bare base32.

    Any case, percent-encoded as a whole or not, white space around it, and whatever a browser hung on the end of the address.
    Raises NotAReceipt; ForeignHost for a well-formed token addressed to another host than `origin`; NotCanonical for a loose tail.
    """
    if len(text) > _LONGEST_TEXT:
        raise NotAReceipt("too_long")
    text = text.strip()
    if "%" in text and "/" not in text:
        text = unquote(text)
    if "/" not in text:
        return _token_bytes(text)
    try:
        address = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError as wrong:
        raise NotAReceipt("address") from wrong
    directory, letters = address.path[:3], address.path[3:]
    if directory not in ("/R/", "/r/") or address.scheme not in ("http", "https"):
        raise NotAReceipt("address")
    if _host(address.netloc) != _host(origin.partition("://")[2]):
        try:
            parse(_token_bytes(letters))
        except UnknownTokenKind:
            pass
        except MalformedToken as wrong:
            raise NotAReceipt("address") from wrong
        raise ForeignHost(address.netloc)
    return _token_bytes(letters)


def _token_bytes(letters: str) -> bytes:
    try:
        return from_base32(letters)
    except NotCanonical:
        raise
    except MalformedToken as wrong:
        raise NotAReceipt(wrong.detail) from wrong


def _host(netloc: str) -> str:
    return netloc.lower().removesuffix(":443").removesuffix(":80")
