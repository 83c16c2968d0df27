"""What to do about a source that does not work: one code per remedy, with its text in both languages."""

import re

HINTS: dict[str, dict[str, str]] = {
    "roster_no_group": {
        "zh": "钉钉里没有考勤组。请先在钉钉「考勤打卡」里建考勤组并指定负责人。",
        "en": "There is no attendance group in DingTalk. Create one there, with somebody who manages it.",
    },
    "roster_pushes": {
        "zh": "这个班组的排班发布到考勤系统，不从那里读取。要读取，先停止发布。",
        "en": "This team's roster is published to the attendance system and not read from it. To read it, stop publishing first.",
    },
    "push_differs": {
        "zh": "有些格没有生效。请在考勤系统里检查这些格，再发布一次。",
        "en": "Some cells did not take effect. Look at them in the attendance system, and publish again.",
    },
    "push_unverified": {
        "zh": "发布之后读不回来，不能确认是否生效。请在考勤系统里检查，再发布一次。",
        "en": "It could not be read back, so whether it took effect is not certain. Look in the attendance system, and "
        "publish again.",
    },
    "roster_nothing_planned": {
        "zh": "没有读到任何排班，这里的排班保持不变。请检查应用的考勤权限，以及成员是否在考勤组（打卡规则）里。",
        "en": "No schedules were found; the roster here stays as it is. Check that the app may read attendance, and that the "
        "people are in an attendance group or have a rule.",
    },
    "dingtalk_scope": {
        "zh": "应用看不到整个通讯录。请在钉钉开放平台的「权限管理」里，把「通讯录权限范围」设为「全部员工」。",
        "en": "The app does not see the whole directory. In the DingTalk console, under 权限管理, set 通讯录权限范围 to "
        "全部员工.",
    },
    "roster_gone": {
        "zh": "考勤系统里一下子少了三成以上的排班，这里的排班保持不变。请预览后确认。",
        "en": "More than 30 % of the schedules were gone at once; the roster here stays as it is. Preview it and confirm.",
    },
    "roster_person_gone": {
        "zh": "这些人在考勤系统里一天排班都没有了，他们的排班保持原样，其他人已同步。离职的请停用；否则请预览后确认。",
        "en": "These people have no day left in the attendance system. Their rosters stay as they were; the others were read. "
        "Switch off those who have left; otherwise preview and confirm.",
    },
    "roster_no_team": {
        "zh": "只有某个班组自己的考勤数据源（钉钉、飞书、企业微信）才能读取排班。",
        "en": "Only an attendance system (DingTalk, Feishu, WeCom) that is one team's own can be read as its roster.",
    },
    "roster_no_directory": {
        "zh": "这个考勤系统不提供通讯录，成员请在「成员」里添加。",
        "en": "This attendance system has no directory to read; add people under People.",
    },
    "roster_zone": {
        "zh": "这个考勤系统的时间都是北京时间，这个班组用的是别的时区，不能读取排班。",
        "en": "This attendance system's times are those of Beijing. The roster of a team in another time zone cannot be read.",
    },
    "settings": {
        "zh": "保存的设置无法使用。请打开这个数据源，重新填写并保存。",
        "en": "The stored settings cannot be used. Open the source, enter them again and save.",
    },
    "throttled": {
        "zh": "服务商正在限流，稍后会自动继续查询。",
        "en": "The provider limits the request rate. Checks resume automatically after a pause.",
    },
    "dns": {
        "zh": "解析不了服务商的域名：可能是路由器或 DNS 刚断开，系统会自动重试。一直这样时，检查服务器的网络和地址的拼写。",
        "en": "The host's name could not be resolved. The router or the DNS server may be restarting; the request is "
        "retried. If it stays so, check the server's network and the spelling of the address.",
    },
    "address_refused": {
        "zh": "这个地址不允许访问。内网地址要由管理员加到 ALLOW_PRIVATE_TARGETS。",
        "en": "This address is not allowed. An administrator can add LAN addresses to ALLOW_PRIVATE_TARGETS.",
    },
    "timeout": {
        "zh": "服务商几秒内没有响应。提醒照常发送；请检查地址和它的服务。",
        "en": "No response within a few seconds. Reminders are still sent; check the address and the server.",
    },
    "connection": {
        "zh": "无法连接。请检查地址、端口和网络。",
        "en": "The connection failed. Check address, port and network.",
    },
    "certificate": {
        "zh": "服务商的 TLS 证书无效，或与域名不符。",
        "en": "The server's TLS certificate is invalid, or issued for another name.",
    },
    "too_large": {
        "zh": "响应超过 1 MB。请让它只返回需要的内容。",
        "en": "The response is longer than 1 MB. Make it return only what is needed.",
    },
    "not_json": {
        "zh": "响应不是预期的 JSON。请在浏览器里打开这个地址，查看返回的内容。",
        "en": "The response is not the expected JSON. Open the address in a browser to see what it returns.",
    },
    "server_problem": {
        "zh": "服务商的服务器出错了，稍后会自动重试。",
        "en": "The server failed; it is asked again later.",
    },
    "redirect": {
        "zh": "这个地址会重定向，而系统不跟随重定向。请填写最终的地址。",
        "en": "The address redirects, and redirects are not followed. Enter the final address.",
    },
    "credentials": {"zh": "令牌无效。请重新复制。", "en": "The token was refused. Copy it again."},
    "permission": {"zh": "这个令牌没有权限。", "en": "The token lacks the permission."},
    "not_found": {
        "zh": "地址不存在。请检查是否复制完整。",
        "en": "The address does not exist. Check that it is complete.",
    },
    "http_refused": {
        "zh": "服务商拒绝了请求。请检查地址和令牌。",
        "en": "The server refused the request. Check the address and the token.",
    },
    "budget": {
        "zh": "本月的查询次数已用完，下月自动恢复。提醒照常发送；也可以调高上限。",
        "en": "This month's calls are used up; checks resume next month. Reminders are still sent. You can raise the limit.",
    },
    "names_nobody": {
        "zh": "这个数据源无法区分人员，却有多人在用。请在设置里选择它对应的是哪一个人，其他人改用别的数据源。",
        "en": "The source cannot tell people apart, but serves several. Select in its settings the person it is about.",
    },
    "script_failed": {
        "zh": "脚本运行出错。请在金山文档的脚本编辑器里查看日志。",
        "en": "The script failed. See its log in the Kdocs script editor.",
    },
    "dingtalk_app": {
        "zh": "AppKey 或 AppSecret 不正确。请在钉钉开发者后台的应用凭证里重新复制。",
        "en": "AppKey or AppSecret is wrong. Copy them again from the app's credentials in the DingTalk console.",
    },
    "dingtalk_permission": {
        "zh": "应用没有考勤权限。请在钉钉开发者后台的权限管理里开通。",
        "en": "The app may not read attendance. Grant the permission in the DingTalk console.",
    },
    "dingtalk_app_ip": {
        "zh": "服务器的出口 IP{address} 不在应用的白名单里。请在钉钉开发者后台添加。",
        "en": "The server's public IP address{address} is not on the app's allowlist. Add it in the DingTalk console.",
    },
    "dingtalk_quota": {
        "zh": "本月的钉钉接口调用额度已用完。请升级钉钉版本，或等下月恢复。",
        "en": "This month's DingTalk API quota is used up. Upgrade, or wait for the next month.",
    },
    "dingtalk_unknown": {
        "zh": "钉钉返回了未知的错误码，请按它的提示检查应用。",
        "en": "DingTalk returned an unknown error code; check the app according to its message.",
    },
    "feishu_app": {
        "zh": "App ID 或 App Secret 不正确。请在飞书开发者后台的「凭证与基础信息」里重新复制。",
        "en": "App ID or App Secret is wrong. Copy them again from the app's page in the Feishu console.",
    },
    "feishu_permission": {
        "zh": "应用没有权限。请开通「导出打卡数据」和「通过手机号或邮箱获取用户 ID」，发布新版本，"
        "并在考勤管理后台的「API 接入」里授权一次。",
        "en": "The app lacks a permission. Grant 导出打卡数据 and 通过手机号或邮箱获取用户 ID, publish a version, and "
        "authorise it once under API 接入 in the attendance console.",
    },
    "feishu_scope": {
        "zh": "应用看不到整个通讯录。请在飞书开发者后台的「权限管理」里，把通讯录的「数据权限」设为「全部成员」，"
        "再发布一个新版本。",
        "en": "The app does not see the whole directory. In the Feishu console, under 权限管理, set 数据权限 of the "
        "directory to 全部成员 and publish a version.",
    },
    "feishu_api_access": {
        "zh": "考勤还没有对这个应用开放。请在考勤管理后台的「API 接入」里授权这个应用，数据范围要包括所有要读的人。",
        "en": "Attendance is not open to the app. Authorise it under API 接入 in the attendance console, for everybody "
        "who is to be read.",
    },
    "feishu_unknown": {
        "zh": "飞书返回了未知的错误码，请按它的提示检查应用。",
        "en": "Feishu returned an unknown error code; check the app according to its message.",
    },
    "wecom_app": {
        "zh": "企业 ID 或 Secret 不正确。企业 ID 在管理后台的「我的企业」，Secret 在自建应用的详情页，请重新复制。",
        "en": "The corp ID or the secret is wrong. Copy them again from the WeCom console: the ID from My Company, the secret "
        "from your own app's page.",
    },
    "wecom_permission": {
        "zh": "应用不能读取打卡数据。请在管理后台的「打卡 → 可调用接口的应用」里加上这个应用，并检查它没有停用。",
        "en": "The app may not read attendance. In the WeCom console, add it under 打卡 → 可调用接口的应用, and check that it is "
        "enabled.",
    },
    "wecom_app_ip": {
        "zh": "服务器的出口 IP{address} 不在应用的「企业可信 IP」里。请在管理后台的应用详情页添加；"
        "家用宽带的地址会变，变了要再加。",
        "en": "The server's public IP address{address} is not trusted by the app. Add it under 企业可信IP on the app's page. "
        "The address of a home line changes, and then has to be added again.",
    },
    "wecom_range": {
        "zh": "企业微信不让应用查询这些人。请在应用详情页的「可见范围」里加上他们。",
        "en": "WeCom does not let the app ask about these people. Add them to 可见范围 on the app's page.",
    },
    "wecom_unknown": {
        "zh": "企业微信返回了未知的错误码，请按它的提示检查应用。",
        "en": "WeCom returned an unknown error code; check the app according to its message.",
    },
    "vika_token": {"zh": "维格表的 API Token 不正确。请重新复制。", "en": "The API token is wrong. Copy it again."},
    "vika_permission": {
        "zh": "这个 Token 无权访问这张维格表。请给它的所有者授权。",
        "en": "The token has no access to this datasheet. Give its owner access.",
    },
    "vika_quota": {"zh": "维格表空间的 API 用量已满。", "en": "The API quota of the vika space is used up."},
    "vika_table": {
        "zh": "没有这张维格表或这个视图。请检查编号。",
        "en": "There is no such datasheet or view. Check the ids.",
    },
    "vika_field": {"zh": "维格表拒绝了查询。请检查列名。", "en": "vika refused the query. Check the column names."},
}


DOUBTS: dict[str, dict[str, str]] = {
    "no_answer": {"zh": "服务商没有响应", "en": "it did not answer"},
    "no_value": {"zh": "响应里没有这一项", "en": "its answer did not contain the value"},
    "empty_cell": {"zh": "对应的值是空的", "en": "the value was empty"},
    "odd_value": {"zh": "返回的值无法识别", "en": "its value was not recognised"},
    "person_not_found": {"zh": "服务商的数据里没有这个人", "en": "it does not know this person"},
    "person_not_known": {
        "zh": "这里没有登记服务商所需的手机号或工号",
        "en": "the number or id by which it identifies people is not on file here",
    },
    "same_person": {
        "zh": "另一个账号有同样的 userid、手机号或姓名，分不清是谁打的卡",
        "en": "another account has the same id, number or name, so nobody can tell who punched",
    },
    "no_dingtalk_userid": {
        "zh": "没有钉钉 userid，用手机号也查不到",
        "en": "there is no DingTalk userid, and none was found by mobile number",
    },
    "dingtalk_refuses_person": {"zh": "钉钉不允许查询这个人", "en": "DingTalk does not allow checks of this person"},
    "wecom_refuses_person": {
        "zh": "企业微信里没有这个人，或他不在应用的可见范围里",
        "en": "WeCom does not know this person, or they are outside the app's visible range",
    },
    "source_broken": {"zh": "数据源的设置无法使用", "en": "the source's settings do not work"},
    "source_failing": {"zh": "数据源多次没有响应", "en": "the source failed several times"},
    "source_throttled": {"zh": "服务商正在限流", "en": "the provider limits the request rate"},
    "source_over_budget": {"zh": "本月的查询次数已用完", "en": "this month's calls are used up"},
}
"""Why it is unknown whether somebody punched."""


def remedy(hint: str, reason: str = "") -> dict[str, str]:
    """The text for a hint by language; empty if there is nothing to do.

    A vendor that refuses the server's address says it in its reason, and the text names it.
    """
    found = _ASKED_FROM.search(reason)
    address = f" {found[1]}" if found else ""
    return {language: text.replace("{address}", address) for language, text in HINTS.get(hint, {}).items()}


_ASKED_FROM = re.compile(r"\bip ?[:=：] ?([0-9a-fA-F.:]*[0-9a-fA-F])", re.IGNORECASE)
