"""Proofs of who is asking, on real databases: hashes only, ends at once, and waiting after failures."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import LargeBinary, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry import credentials
from registry.credentials import APIToken, APITokenEnd, Password, SignInThrottle
from registry.errors import AlreadyDecided, SignInRefused, SignInThrottled
from registry.grants import Role
from registry.officers import Officer, OfficerClosure
from tests.world import NOW, PASSWORD, WINDOW, person

pytestmark = pytest.mark.database


async def waits(session: AsyncSession, username: str, now: datetime) -> int:
    """Seconds the name has to wait; 0 when an attempt was let through."""
    try:
        await credentials.count_attempt(session, username, now)
    except SignInThrottled as throttled:
        seconds = throttled.params["seconds"]
        assert isinstance(seconds, int)
        return seconds
    return 0


async def test_five_attempts_are_free_and_then_each_wait_is_twice_the_one_before(session: AsyncSession) -> None:
    """2, 4, 8 … seconds, never longer than a quarter of an hour."""
    now, found = NOW, []
    for _ in range(credentials.FREE_ATTEMPTS):
        assert 0 == await waits(session, "kiro", now)
    for _ in range(12):
        assert 0 == await waits(session, "kiro", now)
        wait = await waits(session, "kiro", now)
        found.append(wait - 1)
        assert wait > 1
        now += timedelta(seconds=wait - 1)
    assert [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] == found


async def test_a_name_waits_in_any_spelling_and_no_other_name_with_it(session: AsyncSession) -> None:
    for _ in range(credentials.FREE_ATTEMPTS + 1):
        await credentials.count_attempt(session, "kiro", NOW)
    assert 0 < await waits(session, " KIRO ", NOW)
    assert 0 == await waits(session, "kira", NOW)
    await credentials.forget_failures(session, "Kiro")
    assert 0 == await waits(session, "kiro", NOW)


async def test_names_that_were_tried_are_not_kept(session: AsyncSession) -> None:
    """Somebody types their password into the field of the name: it must not lie in a table."""
    await credentials.count_attempt(session, "hunter2", NOW)
    assert [LargeBinary] == [type(column.type) for column in SignInThrottle.__table__.columns if column.name == "username_hash"]
    assert b"hunter2" not in b"".join(await session.scalars(select(SignInThrottle.username_hash)))


async def test_a_password_opens_its_own_account_alone(session: AsyncSession) -> None:
    """argon2id is what is kept; what is wrong is never said."""
    kiro, bare = await person(session, "kiro"), await person(session, "bare")
    await credentials.set_first_password(session, kiro, PASSWORD, NOW)
    assert kiro.id == (await credentials.check_password(session, "Kiro", PASSWORD)).id
    stored = await session.scalar(select(Password.hash))
    assert stored is not None
    assert stored.startswith("$argon2id$")
    for username, password in (("kiro", "wrong"), ("nobody", PASSWORD), (bare.username, "")):
        with pytest.raises(SignInRefused) as refused:
            await credentials.check_password(session, username, password)
        assert ("", {}) == (refused.value.detail, refused.value.params)
    session.add(OfficerClosure(officer_id=kiro.id, closed_at=NOW, reason="Left"))
    await session.flush()
    with pytest.raises(SignInRefused):
        await credentials.check_password(session, "kiro", PASSWORD)


async def test_a_first_password_is_the_first(session: AsyncSession) -> None:
    """A reset is a matter for two administrators, not another first password."""
    kiro = await person(session, "kiro")
    await credentials.set_first_password(session, kiro, PASSWORD, NOW)
    with pytest.raises(AlreadyDecided):
        await credentials.set_first_password(session, kiro, "another one", NOW)


async def test_a_session_is_its_officers_until_its_end(session: AsyncSession) -> None:
    kiro = await person(session, "kiro")
    secret = await credentials.open_session(session, kiro, NOW)

    async def officer(at: datetime, shown: str = secret) -> Officer | None:
        return await credentials.session_officer(session, shown, at)

    assert kiro == await officer(NOW + credentials.SESSION_LENGTH - timedelta(seconds=1))
    assert await officer(NOW + credentials.SESSION_LENGTH) is None
    assert await officer(NOW, secret[:-1]) is None
    await credentials.close_session(session, secret)
    assert await officer(NOW) is None


async def test_a_token_has_a_role_counters_and_an_end(session: AsyncSession) -> None:
    kiro = await person(session, "kiro")
    end = NOW + timedelta(days=30)
    secret = await credentials.issue_token(session, kiro, Role.CLERK, counters=[WINDOW], now=NOW, expires_at=end)
    assert secret.startswith(credentials.TOKEN_PREFIX)
    assert (kiro, Role.CLERK, frozenset([WINDOW])) == await credentials.token_officer(session, secret, end - timedelta(seconds=1))
    assert await credentials.token_officer(session, secret, end) is None
    assert await credentials.token_officer(session, secret.upper(), NOW) is None
    stored = await session.scalar(select(APIToken.token_hash))
    assert stored is not None
    assert secret.encode() not in stored
    session.add(APITokenEnd(token_hash=stored, ended_at=NOW))
    await session.flush()
    assert await credentials.token_officer(session, secret, NOW) is None
