"""The citizen's pages over HTTP: what they weigh, what they let in, what they keep to themselves."""

import gzip
import re
from datetime import timedelta
from html import unescape

import pytest
from httpx import Response
from sqlalchemy import insert, select

from registry.receipts.tables import Receipt
from registry.receipts.token import parse, read_text
from service.web.language import LANGUAGES, words
from tests.service.api.presenting import issued, signed
from tests.service.conftest import ORIGIN, House
from tests.world import TOWN

pytestmark = pytest.mark.database

PAGES = (
    "/",
    "/fees",
    f"/fees?authority={TOWN}",
    f"/fees/{TOWN}/CERT",
    f"/fees/{TOWN}/PREMISES",
    "/check",
    "/report",
    f"/report?place={TOWN}",
    "/follow",
)
LARGEST_VERDICT = 14 * 1024


def heading(page: Response) -> str:
    """What the page says first."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.S)
    return unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def hidden(page: Response, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    assert found is not None, name
    return unescape(found[1])


async def verdict_path(house: House, fee: str = "CERT", **more: object) -> str:
    return "/R/" + str((await issued(house, fee, **more))["token"])


async def paid(house: House, path: str, amount: str, **more: str) -> Response:
    return await house.client.post(path, data={"paid": amount, "looks": "0"} | more)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_stands_alone_and_is_in_the_readers_language(common_house: House, path: str, language: str) -> None:
    """No script, nothing from another host, no cookie, style under its hash, nothing inline allowed."""
    page = await common_house.client.get(path, headers={"Accept-Language": language})
    assert 200 == page.status_code
    assert f'<html lang="{ {"sr": "sr-Latn"}.get(language, language) }">' in page.text
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text
    assert [] == re.findall(r'(?:src|data|srcset|poster)="|<link(?! rel="icon" href="data:,")|@import|url\(', page.text)
    assert [] == re.findall(r'\son\w+="| style="', page.text)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert "no-referrer" == page.headers["referrer-policy"]
    assert "nosniff" == page.headers["x-content-type-options"]
    assert 20 * 1024 > len(gzip.compress(page.content))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_verdict_is_one_light_request_and_says_itself_first(common_house: House, language: str) -> None:
    path = await verdict_path(common_house, "PREMISES", inputs={"area": "70"})
    page = await common_house.client.get(path, headers={"Accept-Language": language})
    assert LARGEST_VERDICT > len(gzip.compress(page.content))
    said = words(language).code("state", "match")
    assert said == heading(page)
    assert f"<title>{said} – Taksa</title>" in page.text
    assert "private, no-cache" == page.headers["cache-control"]
    assert "set-cookie" not in page.headers
    assert 'content="noindex"' in page.text
    assert "<script" not in page.text
    assert [] == re.findall(r'(?:src|srcset)="', page.text)


async def test_both_cases_of_the_address_give_the_same_page_without_a_detour(common_house: House) -> None:
    path = await verdict_path(common_house)
    for each in (path, path.replace("/R/", "/r/"), path.lower()):
        page = await common_house.client.get(each, follow_redirects=False)
        assert (200, "This receipt shows the published fee") == (page.status_code, heading(page))


async def test_the_page_asks_what_was_paid_and_compares_it(common_house: House) -> None:
    path = await verdict_path(common_house)
    assert "Is this what you paid, for this receipt alone?" in (await common_house.client.get(path)).text
    assert "You paid the published fee" == heading(await paid(common_house, path, "2.00"))
    assert "You were charged €3.00 more than the published fee" == heading(await paid(common_house, path, "5"))
    assert "€0.50 less than the published fee" == heading(await paid(common_house, path, "1,50"))


async def test_an_amount_nobody_can_read_is_said_beside_its_field_and_kept(common_house: House) -> None:
    page = await paid(common_house, await verdict_path(common_house), "a lot")
    assert "<title>Error: " in page.text
    assert 'href="#paid"' in page.text
    assert 'value="a lot"' in page.text
    assert 'aria-invalid="true"' in page.text


async def test_an_answer_printed_into_the_address_is_not_an_answer(common_house: House) -> None:
    """Whoever prints the code must not answer for its reader."""
    page = await common_house.client.get(await verdict_path(common_house) + "?paid=2.00&looks=9")
    assert "This receipt shows the published fee" == heading(page)


async def test_facts_put_right_give_the_fee_they_would_have_given(common_house: House) -> None:
    path = await verdict_path(common_house, "PREMISES", inputs={"area": "70"})
    page = await common_house.client.post(path, data={"claim": "1", "in-area": "49,5", "looks": "0"})
    assert "With the facts you gave, the fee is €30.00." in page.text
    wrong = await common_house.client.post(path, data={"claim": "1", "in-area": "wide", "looks": "0"})
    assert 'href="#in-area"' in wrong.text
    assert 'value="wide"' in wrong.text


async def test_only_a_persons_first_look_counts(common_house: House) -> None:
    path = await verdict_path(common_house)
    before = "This receipt was checked before"
    await common_house.client.head(path)
    await common_house.client.get(path, headers={"Sec-Purpose": "prefetch;prerender"})
    first = await common_house.client.get(path)
    assert before not in first.text
    assert before not in (await paid(common_house, path, "2.00", looks=hidden(first, "looks"))).text
    assert before not in (await common_house.client.post(path + "?lang=mk", data={"looks": "0"})).text
    second = await common_house.client.get(path)
    assert before in second.text
    assert "1" == hidden(second, "looks")


async def test_no_state_is_a_failure_of_ours(common_house: House) -> None:
    """Whatever stands in the address, there is a page with a verdict."""
    genuine = await verdict_path(common_house)
    for path in ("/R/HELLO", "/R/" + "A" * 2000, genuine[:-4], genuine[:-1] + "7", "/r/%F0%9F%92%B6", "/R/%00", "/R/https:"):
        assert 200 == (await common_house.client.get(path)).status_code
        assert 200 == (await common_house.client.post(path, data={"paid": "5", "claim": "1"})).status_code


async def test_a_number_leads_to_the_same_verdict_without_what_it_was_computed_from(common_house: House) -> None:
    receipt = await issued(common_house, "PREMISES", {"area": "70.25"})
    spaced = "-".join(re.findall("....", receipt["number"]))
    page = await common_house.client.get("/check", params={"receipt": f" {spaced} "})
    assert "This receipt shows the published fee" == heading(page)
    assert "70.25" not in page.text
    compared = await common_house.client.post("/check", data={"receipt": receipt["number"], "paid": "60", "looks": "0"})
    assert "You were charged €10.00 more than the published fee" == heading(compared)
    by_text = await common_house.client.get("/check", params={"receipt": receipt["qr_text"]})
    assert "70.25" in by_text.text


@pytest.mark.parametrize(
    ("typed", "said"), [("1234", "A receipt number has 16 digits"), ("1234567890123456", "One of the digits is not right")]
)
async def test_a_number_typed_wrong_says_what_is_wrong_with_it(common_house: House, typed: str, said: str) -> None:
    page = await common_house.client.get("/check", params={"receipt": typed})
    assert 422 == page.status_code
    assert said in page.text
    assert f'value="{typed}"' in page.text


async def test_two_receipts_of_one_number_ask_for_the_day(house: House) -> None:
    """Only a late device could bring it about; here two rows share a number by hand."""
    at = house.clock.at
    earlier = at - timedelta(days=3)
    await signed(house, cti=b"0123456789", iat=int(earlier.timestamp()))
    text = await signed(house, stored=False, cti=b"9876543210")
    raw = read_text(text, ORIGIN)
    async with house.database.write() as session:
        row = (await session.execute(select(Receipt.__table__).where(Receipt.cti == b"0123456789"))).mappings().one()
        claims = parse(raw).claims
        await session.execute(
            insert(Receipt).values(dict(row) | {"cti": claims.cti, "token": raw, "serial": claims.serial, "issued_at": claims.issued_at})
        )
    number = row["number"]
    asked = await house.client.get("/check", params={"receipt": number})
    assert 422 == asked.status_code
    assert 'name="issued_on"' in asked.text
    found = await house.client.get("/check", params={"receipt": number, "issued_on": "21.11.2026"})
    assert "3 days ago" in found.text


async def test_a_calculator_shows_the_price_of_a_case_and_what_is_missing(common_house: House) -> None:
    path = f"/fees/{TOWN}/PREMISES"
    shown = await common_house.client.get(path, params={"calculate": "1", "in-area": "100,00"})
    assert "€50.00" in shown.text
    missing = await common_house.client.get(path, params={"calculate": "1"})
    assert "There is a problem" in missing.text
    assert 'href="#in-area"' in missing.text
    assert "Free" in (await common_house.client.get(f"/fees/{TOWN}/INSPECT")).text
    assert 404 == (await common_house.client.get(f"/fees/{TOWN}/NOPE")).status_code
    assert 409 == (await common_house.client.get(f"/fees/{TOWN}/CERT?on=2001-01-01")).status_code


@pytest.mark.parametrize("typed", ["prem", "PREMISES", "premises (m"])
async def test_a_fee_is_found_by_a_few_letters(common_house: House, typed: str) -> None:
    assert f"/fees/{TOWN}/PREMISES" in (await common_house.client.get("/fees", params={"q": typed})).text


async def test_a_report_takes_two_taps_from_the_verdict_and_shows_its_code_once(common_house: House) -> None:
    verdict = await paid(common_house, await verdict_path(common_house), "5")
    link = re.search(r'<a class="act alarm" href="([^"]+)"', verdict.text)
    assert link is not None
    form = await common_house.client.get(unescape(link[1]))
    assert 'value="5.00"' in form.text
    sent = {name: hidden(form, name) for name in ("key", "receipt", "issued_on")} | {"paid": "5.00", "text": "Asked for five"}
    filed = await common_house.client.post("/report", data=sent)
    assert (201, "no-store") == (filed.status_code, filed.headers["cache-control"])
    code = re.search(r"\d{5}(?:-\d{5}){4}", filed.text)
    assert code is not None
    again = await common_house.client.post("/report", data=sent)
    assert (201, code[0]) == (again.status_code, re.search(r"\d{5}(?:-\d{5}){4}", again.text)[0])  # type: ignore[index]
    followed = await common_house.client.post("/follow", data={"code": code[0].replace("-", " ")})
    assert "Asked for five" in followed.text
    assert 1 == followed.text.count('class="message')
    said = await common_house.client.post("/follow/messages", data={"code": code[0], "text": "And no change"})
    assert "And no change" in said.text


async def test_a_report_without_a_receipt_asks_where_then_files(common_house: House) -> None:
    form = await common_house.client.get("/report", params={"place": f"{TOWN}/xk-town-hall"})
    assert "Town hall" in form.text
    sent = {"key": hidden(form, "key"), "place": f"{TOWN}/xk-town-hall", "fee": "CERT", "paid": "7", "happened_on": "20.11.2026"}
    assert 201 == (await common_house.client.post("/report", data=sent)).status_code
    nowhere = await common_house.client.post("/report", data={"text": "no place"})
    assert "Where was it?" in nowhere.text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"paid": "much"}, "paid"),
        ({"happened_on": "yesterday"}, "happened_on"),
        ({"happened_on": "2030-01-01"}, "happened_on"),
        ({"text": "x" * 4001}, "text"),
    ],
)
async def test_a_report_that_cannot_be_meant_comes_back_with_what_was_typed(common_house: House, data: dict[str, str], field: str) -> None:
    page = await common_house.client.post("/report", data={"place": TOWN} | data)
    assert 422 == page.status_code
    assert f'href="#{field}"' in page.text
    assert next(iter(data.values())) in page.text


@pytest.mark.parametrize(("typed", "status"), [("1234", 422), ("1" * 25, 404), ("", 422)])
async def test_a_follow_code_that_leads_nowhere_says_so(common_house: House, typed: str, status: int) -> None:
    page = await common_house.client.post("/follow", data={"code": typed})
    assert status == page.status_code
    assert 'href="#code"' in page.text


async def test_what_people_write_is_never_markup(common_house: House) -> None:
    evil = '"><b>&amp;'
    page = await common_house.client.get("/check", params={"receipt": evil})
    assert "<b>&amp;" not in page.text
    assert "&#34;&gt;&lt;b&gt;" in (await common_house.client.get("/fees", params={"q": evil})).text
