"""What holds for every public page, in every state a verdict can be in: small, alone, unwatched, readable by everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Response, Route

from service.web.language import ENDONYMS, LANGUAGES
from service.web.language import words as speaking_of
from tests.e2e.browsing import DESK, PHONE, Visitor, tag, visitor
from tests.e2e.conftest import Audit, NewVisitor
from tests.e2e.site import Site
from verify.verdict import State

pytestmark = pytest.mark.browser

PAGES = {
    "start": "/",
    "fees": "/fees",
    "fees of an authority": "/fees?authority=mk-mvr",
    "fees found": "/fees?q=cert",
    "no fee found": "/fees?q=zzzz",
    "flat fee": "/fees/xk-prishtina/CIT-CERT",
    "free fee": "/fees/xk-prishtina/SANITARY",
    "fee of parts": "/fees/mk-mvr/PASS-LOST",
    "fee of which there are two versions": "/fees/mk-mvr/ID-CARD",
    "calculator": "/fees/xk-prishtina/BUILD-COEF",
    "worked out": "/fees/xk-prishtina/ROAD-CAR?calculate=1&in-engine_ccm=1600",
    "not worked out": "/fees/xk-prishtina/ROAD-CAR?calculate=1&in-engine_ccm=many",
    "check": "/check",
    "wrong number": "/check?receipt=1234",
    "where was it": "/report",
    "report": "/report?place=xk-prishtina/xk-prishtina-center",
    "follow": "/follow",
    "sign in": "/signin",
    "nowhere": "/nowhere",
    "no such fee": "/fees/xk-prishtina/NOTHING",
}
REFUSING = {"not worked out": 422, "wrong number": 422, "nowhere": 404, "no such fee": 404}
STATES = [
    "match", "voided", "training", "not_verifiable", "overcharged", "undercharged", "unpublished_fee", "unrecorded", "key_revoked",
    "unknown_key", "not_genuine", "overdue", "provisional", "not_a_receipt", "unknown_number",
]  # fmt: skip
"""Those that the demonstration has a receipt for."""

NEED_NO_RECEIPT = {State.UNDERRECORDED: "needs the citizen's answer", State.UNCHECKED: "needs a database that is away"}

LARGEST = 14 * 1024
"""Bytes on the wire, headers included: what the first ten packets of a connection carry."""


@pytest.fixture(scope="module")
def reader(browser: Browser, site: Site) -> Iterator[Visitor]:
    """One visitor with a narrow telephone for all the pages."""
    with visitor(browser, site.origin, "en", viewport=PHONE) as one:
        yield one


def go(one: Visitor, address: str, language: str) -> Response:
    """Open an address in a language by its link; the page must stand there, alone, whatever its status."""
    one.watch.requests.clear()
    separator = "&" if "?" in address else "?"
    response = one.page.goto(f"{address}{separator}lang={language}")
    assert response is not None
    assert response.request.redirected_from is None
    return response


def holds_on_every_page(one: Visitor, response: Response, language: str) -> None:
    """The rules that need no axe."""
    assert 1 == len(one.watch.requests), [each.url for each in one.watch.requests]
    assert [] == one.watch.complaints
    assert [] == one.cookies
    assert "set-cookie" not in response.headers
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "script-src" not in policy, "no script may run, so default-src decides"
    assert "no-referrer" == response.headers["referrer-policy"]
    sizes = response.request.sizes()
    assert sizes["responseBodySize"] + sizes["responseHeadersSize"] <= LARGEST
    html = one.page.locator("html")
    assert tag(language) == html.get_attribute("lang")
    assert tag(language) == response.headers["content-language"]
    width = html.evaluate("element => element.scrollWidth")
    assert width <= PHONE["width"], f"{width} px wide"
    assert 1 == one.page.locator("h1").count()
    assert 1 == one.page.locator("main").count()
    assert 0 == one.page.locator("script").count()
    assert one.heading in one.page.title()
    assert one.page.title().endswith(" – Taksa")


@pytest.mark.parametrize("name", PAGES)
def test_public_page(name: str, reader: Visitor, audit: Audit) -> None:
    """In all four languages at 320 px; axe-core reads the Macedonian, whose words are longest, in light and dark."""
    for language in LANGUAGES:
        response = go(reader, PAGES[name], language)
        assert REFUSING.get(name, 200) == response.status
        holds_on_every_page(reader, response, language)
        if language == "mk":
            audit(reader.page, dark=True)


@pytest.mark.parametrize("state", STATES)
def test_verdict_page(state: str, site: Site, reader: Visitor, audit: Audit) -> None:
    """As every page; its title is the verdict, search engines keep away and nothing on the way keeps it."""
    for language in LANGUAGES:
        response = go(reader, site.verdict(state), language)
        assert 200 == response.status
        holds_on_every_page(reader, response, language)
        assert "gzip" == response.headers["content-encoding"]
        speaking = speaking_of(language)
        difference = speaking.money(30_00 if state == "overcharged" else 50, "EUR")
        headline = speaking.code("state", "overcharged.recorded" if state == "overcharged" else state, difference=difference, host="")
        assert headline == reader.heading
        assert f"{headline} – Taksa" == reader.page.title()
        assert "noindex" == reader.page.locator("meta[name=robots]").get_attribute("content")
        assert "private, no-cache" == response.headers["cache-control"]
        if language == "mk":
            audit(reader.page, dark=True)


def test_every_state_has_its_page() -> None:
    """But for those that no receipt alone can be in."""
    assert set(State) == set(map(State, STATES)) | set(NEED_NO_RECEIPT)


def test_a_receipt_that_records_less_than_was_paid(site: Site, new_visitor: NewVisitor, audit: Audit) -> None:
    """0.50 on paper, 1.00 paid, 1.00 published: the price was right and the paper was not."""
    citizen = new_visitor("sq", viewport=PHONE)
    citizen.open(site.verdict("undercharged"))
    citizen.field("No, I paid another amount").fill("1,00")
    citizen.button("Compare").click()
    assert citizen.speaking.code("state", "underrecorded", difference=citizen.speaking.money(50, "EUR")) == citizen.heading
    audit(citizen.page, dark=True)


def test_what_holds_something_of_somebodys_is_kept_from_search_engines(site: Site, new_visitor: NewVisitor) -> None:
    """Receipts by number, reports, followed reports, staff pages; and the page that a code opens is never stored."""
    one = new_visitor()

    def kept_away() -> bool:
        return 1 == one.page.locator("meta[name=robots][content=noindex]").count()

    number = site.number("match")
    for address in (f"/check?receipt={number}", f"/report?receipt={number}", "/report?place=xk-prishtina", "/follow"):
        one.open(address)
        assert kept_away(), address
    one.field("Your code").fill(site.follow_code("answered"))
    with one.page.expect_response("**/follow**") as answered:
        one.button("Show the report").click()
    assert kept_away()
    assert "no-store" == answered.value.headers["cache-control"]
    one.sign_in("arta", site.password("arta"))
    assert kept_away()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browsers_language_is_spoken_and_another_is_one_link_away(language: str, site: Site, new_visitor: NewVisitor) -> None:
    """By Accept-Language first; then by the links, which keep the page. A verdict keeps the reader's answer as well."""
    one = new_visitor(language, viewport=PHONE)
    one.open("/fees?q=cert")
    assert tag(language) == one.page.locator("html").get_attribute("lang")
    for other in LANGUAGES:
        one.page.get_by_role("link", name=ENDONYMS[other], exact=True).click()
        assert tag(other) == one.page.locator("html").get_attribute("lang")
        assert "cert" == one.page.locator("#q").input_value()
    one.open(site.verdict("match"))
    one.field("No, I paid another amount").fill("5")
    one.button("Compare").click()
    for other in LANGUAGES:
        one.page.get_by_role("button", name=ENDONYMS[other], exact=True).click()
        assert tag(other) == one.page.locator("html").get_attribute("lang")
        headline = speaking_of(other).code("state", "overcharged", difference=speaking_of(other).money(3_00, "EUR"))
        assert headline == one.heading


@pytest.mark.parametrize("name", ["start", "calculator", "report", "match", "sign in"])
def test_focus_is_seen_and_goes_round(name: str, site: Site, new_visitor: NewVisitor) -> None:
    """Every stop of the Tab key has an outline and lies on the page; the first leads past the frame."""
    one = new_visitor(viewport=DESK)
    one.open(site.verdict("match") if name == "match" else PAGES[name])
    if name != "sign in":  # which opens in its first field
        one.press("Tab")
        assert one.says("Skip to the content") == one.page.locator(":focus").inner_text()
    stops = 0
    while stops < 80 and one.page.locator(":focus").count():
        focus = one.page.locator(":focus").evaluate(
            """element => {
                const style = getComputedStyle(element), box = element.getBoundingClientRect();
                return {name: element.outerHTML.slice(0, 90), line: style.outlineStyle, width: parseFloat(style.outlineWidth),
                        seen: box.width > 0 && box.height > 0 && box.left >= 0 && box.right <= innerWidth};
            }"""
        )
        assert focus["line"] == "solid", focus
        assert focus["width"] >= 2, focus
        assert focus["seen"], focus
        stops += 1
        one.press("Tab")
    assert 5 <= stops < 80


def test_the_skip_link_skips(new_visitor: NewVisitor) -> None:
    """Enter on it, and the next Tab is in the page's own part."""
    one = new_visitor()
    one.open("/")
    one.press("Tab", "Enter", "Tab")
    assert 1 == one.page.locator("main :focus").count()


def test_the_watch_would_notice(browser: Browser, site: Site) -> None:
    """A page that breaks its policy or asks a stranger does not go unseen."""

    def give(route: Route) -> None:
        route.fulfill(
            content_type="text/html",
            headers={"Content-Security-Policy": "default-src 'none'"},
            body="<!doctype html><style>p { color: red }</style><p>x</p>",
        )

    with pytest.raises(AssertionError, match="Content Security Policy"), visitor(browser, site.origin, "en") as one:  # noqa: PT012
        one.page.route("**/*", give)
        one.page.goto("/")
    with pytest.raises(AssertionError, match="stranger"), visitor(browser, site.origin, "en") as one:  # noqa: PT012
        one.page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<img src='https://stranger.example/'>"))
        one.page.goto("/")


def test_the_auditor_would_notice(new_visitor: NewVisitor, audit: Audit) -> None:
    """A page without a language, a title and a name for its field does not pass; nor one that is faint only in the dark."""
    one = new_visitor()
    faint = "<style>@media (prefers-color-scheme: dark) { p { color: #eee } }</style><h1>x</h1><p>hardly to be read</p>"
    pages = ["<!doctype html><main><h1>x</h1><input></main>", f"<!doctype html><html lang=en><title>x</title><main>{faint}</main>"]
    one.page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=pages.pop(0)))
    one.page.goto("/")
    with pytest.raises(AssertionError, match=r"(?s)document-title.*html-has-lang.*label"):
        audit(one.page)
    one.page.goto("/")
    audit(one.page)
    with pytest.raises(AssertionError, match="color-contrast"):
        audit(one.page, dark=True)
