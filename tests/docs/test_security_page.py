"""Each promise of docs/security.md names tests that exist, and both languages name the same."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("security.md", "security.zh-CN.md")


@cache
def _tests_in(file: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(file.read_text()))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _promises(page: str) -> list[list[tuple[str, str]]]:
    """For each row of the tables of promises: (test, file) as the page names them."""
    text = (ROOT / "docs" / page).read_text()
    tables = re.findall(r"\| (?:held by|由哪些测试保证) \|\n\|---\|---\|\n((?:\|.*\|\n)+)", text)
    return [re.findall(r"\[`(\w+)`\]\(([^)]+)\)", row) for table in tables for row in table.splitlines()]


@pytest.mark.parametrize("page", PAGES)
def test_each_promise_names_tests_that_exist(page: str) -> None:
    promises = _promises(page)
    assert len(promises) > 30
    for named in promises:
        assert named, "a promise without a test"
        for test, file in named:
            assert test.startswith("test_"), test
            assert test in _tests_in((ROOT / "docs" / file).resolve()), f"{file} has no {test}"


def test_both_languages_promise_the_same() -> None:
    english, chinese = map(_promises, PAGES)
    assert english == chinese
