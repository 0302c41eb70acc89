"""QR codes, read back by two decoders at the resolution of a thermal printer and compared with another encoder's."""

from io import BytesIO

import cv2
import numpy
import pytest
import segno
import zxingcpp
from PIL import Image

from service.printing.qr import LEAST_DOTS, MASK, QUIET, matrix, png, svg

DOTS_PER_MM = 203 / 25.4
SHORT = "HTTPS://FEES.EXAMPLE/R/" + "2KCE3IQBE4CEQENG" * 17
LONG = "HTTPS://FEES.EXAMPLE/R/" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 9


def picture(text: str) -> Image.Image:
    return Image.open(BytesIO(png(text))).convert("L")


@pytest.mark.parametrize("text", [SHORT, LONG])
def test_zxing_reads_it_at_203_dpi(text: str) -> None:
    assert [text] == [found.text for found in zxingcpp.read_barcodes(picture(text))]


@pytest.mark.parametrize("text", [SHORT, LONG])
def test_opencv_reads_it_at_203_dpi(text: str) -> None:
    read, _, _ = cv2.QRCodeDetector().detectAndDecode(numpy.array(picture(text)))
    assert text == read


def test_it_prints_at_thirty_millimetres_or_more_with_four_dots_to_a_module() -> None:
    """Version 10 is 57 modules; at 203 dpi four dots a module make 28.5 mm, 32.5 mm with the quiet zone."""
    modules = len(matrix(SHORT))
    assert 57 + 2 * QUIET >= modules
    assert LEAST_DOTS * modules == picture(SHORT).width
    assert 30 <= LEAST_DOTS * 65 / DOTS_PER_MM <= 33


def test_another_encoder_makes_the_same_modules() -> None:
    other = segno.make(SHORT, error="m", mask=MASK, boost_error=False, micro=False)
    assert [[bool(dark) for dark in row] for row in other.matrix_iter(border=QUIET)] == matrix(SHORT)


def test_the_drawing_has_the_same_modules_as_the_matrix() -> None:
    """Runs of the path, painted by hand."""
    rows = matrix(SHORT)
    drawn = [[False] * len(rows) for _ in rows]
    for line in svg(SHORT).rpartition(' d="M')[2].partition('"')[0].split("M"):
        y, _, strokes = line.removeprefix("0 ").partition("m")
        x = 0
        for stroke in strokes.split("m"):
            moved, _, length = stroke.partition(" 0h")
            x += int(moved)
            for _ in range(int(length)):
                drawn[int(y)][x] = True
                x += 1
    assert rows == drawn


def test_the_drawing_needs_nothing_from_elsewhere_and_is_named_for_who_cannot_see_it() -> None:
    text = svg(SHORT, 'Code "of" <a> receipt')
    assert 'aria-label="Code &quot;of&quot; &lt;a> receipt"' in text
    assert "style" not in text
    assert 6000 > len(text)
