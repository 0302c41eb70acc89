"""What a serving process writes down of a failure."""

import json
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from service import logs

SECRET = "HTTPS://FEES.EXAMPLE/R/2KCE3I"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What is written, with logging as `taksa serve` sets it up; afterwards it is as it was before."""
    before = structlog.get_config()
    monkeypatch.setattr(sys, "stderr", StringIO())
    logs.configure()
    yield sys.stderr  # type: ignore[misc] # it is ours, see above
    structlog.configure(**before)


def failing() -> None:
    """An error with a cause and a group of others, each with a value in its words."""
    try:
        int(SECRET)
    except ValueError as wrong:
        wrong.add_note(SECRET)
        raise ExceptionGroup(SECRET, [KeyError(SECRET), ExceptionGroup(SECRET, [LookupError(SECRET)])]) from wrong


def test_a_line_says_what_failed_and_where_and_no_value(written: StringIO) -> None:
    """A receipt's address, or a reporter's words, stand in exceptions' messages."""
    try:
        failing()
    except ExceptionGroup as wrong:
        structlog.get_logger().error("unexpected", exc_info=wrong)
    assert SECRET not in written.getvalue()
    group, cause = json.loads(written.getvalue())["exception"]
    assert ("ExceptionGroup", "ValueError") == (group["exc_type"], cause["exc_type"])
    assert ["failing"] == [frame["name"] for frame in cause["frames"]]
    assert ["KeyError", "ExceptionGroup"] == [member[0]["exc_type"] for member in group["exceptions"]]
