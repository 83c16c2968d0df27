"""How errors are returned (problem+json), and how routes declare them."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Route

from daka.database import DatabaseState, database_state
from daka.errors import ConfigurationError, Invalid, NotFound, Problem, problem_document
from daka.observability import request_id
from daka.schema import Schema

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
FORM = "application/x-www-form-urlencoded"
ANY_PATH = "/{path:path}"
"""The route of the web app."""
NO_FILE = "This is a text and not a file; with curl: -F file=@NAME"
EVENTS = "/api/v1/events"
"""The event stream: HEAD would have no end to wait for."""


class FieldProblem(Schema):
    loc: list[str | int]
    code: str
    msg: str
    text: dict[str, str] | None = Field(
        default=None, description="The reason by language, where a field has its own rule"
    )


class ProblemDocument(Schema):
    """An error (RFC 9457) with a stable, machine-readable code."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    request_id: str | None = None
    errors: list[FieldProblem] | None = Field(default=None, description="With 422: the invalid fields")


_MEANINGS = {
    400: "The body cannot be read",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found, or not visible to you",
    409: "Conflicts with the current state",
    413: "The body is too large",
    414: "The address is too long",
    415: "The body has another content type",
    422: "The input is not valid",
    429: "Too many requests; see Retry-After",
    503: "Not ready, or too busy; see Retry-After",
}

_STATE_TITLES = {
    DatabaseState.BUSY: "The server is busy with a large operation. Nothing was changed; try again in a moment",
    DatabaseState.AWAY: "The database does not answer. Try again in a moment, and see first whether your change is there",
    DatabaseState.FULL: "The server's disk is full. Nothing was changed; nothing can be saved until space is freed",
    DatabaseState.READ_ONLY: "The database is read-only. Nothing was changed; run daka doctor on the server",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: the errors that do not follow from the operation itself (see daka.openapi)."""
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status in statuses
    }


def answer_problems(app: FastAPI) -> None:
    """Return every error of the app as problem+json with the request's ID."""

    @app.exception_handler(Problem)
    async def expected(_request: Request, problem: Problem) -> JSONResponse:
        return problem_response(problem)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        if refusal := _wrong_content_type(request, error):
            return _response(refusal)
        if found := next((each for each in error.errors() if each["type"] == "json_invalid"), None):
            why = {"detail": str(found["ctx"]["error"])} if found.get("ctx") else {}
            return _response(problem_document(400, "broken_json", "The body is not JSON", **why))
        errors = _field_problems(error.errors())
        return _response(problem_document(Invalid.status, "invalid_input", Invalid.title, errors=errors))

    @app.exception_handler(sa.exc.TimeoutError)
    @app.exception_handler(sa.exc.DBAPIError)
    async def database_failed(_request: Request, error: Exception) -> JSONResponse:
        if (state := database_state(error)) is None:
            raise error
        if state is not DatabaseState.BUSY:
            log.error("The database failed a request", extra={"fields": {"state": state}})
        return _response(problem_document(503, state, _STATE_TITLES[state]), {"Retry-After": "5"})

    @app.exception_handler(ConfigurationError)
    async def set_up_wrongly(_request: Request, error: ConfigurationError) -> JSONResponse:
        log.error("The configuration failed a request", extra={"fields": {"error": str(error)}})
        return _response(
            problem_document(503, "wrong_configuration", "The server is set up wrongly", detail=str(error))
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 405:
            return _other_method(request)
        code = {
            400: "broken_body",
            401: "not_signed_in",
            404: "no_such_route",
            413: "body_too_large",
        }.get(error.status_code, "http_error")
        return _response(problem_document(error.status_code, code, str(error.detail)), error.headers)


def _other_method(request: Request) -> JSONResponse:
    """405 with every method of the address; Starlette names those of the first route alone."""
    method, allowed = request.scope["method"], methods_at(request)
    if not allowed:
        return problem_response(no_such_route())
    words = f"This address takes {', '.join(allowed)}, and not {method}"
    document = problem_document(405, "method_not_allowed", "Method not allowed", detail=words)
    return _response(document, {"Allow": ", ".join(allowed)})


def no_such_route() -> NotFound:
    return NotFound("no_such_route", "The API has no such route")


def methods_at(request: Request) -> list[str]:
    """The methods that the address takes; of the API's addresses without those of the web app, which answers to any.

    `/channels/kinds` is `/channels/{channel_id}`, too: the routes with the fewest parameters are meant.
    """
    path = request.scope["path"]
    matching = [
        route
        for route in request.app.routes
        if isinstance(route, Route) and route.path_regex.match(path)
        if not (path.startswith("/api/") and route.path == ANY_PATH)
    ]
    fewest = min((len(route.param_convertors) for route in matching), default=0)
    found = {method for route in matching if len(route.param_convertors) == fewest for method in route.methods or ()}
    return sorted(found | ({"HEAD"} if "GET" in found and path != EVENTS else set()))


def _wrong_content_type(request: Request, error: RequestValidationError) -> dict[str, Any] | None:
    """The reason why a body was not read at all; FastAPI only says that fields are missing."""
    field = getattr(request.scope.get("route"), "body_field", None)
    is_about_body = any(found["loc"][0] == "body" for found in error.errors())
    if field is None or not is_about_body or request.headers.get("content-length", "0") == "0":
        return None
    expected: str = field.field_info.media_type
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    accepted = {"multipart/form-data", FORM} if expected == FORM else {expected}
    if given in accepted or (expected.endswith("json") and given.endswith("+json")):
        return None
    instead = f"Content-Type is {given[:100]}" if given else "the request has no Content-Type"
    return problem_document(415, "wrong_content_type", f"The body must be {expected}; {instead}")


def unexpected_problem() -> JSONResponse:
    """The response to an unexpected error; the log has its details under the request's ID."""
    title = "An internal error occurred; the server's log has the details under this request ID"
    return _response(problem_document(500, "internal_error", title))


def problem_response(problem: Problem) -> JSONResponse:
    return _response(problem.document(), problem.headers)


def _response(document: dict[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    if current := request_id.get():
        document["request_id"] = current
    return JSONResponse(document, status_code=document["status"], media_type=MEDIA_TYPE, headers=headers)


def _field_problems(found: Iterable[Any]) -> list[dict[str, Any]]:
    # The input itself is omitted: it may be a secret.
    return [{"loc": list(error["loc"]), "code": error["type"], "msg": _msg(error["msg"])} for error in found]


def _msg(words: str) -> str:
    return NO_FILE if "UploadFile" in words else words
