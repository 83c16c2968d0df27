"""Every code of a problem has words in the web app, in both languages, and none has words that nobody says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from daka.database import DatabaseState

ROOT = Path(__file__).parents[2]
BACKEND = ROOT / "backend" / "daka"
CATALOGUE = ROOT / "frontend" / "src" / "errors" / "words.ts"
NGINX = ROOT / "deploy" / "nginx.conf.template"
FIRST_ARGUMENT = {
    "Invalid",
    "Unauthenticated",
    "Forbidden",
    "NotFound",
    "Conflict",
    "TooLarge",
    "UriTooLong",
    "TooMany",
}
"""Calls whose first argument is a code; so is that of errors which are turned into problems later."""
TURNED_LATER = {"BadFile", "SignInFailed"}
RETURNED_BY = {"identity/passwords.py": "weakness", "delivery/templates.py": "problem_with"}
"""Functions that return a code and its reason."""
ELSEWHERE = {"broken_body", "no_such_route", "method_not_allowed", "body_too_large", "http_error"}
"""By the status of Starlette's own errors (problems.py)."""
OF_THE_WEB_APP = {"forbidden", "not_found", "conflict", "too_many_requests", "not_signed_in", "invalid_input"}
"""By the status where an answer has no words at all."""


def codes_in(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            wanted = node.args[1:2] if name == "problem_document" else node.args[:1]
            if name in FIRST_ARGUMENT | TURNED_LATER | {"problem_document"}:
                yield from strings_in(wanted)
        elif isinstance(node, ast.FunctionDef) and node.name == RETURNED_BY.get(str(file.relative_to(BACKEND))):
            for found in ast.walk(node):
                if isinstance(found, ast.Return) and isinstance(found.value, ast.Tuple):
                    yield from strings_in(found.value.elts[:1])


def strings_in(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        options = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
        for option in options:
            if isinstance(option, ast.Constant) and isinstance(option.value, str):
                yield option.value


def codes_of_the_server() -> set[str]:
    files = [file for file in BACKEND.rglob("*.py") if "demo" not in file.parts and "migrations" not in file.parts]
    of_nginx = set(re.findall(r'"code":"(\w+)"', NGINX.read_text()))
    return {code for file in files for code in codes_in(file)} | of_nginx | ELSEWHERE | set(DatabaseState)


def codes_with_words() -> set[str]:
    keys = set(re.findall(r'^  "?([\w.]+)"?: \[', CATALOGUE.read_text(), re.MULTILINE))
    return {key for key in keys if not key.startswith(("field.", "rule."))}


def test_every_code_of_a_problem_has_words() -> None:
    assert len(codes_of_the_server()) > 150
    assert sorted(codes_of_the_server() - codes_with_words()) == [], f"add these codes to {CATALOGUE}"


def test_no_words_are_left_of_codes_that_are_gone() -> None:
    assert sorted(codes_with_words() - codes_of_the_server() - OF_THE_WEB_APP) == []
