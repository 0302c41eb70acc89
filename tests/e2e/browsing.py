"""What the browser tests look with: visitors with a keyboard, a watch over what pages fetch, and axe-core."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import zxingcpp
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

from service.web.language import HTML, LANGUAGES, Words, words

LOCALES = {"en": "en-GB", "sq": "sq-XK", "mk": "mk-MK", "sr": "sr-Latn-RS"}
"""What a browser that speaks each of our languages asks for."""

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}

PATIENCE = 15_000
"""Milliseconds to wait for anything; the machine may be busy with other tests."""

REFUSAL = "the server responded with a status of 4"
"""What Chromium writes into its console when a page is refused; we look at statuses where they matter."""

assert set(LOCALES) == set(LANGUAGES)


@dataclass
class Watch:
    """What happened on a visitor's pages that a person would not see."""

    origin: str
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Begin to watch."""
        context.on("request", lambda request: self.requests.append(request))
        context.on("console", lambda message: self._hear(message.type, message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and REFUSAL not in text:
            self.complaints.append(text)

    def foreign(self) -> list[str]:
        """Addresses asked for that are not ours."""
        return [each.url for each in self.requests if not each.url.startswith((f"{self.origin}/", "data:"))]


@dataclass
class Visitor:
    """Somebody at a browser that speaks their language. `keys` counts what they press."""

    page: Page
    watch: Watch
    speaking: Words
    keys: int = 0

    @property
    def language(self) -> str:
        return self.speaking.language

    @property
    def heading(self) -> str:
        """The one first-level heading of the page."""
        return self.page.locator("h1").inner_text()

    @property
    def cookies(self) -> list[str]:
        return [str(each.get("name")) for each in self.page.context.cookies()]

    def open(self, address: str) -> None:
        """Go to an address; it must answer, there, without sending us on."""
        response = self.page.goto(address)
        assert response is not None
        assert response.request.redirected_from is None, f"{address} was redirected"
        assert response.status < 400, f"{address}: {response.status}"

    def says(self, message: str, /, **values: object) -> str:
        """A sentence of ours in the visitor's language."""
        return self.speaking.gettext(message, **values)

    def button(self, message: str, /, **values: object) -> Any:
        """The button with that name."""
        return self.page.get_by_role("button", name=self.says(message, **values), exact=True)

    def link(self, message: str) -> Any:
        """The link with that name."""
        return self.page.get_by_role("link", name=self.says(message), exact=True)

    def field(self, message: str) -> Any:
        """The field with that label."""
        return self.page.get_by_label(self.says(message), exact=True)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, each counted."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        """Type a text into what has the focus, every character a key."""
        self._await_focus()
        self.page.keyboard.type(text)
        self.keys += len(text)

    def press_enter_and_wait(self) -> None:
        """Press Enter on what has the focus and wait for the page it leads to."""
        self._await_focus()
        with self.page.expect_navigation():
            self.press("Enter")

    def _await_focus(self) -> None:
        """A browser gives a page's first field the focus a moment after the page is there; nobody types sooner."""
        self.page.locator(":focus").wait_for(state="attached")

    def tab_to(self, target: Any, most: int = 60) -> None:
        """Press Tab until the element has the focus."""
        for _ in range(most):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"{target} is out of reach of the keyboard")

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by keyboard; afterwards no key counts as pressed yet."""
        self.page.goto("/signin")
        self.type(username)
        self.press("Tab")
        self.type(password)
        self.press_enter_and_wait()
        self.keys = 0

    def photograph(self) -> bytes:
        """The whole page as a picture."""
        return self.page.screenshot(full_page=True)


@contextmanager
def visitor(browser: Browser, origin: str, language: str, *, script: bool = False, **options: Any) -> Iterator[Visitor]:
    """A new visitor, with a browser that knows nothing yet. At the end no page may have complained or asked a stranger."""
    options = {"viewport": DESK, "reduced_motion": "reduce"} | options
    context = browser.new_context(base_url=origin, locale=LOCALES[language], java_script_enabled=script, **options)
    context.set_default_timeout(PATIENCE)
    watch = Watch(origin)
    watch.over(context)
    try:
        yield Visitor(context.new_page(), watch, words(language))
        assert not watch.complaints, "\n".join(watch.complaints)
        assert not watch.foreign(), "\n".join(watch.foreign())
    finally:
        context.close()


@dataclass
class Auditor:
    """axe-core in a browser of its own with script on, given the very pages that visitors see without."""

    page: Page
    content: str = ""

    def audit(self, page: Page, *, dark: bool = False) -> None:
        """Fails for any violation of any of axe's rules, best practices included; on request for dark colours too."""
        self.content = page.content()
        self.page.emulate_media(color_scheme="light")
        self.page.goto(page.url)
        found = self._violations("{}")
        if dark:
            self.page.emulate_media(color_scheme="dark")
            found += self._violations("{runOnly: ['color-contrast']}")
        assert not found, "\n".join([page.url, *found])

    def give(self, route: Route) -> None:
        """Answer whatever address is asked for with the page to be read."""
        route.fulfill(status=200, content_type="text/html; charset=utf-8", body=self.content)

    def _violations(self, options: str) -> list[str]:
        # Only what is wrong is brought over: all that is right is a hundred times as long.
        violations = self.page.evaluate(f"axe.run(document, {options}).then(results => results.violations)")
        return [
            f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['target']} {node['html']}"
            for violation in violations
            for node in violation["nodes"]
        ]


@contextmanager
def auditor(browser: Browser) -> Iterator[Auditor]:
    """An auditor whose browser stays open for many pages."""
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    context.add_init_script(AXE_SCRIPT)
    try:
        opened = Auditor(context.new_page())
        opened.page.route("**/*", opened.give)
        yield opened
    finally:
        context.close()


def scanned(picture: Image.Image) -> list[str]:
    """What a phone's camera reads in a picture: the texts of all square codes in it."""
    return [each.text for each in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]


def tag(language: str) -> str:
    """What a page in that language says in its `lang`."""
    return HTML[language]
