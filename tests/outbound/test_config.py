"""Settings as people paste them."""

from typing import Any

import pytest
from pydantic import SecretStr

from daka.delivery.channels.kind import ChannelKind
from daka.delivery.channels.registry import KINDS
from daka.outbound.config import Config, visible
from daka.reminders.punches.registry import KINDS as SOURCE_KINDS

INVISIBLE = ["\u200b", "\ufeff", "\u00a0", "\u2060", "\u00ad", "\u200e", "\u202f", "\u3000", "\u200d"]


@pytest.mark.parametrize("invisible", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.is_choosable], ids=lambda kind: kind.name)
def test_what_copying_adds_is_not_saved_in_keys_and_addresses(kind: ChannelKind[Any], invisible: str) -> None:
    clean = kind.parsed(kind.example)
    for name in kind.config.secret_fields() & kind.example.keys():
        pasted = f"{invisible}{kind.example[name]}{invisible}"
        assert kind.parsed({**kind.example, name: pasted}) == clean


def test_a_character_inside_a_token_is_removed_and_an_address_is_cleaned() -> None:
    telegram = KINDS["telegram"].parsed({"bot_token": "123456:AB\u200bC0000", "chat_id": "\ufeff42\u00a0"})
    assert (telegram.bot_token.get_secret_value(), telegram.chat_id) == ("123456:ABC0000", "42")
    gotify = KINDS["gotify"].parsed({"app_token": "Atoken\u200b", "server": "\u200bhttps://nas.example.org\u00a0"})
    assert (gotify.app_token.get_secret_value(), gotify.server) == ("Atoken", "https://nas.example.org")


def test_a_punch_source_is_cleaned_too() -> None:
    url = "\ufeffhttps://hr.example/{username}\u200b"
    values = {"url": url, "value_path": "data.{kind}", "clock_in_word": "i\u200bn"}
    config: Any = SOURCE_KINDS["json_url"].config.model_validate(values)
    assert config.clock_in_word == "i\u200bn", "values of other systems are compared exactly"
    assert config.url.get_secret_value() == "https://hr.example/{username}"


def test_an_emoji_in_a_keyword_stays_whole() -> None:
    class Words(Config):
        keyword: str
        key: SecretStr

    found = Words.model_validate({"keyword": "👩\u200d💻打卡\u200b", "key": "a\u200db"})
    assert (found.keyword, found.key.get_secret_value()) == ("👩\u200d💻打卡", "ab")
    assert visible("plain") == "plain"
