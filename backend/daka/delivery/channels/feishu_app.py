"""Feishu app (企业自建应用): cards with buttons to each person, answered in the chat and changed in place.

Sources: https://open.feishu.cn/document/server-docs/im-v1/message/create, …/im-v1/message-card/patch.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery.channels.app import MEANINGS, AppKind
from daka.delivery.channels.feishu_robot import OPEN_ID, VENDOR
from daka.delivery.channels.fields import People, Secret, listed, table_of
from daka.delivery.channels.kind import CardState, ChatApp, Rate, SendContext
from daka.delivery.channels.markup import FEISHU, body_within, plain_text
from daka.delivery.channels.people import Call, found_in, recipients_of
from daka.delivery.channels.verdicts import Verdict, VerdictRow, broken, refused
from daka.delivery.messages import ACTION_WORDS, Mention, RenderedMessage
from daka.delivery.models import Outcome
from daka.delivery.remedies import Remedy
from daka.languages import said
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor
from daka.vendors import feishu
from daka.vendors.replies import Meaning, VendorReply, object_of

LONGEST_CARD_BYTES = 25_000

FEISHU_APP = Remedy(
    "feishu_app",
    zh="App ID 或 App Secret 不对。到飞书开发者后台的「凭证与基础信息」重新复制。",
    en="App ID or App Secret is wrong. Copy them again from the app's credentials in the Feishu console.",
)
FEISHU_APP_PERMISSION = Remedy(
    "feishu_app_permission",
    zh="应用没有开启机器人能力，或没有发消息的权限。在飞书开发者后台开通，并发布新版本。",
    en="The app lacks the bot ability or the permission to send messages. Grant it in the Feishu console and publish.",
)
FEISHU_RECIPIENT = Remedy(
    "feishu_recipient",
    zh="不知道发给谁。在渠道的「接收人」里填写 open_id 或 user_id，或在「成员对照」里加上这个人。",
    en="There is no recipient. Enter open_ids or user_ids under “Recipients”, or add the person under “Who is who”.",
)
FEISHU_PERSON = Remedy(
    "feishu_person",
    zh="飞书里没有这个 id，或者它是别的应用的 open_id。open_id 每个应用各不相同。",
    en="Feishu does not know this id, or it is another app's open_id: each app has its own.",
)
FEISHU_SCOPE = Remedy(
    "feishu_scope",
    zh="这个人不在应用的可用范围内。在飞书开发者后台调整可用范围。",
    en="The person is outside the app's range. Extend it in the Feishu console.",
)


class FeishuAppConfig(Config):
    app_id: Annotated[str, StringConstraints(pattern=r"^cli_[A-Za-z0-9]{4,60}$")] = setting(
        title=("App ID", "App ID"),
        about=("飞书开发者后台 → 应用 → 凭证与基础信息", "From the Feishu console: app → credentials"),
        example="cli_a1b2c3d4",
    )
    app_secret: Secret = setting(title=("App Secret", "App secret"), max_length=200)
    open_ids: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\s,，]*([,，\s]+[^\s,，]+)*$")] | None = (
        setting(
            None,
            title=("接收人", "Recipients"),
            about=(
                "open_id（以 ou_ 开头）或 user_id，逗号分隔。没有填「成员对照」时，所有消息都发给他们",
                (
                    "open_ids (begin with ou_) or user_ids, with commas. They get every message, unless “Who is who” is "
                    "filled in"
                ),
            ),
            example="ou_1a2b3c",
        )
    )
    people: Annotated[People, table_of(OPEN_ID)] | None = setting(
        None,
        title=("成员对照", "Who is who"),
        about=(
            (
                "班组的渠道填这一项：一行一人，姓名或手机号，空格，open_id 或 user_id。每个人的提醒只发给他本人。"
                "用 user_id 时，应用要有「获取用户 user ID」权限"
            ),
            (
                "For a team's channel: one a line, name or mobile number, a blank, and the open_id or user_id. Each person "
                "then gets their own reminders only. For user_ids the app needs the permission contact:user.employee_id:readonly"
            ),
        ),
        example="张三 ou_1a2b3c",
        extra={"format": "textarea", "profile": "feishu_userid"},
    )
    answers_in_chat: bool = setting(
        True,
        title=("在聊天里应答", "Answers in the chat"),
        about=(
            "卡片按钮不需要公网地址。事件与回调的订阅方式须为「使用长连接接收」",
            "Buttons need no public address. Events and callbacks must be received over a long connection",
        ),
    )


class FeishuAppKind(AppKind[FeishuAppConfig]):
    name: ClassVar[str] = "feishu_app"
    labels: ClassVar[dict[str, str]] = {"zh": "飞书应用消息", "en": "Feishu app message"}
    example: ClassVar[dict[str, Any]] = {"app_id": "cli_a1b2c3d4", "app_secret": "0000", "open_ids": "ou_1a2b3c"}
    options: ClassVar[frozenset[str]] = frozenset({"app_secret", "people", "answers_in_chat"})
    vendor: ClassVar[Vendor | None] = VENDOR
    meanings: ClassVar[Mapping[Meaning, VerdictRow]] = {
        **MEANINGS,
        Meaning.TOKEN_REFUSED: broken(FEISHU_APP),
        Meaning.APP: broken(FEISHU_APP),
        Meaning.PERMISSION: broken(FEISHU_APP_PERMISSION),
        Meaning.QUOTA: broken(FEISHU_APP_PERMISSION),
        Meaning.PERSON: refused(FEISHU_PERSON),
        Meaning.SCOPE: refused(FEISHU_SCOPE),
    }
    rate: ClassVar[Rate | None] = Rate(45, timedelta(seconds=1))
    without_recipient: ClassVar[Remedy] = FEISHU_RECIPIENT

    def rate_key(self, config: FeishuAppConfig) -> str:
        return f"{config.app_id}\n{revealed(config.app_secret)}"

    def audience_key(self, config: FeishuAppConfig) -> str:
        return f"{config.app_id} {sorted(listed(config.open_ids))}"

    def app(self, config: FeishuAppConfig) -> feishu.FeishuApp:
        return feishu.FeishuApp(config.app_id, revealed(config.app_secret))

    def chat_app(self, config: FeishuAppConfig) -> ChatApp | None:
        if not config.answers_in_chat:
            return None
        return ChatApp("feishu", config.app_id, revealed(config.app_secret), f"feishu:{config.app_id}")

    def read(self, answer: HttpAnswer) -> VendorReply:
        return feishu.read(answer)

    def recipients(self, config: FeishuAppConfig, message: RenderedMessage) -> list[str]:
        return recipients_of(message, config.people, listed(config.open_ids))

    def call(self, config: FeishuAppConfig, person: Mention) -> Call | None:
        return found_in(config.people, person) if config.people else None

    def authorized(self, config: FeishuAppConfig, token: str, to: list[str], message: RenderedMessage) -> HttpRequest:
        """To the first of them: Feishu takes one person for a request."""
        if message.is_plain:
            kind, content = "text", {"text": plain_text(message, LONGEST_CARD_BYTES)}
        else:
            kind, content = "interactive", card(message)
        body = {
            "receive_id": to[0],
            "msg_type": kind,
            "content": json.dumps(content, ensure_ascii=False),
            "uuid": f"{message.key}{to[0]}"[-50:],
        }
        form = "open_id" if to[0].startswith("ou_") else "user_id"
        return feishu.request(f"/open-apis/im/v1/messages?receive_id_type={form}", body, token=token)

    async def deliver(self, config: FeishuAppConfig, message: RenderedMessage, context: SendContext) -> Verdict:
        to = self.recipients(config, message)
        if not to:
            return self.no_recipient(message)
        for person in to:
            verdict = await self._deliver_to(config, person, message, context)
            if verdict.outcome is not Outcome.DONE:
                return verdict
        return verdict if message.lines and len(to) == 1 else replace(verdict, card="")

    async def _deliver_to(
        self, config: FeishuAppConfig, person: str, message: RenderedMessage, context: SendContext
    ) -> Verdict:
        reply = await self.ask(config, context, lambda token: self.authorized(config, token, [person], message))
        sent = object_of(reply.found, "data").get("message_id")
        verdict = replace(self.verdict_of(reply), card=sent if isinstance(sent, str) and message.answers else "")
        return await self.undecorated(verdict, config, message, context)

    async def update(
        self, config: FeishuAppConfig, card_id: str, message: RenderedMessage, state: CardState, context: SendContext
    ) -> Verdict:
        body = {"content": json.dumps(card(state.on(message)), ensure_ascii=False)}

        def request(token: str) -> HttpRequest:
            return replace(feishu.request(f"/open-apis/im/v1/messages/{card_id}", body, token=token), method="PATCH")

        return self.verdict_of(await self.ask(config, context, request))


def card(message: RenderedMessage) -> dict[str, Any]:
    """The card, with a button for each answer; without any, with one for each link."""
    buttons: list[tuple[str, dict[str, Any]]] = [
        (
            said(ACTION_WORDS[answer], message.language),
            {"type": "callback", "value": {"do": str(answer), "id": str(message.delivery_id)}},
        )
        for answer in message.answers
        if message.delivery_id is not None
    ]
    if not buttons:
        buttons = [(action.label, {"type": "open_url", "default_url": action.url}) for action in message.actions]

    def body(limit: int) -> dict[str, Any]:
        elements: list[dict[str, Any]] = [{"tag": "markdown", "content": FEISHU.text_of(message, limit) or " "}]
        elements += [
            {
                "tag": "button",
                "text": {"tag": "plain_text", "content": label},
                "type": "default" if place else "primary",
                "behaviors": [behavior],
            }
            for place, (label, behavior) in enumerate(buttons)
        ]
        return {
            "schema": "2.0",
            "config": {"update_multi": True},
            "header": {"title": {"tag": "plain_text", "content": message.title}, "template": "orange"},
            "body": {"elements": elements},
        }

    return body_within(LONGEST_CARD_BYTES, body)
