"""Paths into JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.reminders.punches.paths import LONGEST_PATH, MISSING, MOST_STEPS, Path, filled_path, found_at, parsed_path


def written_path(path: tuple[str | int, ...]) -> str:
    """The path as text that `parsed_path` reads as the same steps."""
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else '["' + step.replace("\\", "\\\\").replace('"', '\\"') + '"]'
        for step in path
    )


DOCUMENT = {"data": {"people": [{"name": "bob", "in": None}, {"name": "eve"}], "a.b": 1, "": "nameless"}, "7": "seven"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", DOCUMENT),
        ("$", DOCUMENT),
        ("$.data.people[0].name", "bob"),
        ("data.people.1.name", "eve"),
        ("data.people[-1]['name']", "eve"),
        ('data["a.b"]', 1),
        ("data['']", "nameless"),
        ("7", "seven"),
        ("data.people[0].in", None),
        ("data.people[2]", MISSING),
        ("data.people.name", MISSING),
        ("data.a.b", MISSING),
        ("data.people[0].name.first", MISSING),
    ],
)
def test_a_path_names_one_place(text: str, found: Any) -> None:
    assert found_at(DOCUMENT, parsed_path(text)) == found


@pytest.mark.parametrize(
    "text",
    ["a..b", "a.", "[", "[x]", "a[", "a['b]", "a b", "a]b", "['a'b]", "a[1]b", "." * 5, "a" * (LONGEST_PATH + 1)],
)
def test_what_is_not_a_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        parsed_path(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=20,
)
STEPS = st.lists(st.text(max_size=10) | st.integers(-99999, 99999), max_size=6).map(tuple)


@given(STEPS)
def test_a_written_path_is_read_as_the_same_steps(path: Path) -> None:
    assert parsed_path(written_path(path)) == path


@given(JSON, st.text(max_size=40))
def test_no_text_makes_looking_fail(document: Any, text: str) -> None:
    try:
        path = parsed_path(text)
    except ValueError:
        return
    assert len(path) <= MOST_STEPS
    found_at(document, path)


@given(JSON, st.data())
def test_every_place_in_a_document_is_found(document: Any, data: st.DataObject) -> None:
    here, path = document, []
    while isinstance(here, dict | list) and here:
        step = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        path.append(step)
        here = here[step]
    assert found_at(document, parsed_path(written_path(tuple(path)))) == here


@given(st.text(max_size=20))
def test_a_value_in_a_placeholder_adds_no_steps(value: str) -> None:
    path = filled_path(parsed_path("data.{username}.in"), {"username": value})
    assert path == ("data", value, "in")
