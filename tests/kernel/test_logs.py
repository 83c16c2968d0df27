"""Logs are JSON lines in which no secret survives."""

import json
import logging
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from daka.observability import JsonFormatter, configure_logging, redacted, request_id

CANARY = "c0ffee0123456789c0ffee"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "POST https://oapi.dingtalk.com/robot/send?access_token={}",
            "https://oapi.dingtalk.com/robot/send?access_token=***",
        ),
        ("…/send?access_token=abc&timestamp=17&sign={}%3D", "timestamp=17&sign=***"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={}", "send?key=***"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/{}", "/bot/v2/hook/***"),
        ("https://hooks.example.org/services/T0/B0/{}", "/services/***"),
        ("GET /a/{} 200", "GET /a/*** 200"),
        ("GET /ical/{}.ics", "GET /ical/***"),
        ("Authorization: Bearer {}", "Bearer ***"),
        ("token daka_{} was used", "token *** was used"),
        ("secret SEC{}", "secret ***"),
        ("signed with whsec_{}=", "signed with ***"),
        ("eyJhbGciOi.eyJzdWIiOi.{}", "***"),
        ("could not reach postgresql://daka:{}@db:5432/daka", "postgresql://daka:***@db:5432/daka"),
        ("password={}", "password=***"),
        ("API_TOKEN={}", "API_TOKEN=***"),
        ("SECRET_KEY={}", "SECRET_KEY=***"),
    ],
)
def test_what_looks_like_a_secret_is_replaced(text: str, left: str) -> None:
    found = redacted(text.format(CANARY))
    assert CANARY not in found
    assert left in found


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/roster 200",
        "Channel 7 is broken",
        "错误描述:关键词不匹配",
        "2026-11-23T08:45:00.000+00:00",
        "https://daka.example/api/v1/deliveries?limit=50",
        "postgresql://db:5432/daka",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redacted(text) == text


def formatted(record: logging.LogRecord) -> dict[str, object]:
    line = JsonFormatter().format(record)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


def record(message: str, *parts: object, **values: object) -> logging.LogRecord:
    made = logging.LogRecord("daka.test", logging.WARNING, __file__, 1, message, parts, None)
    vars(made).update(values)
    return made


def test_a_line_is_one_json_object_with_its_request_and_fields() -> None:
    token = request_id.set("abc123")
    try:
        found = formatted(record("Channel %s is broken", 7, fields={"channel_id": 7, "provider_code": "310000"}))
    finally:
        request_id.reset(token)
    assert (found["level"], found["logger"], found["message"]) == ("warning", "daka.test", "Channel 7 is broken")
    assert (found["request_id"], found["channel_id"], found["provider_code"]) == ("abc123", 7, "310000")
    assert datetime.fromisoformat(str(found["time"])).tzinfo is not None


def test_tracebacks_are_redacted_too() -> None:
    try:
        raise ValueError(f"no answer from https://robot.example/send?access_token={CANARY}")
    except ValueError as error:
        made = record("failed")
        made.exc_info = (type(error), error, error.__traceback__)
    line = JsonFormatter().format(made)
    assert CANARY not in line
    assert "ValueError" in line
    assert "Traceback" in json.loads(line)["exception"]


def test_fields_are_redacted_and_stay_json() -> None:
    line = JsonFormatter().format(
        record("told", fields={"url": f'https://x.example/?token={CANARY}"', "when": date(2026, 11, 23)})
    )
    assert CANARY not in line
    assert json.loads(line)["url"].startswith("https://x.example/?token=***")


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = kept[0], kept[1]


@pytest.mark.usefixtures("_logging_as_before")
@pytest.mark.parametrize("library", ["httpx", "httpcore", "aiohttp", "sqlalchemy.engine", "apscheduler", "aiosqlite"])
def test_libraries_that_print_whole_addresses_are_silent_at_info(library: str) -> None:
    configure_logging("DEBUG")
    assert logging.getLogger(f"{library}.anything").isEnabledFor(logging.INFO) is False
    assert logging.getLogger("daka").isEnabledFor(logging.DEBUG)


def test_what_is_logged_is_capped_before_anything_looks_at_it() -> None:
    found = formatted(
        record("%s\nthe end", "://a:" * 100_000, fields={"answer": "x" * 100_000, "parts": ["y" * 100_000], "n": 1})
    )
    assert len(str(found["message"])) < 20_000
    assert str(found["message"]).endswith("left out … the end")
    assert len(str(found["answer"])) < 20_000
    assert len(str(found["parts"])) < 20_000
    assert found["n"] == 1


def test_half_a_secret_does_not_survive_a_cut() -> None:
    line = "x" * 30_000
    for text in (f"{line}\n{'a' * 2_000} token={CANARY}", f"{line}://daka:{CANARY}@db\nlast line"):
        assert CANARY not in json.dumps(formatted(record("%s", text)))
