"""Published fees over HTTP: the list and its pages, one version whole, and what it comes to."""

from datetime import timedelta
from typing import Any

import pytest

from registry import places
from registry.fees.content import canonical_bytes, content_hash, parse_content
from registry.grants import Role
from tests.service.api.presenting import euros
from tests.service.conftest import House
from tests.world import FOUNDED, INSPECTORATE, NOW, TOWN, fee_json, grant, publish, words

pytestmark = pytest.mark.database


async def listed(house: House, **query: object) -> dict[str, Any]:
    answer = await house.client.get("/api/v1/fees", params=query)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_list_says_name_amount_and_dates_in_the_readers_language(common_house: House) -> None:
    """Free is 0.00; what depends on the case has no amount."""
    items = {item["code"]: item for item in (await listed(common_house, lang="sq"))["items"]}
    assert {
        "authority": TOWN, "code": "CERT", "name": "Cert (sq)", "service": None, "version": 1, "amount": euros("2.00"), "currency": "EUR",
        "valid_from": "2026-02-01", "valid_to": None,
    } == items["CERT"]  # fmt: skip
    assert [euros("0.00"), None, None] == [items[code]["amount"] for code in ("INSPECT", "PREMISES", "COURIER")]


async def test_the_list_is_found_in_by_letters_authority_and_day(common_house: House) -> None:
    for query, expected in (
        ({"q": "prem"}, ["PREMISES"]), ({"q": "zzz"}, []), ({"authority": TOWN, "q": "CERT"}, ["CERT"]), ({"authority": "mk-ministry"}, []),
        ({"on": "2026-01-31"}, []),
    ):  # fmt: skip
        assert expected == [item["code"] for item in (await listed(common_house, **query))["items"]], query


async def test_pages_hold_every_fee_once_even_where_one_authoritys_id_begins_with_anothers(house: House) -> None:
    """`xk-town` and `xk-town-2`: as texts with their codes they sort otherwise than as ids."""
    async with house.database.write() as session:
        for authority in ("xk-town-2", "xk-to"):
            await places.open_authority(
                session, id=authority, names=words("Other"), time_zone="Europe/Belgrade", language="sq", currency="EUR",
                supervised_by=INSPECTORATE, now=FOUNDED,
            )  # fmt: skip
        for authority in ("xk-town-2", "xk-to"):
            for officer, role in ((house.world.editor, Role.EDITOR), (house.world.approver, Role.APPROVER)):
                await grant(session, house.world.admins, officer, role, authority=authority)
            for code in ("AAA", "ZZZ"):
                await publish(session, house.world, parse_content(fee_json(code, {"type": "free"}, authority=authority)))
    await house.refreshed()
    whole = [(item["authority"], item["code"]) for item in (await listed(house, limit=200))["items"]]
    assert 8 == len(whole) == len(set(whole))
    assert sorted(whole) == whole
    for limit in (1, 3):
        pages, cursor = [], None
        while True:
            page = await listed(house, limit=limit, **({} if cursor is None else {"cursor": cursor}))
            pages += [(item["authority"], item["code"]) for item in page["items"]]
            assert len(page["items"]) <= limit
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert whole == pages


async def test_one_version_is_there_whole_and_its_content_is_what_its_hash_says(common_house: House) -> None:
    answer = (await common_house.client.get("/api/v1/fees/xk-town/PREMISES")).json()
    content = parse_content(answer["fee"])
    assert (answer["content_hash"], 1, "2026-11-24") == (content_hash(content), answer["version"], answer["on"])
    assert canonical_bytes(content)


async def test_a_version_is_asked_for_by_the_day_and_by_what_was_known(house: House) -> None:
    """A correction supersedes; what was known before stays the answer to what was known then."""
    async with house.database.write() as session:
        corrected = parse_content(fee_json("CERT", {"type": "flat", "amount": "2.50"}, reason="Misprint"))
        await publish(session, house.world, corrected, now=NOW, supersedes=1)
    house.clock.pass_time(hours=1)
    await house.refreshed()
    now = (await house.client.get("/api/v1/fees/xk-town/CERT")).json()
    then = (await house.client.get("/api/v1/fees/xk-town/CERT", params={"known_at": (NOW - timedelta(hours=1)).isoformat()})).json()
    naive = (await house.client.get("/api/v1/fees/xk-town/CERT", params={"known_at": "2026-11-24T09:00:00"})).json()
    assert (2, 1, 1) == (now["version"], then["version"], naive["version"])
    assert "2.50" == now["fee"]["components"][0]["rule"]["amount"]


@pytest.mark.parametrize(("area", "amount"), [("50", "30.00"), ("50.01", "50.00"), ("100.00", "50.00"), ("100.01", "500.00")])
async def test_an_assessment_says_the_amount_its_lines_and_how_it_came_to_that(common_house: House, area: str, amount: str) -> None:
    answer = await common_house.client.post("/api/v1/fees/xk-town/PREMISES/assess", json={"inputs": {"area": area}})
    assert 200 == answer.status_code
    assessed = answer.json()
    assert ("priced", euros(amount), [euros(amount)]) == (
        assessed["standing"], assessed["amount"], [line["amount"] for line in assessed["lines"]]
    )  # fmt: skip
    assert assessed["trace"]
    assert "art. 3" == assessed["legal_basis"]["pinpoint"]


async def test_an_actual_cost_has_no_published_amount(common_house: House) -> None:
    answer = (await common_house.client.post("/api/v1/fees/xk-town/COURIER/assess", json={"inputs": {"cost": "12.40"}})).json()
    assert ("actual_cost", None) == (answer["standing"], answer["amount"])
