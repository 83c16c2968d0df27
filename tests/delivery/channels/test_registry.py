"""What holds for every kind: forms out of schemas, remedies with words, documentation that is complete."""

import ast
import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from conftest import test_settings as settings_with
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.remedies import REMEDIES, remedy_text
from daka.outbound.http import moved, origins_of
from daka.outbound.requests import Vendor
from daka.reminders.punches.registry import KINDS as PUNCH_KINDS
from daka.reminders.punches.remedies import DOUBTS, HINTS
from daka.settings import Settings
from delivery.channels.conftest import line, note_to
from delivery.channels.samples import full_settings, properties

ROOT = Path(__file__).parents[3]
DELIVERY = ROOT / "backend" / "daka" / "delivery"
CHANNELS = sorted((DELIVERY / "channels").glob("*.py"))


def is_chinese(text: str) -> bool:
    return re.search("[\u4e00-\u9fff]", text) is not None


# --- remedies ---------------------------------------------------------------------------------------------------------


def test_every_remedy_has_its_words_in_both_languages() -> None:
    silent = [code for code, remedy in REMEDIES.items() if code and not (is_chinese(remedy.zh) and remedy.en.strip())]
    assert silent == [], f"these remedies lack their words in Chinese or in English: {silent}"
    assert remedy_text("settings") == {"zh": REMEDIES["settings"].zh, "en": REMEDIES["settings"].en}
    assert remedy_text("") is None
    assert remedy_text("no such remedy") is None


def test_remedies_call_the_provider_by_one_name() -> None:
    """对方 may be the provider, the colleague or the recipient; 服务商 is one of them."""
    words = [remedy.zh for remedy in REMEDIES.values()]
    words += [found["zh"] for table in (HINTS, DOUBTS) for found in table.values()]
    assert [found for found in words if "对方" in found] == []


def test_every_remedy_is_given_by_somebody() -> None:
    code = "".join(path.read_text() for path in DELIVERY.rglob("*.py"))
    declared = re.findall(r"^(\w+) = Remedy\(", code, re.MULTILINE)
    assert len(declared) == len(REMEDIES)
    unused = [name for name in declared if len(re.findall(rf"\b{name}\b", code)) < 2]
    assert unused == [], f"these remedies are declared, but in no table of codes: {unused}"


# --- vendors ----------------------------------------------------------------------------------------------------------

HTTP_KINDS = [name for name in CHOOSABLE if isinstance(KINDS[name], HttpKind)]
GATEWAY = "https://gateway.example:8443"


def request_of(name: str, settings: Settings) -> Any:
    kind = KINDS[name]
    request = kind.request(kind.parsed(full_settings(name)), note_to(line(dingtalk_userid="bob")))  # type: ignore[attr-defined]
    return moved(request, origins_of(settings))


@pytest.mark.parametrize("name", HTTP_KINDS)
def test_a_kind_talks_to_its_vendor_or_to_an_address_that_people_choose(name: str) -> None:
    vendor = KINDS[name].vendor
    assert (vendor is None) == KINDS[name].has_free_address, "declare `vendor`, or `has_free_address = True`; not both"
    request = request_of(name, settings_with())
    assert not request.is_trusted
    if vendor is not None:
        host = urlsplit(request.url).hostname or ""
        assert any(host == known or host.endswith(f".{known}") for known in vendor.hosts), host


@pytest.mark.parametrize("name", [name for name in HTTP_KINDS if KINDS[name].vendor])
def test_a_vendors_setting_moves_its_kind_to_another_origin_that_is_trusted(name: str) -> None:
    vendor = KINDS[name].vendor
    assert isinstance(vendor, Vendor)
    assert vendor.setting in Settings.model_fields, f"settings.py needs {vendor.setting}"
    request = request_of(name, settings_with(**{vendor.setting: GATEWAY}))
    assert request.url.startswith(f"{GATEWAY}/"), f"make the request with VENDOR.request: {request.url}"
    assert request.is_trusted


def test_each_setting_for_another_origin_belongs_to_a_vendor() -> None:
    known = {kind.vendor.setting for kind in KINDS.values() if kind.vendor} | {"vika_base_url"}
    found = {name for name in Settings.model_fields if name.endswith("_base_url")}
    assert found == known, f"settings.py and the vendors of the kinds differ in {found ^ known}"


# --- rules of a kind's own ---------------------------------------------------------------------------------------------

ODD = [
    "",
    " ",
    "x",
    "x y",
    "@",
    "https://",
    "https://evil.example/x",
    "whsec_!",
    "a\x01b",
    "9" * 3000,
    -(10**6),
    [],
    {},
]


def broken_settings(name: str) -> Iterator[dict[str, Any]]:
    values = full_settings(name)
    for field in properties(name):
        yield {other: value for other, value in values.items() if other != field}
        yield from ({**values, field: odd} for odd in ODD)
    required = {field for field, info in KINDS[name].config.model_fields.items() if info.is_required()}
    yield {field: values[field] for field in required}


@pytest.mark.parametrize("name", CHOOSABLE)
def test_a_rule_that_settings_break_is_explained_in_both_languages(name: str) -> None:
    for values in broken_settings(name):
        try:
            KINDS[name].parsed(values)
        except ValidationError as error:
            for found in error.errors():
                if found["type"] in ("value_error", "assertion_error"):
                    reason = found.get("ctx", {})
                    assert reason.get("zh"), (
                        f"{found['loc']}: no Chinese: {found['msg']}: use fields.rule or config.refusal"
                    )
                    assert reason.get("en"), (
                        f"{found['loc']}: no English: {found['msg']}: use fields.rule or config.refusal"
                    )


@pytest.mark.parametrize("file", CHANNELS, ids=lambda file: str(file.stem))
def test_a_kind_refuses_settings_with_words_in_both_languages_only(file: Path) -> None:
    """The test above may not know which values break a rule: so no rule is written in another way."""
    tree = ast.parse(file.read_text())
    validators = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any("validator" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    raised = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    assert [words for words in raised if re.match(r"raise (ValueError|AssertionError)", words)] == []
    assert [ast.unparse(node) for found in validators for node in ast.walk(found) if isinstance(node, ast.Assert)] == []
    if file.stem != "fields":
        assert "AfterValidator(" not in file.read_text(), "use fields.rule"
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if getattr(call.func, "id", "") in ("rule", "refusal"):
            words = {word.arg: ast.unparse(word.value) for word in call.keywords}
            assert words.get("zh") == "zh" or is_chinese(words.get("zh", "")), f"no Chinese: {ast.unparse(call)}"
            assert words.get("en", "''").strip("'\""), f"no English: {ast.unparse(call)}"


# --- forms and documents -----------------------------------------------------------------------------------------------


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
    assert heading, f"docs/{language} has no section for {name}; run: make docs"
    section = text[heading.end() :].split("\n### ")[0]
    for field in KINDS[name].config.model_fields:
        assert f"`{field}`" in section, field


def test_the_kinds_are_listed_in_one_order_everywhere() -> None:
    text = (ROOT / "docs" / "channels.md").read_text()
    assert re.findall(r"^### .*\(`(\w+)`\)$", text, re.MULTILINE) == list(CHOOSABLE)


def test_the_documents_have_what_the_code_has() -> None:
    spec = spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = module_from_spec(spec)
    spec.loader.exec_module(generate)
    for page, generated in generate.PAGES.items():
        text = (ROOT / page).read_text()
        assert generated(text) == text, f"{page} is not what the code says; run: make docs"
