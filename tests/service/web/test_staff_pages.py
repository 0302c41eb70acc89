"""The staff's pages as a browser without script uses them: cookie, forms, redirects."""

import re
from html import unescape
from io import BytesIO

import pytest
import zxingcpp
from httpx import Response
from PIL import Image

from registry.credentials import set_first_password
from registry.officers import Officer
from service.printing.qr import png
from tests.service.api.presenting import issued
from tests.service.conftest import ORIGIN, House
from tests.service.web.test_pages import hidden
from tests.world import NOW, PASSWORD, WINDOW

pytestmark = pytest.mark.database

SAME = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


async def sign_in(house: House, officer: Officer) -> Response:
    async with house.database.write() as session:
        await set_first_password(session, officer, PASSWORD, NOW)
    return await house.client.post("/signin", data={"username": officer.username, "password": PASSWORD}, headers=SAME)


async def test_a_clerk_signs_in_and_issues_a_flat_fee_with_three_keys_and_enter(house: House) -> None:
    """`c`, Enter, Enter: the letters lead to one fee, the preview's button has the focus."""
    desk = await sign_in(house, house.world.clerk)
    assert "/counter" == desk.url.path
    assert re.search(r'<input type="text" id="fee"[^>]* autofocus', desk.text)
    preview = await house.client.get("/counter", params={"counter": WINDOW, "fee": "ce"})
    assert "€2.00" in preview.text
    assert re.search(r"<button[^>]* autofocus>Issue the receipt", preview.text)
    data = {name: hidden(preview, name) for name in ("counter", "fee", "key", "asked")}
    paper = await house.client.post("/counter", data=data, headers=SAME)
    assert re.fullmatch(r"/counter/receipts/\d{16}", paper.url.path)
    assert "2,00 €" in paper.text.replace("\N{NO-BREAK SPACE}", " ")
    again = await house.client.post("/counter", data=data, headers=SAME)
    assert paper.url.path == again.url.path
    other = await house.client.get(paper.url.path, params={"paper": "mk"})
    assert 'lang="mk" aria-label="Признаница"' in other.text


async def test_the_papers_code_is_the_receipts_address(house: House) -> None:
    await sign_in(house, house.world.clerk)
    receipt = await issued(house)
    paper = await house.client.get(f"/counter/receipts/{receipt['number']}")
    assert " ".join(re.findall("....", receipt["number"])) in paper.text
    assert "fees.example" in paper.text
    read = zxingcpp.read_barcodes(Image.open(BytesIO(png(receipt["qr_text"]))).convert("L"))
    assert [receipt["qr_text"]] == [found.text for found in read]
    assert receipt["qr_text"].startswith(ORIGIN.upper())


async def test_inputs_are_asked_for_and_a_case_that_cannot_be_comes_back(house: House) -> None:
    await sign_in(house, house.world.clerk)
    asked = await house.client.get("/counter", params={"fee": "premises"})
    assert 'name="in-area"' in asked.text
    assert "Issue the receipt" not in asked.text
    wrong = await house.client.get("/counter", params={"fee": "premises", "asked": "1", "in-area": "-1"})
    assert 422 == wrong.status_code
    right = await house.client.get("/counter", params={"fee": "premises", "asked": "1", "in-area": "70,5"})
    assert "€50.00" in right.text
    sneaky = await house.client.post("/counter", data={"counter": WINDOW, "fee": "PREMISES", "asked": "1", "amount": "1.00"}, headers=SAME)
    assert 422 == sneaky.status_code


async def test_letters_that_fit_several_fees_or_none_list_what_fits(house: House) -> None:
    await sign_in(house, house.world.clerk)
    several = await house.client.get("/counter", params={"fee": "c"})
    assert "Several fees match" in several.text
    assert "PREMISES" not in several.text
    assert "No fee matches" in (await house.client.get("/counter", params={"fee": "zzz"})).text


async def test_a_receipt_is_cancelled_for_a_reason_and_its_slip_says_so(house: House) -> None:
    await sign_in(house, house.world.clerk)
    receipt = await issued(house)
    path = f"/counter/receipts/{receipt['number']}"
    missing = await house.client.post(f"{path}/void", data={}, headers=SAME)
    assert (422, True) == (missing.status_code, "Choose the reason" in missing.text)
    slip = await house.client.post(f"{path}/void", data={"reason": "not_paid", "note": "", "key": "k1"}, headers=SAME)
    assert "ANULIM I DËFTESËS" in slip.text
    assert "Cancel this receipt" not in (await house.client.get(path)).text
    citizen = await house.client.get("/R/" + receipt["token"])
    assert "This receipt was cancelled" in citizen.text


async def test_an_inspector_answers_and_a_stale_page_comes_back_with_the_words(house: House) -> None:
    await sign_in(house, house.world.inspector)
    receipt = await issued(house)
    filed = await house.client.post("/report", data={"receipt": receipt["token"], "paid": "9", "text": "Nine for two"})
    code = re.search(r"\d{5}(?:-\d{5}){4}", filed.text)
    assert code is not None
    queue = await house.client.get("/inspector")
    link = re.search(r'href="(/inspector/cases/[^"]+)"', queue.text)
    assert link is not None
    file = await house.client.get(unescape(link[1]))
    assert "Nine for two" in file.text
    assert "€9.00" in file.text
    step = {"version": hidden(file, "version"), "type": "question", "text": "Who asked?"}
    path = unescape(link[1])
    assert 200 == (await house.client.post(path, data=step, headers=SAME)).status_code
    stale = await house.client.post(path, data=step | {"text": "Asked again"}, headers=SAME)
    assert (409, True) == (stale.status_code, "Asked again" in stale.text)
    answer = {"version": hidden(stale, "version"), "type": "answered", "text": "You get it back"}
    undecided = await house.client.post(path, data=answer, headers=SAME)
    assert (422, True) == (undecided.status_code, 'href="#answered-outcome"' in undecided.text)
    done = await house.client.post(path, data=answer | {"outcome": "overcharge_confirmed_refund"}, headers=SAME)
    assert "Nothing is left" not in done.text
    followed = await house.client.post("/follow", data={"code": code[0]})
    assert "You get it back" in followed.text
    assert "Too much was charged" in followed.text


async def test_a_clerk_who_reports_first_does_not_make_a_case_look_right(house: House) -> None:
    """The amounts and the check hold the most that anybody says they paid against what was published."""
    await sign_in(house, house.world.inspector)
    receipt = await issued(house)
    for paid in ("2", "9"):
        await house.client.post("/report", data={"receipt": receipt["token"], "paid": paid})
    link = re.search(r'href="(/inspector/cases/[^"]+)"', (await house.client.get("/inspector")).text)
    assert link is not None
    file = await house.client.get(unescape(link[1]))
    amounts = re.search(r"Paid, as reported.*?(€[0-9.]+)", file.text, re.DOTALL)
    assert amounts is not None
    assert "€9.00" == amounts[1]


@pytest.mark.parametrize("path", ["/counter", "/inspector", "/counter/receipts/1234567890123452", "/inspector/cases/x"])
async def test_rooms_are_closed_to_who_is_not_signed_in(house: House, path: str) -> None:
    page = await house.client.get(path, headers={"Accept": "text/html"}, follow_redirects=False)
    assert (303, True) == (page.status_code, page.headers["location"].startswith("/signin"))


async def test_a_clerk_has_no_way_into_the_inspectors_room(house: House) -> None:
    await sign_in(house, house.world.clerk)
    assert 403 == (await house.client.get("/inspector", headers=SAME)).status_code


async def test_a_form_of_another_site_signs_nobody_in(house: House) -> None:
    data = {"username": "kiro", "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {}):
        assert 403 == (await house.client.post("/signin", data=data, headers=headers)).status_code


async def test_signing_out_ends_the_session(house: House) -> None:
    await sign_in(house, house.world.clerk)
    await house.client.post("/signout", headers=SAME)
    page = await house.client.get("/counter", headers={"Accept": "text/html"}, follow_redirects=False)
    assert 303 == page.status_code
    refused = await house.client.post("/signin", data={"username": "kiro", "password": "wrong"}, headers=SAME)
    assert (422, True) == (refused.status_code, "do not go together" in refused.text)
