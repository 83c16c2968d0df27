"""What to do about a refusal: a code, which the API serves as `hint`, with its words in both languages.

The remedies of one vendor are declared beside its kind.
"""


class Remedy(str):
    """The code, with the words for people in `zh` and `en`."""

    zh: str
    en: str

    def __new__(cls, code: str, *, zh: str, en: str) -> "Remedy":
        if code in REMEDIES:
            raise ValueError(f"two remedies are called {code}")
        remedy = super().__new__(cls, code)
        remedy.zh, remedy.en = zh, en
        REMEDIES[code] = remedy
        return remedy


REMEDIES: dict[str, Remedy] = {}
"""Every remedy by its code, once `channels.registry` is imported."""


def remedy_text(code: str) -> dict[str, str] | None:
    """A remedy in both languages, None when there is nothing to do."""
    return {"zh": found.zh, "en": found.en} if code and (found := REMEDIES.get(code)) else None


NONE = Remedy("", zh="", en="")
SETTINGS = Remedy(
    "settings",
    zh="保存的设置无法使用。打开这个渠道，重新填写并保存。",
    en="The stored settings cannot be used. Open the channel, enter them again and save.",
)
THROTTLED = Remedy(
    "throttled",
    zh="服务商限流了。系统会自动等一会儿再发，等待期间的提醒合并成一条。",
    en="The provider limits the rate. Sending resumes by itself after a pause; messages that wait are merged.",
)
TRIED_AGAIN = Remedy(
    "tried_again",
    zh="服务商没有给出有效的回应。系统会自动重试，也会改用其他渠道。一直这样时，检查服务器的网络和服务商的状态。",
    en="The provider gave no valid answer. Sending is retried by itself, and other channels take over. If it stays so, check "
    "the server's network and the provider's status.",
)
INTERNAL = Remedy(
    "internal",
    zh="Daka 自己出了错，系统会自动重试，也会改用其他渠道。请管理员查看服务器日志。",
    en="Daka itself failed. Sending is retried by itself, and other channels take over. An administrator finds more in the "
    "server's log.",
)
MESSAGE_REFUSED = Remedy(
    "message_refused",
    zh="服务商不接受这条消息的内容。检查消息模板里有没有链接或敏感词。",
    en="The provider refused the content of this message. Check the template for links or filtered words.",
)
MESSAGE_TOO_LONG = Remedy(
    "message_too_long",
    zh="消息太长。缩短消息模板，或把班组分到几个群。",
    en="The message is too long. Shorten the template, or spread the team over several groups.",
)
ADDRESS_REFUSED = Remedy(
    "address_refused",
    zh="这个地址不允许访问。内网地址要由管理员加到 ALLOW_PRIVATE_TARGETS。",
    en="This address is not allowed. An administrator must add LAN addresses to ALLOW_PRIVATE_TARGETS.",
)
PERSON_HELD = Remedy(
    "person_held",
    zh="服务商暂时不再向这个人发消息（太多了），其他人不受影响。这条已改用其他渠道，下一条会再试。",
    en="The provider sends this person nothing more for a while; others are not affected. This message took another channel, "
    "and the next one is tried again.",
)
CHANNEL_OFF = Remedy(
    "channel_off",
    zh="这个渠道已停用或删除，提醒已改用其他渠道。还要用它的话，打开渠道重新启用。",
    en="The channel was switched off or removed, and reminders took other channels. To use it, switch it on again.",
)
NAME_NOT_RESOLVED = Remedy(
    "name_not_resolved",
    zh="解析不了服务商的域名：可能是路由器或 DNS 刚断开，系统会自动重试。一直这样时，检查服务器的网络和地址的拼写。",
    en="The host's name could not be resolved. The router or the DNS server may be restarting; sending is retried. "
    "If it stays so, check the server's network and the spelling of the address.",
)
CERTIFICATE = Remedy(
    "certificate",
    zh="服务器的证书不受信任，或与地址里的名字不符。证书由自己的 CA 签发的，管理员在 SSL_CERT_FILE 或 SSL_CERT_DIR 里"
    "指定 CA 的证书（PEM）。",
    en="The server's certificate is not trusted, or is for another name. If your own CA issued it, an administrator names the "
    "CA's certificate (PEM) in SSL_CERT_FILE or SSL_CERT_DIR.",
)
REDIRECT = Remedy(
    "redirect",
    zh="这个地址会跳转，而系统不跟随跳转。填写最终的地址。",
    en="The address redirects, and redirects are not followed. Enter the final address.",
)
HTTP_REFUSED = Remedy(
    "http_refused",
    zh="服务商拒绝了请求。检查地址和密钥。",
    en="The other side refused the request. Check the address and the secret.",
)
NO_RECIPIENT = Remedy(
    "no_recipient",
    zh="不知道发给谁。在成员资料里填写钉钉 userid，或在渠道里填写默认接收人。",
    en="There is no recipient. Enter the person's DingTalk userid in their profile, or default recipients in the channel.",
)
NO_TEST_RECIPIENT = Remedy(
    "no_test_recipient",
    zh="测试发给「接收人」，那里还是空的：填一个自己的 id 再测试。班组的提醒按「成员对照」发给各人，不受影响。",
    en="A test goes to “Recipients”, which is empty: enter an id of your own and test again. A team's reminders go to "
    "each person by “Who is who”, with or without it.",
)
DAILY_LIMIT = Remedy(
    "daily_limit",
    zh="今天的免费额度用完了，明天自动恢复。提醒会先走其他渠道。",
    en="Today's quota is used up and resets tomorrow. Reminders take other channels until then.",
)
UNKNOWN = Remedy(
    "unknown",
    zh="服务商返回了未知的错误码，请按它的原文检查设置。",
    en="The provider returned an unknown code. Check the settings against its message.",
)
NOT_KNOWN = {UNKNOWN, "dingtalk_unknown"}
"""Remedies of codes that are in no table."""
