"""The two addresses of the environment, WORKING_URL and NO_WORK_URL: free addresses that get a DingTalk text body.

Their answers follow DingTalk's rules; an answer without `errcode` counts by its HTTP status.
"""

from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from daka.delivery.channels.dingtalk_robot import CODES, VENDOR, DingTalkRobot, robot_of, text_body
from daka.delivery.channels.kind import HttpKind, Rate, hashed
from daka.delivery.channels.verdicts import CodeTable, Verdict, plain_http_verdict
from daka.delivery.messages import RenderedMessage
from daka.outbound.bodies import code_in, json_object
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, json_request


class EnvironmentConfig(Config):
    url: SecretStr = setting(title=("地址", "Address"), max_length=2048)


class EnvironmentWebhook(HttpKind[EnvironmentConfig]):
    name: ClassVar[str] = "environment_webhook"
    labels: ClassVar[dict[str, str]] = {"zh": "环境变量里的地址", "en": "Address from the environment"}
    example: ClassVar[dict[str, Any]] = {"url": "https://oapi.dingtalk.com/robot/send?access_token=0000"}
    rate: ClassVar[Rate | None] = DingTalkRobot.rate
    is_choosable: ClassVar[bool] = False
    codes: ClassVar[CodeTable] = CODES

    def rate_key(self, config: EnvironmentConfig) -> str:
        return revealed(config.url)

    def lane(self, config: EnvironmentConfig) -> str | None:
        """A DingTalk robot shares the lane with channels that people made for the same robot."""
        url = revealed(config.url)
        if urlsplit(url).hostname in VENDOR.hosts and "access_token" in dict(parse_qsl(urlsplit(url).query)):
            return hashed(DingTalkRobot.name, robot_of(url))
        return super().lane(config)

    def request(self, config: EnvironmentConfig, message: RenderedMessage) -> HttpRequest:
        # The operator set the address, so the guard for users' own addresses does not apply.
        return replace(json_request(revealed(config.url), text_body(message)), is_trusted=True)

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found = json_object(answer.text) or {}
        is_dingtalks = bool(code_in(found, "errcode")) or found.get("status") == 1111
        return self.codes.verdict(answer) if is_dingtalks else plain_http_verdict(answer)
