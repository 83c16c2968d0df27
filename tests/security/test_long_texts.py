"""No text in a field takes long, whatever it is: what Unicode and addresses cost grows with the square of their length."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import daka
from conftest import Workplace
from daka.delivery.channels.registry import KINDS as CHANNELS
from daka.mobile_numbers import bare_mobile
from daka.reminders.punches.registry import KINDS as SOURCES
from daka.roster.transfer.days import looks_like_day
from daka.roster.transfer.months import month_in
from daka.spreadsheets.sheet import text_of
from daka.widths import key
from security.permissions import BODIES
from security.stage import nothing_is_kept, set_stage
from security.test_permissions import NOT_THINGS, filled

LENGTH = 300_000
SECONDS = 0.5
TEXTS = {
    "combining characters": "a" + "\u0315" * (LENGTH // 4) + "\u0334" * (LENGTH // 4),
    "an address of combining characters": "https://a" + "\u0315" * (LENGTH // 4) + "\u0334" * (LENGTH // 4),
    "digits": "9" * LENGTH,
    "parentheses": "(" * LENGTH,
    "braces": "{" * LENGTH,
    "addresses": "://a:" * (LENGTH // 5),
    "ligatures": "\ufdfa" * (LENGTH // 3),
}


def with_text(value: Any, text: str) -> Iterator[Any]:
    """The value once for each of its texts, with that one replaced."""
    if isinstance(value, dict):
        for key, part in value.items():
            for changed in with_text(part, text):
                yield {**value, key: changed}
    elif isinstance(value, list):
        for at, part in enumerate(value):
            for changed in with_text(part, text):
                yield [*value[:at], changed, *value[at + 1 :]]
    elif isinstance(value, str):
        yield text


@pytest.mark.parametrize("name", TEXTS)
async def test_no_text_in_a_field_takes_long(workplace: Workplace, name: str, refused_connections: list[str]) -> None:
    scene = await set_stage(workplace)
    things = {**scene.things, **NOT_THINGS}
    slow = []
    async with nothing_is_kept(workplace.database):
        for key, body in BODIES.items():
            method, _, path = key.partition(" ")
            for changed in with_text(filled(body, things), TEXTS[name]):
                started = time.process_time()
                answer = await scene.clients["root"].request(method, path.format(**things), json=changed)
                took = time.process_time() - started
                assert answer.status_code < 500, answer.text
                if took > SECONDS:
                    slow.append(f"{key} {took:.2f} s")
    refused_connections.clear()
    assert slow == []


@pytest.mark.parametrize("read", [bare_mobile, text_of, key, month_in, looks_like_day], ids=lambda read: read.__name__)
@pytest.mark.parametrize("name", TEXTS)
def test_whatever_reads_words_of_others_is_quick(read: Callable[[str], object], name: str) -> None:
    started = time.thread_time()
    read(TEXTS[name])
    assert time.thread_time() - started < 0.05


@pytest.mark.parametrize("kind", [*CHANNELS.values(), *SOURCES.values()], ids=lambda kind: kind.name)
def test_no_setting_of_a_channel_or_source_takes_long(kind: Any) -> None:
    for field in kind.config.model_fields:
        for text in TEXTS.values():
            started = time.thread_time()
            with suppress(ValidationError):
                kind.config.model_validate({field: text})
            assert time.thread_time() - started < 0.1, field


def test_only_one_place_normalises_text() -> None:
    root = Path(daka.__file__).parent
    found = [file.name for file in root.rglob("*.py") if "unicodedata.normalize" in file.read_text()]
    assert found == ["widths.py"]
