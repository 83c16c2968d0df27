"""The description of the API in OpenAPI 3.1, as clients are generated from it."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from daka.problems import ProblemDocument, problems
from daka.routing import with_late_routes

TAGS = {
    "setup": "The first administrator, once",
    "auth": "Signing in and out, passwords and second factors",
    "me": "Your own account, sessions, tokens and connections",
    "users": "People and their accounts",
    "teams": "Teams with their time zone and reminder policy",
    "audit": "Who changed what",
    "backups": "Backups of the database",
    "doctor": "Checks of the installation",
    "privacy": "Copies and erasure of a person's data",
    "shifts": "Shifts with their punch times",
    "roster": "Who works which shift on which date",
    "leaves": "Leave",
    "swaps": "Requests to swap shifts",
    "open shifts": "Shifts that the people of a team may take",
    "wishes": "What people would like for days that a planner asks about",
    "calendar": "Holidays and make-up workdays",
    "ical": "Calendar feeds",
    "reminders": "Reminders and what people answer",
    "punches": "Punches that people report",
    "chats": "Answers that people give in chats",
    "links": "The page behind the link of a message",
    "punch sources": "Attendance systems that punches are read from",
    "channels": "Where messages are sent",
    "deliveries": "The log of messages",
    "inbox": "Messages within the web app",
    "templates": "Wording of messages",
    "health": "Health and metrics of the server",
    "today": "What is due today, at a glance",
    "scheduler": "Pausing and resuming all reminders",
    "events": "Changes as they happen",
}
DESCRIPTION = (
    "Reminds people to clock in and out. Send `Authorization: Bearer …` with a token from `POST /api/v1/auth/token` or a "
    "personal token. Errors are `application/problem+json` with a stable `code`."
)


def describe(app: FastAPI) -> None:
    """Complete the description that FastAPI generates: errors as they are sent, files as clients understand them."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    description=DESCRIPTION,
                    contact={"name": "Daka"},
                    license_info={"name": "MIT", "identifier": "MIT"},
                    servers=[{"url": "/", "description": "The server that this description comes from"}],
                    tags=[{"name": name, "description": description} for name, description in TAGS.items()],
                    routes=with_late_routes(app.routes),
                )
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(description: dict[str, Any]) -> dict[str, Any]:
    schemas = description["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemDocument"] = problem
    for field in (field for schema in schemas.values() for field in schema.get("properties", {}).values()):
        if field.pop("contentMediaType", None):  # an upload, which generators know by the format of OpenAPI 3.0 only
            field["format"] = "binary"
    for operation in _operations(description):
        _describe_shared_answers(operation)
        operation.setdefault("security", [])
    return description


def _operations(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in description["paths"].values():
        yield from operations.values()


def _describe_shared_answers(operation: dict[str, Any]) -> None:
    """Add the errors that follow from an operation itself: being busy, signing in, its input, parsing its body."""
    shared = [414, 503]
    if "security" in operation:
        shared.append(401)
    if "requestBody" in operation:
        shared += [400, 413, 415]
    if operation["responses"].pop("422", None):  # FastAPI describes another format
        shared.append(422)
    for status, answer in problems(*shared).items():
        operation["responses"].setdefault(str(status), answer)


def file_answer(*media_types: str, description: str = "The file") -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route that sends a file of one of these types: text as a string, everything else as bytes.

    Generators that do not know a type of bytes know `application/octet-stream`, so it is always named too.
    """
    if all(media_type.startswith("text/") for media_type in media_types):
        content = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    else:
        binary = {"schema": {"type": "string", "format": "binary"}}
        content = dict.fromkeys(("application/octet-stream", *media_types), binary)
    return {200: {"description": description, "content": content}}


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_response(body: bytes, media_type: str, name: str) -> Response:
    """A file to be saved under this name."""
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
