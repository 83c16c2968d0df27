"""Every refusal that a form of ours can meet has words in both languages: pydantic's own are English."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from fastapi.routing import APIRoute, iter_route_contexts
from pydantic_core.core_schema import ErrorType

from conftest import test_settings as settings_with
from daka.app import create_app
from daka.delivery.channels.registry import KINDS as CHANNEL_KINDS
from daka.reminders.punches.registry import KINDS as PUNCH_KINDS
from daka.routing import with_late_routes

CATALOGUE = Path(__file__).parents[2] / "frontend" / "src" / "errors" / "words.ts"

BOUNDS = {
    "ge": "greater_than_equal",
    "gt": "greater_than",
    "le": "less_than_equal",
    "lt": "less_than",
    "multiple_of": "multiple_of",
}
LENGTHS = {"min_length": "too_short", "max_length": "too_long"}
TEXT = {
    "min_length": "string_too_short",
    "max_length": "string_too_long",
    "pattern": "string_pattern_mismatch",
}
DATED = {
    "date": "date_type date_parsing date_from_datetime_parsing date_from_datetime_inexact",
    "datetime": "datetime_type datetime_parsing datetime_from_date_parsing datetime_object_invalid",
    "time": "time_type time_parsing",
}

RAISED: dict[str, tuple[str, dict[str, str]]] = {
    "str": ("string_type string_unicode", TEXT),
    "int": ("int_type int_parsing int_from_float int_parsing_size", BOUNDS),
    "float": ("float_type float_parsing finite_number", BOUNDS),
    "bool": ("bool_type bool_parsing", {}),
    **{name: (types, {"tz_constraint": "timezone_aware"}) for name, types in DATED.items()},
    "list": ("list_type", LENGTHS),
    "tuple": ("tuple_type missing", LENGTHS),
    "set": ("set_type", LENGTHS),
    "frozenset": ("frozen_set_type", LENGTHS),
    "dict": ("dict_type", LENGTHS),
    "enum": ("enum", {}),
    "literal": ("literal_error", {}),
    "model": ("model_type model_attributes_type", {}),
    "model-fields": ("model_attributes_type missing extra_forbidden", {}),
    "dataclass": ("dataclass_type", {}),
    "dataclass-args": ("missing unexpected_keyword_argument", {}),
    "tagged-union": ("union_tag_invalid union_tag_not_found", {}),
    "function-after": ("value_error", {}),
    "function-before": ("value_error", {}),
    "function-wrap": ("value_error", {}),
    "function-plain": ("value_error", {}),
    "is-instance": ("is_instance_of", {}),
    "custom-error": ("", {}),
    **dict.fromkeys(
        ("any", "nullable", "default", "definitions", "definition-ref", "union", "chain", "json-or-python"), ("", {})
    ),
    **dict.fromkeys(("lax-or-strict", "model-field", "dataclass-field"), ("", {})),
}
"""What each part of a schema may complain of, and what it may with which of its limits."""


def parts_of(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and everything in it. What only writes answers takes no part."""
    if isinstance(schema, dict):
        is_function = schema.get("type") in ("no-info", "with-info")  # how a validator is called, not what it takes
        if isinstance(schema.get("type"), str) and not is_function:
            yield schema
        for name, value in schema.items():
            if name not in ("serialization", "metadata", "cls", "default", "ref"):
                yield from parts_of(value)
    elif isinstance(schema, list | tuple):
        for each in schema:
            yield from parts_of(each)


def parameters_of(dependant: Any) -> Iterator[Any]:
    for place in ("path_params", "query_params", "header_params", "cookie_params"):
        yield from getattr(dependant, place)
    for inner in dependant.dependencies:
        yield from parameters_of(inner)


def schemas() -> Iterator[Any]:
    """Of the bodies and parameters of every operation, and of the settings of every kind."""
    app = create_app(settings_with(), with_worker=False)
    for route in iter_route_contexts(with_late_routes(app.routes)):
        if isinstance(route.original_route, APIRoute):
            body = [route.body_field] if route.body_field else []
            for field in [*parameters_of(route.dependant), *body]:
                yield field._type_adapter.core_schema
    for kind in (*CHANNEL_KINDS.values(), *PUNCH_KINDS.values()):
        yield kind.config.__pydantic_core_schema__


def raised() -> set[str]:
    found: set[str] = set()
    for part in (part for schema in schemas() for part in parts_of(schema)):
        types, by_limit = RAISED[part["type"]]
        found |= {*types.split(), *(error for limit, error in by_limit.items() if part.get(limit) is not None)}
    return found


def test_what_is_said_to_be_raised_is_what_pydantic_raises() -> None:
    known = {name for types, by_limit in RAISED.values() for name in (*types.split(), *by_limit.values())}
    assert known <= set(get_args(ErrorType))


def test_every_refusal_has_words() -> None:
    said = set(re.findall(r'"field\.(\w+)": \[', CATALOGUE.read_text()))
    types = raised()
    assert len(types) > 20
    assert types - said == set()
