"""Founding the demonstration: two real authorities, the people, the keys, the fees. The calls a real founding makes, in one go."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from registry import grants, keys, officers
from registry.credentials import hashed, issue_token, record_first_password
from registry.fees import schedule
from registry.fees.schedule_file import import_schedule
from registry.grants import Power, Role
from registry.keys import Signer
from registry.officers import Officer
from registry.publication import Publication
from registry.snapshot import Facts
from service.cli.place import CounterEntry, Places, open_places, read_places

PRISHTINA = "xk-prishtina"
MINISTRY = "mk-mvr"
INSPECTORATE = "taksa-inspectorate"
CENTRE = "xk-prishtina-center"
CADASTRE = "xk-prishtina-cadastre"
SKOPJE = "mk-mvr-skopje"

FIELD = CounterEntry(id="xk-prishtina-field", office=CENTRE, number=100, kind="device")
"""A hand-held device of the town's inspectors of streets; it issues offline, so it is no counter to sit at."""

FOUNDED = datetime(2026, 1, 2, 8, 0, tzinfo=UTC)
KEYS_LAST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Post:
    """Who works where, as what."""

    username: str
    full_name: str
    role: Role
    language: str
    authority: str | None = None
    office: str | None = None


STAFF = (
    Post("arta", "Arta Gashi", Role.CLERK, "sq", PRISHTINA, CENTRE),
    Post("blerim", "Blerim Hoxha", Role.CLERK, "sq", PRISHTINA, CADASTRE),
    Post("katerina", "Katerina Stojanova", Role.CLERK, "mk", MINISTRY, SKOPJE),
    Post("dren", "Dren Krasniqi", Role.EDITOR, "sq", PRISHTINA),
    Post("jelena", "Jelena Petrović", Role.APPROVER, "sr", PRISHTINA),
    Post("goran", "Goran Trajkovski", Role.EDITOR, "mk", MINISTRY),
    Post("elena", "Elena Ristovska", Role.APPROVER, "mk", MINISTRY),
    Post("mirjana", "Mirjana Ilić", Role.INSPECTOR, "sr", INSPECTORATE),
    Post("agron", "Agron Berisha", Role.ADMINISTRATOR, "sq"),
    Post("vesna", "Vesna Dimitrova", Role.ADMINISTRATOR, "mk"),
)


class Account(msgspec.Struct):
    """One log-in."""

    role: str
    username: str
    password: str
    api_token: str
    authority: str | None
    office: str | None

    @classmethod
    def of(cls, post: Post) -> "Account":
        """With a random password; the token is issued once the officer is known."""
        return cls(post.role, post.username, secrets.token_urlsafe(12), "", post.authority, post.office)


@dataclass(frozen=True, slots=True)
class Founded:
    """What stands after the founding. `retired` is a key of Prishtina's that was revoked, `device` the hand-held's."""

    places: Places
    accounts: list[Account]
    officers: dict[str, Officer]
    signers: dict[str, Signer]
    retired: Signer
    retired_at: datetime
    device: Signer
    facts: Facts

    async def powers(self, session: AsyncSession, username: str, now: datetime) -> tuple[Officer, tuple[Power, ...]]:
        """An officer with the rights they hold."""
        officer = self.officers[username]
        return officer, await grants.powers(session, officer, now)


def data_file(name: str) -> bytes:
    """A file of the demonstration's data: packed beside this module in a wheel, at the top of a clone."""
    here = Path(__file__)
    places = (here.with_name("data"), here.parents[2] / "data")
    return next(place / name for place in places if (place / name).is_file()).read_bytes()


async def found(session: AsyncSession, passphrase: bytes, now: datetime) -> Founded:
    """Found the registry as of FOUNDED, in the caller's transaction."""
    accounts = [Account.of(post) for post in STAFF]
    with ThreadPoolExecutor(1) as aside:
        # Hashing the passwords takes as long as all the rest, so it is done beside it.
        hashes = [asyncio.wrap_future(aside.submit(hashed, account.password)) for account in accounts]
        founded = await _found(session, accounts, passphrase, now)
        for account, password_hash in zip(accounts, hashes, strict=True):
            await record_first_password(session, founded.officers[account.username], await password_hash, FOUNDED)
    return founded


async def _found(session: AsyncSession, accounts: list[Account], passphrase: bytes, now: datetime) -> Founded:
    charted = read_places(data_file("places.json"))
    await open_places(session, charted, FOUNDED)
    await open_places(session, Places(counters=[FIELD]), FOUNDED)
    staff = await _employ(session, accounts, now)
    admins = (staff["agron"], staff["vesna"])
    signers = {
        authority: await _certified_key(session, admins, authority, passphrase, not_before=FOUNDED) for authority in (PRISHTINA, MINISTRY)
    }
    device = await _certified_key(session, admins, PRISHTINA, passphrase, not_before=FOUNDED, use="device", counters=[FIELD.number])
    retired = await _certified_key(session, admins, PRISHTINA, passphrase, not_before=FOUNDED - timedelta(days=30))
    retired_at = (now - timedelta(days=30)).replace(microsecond=0)
    await keys.revoke(
        session,
        kid=retired.kid.hex(),
        revoked_at=retired_at,
        reason="the file with its passphrase was seen on a shared disk",
        now=retired_at,
    )
    await _key(session, None, "note", None, passphrase, FOUNDED)
    for name, editor, approver in (("xk-prishtina.json", "dren", "jelena"), ("mk-mvr.json", "goran", "elena")):
        await _publish(session, data_file(name), staff[editor], staff[approver])
    publication = Publication()
    await publication.refresh(session)
    return Founded(charted, accounts, staff, signers, retired, retired_at, device, publication.facts)


async def _employ(session: AsyncSession, accounts: list[Account], now: datetime) -> dict[str, Officer]:
    """Everybody's account, right and API token; their passwords come later."""
    found: dict[str, Officer] = {}
    for number, (post, account) in enumerate(zip(STAFF, accounts, strict=True), 1):
        found[post.username] = officer = await officers.add(
            session,
            staff_number=f"DEMO-{number:03}",
            full_name=post.full_name,
            username=post.username,
            now=FOUNDED,
            language=post.language,
        )
        account.api_token = await issue_token(session, officer, post.role, counters=None, now=now, expires_at=now + KEYS_LAST)
    first, second = found["agron"], found["vesna"]
    await grants.start(session, first, second, FOUNDED)
    for post in STAFF:
        if post.role is not Role.ADMINISTRATOR:
            proposed = await grants.propose(
                session,
                by=first,
                officer=found[post.username],
                role=post.role,
                now=FOUNDED,
                authority=post.authority,
                office=post.office,
            )
            await grants.approve(session, by=second, grant=proposed, now=FOUNDED)
    return found


async def _certified_key(
    session: AsyncSession,
    admins: tuple[Officer, Officer],
    authority: str,
    passphrase: bytes,
    *,
    not_before: datetime,
    use: str = "server",
    counters: list[int] | None = None,
) -> Signer:
    signer = await _key(session, authority, use, counters, passphrase, not_before)
    for admin in admins:
        await keys.certify(session, by=admin, kid=signer.kid.hex(), now=FOUNDED)
    return signer


async def _key(
    session: AsyncSession, authority: str | None, use: str, counters: list[int] | None, passphrase: bytes, not_before: datetime
) -> Signer:
    private = Ed25519PrivateKey.generate()
    key = await keys.create(
        session,
        authority=authority,
        use=use,
        private=private,
        passphrase=passphrase,
        not_before=not_before,
        not_after=not_before + KEYS_LAST,
        now=FOUNDED,
        counters=counters,
    )
    return Signer(bytes.fromhex(key.kid), private)


async def _publish(session: AsyncSession, data: bytes, editor: Officer, approver: Officer) -> None:
    """A schedule file, from drafts to the published price."""
    drafts = (await import_schedule(session, by=editor, data=data, now=FOUNDED)).drafts
    for draft in drafts:
        await schedule.propose(session, by=editor, draft_id=draft, now=FOUNDED)
        await schedule.approve(session, by=approver, draft_id=draft, now=FOUNDED)
