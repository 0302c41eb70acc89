"""A small founded world for tests: two authorities, the people, a certified key, published fees. Real calls, no shortcuts."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from registry import grants, keys, officers, places
from registry.credentials import issue_token
from registry.fees import schedule
from registry.fees.content import FeeContent, parse_content
from registry.grants import Role
from registry.keys import Signer
from registry.officers import Officer
from registry.publication import Publication

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
FOUNDED = NOW - timedelta(days=300)
PASSPHRASE = b"a passphrase for tests"
PASSWORD = "correct horse battery staple"

TOWN = "xk-town"
MINISTRY = "mk-ministry"
INSPECTORATE = "inspectorate"
WINDOW = "xk-town-hall-1"
WINDOW_2 = "xk-town-hall-2"


def words(text: str) -> dict[str, str]:
    """The same text in four languages, marked so that they differ."""
    return {"en": text, "sq": f"{text} (sq)", "mk": f"{text} (mk)", "sr": f"{text} (sr)"}


def fee_json(code: str, rule: dict[str, Any], *, authority: str = TOWN, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    """A fee version as plain JSON, one component, changed by `more`."""
    return {
        "authority": authority,
        "code": code,
        "name": words(code.title()),
        "currency": currency,
        "inputs": [],
        "components": [{"kind": "administrative_fee", "label": words("Fee"), "account": "1000-1", "rule": rule}],
        "legal_basis": {"citation": "Regulation on municipal fees", "pinpoint": "art. 3", "uri": "https://example.org/law"},
        "valid_from": "2026-02-01",
        "valid_to": None,
        "reason": "First publication",
        "worked_examples": [],
        **more,
    }


AREA = {"name": "area", "label": words("Area"), "kind": "number", "unit": "m2", "decimals": 2, "minimum": "0", "maximum": "100000"}
COST = {"name": "cost", "label": words("Cost"), "kind": "money", "decimals": 2, "minimum": "0", "maximum": "100000"}
BANDS = {
    "type": "bands",
    "of": "area",
    "scope": "whole",
    "bands": [
        {"up_to": "50", "rule": {"type": "flat", "amount": "30.00"}},
        {"up_to": "100", "rule": {"type": "flat", "amount": "50.00"}},
        {"up_to": None, "rule": {"type": "flat", "amount": "500.00"}},
    ],
}


def fees() -> list[FeeContent]:
    """What the town publishes at its founding."""
    return [
        parse_content(fee)
        for fee in (
            fee_json("CERT", {"type": "flat", "amount": "2.00"}, worked_examples=[{"inputs": {}, "amount": "2.00"}]),
            fee_json("INSPECT", {"type": "free"}, worked_examples=[{"inputs": {}, "amount": "0.00"}]),
            fee_json("PREMISES", BANDS, inputs=[AREA], worked_examples=[{"inputs": {"area": "50.00"}, "amount": "30.00"}]),
            fee_json("COURIER", {"type": "actual_cost", "of": "cost"}, inputs=[COST]),
        )
    ]


@dataclass
class World:
    """Who and what the tests meet."""

    admins: tuple[Officer, Officer]
    editor: Officer
    approver: Officer
    clerk: Officer
    inspector: Officer
    signers: dict[str, Signer]
    publication: Publication = field(default_factory=Publication)
    tokens: dict[str, str] = field(default_factory=dict)

    async def refresh(self, session: AsyncSession) -> None:
        """Take in what was published since."""
        await self.publication.refresh(session)


async def person(session: AsyncSession, username: str, *, staff_number: str | None = None) -> Officer:
    """An account; who signs in by page sets a password first."""
    return await officers.add(
        session, staff_number=staff_number or f"S-{username}", full_name=username.title(), username=username, now=FOUNDED
    )


async def grant(session: AsyncSession, admins: tuple[Officer, Officer], officer: Officer, role: Role, **scope: Any) -> None:
    """A right, proposed by the first administrator and approved by the second."""
    proposed = await grants.propose(session, by=admins[0], officer=officer, role=role, now=FOUNDED, **scope)
    await grants.approve(session, by=admins[1], grant=proposed, now=FOUNDED)


async def certified_key(session: AsyncSession, admins: tuple[Officer, Officer], authority: str, seed: bytes) -> Signer:
    """A server key of an authority, in force since the founding."""
    key = await keys.create(
        session,
        authority=authority,
        use="server",
        private=Ed25519PrivateKey.from_private_bytes(seed),
        passphrase=PASSPHRASE,
        not_before=FOUNDED,
        not_after=FOUNDED + timedelta(days=800),
        now=FOUNDED,
    )
    assert not await keys.certify(session, by=admins[0], kid=key.kid, now=FOUNDED)
    assert await keys.certify(session, by=admins[1], kid=key.kid, now=FOUNDED)
    return await keys.signer(session, authority, PASSPHRASE, NOW)


async def publish(session: AsyncSession, world: World, content: FeeContent, *, now: datetime = FOUNDED, **more: Any) -> None:
    """Draft, propose and approve one fee version."""
    draft = await schedule.save_draft(session, by=world.editor, content=content, now=now, **more)
    await schedule.propose(session, by=world.editor, draft_id=draft.draft_id, now=now)
    await schedule.approve(session, by=world.approver, draft_id=draft.draft_id, now=now)


async def found(session: AsyncSession) -> World:
    """The world as it stands before each test."""
    await places.open_authority(
        session, id=INSPECTORATE, names=words("Inspectorate"), time_zone="Europe/Skopje", language="mk", currency="MKD",
        supervised_by=None, now=FOUNDED,
    )  # fmt: skip
    for authority, zone, language, currency in ((TOWN, "Europe/Belgrade", "sq", "EUR"), (MINISTRY, "Europe/Skopje", "mk", "MKD")):
        await places.open_authority(
            session, id=authority, names=words(authority), time_zone=zone, language=language, currency=currency,
            supervised_by=INSPECTORATE, now=FOUNDED,
        )  # fmt: skip
    await places.open_office(session, id="xk-town-hall", authority_id=TOWN, names=words("Town hall"), address=words("1 Main"), now=FOUNDED)
    await places.open_office(session, id="mk-desk", authority_id=MINISTRY, names=words("Desk"), address=words("2 Side"), now=FOUNDED)
    for counter, office, authority, number in (
        (WINDOW, "xk-town-hall", TOWN, 1), (WINDOW_2, "xk-town-hall", TOWN, 2), ("mk-desk-1", "mk-desk", MINISTRY, 1),
    ):  # fmt: skip
        await places.open_counter(session, id=counter, office_id=office, authority_id=authority, number=number, now=FOUNDED)
    admins = (await person(session, "ada"), await person(session, "bela"))
    await grants.start(session, *admins, FOUNDED)
    editor, approver, clerk, inspector = [await person(session, name) for name in ("edita", "arta", "kiro", "ina")]
    await grant(session, admins, editor, Role.EDITOR, authority=TOWN)
    await grant(session, admins, approver, Role.APPROVER, authority=TOWN)
    await grant(session, admins, clerk, Role.CLERK, authority=TOWN, office="xk-town-hall")
    await grant(session, admins, inspector, Role.INSPECTOR, authority=INSPECTORATE)
    signers = {TOWN: await certified_key(session, admins, TOWN, b"\x01" * 32)}
    await keys.create(
        session, authority=None, use="note", private=Ed25519PrivateKey.from_private_bytes(b"\x02" * 32), passphrase=PASSPHRASE,
        not_before=FOUNDED, not_after=FOUNDED + timedelta(days=800), now=FOUNDED,
    )  # fmt: skip
    world = World(admins, editor, approver, clerk, inspector, signers)
    for content in fees():
        await publish(session, world, content)
    for officer, role in ((clerk, Role.CLERK), (inspector, Role.INSPECTOR), (editor, Role.EDITOR), (approver, Role.APPROVER)):
        world.tokens[role] = await issue_token(
            session, officer, role, counters=None, now=FOUNDED, expires_at=datetime(2027, 12, 31, tzinfo=UTC)
        )
    await world.refresh(session)
    return world


def today() -> date:
    """The local day of NOW in the town."""
    return date(2026, 11, 24)
