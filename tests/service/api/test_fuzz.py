"""Whatever is sent, the service answers: its own OpenAPI thrown back at it, and forms filled in by nobody in their right mind."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from httpx import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from service.app import create_app
from service.settings import Settings
from tests.service.api.presenting import euros, issued
from tests.service.conftest import ORIGIN, House, open_house
from tests.world import TOWN

pytestmark = [pytest.mark.database, pytest.mark.slow]

EXAMPLES = 10
"""For each operation, each way of generating, each database."""

bounded = partial(settings, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck), max_examples=EXAMPLES)


def staff(house: House, path: str) -> dict[str, str]:
    """Whoever may enter, so that what is behind the door is tried too."""
    role = "clerk" if path.startswith(("/api/v1/receipts", "/counter")) else "inspector" if "cases" in path or "inspector" in path else ""
    return house.as_(role) if role else {}


async def real_names(house: House) -> dict[str, Any]:
    """What there is, by the names that paths have for it."""
    receipt = await issued(house, "PREMISES", {"area": "10"})
    await house.client.post("/api/v1/reports", json={"receipt": receipt["qr_text"], "paid": euros("99.00")})
    cases = (await house.client.get("/api/v1/cases", headers=house.as_("inspector"))).json()["items"]
    return {
        "authority": TOWN, "code": "PREMISES", "token": receipt["token"], "number": receipt["number"], "file": f"{receipt['number']}.svg",
        "case_id": cases[0]["id"], "case": cases[0]["id"], "path": "index",
    }  # fmt: skip


def parameters(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def throw_requests(portal: BlockingPortal, house: House, operation: Any, **way: Any) -> None:
    """Requests of one operation, generated one way."""

    @bounded(max_examples=EXAMPLES)
    @given(case=operation.as_strategy(**way))
    def send(case: schemathesis.Case) -> None:
        request = case.as_transport_kwargs(base_url=ORIGIN)
        del request["cookies"]
        if "data" in request:
            request["content"] = request.pop("data")
        headers = {name: value for name, value in request.pop("headers").items() if value.isascii()} | staff(house, operation.path)
        answer = portal.call(partial(house.client.request, **request, headers=headers))
        assert answer.status_code < 500, (answer.status_code, request, answer.text[:300])

    send()


def test_no_operation_of_the_interface_answers_anything_with_a_server_error(database_url: str, tmp_path: Path) -> None:
    """Well-formed and malformed requests, with paths that lead somewhere and with paths that lead nowhere."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(open_house(database_url, tmp_path)) as house:
        names = portal.call(real_names, house)
        operations = [result.ok() for result in schemathesis.openapi.from_dict(house.app.openapi_schema.to_schema()).get_all_operations()]
        assert 20 <= len(operations)
        for operation in operations:
            known = {name: names[name] for name in parameters(operation.path)}
            throw_requests(portal, house, operation, generation_mode=GenerationMode.POSITIVE, path_parameters=known or None)
            if operation.body or operation.query or operation.headers:
                throw_requests(portal, house, operation, generation_mode=GenerationMode.NEGATIVE, path_parameters=known or None)
            if known:
                throw_requests(portal, house, operation, generation_mode=GenerationMode.POSITIVE)


FIELDS = {
    "/check": ("receipt", "issued_on", "paid", "claim", "looks", "in-area"),
    "/R/{token}": ("paid", "claim", "looks", "in-area"),
    "/report": ("receipt", "issued_on", "paid", "currency", "authority", "office", "fee", "happened_on", "text", "step"),
    "/follow": ("code",),
    "/follow/messages": ("code", "text"),
    "/fees/{authority}/{code}": ("in-area", "on"),
    "/counter": ("counter", "fee", "in-area", "on", "on_reason", "payment", "training", "key", "asked"),
    "/inspector/{case}": ("type", "text", "outcome", "version", "report"),
}

ODD = (
    "", "\0", "1" * 30, "-1", "NaN", "2026-02-30", "9999-12-31", "0001-01-01", "xk-town", "xk-town-hall-1", "CERT", "PREMISES", "yes",
)  # fmt: skip


def throw_forms(portal: BlockingPortal, house: House, address: str, fields: tuple[str, ...]) -> None:
    """Forms sent to one page, and the same in its address."""

    @bounded(max_examples=2 * EXAMPLES)
    @given(
        form=st.dictionaries(st.sampled_from(fields) | st.text(max_size=5), st.sampled_from(ODD) | st.text(max_size=40)),
        by_post=st.booleans(),
    )
    def send(form: dict[str, str], by_post: bool) -> None:
        call: Callable[..., Any] = partial(house.client.post, data=form) if by_post else partial(house.client.get, params=form)
        headers = staff(house, address) | {"Accept": "text/html", "Origin": ORIGIN}
        answer: Response = portal.call(partial(call, address, headers=headers, follow_redirects=False))
        assert answer.status_code < 500, (answer.status_code, address, form, answer.text[:300])

    send()


def test_no_form_answers_anything_with_a_server_error(database_url: str, tmp_path: Path) -> None:
    """By POST and by GET: people type anything, and programs worse."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(open_house(database_url, tmp_path)) as house:
        names = portal.call(real_names, house)
        for path, fields in FIELDS.items():
            throw_forms(portal, house, path.format(**names), fields)


def test_the_interface_is_described_in_openapi_3_1_and_names_every_call(tmp_path: Path) -> None:
    """Pages are not calls; what machines call is all there, with what each refuses to be asked."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/none.db", origin=ORIGIN))
    described = app.openapi_schema.to_schema()
    assert "3.1" == described["openapi"][:3]
    calls = {
        (path, method)
        for path, item in described["paths"].items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert {
        ("/api/v1/fees", "get"), ("/api/v1/fees/{authority}/{code}", "get"), ("/api/v1/fees/{authority}/{code}/assess", "post"),
        ("/api/v1/receipts", "post"), ("/api/v1/receipts/{file}", "get"), ("/api/v1/receipts/{number}/void", "post"),
        ("/api/v1/verify", "post"), ("/api/v1/verify/{token}", "get"), ("/api/v1/reports", "post"), ("/api/v1/reports/follow", "post"),
        ("/api/v1/reports/follow/messages", "post"), ("/api/v1/cases", "get"), ("/api/v1/cases/{case_id}", "get"),
        ("/api/v1/cases/{case_id}/events", "post"), ("/snapshot/index", "get"), ("/snapshot/note", "get"), ("/snapshot/vkey", "get"),
        ("/snapshot/{path}", "get"), ("/.well-known/jwks.json", "get"), ("/health/live", "get"), ("/health/ready", "get"),
    } == calls  # fmt: skip
