"""Signing keys on real databases: two administrators, sealed, revoked for ever."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry import keys
from registry.errors import AlreadyDecided, KeyNotUnlocked, NoSigningKey, NotAllowed, SamePerson, UnknownKey
from registry.grants import Role
from registry.keys import SealedKey, SigningKey
from registry.publication import Publication
from registry.receipts.token import key_id
from tests.world import FOUNDED, NOW, PASSPHRASE, TOWN, World, certified_key, found, grant, person

pytestmark = pytest.mark.database


async def made(session: AsyncSession, seed: bytes = b"\x0a" * 32, **more: object) -> SigningKey:
    """A key nobody has certified yet."""
    terms = {"authority": TOWN, "use": "server", "not_before": NOW, "not_after": NOW + timedelta(days=400)} | more
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return await keys.create(session, private=private, passphrase=PASSPHRASE, now=NOW, **terms)  # type: ignore[arg-type]


async def kids(session: AsyncSession) -> set[str]:
    """Ids of the town's published keys."""
    return {key.kid.hex() for key in await keys.published_keys(session, TOWN)}


async def test_a_key_counts_once_two_administrators_stand_for_it(session: AsyncSession) -> None:
    world = await found(session)
    key = await made(session)
    assert key.kid not in await kids(session)
    assert not await keys.certify(session, by=world.admins[0], kid=key.kid, now=NOW)
    assert key.kid not in await kids(session)
    with pytest.raises(SamePerson):
        await keys.certify(session, by=world.admins[0], kid=key.kid, now=NOW)
    assert await keys.certify(session, by=world.admins[1], kid=key.kid, now=NOW)
    assert key.kid in await kids(session)
    with pytest.raises(AlreadyDecided):
        await keys.certify(session, by=world.admins[1], kid=key.kid, now=NOW)


async def test_the_same_person_under_two_accounts_does_not_certify_twice(session: AsyncSession) -> None:
    world = await found(session)
    twin = await person(session, "ada2", staff_number="S-ada")
    third = await person(session, "vera")
    await grant(session, world.admins, third, Role.ADMINISTRATOR)
    await grant(session, (world.admins[1], third), twin, Role.ADMINISTRATOR)
    key = await made(session)
    await keys.certify(session, by=world.admins[0], kid=key.kid, now=NOW)
    with pytest.raises(SamePerson):
        await keys.certify(session, by=twin, kid=key.kid, now=NOW)


async def test_sql_by_hand_cannot_certify_alone(session: AsyncSession) -> None:
    """One person as maker and checker, a hand that was never played, a hand of another matter."""
    world = await found(session)
    key, other = await made(session), await made(session, b"\x0b" * 32)
    for each in (key, other):
        await keys.certify(session, by=world.admins[0], kid=each.kid, now=NOW)
    await keys.certify(session, by=world.admins[1], kid=other.kid, now=NOW)
    ada, bela = (admin.person_id for admin in world.admins)
    for matter, maker, checker, part in (
        (f"key:{key.kid}", ada, ada, "maker"), (f"key:{key.kid}", ada, ada, "checker"), (f"key:{key.kid}", ada, bela, "checker"),
        (f"key:{other.kid}", ada, bela, "checker"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await session.execute(
                    text(
                        "INSERT INTO key_certification (kid, matter, certified_at, maker_id, maker_part, checker_id, checker_part)"
                        " VALUES (:kid, :matter, '2026-11-24 10:00:00', :maker, 'maker', :checker, :part)"
                    ),
                    {"kid": key.kid, "matter": matter, "maker": maker, "checker": checker, "part": part},
                )
    assert key.kid not in await kids(session)


@pytest.mark.parametrize("role", ["editor", "approver", "clerk", "inspector"])
async def test_only_administrators_certify(session: AsyncSession, role: str) -> None:
    world = await found(session)
    key = await made(session)
    with pytest.raises(NotAllowed):
        await keys.certify(session, by=getattr(world, role), kid=key.kid, now=NOW)
    with pytest.raises(UnknownKey):
        await keys.certify(session, by=world.admins[0], kid="00" * 8, now=NOW)


async def test_a_private_key_is_sealed_and_opens_with_its_passphrase_alone(session: AsyncSession) -> None:
    world = await found(session)
    sealed = await session.scalar(select(SealedKey.sealed).where(SealedKey.kid == world.signers[TOWN].kid.hex()))
    assert sealed is not None
    assert "ENCRYPTED" in sealed
    assert world.signers[TOWN].private.private_bytes_raw() == keys.unseal(sealed, PASSPHRASE).private_bytes_raw()
    for wrong in (b"wrong", b"", PASSPHRASE + b" "):
        with pytest.raises(KeyNotUnlocked):
            keys.unseal(sealed, wrong)
    with pytest.raises(KeyNotUnlocked):
        keys.unseal("not a key", PASSPHRASE)


async def test_nothing_is_signed_with_a_key_put_in_anothers_place(session: AsyncSession) -> None:
    """What is sealed is no official row; receipts signed with a stranger's key would all look forged."""
    await found(session)
    other = await session.scalar(select(SealedKey.sealed).join(SigningKey, SigningKey.kid == SealedKey.kid).where(SigningKey.use == "note"))
    own = select(SigningKey.kid).where(SigningKey.authority_id == TOWN)
    await session.execute(update(SealedKey).where(SealedKey.kid.in_(own)).values(sealed=other))
    with pytest.raises(KeyNotUnlocked):
        await keys.signer(session, TOWN, PASSPHRASE, NOW)


async def rotated(session: AsyncSession, world: World) -> bytes:
    """The id of a second certified key of the town, in force from now on."""
    key = await made(session)
    for admin in world.admins:
        await keys.certify(session, by=admin, kid=key.kid, now=NOW)
    return bytes.fromhex(key.kid)


async def test_the_newest_key_in_force_signs(session: AsyncSession) -> None:
    world = await found(session)
    second = await rotated(session, world)
    assert second == (await keys.signer(session, TOWN, PASSPHRASE, NOW)).kid
    assert world.signers[TOWN].kid == (await keys.signer(session, TOWN, PASSPHRASE, NOW - timedelta(seconds=1))).kid
    await keys.revoke(session, kid=second.hex(), revoked_at=NOW, reason="Lost", now=NOW)
    assert world.signers[TOWN].kid == (await keys.signer(session, TOWN, PASSPHRASE, NOW)).kid
    for authority, moment in ((TOWN, FOUNDED - timedelta(seconds=1)), (TOWN, NOW + timedelta(days=900)), ("mk-ministry", NOW)):
        with pytest.raises(NoSigningKey):
            await keys.signer(session, authority, PASSPHRASE, moment)


async def test_a_revocation_never_goes_away_and_the_earliest_counts(session: AsyncSession) -> None:
    world = await found(session)
    kid = world.signers[TOWN].kid.hex()
    for hours, compromised in ((5, None), (2, NOW + timedelta(minutes=30)), (9, NOW + timedelta(hours=3))):
        await keys.revoke(
            session, kid=kid, revoked_at=NOW + timedelta(hours=hours), reason=f"after {hours}", now=NOW, compromised_at=compromised
        )
    (entry,) = await keys.published_keys(session, TOWN)
    assert (NOW + timedelta(hours=2), NOW + timedelta(minutes=30), "after 2") == (entry.revoked_at, entry.compromised_at, entry.reason)
    with pytest.raises(UnknownKey):
        await keys.revoke(session, kid="00" * 8, revoked_at=NOW, reason="x", now=NOW)


async def test_terms_between_two_seconds_can_still_be_published(session: AsyncSession) -> None:
    """A clock tells microseconds; what is published is in whole seconds, and nothing may fail for it."""
    world = await found(session)
    odd = timedelta(microseconds=345_678)
    key = await made(session, not_before=NOW + odd, not_after=NOW + timedelta(days=1) + odd)
    for admin in world.admins:
        await keys.certify(session, by=admin, kid=key.kid, now=NOW + odd)
    await keys.revoke(session, kid=key.kid, revoked_at=NOW + odd, compromised_at=NOW + odd, reason="x", now=NOW + odd)
    publication = Publication()
    await publication.refresh(session)
    assert publication.facts.parts[TOWN].sha256
    assert publication.facts.key(bytes.fromhex(key.kid)) is not None


async def test_a_note_key_belongs_to_no_authority_and_signs_no_receipt(session: AsyncSession) -> None:
    """It is pinned, not certified; certifying it all the same touches nothing that is published."""
    world = await found(session)
    note = await keys.signer(session, None, PASSPHRASE, NOW)
    assert note.kid == key_id(note.private.public_key().public_bytes_raw())
    for admin in world.admins:
        await keys.certify(session, by=admin, kid=note.kid.hex(), now=NOW)
    await keys.revoke(session, kid=note.kid.hex(), revoked_at=NOW + timedelta(days=1), reason="Old", now=NOW)
    publication = Publication()
    assert await publication.refresh(session)
    assert publication.facts.key(note.kid) is None
    assert {TOWN, "mk-ministry", "inspectorate"} == publication.facts.parts.keys()


@pytest.mark.parametrize(("authority", "use"), [(TOWN, "note"), (None, "server"), (TOWN, "anything")])
async def test_a_key_of_an_impossible_kind_cannot_be_recorded(session: AsyncSession, authority: str | None, use: str) -> None:
    await found(session)
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await made(session, authority=authority, use=use)


async def test_a_key_is_recorded_once(session: AsyncSession) -> None:
    world = await found(session)
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await certified_key(session, world.admins, TOWN, b"\x01" * 32)
