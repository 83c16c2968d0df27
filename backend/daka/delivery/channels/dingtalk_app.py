"""What the two kinds that send as a DingTalk app share: credentials, recipients, and what a refusal means for the channel."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, TypeVar

from pydantic import StringConstraints

from daka.delivery.channels.app import MEANINGS, AppKind, listed
from daka.delivery.channels.fields import Secret
from daka.delivery.channels.kind import Budget, Rate
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Occasion, Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer
from daka.settings import Settings
from daka.vendors import dingtalk
from daka.vendors.dingtalk import DingTalkApp
from daka.vendors.replies import Meaning, Reply


class DingTalkAppConfig(Config):
    app_key: Annotated[str, StringConstraints(min_length=1, max_length=100)] = setting(
        zh="AppKey",
        en="AppKey",
        help_zh="钉钉开发者后台 → 应用 → 凭证与基础信息里的 Client ID（AppKey）",
        help_en="From the DingTalk console: app → credentials, Client ID",
        example="dingabc123",
    )
    app_secret: Secret = setting(
        zh="AppSecret",
        en="AppSecret",
        help_zh="同一页的 Client Secret（AppSecret）",
        help_en="On the same page, Client Secret",
        max_length=200,
    )
    userids: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\s,，]*([,，\s]+[^\s,，]+)*$")] | None = (
        setting(
            None,
            zh="默认接收人",
            en="Default recipients",
            help_zh="收测试消息和通知的钉钉 userid，逗号分隔。提醒总是发给成员资料里的 userid",
            help_en="DingTalk userids for tests and notices, with commas. Reminders go to each person's own userid",
            example="manager01",
        )
    )


A = TypeVar("A", bound=DingTalkAppConfig)


class DingTalkAppKind(AppKind[A]):
    """The text has the time, for DingTalk drops repetitions."""

    options: ClassVar[frozenset[str]] = frozenset(
        {"app_secret", "agent_id", "robot_code", "has_receipts", "monthly_calls"}
    )
    goes_by_profile: ClassVar[bool] = True
    meanings: ClassVar[Mapping[Meaning, tuple[Outcome, Remedy]]] = {
        **MEANINGS,
        Meaning.TOKEN_REFUSED: (Outcome.BROKEN_CHANNEL, Remedy.DINGTALK_APP),
        Meaning.APP: (Outcome.BROKEN_CHANNEL, Remedy.DINGTALK_APP),
        Meaning.PERMISSION: (Outcome.BROKEN_CHANNEL, Remedy.DINGTALK_PERMISSION),
        Meaning.ADDRESS: (Outcome.BROKEN_CHANNEL, Remedy.DINGTALK_APP_IP),
        Meaning.QUOTA: (Outcome.BROKEN_CHANNEL, Remedy.DINGTALK_QUOTA),
        Meaning.PERSON: (Outcome.BAD_MESSAGE, Remedy.DINGTALK_USERID),
        Meaning.SCOPE: (Outcome.BAD_MESSAGE, Remedy.DINGTALK_SCOPE),
        Meaning.UNKNOWN: (Outcome.BROKEN_CHANNEL, Remedy.DINGTALK_UNKNOWN),
    }
    rate: ClassVar[Rate | None] = Rate(90, timedelta(seconds=10))

    def rate_key(self, config: A) -> str:
        return config.app_key

    def audience_key(self, config: A) -> str:
        """Whom it reaches when no reader is known by their profile."""
        return f"{config.app_key} {sorted(listed(config.userids))}"

    def target(self, config: A) -> str:
        return "oapi.dingtalk.com"

    def budget(self, config: A) -> Budget | None:
        """The same month's calls that an attendance source of the app uses."""
        return Budget(dingtalk.quota_account(config.app_key), 0)

    def app(self, config: A, settings: Settings) -> DingTalkApp:
        return app_of(config, settings)

    def read(self, answer: HttpAnswer) -> Reply:
        return dingtalk.read(answer)

    def recipients(self, config: A, note: RenderedMessage) -> list[str]:
        is_report = note.occasion is Occasion.ESCALATION
        called = note.readers if is_report else note.mentions
        named = [mention.dingtalk_userid for mention in called if mention.dingtalk_userid]
        if named or (note.lines and not is_report):
            return named
        return listed(config.userids)


def app_of(config: DingTalkAppConfig, settings: Settings) -> DingTalkApp:
    return DingTalkApp(config.app_key, revealed(config.app_secret), settings.dingtalk_base_url)
