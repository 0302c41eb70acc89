"""The doors: who is let in where, by token and by cookie; what the public part never does."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import func, select, text

from registry import credentials, grants
from registry.credentials import FREE_ATTEMPTS, SignInThrottle, StaffSession, issue_token, open_session, set_first_password
from registry.grants import Role
from service.access import COOKIE
from service.app import create_app
from service.settings import Settings
from tests.service.api.presenting import euros, issued, problem, rows, state
from tests.service.conftest import ORIGIN, House
from tests.world import FOUNDED, NOW, PASSWORD, WINDOW, person

pytestmark = pytest.mark.database

FOREVER = datetime(2030, 1, 1, tzinfo=UTC)
SIGN_IN = {"/signin", "/signout"}
KEEPERS = {"/api/v1/receipts": Role.CLERK, "/counter": Role.CLERK, "/api/v1/cases": Role.INSPECTOR, "/inspector": Role.INSPECTOR}
"""Whose room a staff route belongs to, by how its path begins."""

PUBLIC_PATHS = {
    "/", "/fees", "/fees/{authority:str}/{code:str}", "/R/{token:str}", "/r/{token:str}", "/check", "/report", "/follow",
    "/follow/messages", "/schema/{path:path}",
    "/api/v1/fees", "/api/v1/fees/{authority:str}/{code:str}", "/api/v1/fees/{authority:str}/{code:str}/assess",
    "/api/v1/verify", "/api/v1/verify/{token:str}", "/api/v1/reports", "/api/v1/reports/follow", "/api/v1/reports/follow/messages",
    "/snapshot/index", "/snapshot/note", "/snapshot/vkey", "/snapshot/{path:path}", "/.well-known/jwks.json",
    "/.well-known/security.txt", "/health/live", "/health/ready", "/metrics", "/schema", "/schema/openapi.json",
}  # fmt: skip


def doors(app: Litestar) -> Iterator[tuple[str, str]]:
    """Every (method, path) that the service answers, but for OPTIONS."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method in route.methods:
                if method != "OPTIONS":
                    yield str(method), route.path_format


def template(route_path: str) -> str:
    """`{number:str}` as Litestar shows it without the type."""
    return "/".join(f"{part.partition(':')[0]}}}" if part.startswith("{") and ":" in part else part for part in route_path.split("/"))


def staff_doors(house: House) -> list[tuple[str, str]]:
    """What is served beside the public part, sign-in apart, with paths filled in."""
    public = set(doors(create_app(Settings(database_url=house.settings.database_url, origin=ORIGIN, public=True))))
    found = sorted(set(doors(house.app)) - public)
    assert found, "staff routes exist"
    return [(method, path) for method, path in found if path not in SIGN_IN]


def filled(path: str) -> str:
    return "/".join("0000000000000000" if part.startswith("{") else part for part in path.split("/"))


async def knock(client: AsyncClient, method: str, path: str, headers: dict[str, str]) -> Response:
    """One request, as a program would make it."""
    body: dict[str, Any] = {"json": {}} if path.startswith("/api/") else {"data": {}}
    return await client.request(
        method, filled(path), headers=headers | {"Accept": "application/json"}, follow_redirects=False,
        **(body if method not in ("GET", "HEAD") else {}),
    )  # fmt: skip


def test_what_is_public_is_on_a_list(tmp_path: Path) -> None:
    """A route that joins the public part does so on purpose."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/none.db", origin=ORIGIN, public=True))
    found = {path for _, path in doors(app)}
    assert set() == {path for path in found if path not in {template(each) for each in PUBLIC_PATHS} and not path.startswith("/static")}


async def test_every_staff_route_refuses_whoever_is_nobody(common_house: House) -> None:
    before = await rows(common_house.database)
    for method, path in staff_doors(common_house):
        for headers in ({}, {"Authorization": "Bearer taksa_x"}, {"Authorization": "Basic eDp5"}, {"Cookie": f"{COOKIE}=x"}):
            answer = await knock(common_house.client, method, path, headers)
            # By cookie, what is unsafe and comes from nowhere is refused before anybody asks whose cookie it is.
            assert answer.status_code in (401, 403), (method, path, headers)
    assert before == await rows(common_house.database)


async def test_every_staff_page_leads_a_browser_to_the_sign_in(common_house: House) -> None:
    pages = [path for method, path in staff_doors(common_house) if method == "GET" and not path.startswith("/api/")]
    assert {"/counter", "/inspector"} <= set(pages)
    for path in pages:
        answer = await common_house.client.get(filled(path), headers={"Accept": "text/html"}, follow_redirects=False)
        assert (303, "no-store") == (answer.status_code, answer.headers["Cache-Control"])
        assert answer.headers["Location"].startswith("/signin?next=/")


async def test_every_staff_route_opens_to_its_own_role_alone(common_house: House) -> None:
    """By token and by cookie; administrators, editors and approvers have no business at the counter or among cases."""
    async with common_house.database.write() as session:
        tokens = dict(common_house.world.tokens)
        admin = common_house.world.admins[0]
        tokens[Role.ADMINISTRATOR] = await issue_token(session, admin, Role.ADMINISTRATOR, counters=None, now=FOUNDED, expires_at=FOREVER)
        people = {
            Role.CLERK: common_house.world.clerk, Role.INSPECTOR: common_house.world.inspector, Role.EDITOR: common_house.world.editor,
            Role.APPROVER: common_house.world.approver, Role.ADMINISTRATOR: admin,
        }  # fmt: skip
        cookies = {role: await open_session(session, officer, NOW) for role, officer in people.items()}
    for method, path in staff_doors(common_house):
        keeper = next(role for start, role in KEEPERS.items() if path.startswith(start))
        for role in people:
            for headers in (
                {"Authorization": f"Bearer {tokens[role]}"},
                {"Cookie": f"{COOKIE}={cookies[role]}", "Sec-Fetch-Site": "same-origin"},
            ):
                answer = await knock(common_house.client, method, path, headers)
                refused = answer.status_code in (401, 403)
                assert refused != (role is keeper), (method, path, role, answer.status_code)
                assert answer.status_code < 500


async def test_a_session_is_over_after_its_time_and_after_signing_out(common_house: House) -> None:
    async with common_house.database.write() as session:
        secret = await open_session(session, common_house.world.inspector, NOW)
    headers = {"Cookie": f"{COOKIE}={secret}", "Sec-Fetch-Site": "same-origin"}
    assert 200 == (await common_house.client.get("/api/v1/cases", headers=headers)).status_code
    common_house.clock.pass_time(hours=10)
    assert (401, "not_signed_in") == problem(await common_house.client.get("/api/v1/cases", headers=headers))
    common_house.clock.at = NOW
    left = await common_house.client.post("/signout", headers=headers, follow_redirects=False)
    assert 303 == left.status_code
    assert "max-age=0" in left.headers["Set-Cookie"].lower()
    assert (401, "not_signed_in") == problem(await common_house.client.get("/api/v1/cases", headers=headers))


async def test_what_is_ended_stops_at_once_for_open_sessions_too(house: House) -> None:
    async with house.database.write() as session:
        secret = await open_session(session, house.world.inspector, NOW)
    headers = {"Cookie": f"{COOKIE}={secret}"}
    assert 200 == (await house.client.get("/api/v1/cases", headers=headers)).status_code
    async with house.database.write() as session:
        held = await session.scalar(select(grants.Grant).where(grants.Grant.officer_id == house.world.inspector.id))
        assert held is not None
        await grants.end(session, by=house.world.admins[0], grant=held, reason="Moved", now=NOW)
    assert (403, "not_allowed") == problem(await house.client.get("/api/v1/cases", headers=headers))


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, {"Origin": "https://fees.example.evil"},
    ],
    ids=["says nothing", "cross-site", "a neighbour's", "foreign origin", "null origin", "the browser knows better", "a longer host"],
)  # fmt: skip
async def test_an_unsafe_request_by_cookie_that_another_site_caused_is_refused(common_house: House, headers: dict[str, str]) -> None:
    async with common_house.database.write() as session:
        secret = await open_session(session, common_house.world.clerk, NOW)
    cookie = {"Cookie": f"{COOKIE}={secret}"}
    before = await rows(common_house.database)
    for path, body in (("/api/v1/receipts", {"json": {"counter": WINDOW, "fee": "CERT"}}), ("/counter", {"data": {"fee": "CERT"}})):
        answer = await common_house.client.post(path, headers=cookie | headers | {"Accept": "application/json"}, **body)
        assert (403, "cross_site_request") == problem(answer)
    signing_in = await common_house.client.post(
        "/signin", data={"username": "kiro", "password": "x"}, headers=headers | {"Accept": "application/json"}
    )
    assert (403, "cross_site_request") == problem(signing_in)
    assert before == await rows(common_house.database)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": ORIGIN}], ids=["same-origin", "our origin"])
async def test_our_own_pages_may_send_by_cookie(common_house: House, headers: dict[str, str]) -> None:
    async with common_house.database.write() as session:
        secret = await open_session(session, common_house.world.clerk, NOW)
    answer = await common_house.client.post(
        "/api/v1/receipts", json={"counter": WINDOW, "fee": "CERT"}, headers={"Cookie": f"{COOKIE}={secret}"} | headers
    )
    assert 201 == answer.status_code


async def test_the_session_cookie_is_bound_to_this_host_and_out_of_reach(house: House) -> None:
    """And it is another one after every sign-in; only its hash is kept."""
    async with house.database.write() as session:
        await set_first_password(session, house.world.clerk, PASSWORD, FOUNDED)
    form = {"username": "Kiro ", "password": PASSWORD}
    answers = [
        await house.client.post("/signin", data=form, headers={"Origin": ORIGIN}, follow_redirects=False) for _ in range(2)
    ]  # fmt: skip
    for answer in answers:
        assert 303 == answer.status_code
        name_and_value, *attributes = answer.headers["Set-Cookie"].split("; ")
        assert name_and_value.startswith("__Host-taksa=")
        assert {"httponly", "secure", "samesite=strict", "path=/", "max-age=36000"} == {each.lower() for each in attributes}
    secrets = {answer.headers["Set-Cookie"].split("; ")[0].partition("=")[2] for answer in answers}
    assert 2 == len(secrets)
    async with house.database.read() as session:
        kept = b" ".join(await session.scalars(select(StaffSession.token_hash)))
    assert not any(secret.encode() in kept for secret in secrets)
    assert house.client.cookies, "the browser has it, and it opens the room"
    assert 200 == (await house.client.get("/counter")).status_code


async def test_public_pages_set_no_cookie_and_open_to_everybody(common_house: House) -> None:
    receipt = await issued(common_house)
    paths = [
        "/", "/fees", "/fees/xk-town/CERT", f"/R/{receipt['token']}", f"/r/{receipt['token'].lower()}", "/check", "/report", "/follow",
        f"/check?receipt={receipt['number']}", "/api/v1/fees", f"/api/v1/verify/{receipt['token']}", "/snapshot/index", "/snapshot/note",
        "/snapshot/vkey", "/.well-known/jwks.json", "/.well-known/security.txt", "/health/live", "/health/ready", "/metrics",
        "/schema/openapi.json", "/nowhere",
    ]  # fmt: skip
    for path in paths:
        answer = await common_house.client.get(path)
        assert "Set-Cookie" not in answer.headers, path
        assert (404 if path == "/nowhere" else 200) == answer.status_code, path
    for path, body in (
        ("/api/v1/verify", {"receipt": receipt["qr_text"]}),
        ("/api/v1/reports", {"receipt": receipt["qr_text"], "paid": euros("9.00")}),
    ):
        assert "Set-Cookie" not in (await common_house.client.post(path, json=body)).headers


# Sign-in


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that is slow on purpose, made quick: what is tested is who waits, not for how long a hash takes."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(credentials, "_hasher", hasher)
    monkeypatch.setattr(credentials, "_nobody", hasher.hash("nobody"))


async def sign_in(house: House, username: str, password: str = "wrong") -> Response:
    return await house.client.post(
        "/signin", data={"username": username, "password": password}, headers={"Origin": ORIGIN}, follow_redirects=False
    )


@pytest.mark.parametrize("username", ["kiro", "nobody-of-that-name"])
async def test_a_name_waits_after_five_failures_whether_it_exists_or_not(house: House, quick_passwords: None, username: str) -> None:
    """The sixth failure costs two seconds, the seventh four; nobody learns which names there are."""
    async with house.database.write() as session:
        await set_first_password(session, house.world.clerk, PASSWORD, FOUNDED)
    answers = [await sign_in(house, username) for _ in range(FREE_ATTEMPTS + 1)]
    assert {422} == {answer.status_code for answer in answers}
    assert 1 == len({answer.text.replace(username, "") for answer in answers})
    waiting = await sign_in(house, username.upper(), PASSWORD)
    assert (422, False) == (waiting.status_code, waiting.text.replace(username, "") == answers[0].text.replace(username, ""))
    house.clock.pass_time(seconds=2)
    again = await sign_in(house, username, PASSWORD if username == "kiro" else "wrong")
    assert (303 if username == "kiro" else 422) == again.status_code


async def test_many_guesses_at_once_are_many_guesses(house: House, quick_passwords: None) -> None:
    """A hundred connections do not buy a hundred passwords a second."""
    await asyncio.gather(*(sign_in(house, "kiro") for _ in range(12)))
    async with house.database.read() as session:
        assert [FREE_ATTEMPTS + 1] == list(await session.scalars(select(SignInThrottle.failures)))


async def test_a_good_sign_in_forgets_the_failures(house: House, quick_passwords: None) -> None:
    async with house.database.write() as session:
        await set_first_password(session, house.world.clerk, PASSWORD, FOUNDED)
    for _ in range(2):
        for _ in range(FREE_ATTEMPTS - 1):
            await sign_in(house, "kiro")
        assert 303 == (await sign_in(house, "kiro", PASSWORD)).status_code


async def test_an_account_without_a_password_cannot_sign_in(house: House, quick_passwords: None) -> None:
    async with house.database.write() as session:
        await person(session, "fresh")
    assert 422 == (await sign_in(house, "fresh", "")).status_code


# Public mode


async def test_public_mode_has_no_staff_and_never_opens_a_private_key(house: House, tmp_path: Path) -> None:
    """Its passphrase names no file, the table of sealed keys is gone, and it serves all the same what a signing process signed."""
    receipt = await issued(house)
    async with house.database.write() as session:
        await session.execute(text("ALTER TABLE sealed_key RENAME TO sealed_key_gone"))
    settings = Settings(database_url=house.settings.database_url, origin=ORIGIN, public=True, passphrase_file=str(tmp_path / "nothing"))
    app = create_app(settings, house.clock)
    async with app.lifespan(), AsyncClient(transport=ASGITransport(app), base_url=ORIGIN) as client:
        public = House(app, client, house.database, house.world, house.clock, settings)
        assert "match" == await state(public, receipt["qr_text"])
        reported = await client.post("/api/v1/reports", json={"receipt": receipt["qr_text"], "paid": euros("9.00")})
        assert 201 == reported.status_code
        for path in ("/snapshot/note", "/snapshot/index", "/snapshot/vkey", "/.well-known/jwks.json", "/health/ready", "/"):
            assert 200 == (await client.get(path)).status_code, path
        for method, path in [*staff_doors(house), ("GET", "/signin"), ("POST", "/signin"), ("POST", "/signout")]:
            answer = await knock(client, method, path, house.as_("clerk"))
            assert answer.status_code in (404, 405), (method, path)
        assert public.process.published.passphrase is None


async def test_a_public_process_without_a_note_is_not_ready_and_says_so(house: House) -> None:
    """Nobody has signed what it would serve: another origin makes another index."""
    settings = Settings(database_url=house.settings.database_url, origin="https://mirror.example", public=True)
    app = create_app(settings, house.clock)
    async with app.lifespan(), AsyncClient(transport=ASGITransport(app), base_url=ORIGIN) as client:
        ready = await client.get("/health/ready")
        assert (503, {"database": True, "snapshot": False}) == (ready.status_code, ready.json())
        assert 404 == (await client.get("/snapshot/index")).status_code
        assert 200 == (await client.get("/health/live")).status_code


async def test_sessions_that_ended_are_swept(house: House) -> None:
    async with house.database.write() as session:
        await open_session(session, house.world.clerk, NOW - timedelta(days=2))
        await open_session(session, house.world.clerk, NOW)
        assert 1 == await session.scalar(select(func.count()).select_from(StaffSession))
        assert credentials.SESSION_LENGTH == timedelta(hours=10)
