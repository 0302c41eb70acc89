"""Every state and flag of a verdict, reached over HTTP, on both databases.

`provisional`, `overdue` and `unchecked` need devices or a process without a register: tests/verify/test_check.py has them.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select

from registry import keys
from registry.fees.content import parse_content
from registry.receipts.number import with_check_digit
from registry.receipts.tables import Receipt
from registry.receipts.token import Kind
from tests.service.api.presenting import euros, issued, signed, state, verify
from tests.service.conftest import House
from tests.world import NOW, TOWN, WINDOW_2, certified_key, fee_json, publish, today

pytestmark = pytest.mark.database

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "verdict_money.json").read_text(encoding="utf-8"))["cases"]


async def test_match_whether_the_amount_paid_is_told_or_not(common_house: House) -> None:
    """The whole verdict once; the amounts, the fee, the steps, what can be done next."""
    receipt = await issued(common_house, "PREMISES", {"area": "120.50"})
    verdict = await verify(common_house, receipt["qr_text"], paid=euros("500"))
    assert ("match", euros("500.00"), euros("500.00"), euros("500.00"), euros("0.00")) == tuple(
        verdict[name] for name in ("state", "published", "recorded", "paid", "difference")
    )
    assert {"number": receipt["number"], "kind": "normal", "authority": TOWN, "office": "xk-town-hall", "serial": receipt["serial"]} == {
        name: verdict["receipt"][name] for name in ("number", "kind", "authority", "office", "serial")
    }
    assert {"area": "120.50"} == verdict["fee"]["inputs"]
    assert {True} == {step["passed"] for step in verdict["checks"]}
    assert ["report", "see_fee", "check_another"] == [step["action"] for step in verdict["next"]]
    assert "match" == await state(common_house, receipt["qr_text"])


async def test_a_free_service_matches_a_published_nothing(common_house: House) -> None:
    receipt = await issued(common_house, "INSPECT")
    verdict = await verify(common_house, receipt["qr_text"])
    assert ("match", euros("0.00")) == (verdict["state"], verdict["published"])
    assert "overcharged" == await state(common_house, receipt["qr_text"], paid=euros("1.00"))


async def test_overcharged_by_what_was_paid(common_house: House) -> None:
    verdict = await verify(common_house, (await issued(common_house))["qr_text"], paid=euros("3.00"))
    assert ("overcharged", euros("1.00")) == (verdict["state"], verdict["difference"])


async def test_overcharged_by_what_the_receipt_itself_records(common_house: House) -> None:
    """No desk of ours would issue it; whoever holds the key could."""
    verdict = await verify(common_house, await signed(common_house, amount=250))
    assert ("overcharged", euros("0.50")) == (verdict["state"], verdict["difference"])


async def test_underrecorded_when_part_of_what_was_paid_is_not_on_the_receipt(common_house: House) -> None:
    verdict = await verify(common_house, await signed(common_house, amount=150), paid=euros("2.00"))
    assert ("underrecorded", euros("0.50")) == (verdict["state"], verdict["difference"])


async def test_undercharged_by_record_and_by_what_was_paid(common_house: House) -> None:
    assert "undercharged" == await state(common_house, await signed(common_house, amount=150))
    assert "undercharged" == await state(common_house, (await issued(common_house))["qr_text"], paid=euros("1.00"))


@pytest.mark.parametrize(
    ("said", "detail"),
    [({"fee": "NEVER"}, "unknown_fee"), ({"on": today() - timedelta(days=400)}, "not_in_force")],
    ids=["no such fee", "before its first day"],
)
async def test_unpublished_fee(common_house: House, said: dict[str, Any], detail: str) -> None:
    verdict = await verify(common_house, await signed(common_house, **said))
    steps = {step["step"]: step["detail"] for step in verdict["checks"]}
    assert ("unpublished_fee", None, detail) == (verdict["state"], verdict["published"], steps["fee_in_force"])


async def test_not_verifiable_for_an_actual_cost(common_house: House) -> None:
    """Nothing is published to hold the amount against; more than the receipt says is an overcharge all the same."""
    receipt = await issued(common_house, "COURIER", {"cost": "12.40"})
    verdict = await verify(common_house, receipt["qr_text"])
    assert ("not_verifiable", None, euros("12.40")) == (verdict["state"], verdict["published"], verdict["recorded"])
    assert "overcharged" == await state(common_house, receipt["qr_text"], paid=euros("12.41"))


async def test_not_verifiable_when_dated_in_the_future_but_for_clocks_that_differ_a_little(common_house: House) -> None:
    at = int(NOW.timestamp())
    assert "match" == await state(common_house, await signed(common_house, iat=at + 300))
    verdict = await verify(common_house, await signed(common_house, iat=at + 301))
    assert ("not_verifiable", "issued_in_future") == (verdict["state"], verdict["checks"][-1]["detail"])


async def test_voided_seen_on_the_receipt_on_the_slip_and_by_number(common_house: House) -> None:
    """At once, for the register says so; the amounts are still shown."""
    receipt = await issued(common_house)
    slip = await common_house.client.post(
        f"/api/v1/receipts/{receipt['number']}/void", json={"reason": "not_paid", "note": "Left"}, headers=common_house.as_("clerk")
    )
    assert 201 == slip.status_code
    for presented in (receipt["qr_text"], receipt["number"]):
        verdict = await verify(common_house, presented)
        assert ("voided", "not_paid", "2026-11-24") == (verdict["state"], verdict["void"]["reason"], verdict["void"]["voided_on"])
        assert euros("2.00") == verdict["recorded"]
    of_slip = await verify(common_house, slip.json()["qr_text"])
    assert ("voided", "void_slip") == (of_slip["state"], of_slip["receipt"]["kind"])


async def test_unrecorded_when_the_register_has_no_such_row(common_house: House) -> None:
    """A perfect seal and the right amount; but the receipt was dropped, or never entered. Never `match`."""
    for more in ({}, {"paid": euros("2.00")}):
        verdict = await verify(common_house, await signed(common_house, stored=False), **more)
        assert "unrecorded" == verdict["state"]
        assert [False] == [step["passed"] for step in verdict["checks"] if step["step"] == "recorded"]


async def test_unrecorded_when_the_register_has_other_bytes_under_the_same_id(common_house: House) -> None:
    """Who steals a key can repeat a cti; the register must hold this very token."""
    cti = b"\x05" * 10
    await signed(common_house, cti=cti)
    assert "unrecorded" == await state(common_house, await signed(common_house, cti=cti, amount=199, stored=False))


async def test_training_slips_are_never_receipts(common_house: House) -> None:
    receipt = await issued(common_house, kind="training")
    assert "training" == await state(common_house, receipt["qr_text"])


async def test_not_genuine_when_one_bit_was_changed(common_house: House) -> None:
    """Everywhere in the signature and the claims; what breaks the shape is no receipt at all."""
    text = (await issued(common_house))["token"]
    swapped = text[:-20] + ("A" if text[-20] != "A" else "B") + text[-19:]
    assert "not_genuine" == await state(common_house, swapped)


async def test_unknown_key_of_whoever_is_not_in_the_registry(common_house: House) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"\x63" * 32)
    assert "unknown_key" == await state(common_house, await signed(common_house, private=stranger, stored=False))


async def test_not_a_receipt_for_any_other_text(common_house: House) -> None:
    for text in ("hello", "https://bank.example/pay?to=1", "WIFI:S:town;;", "", " "):
        assert "not_a_receipt" == await state(common_house, text)


async def test_our_token_under_a_foreign_host_is_not_a_receipt_and_says_so(common_house: House) -> None:
    """What a sticker over the real code would hold."""
    token = (await issued(common_house))["token"]
    verdict = await verify(common_house, f"HTTPS://FEES-EXAMPLE.EVIL/R/{token}")
    assert ("not_a_receipt", "foreign_host", None) == (verdict["state"], verdict["checks"][-1]["detail"], verdict["receipt"])


async def test_unknown_number_when_no_receipt_has_it(common_house: House) -> None:
    assert "unknown_number" == await state(common_house, with_check_digit("1" * 15))


async def test_the_flag_seen_counts_looks_before_this_one_and_never_changes_the_state(common_house: House) -> None:
    receipt = await issued(common_house)
    first, second, third = [await verify(common_house, receipt["qr_text"]) for _ in range(3)]
    assert [[], ["seen"], ["seen"]] == [each["flags"] for each in (first, second, third)]
    assert [None, {"times": 1, "first": "2026-11-24"}, {"times": 2, "first": "2026-11-24"}] == [
        each["seen"] for each in (first, second, third)
    ]
    assert {"match"} == {each["state"] for each in (first, second, third)}


async def test_the_flag_disputed_when_the_citizen_says_other_facts(common_house: House) -> None:
    """120 m² were charged; the citizen has 50, for which another amount is published."""
    receipt = await issued(common_house, "PREMISES", {"area": "120"})
    verdict = await verify(common_house, receipt["qr_text"], inputs={"area": "50"})
    assert (["disputed"], euros("30.00"), "match") == (verdict["flags"], verdict["claimed"], verdict["state"])
    agreed = await verify(common_house, receipt["qr_text"], inputs={"area": "150"})
    assert (["seen"], euros("500.00")) == (agreed["flags"], agreed["claimed"]), "other facts, but the same amount"


async def test_a_number_shows_no_inputs_and_takes_none(common_house: House) -> None:
    """Weaker evidence than the paper: whoever reads sixteen digits learns nothing about the case."""
    receipt = await issued(common_house, "PREMISES", {"area": "120"})
    for number in (receipt["number"], " ".join(receipt["number"][at : at + 4] for at in range(0, 16, 4))):
        verdict = await verify(common_house, number)
        assert ("match", {}) == (verdict["state"], verdict["fee"]["inputs"])


async def test_a_number_with_two_receipts_asks_for_the_day(common_house: House) -> None:
    """Late device receipts may collide; here two rows share a number because we wrote them so."""
    await signed(common_house, cti=b"\x07" * 10)
    async with common_house.database.write() as session:
        number = await session.scalar(select(Receipt.number).where(Receipt.cti == b"\x07" * 10))
        older = (await session.execute(select(Receipt.__table__).where(Receipt.cti != b"\x07" * 10).limit(1))).mappings().one()
        earlier = NOW - timedelta(days=3)
        values = dict(older) | {"cti": b"\x08" * 10, "number": number, "serial": 999_999, "issued_at": earlier, "idempotency_key": None}
        await session.execute(insert(Receipt.__table__).values(values))
    answer = await common_house.client.post("/api/v1/verify", json={"receipt": number})
    assert (409, "ambiguous_number") == (answer.status_code, answer.json()["code"])
    assert "match" == await state(common_house, str(number), issued_on="2026-11-24")
    assert "unknown_number" == await state(common_house, str(number), issued_on="2026-11-01")


@pytest.fixture(scope="module")
async def round_fee(opened_house: House) -> None:
    """A fee of 100.00, the published amount of the table."""
    async with opened_house.database.write() as session:
        await publish(session, opened_house.world, parse_content(fee_json("ROUND", {"type": "flat", "amount": "100.00"})))
    await opened_house.refreshed()


SAID: dict[str | None, dict[str, Any]] = {
    None: {"fee": "ROUND"},
    "no such fee in force then": {"fee": "NEVER"},
    "actual cost or not computable": {"fee": "COURIER", "inputs": (10000,)},
}


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{case['published']}-{case['recorded']}-{case['paid']}-{case['state']}")
async def test_every_ordering_of_the_three_amounts(common_house: House, round_fee: None, case: dict[str, Any]) -> None:
    """The normative table, over HTTP: published 100.00, an actual cost, or nothing."""

    def money(minor: int | None) -> dict[str, str] | None:
        return None if minor is None else euros(f"{minor // 100}.{minor % 100:02}")

    receipt = await signed(common_house, amount=case["recorded"], **SAID[case.get("why")])
    verdict = await verify(common_house, receipt, paid=money(case["paid"]))
    assert (case["state"], money(case["difference"])) == (verdict["state"], verdict["difference"])


async def test_the_flag_corrected_when_the_fee_was_mended_after_issue(house: House) -> None:
    """Right when it was issued: judged by what was published then."""
    receipt = await issued(house)
    async with house.database.write() as session:
        await publish(
            session, house.world, parse_content(fee_json("CERT", {"type": "flat", "amount": "2.50"}, reason="Misprint")),
            now=NOW + timedelta(hours=1), supersedes=1,
        )  # fmt: skip
    house.clock.pass_time(hours=2)
    await house.refreshed()
    verdict = await verify(house, receipt["qr_text"])
    assert ("match", ["corrected"], euros("2.00")) == (verdict["state"], verdict["flags"], verdict["published"])
    later = await issued(house)
    verdict = await verify(house, later["qr_text"])
    assert ("match", []) == (verdict["state"], verdict["flags"])
    assert euros("2.50") == later["amount"]


async def test_key_revoked_judges_the_moment_of_issue_not_of_scanning(house: House) -> None:
    """What was signed before stays good; what says it was signed after is red; and a successor key goes on."""
    before = await issued(house)
    async with house.database.write() as session:
        await keys.revoke(session, kid=house.world.signers[TOWN].kid.hex(), revoked_at=NOW + timedelta(hours=1), reason="Lost", now=NOW)
    await house.refreshed()
    house.clock.pass_time(hours=2)
    assert "match" == await state(house, before["qr_text"])
    after = await signed(house, iat=int((NOW + timedelta(hours=1)).timestamp()))
    verdict = await verify(house, after)
    assert ("key_revoked", "revoked") == (verdict["state"], verdict["checks"][-1]["detail"])
    refused = await house.client.post("/api/v1/receipts", json={"counter": WINDOW_2, "fee": "CERT"}, headers=house.as_("clerk"))
    assert (503, "no_signing_key") == (refused.status_code, refused.json()["code"])
    async with house.database.write() as session:
        await certified_key(session, house.world.admins, TOWN, b"\x09" * 32)
    await house.refreshed()
    assert "match" == await state(house, (await issued(house))["qr_text"])


async def test_key_revoked_before_its_first_and_after_its_last_day(common_house: House) -> None:
    for moment, detail in ((NOW - timedelta(days=301), "before_not_before"), (NOW + timedelta(days=501), "after_not_after")):
        verdict = await verify(common_house, await signed(common_house, iat=int(moment.timestamp())))
        assert ("key_revoked", detail) == (verdict["state"], verdict["checks"][-1]["detail"])


async def test_a_leaked_key_counts_only_for_what_the_register_held_before(house: House) -> None:
    """An iat proves nothing once somebody else can sign; the register's own clock does."""
    honest = await issued(house)
    forged = await signed(house, stored=False)
    async with house.database.write() as session:
        await keys.revoke(
            session, kid=house.world.signers[TOWN].kid.hex(), revoked_at=NOW + timedelta(hours=2),
            compromised_at=NOW + timedelta(minutes=1), reason="Leaked", now=NOW + timedelta(minutes=2),
        )  # fmt: skip
    await house.refreshed()
    house.clock.pass_time(minutes=3)
    assert "match" == await state(house, honest["qr_text"])
    assert "key_revoked" == await state(house, forged)


async def test_a_device_key_signs_nothing_for_a_server_counter(common_house: House) -> None:
    """Offline receipts come from enrolled devices alone; a server key that signs one is not good for it."""
    verdict = await verify(common_house, await signed(common_house, kind=Kind.OFFLINE))
    assert ("key_revoked", "server") == (verdict["state"], verdict["checks"][-1]["detail"])
