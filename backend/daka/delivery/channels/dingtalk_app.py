"""What the two kinds that send as a DingTalk app share: credentials, recipients, and what a refusal means for the channel."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, TypeVar

from pydantic import StringConstraints

from daka.delivery.channels.app import MEANINGS, AppKind
from daka.delivery.channels.dingtalk_robot import DINGTALK_UNKNOWN, VENDOR
from daka.delivery.channels.fields import Secret, listed
from daka.delivery.channels.kind import Budget, Rate
from daka.delivery.channels.people import NO_USERID, Call, by_profile
from daka.delivery.channels.verdicts import VerdictRow, broken, refused
from daka.delivery.messages import Mention, RenderedMessage
from daka.delivery.models import Occasion
from daka.delivery.remedies import Remedy
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, Vendor
from daka.vendors import dingtalk
from daka.vendors.dingtalk import DingTalkApp
from daka.vendors.replies import Meaning, VendorReply

DINGTALK_APP = Remedy(
    "dingtalk_app",
    zh="AppKey 或 AppSecret 不对。到钉钉开发者后台的应用凭证里重新复制。",
    en="AppKey or AppSecret is wrong. Copy them again from the app's credentials in the DingTalk console.",
)
DINGTALK_PERMISSION = Remedy(
    "dingtalk_permission",
    zh="应用没有这个权限。在钉钉开发者后台开通。",
    en="The app lacks the permission. Grant it in the DingTalk console.",
)
DINGTALK_QUOTA = Remedy(
    "dingtalk_quota",
    zh="本月的钉钉接口调用额度已用完。升级钉钉版本，或改用群机器人。",
    en="This month's DingTalk API quota is used up. Upgrade, or use a group robot instead.",
)
DINGTALK_USERID = Remedy(
    "dingtalk_userid",
    zh="钉钉里没有这个 userid，或者这个人已离职。在成员资料里改正。",
    en="DingTalk does not know this userid, or the person has left. Correct it in the person's profile.",
)
DINGTALK_SCOPE = Remedy(
    "dingtalk_scope",
    zh="这个人不在应用的授权范围内。在钉钉开发者后台调整应用的可用范围。",
    en="The person is outside the app's scope. Extend its scope in the DingTalk console.",
)
DINGTALK_APP_IP = Remedy(
    "dingtalk_app_ip",
    zh="服务器的 IP 不在应用的白名单里。到开发者后台的「开发管理」里加上服务器出口 IP。",
    en="The server's IP is not on the app's list. Add it in the DingTalk console.",
)
DINGTALK_DROPPED = Remedy(
    "dingtalk_dropped",
    zh="钉钉收下了却没有发给这个人：可能不在应用的可见范围、今天收满了 500 条，或今天发过相同的内容。检查可见范围。",
    en="DingTalk accepted the notice and dropped it: the person may be outside the app's visible range, or "
    "have received 500 notices or the same content today. Check the app's visible range.",
)


class DingTalkAppConfig(Config):
    app_key: Annotated[str, StringConstraints(min_length=1, max_length=100)] = setting(
        title=("AppKey", "AppKey"),
        about=(
            "钉钉开发者后台 → 应用 → 凭证与基础信息里的 Client ID（AppKey）",
            "From the DingTalk console: app → credentials, Client ID",
        ),
        example="dingabc123",
    )
    app_secret: Secret = setting(
        title=("AppSecret", "AppSecret"),
        about=("同一页的 Client Secret（AppSecret）", "On the same page, Client Secret"),
        max_length=200,
    )
    userids: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\s,，]*([,，\s]+[^\s,，]+)*$")] | None = (
        setting(
            None,
            title=("默认接收人", "Default recipients"),
            about=(
                "收测试消息和通知的钉钉 userid，逗号分隔。提醒总是发给成员资料里的 userid",
                "DingTalk userids for tests and notices, with commas. Reminders go to each person's own userid",
            ),
            example="manager01",
        )
    )


A = TypeVar("A", bound=DingTalkAppConfig)


class DingTalkAppKind(AppKind[A]):
    """The text contains the time, because DingTalk drops repetitions."""

    options: ClassVar[frozenset[str]] = frozenset(
        {"app_secret", "agent_id", "robot_code", "has_receipts", "monthly_calls", "answers_in_chat", "card_template"}
    )
    goes_by_profile: ClassVar[bool] = True
    vendor: ClassVar[Vendor | None] = Vendor(VENDOR.name, (*VENDOR.hosts, "api.dingtalk.com"))
    meanings: ClassVar[Mapping[Meaning, VerdictRow]] = {
        **MEANINGS,
        Meaning.TOKEN_REFUSED: broken(DINGTALK_APP),
        Meaning.APP: broken(DINGTALK_APP),
        Meaning.PERMISSION: broken(DINGTALK_PERMISSION),
        Meaning.ADDRESS: broken(DINGTALK_APP_IP),
        Meaning.QUOTA: broken(DINGTALK_QUOTA),
        Meaning.PERSON: refused(DINGTALK_USERID),
        Meaning.SCOPE: refused(DINGTALK_SCOPE),
        Meaning.UNKNOWN: broken(DINGTALK_UNKNOWN),
    }
    rate: ClassVar[Rate | None] = Rate(90, timedelta(seconds=10))

    def rate_key(self, config: A) -> str:
        return f"{config.app_key}\n{revealed(config.app_secret)}"

    def audience_key(self, config: A) -> str:
        """Whom it reaches when no reader is known by their profile."""
        return f"{config.app_key} {sorted(listed(config.userids))}"

    def budget(self, config: A) -> Budget | None:
        """The same month's calls that an attendance source of the app uses."""
        return Budget(self.app(config).quota_account, 0)

    def app(self, config: A) -> DingTalkApp:
        return DingTalkApp(config.app_key, revealed(config.app_secret))

    def read(self, answer: HttpAnswer) -> VendorReply:
        return dingtalk.read(answer)

    def call(self, config: A, person: Mention) -> Call:
        return by_profile(person.dingtalk_userid, NO_USERID)

    def recipients(self, config: A, message: RenderedMessage) -> list[str]:
        is_report = message.occasion is Occasion.ESCALATION
        called = message.readers if is_report else message.mentions
        named = [mention.dingtalk_userid for mention in called if mention.dingtalk_userid]
        if named or (message.lines and not is_report):
            return named
        return listed(config.userids)
