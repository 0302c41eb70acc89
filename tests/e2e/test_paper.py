"""The receipt's paper: one A6 sheet whose square code survives a thermal printer. Two decoders read it at 203 dots an inch."""

import io
import re
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from service.web.language import ENDONYMS
from tests.e2e.browsing import scanned, visitor
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

DPI = 203
CSS_DPI = 96
LEAST_MM = 30
LEAST_DOTS = 4
A6_POINTS = (105 / 25.4 * 72, 148 / 25.4 * 72)
A6_PIXELS = {"width": 397, "height": 559}


@dataclass(frozen=True)
class Printed:
    """A fee whose receipt is printed: who issues it, and the inputs that make the longest code or text."""

    clerk: str
    fee: str
    inputs: tuple[tuple[str, str], ...] = ()


PRINTED = {
    "flat": Printed("arta", "CIT-CERT"),
    "two inputs": Printed("arta", "LAND-USE", (("in-area", "420.25"),)),
    "three parts": Printed("katerina", "PASS-LOST"),
}


@pytest.mark.parametrize("name", PRINTED)
def test_a_receipt_prints_on_one_sheet_and_is_read_from_it(name: str, site: Site, browser: Browser) -> None:
    """A6 in every language; code at least 30 mm wide and 4 dots a module, in pure black and white."""
    printed = PRINTED[name]
    # One pixel of the picture is one dot of the printer.
    with visitor(browser, site.origin, "en", viewport=A6_PIXELS, device_scale_factor=DPI / CSS_DPI) as clerk:
        clerk.sign_in(printed.clerk, site.password(printed.clerk))
        clerk.page.goto(f"/counter?fee={printed.fee}")
        if printed.inputs:
            for select in clerk.page.locator("form.card select[id^=in-]").all():
                select.select_option(index=1)
            for field, value in printed.inputs:
                clerk.page.locator(f"#{field}").fill(value)
            clerk.button("Preview").click()
        clerk.press_enter_and_wait()
        for endonym in ENDONYMS.values():
            clerk.page.locator("nav").get_by_role("link", name=endonym, exact=True).last.click()
            clerk.page.emulate_media(media="print")
            is_one_a6_sheet(clerk.page)
            is_read(clerk.page, site)
            clerk.page.emulate_media(media="screen")


def is_one_a6_sheet(page: Page) -> None:
    """As the browser's own printing makes it."""
    pdf = page.pdf(prefer_css_page_size=True)
    assert 1 == len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)), "the receipt needs more than one sheet"
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert box is not None
    assert A6_POINTS == pytest.approx((float(box[1]), float(box[2])), abs=1.5)


def is_read(page: Page, site: Site) -> None:
    """The code is large enough, and says the address of its receipt to two decoders that know nothing of each other."""
    code = page.locator(".qr svg")
    box = code.bounding_box()
    assert box is not None
    assert box["width"] / CSS_DPI * 25.4 >= LEAST_MM
    modules = float((code.get_attribute("viewBox") or "").split()[2])
    assert box["width"] / CSS_DPI * DPI / modules >= LEAST_DOTS
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= A6_PIXELS["width"]
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L").point(lambda level: 255 if level > 127 else 0)
    read = scanned(picture)
    assert 1 == len(read)
    assert read[0].startswith(f"{site.origin.upper()}/R/")
    read_again, *_ = cv2.QRCodeDetectorAruco().detectAndDecode(np.array(picture))
    assert read[0] == read_again


def test_nothing_of_the_desk_is_printed(site: Site, browser: Browser) -> None:
    """Links, buttons and who is signed in stay on the screen; amount, digits and where to check are on the paper."""
    with visitor(browser, site.origin, "mk") as clerk:
        clerk.sign_in("katerina", site.password("katerina"))
        clerk.page.goto("/counter?fee=ID-LOST")
        clerk.press_enter_and_wait()
        clerk.page.emulate_media(media="print")
        text = clerk.page.locator("body").inner_text()
        assert "katerina" not in text
        assert clerk.says("Next receipt") not in text
        assert clerk.speaking.money(370_00, "MKD") in text
        assert re.search(r"\d{4} \d{4} \d{4} \d{4}", text)
        assert site.origin.removeprefix("http://") in text
