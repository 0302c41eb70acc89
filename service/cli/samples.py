"""Sample receipts of the demonstration: one in each state that a check can find, and two reports.

Most are issued by the desk's own calls. What a desk of ours would never issue is made by hand, with the demonstration's keys:
this is what a stolen key, a second receipt pad or a forger's printer would make. Nothing outside the demonstration does this.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.ext.asyncio import AsyncSession

from registry.keys import SealedKey, Signer, unseal
from registry.money import Money
from registry.receipts import chain
from registry.receipts import issue as receipts
from registry.receipts.issue import VoidReason
from registry.receipts.number import receipt_number
from registry.receipts.tables import Receipt
from registry.receipts.token import CTI_BYTES, Claims, Kind, Payment, first_prev, key_id, link, parse, qr_text, read_text, sign
from service.cli.founding import FIELD, PRISHTINA, Founded
from verify.cases import desk as inspectors
from verify.cases.workflow import Outcome, State, Step
from verify.looks import Looks
from verify.register import Recorded, check_token, recorded
from verify.reports import file_report

NOT_OURS = "https://example.org/parking/ticket/4711"
FRESH = timedelta(hours=24)
"""An offline receipt is provisional for 48 hours; one that is older than this is made anew when the demonstration starts."""


class Sample(msgspec.Struct):
    """A receipt and the state that checking it finds. `qr_text` is what to check: for a number alone, the number."""

    state: str
    qr_text: str
    number: str | None


class FollowCode(msgspec.Struct):
    """What a reporter was given, and where their case stands."""

    code: str
    state: str


@dataclass(slots=True)
class Paper:
    """Whoever prints receipts in the demonstration, honest or not."""

    session: AsyncSession
    founded: Founded
    origin: str
    now: datetime
    samples: list[Sample] = field(default_factory=list)

    def ago(self, **much: float) -> datetime:
        return (self.now - timedelta(**much)).replace(microsecond=0)

    async def issued(
        self, at: datetime, username: str, counter: str, fee: str, *, training: bool = False, **inputs: object
    ) -> Receipt:  # fmt: skip
        """A receipt as a desk issues it."""
        officer, held = await self.founded.powers(self.session, username, at)
        desk = receipts.desk(self.founded.facts, officer, held, counter)
        quoted = receipts.quote(self.founded.facts, desk.authority, fee, inputs, now=at, on=None, on_reason=None)
        signer = self.founded.signers[desk.authority.id]
        return await receipts.issue(self.session, desk, quoted, signer, payment=Payment.CASH, training=training, now=at)

    async def voided(self, at: datetime, receipt: Receipt, username: str, reason: VoidReason, note: str) -> None:
        officer, held = await self.founded.powers(self.session, username, at)
        desk = receipts.desk(self.founded.facts, officer, held, receipt.counter_id)
        await receipts.void(self.session, desk, receipt, self.founded.signers[desk.authority.id], reason=reason, note=note, now=at)

    async def smuggled(self, at: datetime, claims: Claims) -> Receipt:
        """A receipt that a desk whose programme was tampered with puts into the register: any fee, any amount."""
        counter = self.founded.facts.parts[PRISHTINA].by_counter[claims.counter]
        signer = self.founded.signers[PRISHTINA]
        return await chain.append(self.session, counter, self.founded.officers["arta"], signer, claims, chain.Request(None, ()), at)

    def claims(self, at: datetime, fee: str, amount: int, *, inputs: tuple[int, ...] = (), kind: Kind = Kind.NORMAL) -> Claims:
        """Claims of a receipt by hand; counter 2 of Prishtina, a serial that may be anybody's."""
        zone = ZoneInfo(self.founded.facts.parts[PRISHTINA].time_zone)
        return Claims(
            kind=kind,
            counter=2,
            serial=9000,
            fee=fee,
            version=1,
            on=at.astimezone(zone).date(),
            payment=Payment.CASH,
            inputs=inputs,
            amount=amount,
            currency="EUR",
            prev=token_bytes(8),
            ref=None,
            iat=int(at.timestamp()),
            cti=token_bytes(CTI_BYTES),
        )

    def show(self, state: str, raw: bytes) -> None:
        """Put a token among the samples."""
        self.samples.append(Sample(state, qr_text(self.origin, raw), receipt_number(parse(raw).claims.cti)))


async def sample_receipts(session: AsyncSession, founded: Founded, origin: str, now: datetime) -> list[Sample]:
    """One receipt in each state; the first is an ordinary one."""
    paper = Paper(session, founded, origin, now)
    await _from_the_desk(paper)
    await _from_a_tampered_desk(paper)
    _never_recorded(paper)
    _offline(paper)
    paper.samples.append(Sample("not_a_receipt", NOT_OURS, None))
    number = receipt_number(token_bytes(CTI_BYTES))
    paper.samples.append(Sample("unknown_number", number, number))
    return paper.samples


async def _from_the_desk(paper: Paper) -> None:
    cancelled = await paper.issued(paper.ago(days=3), "arta", "xk-prishtina-1", "ROAD-CAR", engine_ccm="4000")
    await paper.voided(paper.ago(days=2, hours=23), cancelled, "arta", VoidReason.WRONG_INPUTS, "The engine has 1400 cm³.")
    practice = await paper.issued(paper.ago(hours=5), "arta", "xk-prishtina-1", "CAD-CERT", training=True)
    ordinary = await paper.issued(paper.ago(hours=2), "arta", "xk-prishtina-1", "CIT-CERT")
    cost = await paper.issued(paper.ago(days=1), "katerina", "mk-mvr-1", "NATURAL", counter_value="1230.00")
    paper.show("match", ordinary.token)
    paper.show("voided", cancelled.token)
    paper.show("training", practice.token)
    paper.show("not_verifiable", cost.token)


async def _from_a_tampered_desk(paper: Paper) -> None:
    # Published: an extract from the register of births 1.00, up to 3500 cm³ of engine 10.00; there is no fee for haste.
    over = await paper.smuggled(paper.ago(days=2), paper.claims(paper.ago(days=2), "ROAD-CAR", 40_00, inputs=(1600,)))
    under = await paper.smuggled(paper.ago(days=1, hours=3), paper.claims(paper.ago(days=1, hours=3), "BIRTH-EXTR", 50))
    invented = await paper.smuggled(paper.ago(hours=20), paper.claims(paper.ago(hours=20), "EXPRESS", 15_00))
    paper.show("overcharged", over.token)
    paper.show("undercharged", under.token)
    paper.show("unpublished_fee", invented.token)


def _never_recorded(paper: Paper) -> None:
    """Printed, but by no desk of ours."""
    at = paper.ago(days=1)
    good, retired = paper.founded.signers[PRISHTINA], paper.founded.retired
    paper.show("unrecorded", _sealed(paper.claims(at, "CIT-CERT", 2_00), good))
    paper.show("key_revoked", _sealed(paper.claims(at, "CIT-CERT", 2_00), retired))
    stranger = Ed25519PrivateKey.generate()
    public = stranger.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    paper.show("unknown_key", _sealed(paper.claims(at, "CIT-CERT", 2_00), Signer(key_id(public), stranger)))
    altered = bytearray(_sealed(paper.claims(at, "CIT-CERT", 2_00), good))
    altered[-1] ^= 1
    paper.show("not_genuine", bytes(altered))


def _offline(paper: Paper) -> None:
    """Issued by the hand-held device, which has not been near a network since."""
    device = paper.founded.device
    prev = first_prev(device.kid, FIELD.number)
    for serial, (state, at) in enumerate((("overdue", paper.ago(days=3)), ("provisional", paper.ago(hours=1))), 1):
        claims = paper.claims(at, "CIT-CERT", 2_00, kind=Kind.OFFLINE)._replace(counter=FIELD.number, serial=serial, prev=prev)
        raw = _sealed(claims, device)
        paper.show(state, raw)
        prev = link(raw)


async def renewed(session: AsyncSession, samples: list[Sample], origin: str, passphrase: bytes, now: datetime) -> list[Sample]:
    """The samples with a provisional receipt that still is one: the device issues its next when the last grows old."""
    kept: list[Sample] = []
    for sample in samples:
        if sample.state == "provisional":
            before = parse(read_text(sample.qr_text, origin))
            if now - before.claims.issued_at > FRESH:
                sealed = await session.get_one(SealedKey, before.kid.hex())
                issued_at = (now - timedelta(hours=1)).replace(microsecond=0)
                claims = before.claims._replace(
                    serial=before.claims.serial + 1,
                    prev=link(before.raw),
                    iat=int(issued_at.timestamp()),
                    on=issued_at.date(),
                    cti=token_bytes(CTI_BYTES),
                )
                raw = _sealed(claims, Signer(before.kid, unseal(sealed.sealed, passphrase)))
                kept.append(Sample(sample.state, qr_text(origin, raw), receipt_number(claims.cti)))
                continue
        kept.append(sample)
    return kept


def _sealed(claims: Claims, signer: Signer) -> bytes:
    return sign(claims, signer.kid, signer.private)


async def sample_reports(session: AsyncSession, founded: Founded, origin: str, now: datetime) -> list[FollowCode]:
    """An open case, reported yesterday, and one that was answered. Neither is about a sample receipt."""
    paper = Paper(session, founded, origin, now)
    bought = await paper.issued(paper.ago(days=9), "blerim", "xk-prishtina-3", "CAD-CERT")
    answered, case_id = await _reported(paper, bought, "10.00", paper.ago(days=8), "sq", "Më kërkuan 10 euro, pa shpjegim.")
    inspector, held = await founded.powers(session, "mirjana", paper.ago(days=5))
    await inspectors.take_step(
        session,
        inspector,
        held,
        case_id,
        type=Step.ANSWERED,
        outcome=Outcome.OVERCHARGE_CONFIRMED_REFUND,
        text="Taksa e publikuar është 3,00 €. Komuna ju kthen 7,00 €; merreni me vete këtë kod.",
        version=1,
        now=paper.ago(days=5),
    )
    bought = await paper.issued(paper.ago(days=2), "katerina", "mk-mvr-2", "ID-CARD")
    waiting, _ = await _reported(paper, bought, "500.00", paper.ago(days=1), "mk", "Платив 500 денари, а на сметката пишува 310.")
    return [FollowCode(answered, State.ANSWERED), FollowCode(waiting, State.RECEIVED)]


async def _reported(paper: Paper, receipt: Receipt, paid: str, at: datetime, language: str, text: str) -> tuple[str, str]:
    """A citizen checks a receipt and reports what they paid. Gives the follow code and the case."""
    facts = paper.founded.facts

    async def ask(cti: bytes) -> Recorded | None:
        return (await recorded(paper.session, [cti])).get(cti)

    verdict = await check_token(
        ask, facts, Looks(), origin=paper.origin, receipt=qr_text(paper.origin, receipt.token), now=at,
        paid=Money.parse(paid, receipt.currency), count=False,
    )  # fmt: skip
    filed = await file_report(paper.session, facts, verdict=verdict, paid=verdict.paid, text=text, language=language, now=at)
    return filed.code, filed.case_id
