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


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_documents(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs/settings.md").read_text()


def test_no_document_names_a_setting_that_there_is_not() -> None:
    named = set(
        re.findall(
            r"`([A-Z][A-Z_]+)`",
            "\n".join(re.findall(r"^\| (`[^|]+)\|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)),
        )
    )
    assert named <= set(SETTINGS)


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


def test_the_readme_shows_the_two_commands() -> None:
    for page in ("README.md", "README.zh-CN.md"):
        text = (ROOT / page).read_text()
        assert "make demo" in text
        assert "make test" in text
