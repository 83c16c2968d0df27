"""What generators of clients need from the description: a server, a scheme, tags, and files that are files."""

import json
from pathlib import Path
from typing import Any

from daka.openapi import TAGS

DESCRIPTION: dict[str, Any] = json.loads((Path(__file__).parents[2] / "backend" / "openapi.json").read_text())
OPERATIONS = [operation for path in DESCRIPTION["paths"].values() for operation in path.values()]


def test_a_generator_knows_where_the_server_is_and_how_to_sign_in() -> None:
    assert DESCRIPTION["servers"][0]["url"] == "/"
    assert list(DESCRIPTION["components"]["securitySchemes"]) == ["bearer"]
    assert all("security" in operation for operation in OPERATIONS)


def test_every_tag_is_described_and_used() -> None:
    assert {tag for operation in OPERATIONS for tag in operation["tags"]} == set(TAGS)


def test_uploads_are_files_in_every_version_of_openapi() -> None:
    forms = (found["requestBody"]["content"] for found in OPERATIONS if "requestBody" in found)
    uploads = [form["multipart/form-data"]["schema"] for form in forms if "multipart/form-data" in form]
    assert len(uploads) == 3
    for schema in uploads:
        body = DESCRIPTION["components"]["schemas"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
        assert body["properties"]["file"]["format"] == "binary"
    assert "contentMediaType" not in json.dumps(DESCRIPTION)


def test_every_success_says_what_it_sends() -> None:
    """A download without a schema becomes `void` or `unknown` in generated clients."""
    for operation in OPERATIONS:
        for status, answer in operation["responses"].items():
            if status.startswith("2") and status not in ("202", "204"):
                assert answer["content"], operation["operationId"]
                assert all(content["schema"] for content in answer["content"].values()), operation["operationId"]
