"""Receipt tokens: claims <-> signed bytes <-> the text of the QR code.

Format: docs/receipt-format.md. A token is a tagged COSE_Sign1 (RFC 9052 section 4.2) over a CWT (RFC 8392) with one
private claim, in core deterministic CBOR (RFC 8949 section 4.2.1), signed with Ed25519 (RFC 8032), written in base32
(RFC 4648 section 6). There is exactly one encoding of a token: the parser re-encodes what it read and compares.
"""

import re
from datetime import UTC, date, datetime
from enum import IntEnum
from hashlib import sha256
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.errors import BadSignature, ForeignHost, MalformedToken, NotAReceipt, NotCanonical, UnknownTokenKind
from registry.receipts.base32 import from_base32, to_base32
from registry.receipts.cbor import decode, encode, refuse_unless_plain


class Kind(IntEnum):
    """What a token is."""

    NORMAL = 0
    TRAINING = 1
    OFFLINE = 2
    VOID_SLIP = 3


class Payment(IntEnum):
    """How it was paid."""

    UNSTATED = 0
    CASH = 1
    CARD = 2
    TRANSFER = 3
    STAMP = 4


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
_LABELS = [6, 7, CLAIMS_LABEL]
_CLAIM_TYPES = (int, int, int, str, int, int, int, list, int, str, bytes)
_CLAIM_COUNT = len(_CLAIM_TYPES)
_KINDS = range(len(Kind))
_PAYMENTS = range(len(Payment))
_VOID_SLIP = int(Kind.VOID_SLIP)
_CURRENCY = re.compile("[A-Z]{3}")
_LONGEST_TEXT = 4096


class Claims(NamedTuple):
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


class Token(NamedTuple):
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
        int(claims.kind),
        claims.counter,
        claims.serial,
        claims.fee,
        claims.version,
        claims.on.toordinal() - _EPOCH,
        int(claims.payment),
        list(claims.inputs),
        claims.amount,
        claims.currency,
        claims.prev,
    ]
    if claims.ref is not None:
        listed.append(claims.ref)
    return encode({6: claims.iat, 7: claims.cti, CLAIMS_LABEL: listed})


def _protected(alg: int, kid: bytes) -> bytes:
    return encode({1: alg, 4: kid})


def _envelope(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return b"\xd2" + encode([protected, {}, payload, signature])


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of RFC 9052 section 4.4: ["Signature1", protected, external_aad, payload]."""
    return b"".join((b"\x84\x6aSignature1", _sized(protected), b"\x50", EXTERNAL_AAD, _sized(payload)))


def _sized(data: bytes) -> bytes:
    """A byte string of CBOR."""
    length = len(data)
    if length < 24:
        return bytes((0x40 | length,)) + data
    return (bytes((0x58, length)) if length < 256 else b"\x59" + length.to_bytes(2)) + data


# Bytes -> claims


def parse(raw: bytes) -> Token:
    """The one token that has these bytes.

    Raises MalformedToken (NotCanonical when only the encoding is at fault), or UnknownTokenKind for a well-formed
    token that is newer than this module.
    """
    if len(raw) > LONGEST:
        raise MalformedToken("too_long")
    protected, payload, signature = _open(raw)
    alg, kid = _read_protected(protected)
    to_be_signed = _to_be_signed(protected, payload)
    content, exact = decode(payload, "payload")
    if not isinstance(content, dict):
        raise MalformedToken("payload")
    if not exact:
        raise NotCanonical("payload")
    newer = _newer(content)
    if newer is not None:
        refuse_unless_plain(content)
        raise UnknownTokenKind(newer, kid=kid, alg=alg, signature=signature, to_be_signed=to_be_signed)
    return Token(kid, alg, _read_claims(content), signature, raw, to_be_signed)


def _open(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature out of their envelope."""
    # Where the payload's length takes one byte, which is nearly always, every part has its place, and there is nothing to re-encode.
    end = len(raw) - 66
    if end > 42 and raw[:3] == b"\xd2\x84\x4d" and raw[16:18] == b"\xa0\x58" and raw[18] == end - 19 and raw[end : end + 2] == b"\x58\x40":
        return raw[3:16], raw[19:end], raw[end + 2 :]
    if raw[:1] != b"\xd2":
        raise MalformedToken("tag")
    found, exact = decode(raw[1:], "envelope")
    match found:
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
            pass
        case _:
            raise MalformedToken("envelope")
    if unprotected:
        raise MalformedToken("unprotected")
    if len(signature) != 64:
        raise MalformedToken("signature_length")
    if not exact:
        raise NotCanonical("envelope")
    return protected, payload, signature


def verify(token: Sealed, public: Ed25519PublicKey) -> None:
    """Raises BadSignature unless `public` sealed the token."""
    try:
        public.verify(token.signature, token.to_be_signed)
    except InvalidSignature as wrong:
        raise BadSignature from wrong


# Every protected header there is, up to the key id: {1: alg, 4: h'…'}.
_ALGORITHMS = {b"\xa2\x01\x27\x04\x48": EDDSA, b"\xa2\x01\x32\x04\x48": ED25519}


def _read_protected(protected: bytes) -> tuple[int, bytes]:
    alg, kid = _ALGORITHMS.get(protected[:-KID_BYTES]), protected[-KID_BYTES:]
    if alg is None:
        found, _ = decode(protected, "protected")
        match found:
            case {1: (-8 | -19), 4: bytes(kid)} if len(kid) == KID_BYTES:
                raise NotCanonical("protected")
            case _:
                raise MalformedToken("protected")
    return alg, kid


def _newer(content: dict[object, object]) -> str | None:
    """Why this payload is of a later format than ours, if it is."""
    if list(content) != _LABELS:
        return "label"
    listed = content[CLAIMS_LABEL]
    if type(listed) is not list or not listed or type(listed[0]) is not int:
        return None
    kind = listed[0]
    if kind not in _KINDS:
        return "kind"
    if len(listed) != _CLAIM_COUNT + (kind == _VOID_SLIP):
        return "claim_count"
    return None


def _read_claims(content: dict[object, Any]) -> Claims:
    iat, cti, listed = content.values()
    if type(iat) is not int or not 0 <= iat <= _LAST_SECOND:
        raise MalformedToken("iat")
    if type(cti) is not bytes or len(cti) != CTI_BYTES:
        raise MalformedToken("cti")
    if type(listed) is not list or tuple(map(type, listed[:_CLAIM_COUNT])) != _CLAIM_TYPES:
        raise MalformedToken("claims")
    kind, counter, serial, fee, version, on, payment, inputs, amount, currency, prev, *ref = listed
    if not (0 <= counter <= _LARGEST and 1 <= serial <= _LARGEST and 1 <= version <= _LARGEST and 0 <= amount <= _LARGEST):
        raise MalformedToken("number")
    if not 1 <= len(fee) <= 16:
        raise MalformedToken("fee")
    if not 0 <= on <= _LAST_DAY:
        raise MalformedToken("on")
    if payment not in _PAYMENTS:
        raise MalformedToken("payment")
    for value in inputs:
        if type(value) is not int or not -_LARGEST <= value <= _LARGEST:
            raise MalformedToken("inputs")
    if not _CURRENCY.fullmatch(currency):
        raise MalformedToken("currency")
    if len(prev) != LINK_BYTES:
        raise MalformedToken("prev")
    if ref and (inputs or payment):
        raise MalformedToken("void_slip")
    day = date.fromordinal(_EPOCH + on)
    voided = _read_ref(ref[0]) if ref else None
    return Claims(kind, counter, serial, fee, version, day, payment, tuple(inputs), amount, currency, prev, voided, iat, cti)


def _read_ref(ref: object) -> bytes:
    if not isinstance(ref, bytes) or len(ref) != CTI_BYTES:
        raise MalformedToken("ref")
    return ref


# Bytes <-> QR text


def qr_text(origin: str, raw: bytes) -> str:
    """The address in the QR code: upper case only, so that a code reader's alphanumeric mode holds it."""
    return f"{origin.upper()}/R/{to_base32(raw)}"


def read_text(text: str, origin: str) -> bytes:
    """The token's bytes from what a camera read or a person pasted: the whole address, or the bare base32.

    Any case, percent-encoded as a whole or not, white space around it, and whatever a browser hung on the end of the address.
    Raises NotAReceipt; ForeignHost for a well-formed token addressed to another host than `origin`; NotCanonical for a loose tail.
    """
    if len(text) > _LONGEST_TEXT:
        raise NotAReceipt("too_long")
    text = text.strip()
    ours = f"{origin}/R/".upper()
    if text.startswith(ours) and "?" not in text and "#" not in text:
        return _token_bytes(text[len(ours) :])
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
        raw, exact = from_base32(letters)
        if not exact:
            parse(raw)
    except UnknownTokenKind:
        pass
    except MalformedToken as wrong:
        raise NotAReceipt(wrong.detail) from wrong
    if not exact:
        # Only a token can have been changed; the tail of any other word means nothing.
        raise NotCanonical("base32_tail")
    return raw


def _host(netloc: str) -> str:
    return netloc.lower().removesuffix(":443").removesuffix(":80")
