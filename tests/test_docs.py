"""The documents name what there is: every setting, every make target, every command."""

import json
import re
from pathlib import Path

import pytest

from daka.cli import _parser
from daka.settings import Settings

ROOT = Path(__file__).parents[1]
SETTINGS = sorted(name.upper() for name in Settings.model_fields)


def commands() -> list[str]:
    actions = [action for action in _parser()._actions if action.dest != "help" and getattr(action, "choices", None)]
    return sorted(name for action in actions for name in action.choices)


@pytest.mark.parametrize("page", ["settings.md", "settings.zh-CN.md"])
def test_the_settings_in_the_documents_are_those_of_the_program(page: str) -> None:
    rows = re.findall(r"^\| (`[^|]+)\|", (ROOT / "docs" / page).read_text(), re.MULTILINE)
    assert set(re.findall(r"`([A-Z][A-Z_]+)`", "\n".join(rows))) == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_example_to_copy(name: str) -> None:
    assert re.search(rf"^#?{name}=", (ROOT / "deploy/.env.example").read_text(), re.MULTILINE)


def test_every_make_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    for target in phony[1].split():
        assert re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE), target


def documents() -> str:
    pages = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
    return "\n".join((ROOT / page).read_text() for page in pages)


def test_every_make_target_is_in_the_documents() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    text = documents()
    assert [target for target in phony[1].split() if f"make {target}" not in text] == []


def test_every_tag_of_the_api_is_in_the_documents() -> None:
    paths = json.loads((ROOT / "backend/openapi.json").read_text())["paths"]
    tags = {tag for methods in paths.values() for operation in methods.values() for tag in operation.get("tags", [])}
    text = (ROOT / "docs/api.md").read_text()
    assert sorted(tag for tag in tags if f"`{tag}`" not in text) == []


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_documents(command: str) -> None:
    text = "\n".join(path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
    assert f"daka {command}" in text


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
    ],
)
def test_every_link_between_documents_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert ((ROOT / page).parent / target).exists(), target


FOLDERS = ("", "backend", "backend/daka", "backend/daka/delivery", "frontend/src")
"""Where a path in a document may begin."""


@pytest.mark.parametrize(
    "page", ["CONTRIBUTING.md", "DECISIONS.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
)
def test_every_file_that_a_document_names_is_there(page: str) -> None:
    paths = re.findall(
        r"`((?:[\w.-]+/)+(?:[\w.-]+\.(?:py|tsx?|sh|ya?ml|toml|lock|json|md))?)`", (ROOT / page).read_text()
    )
    assert [path for path in paths if not any((ROOT / folder / path).exists() for folder in FOLDERS)] == []


ENGLISH_ONLY = {"architecture.md", "performance.md"}
"""Pages for those who work on the code."""


def test_every_page_has_its_chinese_version_and_both_link_each_other() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    english = {page for page in pages if not page.endswith(".zh-CN.md")} - ENGLISH_ONLY
    for page in sorted(english):
        chinese = page.replace(".md", ".zh-CN.md")
        assert chinese in pages, f"docs/{page} has no Chinese version"
        assert f"({chinese})" in (ROOT / "docs" / page).read_text()
        assert f"({page})" in (ROOT / "docs" / chinese).read_text()


@pytest.mark.parametrize(("readme", "is_chinese"), [("README.md", False), ("README.zh-CN.md", True)])
def test_the_readme_leads_to_every_page(readme: str, is_chinese: bool) -> None:
    text = (ROOT / readme).read_text()
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    wanted = {page for page in pages if page.endswith(".zh-CN.md") == is_chinese}
    wanted |= ENGLISH_ONLY
    assert sorted(page for page in wanted if f"(docs/{page})" not in text) == []


def test_no_chinese_page_leads_to_an_english_one_that_has_a_chinese_version() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    for page in sorted(name for name in pages if name.endswith(".zh-CN.md")):
        for target in re.findall(r"\]\(([\w.-]+\.md)", (ROOT / "docs" / page).read_text()):
            own = target == page.replace(".zh-CN.md", ".md")
            assert own or target.endswith(".zh-CN.md") or target.replace(".md", ".zh-CN.md") not in pages, (
                page,
                target,
            )


def test_the_readme_shows_the_two_commands() -> None:
    for page in ("README.md", "README.zh-CN.md"):
        text = (ROOT / page).read_text()
        assert "make demo" in text
        assert "make test" in text


def test_the_decisions_are_numbered_one_by_one() -> None:
    numbers = [int(found) for found in re.findall(r"^### (\d+)\.", (ROOT / "DECISIONS.md").read_text(), re.MULTILINE)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


RECORD = ("Context", "Decision", "Alternatives", "Consequences", "Enforced by")


def test_each_decision_is_dated_and_says_why_what_else_and_what_holds_it() -> None:
    head = r"\d+\. .+\n\d{4}-\d\d-\d\d( · .+)?\n"
    parts = "".join(rf"- \*\*{part}:\*\* (?s:.+)\n" for part in RECORD)
    records = re.split(r"^###? ", (ROOT / "DECISIONS.md").read_text(), flags=re.MULTILINE)
    assert [record for record in records if re.match(r"\d", record) and not re.match(head + parts, record)] == []


def test_every_place_asks_for_the_same_node() -> None:
    """The documents, the check before a build, and npm's own."""
    wanted = json.loads((ROOT / "frontend/package.json").read_text())["engines"]["node"].removeprefix(">=")
    for page in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "Makefile"):
        assert set(re.findall(r"Node\.js (\d+\.\d+)", (ROOT / page).read_text())) == {wanted}, page
    major, minor = wanted.split(".")
    assert f"a < {major} || (a == {major} && b < {minor})" in (ROOT / "Makefile").read_text()
