"""WeCom application message (企业微信应用消息): from a company's own app to one person.

Source: https://developer.work.weixin.qq.com/document/path/90236 (messages, limits). More than 30 messages a minute to one person
are dropped. WeCom can drop repetitions; that stays off, because a repeated reminder must arrive again.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery.channels.app import MEANINGS, AppKind
from daka.delivery.channels.fields import People, Secret, listed, table_of
from daka.delivery.channels.kind import Rate
from daka.delivery.channels.markup import WECOM_TEXT
from daka.delivery.channels.people import Call, found_in, recipients_of
from daka.delivery.channels.verdicts import VerdictRow, broken, refused
from daka.delivery.channels.wecom_robot import USERID, VENDOR
from daka.delivery.messages import Mention, RenderedMessage
from daka.delivery.remedies import Remedy
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor
from daka.vendors import wecom
from daka.vendors.replies import Meaning, VendorReply

WECOM_APP = Remedy(
    "wecom_app",
    zh="企业 ID 或 Secret 不对。到企业微信管理后台重新复制：企业 ID 在「我的企业」，Secret 在应用的详情页。",
    en="The corp ID or the secret is wrong. Copy them again from the WeCom console: the ID from My Company, "
    "the secret from the app's page.",
)
WECOM_AGENT = Remedy(
    "wecom_agent",
    zh="AgentId 与 Secret 不是同一个应用的。到应用的详情页重新复制这两项。",
    en="AgentId and secret belong to different apps. Copy both from the same app's page.",
)
WECOM_APP_IP = Remedy(
    "wecom_app_ip",
    zh="服务器的 IP 不在应用的「企业可信 IP」里。到管理后台 → 应用 → 企业可信 IP，加上服务器的出口 IP。",
    en="The server's IP is not trusted by the app. Add the server's public IP in the WeCom console: app → trusted IPs.",
)
WECOM_PERMISSION = Remedy(
    "wecom_permission",
    zh="应用已停用，或没有发消息的权限。到管理后台启用它，并检查可见范围。",
    en="The app is disabled or may not send messages. Enable it in the WeCom console and check its visible range.",
)
WECOM_USERID = Remedy(
    "wecom_userid",
    zh="企业微信里没有这个 userid，或他不在应用的可见范围里。核对通讯录里的「账号」，把他加进可见范围。",
    en="WeCom does not know this userid, or the person is outside the app's visible range. Check the "
    "account name in the contacts, and add the person to the range.",
)
WECOM_RECIPIENT = Remedy(
    "wecom_recipient",
    zh="不知道发给谁。在渠道的「接收人」里填写企业微信 userid，或在「成员对照」里加上这个人。",
    en="There is no recipient. Enter WeCom userids under “Recipients”, or add the person under “Who is who”.",
)


LONGEST_TEXT_BYTES = 2048
Userids = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\s,，|@]+([,，|\s]+[^\s,，|@]+)*$")]


def listed_userids(written: str | None) -> list[str]:
    return listed((written or "").replace("|", " "))


class WecomAppConfig(Config):
    corp_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{4,64}$")] = setting(
        title=("企业 ID", "Corp ID"),
        about=("管理后台 → 我的企业 → 企业信息里的企业 ID（CorpId）", "From the WeCom console: My Company → CorpId"),
        example="ww1a2b3c4d5e6f7a8b",
    )
    corp_secret: Secret = setting(
        title=("Secret", "Secret"),
        about=(
            "应用管理 → 自建应用的详情页里的 Secret。同一页还要把服务器的 IP 加进「企业可信 IP」",
            "From your own app's page. On the same page, add the server's IP to the trusted ones",
        ),
        max_length=200,
    )
    agent_id: int = setting(
        title=("AgentId", "AgentId"),
        about=("同一页的 AgentId（数字）", "On the same page, a number"),
        example=1000002,
        gt=0,
    )
    userids: Userids | None = setting(
        None,
        title=("接收人", "Recipients"),
        about=(
            "企业微信 userid（通讯录里的「账号」），逗号分隔。没有填「成员对照」时，所有消息都发给他们",
            (
                "WeCom userids (the account name in the contacts), with commas. They get every message, unless “Who is who” "
                "is filled in"
            ),
        ),
        example="zhangsan",
    )
    people: Annotated[People, table_of(USERID)] | None = setting(
        None,
        title=("成员对照", "Who is who"),
        about=(
            "班组的渠道填这一项：一行一人，姓名或手机号，空格，企业微信 userid。每个人的提醒只发给他本人",
            (
                "For a team's channel: one a line, name or mobile number, a blank, and the WeCom userid. Each person then gets "
                "their own reminders only"
            ),
        ),
        example="张三 zhangsan",
        extra={"format": "textarea", "profile": "wecom_userid"},
    )


class WecomAppKind(AppKind[WecomAppConfig]):
    name: ClassVar[str] = "wecom_app"
    labels: ClassVar[dict[str, str]] = {"zh": "企业微信应用消息", "en": "WeCom app message"}
    example: ClassVar[dict[str, Any]] = {
        "corp_id": "ww1a2b3c4d5e6f7a8b",
        "corp_secret": "0000",
        "agent_id": 1000002,
        "userids": "zhangsan",
    }
    options: ClassVar[frozenset[str]] = frozenset({"corp_secret", "agent_id", "people"})
    vendor: ClassVar[Vendor | None] = VENDOR
    meanings: ClassVar[Mapping[Meaning, VerdictRow]] = {
        **MEANINGS,
        Meaning.TOKEN_REFUSED: broken(WECOM_APP),
        Meaning.APP: broken(WECOM_APP),
        Meaning.AGENT: broken(WECOM_AGENT),
        Meaning.PERMISSION: broken(WECOM_PERMISSION),
        Meaning.ADDRESS: broken(WECOM_APP_IP),
        Meaning.PERSON: refused(WECOM_USERID),
    }
    rate: ClassVar[Rate | None] = Rate(90, timedelta(seconds=10))
    jitter: ClassVar[timedelta] = timedelta(seconds=20)
    """WeCom asks apps not to send at the full and the half hour."""
    without_recipient: ClassVar[Remedy] = WECOM_RECIPIENT

    def rate_key(self, config: WecomAppConfig) -> str:
        return f"{config.corp_id} {config.agent_id}\n{revealed(config.corp_secret)}"

    def audience_key(self, config: WecomAppConfig) -> str:
        return f"{config.corp_id} {sorted(listed_userids(config.userids))}"

    def app(self, config: WecomAppConfig) -> wecom.WecomApp:
        return wecom.WecomApp(config.corp_id, revealed(config.corp_secret))

    def read(self, answer: HttpAnswer) -> VendorReply:
        return wecom.read(answer)

    def recipients(self, config: WecomAppConfig, message: RenderedMessage) -> list[str]:
        return recipients_of(message, config.people, listed_userids(config.userids))

    def call(self, config: WecomAppConfig, person: Mention) -> Call | None:
        return found_in(config.people, person) if config.people else None

    def authorized(self, config: WecomAppConfig, token: str, to: list[str], message: RenderedMessage) -> HttpRequest:
        body = {
            "touser": "|".join(to),
            "msgtype": "text",
            "agentid": config.agent_id,
            "text": {"content": _words(message)},
        }
        return self.app(config).request(token, "/message/send", body)


def _words(message: RenderedMessage) -> str:
    head = [WECOM_TEXT.escape(message.title)]
    whole = WECOM_TEXT.text_of(message, LONGEST_TEXT_BYTES, head=head, actions=message.actions)
    if whole.endswith(WECOM_TEXT.links(message.actions)):
        return whole
    # The first action's page offers the others too.
    return WECOM_TEXT.text_of(message, LONGEST_TEXT_BYTES, head=head, actions=message.actions[:1])
