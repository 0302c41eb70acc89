"""From a refusal to what the web makes of it: the only status table, and both renderings, a page and RFC 9457 JSON."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from registry import errors as registry
from registry.errors import Finding, RegistryRefusal
from service import access, limits
from service.web.language import negotiate, words
from service.web.render import page
from verify import errors as verify

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[RegistryRefusal], int] = {
    # Who is asking
    access.NotSignedIn: 401,
    access.CrossSiteRequest: 403,
    registry.SignInRefused: 401,
    registry.SignInThrottled: 429,
    limits.TooManyRequests: 429,
    registry.NotAllowed: 403,
    registry.SamePerson: 403,
    # What there is not
    registry.UnknownPlace: 404,
    registry.UnknownOfficer: 404,
    registry.UnknownKey: 404,
    registry.UnknownFee: 404,
    registry.UnknownDraft: 404,
    registry.UnknownReceipt: 404,
    verify.UnknownFollowCode: 404,
    verify.UnknownCase: 404,
    # What does not go with how things stand
    registry.AlreadyDecided: 409,
    registry.AlreadyStarted: 409,
    registry.FeeNotInForce: 409,
    registry.WrongDraftState: 409,
    registry.VersionsOverlap: 409,
    registry.ExamplesDisagree: 409,
    registry.AmbiguousNumber: 409,
    registry.AlreadyVoided: 409,
    registry.NotVoidable: 409,
    registry.NotPriced: 409,
    registry.AmountOutOfRange: 409,
    registry.UnusableFeeReference: 409,
    verify.StaleCase: 409,
    verify.IllegalStep: 409,
    # What cannot be read
    registry.MalformedNumber: 400,
    registry.NotAReceipt: 400,
    registry.MalformedToken: 400,
    registry.BadSignature: 400,
    registry.UnknownTokenKind: 400,
    registry.MalformedNote: 400,
    registry.NoteNotVerified: 400,
    registry.MalformedSnapshot: 400,
    verify.MalformedFollowCode: 400,
    verify.MalformedCursor: 400,
    # What was read and cannot be meant
    registry.MalformedSchedule: 422,
    registry.MalformedFee: 422,
    registry.MalformedAmount: 422,
    registry.UnknownCurrency: 422,
    registry.InputRefused: 422,
    registry.LegalDateRefused: 422,
    registry.KeyReused: 422,
    verify.VerifyRefusal: 422,
    # Our own house
    registry.NoSigningKey: 503,
    registry.KeyNotUnlocked: 503,
}

HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 429: "too_many_requests"}
HIDDEN = 500
BUSY = 503

DATA_EXCEPTION = "22"
"""SQLSTATE class of values that PostgreSQL cannot hold: U+0000 in a text, an integer too long."""


def status_of(refusal: RegistryRefusal) -> int:
    """The status of a refusal, or of the nearest base that has a row."""
    return next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), HIDDEN)


def on_refusal(request: Request[Any, Any, Any], refusal: RegistryRefusal) -> Response[Any]:
    """A refusal of the domain."""
    if isinstance(refusal, access.NotSignedIn) and not _wants_json(request):
        # Quoted: a path holds any letters, line ends among them, and a header must not.
        headers = {"Location": f"/signin?next={quote(request.url.path)}", "Cache-Control": "no-store"}
        return Response(None, status_code=303, headers=headers)
    findings = getattr(refusal, "findings", None) or refusal.params.get("findings") or ()
    status = status_of(refusal)
    if status == HIDDEN:
        log.error("refusal without a status", code=refusal.code)
    return answer(request, status, refusal.code, refusal.detail, findings=findings, params=refusal.params)


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refuses: no such page, a body that does not fit."""
    # The framework takes a fault in a member of the body for a fault of ours when a dependency has the same name (`language`).
    status = 400 if isinstance(error.__cause__, msgspec.ValidationError) else error.status_code
    findings = []
    if isinstance(error, ValidationException):
        extra = error.extra if isinstance(error.extra, list) else []
        findings = [
            Finding(str(each.get("key", "")), "malformed", str(each.get("message", ""))) for each in extra if isinstance(each, dict)
        ]
    code = HTTP_CODES.get(status, "bad_request" if status < HIDDEN else "internal")
    if status >= HIDDEN:
        log.error("framework failure", path=_route(request), exc_info=error)
    return answer(
        request, status, code, "" if error.status_code >= HIDDEN else str(error.detail), findings=findings, headers=error.headers or {}
    )


def on_too_deep(request: Request[Any, Any, Any], _: RecursionError) -> Response[Any]:
    """JSON nested deeper than its reader goes, and deeper than anything we ask for."""
    return answer(request, 400, "bad_request", "")


def on_anything(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What should not happen. The reader learns nothing but that; the log has the rest."""
    if isinstance(error, PoolTimeout | OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        log.warning("database busy or away", error=type(error).__name__)
        return answer(request, BUSY, "busy", "", headers={"Retry-After": "2"})
    if isinstance(error, DBAPIError) and str(getattr(error.orig, "sqlstate", "")).startswith(DATA_EXCEPTION):
        return answer(request, 400, "bad_request", "")
    log.error("unexpected", path=_route(request), exc_info=error)
    return answer(request, HIDDEN, "internal", "")


def answer(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    detail: str,
    *,
    findings: Any = (),
    params: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """One problem, as a page or as JSON, in the reader's language."""
    language = negotiate(request.query_params.get("lang"), request.headers.get("Accept-Language"))
    speaking = words(language)
    # Some refusals say which of two things is wrong: a number's length, or one of its digits.
    exact = f"{code}.{detail}"
    title = speaking.code("problem", exact if speaking.knows("problem", exact) else code, **(params or {}))
    if not _wants_json(request):
        return page("problem.html", language, status=status, title=title, detail="", code=code)
    problem: dict[str, object] = {
        "type": f"urn:taksa:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or HTTPStatus(status).phrase,
        "code": code,
    }
    if findings:
        problem["findings"] = [{"path": each.path, "code": each.code, "message": each.message} for each in findings]
    return Response(
        msgspec.json.encode(problem),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", "Content-Language": language, **(headers or {})},
    )


def _wants_json(request: Request[Any, Any, Any]) -> bool:
    if request.url.path.startswith(("/api/", "/schema/", "/snapshot/", "/health/", "/.well-known/")):
        return True
    accepted = request.headers.get("Accept", "text/html")
    return "html" not in accepted and "*/*" not in accepted


def _route(request: Request[Any, Any, Any]) -> str:
    """Where it happened, without what was asked: a receipt's address is nobody's business in a log."""
    handler = request.scope.get("route_handler")
    return str(handler) if handler is not None else "?"


HANDLERS: ExceptionHandlersMap = {
    RegistryRefusal: on_refusal,
    HTTPException: on_http_exception,
    RecursionError: on_too_deep,
    Exception: on_anything,
}
