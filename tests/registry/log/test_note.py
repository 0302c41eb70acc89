"""Signed notes, by the public vectors of those who made the format."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import MalformedNote, NoteNotVerified
from registry.log.note import COSIGNATURE_TYPE, VerifierKey, open_note, parse_vkey, sign_note, verifier_key

VECTORS = Path(__file__).parents[2] / "vectors" / "note"
NOTES = json.loads((VECTORS / "notes.json").read_text(encoding="utf-8"))
VKEYS = json.loads((VECTORS / "vkeys.json").read_text(encoding="utf-8"))

KEY = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
OURS = verifier_key("taksa.example", KEY.public_key().public_bytes_raw())


@pytest.mark.parametrize("vector", NOTES, ids=lambda vector: vector["desc"])
def test_public_notes_open_or_do_not(vector: dict[str, Any]) -> None:
    keys = [parse_vkey(vkey) for vkey in vector["vkeys"]]
    if vector["ok"]:
        opened = open_note(vector["note"], keys)
        assert vector["verified"] == len(opened.signers)
        assert vector["note"].startswith(opened.text + "\n— ")
    else:
        with pytest.raises((MalformedNote, NoteNotVerified)):
            open_note(vector["note"], keys)


@pytest.mark.parametrize("vector", [vector for vector in NOTES if vector["skey"]], ids=lambda vector: vector["desc"])
def test_public_notes_are_signed_byte_for_byte(vector: dict[str, Any]) -> None:
    """An encoded signer key is PRIVATE+KEY+name+key id+base64(type ‖ seed)."""
    _, _, name, _, encoded = vector["skey"].split("+", 4)
    private = Ed25519PrivateKey.from_private_bytes(b64decode(encoded)[1:])
    text = vector["note"].rpartition("\n\n")[0] + "\n"
    assert vector["note"] == sign_note(text, name, private)


@pytest.mark.parametrize("vkey", VKEYS["valid"])
def test_public_verifier_keys_read_back(vkey: str) -> None:
    assert vkey == str(parse_vkey(vkey))


@pytest.mark.parametrize("vkey", [*VKEYS["invalid"], "", "a", "a+b", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"])
def test_verifier_keys_that_are_not_are_refused(vkey: str) -> None:
    with pytest.raises(MalformedNote):
        parse_vkey(vkey)


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_that_may_be_signed_opens_again(line: str) -> None:
    text = f"{line}\n\nsecond paragraph\n"
    assert (text, (OURS,)) == (lambda note: (note.text, note.signers))(open_note(sign_note(text, OURS.name, KEY), [OURS]))


@given(st.integers(0, 200), st.sampled_from("aZ0=\n —"))
@settings(max_examples=100, deadline=None)
def test_a_changed_note_does_not_open(place: int, letter: str) -> None:
    note = sign_note("taksa/snapshot/v1\nAAAA\n2026-11-24T00:00:00Z\n", OURS.name, KEY)
    changed = note[: place % len(note)] + letter + note[place % len(note) + 1 :]
    if changed != note:
        with pytest.raises((MalformedNote, NoteNotVerified)):
            open_note(changed, [OURS])


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "bell\a\n", "\ud800\n"])
def test_texts_that_no_note_can_carry_are_not_signed(text: str) -> None:
    with pytest.raises(MalformedNote):
        sign_note(text, OURS.name, KEY)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "nbsp\u00a0here"])
def test_names_that_no_note_can_carry_are_refused(name: str) -> None:
    with pytest.raises(MalformedNote):
        sign_note("text\n", name, KEY)


def test_a_stranger_beside_us_is_left_alone_and_a_false_us_is_not() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32)
    note = sign_note("text\n", OURS.name, KEY)
    beside = note + sign_note("text\n", "stranger.example", stranger).rpartition("\n\n")[2]
    assert (OURS,) == open_note(beside, [OURS]).signers
    forged = note.rpartition("\n\n")[0] + "\n\n" + note.rpartition("\n\n")[2].replace("A", "B", 1)
    with pytest.raises((NoteNotVerified, MalformedNote)):
        open_note(forged, [OURS])


def test_a_cosigner_alone_does_not_open_a_note_yet() -> None:
    """Its signature covers a time too, which this module does not read."""
    cosigner = VerifierKey(OURS.name, COSIGNATURE_TYPE, OURS.public)
    with pytest.raises(NoteNotVerified):
        open_note(sign_note("text\n", OURS.name, KEY), [cosigner])
