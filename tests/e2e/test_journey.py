"""The main job, whole, in every language: a fee is charged, more is paid, it is reported, an inspector answers, the citizen reads it.

Nobody's browser runs a script. The square code is read from a picture of the screen, as a telephone reads it from paper.
"""

import io
import re
from dataclasses import dataclass

import pytest
from PIL import Image

from tests.e2e.browsing import PHONE, Visitor, scanned
from tests.e2e.conftest import Audit, NewVisitor
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

MOST_KEYS = 6

# What the citizen says they paid for what costs 2.00, as people write it there, and by how much it is too much.
PAID = {"en": ("5.00", 3_00), "sq": ("6,00", 4_00), "mk": ("7,00", 5_00), "sr": ("8", 6_00)}
CERTIFICATE = {
    "en": "Citizenship certificate",
    "sq": "Certifikatë e shtetësisë",
    "mk": "Уверение за државјанство",
    "sr": "Uverenje o državljanstvu",
}
QUESTION = {"en": "Who took the money?", "sq": "Kush i mori paratë?", "mk": "Кој ги зеде парите?", "sr": "Ko je uzeo novac?"}
REPLY = {"en": "The man at the door.", "sq": "Burri te dera.", "mk": "Човекот на врата.", "sr": "Čovek na vratima."}
ANSWER = {"en": "You get it back.", "sq": "Ju kthehet.", "mk": "Ви се враќа.", "sr": "Biće vam vraćeno."}
CODE = re.compile(r"\d{5}(-\d{5}){4}")


@dataclass(frozen=True)
class People:
    """Who takes part. Each has a browser of their own and the same language."""

    clerk: Visitor
    citizen: Visitor
    inspector: Visitor


@pytest.fixture
def people(language: str, new_visitor: NewVisitor) -> People:
    return People(new_visitor(language), new_visitor(language, viewport=PHONE), new_visitor(language))


def test_from_the_counter_to_the_answer(site: Site, people: People, audit: Audit) -> None:
    """Signs in, issues, scans, compares, reports, asks, replies, answers, reads; axe-core has nothing against any page on the way."""
    code_on_paper = issue(people.clerk, site, audit)
    assert code_on_paper.startswith(f"{site.origin.upper()}/R/")
    scan(people.citizen, code_on_paper, audit)
    say_what_was_paid(people.citizen, audit)
    follow_code = report_in_two_taps(people.citizen, audit)
    open_the_case(people.inspector, site, audit)
    ask(people.inspector, audit)
    reply(people.citizen, follow_code, audit)
    answer(people.inspector, audit)
    read_the_answer(people.citizen, follow_code, audit)
    assert [] == people.citizen.cookies
    asked_for = [request.url for request in people.citizen.watch.requests]
    assert [] == [url for url in asked_for if follow_code in url or follow_code.replace("-", "") in url], "the code was in an address"


def issue(clerk: Visitor, site: Site, audit: Audit) -> str:
    """The clerk issues from the keyboard; what a camera reads on the screen afterwards."""
    clerk.open("/signin")
    audit(clerk.page)
    clerk.sign_in("arta", site.password("arta"))
    assert ["__Host-taksa"] == clerk.cookies
    audit(clerk.page)
    number = clerk.page.locator("tr", has_text="CIT-CERT").locator("td").first.inner_text()
    clerk.type(number)
    clerk.press_enter_and_wait()
    assert clerk.speaking.money(2_00, "EUR") in clerk.page.locator("main").inner_text()
    audit(clerk.page)
    clerk.press_enter_and_wait()
    assert "/counter/receipts/" in clerk.page.url
    assert clerk.keys <= MOST_KEYS, f"{clerk.keys} keys from signing in to a receipt"
    audit(clerk.page)
    codes = scanned(Image.open(io.BytesIO(clerk.photograph())))
    assert 1 == len(codes)
    return codes[0]


def scan(citizen: Visitor, code: str, audit: Audit) -> None:
    """The telephone opens the address in the code: a tick, and nothing but one request."""
    citizen.open(code)
    assert citizen.speaking.code("state", "match") == citizen.heading
    assert f"{citizen.heading} – Taksa" == citizen.page.title()
    assert 1 == len(citizen.watch.requests)
    text = citizen.page.locator(".verdict").inner_text()
    assert CERTIFICATE[citizen.language] in text
    assert citizen.says("today") in text
    assert citizen.speaking.code("flag", "seen") not in text
    audit(citizen.page)


def say_what_was_paid(citizen: Visitor, audit: Audit) -> None:
    """'I paid more' turns the tick into the difference in money."""
    typed, difference = PAID[citizen.language]
    citizen.field("No, I paid another amount").fill(typed)
    citizen.button("Compare").click()
    assert citizen.speaking.code("state", "overcharged", difference=citizen.speaking.money(difference, "EUR")) == citizen.heading
    assert f"{citizen.heading} – Taksa" == citizen.page.title()
    assert citizen.speaking.code("flag", "seen") not in citizen.page.locator(".verdict").inner_text(), "one's own look counts as none"
    audit(citizen.page)


def report_in_two_taps(citizen: Visitor, audit: Audit) -> str:
    """Tap one opens the report, filled in; tap two sends it. The code that follows it is shown now and never again."""
    citizen.link("Report this").click()
    assert f"{2_00 + PAID[citizen.language][1]}" == citizen.page.locator("#paid").input_value().replace(".", "")
    audit(citizen.page)
    citizen.button("Send the report").click()
    assert citizen.says("Your report is filed") == citizen.heading
    audit(citizen.page)
    code = citizen.page.locator(".code").inner_text().strip()
    assert CODE.fullmatch(code), code
    citizen.open("/report")
    assert not CODE.search(citizen.page.content())
    return code


def open_the_case(inspector: Visitor, site: Site, audit: Audit) -> None:
    """The inspector finds it on the desk by what was too much."""
    inspector.sign_in("mirjana", site.password("mirjana"))
    audit(inspector.page)
    difference = inspector.speaking.money(PAID[inspector.language][1], "EUR")
    inspector.page.locator("tbody tr", has_text=difference).get_by_role("link").click()
    facts = inspector.page.locator(".pair").inner_text()
    assert 2 == facts.count(inspector.speaking.money(2_00, "EUR")), "published and recorded"
    assert inspector.speaking.money(2_00 + PAID[inspector.language][1], "EUR") in facts
    audit(inspector.page)


def ask(inspector: Visitor, audit: Audit) -> None:
    """A question to somebody nobody knows."""
    inspector.page.locator("#question-text").fill(QUESTION[inspector.language])
    inspector.page.get_by_role("button", name=inspector.speaking.code("step_title", "question"), exact=True).click()
    assert inspector.speaking.code("case_state", "awaiting_reporter") == inspector.page.locator("h1 + p .tag").inner_text()
    audit(inspector.page)


def follow(citizen: Visitor, code: str, audit: Audit) -> None:
    """Type the code, as written down."""
    citizen.open("/follow")
    audit(citizen.page)
    citizen.field("Your code").fill(code.replace("-", " "))
    citizen.button("Show the report").click()
    assert citizen.says("Your report") == citizen.heading


def reply(citizen: Visitor, code: str, audit: Audit) -> None:
    """The citizen reads the question and answers it."""
    follow(citizen, code, audit)
    assert citizen.speaking.code("case_state", "awaiting_reporter") in citizen.page.locator(".card").first.inner_text()
    assert QUESTION[citizen.language] == citizen.page.locator(".message.theirs").last.inner_text()
    audit(citizen.page)
    citizen.field("Your reply").fill(REPLY[citizen.language])
    citizen.button("Send").click()
    assert REPLY[citizen.language] == citizen.page.locator(".message").last.inner_text()
    audit(citizen.page)


def answer(inspector: Visitor, audit: Audit) -> None:
    """The inspector reads the reply and decides."""
    inspector.page.reload()
    assert REPLY[inspector.language] in inspector.page.locator("main").inner_text()
    inspector.field("Outcome").select_option("overcharge_confirmed_refund")
    inspector.page.locator("#answered-text").fill(ANSWER[inspector.language])
    inspector.page.get_by_role("button", name=inspector.speaking.code("step_title", "answered"), exact=True).click()
    assert inspector.speaking.code("case_state", "answered") == inspector.page.locator("h1 + p .tag").inner_text()
    audit(inspector.page)


def read_the_answer(citizen: Visitor, code: str, audit: Audit) -> None:
    """The citizen finds the outcome in words, and the inspector's."""
    follow(citizen, code, audit)
    outcome = citizen.page.locator(".card").first.inner_text()
    assert citizen.speaking.code("case_state", "answered") in outcome
    assert citizen.speaking.code("outcome", "overcharge_confirmed_refund") in outcome
    assert ANSWER[citizen.language] == citizen.page.locator(".message.theirs").last.inner_text()
    audit(citizen.page)
