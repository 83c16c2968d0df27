"""What holds for every kind: forms out of schemas, remedies with words, documentation that is complete."""

import inspect
import re
from pathlib import Path

import pytest

import daka.delivery.channels.registry as registry
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.remedies import HINTS, Remedy, remedy_text
from daka.reminders.punches.registry import KINDS as PUNCH_KINDS

ROOT = Path(__file__).parents[3]


def test_every_remedy_has_its_words_in_both_languages() -> None:
    assert set(HINTS) == set(Remedy) - {Remedy.NONE}
    assert all(words["zh"].strip() and words["en"].strip() for words in HINTS.values())
    assert remedy_text("") is None
    assert remedy_text("no such hint") is None


def test_every_remedy_is_given_by_somebody() -> None:
    folder = Path(inspect.getfile(registry)).parent.parent
    code = "".join(path.read_text() for path in folder.rglob("*.py") if path.name != "hints.py")
    assert [hint.name for hint in Remedy if hint is not Remedy.NONE and f"Remedy.{hint.name}" not in code] == []


@pytest.mark.parametrize("name", CHOOSABLE)
def test_a_form_can_be_made_of_the_schema(name: str) -> None:
    kind = KINDS[name]
    assert set(kind.labels) == {"zh", "en"}
    kind.parsed(kind.example)
    schema = kind.config.model_json_schema()
    for field, found in schema.get("properties", {}).items():
        assert set(found["titles"]) == {"zh", "en"}, field
        assert found["title"] == found["titles"]["zh"], field
        if "description" in found:
            assert found["descriptions"]["zh"] == found["description"], field
            assert found["descriptions"]["en"], field
        is_secret = "password" in str(found)
        assert is_secret == (field in kind.config.secret_fields()), field


FORMS = {
    **{name: KINDS[name].config for name in CHOOSABLE},
    **{f"punches {name}": kind.config for name, kind in PUNCH_KINDS.items()},
}


@pytest.mark.parametrize("name", FORMS)
def test_every_value_of_a_choice_is_called_something_in_both_languages(name: str) -> None:
    schema = FORMS[name].model_json_schema()
    for field, found in schema.get("properties", {}).items():
        parts = [found, *found.get("anyOf", ()), *found.get("allOf", ())]
        parts += [schema["$defs"][part["$ref"].split("/")[-1]] for part in parts if "$ref" in part]
        values = {str(value) for part in parts for value in part.get("enum", ())}
        assert set(found.get("choices", {})) == values, field
        for words in found.get("choices", {}).values():
            assert set(words) == {"zh", "en"}, field
            assert all(words.values()), field


@pytest.mark.parametrize("name", CHOOSABLE)
@pytest.mark.parametrize("language", ["channels.md", "channels.zh-CN.md"])
def test_each_kind_and_setting_is_documented(name: str, language: str) -> None:
    text = (ROOT / "docs" / language).read_text()
    heading = re.search(rf"^### .*[(（]`{name}`[)）]$", text, re.MULTILINE)
    assert heading, f"docs/{language} has no section for {name}"
    section = text[heading.end() :].split("\n### ")[0]
    for field in KINDS[name].config.model_fields:
        assert f"`{field}`" in section, field


def test_the_kinds_are_listed_in_one_order_everywhere() -> None:
    text = (ROOT / "docs" / "channels.md").read_text()
    assert re.findall(r"^### .*\(`(\w+)`\)$", text, re.MULTILINE) == list(CHOOSABLE)
