"""The two addresses of the environment, WORKING_URL and NO_WORK_URL: free addresses that get a DingTalk text body.

Their answers follow DingTalk's rules; an answer without `errcode` counts by its HTTP status.
"""

from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from daka.delivery.channels.dingtalk_robot import DingTalkRobot, dingtalk_verdict, text_body
from daka.delivery.channels.kind import (
    ChannelKind,
    Config,
    Rate,
    Verdict,
    json_bytes,
    json_object,
    plain_http_verdict,
    revealed,
)
from daka.delivery.http import HttpAnswer, HttpRequest
from daka.delivery.messages import Note
from daka.settings import Settings


class EnvironmentConfig(Config):
    url: SecretStr = Field(max_length=2048)


class EnvironmentWebhook(ChannelKind[EnvironmentConfig]):
    name: ClassVar[str] = "environment_webhook"
    labels: ClassVar[dict[str, str]] = {"zh": "环境变量里的地址", "en": "Address from the environment"}
    config: ClassVar[type[Config]] = EnvironmentConfig
    rate: ClassVar[Rate | None] = DingTalkRobot.rate

    def identity(self, config: EnvironmentConfig) -> str:
        return revealed(config.url)

    def target(self, config: EnvironmentConfig) -> str:
        return urlsplit(revealed(config.url)).hostname or ""

    def request(self, config: EnvironmentConfig, note: Note, settings: Settings) -> HttpRequest:
        # The operator set the address, so the guard for people's own addresses does not apply.
        return HttpRequest(
            url=revealed(config.url),
            body=json_bytes(text_body(note)),
            headers={"Content-Type": "application/json; charset=utf-8"},
            is_trusted=True,
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found = json_object(answer.text)
        if found is not None and "errcode" in found:
            return dingtalk_verdict(answer)
        return plain_http_verdict(answer)
