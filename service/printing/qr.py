"""QR codes of receipts: SVG for pages and paper, PNG for what cannot draw. Level M, a quiet zone of four modules.

A code is drawn row by row as runs of dark modules, which is a fifth of the size of a square for each.
"""

from io import BytesIO

from PIL import Image
from qrcode import constants
from qrcode.main import QRCode

QUIET = 4
"""Modules of white around the code (ISO/IEC 18004 section 9.1)."""

MASK = 2
"""Always the same mask: any is valid, and choosing the best takes eleven of fourteen milliseconds."""

LEAST_DOTS = 4
"""Printer dots to a module at 203 dpi, below which thermal paper smears."""

Matrix = list[list[bool]]


def matrix(text: str) -> Matrix:
    """The modules of the code with its quiet zone, row by row, True is dark."""
    code = QRCode(error_correction=constants.ERROR_CORRECT_M, border=QUIET, mask_pattern=MASK)
    code.add_data(text)
    code.make(fit=True)
    found: Matrix = code.get_matrix()
    return found


def svg(text: str, label: str = "") -> str:
    """The code as an SVG element without a size of its own: one unit is one module. `label` names it to who cannot see it."""
    rows = matrix(text)
    size = len(rows)
    path = "".join(f"M0 {y}{_strokes(row)}" for y, row in enumerate(rows) if any(row))
    named = f' role="img" aria-label="{_attribute(label)}"' if label else ' aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges"{named}>'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" transform="translate(0 .5)" d="{path}"/></svg>'
    )


def png(text: str, dots: int = LEAST_DOTS) -> bytes:
    """The code as a black-and-white PNG with `dots` pixels to a module."""
    rows = matrix(text)
    image = Image.new("1", (len(rows), len(rows)), 1)
    image.putdata([0 if dark else 1 for row in rows for dark in row])
    out = BytesIO()
    image.resize((len(rows) * dots, len(rows) * dots), Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()


def _strokes(row: list[bool]) -> str:
    """A row as moves and strokes to the right, each from where the last one ended."""
    strokes = []
    at = 0
    for start, length in _runs(row):
        strokes.append(f"m{start - at} 0h{length}" if start > at else f"h{length}")
        at = start + length
    return "".join(strokes)


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Start and length of every run of dark modules in a row."""
    runs: list[tuple[int, int]] = []
    start = 0
    for x, dark in enumerate([*row, False]):
        if not dark:
            if x > start:
                runs.append((start, x - start))
            start = x + 1
    return runs


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
