"""WeCom group robot (企业微信消息推送).

Source: https://developer.work.weixin.qq.com/document/path/99110. The key in the address is the only protection.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, SecretStr

from daka.delivery.channels.dingtalk_robot import digits_of
from daka.delivery.channels.fields import People, vendor_address
from daka.delivery.channels.kind import HttpKind, Rate, Verdict, fitted, id_of, ids_by_name, not_the_vendors
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

LONGEST_TEXT_BYTES = 2048
LONGEST_MARKDOWN_BYTES = 4096

_BAD_MESSAGE = {
    "40058": Remedy.MESSAGE_TOO_LONG,
    "45002": Remedy.MESSAGE_TOO_LONG,
    "40008": Remedy.MESSAGE_REFUSED,
    "44004": Remedy.MESSAGE_REFUSED,
}


class Form(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"


class WecomRobotConfig(Config):
    webhook_url: Annotated[
        SecretStr,
        AfterValidator(
            vendor_address(
                ("qyapi.weixin.qq.com",),
                "/cgi-bin/webhook/send",
                query="key",
                example="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
            )
        ),
    ] = setting(
        zh="Webhook 地址",
        en="Webhook",
        help_zh="群 → 消息推送（群机器人）→ Webhook 地址",
        help_en="From the group: message push (robot) → webhook",
        example="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
        max_length=500,
    )
    form: Form = setting(
        Form.TEXT,
        zh="消息样式",
        en="Form",
        choices={
            Form.TEXT: ("纯文字（能按手机号 @ 人）", "Plain text (mentions by mobile number)"),
            Form.MARKDOWN: ("Markdown（只能按 userid @ 人）", "Markdown (mentions by userid only)"),
        },
    )
    people: People | None = setting(
        None,
        zh="要 @ 的人",
        en="People to mention",
        help_zh="一行一人：姓名或手机号，空格，企业微信 userid。不填则按手机号 @",
        help_en="One a line: name or mobile number, a blank, and the WeCom userid. Otherwise by mobile number",
        example="张三 zhangsan",
        extra={"format": "textarea"},
    )


class WecomRobot(HttpKind[WecomRobotConfig]):
    name: ClassVar[str] = "wecom_robot"
    labels: ClassVar[dict[str, str]] = {"zh": "企业微信群机器人", "en": "WeCom group robot"}
    config: ClassVar[type[Config]] = WecomRobotConfig
    example: ClassVar[dict[str, Any]] = {"webhook_url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0000"}
    options: ClassVar[frozenset[str]] = frozenset({"people", "form"})
    rate: ClassVar[Rate | None] = Rate(18, timedelta(minutes=1))
    people_per_message: ClassVar[int] = 15
    """As many lines as fit into 2048 bytes beside a link."""

    def rate_key(self, config: WecomRobotConfig) -> str:
        return dict(parse_qsl(urlsplit(revealed(config.webhook_url)).query))["key"]

    def audience_key(self, config: WecomRobotConfig) -> str | None:
        return self.rate_key(config)

    def target(self, config: WecomRobotConfig) -> str:
        return urlsplit(revealed(config.webhook_url)).hostname or ""

    def request(self, config: WecomRobotConfig, note: RenderedMessage, settings: Settings) -> HttpRequest:
        ids = ids_by_name(config.people or "")
        body = (_text if config.form is Form.TEXT else _markdown)(note, ids)
        return HttpRequest(
            url=rebased(revealed(config.webhook_url), settings.wecom_base_url),
            body=json_bytes(body),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.wecom_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found = json_object(answer.text) or {}
        if "errcode" not in found:
            return not_the_vendors(answer)
        code, words, status = str(found["errcode"]), str(found.get("errmsg", ""))[:400], answer.status
        if code == "0":
            return Verdict(Outcome.DONE, code, words, http_status=status)
        if code == "-1":
            return Verdict(Outcome.RETRY, code, words, http_status=status)
        if code == "45009":
            return Verdict(Outcome.THROTTLED, code, words, Remedy.THROTTLED, timedelta(minutes=1), status)
        if code in _BAD_MESSAGE:
            return Verdict(Outcome.BAD_MESSAGE, code, words, _BAD_MESSAGE[code], http_status=status)
        hint = Remedy.WECOM_KEY if code == "93000" else Remedy.UNKNOWN
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, hint, http_status=status)


def _text(note: RenderedMessage, ids: dict[str, str]) -> dict[str, Any]:
    called = [(mention, id_of(mention, ids)) for mention in note.mentions]
    # The first action's page offers the others too; in 2048 bytes there is no room for each one's link.
    links = [f"{action.label}：{action.url}" for action in note.actions[:1]]
    return {
        "msgtype": "text",
        "text": {
            "content": fitted([note.title], note.paragraphs, links, LONGEST_TEXT_BYTES),
            "mentioned_list": [user_id for _, user_id in called if user_id],
            "mentioned_mobile_list": [
                digits_of(mention.mobile) for mention, user_id in called if mention.mobile and not user_id
            ],
        },
    }


def _markdown(note: RenderedMessage, ids: dict[str, str]) -> dict[str, Any]:
    words = " ".join(f"<@{user_id}>" for user_id in (id_of(mention, ids) for mention in note.mentions) if user_id)
    links = " · ".join(f"[{action.label}]({action.url})" for action in note.actions)
    content = fitted([f"### {note.title}"], note.paragraphs, [words, links], LONGEST_MARKDOWN_BYTES)
    return {"msgtype": "markdown", "markdown": {"content": content}}
