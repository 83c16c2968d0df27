"""WeCom application message (企业微信应用消息): from an app of one's own to one person.

Source: https://developer.work.weixin.qq.com/document/path/90236 (messages, limits). More than 30 messages a minute to one person
are dropped. WeCom could drop repetitions, but a reminder that is the same again must arrive again: that stays off.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery.channels.app import MEANINGS, AppKind, listed
from daka.delivery.channels.fields import People, Secret
from daka.delivery.channels.kind import Rate, fitted, id_of, ids_by_name
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Occasion, Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings
from daka.vendors import wecom
from daka.vendors.replies import Meaning, Reply

LONGEST_TEXT_BYTES = 2048


class WecomAppConfig(Config):
    corp_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{4,64}$")] = setting(
        zh="企业 ID",
        en="Corp ID",
        help_zh="管理后台 → 我的企业 → 企业信息里的企业 ID（CorpId）",
        help_en="From the WeCom console: My Company → CorpId",
        example="ww1a2b3c4d5e6f7a8b",
    )
    corp_secret: Secret = setting(
        zh="Secret",
        en="Secret",
        help_zh="应用管理 → 自建应用的详情页里的 Secret。同一页还要把服务器的 IP 加进「企业可信 IP」",
        help_en="From your own app's page. On the same page, add the server's IP to the trusted ones",
        max_length=200,
    )
    agent_id: int = setting(
        zh="AgentId",
        en="AgentId",
        help_zh="同一页的 AgentId（数字）",
        help_en="On the same page, a number",
        example=1000002,
        gt=0,
    )
    userids: (
        Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\s,，|@]+([,，|\s]+[^\s,，|@]+)*$")] | None
    ) = setting(
        None,
        zh="接收人",
        en="Recipients",
        help_zh="企业微信 userid（通讯录里的「账号」），逗号分隔。没有填「成员对照」时，所有消息都发给他们",
        help_en="WeCom userids (the account name in the contacts), with commas. They get every message, unless it says "
        "below who is who",
        example="zhangsan",
    )
    people: People | None = setting(
        None,
        zh="成员对照",
        en="Who is who",
        help_zh="班组的渠道填这一项：一行一人，姓名或手机号，空格，企业微信 userid。每个人的提醒只发给他本人",
        help_en="For a team's channel: one a line, name or mobile number, a blank, and the WeCom userid. Each person then gets "
        "their own reminders only",
        example="张三 zhangsan",
        extra={"format": "textarea"},
    )


class WecomApp(AppKind[WecomAppConfig]):
    name: ClassVar[str] = "wecom_app"
    labels: ClassVar[dict[str, str]] = {"zh": "企业微信应用消息", "en": "WeCom app message"}
    config: ClassVar[type[Config]] = WecomAppConfig
    example: ClassVar[dict[str, Any]] = {
        "corp_id": "ww1a2b3c4d5e6f7a8b",
        "corp_secret": "0000",
        "agent_id": 1000002,
        "userids": "zhangsan",
    }
    options: ClassVar[frozenset[str]] = frozenset({"corp_secret", "agent_id", "people"})
    meanings: ClassVar[Mapping[Meaning, tuple[Outcome, Remedy]]] = {
        **MEANINGS,
        Meaning.TOKEN_REFUSED: (Outcome.BROKEN_CHANNEL, Remedy.WECOM_APP),
        Meaning.APP: (Outcome.BROKEN_CHANNEL, Remedy.WECOM_APP),
        Meaning.AGENT: (Outcome.BROKEN_CHANNEL, Remedy.WECOM_AGENT),
        Meaning.PERMISSION: (Outcome.BROKEN_CHANNEL, Remedy.WECOM_PERMISSION),
        Meaning.ADDRESS: (Outcome.BROKEN_CHANNEL, Remedy.WECOM_APP_IP),
        Meaning.PERSON: (Outcome.BAD_MESSAGE, Remedy.WECOM_USERID),
    }
    rate: ClassVar[Rate | None] = Rate(90, timedelta(seconds=10))
    jitter: ClassVar[timedelta] = timedelta(seconds=20)
    """WeCom asks apps not to send at the full and the half hour."""
    without_recipient: ClassVar[Remedy] = Remedy.WECOM_RECIPIENT

    def rate_key(self, config: WecomAppConfig) -> str:
        return f"{config.corp_id} {config.agent_id}"

    def audience_key(self, config: WecomAppConfig) -> str:
        return f"{config.corp_id} {sorted(self._listed(config))}"

    def target(self, config: WecomAppConfig) -> str:
        return "qyapi.weixin.qq.com"

    def app(self, config: WecomAppConfig, settings: Settings) -> wecom.WecomApp:
        return wecom.WecomApp(config.corp_id, config.agent_id, revealed(config.corp_secret), settings.wecom_base_url)

    def read(self, answer: HttpAnswer) -> Reply:
        return wecom.read(answer)

    def recipients(self, config: WecomAppConfig, note: RenderedMessage) -> list[str]:
        if config.people and note.lines and note.occasion is not Occasion.ESCALATION:
            ids = ids_by_name(config.people)
            return [userid for userid in (id_of(mention, ids) for mention in note.mentions) if userid]
        return self._listed(config)

    def _listed(self, config: WecomAppConfig) -> list[str]:
        return listed((config.userids or "").replace("|", " "))

    def authorized(
        self, config: WecomAppConfig, token: str, to: list[str], note: RenderedMessage, settings: Settings
    ) -> HttpRequest:
        body = {
            "touser": "|".join(to),
            "msgtype": "text",
            "agentid": config.agent_id,
            "text": {"content": _words(note)},
        }
        return self.app(config, settings).request(token, "/message/send", body)


def _words(note: RenderedMessage) -> str:
    """The words, with links as WeCom's text takes them. What stands in `<>` would be taken for a link, too."""
    title, *lines = [text.replace("<", "＜").replace(">", "＞") for text in (note.title, *note.paragraphs)]
    links = [f'<a href="{action.url}">{action.label}</a>' for action in note.actions]
    whole = fitted([title], lines, links, LONGEST_TEXT_BYTES)
    if all(link in whole for link in links):
        return whole
    # The first action's page offers the others too.
    return fitted([title], lines, links[:1], LONGEST_TEXT_BYTES)
