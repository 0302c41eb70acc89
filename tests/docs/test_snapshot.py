"""docs/snapshot.md: the worked example is made again, and the page's own verifier reads it and nothing else."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.log.note import parse_vkey, sign_note, verifier_key
from registry.snapshot_files import Index, assemble, note_text, parse_index, parse_part, parse_voids
from service.cli.verify import read_snapshot
from tests.docs.pages import blocks, page

PAGE = page("docs/snapshot.md")
BLOCKS = {block.label: block.text for block in blocks(PAGE)}
NOTE_KEY = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
NAME = "taksa.example/snapshot"
CTI = b"0123456789"
"""Of the receipt in docs/receipt-format.md."""


def canonical(label: str) -> bytes:
    return rfc8785.dumps(json.loads(BLOCKS[label]))


INDEX, PART, VOIDS = canonical("json index"), canonical("json part"), canonical("json voids")
NOTE, VKEY = BLOCKS["note"] + "\n", BLOCKS["vkey"]


def saved(directory: Path) -> Path:
    """The example as the files that the page says."""
    index = json.loads(INDEX)
    files = {"index": INDEX, "note": NOTE.encode()}
    files |= {f"a/{each['id']}/{each['sha256']}": PART for each in index["authorities"]}
    files |= {f"voids/{each['day']}/{each['sha256']}": VOIDS for each in index["voids"]}
    for path, data in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
    return directory


def pages_verifier() -> Callable[[Path, str], tuple[dict[str, Any], set[str]]]:
    """The function that the page gives its readers."""
    space: dict[str, Any] = {}
    exec(BLOCKS["python"], space)
    found: Callable[[Path, str], tuple[dict[str, Any], set[str]]] = space["facts"]
    return found


def test_the_example_is_made_again_byte_by_byte() -> None:
    index, part = parse_index(INDEX), parse_part(PART)
    (voids,) = [parse_voids(each.day, VOIDS) for each in index.voids]
    facts = assemble(index, lambda path: PART if path.startswith("a/") else VOIDS)
    assert f"has {len(PART)} bytes and the SHA-256 `{part.sha256}`" in " ".join(PAGE.split())
    assert f"with the SHA-256 `{voids.sha256}`" in " ".join(PAGE.split())
    assert INDEX == Index.of(facts, "https://taksa.example").canonical()
    assert NOTE == sign_note(note_text(INDEX, index.as_of), NAME, NOTE_KEY)
    assert VKEY == str(verifier_key(NAME, NOTE_KEY.public_key().public_bytes_raw()))
    assert {sha256(CTI).digest()[:8]} == voids.prefixes
    assert facts.voided(CTI) == index.voids[0].day


def test_the_pages_verifier_reads_the_example_as_our_own_does(tmp_path: Path) -> None:
    authorities, voids = pages_verifier()(saved(tmp_path), VKEY)
    assert {"xk-prishtina": json.loads(PART)} == authorities
    assert set(json.loads(VOIDS)) == voids
    _, facts, note = read_snapshot(tmp_path, VKEY)
    assert ["xk-prishtina"] == list(facts.parts)
    assert f"signed by {parse_vkey(VKEY).name}" == note


@pytest.mark.parametrize("file", ["index", "note", "a", "voids"])
def test_the_pages_verifier_refuses_a_copy_that_somebody_changed(file: str, tmp_path: Path) -> None:
    path = saved(tmp_path) / file
    while path.is_dir():
        (path,) = path.iterdir()
    data = path.read_bytes()
    path.write_bytes(data.replace(b"2026-11-24T10", b"2026-11-24T11") if b"2026-11-24T10" in data else data.replace(b"4", b"5", 1))
    with pytest.raises((ValueError, InvalidSignature)):
        pages_verifier()(tmp_path, VKEY)


def test_the_pages_verifier_refuses_a_stranger(tmp_path: Path) -> None:
    stranger = str(verifier_key(NAME, Ed25519PrivateKey.generate().public_key().public_bytes_raw()))
    with pytest.raises(ValueError, match="not what was signed"):
        pages_verifier()(saved(tmp_path), stranger)
