"""The page at /api/docs: every route with its fields and responses, generated from the OpenAPI description, without a script.

It needs no network and complies with the content security policy: one style with a nonce, nothing else.
"""

import json
import secrets
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

METHODS = ("get", "post", "put", "patch", "delete")


def serve_reference(app: FastAPI) -> None:
    @app.get("/api/docs", include_in_schema=False)
    async def read_reference() -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
        return HTMLResponse(reference_page(app.openapi(), nonce=nonce), headers={"Content-Security-Policy": policy})


def reference_page(openapi: dict[str, Any], *, nonce: str) -> str:
    """The whole description as one HTML page."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in openapi["paths"].items():
        for method in METHODS:
            if operation := operations.get(method):
                tag = operation.get("tags", ["other"])[0]
                by_tag.setdefault(tag, []).append(_operation(openapi, method, path, operation))
    contents = "".join(f'<li><a href="#{escape(tag)}">{escape(tag)}</a></li>' for tag in by_tag)
    sections = "".join(
        f'<section id="{escape(tag)}"><h2>{escape(tag)}</h2>{"".join(found)}</section>' for tag, found in by_tag.items()
    )
    title = f"{openapi['info']['title']} API {openapi['info']['version']}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(title)}</title><style nonce="{nonce}">{_STYLE}</style></head><body><header><h1>{escape(title)}</h1>'
        "<p>Sign in with <code>POST /api/v1/auth/token</code> and send <code>Authorization: Bearer …</code>. Errors are "
        "<code>application/problem+json</code> with a stable <code>code</code>. Machine-readable: "
        f'<a href="/api/openapi.json">openapi.json</a></p></header><nav aria-label="Contents"><ul>{contents}</ul></nav>'
        f"<main>{sections}</main></body></html>"
    )


def _operation(openapi: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    rows = [
        (found["name"], found["in"], _kind(found["schema"]), found.get("required", False), found.get("description", ""))
        for found in operation.get("parameters", [])
    ]
    for media, body in operation.get("requestBody", {}).get("content", {}).items():
        schema = _resolved(openapi, body.get("schema", {}))
        rows += [
            (name, media, _kind(field), name in schema.get("required", []), field.get("description", ""))
            for name, field in schema.get("properties", {}).items()
        ]
        if example := schema.get("example"):
            rows.append(("example", media, json.dumps(example, ensure_ascii=False), False, ""))
    table = "".join(
        f"<tr><th scope=row>{escape(name)}{' *' if required else ''}</th><td>{escape(place)}</td>"
        f"<td><code>{escape(kind)}</code></td><td>{escape(about)}</td></tr>"
        for name, place, kind, required, about in rows
    )
    fields = f"<table><thead><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>{table}</tbody></table>"
    answers = "".join(
        f"<li><strong>{escape(status)}</strong> {escape(_answer(openapi, answer))}</li>"
        for status, answer in operation.get("responses", {}).items()
    )
    return (
        f'<details id="{escape(operation["operationId"])}"><summary><b class="{method}">{method.upper()}</b> '
        f"<code>{escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p>{fields if rows else ''}<ul>{answers}</ul></details>"
    )


def _resolved(openapi: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for part in schema.get("anyOf", []):
        if "$ref" in part:
            schema = part
    name = schema.get("$ref", "").rpartition("/")[2]
    return openapi["components"]["schemas"].get(name, schema) if name else schema


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " · ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _answer(openapi: dict[str, Any], answer: dict[str, Any]) -> str:
    names = [_kind(body.get("schema", {})) for body in answer.get("content", {}).values() if "schema" in body]
    shown = [name for name in names if name not in ("ProblemDocument", "any")]
    fields = [", ".join(_resolved(openapi, {"$ref": name}).get("properties", {})) for name in shown]
    return " ".join([answer.get("description", ""), *shown, *(f"{{{names}}}" for names in fields if names)])


_STYLE = """
:root{color-scheme:light dark;--line:light-dark(#d9d2c4,#34373f);--act:light-dark(#a8321b,#ef6a4c)}
body{margin:0 auto;max-width:70rem;padding:1.5rem;font:1rem/1.5 system-ui,sans-serif}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none}a{color:var(--act)}
details{border-top:1px solid var(--line);padding:.5rem 0}summary{cursor:pointer}b{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}
"""
