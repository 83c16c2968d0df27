"""WeCom application message (企业微信应用消息): from an app of one's own to one person.

Sources: https://developer.work.weixin.qq.com/document/path/90236 (messages, limits) and …/90313 (codes). HTTP 200
says nothing; `errcode` 0 may still name people who got nothing (`invaliduser`). More than 30 messages a minute to one person
are dropped. WeCom could drop repetitions, but a reminder that is the same again must arrive again: that stays off.
"""

from datetime import timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import StringConstraints

from daka.delivery.channels.app import AppKind, listed
from daka.delivery.channels.fields import People, Secret
from daka.delivery.channels.kind import Rate, Verdict, fitted, id_of, ids_by_name, not_the_vendors
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Occasion, Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.bodies import JSON_HEADERS, json_bytes, json_object, rebased
from daka.outbound.config import Config, revealed
from daka.outbound.forms import setting
from daka.outbound.http import HttpAnswer, HttpRequest
from daka.settings import Settings

API = "https://qyapi.weixin.qq.com/cgi-bin"
LONGEST_TEXT_BYTES = 2048

_TOKEN_REFUSED = {"40014", "42001"}
_THROTTLED = {"45009", "45033"}
_BROKEN = {
    "40001": Remedy.WECOM_APP,
    "40013": Remedy.WECOM_APP,
    "40014": Remedy.WECOM_APP,
    "41001": Remedy.WECOM_APP,
    "42001": Remedy.WECOM_APP,
    "40056": Remedy.WECOM_AGENT,
    "301002": Remedy.WECOM_AGENT,
    "60020": Remedy.WECOM_APP_IP,
    "48002": Remedy.WECOM_PERMISSION,
    "50003": Remedy.WECOM_PERMISSION,
    "60011": Remedy.WECOM_PERMISSION,
}
_BAD_MESSAGE = {
    "40003": Remedy.WECOM_USERID,
    "60111": Remedy.WECOM_USERID,
    "81013": Remedy.WECOM_USERID,
    "82001": Remedy.WECOM_USERID,
    "40058": Remedy.MESSAGE_TOO_LONG,
    "45002": Remedy.MESSAGE_TOO_LONG,
    "40008": Remedy.MESSAGE_REFUSED,
    "44004": Remedy.MESSAGE_REFUSED,
}


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

    def app(self, config: WecomAppConfig) -> str:
        return f"wecom {config.corp_id} {config.agent_id} {hash(revealed(config.corp_secret))}"

    def token_request(self, config: WecomAppConfig, settings: Settings) -> HttpRequest:
        corp, secret = quote(config.corp_id, safe=""), quote(revealed(config.corp_secret), safe="")
        url = rebased(f"{API}/gettoken?corpid={corp}&corpsecret={secret}", settings.wecom_base_url)
        return HttpRequest(url=url, body=b"", method="GET", is_trusted=bool(settings.wecom_base_url))

    def token_in(self, answer: HttpAnswer) -> tuple[str, timedelta] | None:
        found = json_object(answer.text) or {}
        token, good_for = found.get("access_token"), found.get("expires_in")
        if str(found.get("errcode")) != "0" or not isinstance(token, str) or not token:
            return None
        return token, timedelta(seconds=good_for if isinstance(good_for, int) else 7200)

    def is_token_refused(self, answer: HttpAnswer) -> bool:
        return str((json_object(answer.text) or {}).get("errcode")) in _TOKEN_REFUSED

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
        return HttpRequest(
            url=rebased(f"{API}/message/send?access_token={quote(token, safe='')}", settings.wecom_base_url),
            body=json_bytes(body),
            headers=JSON_HEADERS,
            is_trusted=bool(settings.wecom_base_url),
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        found = json_object(answer.text) or {}
        if "errcode" not in found:
            return not_the_vendors(answer)
        code, words, status = str(found["errcode"]), str(found.get("errmsg", ""))[:400], answer.status
        if code == "0" and (invalid := found.get("invaliduser")):
            return Verdict(
                Outcome.BAD_MESSAGE, "invaliduser", str(invalid)[:400], Remedy.WECOM_USERID, http_status=status
            )
        if code == "0":
            return Verdict(Outcome.DONE, code, words, http_status=status)
        if code == "-1":
            return Verdict(Outcome.RETRY, code, words, http_status=status)
        if code in _THROTTLED:
            return Verdict(Outcome.THROTTLED, code, words, Remedy.THROTTLED, timedelta(minutes=1), status)
        if code in _BAD_MESSAGE:
            return Verdict(Outcome.BAD_MESSAGE, code, words, _BAD_MESSAGE[code], http_status=status)
        return Verdict(Outcome.BROKEN_CHANNEL, code, words, _BROKEN.get(code, Remedy.UNKNOWN), http_status=status)


def _words(note: RenderedMessage) -> str:
    """The words, with links as WeCom's text takes them. What stands in `<>` would be taken for a link, too."""
    title, *lines = [text.replace("<", "＜").replace(">", "＞") for text in (note.title, *note.paragraphs)]
    links = [f'<a href="{action.url}">{action.label}</a>' for action in note.actions]
    whole = fitted([title], lines, links, LONGEST_TEXT_BYTES)
    if all(link in whole for link in links):
        return whole
    # The first action's page offers the others too.
    return fitted([title], lines, links[:1], LONGEST_TEXT_BYTES)
