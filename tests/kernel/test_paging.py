"""Cursors: what was given out comes back, and nothing else is taken."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.errors import Invalid
from daka.paging import cursor_of, cut, key_of

ROW_IDS = st.integers(0, 2**31 - 1)


@given(st.text(max_size=30), ROW_IDS)
def test_a_cursor_that_was_given_out_comes_back_as_its_key(text: str, row_id: int) -> None:
    assert key_of(cursor_of(text, row_id), str, int) == [text, row_id]


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_invented_cursor_does_more_than_be_refused(text: str) -> None:
    try:
        key = key_of(text, str, int)
    except Invalid:
        return
    assert key is not None
    assert [type(part) for part in key] == [str, int]


@pytest.mark.parametrize(
    "key",
    [[], [1, 2], ["1"], [None], [True], [1.5], {"id": 1}, 7, [-1], [2**31], [2**63], [10**400]],
    ids=lambda key: str(key)[:20],
)
def test_a_key_that_fits_no_row_is_refused(key: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
    with pytest.raises(Invalid):
        key_of(cursor, int)


def test_without_a_cursor_a_list_starts_at_its_beginning() -> None:
    assert key_of(None, int) is None


@given(st.lists(st.integers(), max_size=20), st.integers(1, 20))
def test_pages_cut_a_list_without_losing_or_repeating_a_row(rows: list[int], limit: int) -> None:
    seen: list[int] = []
    rest = rows
    while True:
        kept, last = cut(rest[: limit + 1], limit)
        seen += kept
        rest = rest[limit:]
        if last is None:
            break
        assert last == kept[-1]
    assert seen == rows
