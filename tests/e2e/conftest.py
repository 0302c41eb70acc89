"""One browser and one served demonstration for all tests of this directory. Without a browser they fail; they are never skipped."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from service.web.language import LANGUAGES
from tests.e2e.browsing import Visitor, auditor, visitor
from tests.e2e.site import Site, served

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

NewVisitor = Callable[..., Visitor]
Audit = Callable[..., None]


# Package scope, not session scope: the driver keeps a loop running on this thread, and tests elsewhere bring loops of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium; none is ever downloaded."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.fail(f"no browser: install Chromium (one of {', '.join(NAMES)} on the PATH), for example `apt-get install chromium`")
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, served."""
    with served(tmp_path_factory.mktemp("demonstration")) as opened:
        yield opened


@pytest.fixture(scope="package")
def audit(browser: Browser) -> Iterator[Audit]:
    """Runs axe-core over a page as it stands."""
    with auditor(browser) as opened:
        yield opened.audit


@pytest.fixture
def new_visitor(browser: Browser, site: Site) -> Iterator[NewVisitor]:
    """Makes visitors, each with a browser profile of their own, without script unless asked for."""
    with ExitStack() as stack:

        def come(language: str = "en", **options: Any) -> Visitor:
            return stack.enter_context(visitor(browser, site.origin, language, **options))

        yield come


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each test that asks runs once in every language."""
    return str(request.param)
