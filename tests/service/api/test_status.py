"""What tells about the process, and files that are plain text."""

import pytest

from tests.service.conftest import House

pytestmark = pytest.mark.database


@pytest.mark.parametrize("path", ["/snapshot/note", "/snapshot/vkey", "/.well-known/security.txt", "/metrics"])
async def test_a_text_says_its_charset_once(house: House, path: str) -> None:
    answer = await house.client.get(path)
    assert (200, 1) == (answer.status_code, answer.headers["Content-Type"].count("charset=utf-8"))
