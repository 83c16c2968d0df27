"""No value in any field of any operation is an unexpected error, on either database.

The operations, their fields and what each takes come from the API's own description; a valid request comes from the permission
table. One field at a time gets what breaks servers: NUL (PostgreSQL stores none), halves of characters, the first and the last
day of all calendars, numbers that no column holds.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import httpx
import pytest

from conftest import Workplace
from security.permissions import BODIES, FORMS, QUERIES
from security.stage import nothing_is_kept, set_stage
from security.test_permissions import ENDLESS, KEPT, LINES, NOT_THINGS, filled, shape

RAW = "written as it is: "
"""Begins a string that stands in the body without quotes: JSON that Python does not write."""
TEXTS = ["\x00", "a\x00b", "\ud800", "﷽" * 300]
DATES = ["0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31", "0000-00-00", "2026-02-30", "-0001-01-01"]
MOMENTS = [
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-12:00",
    "9999-12-31", RAW + "1e999", RAW + "1e18", RAW + "-1e18", RAW + "NaN", "99999999999999999999",
]  # fmt: skip
MONTHS = ["0001-01", "9999-12", "0000-01", "2026-13", "2026-1\x00"]
NUMBERS = [0, -1, 2**31, 2**63, 10**30, 10**400, RAW + "1e999", RAW + "NaN", RAW + "1e30"]
OBJECTS: list[Any] = [
    {"\x00": "\x00"}, {"\ud800": 1}, {"2026-11-23": RAW + "1e999"}, {"0001-01-01": {"kind": "holiday"}},
    {"9999-12-31": {"kind": "holiday", "name": "\x00"}}, json.loads('{"a":' * 200 + "1" + "}" * 200), {str(10**30): 10**30},
]  # fmt: skip
CURSORS = [
    base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
    for key in (
        [-1], [2**31], [2**63], [10**30], [True], [1.5], ["\x00"], ["a\x00", 1], ["\ud800", 1], ["0001-01-01", 1],
        ["9999-12-31", 1], ["0001-01-01T00:00:00+14:00", 1], ["9999-12-31T23:59:59-14:00", 1], ["2026-11-23", 2**63], [[]], {},
    )
] + ["\x00", "=", "W10", "////", "bnVsbA", "W05hTl0", "WzFlOTk5XQ"]  # fmt: skip
FILES = [
    b"\x00", "姓名,日期,班次\n\x00,2026-11-23,\x00\n".encode(), "姓名,日期,班次\nBob,0001-01-01,早\n".encode(),
    "姓名,日期,班次\nBob,9999-12-31,早\n".encode(), b'{"9999":{"12":{"31":"A\\u0000"}}}', b'{"1":{"1":{"1":"\\ud800"}}}',
    b'{"2026":{"7":{"25":1e999}}}', b'{"2026":{"7":{"25":NaN}}}', b"name,username,mobile\na\x00,b\x00,1\x00\n",
    "姓名,用户名,手机\n\u202e,x,1e999\n".encode(), b"\xff\xfe\x00\xd8", b"\xed\xa0\x80", b'"' * 1000,
]  # fmt: skip
PATHS = [
    "/%00", "/a%00b", "/%ff", "/%ED%A0%80", "/api/%00", "/api/v1/%00", "/assets/%00", "/a/%00", "/ical/%00.ics", "/ical/%ff.ics",
    "/api/v1/users/%00", "/api/v1/calendar/9999999999999999999999", "/" + "a" * 300, "/" + "a/" * 1500, "/..%2f..%2fetc/passwd",
    "/api/v1/backups/%00/file", "/%C0%AE%C0%AE/", "/\\", "/%5c..%5c", "//", "/?%00=%00", "/api/v1/users?q=%ff&limit=%00",
]  # fmt: skip


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _values(schema: dict[str, Any], components: dict[str, Any], name: str) -> list[Any]:
    """What may break a field with this schema."""
    schema = _resolved(schema, components)
    found: list[Any] = []
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        found += [value for value in _values(part, components, name) if value not in found]
    match schema.get("type"):
        case "string" if name == "cursor":
            found += CURSORS
        case "string" if schema.get("format") == "date":
            found += DATES
        case "string" if schema.get("format") == "date-time":
            found += MOMENTS
        case "string":
            found += TEXTS + (MONTHS if "month" in name else [])
        case "integer" | "number":
            found += NUMBERS
        case "array":
            items = _values(schema.get("items", {}), components, name)
            found += [[], *[[value] for value in items if not isinstance(value, list)][:12]]
        case "object" if "properties" not in schema:
            found += OBJECTS
        case None if not found:
            found += OBJECTS + TEXTS + NUMBERS
    return found


def _fields(
    schema: dict[str, Any], components: dict[str, Any], depth: int = 0
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """(path, hostile value) for each field of a body, also inside lists and objects."""
    schema = _resolved(schema, components)
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _fields(part, components, depth)
    for name, field in schema.get("properties", {}).items():
        for value in _values(field, components, name):
            yield (name,), value
        if depth < 3:
            for path, value in _fields(field, components, depth + 1):
                yield (name, *path), value
    if schema.get("type") == "array" and depth < 3:
        for path, value in _fields(schema["items"], components, depth + 1):
            yield (0, *path), value


def _with(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The body with one field replaced; what is missing on the way is made."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        inner = body[0] if isinstance(body, list) and body else None
        return [_with(inner, rest, value)]
    kept = body if isinstance(body, dict) else {}
    return {**kept, step: _with(kept.get(step), rest, value)}


def _json(body: Any) -> bytes:
    return re.sub(rf'"{RAW}([^"]*)"', r"\1", json.dumps(body)).encode()


def _text(value: Any) -> str:
    return value.removeprefix(RAW) if isinstance(value, str) else str(value)


def _requests(description: dict[str, Any], things: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation with one hostile value each: its key in the permission table, method and arguments of the request."""
    components = description["components"]["schemas"]
    described = {
        (method.upper(), shape(path)): operation
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    }
    asked = set()
    for method, path, *_ in LINES:
        key, operation = f"{method} {path}", described.get((method, shape(path)))
        if operation is None or path in ENDLESS or (method, shape(path)) in asked or path == "/api/health":
            continue
        asked.add((method, shape(path)))
        url = re.sub(r"\{(\w+)\}", lambda found: str(things[found[1]]), path)
        query = filled(QUERIES.get(key, {}), things)
        body = filled(BODIES.get(key), things)
        content = operation.get("requestBody", {}).get("content", {})
        base: dict[str, Any] = {"url": url, "params": query, "data": FORMS.get(key)}
        if body is not None:
            base |= {"content": _json(body), "headers": {"Content-Type": "application/json"}}
        for parameter in operation.get("parameters", ()):
            values = _values(parameter["schema"], components, parameter["name"])
            for value in values:
                if parameter["in"] == "query":
                    text = _text(value[0] if isinstance(value, list) and value else value)
                    raw = text.encode(errors="surrogatepass")
                    yield key, method, base | {"params": {**query, parameter["name"]: raw}}
        for value in (*NUMBERS[:6], *DATES[:4], "%00", "a%00", "%ff", "%ED%A0%80", "0001-01", "9999-12"):
            for place in {*re.findall(r"\{(\w+)\}", path)}:
                named = {**things, place: value}
                hostile = re.sub(r"\{(\w+)\}", lambda found: str(named[found[1]]), path)  # noqa: B023
                yield key, method, base | {"url": hostile}
        if media := content.get("application/json"):
            for where, value in _fields(media["schema"], components):
                hostile_body = _json(_with(body, where, value))
                yield key, method, base | {"content": hostile_body, "headers": {"Content-Type": "application/json"}}
            for value in (*OBJECTS[:3], [], None, "\x00", *NUMBERS[-3:]):
                yield key, method, base | {"content": _json(value), "headers": {"Content-Type": "application/json"}}
        if "multipart/form-data" in content:
            for file in FILES:
                for ending in ("json",) if file[:1] == b"{" else ("csv", "a\x00b"):
                    yield key, method, base | {"files": {"file": (f"f.{ending}", file)}, "data": None}
        if form := content.get("application/x-www-form-urlencoded"):
            for (name, *_), value in _fields(form["schema"], components):
                text = _text(value).encode(errors="surrogatepass")
                yield key, method, base | {"data": {**FORMS.get(key, {}), name: text}}


_refused: set[int] = set()
"""Requests that the description alone refuses, by number: no database sees their values, so only the first kind is asked."""


async def test_no_value_in_any_field_is_an_unexpected_error(
    workplace: Workplace, refused_connections: list[str]
) -> None:
    scene = await set_stage(workplace)
    things, root = {**scene.things, **NOT_THINGS}, scene.clients["root"]
    description = (await root.get("/api/openapi.json")).json()
    failed: dict[str, list[str]] = {}
    count = 0
    for count, (key, method, asked) in enumerate(_requests(description, things), 1):
        if count in _refused:
            continue
        forgetting = nullcontext() if key in KEPT else nothing_is_kept(workplace.database)
        async with forgetting:
            answer = await root.request(method, **{name: value for name, value in asked.items() if value is not None})
        if answer.status_code == 422 and answer.json()["code"] == "invalid_input":
            _refused.add(count)
        if answer.status_code >= 500:
            failed.setdefault(key, []).append(f"{asked} → {answer.status_code} {answer.text[:200]}")
    assert count > 2_000, "the description gives the operations"
    assert failed == {}, "\n".join(f"{key}: {len(found)}, such as {found[0][:600]}" for key, found in failed.items())
    refused_connections.clear()


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_is_an_unexpected_error(workplace: Workplace, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "DELETE"):
        asked = httpx.Request(method, httpx.URL(f"http://daka.test{path}"))
        answer = await workplace.root.http.send(asked)
        assert answer.status_code < 500, f"{method} {path}: {answer.text}"
