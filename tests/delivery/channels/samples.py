"""Settings for any kind, made from its schema and example, so that a test over all kinds needs no list of them."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from daka.delivery.channels.registry import KINDS


@cache
def properties(kind: str) -> Mapping[str, Any]:
    """The kind's settings as its form shows them, with the values of choices inlined. To be read only."""
    schema = KINDS[kind].config.model_json_schema()
    found = schema.get("properties", {})
    for field in found.values():
        for part in (field, *field.get("anyOf", ()), *field.get("allOf", ())):
            field.update(schema["$defs"][part["$ref"].split("/")[-1]] if "$ref" in part else {})
    return MappingProxyType(found)


def full_settings(kind: str) -> dict[str, Any]:
    """A value for every setting: from the kind's example, its default, the field's example."""
    values = {}
    for name, field in properties(kind).items():
        values[name] = KINDS[kind].example.get(name, field.get("default"))
        if values[name] is None:
            values[name] = field.get("examples", ["0000"])[0]
    return values


def another_value(kind: str, name: str) -> Any:
    """A value for one setting that differs from the one in `full_settings` and is as valid."""
    value, field = full_settings(kind)[name], properties(kind)[name]
    if "enum" in field:
        return next(other for other in field["enum"] if other != value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value - 1 if value > 1 else value + 1
    # The last letter or digit before a possible ellipsis or padding changes.
    return re.sub(r"([A-Za-z0-9])([^A-Za-z0-9]*)$", lambda last: ("2" if last[1] == "1" else "1") + last[2], value)
