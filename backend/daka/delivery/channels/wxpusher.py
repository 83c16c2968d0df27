"""WxPusher (WeChat and its own apps). Source: https://wxpusher.zjiecode.com/docs/api-reference.html.

`code` 1000 means that a task was created for each recipient; each entry of `data` has a code of its own.
"""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import StringConstraints, model_validator

from daka.delivery.channels.fields import Secret, listed, rule
from daka.delivery.channels.kind import HttpKind, Rate
from daka.delivery.channels.markup import MARKDOWN, plain_text
from daka.delivery.channels.verdicts import DONE, ByMessage, CodeTable, ProviderCode, broken, refused, throttled
from daka.delivery.messages import RenderedMessage
from daka.delivery.remedies import UNKNOWN, Remedy
from daka.outbound.bodies import code_in
from daka.outbound.config import Config, refusal, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor

VENDOR = Vendor("wxpusher", ("wxpusher.zjiecode.com",))

WXPUSHER_TOKEN = Remedy(
    "wxpusher_token",
    zh="appToken 不对或已重置。到 WxPusher 管理后台的应用里重新复制。",
    en="The appToken is wrong or was reset. Copy it again from the app in the WxPusher console.",
)
WXPUSHER_RECIPIENT = Remedy(
    "wxpusher_recipient",
    zh="有接收人收不到：UID 或主题 ID 不对，或者接收人没有关注这个应用。",
    en="A recipient is not reached: the UID or topic ID is wrong, or the person does not follow the app.",
)


def _read(_answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    if not (code := code_in(found, "code")):
        return None
    targets = found["data"] if isinstance(found.get("data"), list) else []
    missed = [each for each in targets if isinstance(each, dict) and code_in(each, "code") != "1000"]
    if code == "1000" and missed:
        return ProviderCode(
            "unreached", f"{missed[0].get('uid') or missed[0].get('topicId')}: {missed[0].get('status')}"
        )
    return ProviderCode(code, str(found.get("msg", "")))


class WxPusherConfig(Config):
    app_token: Annotated[
        Secret, rule(lambda text: text.startswith("AT_"), zh="应以 AT_ 开头。", en="It must begin with AT_.")
    ] = setting(
        title=("appToken", "App token"),
        about=(
            "WxPusher 管理后台 → 应用里的 appToken，以 AT_ 开头",
            "From the app in the WxPusher console, begins with AT_",
        ),
        example="AT_…",
        max_length=200,
    )
    uids: (
        Annotated[str, StringConstraints(max_length=2000, pattern=r"^UID_[A-Za-z0-9]+([,，\s]+UID_[A-Za-z0-9]+)*$")]
        | None
    ) = setting(
        None,
        title=("接收人 UID", "Recipients' UIDs"),
        about=(
            "以 UID_ 开头，逗号分隔；关注应用后在「我的 → 我的 UID」里查看",
            "Each begins with UID_, with commas; shown under My UID after following the app",
        ),
        example="UID_1a2b3c",
    )
    topic_ids: Annotated[str, StringConstraints(max_length=100, pattern=r"^[0-9]+([,，\s]+[0-9]+){0,4}$")] | None = (
        setting(
            None, title=("主题 ID", "Topic IDs"), about=("最多 5 个，逗号分隔", "Up to 5, with commas"), example="123"
        )
    )

    @model_validator(mode="after")
    def _has_recipients(self) -> Self:
        if not self.uids and not self.topic_ids:
            raise refusal(zh="UID 和主题 ID 至少填一项。", en="Enter UIDs or topic IDs.")
        return self


class WxPusher(HttpKind[WxPusherConfig]):
    name: ClassVar[str] = "wxpusher"
    labels: ClassVar[dict[str, str]] = {"zh": "WxPusher（微信推送）", "en": "WxPusher (WeChat push)"}
    example: ClassVar[dict[str, Any]] = {"app_token": "AT_0000", "uids": "UID_1a2b3c"}
    options: ClassVar[frozenset[str]] = frozenset({"app_token"})
    vendor: ClassVar[Vendor | None] = VENDOR
    rate: ClassVar[Rate | None] = Rate(100, timedelta(minutes=1))
    burst: ClassVar[Rate | None] = Rate(2, timedelta(seconds=1))
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "1000": DONE,
            "1001": ByMessage(
                {
                    "token": broken(WXPUSHER_TOKEN),
                    "频繁|限流|QPS": throttled(timedelta(minutes=1)),
                    "uid|topic|主题|用户": refused(WXPUSHER_RECIPIENT),
                },
                broken(UNKNOWN),
            ),
            "1002": broken(WXPUSHER_TOKEN),
            "unreached": refused(WXPUSHER_RECIPIENT),
        },
        read=_read,
    )

    def rate_key(self, config: WxPusherConfig) -> str:
        return revealed(config.app_token)

    def request(self, config: WxPusherConfig, message: RenderedMessage) -> HttpRequest:
        body: dict[str, Any] = {
            "appToken": revealed(config.app_token),
            "content": MARKDOWN.text_of(message, 30_000, actions=message.actions) or MARKDOWN.escape(message.title),
            "summary": message.title[:100],
            "contentType": 3,  # Markdown
            "uids": listed(config.uids),
            "topicIds": [int(topic) for topic in listed(config.topic_ids)],
        }
        if message.is_plain:
            body |= {"content": plain_text(message, 30_000), "contentType": 1}  # text
        elif message.actions and len(message.actions[0].url) <= 1000:
            body["url"] = message.actions[0].url
        return VENDOR.request("https://wxpusher.zjiecode.com/api/send/message", body)
