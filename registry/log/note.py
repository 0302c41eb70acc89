"""Signed notes: a text, and lines that say who stands for it. C2SP signed-note.

    text that ends in a newline, an empty line, and for each signature:   — NAME base64(key id ‖ signature)

A verifier key is NAME+hex(key id)+base64(type ‖ public key), with key id = SHA-256(NAME ‖ 0A ‖ type ‖ public key)[:4].
Notes are signed by keys of their own, never by those of receipts.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.errors import MalformedNote, NoteNotVerified

ED25519_TYPE = 1
COSIGNATURE_TYPE = 4
KEY_ID_BYTES = 4
MOST_SIGNATURES = 100
LONGEST_NOTE = 1_000_000


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may sign notes, and with what. `type` 1 signs the text itself; 4, a timestamped cosignature, is only carried so far."""

    name: str
    type: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(f"{self.name}\n".encode() + self._typed).digest()[:KEY_ID_BYTES]

    @property
    def _typed(self) -> bytes:
        return bytes([self.type]) + self.public

    def __str__(self) -> str:
        """The one line in which it is published."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self._typed).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was opened: its text, and the trusted keys that signed it, in the order of their lines."""

    text: str
    signers: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes


def verifier_key(name: str, public: bytes) -> VerifierKey:
    """The Ed25519 verifier key of that name. Raises MalformedNote for a name that no note could carry."""
    _check_name(name)
    return VerifierKey(name, ED25519_TYPE, public)


def parse_vkey(text: str) -> VerifierKey:
    """Raises MalformedNote: shape, unknown type, or a key id that is not this key's."""
    name, plus, rest = text.partition("+")
    hex_id, second_plus, encoded = rest.partition("+")
    if not plus or not second_plus:
        raise MalformedNote("vkey")
    _check_name(name)
    typed = _base64(encoded)
    if len(typed) != 33 or typed[0] not in (ED25519_TYPE, COSIGNATURE_TYPE):
        raise MalformedNote("vkey_type")
    key = VerifierKey(name, typed[0], typed[1:])
    if hex_id != key.key_id.hex():
        raise MalformedNote("vkey_id")
    return key


def sign_note(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """The note with one signature. Deterministic. Raises MalformedNote for a text or a name that no note can carry."""
    _check_text(text)
    key = verifier_key(name, private.public_key().public_bytes_raw())
    signature = b64encode(key.key_id + private.sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def open_note(note: str, trusted: Iterable[VerifierKey]) -> Note:
    """The text of a note that at least one trusted key signed.

    Signatures of strangers are left alone. Raises NoteNotVerified when no trusted key signed, or a trusted key's signature is bad;
    MalformedNote.
    """
    text, lines = _take_apart(note)
    keys: dict[tuple[str, bytes], VerifierKey] = {}
    for key in trusted:
        if keys.setdefault((key.name, key.key_id), key) != key:
            # Two trusted keys of one name and id: no telling whose signature it is.
            raise NoteNotVerified("ambiguous_key")
    signers: dict[VerifierKey, None] = {}
    for line in lines:
        signer = keys.get((line.name, line.key_id))
        if signer is None or signer.type != ED25519_TYPE or signer in signers:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(signer.public).verify(line.signature, text.encode())
        except InvalidSignature as wrong:
            raise NoteNotVerified("bad_signature") from wrong
        signers[signer] = None
    if not signers:
        raise NoteNotVerified("no_trusted_signature")
    return Note(text, tuple(signers))


def _take_apart(note: str) -> tuple[str, list[_Line]]:
    if len(note) > LONGEST_NOTE:
        raise MalformedNote("too_long")
    head, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise MalformedNote("shape")
    text = head + "\n"
    _check_text(text)
    written = tail[:-1].split("\n")
    if len(written) > MOST_SIGNATURES:
        raise MalformedNote("too_many_signatures")
    return text, [_line(line) for line in written]


def _line(line: str) -> _Line:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise MalformedNote("signature_line")
    _check_name(name)
    signed = _base64(encoded)
    if len(signed) <= KEY_ID_BYTES:
        raise MalformedNote("signature_line")
    return _Line(name, signed[:KEY_ID_BYTES], signed[KEY_ID_BYTES:])


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(letter < " " and letter != "\n" for letter in text):
        raise MalformedNote("text")
    try:
        text.encode()
    except UnicodeEncodeError as wrong:
        raise MalformedNote("text") from wrong


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() for letter in name) or not name.isprintable():
        raise MalformedNote("name")


def _base64(text: str) -> bytes:
    """Standard base64 with padding, in its one form."""
    try:
        data = b64decode(text, validate=True)
    except ValueError as wrong:
        raise MalformedNote("base64") from wrong
    if b64encode(data).decode() != text:
        raise MalformedNote("base64")
    return data
