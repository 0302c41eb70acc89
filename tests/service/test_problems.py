"""Refusals on the web: each has a status, words, and the shape of RFC 9457; what should not happen tells nothing."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import service.app  # noqa: F401 (with it come all modules that may refuse anything)
from registry.errors import RegistryRefusal
from service.problems import HIDDEN, STATUS, status_of
from service.web.language import LANGUAGES, words
from tests.service.api.presenting import problem
from tests.service.conftest import House
from tests.world import WINDOW

SECRET = "password=hunter2 in /srv/taksa/service/secret.py"


def refusals(base: type[RegistryRefusal] = RegistryRefusal) -> Iterator[type[RegistryRefusal]]:
    """All refusals there are."""
    for each in base.__subclasses__():
        yield each
        yield from refusals(each)


@pytest.mark.parametrize("kind", sorted(set(refusals()), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_status_and_a_title_in_four_languages(kind: type[RegistryRefusal]) -> None:
    """A row of its own, or that of a base that is not the base of all."""
    assert any(base in STATUS for base in kind.__mro__[: kind.__mro__.index(RegistryRefusal)])
    refusal = kind.__new__(kind)
    assert 400 <= status_of(refusal) < 600
    assert HIDDEN != status_of(refusal)
    titles = {words(language).code("problem", kind.code, seconds="3") for language in LANGUAGES}
    assert len(LANGUAGES) == len(titles)
    assert f"problem.{kind.code}" not in titles


def test_no_two_refusals_share_a_code_unless_one_is_the_others_kind() -> None:
    seen: dict[str, type[RegistryRefusal]] = {}
    for kind in sorted(set(refusals()), key=lambda each: len(each.__mro__)):
        other = seen.setdefault(kind.code, kind)
        assert issubclass(kind, other), kind.code


class Broken:
    """A clock that fails as nothing should."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def now(self) -> datetime:
        raise self.error


def break_clock(house: House, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(house.clock, "now", Broken(error).now, raising=False)


@pytest.mark.database
async def test_a_failure_tells_nothing_to_who_asked_and_all_to_the_log(
    common_house: House, monkeypatch: pytest.MonkeyPatch, log_lines: list[dict[str, object]]
) -> None:
    break_clock(common_house, monkeypatch, RuntimeError(SECRET))
    api = await common_house.client.get("/api/v1/fees")
    assert (500, "internal") == problem(api)
    assert {"type", "title", "status", "detail", "code"} == api.json().keys()
    page = await common_house.client.get("/fees/xk-town/CERT", headers={"Accept": "text/html"})
    assert (500, "text/html") == (page.status_code, page.headers["Content-Type"].partition(";")[0])
    for text in (api.text, page.text):
        for tell_tale in ("hunter2", "secret.py", "Traceback", "RuntimeError", "litestar", "/work", "service/"):
            assert tell_tale not in text
    failures = [line for line in log_lines if line["log_level"] == "error"]
    assert [RuntimeError, RuntimeError] == [type(line["exc_info"]) for line in failures]
    assert all("CERT" not in str(line["path"]) for line in failures), "a log names the handler, not what was asked"


@pytest.mark.database
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (PoolTimeout(), 503, "busy"),
        (OperationalError("SELECT 1", {}, Exception("database is locked")), 503, "busy"),
        (DBAPIError("SELECT 1", {}, Exception("gone"), connection_invalidated=True), 503, "busy"),
        (DBAPIError("SELECT 1", {}, Exception("odd")), 500, "internal"),
        (RecursionError(), 400, "bad_request"),
    ],
    ids=["no connection free", "locked", "connection lost", "any other", "nested too deep"],
)
async def test_a_database_that_is_away_is_busy_and_says_when_to_come_back(
    common_house: House, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    break_clock(common_house, monkeypatch, error)
    answer = await common_house.client.get("/api/v1/fees")
    assert (status, code) == problem(answer)
    assert ("2" if code == "busy" else None) == answer.headers.get("Retry-After")


@pytest.mark.database
async def test_a_refusal_is_a_page_for_people_and_json_for_programs(common_house: House) -> None:
    for accept, expected in (("text/html,*/*", "text/html"), ("application/json", "application/problem+json")):
        answer = await common_house.client.get("/nowhere", headers={"Accept": accept, "Accept-Language": "mk"})
        assert (404, expected) == (answer.status_code, answer.headers["Content-Type"].partition(";")[0])
        assert words("mk").code("problem", "not_found") in answer.text
    api = await common_house.client.get("/api/v1/nowhere", headers={"Accept": "text/html"})
    assert (404, "not_found") == problem(api)


@pytest.mark.database
async def test_a_refusal_is_kept_by_nothing_on_the_way(common_house: House) -> None:
    for answer in (
        await common_house.client.get("/api/v1/fees/xk-town/NEVER"),
        await common_house.client.post("/api/v1/receipts", json={"counter": WINDOW, "fee": "CERT"}),
    ):
        assert "no-store" == answer.headers["Cache-Control"]


@pytest.mark.database
async def test_an_address_in_any_script_leads_to_the_sign_in(common_house: House) -> None:
    """A path with letters that no header can hold as they are."""
    answer = await common_house.client.get("/counter/receipts/ѓ%0d%0aX: 1", headers={"Accept": "text/html"}, follow_redirects=False)
    assert 303 == answer.status_code
    assert answer.headers["Location"].isascii()
    assert "X" not in answer.headers


@pytest.mark.database
async def test_findings_say_where(common_house: House) -> None:
    answer = await common_house.client.post("/api/v1/fees/xk-town/PREMISES/assess", json={"inputs": {"zone": "a"}})
    assert [("inputs.area", "missing_input"), ("inputs.zone", "unknown_input")] == [
        (each["path"], each["code"]) for each in answer.json()["findings"]
    ]
