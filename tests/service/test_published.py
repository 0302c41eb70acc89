"""Publication as the world sees it: changes arrive within two seconds, only what changed is built anew, and it can all be checked."""

import asyncio
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest
from sqlalchemy import func, select

from registry import keys
from registry.fees.content import parse_content
from registry.log.note import open_note, parse_vkey
from registry.publication import SnapshotNote
from registry.receipts.token import key_id
from registry.snapshot import Facts
from registry.snapshot_files import Index, assemble, note_text, parse_index
from service.db import Database, create_engine
from service.published import Published
from tests.service.api.presenting import issued, verify
from tests.service.conftest import House
from tests.world import MINISTRY, NOW, PASSPHRASE, TOWN, certified_key, fee_json, publish
from verify.check import check

pytestmark = pytest.mark.database

NEW_FEE = parse_content(fee_json("PARKING", {"type": "flat", "amount": "1.00"}))


def another_process(house: House) -> Published:
    """What another process of the same installation holds; its engine is its own."""
    database = Database(create_engine(house.settings.database_url, pool_size=2))
    return Published(database, house.settings, house.clock, PASSPHRASE)


async def until(what: Callable[[], bool], seconds: float = 30.0) -> float:
    """Wait until it holds; gives up after `seconds`, many times what was promised, for a busy machine is no defect."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it never came"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def fetched(house: House) -> tuple[Index, Facts, str]:
    """Index, facts and note as a verifier gets them: over HTTP, nothing else."""
    files: dict[str, bytes] = {}
    index = parse_index((await house.client.get("/snapshot/index")).content)
    for ref in (*index.authorities, *index.voids):
        answer = await house.client.get(f"/snapshot/{ref.path}")
        assert (200, True) == (answer.status_code, "immutable" in answer.headers["Cache-Control"])
        assert ref.sha256 == sha256(answer.content).hexdigest()
        files[ref.path] = answer.content
    return index, assemble(index, files.__getitem__), (await house.client.get("/snapshot/note")).text


async def test_a_change_by_another_process_is_seen_within_two_seconds(house: House) -> None:
    """A new fee, then a void: written elsewhere, served here without being asked to look."""
    async with house.database.write() as session:
        await publish(session, house.world, NEW_FEE)
    await until(lambda: house.process.facts.knows_fee(TOWN, "PARKING"))
    assert "1.00" == (await issued(house, "PARKING"))["amount"]["amount"]
    receipt = await issued(house)
    await house.client.post(f"/api/v1/receipts/{receipt['number']}/void", json={"reason": "other"}, headers=house.as_("clerk"))
    await until(lambda: bool(house.process.facts.void_days))


async def test_only_the_changed_part_is_built_anew(house: House) -> None:
    before, files = house.process.facts, house.process.published.signed
    assert files is not None
    async with house.database.write() as session:
        await publish(session, house.world, NEW_FEE)
    await house.refreshed()
    after, files_after = house.process.facts, house.process.published.signed
    assert files_after is not None
    assert before.parts[TOWN] is not after.parts[TOWN]
    for same in (MINISTRY, "inspectorate"):
        assert before.parts[same] is after.parts[same]
    shared = files.files.keys() & files_after.files.keys()
    assert 2 == len(shared)
    assert all(files.files[path] is files_after.files[path] for path in shared)


async def test_nothing_is_built_when_nothing_changed(house: House) -> None:
    before = house.process.facts
    await house.refreshed()
    assert before is house.process.facts


async def test_what_is_served_is_what_is_known_and_can_be_put_together_again(house: House) -> None:
    """The facts from the files are the facts of the process; a receipt verifies with nothing but them."""
    receipt = await issued(house)
    await house.client.post(f"/api/v1/receipts/{receipt['number']}/void", json={"reason": "other"}, headers=house.as_("clerk"))
    await house.refreshed()
    index, facts, note = await fetched(house)
    known = house.process.facts
    assert (known.as_of, known.void_days) == (facts.as_of, facts.void_days)
    assert {name: part.canonical() for name, part in known.parts.items()} == {name: part.canonical() for name, part in facts.parts.items()}
    vkey = parse_vkey((await house.client.get("/snapshot/vkey")).text.strip())
    assert "fees.example/snapshot" == vkey.name
    opened = open_note(note, [vkey])
    assert note_text((await house.client.get("/snapshot/index")).content, index.as_of) == opened.text
    assert "voided" == check(receipt["qr_text"], facts, house.settings.origin, NOW).state


async def test_a_part_stays_while_somebody_may_still_read_the_index_before(house: House) -> None:
    index = parse_index((await house.client.get("/snapshot/index")).content)
    async with house.database.write() as session:
        await publish(session, house.world, NEW_FEE)
    await house.refreshed()
    for ref in index.authorities:
        assert 200 == (await house.client.get(f"/snapshot/{ref.path}")).status_code
    for path in ("a/xk-town", "a/xk-town/00", "voids/2026-11-24/00", "a/..%2Findex", "%00"):
        assert 404 == (await house.client.get(f"/snapshot/{path}")).status_code, path


async def test_two_processes_publish_the_same_bytes_and_one_note(house: House) -> None:
    """Signed by whoever is first; the other serves that very note."""
    async with house.database.write() as session:
        await publish(session, house.world, NEW_FEE)
    others = [another_process(house) for _ in range(3)]
    await asyncio.gather(house.refreshed(), *(other.refresh() for other in others))
    signed = [house.process.published.signed, *(other.signed for other in others)]
    assert all(each is not None and signed[0] is not None and each.index == signed[0].index for each in signed)
    assert 1 == len({each.note for each in signed if each is not None})
    async with house.database.read() as session:
        assert 2 == await session.scalar(select(func.count()).select_from(SnapshotNote)), "one for the founding, one for the new fee"
    for other in others:
        await other.database.close()


async def test_a_process_goes_on_asking_after_a_refresh_that_failed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it was. A process that stopped asking would serve old facts for ever."""
    failures = 0

    async def failing(*_: object) -> bool:
        nonlocal failures
        failures += 1
        raise RuntimeError("odd")

    with monkeypatch.context() as patched:
        patched.setattr(type(house.process.published.publication), "refresh", failing)
        await until(lambda: failures > 0)
    async with house.database.write() as session:
        await publish(session, house.world, NEW_FEE)
    await until(lambda: house.process.facts.knows_fee(TOWN, "PARKING"))


async def test_the_signing_keys_are_a_jwk_set_with_their_ids_in_hex(house: House) -> None:
    """RFC 7517 and 8037; revoked keys say so and stay, uncertified ones are nobody's."""
    async with house.database.write() as session:
        await keys.revoke(session, kid=house.world.signers[TOWN].kid.hex(), revoked_at=NOW, reason="Lost", now=NOW)
        second = await certified_key(session, house.world.admins, TOWN, b"\x09" * 32)
    await house.refreshed()
    answer = await house.client.get("/.well-known/jwks.json")
    assert "application/jwk-set+json" == answer.headers["Content-Type"].partition(";")[0]
    found = {jwk["kid"]: jwk for jwk in answer.json()["keys"]}
    assert {house.world.signers[TOWN].kid.hex(), second.kid.hex()} == found.keys()
    for kid, jwk in found.items():
        assert ("OKP", "Ed25519", "EdDSA", TOWN) == (jwk["kty"], jwk["crv"], jwk["alg"], jwk["authority"])
        assert kid == key_id(urlsafe_b64decode(jwk["x"] + "=")).hex()
    assert int(NOW.timestamp()) == found[house.world.signers[TOWN].kid.hex()]["revoked_at"]
    assert "revoked_at" not in found[second.kid.hex()]


async def test_the_snapshot_is_open_to_pages_of_other_hosts(house: House) -> None:
    """A journalist's verifier runs in a browser, elsewhere."""
    for path in ("/snapshot/index", "/snapshot/note", "/snapshot/vkey", "/.well-known/jwks.json"):
        assert "*" == (await house.client.get(path)).headers["Access-Control-Allow-Origin"]


async def test_the_index_is_canonical_and_dated_by_its_newest_fact(house: House) -> None:
    index = (await house.client.get("/snapshot/index")).content
    decoded = msgspec.json.decode(index)
    assert {"v", "as_of", "authorities", "voids"} == decoded.keys()
    assert sorted(each["id"] for each in decoded["authorities"]) == [each["id"] for each in decoded["authorities"]]
    async with house.database.write() as session:
        await publish(session, house.world, NEW_FEE, now=NOW + timedelta(minutes=1))
    await house.refreshed()
    published = house.process.facts.parts[TOWN].by_code["PARKING"][0].published_at
    assert NOW < published
    as_of = published.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert as_of == msgspec.json.decode((await house.client.get("/snapshot/index")).content)["as_of"]
    assert as_of == (await verify(house, "x"))["facts_as_of"]
