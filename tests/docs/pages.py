"""Reading the documents as tests do: blocks of code by their label, tables, and what stands in backquotes."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

_BACKQUOTED = re.compile(r"`([^`\n]+)`")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """One fenced block: what stands behind the fence, the text in it, and the table that follows it before the next block."""

    label: str
    text: str
    table: list[list[str]]


def page(name: str) -> str:
    """A document by its path from the root."""
    return (ROOT / name).read_text("utf-8")


def blocks(text: str) -> list[Block]:
    """Every fenced block of a document, or of a part of one."""
    parts = re.split(r"^```(.*)$", text, flags=re.MULTILINE)
    # Outside, label, inside, the closing fence (no label), outside, …
    return [Block(parts[i].strip(), parts[i + 1].strip("\n"), first_table(parts[i + 3])) for i in range(1, len(parts) - 3, 4)]


def first_table(text: str) -> list[list[str]]:
    """The rows of the first table in a text, its head first; none when there is no table."""
    rows: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("|"):
            rows.append(cells(line))
        elif rows:
            break
    return [row for row in rows if any(cell.strip("-: ") for cell in row)]


def cells(line: str) -> list[str]:
    """The cells of one row of a table."""
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:-1]]


def section(text: str, heading: str) -> str:
    """What stands under a heading, down to the next of the same rank or a higher one."""
    rank = len(heading) - len(heading.lstrip("#"))
    after = text.partition(f"{heading}\n")[2]
    assert after, f"no heading {heading!r}"
    return re.split(rf"^#{{1,{rank}}} ", after, flags=re.MULTILINE)[0]


def backquoted(text: str) -> list[str]:
    """Everything in backquotes within a line, in order."""
    return _BACKQUOTED.findall(text.replace("\\|", "|"))


def prose(text: str) -> str:
    """A document without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
