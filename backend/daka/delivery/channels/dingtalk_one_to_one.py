"""DingTalk app robot, one to one (单聊).

Source: https://open.dingtalk.com/document/development/chatbots-send-one-on-one-chat-messages-in-batches. HTTP 200 may still name
people who got nothing, in two lists.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import StringConstraints

from daka.delivery.channels import dingtalk_cards
from daka.delivery.channels.dingtalk_app import DingTalkAppConfig, DingTalkAppKind
from daka.delivery.channels.kind import CardState, ChatApp, SendContext
from daka.delivery.channels.markup import MARKDOWN, plain_text
from daka.delivery.channels.verdicts import Verdict, VerdictRow, broken
from daka.delivery.codes import card_id, code_of
from daka.delivery.messages import ACTION_WORDS, Action, Answer, RenderedMessage
from daka.delivery.models import Occasion, Outcome
from daka.delivery.remedies import Remedy
from daka.languages import Words, said
from daka.outbound.config import revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest
from daka.vendors import dingtalk
from daka.vendors.replies import Meaning, VendorReply

LONGEST_TEXT_BYTES = 5000
SEND = "dtmd://dingtalkclient/sendMessage?content="
"""A link that sends a text into the conversation in which it stands."""
IN_THE_WEB: Words = ("在网页应答", "Answer on the web")


log = logging.getLogger(__name__)

DINGTALK_CARD = Remedy(
    "dingtalk_card",
    zh="互动卡片的模板 ID 不对，或模板没有发布。在开发者后台的卡片平台发布后重新复制，或清空这一项。",
    en="The card template's ID is wrong, or it is not published. Publish it in the console and copy the ID, or clear it.",
)


TRY_IT: Words = ("试一下按钮", "Try the button")
HARMLESS: Words = ("今天", "today")


class OneToOneConfig(DingTalkAppConfig):
    robot_code: Annotated[str, StringConstraints(max_length=100)] | None = setting(
        None,
        title=("RobotCode", "RobotCode"),
        about=(
            "机器人编码；企业内部应用与 AppKey 相同，可不填",
            "The robot's code; for an internal app it is the AppKey and may stay empty",
        ),
    )
    card_template: Annotated[str, StringConstraints(max_length=100)] | None = setting(
        None,
        title=("互动卡片模板 ID", "Card template"),
        about=(
            "可不填。在开发者后台的卡片平台画好并发布的模板；应答后卡片会变成「● 已打卡 08:58」",
            "Optional: the ID of a template drawn and published in the console; an answered card says ● Punched 08:58",
        ),
        example="1366a1eb.schema",
    )
    answers_in_chat: bool = setting(
        False,
        title=("在聊天里应答", "Answers in the chat"),
        about=(
            "按钮在聊天里发一个字，不需要公网地址。机器人的消息接收模式须为 Stream，且没有别的程序接收它的消息",
            "Buttons send a word and need no public address. The robot must receive in Stream mode, and only for Daka",
        ),
    )


class DingTalkOneToOne(DingTalkAppKind[OneToOneConfig]):
    changes_only_newest: ClassVar[bool] = True  # each change is one of the month's calls
    meanings: ClassVar[Mapping[Meaning, VerdictRow]] = {
        **DingTalkAppKind.meanings,
        Meaning.AGENT: broken(DINGTALK_CARD),
    }
    name: ClassVar[str] = "dingtalk_one_to_one"
    labels: ClassVar[dict[str, str]] = {"zh": "钉钉机器人单聊", "en": "DingTalk robot, one to one"}
    example: ClassVar[dict[str, Any]] = {"app_key": "dingabc123", "app_secret": "0000", "userids": "manager01"}

    async def deliver(self, config: OneToOneConfig, message: RenderedMessage, context: SendContext) -> Verdict:
        """As a card, where there is a template; else, and where the card is refused, as a message."""
        is_test = message.occasion is Occasion.TEST
        if config.card_template and config.answers_in_chat and not message.is_plain and (message.answers or is_test):
            verdict = await self._deliver_card(config, config.card_template, message, context)
            if is_test or verdict.outcome in (Outcome.DONE, Outcome.RETRY, Outcome.THROTTLED):
                return verdict
            log.warning("A card was refused; sending a message", extra={"fields": {"code": verdict.provider_code}})
        return await super().deliver(config, message, context)

    async def _deliver_card(
        self, config: OneToOneConfig, template: str, message: RenderedMessage, context: SendContext
    ) -> Verdict:
        if not (to := self.recipients(config, message)):
            return self.no_recipient(message)
        body = dingtalk_cards.card_body(template, config.robot_code or config.app_key, to, message)
        app = self.app(config)
        verdict = self.verdict_of(
            await self.ask(
                config,
                context,
                lambda token: app.new_request(token, dingtalk_cards.DELIVER, body),
                dingtalk_cards.read_card,
            )
        )
        is_kept = verdict.outcome is Outcome.DONE and message.lines
        return replace(verdict, card=card_id(message.delivery_id, message.key)) if is_kept else verdict

    async def update(
        self, config: OneToOneConfig, card: str, message: RenderedMessage, state: CardState, context: SendContext
    ) -> Verdict:
        body, app = dingtalk_cards.update_body(card, state), self.app(config)
        reply = await self.ask(
            config,
            context,
            lambda token: replace(app.new_request(token, dingtalk_cards.UPDATE, body), method="PUT"),
            dingtalk_cards.read_card,
        )
        return self.verdict_of(reply)

    def chat_app(self, config: OneToOneConfig) -> ChatApp | None:
        if not config.answers_in_chat:
            return None
        return ChatApp("dingtalk", config.app_key, revealed(config.app_secret), f"dingtalk:{config.app_key}")

    def target(self, config: OneToOneConfig) -> str:
        return "api.dingtalk.com"

    def authorized(self, config: OneToOneConfig, token: str, to: list[str], message: RenderedMessage) -> HttpRequest:
        key, parameters = _message(_with_words(message) if config.answers_in_chat else message)
        return self.app(config).new_request(
            token,
            "/v1.0/robot/oToMessages/batchSend",
            {
                "robotCode": config.robot_code or config.app_key,
                "userIds": to,
                "msgKey": key,
                "msgParam": json.dumps(parameters, ensure_ascii=False),
            },
        )

    def read(self, answer: HttpAnswer) -> VendorReply:
        reply = dingtalk.read(answer, "processQueryKey")
        if reply.meaning is not Meaning.DONE or reply.found is None:
            return reply
        if reply.found.get("invalidStaffIdList"):
            return replace(reply, meaning=Meaning.PERSON, code="invalidStaffIdList", words="unknown userid")
        if reply.found.get("flowControlledStaffIdList"):
            code, words = "flowControlledStaffIdList", "too many messages"
            return replace(reply, meaning=Meaning.HELD, code=code, words=words)
        return reply


_WORDS: dict[str, Words] = {
    Answer.ACK: ("已打卡", "done"),
    Answer.SNOOZE: ("稍后", "later"),
    Answer.SKIP: ("跳过", "skip"),
}


def _with_words(message: RenderedMessage) -> RenderedMessage:
    """Buttons that send a word and the reminder's code into the chat; and one with the link, where there is any."""
    if not message.answers or message.is_plain:
        return message
    if message.occasion is Occasion.TEST:
        # A word that answers nothing: the sender may have a reminder at the moment.
        trial = Action(said(TRY_IT, message.language), SEND + quote(said(HARMLESS, message.language)))
        return replace(message, actions=(trial, *message.actions))
    code = f" {code_of(message.lines[0].reminder_id)}" if len(message.lines) == 1 else ""
    buttons = [
        Action(
            said(ACTION_WORDS[answer], message.language), SEND + quote(said(_WORDS[answer], message.language) + code)
        )
        for answer in message.answers
    ]
    links = [replace(link, label=said(IN_THE_WEB, message.language)) for link in message.actions[:1]]
    return replace(message, actions=(*buttons, *links))


def _message(message: RenderedMessage) -> tuple[str, dict[str, str]]:
    if message.is_plain:
        return "sampleText", {"content": plain_text(message, LONGEST_TEXT_BYTES)}
    text = MARKDOWN.text_of(message, LONGEST_TEXT_BYTES, head=[f"### {MARKDOWN.escape(message.title)}"])
    base = {"title": message.title, "text": text}
    match message.actions:
        case ():
            return "sampleMarkdown", base
        case (only,):
            return "sampleActionCard", {**base, "singleTitle": only.label, "singleURL": only.url}
    actions = message.actions[:5]
    for number, action in enumerate(actions, 1):
        base |= {f"actionTitle{number}": action.label, f"actionURL{number}": action.url}
    return f"sampleActionCard{len(actions)}", base
