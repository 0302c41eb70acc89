"""Forms: filled in from the keyboard alone, and what a person sees when something in them is not right."""

from dataclasses import dataclass

import pytest

from tests.e2e.browsing import PHONE, Visitor
from tests.e2e.conftest import Audit, NewVisitor
from tests.e2e.site import Site

pytestmark = pytest.mark.browser


def test_a_charge_without_receipt_is_reported_from_the_keyboard_alone(new_visitor: NewVisitor) -> None:
    """Place, fee, amount, day and words, with Tab, letters, arrows and Enter; no pointer, no script."""
    citizen = new_visitor("sq")
    citizen.open("/report")
    citizen.tab_to(citizen.field("Where was it?"))
    citizen.type("Qendra")
    citizen.press("Tab")
    citizen.press_enter_and_wait()
    citizen.tab_to(citizen.page.locator("#fee"))
    citizen.type("Certifikatë e shtet")
    citizen.tab_to(citizen.page.locator("#paid"))
    citizen.type("12,50")
    citizen.tab_to(citizen.page.locator("#happened_on"))
    citizen.type("11202026")
    citizen.tab_to(citizen.page.locator("#text"))
    citizen.type("Pa dëftesë.")
    assert "CIT-CERT" == citizen.page.locator("#fee").input_value()
    citizen.tab_to(citizen.button("Send the report"))
    citizen.press_enter_and_wait()
    assert citizen.says("Your report is filed") == citizen.heading
    citizen.open("/follow")
    assert [] == citizen.cookies


def test_whoever_reports_a_receipt_after_others_is_heard_as_they_were(site: Site, new_visitor: NewVisitor) -> None:
    """Three people, one receipt: each gets a code of their own, and each follows the case with it."""
    codes = set()
    for _ in range(3):
        citizen = new_visitor("en", viewport=PHONE)
        citizen.open(site.verdict("overcharged"))
        citizen.link("Report this").click()
        citizen.button("Send the report").click()
        assert citizen.says("Your report is filed") == citizen.heading
        codes.add(citizen.page.locator(".code").inner_text())
        citizen.link("Follow a report").first.click()
        citizen.field("Your code").fill(max(codes))
        citizen.button("Show the report").click()
        assert citizen.says("Your report") == citizen.heading
    assert 3 == len(codes)


def test_a_receipt_is_checked_by_number_from_the_keyboard_alone(site: Site, new_visitor: NewVisitor) -> None:
    """The digits as people write them down, in groups, at the start page."""
    citizen = new_visitor("sr")
    citizen.open("/")
    citizen.tab_to(citizen.page.locator("#receipt"))
    number = site.number("overcharged")
    citizen.type(" ".join(number[at : at + 4] for at in range(0, 16, 4)))
    citizen.press_enter_and_wait()
    difference = citizen.speaking.money(30_00, "EUR")
    assert citizen.speaking.code("state", "overcharged.recorded", difference=difference) == citizen.heading


def test_a_fee_is_found_in_five_letters_and_worked_out(new_visitor: NewVisitor, audit: Audit) -> None:
    """Latin letters find the Cyrillic name; the number may carry a decimal comma, the price carries its parts."""
    citizen = new_visitor("mk", viewport=PHONE)
    citizen.open("/")
    citizen.tab_to(citizen.page.locator("#q"))
    citizen.type("avtom")
    citizen.press_enter_and_wait()
    citizen.page.locator("main li a").first.click()
    citizen.page.locator("input[type=text]").fill("1600")
    citizen.button("Show the price").click()
    assert citizen.speaking.money(10_00, "EUR") == citizen.page.locator(".sum").inner_text()
    audit(citizen.page)


@dataclass(frozen=True)
class Mistake:
    """A form, what is typed into one of its fields, the button that sends it, and what else must stay as typed."""

    address: str
    field: str
    typed: str
    button: str
    also: tuple[tuple[str, str], ...] = ()


MISTAKES = {
    "number of a receipt": Mistake("/check", "receipt", "1234 5678", "Check"),
    "wrong check digit": Mistake("/check", "receipt", "1234567890123456", "Check"),
    "amount in a report": Mistake(
        "/report?place=xk-prishtina", "paid", "five", "Send the report", (("text", "They asked for five."), ("fee", "CIT-CERT"))
    ),
    "day to come in a report": Mistake("/report?place=mk-mvr", "happened_on", "2031-01-01", "Send the report", (("paid", "600"),)),
    "follow code": Mistake("/follow", "code", "12345-67890", "Show the report"),
    "calculator": Mistake("/fees/xk-prishtina/ROAD-CAR", "in-engine_ccm", "big", "Show the price"),
    "calculator, too large": Mistake("/fees/xk-prishtina/ROAD-CAR", "in-engine_ccm", "1" + "0" * 30, "Show the price"),
    "amount at a verdict": Mistake("match", "paid", "2,000.000,0", "Compare"),
    "nobody's password": Mistake("/signin", "username", "nobody", "Sign in"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_at_the_top_and_at_its_field(name: str, site: Site, new_visitor: NewVisitor, audit: Audit) -> None:
    """The page opens on the summary; its link leads into the field, which is marked, described, and keeps what was typed."""
    mistake = MISTAKES[name]
    person = new_visitor("en", viewport=PHONE)
    person.open(site.verdict("match") if mistake.address == "match" else mistake.address)
    for field, typed in mistake.also:
        fill(person, field, typed)
    fill(person, mistake.field, mistake.typed)
    person.button(mistake.button).click()
    assert person.page.title().startswith(person.says("Error: "))
    summary = person.page.get_by_role("alert")
    assert person.says("There is a problem") == summary.get_by_role("heading").inner_text()
    assert summary.evaluate("element => element === document.activeElement"), "the page does not open on what is wrong"
    field = person.page.locator(f"#{mistake.field}")
    assert mistake.typed == field.input_value()
    assert "true" == field.get_attribute("aria-invalid")
    described = (field.get_attribute("aria-describedby") or "").split()
    assert f"{mistake.field}-fault" in described
    for each in described:
        assert 1 == person.page.locator(f"#{each}").count()
    sentence = summary.get_by_role("link").inner_text()
    assert sentence in person.page.locator(f"#{mistake.field}-fault").inner_text()
    for kept, typed in mistake.also:
        assert typed == person.page.locator(f"#{kept}").input_value()
    audit(person.page)
    person.press("Tab")
    assert summary.get_by_role("link").evaluate("element => element === document.activeElement")
    person.press("Enter")
    assert field.evaluate("element => element === document.activeElement")


def fill(person: Visitor, field: str, text: str) -> None:
    """Put a text into a field, or choose an option."""
    target = person.page.locator(f"#{field}")
    if target.evaluate("element => element.tagName") == "SELECT":
        target.select_option(text)
    else:
        target.fill(text)


def test_at_the_counter_a_mistake_leaves_the_cursor_in_the_field(site: Site, new_visitor: NewVisitor, audit: Audit) -> None:
    """The next key belongs there: a fee nobody knows, then a quantity nobody can read."""
    clerk = new_visitor("sq")
    clerk.sign_in("arta", site.password("arta"))
    clerk.type("xyz")
    clerk.press_enter_and_wait()
    assert "fee" == clerk.page.locator(":focus").get_attribute("id")
    assert 1 == clerk.page.get_by_role("alert").count()
    audit(clerk.page)
    clerk.page.goto("/counter?fee=ROAD-CAR")
    clerk.type("x")
    clerk.press_enter_and_wait()
    assert "in-engine_ccm" == clerk.page.locator(":focus").get_attribute("id")
    audit(clerk.page)


def test_at_the_counter_a_fee_with_inputs_takes_few_keys(site: Site, new_visitor: NewVisitor) -> None:
    """Number, Enter, quantity, Enter, Enter."""
    clerk = new_visitor("sr")
    clerk.sign_in("arta", site.password("arta"))
    number = clerk.page.locator("tr", has_text="ROAD-CAR").locator("td").first.inner_text()
    clerk.type(number)
    clerk.press_enter_and_wait()
    clerk.type("1600")
    clerk.press_enter_and_wait()
    assert clerk.speaking.money(10_00, "EUR") == clerk.page.locator(".sum").inner_text()
    clerk.press_enter_and_wait()
    assert "/counter/receipts/" in clerk.page.url
    assert clerk.keys == len(number) + len("1600") + 3


def test_a_clerk_cancels_a_receipt_and_the_citizen_sees_why(site: Site, new_visitor: NewVisitor, audit: Audit) -> None:
    """Without a reason nothing is cancelled; with one, the slip is shown and the receipt says so to whoever checks it."""
    clerk, citizen = new_visitor("en"), new_visitor("mk", viewport=PHONE)
    clerk.sign_in("arta", site.password("arta"))
    clerk.page.goto("/counter?fee=CAD-CERT")
    clerk.press_enter_and_wait()
    number = clerk.page.locator(".digits").inner_text()
    clerk.page.locator("summary").click()
    clerk.button("Cancel the receipt").click()
    assert clerk.says("Choose the reason") == clerk.page.get_by_role("alert").get_by_role("link").inner_text()
    audit(clerk.page)
    clerk.page.get_by_label(clerk.speaking.code("void_reason", "wrong_fee")).check()
    clerk.button("Cancel the receipt").click()
    assert clerk.speaking.code("kind", "void_slip") != number
    audit(clerk.page)
    citizen.open(f"/check?receipt={number}")
    assert citizen.speaking.code("state", "voided") == citizen.heading
    assert citizen.speaking.code("void_reason", "wrong_fee") in citizen.page.locator(".verdict").inner_text()
    audit(citizen.page)


def test_signing_out_ends_it(site: Site, new_visitor: NewVisitor) -> None:
    """The cookie goes, and the staff's pages ask for a name again."""
    clerk = new_visitor()
    clerk.sign_in("arta", site.password("arta"))
    clerk.page.get_by_role("button", name=clerk.says("Sign out %(name)s", name="arta")).click()
    assert [] == clerk.cookies
    clerk.page.goto("/counter")
    assert "/signin" in clerk.page.url
