"""Telegram bot. Source: https://core.telegram.org/bots/api#sendmessage, https://github.com/TelegramBotAPI/errors."""

from datetime import timedelta
from html import escape
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, SecretStr, StringConstraints

from daka.delivery.channels.fields import Secret
from daka.delivery.channels.kind import HttpKind, Rate, SendContext, Verdict, not_the_vendors
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Channel, Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

LONGEST_TEXT = 4096
_BLOCKED_WORDS = ("blocked", "deactivated", "kicked", "can't initiate", "not a member")


def _is_token(secret: SecretStr) -> SecretStr:
    number, _, rest = secret.get_secret_value().partition(":")
    if (
        not number.isdecimal()
        or not rest
        or not all(part.isascii() and (part.isalnum() or part in "-_") for part in rest)
    ):
        raise ValueError("must look like 123456:ABC…")
    return secret


class TelegramConfig(Config):
    bot_token: Annotated[Secret, AfterValidator(_is_token)] = setting(
        zh="Bot Token",
        en="Bot token",
        help_zh="向 @BotFather 要",
        help_en="From @BotFather",
        example="123456:ABC…",
        max_length=200,
    )
    chat_id: Annotated[str, StringConstraints(pattern=r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{3,64})$")] = setting(
        zh="会话 ID",
        en="Chat id",
        help_zh="先给机器人发一条消息；群的 ID 是负数",
        help_en="Write to the bot first; a group's id is negative",
        example="123456789",
    )


class Telegram(HttpKind[TelegramConfig]):
    """Mainland networks often cannot reach Telegram: TELEGRAM_BASE_URL names a gateway."""

    name: ClassVar[str] = "telegram"
    labels: ClassVar[dict[str, str]] = {"zh": "Telegram", "en": "Telegram"}
    config: ClassVar[type[Config]] = TelegramConfig
    example: ClassVar[dict[str, Any]] = {"bot_token": "123456:ABC", "chat_id": "123456789"}
    options: ClassVar[frozenset[str]] = frozenset({"bot_token"})
    rate: ClassVar[Rate | None] = Rate(20, timedelta(minutes=1))

    def rate_key(self, config: TelegramConfig) -> str:
        return f"{revealed(config.bot_token)}\n{config.chat_id}"

    def audience_key(self, config: TelegramConfig) -> str:
        return config.chat_id

    def target(self, config: TelegramConfig) -> str:
        return "api.telegram.org"

    def request(
        self, config: TelegramConfig, note: RenderedMessage, settings: Settings, *, is_plain: bool = False
    ) -> HttpRequest:
        text = "\n".join([note.title, *note.paragraphs])[: LONGEST_TEXT - 200]
        body: dict[str, Any] = {"chat_id": config.chat_id, "text": text, "link_preview_options": {"is_disabled": True}}
        if not is_plain:
            title, _, rest = text.partition("\n")
            body |= {"text": f"<b>{escape(title, quote=False)}</b>\n{escape(rest, quote=False)}", "parse_mode": "HTML"}
        # Telegram takes http(s) buttons only, and none that lead to this machine.
        if note.actions and not any("//localhost" in action.url for action in note.actions):
            body["reply_markup"] = {
                "inline_keyboard": [[{"text": action.label, "url": action.url}] for action in note.actions]
            }
        elif note.actions:
            body["text"] += "\n" + note.actions[0].url
        return HttpRequest(
            url=rebased(
                f"https://api.telegram.org/bot{revealed(config.bot_token)}/sendMessage", settings.telegram_base_url
            ),
            body=json_bytes(body),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.telegram_base_url),
        )

    def secrets(self, config: TelegramConfig) -> list[str]:
        token = revealed(config.bot_token)
        return [token, token.partition(":")[2]]

    async def deliver(self, config: TelegramConfig, note: RenderedMessage, context: SendContext) -> Verdict:
        """Once more where Telegram says how: to the group's new id, or without formatting."""
        answer = await context.send(self.request(config, note, context.settings))
        found = json_object(answer.text) or {}
        moved_to = (found.get("parameters") or {}).get("migrate_to_chat_id")
        if isinstance(moved_to, int):
            config = config.model_copy(update={"chat_id": str(moved_to)})
            answer = await context.send(self.request(config, note, context.settings))
            if self.verdict(answer).outcome is Outcome.DONE:
                await _keep_new_chat(context, str(moved_to), self.audience(config) or "")
        elif "can't parse entities" in str(found.get("description", "")):
            answer = await context.send(self.request(config, note, context.settings, is_plain=True))
        return self.verdict(answer)

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found, status = json_object(answer.text) or {}, answer.status
        if status == 200 and found.get("ok") is True:
            return Verdict(Outcome.DONE, "200", "", http_status=status)
        if "error_code" not in found:
            return not_the_vendors(answer)
        code, words = str(found["error_code"]), str(found.get("description", ""))[:400]
        lowered = words.lower()
        if code == "429":
            wait = (found.get("parameters") or {}).get("retry_after")
            pause = timedelta(seconds=wait) if isinstance(wait, int) else None
            return Verdict(Outcome.THROTTLED, code, words, Remedy.THROTTLED, pause, status)
        if code in ("401", "404"):
            return Verdict(Outcome.BROKEN_CHANNEL, code, words, Remedy.TELEGRAM_TOKEN, http_status=status)
        if code == "403" or any(part in lowered for part in _BLOCKED_WORDS):
            return Verdict(Outcome.BROKEN_CHANNEL, code, words, Remedy.TELEGRAM_BLOCKED, http_status=status)
        if "chat" in lowered and ("not found" in lowered or "upgraded" in lowered):
            return Verdict(Outcome.BROKEN_CHANNEL, code, words, Remedy.TELEGRAM_CHAT, http_status=status)
        if code.startswith("5"):
            return Verdict(Outcome.RETRY, code, words, http_status=status)
        return Verdict(Outcome.BAD_MESSAGE, code, words, Remedy.MESSAGE_REFUSED, http_status=status)


async def _keep_new_chat(context: SendContext, chat_id: str, audience: str) -> None:
    async with context.database.write() as session:
        if (row := await session.get(Channel, context.channel.id)) is not None:
            row.config, row.audience = {**row.config, "chat_id": chat_id}, audience
            session.add(row)
