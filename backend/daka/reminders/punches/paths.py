"""Paths into JSON documents: `data.people[0].state`, `$['a.b'][-1]`, with placeholders such as `data.{work_date}.{kind}`. Pure.

A small subset of JSONPath (RFC 9535): member names, quoted names and indexes. A path names one place; it does not search.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

Step = str | int
Path = tuple[Step, ...]

LONGEST_PATH = 300
MOST_STEPS = 20


MISSING: Final = object()
"""Nothing is at that path. Not None: JSON has null."""

_STEP = re.compile(
    r"""\.?\[\s*(?P<index>-?\d{1,6})\s*\]
      | \.?\[\s*"(?P<double>(?:[^"\\]|\\["\\])*)"\s*\]
      | \.?\[\s*'(?P<single>(?:[^'\\]|\\['\\])*)'\s*\]
      | (?P<dot>\.?)(?P<name>[^.\[\]'"\s]+)""",
    re.VERBOSE,
)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def parsed_path(text: str) -> Path:
    """The steps of a path; the empty path and `$` are the document itself.

    Raises:
        ValueError: it is not a path.

    >>> parsed_path("data.people[0]['first name']")
    ('data', 'people', 0, 'first name')
    """
    if len(text) > LONGEST_PATH:
        raise ValueError(f"a path has at most {LONGEST_PATH} characters")
    text = text.strip()
    rest = text[1:] if text == "$" or text.startswith(("$.", "$[")) else text
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None or (found["name"] and not found["dot"] and at):
            raise ValueError(f"not a path at {rest[at : at + 12]!r}")
        if found["index"] is not None:
            steps.append(int(found["index"]))
        elif found["name"] is not None:
            steps.append(found["name"])
        else:
            quoted = found["double"] if found["double"] is not None else found["single"]
            steps.append(re.sub(r"\\(.)", r"\1", quoted))
        at = found.end()
    if len(steps) > MOST_STEPS:
        raise ValueError(f"a path has at most {MOST_STEPS} steps")
    return tuple(steps)


def found_at(document: Any, path: Path) -> Any:
    """What is at the end of the path, or `MISSING`. A name of digits also finds an element of a list."""
    here = document
    for step in path:
        if isinstance(here, list):
            index = _index(step)
            if index is None or not -len(here) <= index < len(here):
                return MISSING
            here = here[index]
        elif isinstance(here, dict):
            here = here.get(str(step), MISSING)
            if here is MISSING:
                return MISSING
        else:
            return MISSING
    return here


def _index(step: Step) -> int | None:
    if isinstance(step, int):
        return step
    return int(step) if re.fullmatch(r"[0-9]{1,6}", step) else None


def placeholders(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_PLACEHOLDER.findall(text))


def filled_path(path: Path, values: Mapping[str, str]) -> Path:
    """The path with its placeholders filled in, after parsing: a value cannot add steps."""
    return tuple(filled(step, values) if isinstance(step, str) else step for step in path)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the placeholders that have a value filled in."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
