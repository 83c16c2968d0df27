"""What to do about a refusal: one code for each remedy, with its words in both languages. The API serves them with the code."""

# ruff: noqa: S105 - the codes are named after what is wrong, and that is often a token
from enum import StrEnum


class Remedy(StrEnum):
    NONE = ""
    # for every kind
    SETTINGS = "settings"
    THROTTLED = "throttled"
    MESSAGE_REFUSED = "message_refused"
    MESSAGE_TOO_LONG = "message_too_long"
    ADDRESS_REFUSED = "address_refused"
    REDIRECT = "redirect"
    HTTP_REFUSED = "http_refused"
    NO_RECIPIENT = "no_recipient"
    DAILY_LIMIT = "daily_limit"
    UNKNOWN = "unknown"
    # DingTalk robot
    DINGTALK_TOKEN = "dingtalk_token"
    DINGTALK_ROBOT_OFF = "dingtalk_robot_off"
    DINGTALK_ROBOT_GONE = "dingtalk_robot_gone"
    DINGTALK_GROUP_GONE = "dingtalk_group_gone"
    DINGTALK_KEYWORD = "dingtalk_keyword"
    DINGTALK_SIGN = "dingtalk_sign"
    DINGTALK_CLOCK = "dingtalk_clock"
    DINGTALK_IP = "dingtalk_ip"
    DINGTALK_SECURITY = "dingtalk_security"
    DINGTALK_UNKNOWN = "dingtalk_unknown"
    # DingTalk app
    DINGTALK_APP = "dingtalk_app"
    DINGTALK_PERMISSION = "dingtalk_permission"
    DINGTALK_QUOTA = "dingtalk_quota"
    DINGTALK_USERID = "dingtalk_userid"
    DINGTALK_SCOPE = "dingtalk_scope"
    DINGTALK_APP_IP = "dingtalk_app_ip"
    DINGTALK_DROPPED = "dingtalk_dropped"
    # Feishu
    FEISHU_TOKEN = "feishu_token"
    FEISHU_SIGN = "feishu_sign"
    FEISHU_IP = "feishu_ip"
    FEISHU_KEYWORD = "feishu_keyword"
    # WeCom
    WECOM_KEY = "wecom_key"
    WECOM_APP = "wecom_app"
    WECOM_AGENT = "wecom_agent"
    WECOM_APP_IP = "wecom_app_ip"
    WECOM_PERMISSION = "wecom_permission"
    WECOM_USERID = "wecom_userid"
    WECOM_RECIPIENT = "wecom_recipient"
    # personal push
    BARK_KEY = "bark_key"
    BARK_LOGIN = "bark_login"
    SERVERCHAN_KEY = "serverchan_key"
    PUSHPLUS_TOKEN = "pushplus_token"
    PUSHPLUS_ACCOUNT = "pushplus_account"
    PUSHPLUS_IP = "pushplus_ip"
    PUSHPLUS_POINTS = "pushplus_points"
    PUSHPLUS_REAL_NAME = "pushplus_real_name"
    PUSHDEER_KEY = "pushdeer_key"
    NTFY_LOGIN = "ntfy_login"
    NTFY_TOPIC = "ntfy_topic"
    GOTIFY_TOKEN = "gotify_token"
    TELEGRAM_TOKEN = "telegram_token"
    TELEGRAM_CHAT = "telegram_chat"
    TELEGRAM_BLOCKED = "telegram_blocked"
    SLACK_WEBHOOK = "slack_webhook"
    SLACK_CHANNEL = "slack_channel"
    DISCORD_WEBHOOK = "discord_webhook"
    EMAIL_LOGIN = "email_login"
    EMAIL_RECIPIENT = "email_recipient"
    EMAIL_SENDER = "email_sender"
    EMAIL_TLS = "email_tls"
    WEBHOOK_GONE = "webhook_gone"


HINTS: dict[Remedy, dict[str, str]] = {
    Remedy.SETTINGS: {
        "zh": "保存的设置用不了。打开这个渠道，重新填写并保存。",
        "en": "The stored settings cannot be used. Open the channel, enter them again and save.",
    },
    Remedy.THROTTLED: {
        "zh": "对方限流了。会自动等一会儿再发，等待期间的提醒会合并成一条。",
        "en": "The provider limits the rate. Sending goes on by itself after a pause; what waits is merged.",
    },
    Remedy.MESSAGE_REFUSED: {
        "zh": "对方不收这条消息的内容。看看消息模板里有没有链接或敏感词。",
        "en": "The provider refused the content of this message. Look for links or filtered words in the template.",
    },
    Remedy.MESSAGE_TOO_LONG: {
        "zh": "消息太长。缩短消息模板，或把班组分到几个群。",
        "en": "The message is too long. Shorten the template, or spread the team over several groups.",
    },
    Remedy.ADDRESS_REFUSED: {
        "zh": "这个地址不允许访问。内网地址要由管理员加到 ALLOW_PRIVATE_TARGETS。",
        "en": "This address may not be reached. An administrator must add LAN addresses to ALLOW_PRIVATE_TARGETS.",
    },
    Remedy.REDIRECT: {
        "zh": "地址会跳转，而跳转不会跟随。填写最终的地址。",
        "en": "The address redirects, and redirects are not followed. Enter the final address.",
    },
    Remedy.HTTP_REFUSED: {
        "zh": "对方拒绝了请求。检查地址和密钥。",
        "en": "The other side refused the request. Check the address and the secret.",
    },
    Remedy.NO_RECIPIENT: {
        "zh": "不知道发给谁。在成员资料里填写钉钉 userid，或在渠道里填写默认接收人。",
        "en": "Nobody to send to. Enter the person's DingTalk userid, or default recipients in the channel.",
    },
    Remedy.DAILY_LIMIT: {
        "zh": "今天的免费额度用完了，明天自动恢复。提醒会先走其他渠道。",
        "en": "Today's quota is used up and comes back tomorrow. Reminders take other channels until then.",
    },
    Remedy.UNKNOWN: {
        "zh": "对方返回了没见过的代码，请按它的原话检查设置。",
        "en": "The provider answered with an unknown code. Check the settings by its own words.",
    },
    Remedy.DINGTALK_TOKEN: {
        "zh": "Webhook 里的 access_token 不对或已失效。到群机器人设置里重新复制 Webhook 地址。",
        "en": "The access_token in the webhook is wrong or no longer valid. Copy the webhook from the robot's settings again.",
    },
    Remedy.DINGTALK_ROBOT_OFF: {
        "zh": "机器人已被停用。在群的机器人设置里启用它。",
        "en": "The robot is switched off. Switch it on in the group's robot settings.",
    },
    Remedy.DINGTALK_ROBOT_GONE: {
        "zh": "机器人已被删除。在群里新加一个，把新的 Webhook 填到这里。",
        "en": "The robot was deleted. Add a new one to the group and enter its webhook here.",
    },
    Remedy.DINGTALK_GROUP_GONE: {
        "zh": "群已解散。换一个群的机器人。",
        "en": "The group was dissolved. Use a robot of another group.",
    },
    Remedy.DINGTALK_KEYWORD: {
        "zh": "机器人要求消息里有关键词。把它的一个自定义关键词填到「关键词」里。",
        "en": "The robot demands a keyword. Enter one of its keywords under “Keyword”.",
    },
    Remedy.DINGTALK_SIGN: {
        "zh": "加签密钥不对。到机器人的安全设置里复制以 SEC 开头的密钥。",
        "en": "The signing secret is wrong. Copy the secret that begins with SEC from the robot's security settings.",
    },
    Remedy.DINGTALK_CLOCK: {
        "zh": "服务器的时钟差了一小时以上，签名过期。请校准服务器时间。",
        "en": "The server's clock is off by more than an hour, so the signature has expired. Set the server's time.",
    },
    Remedy.DINGTALK_IP: {
        "zh": "机器人只许白名单里的 IP 发消息。把服务器的出口 IP（IPv4）加进去，或改用加签。",
        "en": "The robot allows only listed IP addresses. Add the server's public IPv4 address, or use signing.",
    },
    Remedy.DINGTALK_SECURITY: {
        "zh": "机器人的安全设置没有通过。检查关键词、加签或 IP 白名单。",
        "en": "The robot's security check failed. Look at keyword, signing or IP list.",
    },
    Remedy.DINGTALK_UNKNOWN: {
        "zh": "钉钉返回了没见过的代码，请按它的原话检查机器人。",
        "en": "DingTalk answered with an unknown code; check the robot by its words.",
    },
    Remedy.DINGTALK_APP: {
        "zh": "AppKey 或 AppSecret 不对。到钉钉开发者后台的应用凭证里重新复制。",
        "en": "AppKey or AppSecret is wrong. Copy them again from the app's credentials in the DingTalk console.",
    },
    Remedy.DINGTALK_PERMISSION: {
        "zh": "应用没有这个权限。在钉钉开发者后台开通。",
        "en": "The app lacks the permission. Grant it in the DingTalk console.",
    },
    Remedy.DINGTALK_QUOTA: {
        "zh": "本月的钉钉接口调用额度已用完。升级钉钉版本，或改用群机器人。",
        "en": "This month's DingTalk API quota is used up. Upgrade, or use a group robot instead.",
    },
    Remedy.DINGTALK_USERID: {
        "zh": "钉钉不认识这个 userid，或对方已离职。在成员资料里改正。",
        "en": "DingTalk does not know this userid, or the person has left. Correct it in the person's profile.",
    },
    Remedy.DINGTALK_SCOPE: {
        "zh": "这个人不在应用的授权范围内。在钉钉开发者后台调整应用的可用范围。",
        "en": "The person is outside the app's scope. Extend its scope in the DingTalk console.",
    },
    Remedy.DINGTALK_DROPPED: {
        "zh": "钉钉收下了却没有发给这个人：可能不在应用的可见范围、今天收满了 500 条，或今天发过相同的内容。检查可见范围。",
        "en": "DingTalk took the notice and dropped it: the person may be outside of the app's visible range, or have had 500 "
        "notices or the same content today. Look at the app's visible range.",
    },
    Remedy.DINGTALK_APP_IP: {
        "zh": "服务器的 IP 不在应用的白名单里。到开发者后台的「开发管理」里加上服务器出口 IP。",
        "en": "The server's IP is not on the app's list. Add it in the DingTalk console.",
    },
    Remedy.FEISHU_TOKEN: {
        "zh": "Webhook 地址不对或机器人已被移除。到群机器人设置里重新复制地址。",
        "en": "The webhook is wrong, or the bot was removed. Copy the address from the bot's settings again.",
    },
    Remedy.FEISHU_SIGN: {
        "zh": "签名校验没有通过。检查密钥，并确认服务器时间准确。",
        "en": "The signature was refused. Check the secret, and that the server's clock is right.",
    },
    Remedy.FEISHU_IP: {
        "zh": "机器人只许白名单里的 IP 发消息。把服务器的出口 IP 加进去。",
        "en": "The bot allows only listed IP addresses. Add the server's public address.",
    },
    Remedy.FEISHU_KEYWORD: {
        "zh": "机器人要求消息里有关键词。把它的一个自定义关键词填到「关键词」里。",
        "en": "The bot demands a keyword. Enter one of its keywords under “Keyword”.",
    },
    Remedy.WECOM_KEY: {
        "zh": "Webhook 里的 key 不对，或机器人已被移除。到群里重新复制 Webhook 地址。",
        "en": "The key in the webhook is wrong, or the robot was removed. Copy the webhook from the group again.",
    },
    Remedy.WECOM_APP: {
        "zh": "企业 ID 或 Secret 不对。到企业微信管理后台重新复制：企业 ID 在「我的企业」，Secret 在应用的详情页。",
        "en": "The corp ID or the secret is wrong. Copy them again from the WeCom console: the ID from My Company, the secret "
        "from the app's page.",
    },
    Remedy.WECOM_AGENT: {
        "zh": "AgentId 与 Secret 不是同一个应用的。到应用的详情页重新复制这两项。",
        "en": "AgentId and secret belong to different apps. Copy both from the same app's page.",
    },
    Remedy.WECOM_APP_IP: {
        "zh": "服务器的 IP 不在应用的「企业可信 IP」里。到管理后台 → 应用 → 企业可信 IP，加上服务器的出口 IP。",
        "en": "The server's IP is not trusted by the app. Add the server's public IP in the WeCom console: app → trusted IPs.",
    },
    Remedy.WECOM_PERMISSION: {
        "zh": "应用已停用，或没有发消息的权限。到管理后台启用它，并检查可见范围。",
        "en": "The app is disabled or may not send messages. Enable it in the WeCom console and look at its visible range.",
    },
    Remedy.WECOM_USERID: {
        "zh": "企业微信里没有这个 userid，或他不在应用的可见范围里。核对通讯录里的「账号」，把他加进可见范围。",
        "en": "WeCom does not know this userid, or the person is outside of the app's visible range. Check the account name in "
        "the contacts, and add the person to the range.",
    },
    Remedy.WECOM_RECIPIENT: {
        "zh": "不知道发给谁。在渠道的「接收人」里填写企业微信 userid，或在「成员对照」里加上这个人。",
        "en": "Nobody to send to. Enter WeCom userids under “Recipients”, or add the person under “Who is who”.",
    },
    Remedy.BARK_KEY: {
        "zh": "Bark 服务器不认识这个设备 Key。打开手机上的 Bark，重新复制。",
        "en": "The Bark server does not know this device key. Open Bark on the phone and copy it again.",
    },
    Remedy.BARK_LOGIN: {
        "zh": "这个 Bark 服务器要求登录，Daka 不支持。换一个服务器，或去掉它的登录。",
        "en": "This Bark server asks for a login, which is not supported. Use another server, or remove the login.",
    },
    Remedy.SERVERCHAN_KEY: {
        "zh": "SendKey 不对。到 Server酱 网站重新复制。",
        "en": "The SendKey is wrong. Copy it from the ServerChan site again.",
    },
    Remedy.PUSHPLUS_TOKEN: {
        "zh": "PushPlus 的 token 不对。到 PushPlus 个人中心重新复制。",
        "en": "The PushPlus token is wrong. Copy it from your PushPlus account again.",
    },
    Remedy.PUSHPLUS_ACCOUNT: {
        "zh": "PushPlus 账号没有登录或没有权限。登录 PushPlus 查看账号状态。",
        "en": "The PushPlus account is signed out or lacks the right. Look at the account on PushPlus.",
    },
    Remedy.PUSHPLUS_IP: {
        "zh": "PushPlus 的安全 IP 里没有服务器的地址。到 PushPlus 的开发设置里加上。",
        "en": "The server's address is not among the safe IPs of PushPlus. Add it in its developer settings.",
    },
    Remedy.PUSHPLUS_POINTS: {
        "zh": "PushPlus 的积分不够或没有这个渠道的权限。充值，或换一个发送渠道。",
        "en": "PushPlus points are used up, or this context of sending is not included. Top up, or choose another way.",
    },
    Remedy.PUSHPLUS_REAL_NAME: {
        "zh": "PushPlus 账号还没有实名认证。到 PushPlus 个人中心完成认证。",
        "en": "The PushPlus account has not passed real-name verification. Complete it on PushPlus.",
    },
    Remedy.PUSHDEER_KEY: {
        "zh": "PushKey 不对，或没有登记任何设备。到 PushDeer 里检查。",
        "en": "The PushKey is wrong, or no device is registered. Check it in PushDeer.",
    },
    Remedy.NTFY_LOGIN: {
        "zh": "这个主题要求登录，或令牌没有写权限。检查访问令牌。",
        "en": "The topic is protected, or the token may not write to it. Check the access token.",
    },
    Remedy.NTFY_TOPIC: {
        "zh": "主题名不合规。只用字母、数字、- 和 _，不超过 64 个字符。",
        "en": "The topic's name is not allowed. Use letters, digits, - and _, at most 64 characters.",
    },
    Remedy.GOTIFY_TOKEN: {
        "zh": "Gotify 的应用令牌不对。在 Gotify 的「应用」里重新复制（以 A 开头）。",
        "en": "The Gotify application token is wrong. Copy it from “Apps” in Gotify (it begins with A).",
    },
    Remedy.TELEGRAM_TOKEN: {
        "zh": "Bot Token 不对或已作废。向 @BotFather 重新要一个。",
        "en": "The bot token is wrong or was revoked. Ask @BotFather for it again.",
    },
    Remedy.TELEGRAM_CHAT: {
        "zh": "找不到这个会话。先给机器人发一条消息，再核对 chat_id。",
        "en": "The chat was not found. Write to the bot first, then check the chat id.",
    },
    Remedy.TELEGRAM_BLOCKED: {
        "zh": "机器人被屏蔽、移出了群，或对方还没有与它说过话。",
        "en": "The bot was blocked or removed, or the person has not started a chat with it.",
    },
    Remedy.SLACK_WEBHOOK: {
        "zh": "Slack 的 Webhook 不对或已被撤销。到 Slack 应用里重新生成。",
        "en": "The Slack webhook is wrong or was revoked. Make a new one in the Slack app.",
    },
    Remedy.SLACK_CHANNEL: {
        "zh": "Slack 频道不存在、已归档，或不许发消息。换一个频道。",
        "en": "The Slack channel is gone, archived, or closed to posts. Choose another one.",
    },
    Remedy.DISCORD_WEBHOOK: {
        "zh": "Discord 的 Webhook 不对或已被删除。到频道设置的「整合」里重新复制。",
        "en": "The Discord webhook is wrong or was deleted. Copy it from the channel's integrations again.",
    },
    Remedy.EMAIL_LOGIN: {
        "zh": "邮箱登录失败。QQ、163 等邮箱要填「授权码」，不是登录密码。",
        "en": "The mail server refused the login. QQ, 163 and others want an authorisation code, not the password.",
    },
    Remedy.EMAIL_RECIPIENT: {
        "zh": "收件地址被拒收。检查收件人。",
        "en": "The recipient was refused. Check the address.",
    },
    Remedy.EMAIL_SENDER: {
        "zh": "发件地址被拒绝。多数邮箱要求发件人与登录账号一致。",
        "en": "The sender was refused. Most servers want it to be the account that signs in.",
    },
    Remedy.EMAIL_TLS: {
        "zh": "加密方式与端口不符。465 端口选 TLS，587 端口选 STARTTLS。",
        "en": "Encryption and port do not fit. Port 465 is TLS, port 587 is STARTTLS.",
    },
    Remedy.WEBHOOK_GONE: {
        "zh": "对方说这个地址已永久停用（410）。填写新的地址。",
        "en": "The other side says that this address is gone for good (410). Enter a new one.",
    },
}


def remedy_text(code: str) -> dict[str, str] | None:
    """The words for a code, None when there is nothing to do."""
    return HINTS.get(Remedy(code)) if code in Remedy._value2member_map_ else None
